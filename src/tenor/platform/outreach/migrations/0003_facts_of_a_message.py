"""Keep with a message what it is about that the books have no column for."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column more."""

    dependencies: ClassVar = [("outreach", "0002_outreach_foundation")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="message",
            name="facts",
            field=models.JSONField(blank=True, default=dict),
        )
    ]
