"""Sufficient statistics of what contacts do, customer by customer: clipped, whole numbers, summed.

Two rounds. The first counts, in cells of age and habit, on how many days people left alone could
have paid and did. Its noisy sum (see `noise`) is the baseline of the second, which sums what the
effect layer learns from: for each day on which a contact acts, by how much z the logit of the day's
chance p moves with each coefficient, the weight w = p (1 - p) and the surprise y - p,

    gram = sum w z z',    moment = sum z (y - p),    p = 1 - exp(-(baseline + columns . expected))

with `expected` fixed (published trials). What a customer adds depends on their own facts and on
numbers that are public already, is bounded in length, and is a whole number of grid steps. Sums
are therefore exact: taking a person out gives, bit for bit, the sum without them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.errors import InputError
from tenor.engine.pooling.columns import WIDTH, contact_columns, expected_coefficients
from tenor.engine.pooling.rows import CELLS, Rows
from tenor.engine.predictors.effect_layer import Statistics
from tenor.engine.predictors.intensity import POINT, chance, slopes, together

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

# Steps of the grid in one unit: a customer's entries lose less than one step each.
GRID = 1 << 16
# The longest a customer's contribution may be, in units (L2); longer ones are shortened to it.
# Most are shortened: their direction is kept, and noise grows with the longest, so that everybody
# counts about alike.
CLIP_BASELINE, CLIP_EFFECT = 2.0, 1.0
# Days count for so much less than payments, of which there are so many fewer.
_DAYS_A_UNIT = 30.0
_ROWS, _COLUMNS = np.triu_indices(WIDTH)
# Off-diagonal entries stand for two: counted so, the vector's length is that of the matrix.
_TWICE = np.where(_ROWS == _COLUMNS, 1.0, np.sqrt(2.0))
SIZE_BASELINE, SIZE_EFFECT = 2 * CELLS, len(_ROWS) + WIDTH
_BATCH = 50_000
# A cell's daily chance before anybody was counted, and how many days it is worth: nobody is
# certain to pay or not to.
_USUAL, _WORTH = 0.04, 60.0
_CHANCES = (0.002, 0.5)


@dataclass(frozen=True)
class Parts:
    """What each customer adds: `values` [customers, size] in grid steps, in order of their ids.

    Customers who add nothing are left out. `clipped` counts those whose part was shortened.
    """

    customer_ids: pl.Series
    values: Ints
    clip: float
    clipped: int

    def total(self) -> Ints:
        """Return the sum over all customers [size]: exact."""
        return np.asarray(self.values.sum(axis=0, dtype=np.int64))

    def of(self, customer_id: str) -> Ints:
        """Return what one customer adds [size]; nought for who adds nothing."""
        at = np.flatnonzero(self.customer_ids.is_in([customer_id]).to_numpy())
        return np.asarray(self.values[at].sum(axis=0, dtype=np.int64))


def baseline_parts(rows: Rows) -> Parts:
    """Return the first round: days and payments of people left alone, by cell."""
    alone = np.flatnonzero(rows.last < 0)
    at = rows.customer[alone] * CELLS + rows.cell[alone]
    size = len(rows.customer_ids) * CELLS
    days = np.bincount(at, minlength=size) / _DAYS_A_UNIT
    paid = np.bincount(at, rows.paid[alone], minlength=size)
    values = np.concatenate([days.reshape(-1, CELLS), paid.reshape(-1, CELLS)], axis=1)
    return _parts(rows.customer_ids, values, CLIP_BASELINE)


def baseline_of(total: NDArray[np.integer]) -> Array:
    """Return the daily chance of payment in each cell [CELLS] from a (noisy) sum of round one."""
    units = np.asarray(total, dtype=np.float64) / GRID
    days, paid = units[:CELLS] * _DAYS_A_UNIT, units[CELLS:]
    days = np.maximum(days, 0.0)
    return np.clip((paid + _USUAL * _WORTH) / (days + _WORTH), *_CHANCES)


def effect_parts(rows: Rows, baseline: Array) -> Parts:
    """Return the second round: what the effect layer learns from, given the cells' chances."""
    values = np.zeros((len(rows.customer_ids), SIZE_EFFECT))
    expected = expected_coefficients()
    for batch in _by_customers(rows, np.flatnonzero(rows.last >= 0)):
        z = contact_columns(rows.log, rows.last[batch], rows.lag[batch])
        twice = np.flatnonzero(rows.before[batch] >= 0)
        second = batch[twice]
        z[twice] += contact_columns(rows.log, rows.before[second], rows.lag_before[second])
        own = -np.log1p(-baseline[rows.cell[batch]])
        added = POINT * (z * expected).sum(axis=1)
        likely = chance(together(own, added))
        z *= (slopes(own, added)[1] * POINT / likely)[:, None]
        weight = likely * (1.0 - likely)
        products = z[:, _ROWS] * z[:, _COLUMNS] * (_TWICE * weight[:, None])
        moments = z * (rows.paid[batch] - likely)[:, None]
        # Rows come customer by customer: each one's are summed in one piece.
        owner = rows.customer[batch]
        begins = np.flatnonzero(np.diff(owner, prepend=-1))
        sums = np.add.reduceat(np.concatenate([products, moments], axis=1), begins, axis=0)
        values[owner[begins]] += sums
    return _parts(rows.customer_ids, values, CLIP_EFFECT)


def _by_customers(rows: Rows, told: NDArray[np.int_]) -> Iterator[NDArray[np.int_]]:
    """Yield `told` in batches that end where a customer ends: nobody's sum depends on others."""
    ends = np.append(np.flatnonzero(np.diff(rows.customer[told])) + 1, len(told))
    start = 0
    while start < len(told):
        at = int(np.searchsorted(ends, start + _BATCH))
        stop = int(ends[min(at, len(ends) - 1)])
        yield told[start:stop]
        start = stop


def statistics_of(total: NDArray[np.integer]) -> Statistics:
    """Return gram and moment of a (noisy) sum of round two, at the expected coefficients."""
    if len(total) != SIZE_EFFECT:
        raise InputError(f"statistics of {SIZE_EFFECT} numbers are expected, not {len(total)}")
    units = np.asarray(total, dtype=np.float64) / GRID
    gram = np.zeros((WIDTH, WIDTH))
    gram[_ROWS, _COLUMNS] = units[: len(_ROWS)] / _TWICE
    gram = gram + np.triu(gram, 1).T
    return Statistics(gram, units[len(_ROWS) :], 0.0)


def _parts(customer_ids: pl.Series, values: Array, clip: float) -> Parts:
    """Shorten to the clip and cut to whole grid steps, towards nought: never beyond the clip."""
    length = np.linalg.norm(values, axis=1)
    some = np.flatnonzero(length > 0.0)
    shorter = np.minimum(1.0, clip / length[some])
    # A hair below, so that no rounding of the product reaches beyond the clip.
    whole = np.trunc(values[some] * (shorter * (1.0 - 1e-12))[:, None] * GRID).astype(np.int64)
    clipped = int((shorter < 1.0).sum())
    return Parts(customer_ids.gather(some), whole, clip, clipped)
