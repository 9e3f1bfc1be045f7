"""How many rows come a week: a change of their rate, weighed as counts.

Counts are weighed by their own distribution (negative binomial: Poisson, and what weeks vary
beyond it), so that six complaints where there were none weigh what they should, and half of a
small source is not waited for longer than its rows can tell. Each possible beginning of a change
is held against the weeks before it alone: what has changed excuses nothing.
"""

from dataclasses import dataclass
from math import log, sqrt

import numpy as np

from tenor.engine.monitoring.evidence import (
    LEAST_WEEKS,
    LONGEST,
    NOTHING,
    WINDOW,
    Evidence,
    Floats,
    closeness,
    log_sum,
)

# Changes are looked for by these factors and their inverses; less than a quarter is none.
_FACTORS = np.array([4 / 3, 1.6, 2.0, 2.7, 4.0, 6.0, 10.0, 20.0, 50.0])
# Weeks vary by a tenth beyond chance as far as one knows before having seen any; that counts as
# four weeks, and however quiet the past was, half of it stays.
_USUAL, _PRIOR_WEEKS = 0.10, 4.0
# What is known of the spread from half a year of weeks may be so much too small.
_BY_LUCK = 1.5
# A rate wanders by so much a week although nothing happened, so older weeks tell less: those
# that lie so many weeks back weigh a third.
_WANDERS, _MEMORY = 0.02, 8.0
# Whether a change is still on is asked of the latest two weeks.
_LATEST = 2


@dataclass(frozen=True)
class Rate:
    """What the weeks before an instant say of those after it.

    `mean` rows a week; `own` the relative variance of a single week beyond that of Poisson,
    `weeks` how many weeks the mean is worth, `wandered` the relative variance by which the rate
    may have wandered meanwhile.
    """

    mean: float
    own: float
    weeks: float
    wandered: float

    def relative_variance(self, weeks: int) -> float:
        """Return the relative variance of the rate over so many weeks to come."""
        known = 1.0 / (self.mean * self.weeks)
        wanders = self.wandered + _WANDERS**2 * weeks / 3.0
        return self.own * (1.0 / weeks + 1.0 / self.weeks) + known + wanders

    def log_ratios(self, rows: float, weeks: int, factors: Floats) -> Floats:
        """Return the log likelihood ratio of each factor to no change, of `rows` in `weeks`."""
        expected, shape = weeks * self.mean, 1.0 / self.relative_variance(weeks)
        shares = np.log((shape + expected) / (shape + factors * expected))
        return np.asarray(rows * np.log(factors) + (rows + shape) * shares)

    def reach(self, deviations: float) -> float:
        """Return by how many rows a week may differ, in so many standard deviations."""
        return deviations * sqrt(self.mean + self.mean**2 * self.relative_variance(1))


def rate_before(rows: Floats, start: int) -> Rate:
    """Return the rate of the weeks before the week `start`.

    Parameters
    ----------
    rows : [weeks], rows a week, oldest first; at least one lies before `start`.
    """
    past = rows[max(0, start - WINDOW) : start]
    n = len(past)
    weights = np.exp(-np.arange(n)[::-1] / _MEMORY)
    whole = float(weights.sum())
    mean = (float((weights * past).sum()) + 0.5) / whole
    flat = float(past.mean()) + 0.5 / n
    seen = (float(np.square(past - past.mean()).sum()) - (n - 1) * flat) / flat**2
    extra = (_PRIOR_WEEKS * _USUAL**2 + seen) / (_PRIOR_WEEKS + n - 1)
    own = max(extra * _BY_LUCK, (_USUAL / 2.0) ** 2) * closeness(past)
    older = 1.0 - np.cumsum(weights[::-1]) / whole
    return Rate(
        mean,
        own,
        whole**2 / float(np.square(weights).sum()),
        _WANDERS**2 * float(np.square(older).sum()),
    )


def evidence_of_counts(rows: Floats, *, side: int = 0, each: bool = False) -> Evidence:
    """Return what speaks for a change of the rate in the last twelve weeks that goes on.

    As in `evidence`, the sum over all beginnings grows by one a look on average where nothing
    changed: each of its terms is a likelihood ratio, averaged over the factors.

    Parameters
    ----------
    rows : [weeks], rows a week, oldest first, seven days each.
    side : +1 looks for more only, -1 for less only, 0 for both.
    each : it counts as still on only where each of the latest two shows it by itself, as of
        arrivals that may come two at a time.
    """
    spans = range(1, min(LONGEST, len(rows) - LEAST_WEEKS) + 1)
    if not spans:
        return NOTHING
    rates = {weeks: rate_before(rows, len(rows) - weeks) for weeks in spans}
    logs = {
        sign: np.array(
            [
                log_sum(rates[weeks].log_ratios(float(rows[-weeks:].sum()), weeks, _FACTORS**sign))
                for weeks in spans
            ]
        )
        - log(len(_FACTORS))
        for sign in (1, -1)
        if side in (0, sign)
    }
    sums = {sign: log_sum(one) - log(len(logs)) for sign, one in logs.items()}
    direction = max(sums, key=lambda sign: sums[sign])
    weeks = int(np.argmax(logs[direction])) + 1
    rate, factors = rates[weeks], _FACTORS**direction
    ratios = rate.log_ratios(float(rows[-weeks:].sum()), weeks, factors)
    latest = min(weeks, _LATEST)
    still = rate.log_ratios(float(rows[-latest:].sum()), latest, factors)[np.argmax(ratios)]
    is_on = bool(still > 0)
    if each and is_on:
        best = factors[[np.argmax(ratios)]]
        is_on = all(rate.log_ratios(float(one), 1, best)[0] > 0 for one in rows[-_LATEST:])
    return Evidence(log_sum(np.array(list(sums.values()))), weeks, direction, is_on)
