"""Bring a whole history into a new ledger, so that an organisation begins with its past."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from tenor.engine.frames import Tables
from tenor.platform.core import audit
from tenor.platform.core.actor import Actor
from tenor.platform.demo.past import write_claims, write_promises
from tenor.platform.events.actions import Figure, record_figures, record_many
from tenor.platform.events.arrivals import NewEvent
from tenor.platform.ledger import bulk
from tenor.platform.ledger.telling import key_of, note_told
from tenor.platform.outreach.history import add_contacts


@dataclass(frozen=True)
class Brought:
    """How many rows came in, and how many the ledger refused, each with its reason."""

    rows: int
    refused: list[str]


def bring_in(
    actor: Actor, tables: Tables, *, source: str, report: Callable[[str], None] = lambda _: None
) -> Brought:
    """Bring in the six tables, all of them or nothing, for an organisation that has none yet.

    The events are kept as they were told, and what was claimed and promised in them becomes rows
    of the ledger with the days that it had; an import of the same tables later changes nothing.
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
        _record(actor, tables, source)
        note_told(actor, tables.events)
        rows = sum(frame.height for _table, frame in tables)
        audit.record(actor, "history.bring_in", f"organisation:{actor.organisation.slug}",
                     after={"rows": rows, "refused": len(refused), "source": source})  # fmt: skip
    return Brought(rows, refused)


def _record(actor: Actor, tables: Tables, source: str) -> None:
    events = (
        NewEvent(
            key=key_of(row),
            kind=row["kind"],
            at=row["at"],
            customer_key=row["customer_id"] or "",
            invoice_key=row["invoice_id"] or "",
            contact_key=row["contact_id"] or "",
            detail=row["detail"],
        )
        for row in tables.events.iter_rows(named=True)
    )
    record_many(actor.organisation, events, source=source)
    figures = (
        Figure(row["name"], row["date"], row["value"], row["region"] or "", row["available_on"])
        for row in tables.external.iter_rows(named=True)
    )
    record_figures(actor.organisation, figures)
