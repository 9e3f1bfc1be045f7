"""How rarely chance alone moves what happened to a group as far as it was seen to move.

Chance is dealing out anew who belongs to the group, among customers of whom the same is known. It
is not the spread that was seen: where a rare thing happened to nobody of a small group, its own
rows say that nothing varies.

What may rightly make a difference is taken out twice, of what happened and of who belongs to the
group: by strata, and within them by straight lines. Bands of risk alone leave a difference inside
each band, and a group that leans on risk would be called worse off for it.

Sources: Robinson 1988 (both taken out); Lugannani & Rice 1980 (the tail of a sum); Fisher 1935
(dealing out anew); Liang & Zeger 1986 (clusters); our decision note 0030.
"""

from math import erfc, exp, pi, sinh, sqrt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Where chance moves it as far as this (in standard errors) anyway, the normal tail is near enough.
_NEAR = 2.0
_STEPS, _CLOSE = 60, 1e-9
# The sum of who is dealt out comes at most so near to all that could be dealt.
_MOST = 0.98
_STEEPEST = 500.0


def by_chance(
    values: Array,
    member: Flags,
    strata: Codes,
    customers: Codes,
    *,
    grounds: Array | None = None,
    uneven_spread: bool = False,
) -> tuple[float, float]:
    """Return the two-sided p-value of no difference between members and others alike.

    Beside it stands by how much chance moves what happened to the group: a standard error, in
    cases (of a count) or in sums (of an error).

    Parameters
    ----------
    values : [n], what happened: 0 or 1, or any number (an error).
    member : [n], whether the row belongs to the group.
    strata, customers : [n], codes from 0 without gaps; each stratum has members and others.
    grounds : [n, k], what else may rightly make a difference; missing numbers as nan.
    uneven_spread : the group may vary more or less than the others although nothing is wrong, as
        errors of chances do. Then the larger of what dealing out and what the rows say holds.
    """
    lines = _within(grounds, strata)
    rest = _without(values, strata, lines)
    share = np.asarray(member - _without(member.astype(np.float64), strata, lines))
    count = int(customers.max()) + 1
    moved = float(rest[member].sum())
    # Means of few rows lie nearer to each of them than the truth does.
    sums = np.bincount(customers, weights=rest * _widened(strata, customers)).astype(np.float64)
    chance = np.bincount(customers, weights=share) / np.bincount(customers)
    chance = np.clip(chance, 0.5 / count, 1.0 - 0.5 / count)
    variance = float((chance * (1.0 - chance) * sums**2).sum())
    if variance <= 1e-12:
        return 1.0, 0.0
    if uneven_spread:
        own = np.bincount(customers, weights=(member - share) * rest)
        wider = sqrt(max(1.0, float((own**2).sum()) / variance))
        sums, variance = sums * wider, variance * wider**2
    step = _step(values, customers)
    beyond = abs(moved) - step / 2.0
    error = sqrt(variance)
    if beyond <= 0.0:
        return 1.0, error
    if beyond < _NEAR * error:
        return min(1.0, erfc(beyond / error / sqrt(2.0))), error
    return min(1.0, 2.0 * _tail(sums if moved > 0.0 else -sums, chance, beyond, step)), error


def _within(grounds: Array | None, strata: Codes) -> Array | None:
    """Return grounds less their mean in the stratum, as columns of length one at right angles."""
    if grounds is None or not grounds.size:
        return None
    size = int(strata.max()) + 1
    rows = np.maximum(np.bincount(strata, minlength=size), 1)
    known = np.where(np.isnan(grounds), np.nanmean(np.c_[grounds.T, np.zeros(grounds.shape[1])], 1),
                     grounds)  # fmt: skip
    means = np.stack(
        [np.bincount(strata, weights=one, minlength=size) / rows for one in known.T], axis=1
    )
    left, sizes, _ = np.linalg.svd(known - means[strata], full_matrices=False)
    return np.asarray(left[:, sizes > 1e-9 * max(float(sizes.max(initial=0.0)), 1e-300)])


def _without(values: Array, strata: Codes, lines: Array | None) -> Array:
    """Return values less their mean in the stratum and what straight lines within it tell."""
    size = int(strata.max()) + 1
    rows = np.maximum(np.bincount(strata, minlength=size), 1)
    rest = values - (np.bincount(strata, weights=values, minlength=size) / rows)[strata]
    return np.asarray(rest if lines is None else rest - lines @ (lines.T @ rest))


def _step(values: Array, customers: Codes) -> float:
    """Return by how much the sum of cases differs at least: those of a customer who has any.

    What is no count (an error) differs by as little as one likes: 0.
    """
    if not np.isin(values, (0.0, 1.0)).all():
        return 0.0
    cases = np.bincount(customers, weights=values)
    return float(cases.sum() / max((cases > 0.0).sum(), 1))


def _widened(strata: Codes, customers: Codes) -> Array:
    """Return by what a rest is multiplied so that its spread is true, by the stratum's people."""
    count = int(customers.max()) + 1
    theirs = strata if count == len(strata) else np.unique(strata * count + customers) // count
    people = np.bincount(theirs).astype(np.float64)
    return np.asarray(np.sqrt(people / np.maximum(people - 1.0, 1.0))[strata])


def _tail(sums: Array, chance: Array, moved: float, step: float) -> float:
    """Return the chance that customers dealt out with `chance` bring as much as `moved` above 0.

    By the saddlepoint of Lugannani and Rice, whose error is a share of the tail itself; where
    what is counted comes in steps, with the correction of Daniels (1987) for half of one.
    """
    some = sums != 0.0
    s, e = sums[some], chance[some]
    most = float(np.where(s > 0.0, s * (1.0 - e), -s * e).sum())
    x = min(moved, _MOST * most)
    usual = float((e * s).sum())
    low, high = 0.0, _STEEPEST / float(np.abs(s).max())
    t = min(x / float((e * (1.0 - e) * s**2).sum()), high)
    for _ in range(_STEPS):
        weights = e * np.exp(t * s)
        weights /= 1.0 - e + weights
        slope, bend = (
            float((weights * s).sum()) - usual - x,
            float((weights * (1.0 - weights) * s**2).sum()),
        )
        low, high = (low, t) if slope > 0.0 else (t, high)
        if abs(slope) < _CLOSE * x or bend <= 0.0:
            break
        t -= slope / bend
        t = t if low < t < high else (low + high) / 2.0
    grown = float(np.log1p(e * np.expm1(t * s)).sum()) - t * usual
    w, u = sqrt(max(2.0 * (t * x - grown), 1e-12)), sqrt(max(bend, 1e-300))
    u *= 2.0 * sinh(t * step / 2.0) / step if step else t
    height = exp(-w * w / 2.0) / sqrt(2.0 * pi)
    return min(1.0, max(0.0, erfc(w / sqrt(2.0)) / 2.0 + height * (1.0 / u - 1.0 / w)))
