"""Write what was imported: all of it in one transaction or nothing, and the same rows only once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from tenor.engine.frames import Tables
from tenor.platform.connectors.actions import begin_writing, end_writing, refuse_writing
from tenor.platform.connectors.normal import personal_column
from tenor.platform.connectors.queries import import_for
from tenor.platform.connectors.reading import Checked, check
from tenor.platform.connectors.targets import PERSONAL
from tenor.platform.core.actor import Actor, system
from tenor.platform.core.errors import Refused, TenorError
from tenor.platform.core.jobs import Claim, put, task
from tenor.platform.core.models import Job
from tenor.platform.events.actions import Figure, record_figures, record_many
from tenor.platform.events.arrivals import NewEvent
from tenor.platform.ledger import bulk
from tenor.platform.ledger.actions import settle_agreements
from tenor.platform.ledger.telling import key_of, may_be_told, tell
from tenor.platform.outreach.history import add_contacts

if TYPE_CHECKING:
    from tenor.platform.connectors.models import Import

# Up to so many rows the person waits for it; more are written in the background.
_AT_ONCE = 5_000
_PARTS = ("customers", "invoices", "agreements", "payments", "contacts", "events", "external")


@dataclass
class Written:
    """What became of the rows, a table each: new, changed, same, and those that were refused.

    `passed_over` are things that were agreed about an invoice that no longer stands for it: kept
    out of the ledger, and no reason to refuse the rest.
    """

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)

    def add(self, part: str, counts: Any) -> None:
        """Count what became of a part."""
        table = "events" if part == "agreements" else part
        kept = self.counts.setdefault(table, {"new": 0, "changed": 0, "same": 0})
        for name in kept:
            kept[name] += getattr(counts, name, 0)
        said = [f"{table}: {why}" for _place, why in getattr(counts, "refused", ())]
        (self.passed_over if part == "agreements" else self.refused).extend(said)


def ask_to_write(actor: Actor, *, number: int, skip_bad_rows: bool) -> "Import":
    """Write an import that was checked: a small one now, a large one in the background."""
    row = begin_writing(actor, number=number, skip_bad_rows=skip_bad_rows)
    if sum(counts.get("rows", 0) for counts in row.counts.values()) <= _AT_ONCE:
        write_import(actor, row)
    else:
        key = f"import.write:{row.pk}"
        put("import.write", key=key, organisation=actor.organisation, number=row.pk, by=actor.name)
    return row


@task("import.write")
def _write_later(claim: Claim) -> None:
    actor = system(claim.organisation, claim.job.payload["by"])
    row = import_for(actor, claim.job.payload["number"])
    if row.state == row.State.WAITING:
        write_import(actor, row, progress=claim.progress)


def write_import(actor: Actor, row: "Import", *, progress: Any = None) -> None:
    """Write all usable rows of an import, or none: a refusal stands in its message."""
    try:
        checked = check(row)
        with transaction.atomic():
            source = f"import:{row.pk}"
            written = keep_tables(actor, checked.tables, source=source, progress=progress)
            if written.refused and not row.skip_bad_rows:
                raise Refused(written.refused[0])
            counts, message = _counts(checked, written), _message(written)
            end_writing(actor, row, counts=counts, message=message)
    except TenorError as refused:
        refuse_writing(row, refused.message)


def keep_tables(actor: Actor, tables: Tables, *, source: str, progress: Any = None) -> Written:
    """Bring the contract's six tables into the books; the transaction is the caller's.

    What was agreed is told before the money arrives, while every invoice is open; whether
    promises were kept follows from both.
    """
    written = Written()
    steps: dict[str, Callable[[], Any]] = {
        "customers": lambda: bulk.upsert_customers(
            actor, _personal(tables.customers, "customers"), source=source
        ),
        "invoices": lambda: bulk.upsert_invoices(
            actor, _personal(tables.invoices, "invoices"), source=source
        ),
        "agreements": lambda: tell(actor, tables.events),
        "payments": lambda: bulk.add_payments(actor, tables.payments, source=source),
        "contacts": lambda: add_contacts(actor.organisation, tables.contacts, source=source),
        "events": lambda: _behaviour(actor, tables.events, source),
        "external": lambda: _figures(actor, tables.external),
    }
    for at, name in enumerate(_PARTS):
        if progress is not None:
            progress(at, len(_PARTS), name)
        written.add(name, steps[name]())
    settle_agreements(actor)
    return written


def progress_of(row: "Import") -> dict[str, Any]:
    """Return how far the writing of an import is: `{"done", "of", "text"}`."""
    job = Job.objects.filter(key=f"import.write:{row.pk}", organisation=row.organisation).first()
    return job.progress if job else {}


@dataclass(frozen=True)
class _Counted:
    new: int = 0
    same: int = 0


def _behaviour(actor: Actor, events: pl.DataFrame, source: str) -> _Counted:
    rows = (
        NewEvent(
            key=key_of(row),
            kind=row["kind"],
            at=row["at"],
            customer_key=row["customer_id"] or "",
            invoice_key=row["invoice_id"] or "",
            contact_key=row["contact_id"] or "",
            detail=row["detail"],
        )
        for row in events.iter_rows(named=True)
        if not may_be_told(row["kind"])
    )
    told = record_many(actor.organisation, rows, source=source)
    return _Counted(told.accepted, told.duplicate)


def _figures(actor: Actor, external: pl.DataFrame) -> _Counted:
    figures = [
        Figure(row["name"], row["date"], row["value"], row["region"] or "", row["available_on"])
        for row in external.iter_rows(named=True)
    ]
    new = record_figures(actor.organisation, figures)
    return _Counted(new, len(figures) - new)


def _personal(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """Give the columns that tell who somebody is their own names again."""
    names = {personal_column(name): name for name in PERSONAL[table]}
    return frame.rename({old: new for old, new in names.items() if old in frame.columns})


def _counts(checked: Checked, written: Written) -> dict[str, dict[str, int]]:
    bad = checked.bad_rows
    return {
        table: {"rows": rows, "bad": bad.get(table, 0), **written.counts.get(table, {})}
        for table, rows in checked.rows.items()
    }


def _message(written: Written) -> str:
    left_out = [*written.refused, *written.passed_over]
    if not left_out:
        return ""
    said = {"n": len(left_out), "first": left_out[0]}
    return _("The ledger did not take %(n)s rows: %(first)s") % said
