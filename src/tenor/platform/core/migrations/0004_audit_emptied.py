"""An entry of the audit log may lose what a person's erasure takes, and nothing else."""

from typing import Any

from django.db import migrations, models

from tenor.platform.core.append_only import allow_changes, allow_emptying, refuse_changes


def _refuse_all_else(apps: object, schema: Any) -> None:
    allow_changes(schema.connection, "core_auditentry")
    refuse_changes(schema.connection, "core_auditentry")
    allow_emptying(schema.connection, "core_auditentry")


class Migration(migrations.Migration):
    dependencies = [("core", "0003_one_entry_a_number")]

    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="content",
            field=models.CharField(blank=True, max_length=64, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="auditentry",
            name="salt",
            field=models.CharField(blank=True, max_length=32, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="auditentry",
            name="redacted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(_refuse_all_else, migrations.RunPython.noop),
    ]
