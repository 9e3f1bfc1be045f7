"""Checks before anything is learned: do the facts make sense, and do the labels tell the truth?"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import polars as pl

from tenor.engine.fairness.contrast import wilson
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states
from tenor.engine.quality import Finding, findings, sufficiency
from tenor.engine.release.check import Area, Check, held, held_between

# A gap of the whole feed, not of rows: what follows from it is learned as "nobody paid".
GAPS = ("no_rows", "quiet_months", "stops_early")
# Without these nothing can be learned of payment; contacts and events may be missing.
FEEDS = ("invoices", "payments")
# An invoice due so long ago is paid, handed over or written off, or its end was never told.
OLD = timedelta(days=90)
# Odd rows of other tables do not touch what is learned of payment.
_DOUBLES = ("invoices_alike", "payments_alike")


def data_checks(tables: Tables, *, as_of: datetime) -> tuple[Check, ...]:
    """Return the checks of facts and labels known at `as_of` (aware)."""
    known = tables.known_at(as_of)
    odd = findings(known, today=as_of.date())
    return (
        _odd_rows(known, odd),
        _gaps(odd),
        _paid(known, as_of),
        _without_an_end(known, as_of),
        _taken_back(known),
        _twice(known, odd),
    )


def _odd_rows(known: Tables, odd: list[Finding]) -> Check:
    """Hold the worst table's share of odd rows against the limit; doubles are checked apart."""
    worst, share = None, 0.0
    for finding in odd:
        rows = getattr(known, finding.table).height
        if finding.code in _DOUBLES or not rows or finding.rows / rows <= share:
            continue
        worst, share = finding, finding.rows / rows
    text = (
        f"at worst {share:.1%} of the {worst.table}: {worst.text}"
        if worst
        else "every row can be read and makes sense"
    )
    return held("facts that make sense", "odd rows", share, text, area=Area.DATA)


def _gaps(odd: list[Finding]) -> Check:
    found = [f for f in odd if f.code in GAPS and f.table in FEEDS]
    text = "; ".join(f"{f.table}: {f.text}" for f in found) or "invoices and payments without holes"
    return held("feeds without holes", "gaps", float(len(found)), text, area=Area.DATA)


def _paid(known: Tables, as_of: datetime) -> Check:
    enough = sufficiency(known, today=as_of.date())
    use = next(u for u in enough.uses if u.name == "payment predictor")
    return held(
        "enough history",
        "paid invoices",
        float(enough.settled),
        f"{use.verdict.value}: {use.reason}",
        area=Area.DATA,
    )


def _without_an_end(known: Tables, as_of: datetime) -> Check:
    """Ask for invoices due long ago that neither were paid nor closed: unpaid, or untold?"""
    old = invoice_states(known, as_of).filter(pl.col("due_on") < (as_of - OLD).date())
    name, limit = "labels are complete", "without an end"
    if old.is_empty():
        text = f"no invoice was due more than {OLD.days} days ago"
        return held(name, limit, None, text, area=Area.LABELS)
    share = float(old["is_open"].mean())  # type: ignore[arg-type]
    text = (
        f"{share:.1%} of the {old.height:,} invoices due more than {OLD.days} days ago were "
        "neither paid, handed over nor written off"
    )
    between = wilson(share, old.height)
    return held_between(name, limit, share, between, text, area=Area.LABELS)


def _taken_back(known: Tables) -> Check:
    name, limit = "payments stay paid", "taken back"
    rows = known.payments.height
    if not rows:
        return held(name, limit, None, "there are no payments", area=Area.LABELS)
    back = known.payments.filter(pl.col("amount") < 0).height
    text = f"{back:,} of {rows:,} payments were taken back or repaid ({back / rows:.1%})"
    between = wilson(back / rows, rows)
    return held_between(name, limit, back / rows, between, text, area=Area.LABELS)


def _twice(known: Tables, odd: list[Finding]) -> Check:
    worst, said = 0.0, list(_doubles(known, odd))
    worst = max((share for share, _ in said), default=0.0)
    text = "; ".join(text for _, text in said) or "no invoice or payment stands there twice"
    return held("nothing entered twice", "entered twice", worst, text, area=Area.LABELS)


def _doubles(known: Tables, odd: list[Finding]) -> Iterator[tuple[float, str]]:
    for finding in odd:
        rows = getattr(known, finding.table).height
        if finding.code in _DOUBLES and rows:
            yield finding.rows / rows, finding.text
