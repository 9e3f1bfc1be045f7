"""Is one group treated otherwise than the others who owe alike? Rates, ratios, and how sure.

Compared are rows of a group with rows of everybody else in the same stratum (what may rightly make
a difference: amount, days overdue, risk), weighted as Mantel and Haenszel do. Rows of one customer
hang together: every variance sums over customers first.

Sources: Mantel & Haenszel 1959; Greenland & Robins 1985 (ratio); Liang & Zeger 1986 (clusters);
Wilson 1927 (interval of a share); Holm 1979 (many comparisons); `chance` names its own.
"""

from dataclasses import dataclass
from math import exp, inf, nan, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from tenor.engine.fairness.chance import by_chance

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]

LEVEL = 0.95
_Z = NormalDist().inv_cdf((1 + LEVEL) / 2)
_WIDEST = 50.0


@dataclass(frozen=True)
class Rate:
    """A share of rows with its 95% interval; of so many `rows` and `customers`."""

    value: float
    lower: float
    upper: float
    rows: int
    customers: int


@dataclass(frozen=True)
class Contrast:
    """A group beside the others of the same strata.

    `rate` and `alike` are what the group and those alike got, both over the strata that have both
    and weighted alike; `difference` is the one less the other and `ratio` the one by the other,
    with 95% intervals. `p_value` is that of no difference, two-sided. `expected` is how many of
    the group would have had it if treated as the others, and `by_chance` by how many that differs
    by chance (a standard error). All nan where no stratum has both.
    """

    rate: float
    alike: float
    difference: float
    difference_lower: float
    difference_upper: float
    ratio: float
    lower: float
    upper: float
    p_value: float
    expected: float
    by_chance: float


_NOTHING = Contrast(nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, nan)


def rate(values: Array, customers: Codes) -> Rate:
    """Return the mean of `values` [n] (0 or 1) with Wilson's interval.

    `customers` [n] numbers the customer of each row. Where one customer has many rows, n is
    lowered to the number of independent rows that would be as noisy.
    """
    rows = len(values)
    if not rows:
        return Rate(nan, nan, nan, 0, 0)
    mean = float(values.mean())
    _, codes = np.unique(customers, return_inverse=True)
    count = int(codes.max()) + 1
    spread = _clustered(values - mean, codes) / rows**2
    worth = mean * (1 - mean) / spread if spread > 0 else float(count)
    lower, upper = wilson(mean, min(float(rows), worth))
    return Rate(mean, lower, upper, rows, count)


def wilson(share: float, trials: float) -> tuple[float, float]:
    """Return the 95% interval of a share seen in so many independent trials (above 0)."""
    square = _Z * _Z / trials
    middle = (share + square / 2) / (1 + square)
    half = _Z / (1 + square) * sqrt(share * (1 - share) / trials + square / (4 * trials))
    return max(0.0, middle - half), min(1.0, middle + half)


def contrast(
    values: Array,
    member: Flags,
    strata: Codes,
    customers: Codes,
    *,
    grounds: Array | None = None,
    uneven_spread: bool = False,
) -> Contrast:
    """Compare `member`s with the others of the same strata.

    Parameters
    ----------
    values : [n], what happened: 0 or 1, or any number (an error).
    member : [n], whether the row belongs to the group.
    strata, customers : [n], codes; only rows of one stratum are compared.
    grounds, uneven_spread : for the p-value, as `chance.by_chance` takes them.
    """
    _, s = np.unique(strata, return_inverse=True)
    size = int(s.max()) + 1 if len(s) else 0
    inside = _sum(member.astype(np.float64), s, size)
    outside = _sum((~member).astype(np.float64), s, size)
    both = (inside > 0) & (outside > 0)
    if not both.any():
        return _NOTHING
    kept = both[s]
    y, g, s = values[kept], member[kept], s[kept]
    _, c = np.unique(customers[kept], return_inverse=True)
    total = np.where(both, inside + outside, 1.0)
    weight = np.where(both, inside * outside / total, 0.0)
    weight = weight / weight.sum()
    in_mean = _sum(y * g, s, size) / np.maximum(inside, 1.0)
    out_mean = _sum(y * ~g, s, size) / np.maximum(outside, 1.0)
    mine, theirs = float(weight @ in_mean), float(weight @ out_mean)
    # What each row moves the two means by.
    pull_in = np.where(g, weight[s] / np.maximum(inside, 1.0)[s] * (y - in_mean[s]), 0.0)
    pull_out = np.where(g, 0.0, weight[s] / np.maximum(outside, 1.0)[s] * (y - out_mean[s]))
    error = sqrt(_clustered(pull_in - pull_out, c))
    ratio, lower, upper = _ratio(mine, theirs, pull_in, pull_out, c)
    pooled = (_sum(y, s, size) / total)[s]
    p_value, moved = by_chance(
        y,
        g,
        np.unique(s, return_inverse=True)[1],
        c,
        grounds=None if grounds is None else grounds[kept],
        uneven_spread=uneven_spread,
    )
    return Contrast(
        rate=mine,
        alike=theirs,
        difference=mine - theirs,
        difference_lower=mine - theirs - _Z * error,
        difference_upper=mine - theirs + _Z * error,
        ratio=ratio,
        lower=lower,
        upper=upper,
        p_value=p_value,
        expected=float(pooled[g].sum()),
        by_chance=moved,
    )


def holm(p_values: list[float]) -> list[float]:
    """Return p-values that hold for all of these comparisons together (Holm 1979)."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    held, worst = [0.0] * len(p_values), 0.0
    for place, i in enumerate(order):
        worst = max(worst, min(1.0, (len(p_values) - place) * p_values[i]))
        held[i] = worst
    return held


def _ratio(
    mine: float, theirs: float, pull_in: Array, pull_out: Array, customers: Codes
) -> tuple[float, float, float]:
    if theirs <= 0:
        return (inf, nan, inf) if mine > 0 else (nan, nan, nan)
    if mine <= 0:
        return 0.0, 0.0, nan
    error = sqrt(_clustered(pull_in / mine - pull_out / theirs, customers))
    # An interval as wide as this says nothing in any case, and stays a number.
    half = min(_Z * error, _WIDEST)
    return mine / theirs, mine / theirs * exp(-half), mine / theirs * exp(half)


def _clustered(pulls: Array, customers: Codes) -> float:
    """Return the variance of a sum whose rows [n] hang together within customers."""
    sums = np.bincount(customers, weights=pulls)
    count = len(sums)
    return float(np.square(sums).sum()) * count / max(count - 1, 1)


def _sum(values: Array, strata: Codes, size: int) -> Array:
    return np.bincount(strata, weights=values, minlength=size).astype(np.float64)
