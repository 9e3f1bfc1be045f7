"""One row a day and open invoice: whether it was paid that day, and what had been said before."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.predictors.contact_log import ContactLog
from tenor.engine.predictors.history import Lessons, days_between, unit_hash

Array = NDArray[np.float64]
Ints = NDArray[np.int_]

# Each snapshot is followed for two weeks: the horizon of a decision.
FOLLOW_UP = 14
# The effect of a contact is followed for as many days after sending.
LAGS = 14
MOST_DAYS = 700_000
# Before this many days ahead of the due date hardly anybody pays and nobody is contacted.
EARLIEST = -16.0
LATEST = 180.0


@dataclass(frozen=True)
class Days:
    """Days at risk. `row` [n] points into `rows` (the snapshots' rows under each other).

    `start` [rows] is the snapshot's day counted from the reference instant; `day` [n] days after
    it; `paid` [n] 0 or 1; `weight` [n] so that each real day counts once; `last` and `before`
    [n] are positions in the contact log (-1: none) and `lag`, `lag_before` the days since.
    """

    rows: pl.DataFrame
    start: Ints
    row: Ints
    day: Ints
    paid: Array
    weight: Array
    last: Ints
    before: Ints
    lag: Ints
    lag_before: Ints


def days_at_risk(lessons: Lessons, log: ContactLog) -> Days:
    """Return the days of every snapshot's invoices until they end or fall out of sight."""
    rows = lessons.rows.filter(pl.col("days_overdue").is_between(EARLIEST, LATEST))
    rows = rows.join(lessons.outcomes, on="invoice_id", how="left", maintain_order="left")
    share = min(1.0, MOST_DAYS / max(1, rows.height * FOLLOW_UP))
    if share < 1.0:
        rows = rows.filter(pl.Series(unit_hash(rows["customer_id"], "days") < share))
    as_of = pl.Series([lessons.as_of]).new_from_index(0, rows.height)
    seen = days_between(rows["instant"], as_of)
    paid_in = days_between(rows["instant"], rows["settled_at"])
    ended_in = np.fmin(paid_in, days_between(rows["instant"], rows["closed_at"]))
    ended_in = np.where(np.isnan(ended_in), np.inf, ended_in)
    grid = np.arange(FOLLOW_UP)
    at_risk = (grid[None, :] < ended_in[:, None]) & (grid[None, :] + 1 <= seen[:, None])
    row, day = np.nonzero(at_risk)
    with np.errstate(invalid="ignore"):
        paid = (paid_in[row] > day) & (paid_in[row] <= day + 1)
    instants = sorted({s.as_of for s in lessons.snapshots})
    step = min((b - a).days for a, b in pairwise(instants))
    weight = np.full(len(row), min(1.0, step / FOLLOW_UP))
    start = np.floor(-seen).astype(np.int_)
    last, before, lag, lag_before = said(log, log.codes(rows["invoice_id"])[row], start[row] + day)
    return Days(
        rows, start, row, day, paid.astype(np.float64), weight, last, before, lag, lag_before
    )


def said(log: ContactLog, code: Ints, day: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return positions of the last two contacts up to `day` that may still act, and their lags."""
    last, before = log.latest(code, day)
    lag, lag_before = _lag(log, last, day), _lag(log, before, day)
    last = np.where(lag < LAGS, last, -1)
    before = np.where((lag_before < LAGS) & (last >= 0), before, -1)
    return last, before, lag, lag_before


def _lag(log: ContactLog, at: Ints, day: Ints) -> Ints:
    if not len(log.day):
        return np.full(len(at), LAGS)
    return np.where(at >= 0, np.minimum(day - log.day[at], LAGS), LAGS)
