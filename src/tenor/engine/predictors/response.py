"""How the effect of a contact builds and fades: a curve over days for each channel."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenor.engine.predictors.contact_log import ContactLog
from tenor.engine.predictors.days import LAGS, Days

Array = NDArray[np.float64]

# Days after sending are told apart while there is much to see, then in groups.
GROUP_OF_LAG = np.array([0, 1, 2, 3, 4, 4, 5, 5, 5, 6, 6, 6, 6, 6])
GROUPS = 7
# What is expected before data: half of the first day is over when a message goes out; after that
# the effect fades to a third in about two and a half days (trials see most payments that a
# message brings within a week).
FADING = 2.5
FIRST_DAY = 0.6
EXPECTED_PEAK = 0.7
EXPECTED_SPREAD = 0.4
# Curves that are tried: a delay before the effect begins, and how fast it fades, in days. Each is
# measured against the data and against how far it lies from what was expected.
DELAYS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
FADINGS = (0.8, 1.2, 1.8, 2.5, 3.5, 5.0, 8.0)
DELAY_SPREAD = 1.0
FADING_SPREAD = 0.5


@dataclass(frozen=True)
class ResponseCurves:
    """`curves` [channels + 1, LAGS]: effect by days since sending, peak 1; last row: any other."""

    curves: Array

    def at(self, channel: NDArray[np.int_], lag: NDArray[np.int_]) -> Array:
        """Return how much of its peak a contact of `channel` has `lag` days after sending.

        A lag of `LAGS` or more gives 0; channel -1 is the last row.
        """
        padded = np.concatenate([self.curves, np.zeros((len(self.curves), 1))], axis=1)
        return np.asarray(padded[channel, np.minimum(lag, LAGS)])


def curve_of(delay: float, fading: float) -> Array:
    """Return the effect [LAGS] on each day after sending: none before `delay`, then fading."""
    since = np.arange(LAGS) - delay
    begun = np.exp(-np.maximum(since, 0.0) / fading)
    # The day on which it begins counts in part: the message goes out, or arrives, during it.
    begins = np.where((since > -1.0) & (since <= 0.0), FIRST_DAY * (1.0 + since), 0.0)
    return np.where(since > 0.0, begun, np.where(since == 0.0, FIRST_DAY, begins))


def expected_curve(days_to_arrive: float) -> Array:
    """Return the curve [LAGS] expected before data for a channel that takes so many days."""
    return curve_of(days_to_arrive, FADING)


def fit_curves(
    days: Days,
    log: ContactLog,
    calendar: Array,
    offset: Array,
    channels: tuple[str, ...],
    days_to_arrive: Mapping[str, float],
    solve: Callable[[Array, Array, Array, Array, Array, Array], Array],
) -> ResponseCurves:
    """Learn each channel's curve: the delay and fading that explain the days after contact best.

    `calendar` [days, columns] and `offset` [days] explain the day without contact; `solve`
    is the logistic regression `(design, offset, paid, weight, prior mean, prior spread)`.
    """
    count, width = len(channels), calendar.shape[1]
    lag_columns = np.zeros((len(days.day), GROUPS * count))
    for at, lag in ((days.last, days.lag), (days.before, days.lag_before)):
        where = np.flatnonzero(at >= 0)
        channel = log.channel[at[where]]
        np.add.at(lag_columns, (where, GROUPS * channel + GROUP_OF_LAG[lag[where]]), 1.0)
    arrival = [days_to_arrive.get(c, 0.0) for c in channels]
    expected = [EXPECTED_PEAK * _grouped(expected_curve(a)) for a in arrival]
    found = solve(
        np.concatenate([calendar, lag_columns], axis=1),
        offset,
        days.paid,
        days.weight,
        np.concatenate([np.zeros(width), *expected]),
        np.concatenate([np.full(width, 0.7), np.full(GROUPS * count, EXPECTED_SPREAD)]),
    )[width:].reshape(count, GROUPS)
    chance = 1.0 / (1.0 + np.exp(-offset))
    information = (lag_columns.T @ (days.weight * chance * (1.0 - chance))).reshape(count, GROUPS)
    curves = [
        _best_curve(measured, seen + EXPECTED_SPREAD**-2, a)
        for measured, seen, a in zip(found, information, arrival, strict=True)
    ]
    return ResponseCurves(np.stack([*curves, _peak_one(expected_curve(0.0))]))


def _best_curve(measured: Array, information: Array, days_to_arrive: float) -> Array:
    """Return the curve, peak 1, that lies nearest to `measured` by its `information` [GROUPS]."""
    best, chosen = np.inf, expected_curve(days_to_arrive)
    for delay in sorted({*DELAYS, days_to_arrive}):
        for fading in FADINGS:
            curve = curve_of(delay, fading)
            shape = _grouped(curve / curve.max())
            peak = max(
                0.0, float((information * shape) @ measured / ((information * shape) @ shape))
            )
            misfit = float((information * (measured - peak * shape) ** 2).sum())
            misfit += ((delay - days_to_arrive) / DELAY_SPREAD) ** 2
            misfit += (np.log(fading / FADING) / FADING_SPREAD) ** 2
            if misfit < best:
                best, chosen = misfit, curve
    return _peak_one(chosen)


def _grouped(curve: Array) -> Array:
    return np.array([curve[np.equal(GROUP_OF_LAG, g)].mean() for g in range(GROUPS)])


def _peak_one(curve: Array) -> Array:
    return np.asarray(curve / curve.max())
