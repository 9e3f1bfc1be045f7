"""A figure's day of becoming known is always filled, so that both databases hold it once."""

from typing import Any

from django.db import migrations, models


def _fill(apps: Any, editor: Any) -> None:
    table = apps.get_model("events", "ExternalFigure")
    table.across.filter(available_on=None).update(available_on=models.F("date"))


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]

    operations = [
        migrations.RunPython(_fill, migrations.RunPython.noop),
        migrations.RemoveConstraint("externalfigure", "one_external_figure"),
        migrations.AlterField("externalfigure", "available_on", models.DateField()),
        migrations.AddConstraint(
            "externalfigure",
            models.UniqueConstraint(
                fields=("organisation", "name", "region", "date", "available_on"),
                name="one_external_figure",
            ),
        ),
    ]
