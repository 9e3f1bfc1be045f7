"""The past as lessons: what was known at several instants, and what became of it afterwards."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.errors import ModelError
from tenor.engine.events import Kind
from tenor.engine.features.build import Snapshot, build
from tenor.engine.features.identity import identity_columns
from tenor.engine.frames import Tables
from tenor.engine.ledger import settlements

Report = Callable[[str, float], None]

# Looking back further teaches habits that have passed; two years hold every season twice.
LONGEST_LOOK_BACK = timedelta(days=730)
INSTANTS = 40
# Open invoices over all instants together. More rows change the trees little and cost minutes.
MOST_ROWS = 150_000
SHORTEST_STEP = timedelta(days=7)


@dataclass(frozen=True)
class Lessons:
    """Snapshots of the past in time order, and how each invoice ended by `as_of`.

    `outcomes` has a row an invoice: `invoice_id, settled_at, escalated_at, closed_at`.
    """

    as_of: datetime
    snapshots: tuple[Snapshot, ...]
    outcomes: pl.DataFrame

    @property
    def rows(self) -> pl.DataFrame:
        """All snapshots' rows under each other, with `instant`, when."""
        return pl.concat(
            [s.rows.with_columns(instant=pl.lit(s.as_of)) for s in self.snapshots],
            how="diagonal",
        )


def behaviour_alone(lessons: Lessons, tables: Tables) -> Lessons:
    """Return the same lessons without the columns that say who somebody is (`identity_columns`).

    What no lesson holds, no predictor reads, neither at fitting nor afterwards.
    """
    known = tables.known_at(lessons.as_of)
    return replace(
        lessons,
        snapshots=tuple(
            replace(s, rows=s.rows.drop(identity_columns(known, s.rows.columns)))
            for s in lessons.snapshots
        ),
    )


def outcomes(known: Tables) -> pl.DataFrame:
    """Return how each invoice ended: `invoice_id, settled_at, escalated_at, closed_at`."""
    closing = known.events.filter(pl.col("invoice_id").is_not_null()).group_by("invoice_id")
    ended = closing.agg(
        escalated_at=pl.col("at").filter(pl.col("kind") == Kind.ESCALATED).min(),
        written_off_at=pl.col("at").filter(pl.col("kind") == Kind.WRITTEN_OFF).min(),
    )
    return (
        settlements(known)
        .select("invoice_id", "settled_at")
        .join(ended, on="invoice_id", how="left", maintain_order="left")
        .select(
            "invoice_id",
            "settled_at",
            "escalated_at",
            closed_at=pl.min_horizontal("escalated_at", "written_off_at"),
        )
    )


def lessons(tables: Tables, as_of: datetime, report: Report | None = None) -> Lessons:
    """Return what the past teaches at `as_of`: snapshots at regular instants, with their ends.

    Raises
    ------
    ModelError
        Where fewer than two instants have open invoices: nothing can be learned yet.
    """
    known = tables.known_at(as_of)
    instants = _instants(known, as_of)
    taken: list[Snapshot] = []
    for i, instant in enumerate(instants):
        if report:
            report("looking back", i / len(instants))
        snapshot = build(known, instant)
        if snapshot.rows.height:
            taken.append(snapshot)
    if len(taken) < 2:
        raise ModelError(
            f"the tables hold too little history before {as_of:%Y-%m-%d} to learn from: "
            "at least two weeks with open invoices are needed; give more history or a later --as-of"
        )
    return Lessons(as_of, _bounded(taken), outcomes(known))


def _instants(known: Tables, as_of: datetime) -> list[datetime]:
    """Return regular instants back from `as_of`, the most recent of them a week ago."""
    if known.invoices.is_empty():
        return []
    first = known.invoices["issued_on"].min()
    start = datetime.combine(first, datetime.min.time(), tzinfo=as_of.tzinfo)  # type: ignore[arg-type]
    span = min(as_of - start, LONGEST_LOOK_BACK)
    step = max(SHORTEST_STEP, timedelta(days=-(-span.days // INSTANTS)))
    count = span // step
    return [as_of - step * k for k in range(count, 0, -1)]


def _bounded(taken: list[Snapshot]) -> tuple[Snapshot, ...]:
    """Keep at most `MOST_ROWS` rows, by leaving out customers (the same ones everywhere)."""
    total = sum(s.rows.height for s in taken)
    if total <= MOST_ROWS:
        return tuple(taken)
    share = MOST_ROWS / total
    return tuple(
        Snapshot(
            s.as_of,
            s.rows.filter(pl.Series(unit_hash(s.rows["customer_id"], "rows") < share)),
            s.answer_rates,
        )
        for s in taken
    )


def unit_hash(ids: pl.Series, salt: str) -> NDArray[np.float64]:
    """Return a number in [0, 1) for each id: the same for the same id and salt, anywhere."""
    key = salt.encode()
    unique = ids.unique().to_list()
    numbers = {
        i: int.from_bytes(hashlib.blake2b(str(i).encode(), digest_size=7, key=key).digest(), "big")
        / 2.0**56
        for i in unique
    }
    return np.array([numbers[i] for i in ids.to_list()], dtype=np.float64)


def days_between(start: pl.Series, end: pl.Series) -> NDArray[np.float64]:
    """Return `end` minus `start` in days, not-a-number where either is missing."""
    seconds = (end - start).dt.total_microseconds().cast(pl.Float64) / 86_400e6
    return seconds.fill_null(float("nan")).to_numpy().astype(np.float64)
