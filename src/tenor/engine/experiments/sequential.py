"""Intervals that may be looked at every day: right at every look at once, not at one.

An ordinary 95% interval is right 95% of the time if it is looked at once. Looked at daily, with
the experiment stopped as soon as it excludes nought, it is wrong far more often. These intervals
hold the truth at all looks together.

Source: I. Waudby-Smith, D. Arbour, R. Sinha, E. Kennedy & A. Ramdas, "Time-uniform central limit
theory and asymptotic confidence sequences" (2021, Annals of Statistics 2024), theorem 2.2: the
normal mixture of Robbins (1970). Here with time counted in information, 1 / error^2, so that it
also holds where the customers are few and their outcomes ripen one after another.
"""

from dataclasses import dataclass
from functools import cache
from math import inf, isfinite, log, log1p, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor.engine.errors import InputError

Array = NDArray[np.float64]

LEVEL = 0.95
# The chance with which a planned experiment finds the effect it looks for, which is where the
# interval is made narrowest.
POWER = 0.8
# The theory is that of many: with fewer customers an arm nothing is said.
LEAST = 30


@dataclass(frozen=True)
class Interval:
    """From `low` to `high`, both in units of the estimate; infinite where nothing can be said."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Say whether the value is thought possible."""
        return self.low <= value <= self.high


def multiplier(error: float, *, tuned_to: float, level: float = LEVEL) -> float:
    """Return how many standard errors an interval that holds at all looks reaches to each side.

    sqrt((1 + 1/x) (log(1 + x) - 2 log alpha)) with x = (spread / error)^2, where `spread` is that
    of the effects the mixture expects: `spread_for(tuned_to, level)`.

    Parameters
    ----------
    error : the estimate's standard error now, above 0.
    tuned_to : the effect, in the estimate's units and above 0, for which the interval is as narrow
        as can be when a planned experiment ends. Any value fixed before the start is valid.
    level : the chance that the truth is inside at every look, in (0, 1).
    """
    if not (error > 0.0 and isfinite(error)):
        return inf
    if not tuned_to > 0.0:
        raise InputError(f"an effect to look for is above 0, not {tuned_to}")
    known = (spread_for(tuned_to, level=level) / error) ** 2
    return _reach(known, _alpha(level))


def interval(estimate: float, error: float, *, tuned_to: float, level: float = LEVEL) -> Interval:
    """Return the interval of an estimate that may be looked at as often as one likes.

    Parameters
    ----------
    estimate, error : the difference between two arms and its standard error.
    tuned_to, level : see `multiplier`.
    """
    reach = multiplier(error, tuned_to=tuned_to, level=level) * error
    if not isfinite(reach):
        return Interval(-inf, inf)
    return Interval(estimate - reach, estimate + reach)


def confidence_sequence(
    estimates: ArrayLike, errors: ArrayLike, *, tuned_to: float, level: float = LEVEL
) -> tuple[Array, Array]:
    """Return the bounds (low, high) [looks] of the intervals at successive looks.

    Parameters
    ----------
    estimates, errors : [looks] the difference and its standard error as they stood at each.
    tuned_to, level : see `multiplier`.

    Notes
    -----
    All intervals hold the truth together with chance `level`, so what an earlier one excluded
    stays excluded: bounds only ever move inwards. Where the looks contradict one another (an
    empty intersection, which happens with chance below 1 - `level`) the last interval is given.
    """
    value, error = np.asarray(estimates, dtype=float), np.asarray(errors, dtype=float)
    reach = np.array([multiplier(float(e), tuned_to=tuned_to, level=level) for e in error])
    with np.errstate(invalid="ignore"):
        reach = np.where(np.isfinite(reach), reach * error, inf)
    low, high = value - reach, value + reach
    inner_low, inner_high = np.maximum.accumulate(low), np.minimum.accumulate(high)
    apart = inner_low > inner_high
    return np.where(apart, low, inner_low), np.where(apart, high, inner_high)


def normal_reach(level: float = LEVEL) -> float:
    """Return how many standard errors an ordinary interval, looked at once, reaches each way."""
    return NormalDist().inv_cdf(1.0 - _alpha(level) / 2.0)


def spread_for(effect: float, *, level: float = LEVEL) -> float:
    """Return the mixture's spread that is best when an experiment planned for `effect` ends."""
    known, reach = _best(_alpha(level))
    error = effect / (reach + NormalDist().inv_cdf(POWER))
    return sqrt(known) * error


def reach_at_end(level: float = LEVEL) -> float:
    """Return how many standard errors the interval reaches to each side at the planned end."""
    return _best(_alpha(level))[1]


@cache
def _best(alpha: float) -> tuple[float, float]:
    """Return the information (in units of the spread) at which the reach is least, and that."""
    # The reach falls, then rises slowly: golden section on the logarithm of the information.
    low, high = log(1e-2), log(1e6)
    ratio = (sqrt(5.0) - 1.0) / 2.0
    for _ in range(100):
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        if _reach(np.exp(a), alpha) < _reach(np.exp(b), alpha):
            high = b
        else:
            low = a
    known = float(np.exp((low + high) / 2.0))
    return known, _reach(known, alpha)


def _reach(known: float, alpha: float) -> float:
    return sqrt((1.0 + 1.0 / known) * (log1p(known) - 2.0 * log(alpha)))


def _alpha(level: float) -> float:
    if not 0.0 < level < 1.0:
        raise InputError(f"a level lies between 0 and 1, not {level}")
    return 1.0 - level
