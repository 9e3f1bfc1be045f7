"""Bring a whole history into the ledger, so that a new organisation has its past behind it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from tenor.engine.frames import Tables
from tenor.platform.core import audit
from tenor.platform.core.actor import Actor
from tenor.platform.demo.past import write_claims, write_promises
from tenor.platform.demo.reactions import record_all
from tenor.platform.ledger import bulk
from tenor.platform.outreach.history import add_contacts


@dataclass(frozen=True)
class Brought:
    """How many rows came in, and how many the ledger refused, each with its reason."""

    rows: int
    refused: list[str]


def bring_in(
    actor: Actor, tables: Tables, *, source: str, report: Callable[[str], None] = lambda _: None
) -> Brought:
    """Bring in the six tables, all of them or nothing.

    For an organisation that has nothing yet. The events are kept as they were told; what was
    claimed and promised in them becomes rows of the ledger too.
    """
    with transaction.atomic():
        refused: list[str] = []

        def took(name: str, counts: bulk.Counts) -> None:
            refused.extend(f"{name} {place + 1}: {why}" for place, why in counts.refused)

        report("customers")
        took("customers", bulk.upsert_customers(actor, tables.customers, source=source))
        report("invoices")
        took("invoices", bulk.upsert_invoices(actor, tables.invoices, source=source))
        write_claims(actor.organisation, tables.events)
        report("payments")
        took("payments", bulk.add_payments(actor, tables.payments, source=source))
        write_promises(actor.organisation, tables.events)
        report("contacts")
        add_contacts(actor.organisation, tables.contacts, source=source)
        report("events")
        record_all(actor, tables, source=source)
        rows = sum(frame.height for _table, frame in tables)
        audit.record(actor, "history.bring_in", f"organisation:{actor.organisation.slug}",
                     after={"rows": rows, "refused": len(refused), "source": source})  # fmt: skip
    return Brought(rows, refused)
