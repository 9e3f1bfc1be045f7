"""How surprising is a series of weeks, looked at every day, for as long as one likes.

Two steps. `surprises` holds each week against the weeks before it, with all that these varied
among themselves: seasons, pay days and chance. `evidence` adds the surprises up from every
possible beginning of a change: a sum of e-processes, whose average over all that may happen
without a change grows by one a look. So an alarm at a sum of A comes, without a change, at
most once in A looks on average, however often one looks (Shin, Ramdas, Rinaldo 2022,
"E-detectors"; the sums are those of Shiryaev and Roberts).
"""

from dataclasses import dataclass
from math import erf, exp, inf, log, log1p, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# A week is held against at most half a year before it, and needs so many weeks to be held against.
WINDOW = 26
LEAST_WEEKS = 6
# What weeks usually vary by counts as much as so many weeks that were seen.
_PRIOR_WEEKS = 4.0
# Weeks that follow each other more closely than this are no weeks but a trend.
_CLOSEST = 0.6
_YOUNG = 6
# Changes are looked for that began in the last quarter of a year; older ones are the usual by now.
LONGEST = 12
# How large changes are expected to be: with a spread of about 1 / sqrt(this), in deviations.
_PRECISION = 0.2
# The last week must still show the change by this many deviations, else it is over.
_STILL = 1.5


@dataclass(frozen=True)
class Evidence:
    """What speaks for a change.

    `log_looks` is the natural logarithm of the number of looks in which chance alone brings so
    much once, at least; `weeks` since when, counted back from the latest week (1: in it);
    `direction` +1 or -1; `is_on` says whether the latest week still shows it.
    """

    log_looks: float
    weeks: int
    direction: int
    is_on: bool


NOTHING = Evidence(-inf, 0, 0, False)


def surprises(
    values: Floats, noise: Floats | float = 0.0, *, usual: float, window: int = WINDOW
) -> Floats:
    """Return how far each week lies from the weeks before it, as normal deviations.

    Parameters
    ----------
    values : [weeks], oldest first.
    noise : [weeks] or one number, the variance that chance alone gives to a week's value.
    usual : by how much weeks vary beyond chance (a standard deviation) as far as one knows
        before having seen any; it counts as four weeks.
    window : of how many weeks before it each week is held against, at most.

    Returns
    -------
    [weeks]; nan for the first six, which have too little past.
    """
    noise = np.broadcast_to(np.asarray(noise, dtype=np.float64), values.shape)
    found = np.full(len(values), np.nan)
    for week in range(LEAST_WEEKS, len(values)):
        since = max(0, week - window)
        past, chance = values[since:week], noise[since:week]
        middle = float(past.mean())
        seen = float(np.square(past - middle).sum())
        weight = _PRIOR_WEEKS + len(past) - 1
        spread = (_PRIOR_WEEKS * (usual**2 + float(chance.mean())) + seen) / weight
        # However quiet the past was, the next week may differ by half of what is usual elsewhere.
        least = (usual / 2.0) ** 2 + float(noise[week])
        variance = max(spread, least) * (1.0 + 1.0 / len(past))
        t = (values[week] - middle) / sqrt(max(variance, 1e-18))
        found[week] = normal_of_t(t, weight) / sqrt(closeness(past))
    return found


def closeness(past: Floats) -> float:
    """Return by how much sums of weeks vary more because one week resembles the last one.

    From the older weeks: in the latest ones a change that has just begun would look like it.
    """
    older = past[:-_YOUNG]
    if len(older) < 2 * LEAST_WEEKS:
        return 1.0
    older = older - older.mean()
    total = float(np.square(older).sum())
    if total <= 0:
        return 1.0
    like = min(max(float((older[1:] * older[:-1]).sum()) / total, 0.0), _CLOSEST)
    return (1.0 + like) / (1.0 - like)


def normal_of_t(t: float, freedom: float) -> float:
    """Return the normal deviation as rare as `t` of Student's distribution (Wallace 1959).

    Example
    -------
    >>> round(normal_of_t(2.228, 10), 2)
    1.96
    """
    size = sqrt(freedom * log1p(t * t / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)
    return size if t >= 0 else -size


def evidence(
    deviations: Floats,
    variance: Floats | None = None,
    *,
    slack: Floats | None = None,
    side: int = 0,
) -> Evidence:
    """Return what speaks for a change that began in the last twelve weeks and goes on.

    Parameters
    ----------
    deviations : [weeks], oldest first, of mean 0 where nothing changed; nan ones are left out.
    variance : [weeks], of each deviation; 1 unless given.
    slack : [weeks], by how much the mean may be off without being worth an alarm; 0 unless given.
    side : +1 looks for a rise only, -1 for a fall only, 0 for both.
    """
    known = np.isfinite(deviations)
    d = deviations[known][-LONGEST:]
    v = np.ones_like(d) if variance is None else variance[known][-LONGEST:]
    allowed = np.zeros_like(d) if slack is None else slack[known][-LONGEST:]
    if not len(d) or float(v.sum()) <= 0:
        return NOTHING
    precision = _PRECISION * float(v.mean())
    spread = np.cumsum(v[::-1]) + precision
    logs = {
        sign: _one_sided(np.cumsum((sign * d - allowed)[::-1]), spread, precision)
        for sign in (1, -1)
        if side in (0, sign)
    }
    share = log(len(logs))
    sums = {sign: log_sum(one) - share for sign, one in logs.items()}
    direction = max(sums, key=lambda sign: sums[sign])
    last = (direction * d[-1] - allowed[-1]) / sqrt(max(float(v[-1]), 1e-18))
    return Evidence(
        log_looks=log_sum(np.array(list(sums.values()))),
        weeks=int(np.argmax(logs[direction])) + 1,
        direction=direction,
        is_on=bool(last > _STILL),
    )


def _one_sided(total: Floats, spread: Floats, precision: float) -> Floats:
    """Return the logarithm of the e-value of a rise from each beginning, the latest first.

    The likelihood ratio of a rise, averaged over its size by half a normal distribution of this
    precision: closed form.
    """
    z = total / np.sqrt(spread)
    return np.asarray(
        log(2.0)
        + 0.5 * np.log(precision / spread)
        + 0.5 * np.square(z)
        + np.array([_log_below(float(x)) for x in z])
    )


def _log_below(z: float) -> float:
    """Return the logarithm of the normal distribution function."""
    if z > -6.0:
        return log(max(0.5 * (1.0 + erf(z / sqrt(2.0))), 1e-300))
    return -0.5 * z * z - log(-z * sqrt(2.0 * np.pi))


def log_sum(logs: Floats) -> float:
    """Return the logarithm of the sum of what these are the logarithms of."""
    top = float(logs.max())
    return top + log(float(np.exp(logs - top).sum()))


def looks_of_chance(chance: float) -> float:
    """Return `log_looks` of something that a single look shows with this probability by chance."""
    return -log(max(chance, exp(-60.0)))
