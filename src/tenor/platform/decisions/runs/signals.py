"""Things that a manager should look at: a source that fell silent, something far from usual."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import sqrt
from typing import Any

import polars as pl

from tenor.engine.events import Kind
from tenor.engine.frames import Tables
from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Run, Signal

# A week is held against the eight before it.
_WEEK = timedelta(days=7)
_WEEKS = 8
# Counts vary by about their square root; four times that comes once in decades by chance alone.
_FAR = 4.0
_FEWEST = 5
# How far back the rhythm of a source is looked for, and on how many days it must have spoken.
_RHYTHM = timedelta(days=90)
_FEWEST_DAYS = 10
_GRACE_DAYS = 2

_SURGES = {
    Kind.PAYMENT_FAILED: "warn",
    Kind.BOUNCED: "warn",
    Kind.COMPLAINED: "danger",
    Kind.OPTED_OUT: "warn",
    Kind.DISPUTED: "warn",
}


@dataclass(frozen=True)
class Noticed:
    """Something that was noticed: its kind, how grave it is, and the numbers that show it."""

    kind: str
    level: str
    facts: dict[str, Any] = field(default_factory=dict)


def notice(run: Run, known: Tables) -> int:
    """Keep what stands out in the facts of a day; return how many things are new."""
    found = (*silent_sources(known, run.as_of), *surges(known, run.as_of))
    return _keep(run.organisation, run.day, run.as_of, found)


def notice_now(organisation: Organisation, *found: Noticed) -> int:
    """Keep what was noticed otherwise, each thing once a day; return how many are new."""
    return _keep(organisation, clock.today(organisation), clock.now(organisation), found)


def _keep(organisation: Organisation, day: date, at: datetime, found: Iterable[Noticed]) -> int:
    rows = [
        Signal(
            key=f"{thing.kind}:{thing.facts.get('of', '')}:{day.isoformat()}",
            kind=thing.kind,
            level=thing.level,
            facts=thing.facts,
            at=at,
        )
        for thing in found
    ]
    kept = Signal.objects.of(organisation)
    before = kept.count()
    kept.bulk_create(rows, ignore_conflicts=True)
    return int(kept.count() - before)


def silent_sources(known: Tables, as_of: datetime) -> Iterator[Noticed]:
    """Say which source has been silent for longer than it ever was in the last three months."""
    sources = {
        "payments": known.payments["paid_at"].dt.date(),
        "invoices": known.invoices["issued_on"],
        "events": known.events["at"].dt.date(),
    }
    today = as_of.date()
    for name, days in sources.items():
        spoke = days.filter(days >= (as_of - _RHYTHM).date()).unique().sort()
        if len(spoke) < _FEWEST_DAYS:
            continue
        last: date = spoke[-1]
        usual = spoke.diff().dt.total_days().max()
        silent = (today - last).days
        if silent > int(usual or 0) + _GRACE_DAYS:  # type: ignore[arg-type]
            facts = {"of": name, "days": silent, "usual": usual, "last": last.isoformat()}
            yield Noticed("silent_source", "warn", facts)


def surges(known: Tables, as_of: datetime) -> Iterator[Noticed]:
    """Say what came far more often in the last week than before, and whether payments fell off."""
    for kind, level in _SURGES.items():
        here, usual = _week(known.events.filter(pl.col("kind") == kind)["at"], as_of)
        if here >= _FEWEST and here - usual > _FAR * sqrt(max(usual, 1.0)):
            yield Noticed("surge", level, {"of": kind.value, "week": here, "usual": usual})
    here, usual = _week(known.payments["paid_at"], as_of)
    if usual - here > _FAR * sqrt(max(usual, 1.0)):
        yield Noticed("drop", "danger", {"of": "payments", "week": here, "usual": usual})


def _week(at: pl.Series, as_of: datetime) -> tuple[int, float]:
    """Return how often something happened in the last week, and in a usual week before it."""
    week_ago, start = as_of - _WEEK, as_of - _WEEK * (_WEEKS + 1)
    here = int((at > week_ago).sum())
    before = int(((at > start) & (at <= week_ago)).sum())
    return here, round(before / _WEEKS, 2)
