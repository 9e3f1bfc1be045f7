"""Move what is protected out of the free columns of customers; invoices keep nothing of it."""

from typing import Any

from django.db import migrations
from django.utils import timezone

_PREFIX = "protected_"
_AT_ONCE = 500


def move(apps: Any, schema_editor: Any) -> None:
    """Take protected columns out of `attributes` into the table of their own."""
    traits = apps.get_model("ledger", "ProtectedTraits").across
    for name in ("Customer", "Invoice"):
        rows = apps.get_model("ledger", name).across.exclude(attributes={})
        for row in rows.iterator(chunk_size=_AT_ONCE):
            told = {n: v for n, v in row.attributes.items() if n.startswith(_PREFIX)}
            if not told:
                continue
            if name == "Customer":
                traits.create(
                    organisation_id=row.organisation_id, customer_id=row.pk, traits=told,
                    source="moved", at=timezone.now(),
                )  # fmt: skip
            row.attributes = {n: v for n, v in row.attributes.items() if n not in told}
            row.save(update_fields=["attributes"])


class Migration(migrations.Migration):
    """A change of rows alone."""

    dependencies = [("ledger", "0010_protected_apart")]
    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
