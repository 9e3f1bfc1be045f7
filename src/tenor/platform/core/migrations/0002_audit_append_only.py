"""The database itself refuses to alter or delete an entry of the audit log."""

from django.db import migrations

from tenor.platform.core.append_only import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.RunPython(
            lambda apps, editor: refuse_changes(editor.connection, "core_auditentry"),
            migrations.RunPython.noop,
        )
    ]
