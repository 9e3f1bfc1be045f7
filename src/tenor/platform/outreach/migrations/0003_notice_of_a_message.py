"""Keep with a message which of the law's letters it is."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column more."""

    dependencies: ClassVar = [("outreach", "0002_outreach_foundation")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="message",
            name="notice",
            field=models.JSONField(blank=True, default=dict),
        )
    ]
