"""PostgreSQL serves the beginning of a text only from an index that is made for it."""

from typing import Any

from django.db import migrations

_INDEXES = {
    "invoice_number_begins": ("ledger_invoice", "number"),
    "invoice_key_begins": ("ledger_invoice", "key"),
    "contact_point_begins": ("ledger_contactpoint", "value"),
}


def _make(_apps: Any, schema: Any) -> None:
    if schema.connection.vendor == "postgresql":
        for name, (table, column) in _INDEXES.items():
            schema.execute(
                f"CREATE INDEX {name} ON {table} (organisation_id, {column} varchar_pattern_ops)"
            )


def _drop(_apps: Any, schema: Any) -> None:
    if schema.connection.vendor == "postgresql":
        for name in _INDEXES:
            schema.execute(f"DROP INDEX {name}")


class Migration(migrations.Migration):
    """After the ledger as it was."""

    dependencies = (("ledger", "0003_payments_with_a_rest"),)
    operations = (migrations.RunPython(_make, _drop),)
