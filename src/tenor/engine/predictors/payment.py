"""The payment predictor: who pays within how many days, when, and who will be escalated.

One pair of tree models gives, for each stretch of time after an instant, the chance of being
paid in it and the chance of being escalated in it, for an invoice still open at its start.
Chances within 7, 30 and 60 days follow by multiplying, so they cannot contradict each other.
Invoices in every state teach: an open one says "not in these stretches", and no more.
"""

from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.predictors.encoding import GROWING, Encoding, encoding_of
from tenor.engine.predictors.history import Lessons, Report, days_between, unit_hash
from tenor.engine.predictors.trees import grow, raw_score, side_by_side

Array = NDArray[np.float64]

# Ends of the stretches of time, in days after the instant; 7, 30 and 60 are among them.
EDGES = (1, 3, 7, 14, 22, 30, 45, 60, 100, 200)
STARTS = (0, *EDGES[:-1])
ROUNDS = 120
# Trees are grown on two of three parts of the customers and corrected by the third.
PARTS = 3
# The latest quarter of the lessons says how likely payment is today.
LATEST_SHARE = 0.25
# Corrections are drawn towards none as if this many payments had shown that none is needed.
DOUBT = 30.0


@dataclass(frozen=True)
class Hazard:
    """Chance of one kind of end within each stretch: trees, and a correction learned apart.

    The trees' scores are averaged; `shift` [stretches] and `slope` act on that logit.
    """

    trees: tuple[lgb.Booster, ...]
    shift: Array
    slope: float

    def chances(self, rows: Array) -> Array:
        """Return the chance of this end in its stretch for each row (`stretch` is column 0)."""
        if not self.trees:
            return np.zeros(len(rows))
        score = np.mean([raw_score(trees, rows) for trees in self.trees], axis=0)
        logit = self.slope * score + self.shift[rows[:, 0].astype(int)]
        return np.asarray(1.0 / (1.0 + np.exp(-logit)), dtype=np.float64)


@dataclass(frozen=True)
class PaymentPredictor:
    """What was learned about paying; `predict` gives chances by the end of every stretch."""

    encoding: Encoding
    paid: Hazard
    escalated: Hazard

    def predict(self, rows: pl.DataFrame) -> tuple[Array, Array]:
        """Return (paid, escalated) by the end of each stretch: two arrays [rows, stretches]."""
        matrix = self.encoding.matrix(rows)
        n, k = len(matrix), len(EDGES)
        long = stretch_rows(
            matrix,
            rows["days_overdue"].to_numpy(),
            np.repeat(np.arange(n), k),
            np.tile(np.arange(k), n),
        )
        paid = self.paid.chances(long).reshape(n, k)
        escalated = self.escalated.chances(long).reshape(n, k)
        # Two ends compete within a stretch: together they never exceed certainty.
        both = np.maximum(paid + escalated, 1.0)
        paid, escalated = paid / both, escalated / both
        still_open = np.cumprod(1.0 - paid - escalated, axis=1)
        before = np.concatenate([np.ones((n, 1)), still_open[:, :-1]], axis=1)
        return np.cumsum(before * paid, axis=1), np.cumsum(before * escalated, axis=1)

    def contributions(self, rows: pl.DataFrame) -> Array:
        """Return what each column of the encoding adds to the chance of being paid [rows, columns].

        By the first part's trees, which stand for the others: exact shares of a score cost more
        than all else of scoring together.

        On the logit scale, for the stretch that ends after 30 days.
        """
        matrix = self.encoding.matrix(rows)
        n, stretch = len(matrix), EDGES.index(30)
        long = stretch_rows(
            matrix, rows["days_overdue"].to_numpy(), np.arange(n), np.full(n, stretch)
        )
        if not self.paid.trees:
            return np.zeros_like(matrix)
        # Rows are independent of each other: the number of threads changes no digit.
        trees = self.paid.trees[0]
        parts = np.asarray(trees.predict(long, pred_contrib=True, num_threads=2), dtype=np.float64)
        # The columns before the encoding's are the stretch itself and its place after the due
        # date; the latter belongs to how late the invoice is.
        own = parts[:, LEADING : LEADING + matrix.shape[1]].copy()
        if "days_overdue" in self.encoding.columns:
            late = self.encoding.columns.index("days_overdue")
            own[:, late] += parts[:, 1:LEADING].sum(axis=1)
        return own


# The columns before the features: stretch, days overdue at its start and at its end.
LEADING = 3


def stretch_rows(
    matrix: Array, overdue: Array, row: NDArray[np.int_], stretch: NDArray[np.int_]
) -> Array:
    """Return the rows the trees read: stretch, days overdue at its start and end, features."""
    start, end = np.array(STARTS)[stretch], np.array(EDGES)[stretch]
    late = overdue[row]
    return np.column_stack([stretch, late + start, late + end, matrix[row]])


