"""Sources whose rows come on a few days a month: rows an arrival, and days since the last.

Bank statements on the 1st, the 15th and the 25th make weeks of nothing and weeks of everything. By
weeks nothing can be told from them; so each arrival is weighed as a week is elsewhere, and a
silence by how long such a source is silent between two arrivals.
"""

from dataclasses import dataclass
from math import lgamma, log

import numpy as np
import polars as pl

from tenor.engine.monitoring.evidence import Floats

# A year and a season are looked back on, as by weeks.
REACH_DAYS = 420
# Days that lie so close are one arrival: a weekend may lie between, and its last rows be late.
CLOSE = 3
# So many arrivals make a rhythm; of fewer rows each, how often they come says more than how many.
_FEWEST, _FEWEST_ROWS = 10, 8.0
# Arrivals are short, and lie well apart: else it is a source that speaks all the time.
_LONGEST, _APART = 4.0, 5.0
# By weeks a source must vary so many times as much as by arrivals, else weeks tell as well.
_STEADIER = 2.0
# Gaps are taken to be less even than they look, since few were seen.
_LESS_EVEN = 0.7


@dataclass(frozen=True, eq=False)
class Arrivals:
    """The arrivals of a source, oldest first: `starts` and `ends` (days as ordinals), `rows`."""

    starts: Floats
    ends: Floats
    rows: Floats

    def complete(self, today: int) -> Floats:
        """Return the rows of the arrivals to which nothing more will come."""
        return self.rows[self.ends < today - CLOSE]

    def log_looks(self, silent_days: int) -> float:
        """Return how rare a silence is after the last arrival: minus the logarithm of its chance.

        Gaps between arrivals are taken to follow a gamma distribution; its evenness is that seen,
        a little less.
        """
        gaps = self.starts[1:] - self.ends[:-1]
        mean = float(gaps.mean())
        shape = _LESS_EVEN * mean**2 / max(float(gaps.var(ddof=1)), 1.0)
        return -_log_above(max(shape, 1.0), silent_days / mean)

    @property
    def usual(self) -> int:
        """Return the longest silence between two arrivals, in days."""
        return int((self.starts[1:] - self.ends[:-1]).max()) - 1


def arrivals(days: pl.Series, today: int) -> Arrivals | None:
    """Return the arrivals of a source before a day; None where weeks tell as much.

    Parameters
    ----------
    days : dates, one a row, in any order.
    today : the day (as an ordinal) that is not over.
    """
    counted = days.drop_nulls().value_counts().rename({days.name: "day"})
    when = np.array([day.toordinal() for day in counted["day"].to_list()], dtype=np.int64)
    count = counted["count"].to_numpy().astype(np.float64)
    known = (when < today) & (when >= today - REACH_DAYS)
    order = np.argsort(when[known])
    when, count = when[known][order], count[known][order]
    if len(when) < _FEWEST:
        return None
    first = np.concatenate([[True], np.diff(when) > CLOSE])
    number = np.cumsum(first) - 1
    starts = when[first].astype(np.float64)
    ends = when[np.concatenate([first[1:], [True]])].astype(np.float64)
    rows = np.bincount(number, weights=count).astype(np.float64)
    if len(starts) < _FEWEST or float(np.median(rows)) < _FEWEST_ROWS:
        return None
    short = float(np.median(ends - starts + 1.0)) <= _LONGEST
    if not short or float(np.mean(np.diff(starts))) < _APART:
        return None
    weeks = np.bincount((when[-1] - when) // 7, weights=count).astype(np.float64)
    steadier = _relative(weeks) > _STEADIER * _relative(rows)
    return Arrivals(starts, ends, rows) if steadier else None


def _relative(values: Floats) -> float:
    """Return the variance of counts relative to the square of their mean."""
    return float(values.var()) / float(values.mean()) ** 2


def _log_above(shape: float, times: float) -> float:
    """Return the logarithm of the chance that a gamma variable is above `times` its mean.

    By the continued fraction of Legendre where it lies above the mean (else half of it does).
    """
    x = shape * times
    if x <= shape + 1.0:
        return log(0.5)
    b, c = x + 1.0 - shape, 1e300
    d = 1.0 / b
    fraction = d
    for n in range(1, 200):
        a = n * (shape - n)
        b += 2.0
        d = 1.0 / (a * d + b)
        c = b + a / c
        fraction *= c * d
        if abs(c * d - 1.0) < 1e-12:
            break
    return min(shape * log(x) - x - lgamma(shape) + log(fraction), 0.0)
