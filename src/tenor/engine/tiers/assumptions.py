"""What is assumed about accounts where no model has been fitted: a small table, shown with its use.

These are not measurements of the accounts at hand. Only the span of the effect of contact is
taken from published trials; the rest is ours and wants replacing by measured chances.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Chance of paying unaided within the horizon, first thirty days overdue, by score (0 to 1);
# between the points in a straight line. Assumed.
ALONE_BY_SCORE = ((0.0, 0.05), (0.25, 0.20), (0.5, 0.45), (0.75, 0.75), (1.0, 0.95))
# What is left of that chance by days overdue: (up to this day, factor). Assumed.
ALONE_BY_AGE = ((30, 1.0), (60, 0.75), (90, 0.55), (180, 0.30))
ALONE_OLDER = 0.12
# Every earlier attempt that brought nothing lowers both the chance and the effect. Assumed; that
# repeated contact gives less each time is reported by Antinyan et al. 2021.
ALONE_PER_ATTEMPT, EFFECT_PER_ATTEMPT, ATTEMPTS_COUNTED = 0.92, 0.85, 8


@dataclass(frozen=True)
class Span:
    """An assumed figure with the low and the high end of what may be true."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Assumptions:
    """What is assumed about effects, costs and time; shares of 1, money in the file's currency.

    `call` and `message`: what contact adds to the chance of payment at most, which is at a chance
    of one half; towards sure payers and hopeless cases it falls as (4p(1-p))^2. A first message
    against none brought 7 to 25 points in published trials (Hallsworth et al. 2017, Gillitzer
    and Sinning 2018, Haynes et al. 2013), and nothing in one on e-mail (Westpac 2019).
    """

    horizon_days: int = 60
    call: Span = Span(0.07, 0.16, 0.25)
    message: Span = Span(0.0, 0.06, 0.12)
    # The chance of paying unaided may be this factor lower or higher than assumed.
    alone: Span = Span(0.8, 1.0, 1.2)
    # Above this a person pays unaided; below the other the risk is high.
    pays_unaided_from: float = 0.80
    high_risk_below: float = 0.35
    soft_call_until_days: int = 30
    agency_collects: Span = Span(0.10, 0.20, 0.30)
    agency_fee: float = 0.30
    agency_from_days: int = 60
    agency_from_attempts: int = 2
    minutes_per_call: float = 8.0
    minutes_per_approval: float = 3.0
    call_cost: float = 4.50
    message_cost: float = 0.05
    letter_cost: float = 1.10

    @property
    def agency_cost(self) -> float:
        """Return what proposing an account costs: the notice, and a person's time at a call's."""
        approval = self.call_cost * self.minutes_per_approval / self.minutes_per_call
        return self.letter_cost + approval


def chance_alone(score: Floats, days_overdue: Floats, attempts: Floats) -> Floats:
    """Return the assumed chance of paying unaided within the horizon, each argument [N]."""
    points, chances = zip(*ALONE_BY_SCORE, strict=True)
    young = np.interp(score, points, chances)
    until, factors = zip(*ALONE_BY_AGE, strict=True)
    age = np.array([*factors, ALONE_OLDER])[np.searchsorted(until, days_overdue, side="left")]
    return np.asarray(young * age * ALONE_PER_ATTEMPT ** _counted(attempts), dtype=np.float64)


def effect(alone: Floats, attempts: Floats, most: float) -> Floats:
    """Return what a contact adds to the chance `alone`, at most `most`, each argument [N]."""
    return np.asarray(
        most * (4 * alone * (1 - alone)) ** 2 * EFFECT_PER_ATTEMPT ** _counted(attempts),
        dtype=np.float64,
    )


def _counted(attempts: Floats) -> Floats:
    return np.minimum(attempts, ATTEMPTS_COUNTED)