def fit_payment(lessons: Lessons, *, seed: int, report: Report | None = None) -> PaymentPredictor:
    """Learn from every snapshot and its later outcomes, censored at `lessons.as_of`."""
    rows = lessons.rows.join(lessons.outcomes, on="invoice_id", how="left", maintain_order="left")
    encoding = encoding_of(lessons.rows, GROWING)
    matrix = encoding.matrix(rows)
    ends = _ends(rows, lessons)
    row, stretch = _observed(ends)
    long = stretch_rows(matrix, rows["days_overdue"].to_numpy(), row, stretch)
    paid = _ended_in(ends.paid_days, row, stretch)
    escalated = _ended_in(ends.escalated_days, row, stretch)
    late = _latest(ends.instant_days, row)
    part = (unit_hash(rows["customer_id"], "parts") * PARTS).astype(np.int_)[row]
    names = tuple(LEADING + len(encoding.numbers) + j for j in range(len(encoding.names)))
    if report:
        report("learning who pays, and who is escalated", 0.0)
    both = side_by_side(
        lambda: _fit_hazard(long, paid, late, part, names, seed),
        lambda: _fit_hazard(long, escalated, late, part, names, seed),
    )
    return PaymentPredictor(encoding, *both)


@dataclass(frozen=True)
class _Ends:
    """Days from the snapshot to each end (not-a-number: not seen), and to the end of sight."""

    paid_days: Array
    escalated_days: Array
    closed_days: Array
    seen_days: Array
    instant_days: Array


def _ends(rows: pl.DataFrame, lessons: Lessons) -> _Ends:
    instant = rows["instant"]
    as_of = pl.Series([lessons.as_of]).new_from_index(0, rows.height)
    return _Ends(
        days_between(instant, rows["settled_at"]),
        days_between(instant, rows["escalated_at"]),
        days_between(instant, rows["closed_at"]),
        days_between(instant, as_of),
        -days_between(instant, as_of),
    )


def _observed(ends: _Ends) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Return (row, stretch) of every stretch that was begun open and could be seen to its end.

    A stretch that reaches beyond the end of sight teaches nothing, whatever happened in it:
    keeping only those in which something happened would exaggerate the chances.
    """
    first_end = np.fmin(ends.paid_days, ends.closed_days)
    begun = np.array(STARTS)[None, :] < np.where(np.isnan(first_end), np.inf, first_end)[:, None]
    seen = np.array(EDGES)[None, :] <= ends.seen_days[:, None]
    row, stretch = np.nonzero(begun & seen)
    return row, stretch


def _ended_in(days: Array, row: NDArray[np.int_], stretch: NDArray[np.int_]) -> Array:
    at = days[row]
    with np.errstate(invalid="ignore"):
        inside = (at > np.array(STARTS)[stretch]) & (at <= np.array(EDGES)[stretch])
    return inside.astype(np.float64)


def _latest(instant_days: Array, row: NDArray[np.int_]) -> NDArray[np.bool_]:
    """Mark the rows of the latest quarter of instants."""
    instants = np.unique(instant_days)
    return np.asarray(instant_days[row] > np.quantile(instants, 1.0 - LATEST_SHARE))


def _fit_hazard(
    long: Array,
    ended: Array,
    late: NDArray[np.bool_],
    part: NDArray[np.int_],
    names: tuple[int, ...],
    seed: int,
) -> Hazard:
    """Grow trees on all but one part of the customers, for each part; correct by that part.

    The same customers come back at every instant, and trees know them again: only how they do on
    customers they have not seen shows how far they exaggerate (the slope, over all rows) and
    today's level (the shift of each stretch, over the latest rows).
    """
    none = np.zeros(len(EDGES))
    if ended.sum() < 10 or ended.all():
        return Hazard((), none, 1.0)
    trees, unseen = [], np.zeros(len(long))
    for number in range(PARTS):
        others = part != number
        trees.append(
            grow(
                long[others],
                ended[others],
                objective="binary",
                rounds=ROUNDS,
                seed=seed,
                names=names,
            )
        )
        unseen[~others] = raw_score(trees[-1], long[~others])
    stretch = long[:, 0].astype(int)
    places = np.column_stack([np.ones(len(long)), np.eye(len(EDGES))[stretch]])
    middle = float(unseen.mean())
    change = _correction(unseen, np.column_stack([places, unseen - middle]), ended)
    slope = 1.0 + change[-1]
    shift = change[0] + change[1:-1] - change[-1] * middle
    if ended[late].sum() >= 10:
        # A stretch too long to have been seen to its end lately takes the others' level.
        known = slope * unseen[late] + shift[stretch[late]]
        change = _correction(known, places[late], ended[late])
        shift = shift + change[0] + change[1:]
    return Hazard(tuple(trees), shift, float(slope))


def _correction(logit: Array, columns: Array, ended: Array) -> Array:
    """Return what to add to `logit` for each of `columns`, drawn to nothing but for the first."""
    added = np.zeros(columns.shape[1])
    # In units of information: a payment is worth p (1 - p) of it, at most a quarter.
    ridge = np.full(columns.shape[1], DOUBT / 4)
    ridge[0] = 1.0
    for _ in range(8):
        # A step may overshoot where there are few rows; beyond thirty a chance is sure anyway.
        chance = 1.0 / (1.0 + np.exp(-np.clip(logit + columns @ added, -30.0, 30.0)))
        weight = chance * (1.0 - chance)
        gradient = columns.T @ (ended - chance) - ridge * added
        step = np.linalg.solve((columns * weight[:, None]).T @ columns + np.diag(ridge), gradient)
        added = added + step
    return added
