"""A kind of case for a person's second look at a decision."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('decisions', '0004_care'),
    ]

    operations = [
        migrations.AlterField(
            model_name='task',
            name='kind',
            field=models.CharField(choices=[('call', 'Call'), ('review', 'Review'), ('obstacle', 'Obstacle'), ('dispute', 'Dispute'), ('promise_broken', 'Promise Broken'), ('plan_broken', 'Plan Broken'), ('hand_over', 'Hand Over'), ('no_address', 'No Address'), ('unclear', 'Unclear'), ('care', 'Care'), ('human_review', 'Human Review')], max_length=20),
        ),
    ]
