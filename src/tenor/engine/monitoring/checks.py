"""A check: what was measured, what is usual, and how surprising that is; and when it is an alarm.

All checks share one budget of false alarms. It is split evenly over the families (a family: the
checks of one panel), and within a family over its checks, so that seventy features together may
cry wolf as often as the one check of the world.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from math import exp, log
from typing import Any

# All checks of an organisation together raise a false alarm at most once in so many years.
YEARS = 5.0
_DAYS_A_YEAR = 365.0
# A check is worth watching from a surprise that comes this many times as often as an alarm's.
_WATCHED = 30.0


class Panel(StrEnum):
    """What a check is about."""

    FRESHNESS = "freshness"  # do the facts come
    QUALITY = "quality"  # are they what they were
    DRIFT = "drift"  # have customers and scores moved
    ACCURACY = "accuracy"  # does what was foretold come true
    EFFECT = "effect"  # do contacts do what is believed
    OUTCOMES = "outcomes"  # what it brings, beside the control group
    WORLD = "world"  # does everybody pay otherwise


class State(StrEnum):
    """What a check says."""

    WELL = "well"
    WATCH = "watch"  # odd, but odd things happen
    ALARM = "alarm"
    UNKNOWN = "unknown"  # too little to tell


class Unit(StrEnum):
    """What a value counts in."""

    SHARE = "share"
    COUNT = "count"
    DAYS = "days"
    TIMES = "times"  # a factor: 1 is as usual
    POINTS = "points"  # a difference of shares
    MONEY = "money"
    INDEX = "index"  # population stability index


@dataclass(frozen=True)
class Check:
    """One check as of an instant.

    Attributes
    ----------
    code, subject
        What is checked (`silent`, `missing`, ...) and of what (`payments`, `invoices.amount`).
    value, low, high
        What was measured, and between what it usually lies; None where nothing can be said.
    log_looks
        Natural logarithm of the number of looks in which chance brings this once; -inf: nothing
        speaks for a change.
    since
        The day from which on it is different, where it is.
    is_on
        Whether the latest week still shows it.
    facts
        What the words need, as plain JSON values.
    past
        The same value in the weeks before, oldest first: (last day, value).
    """

    code: str
    panel: Panel
    subject: str
    unit: Unit
    value: float | None = None
    low: float | None = None
    high: float | None = None
    log_looks: float = float("-inf")
    since: date | None = None
    is_on: bool = True
    known: bool = True
    facts: dict[str, Any] = field(default_factory=dict)
    past: tuple[tuple[date, float], ...] = ()
    state: State = State.UNKNOWN

    @property
    def key(self) -> str:
        """Name the check: what and of what."""
        return f"{self.code}:{self.subject}"

    @property
    def years(self) -> float:
        """Return in how many years of daily looks chance alone brings this once; at most 1000."""
        return min(exp(min(self.log_looks, 30.0)) / _DAYS_A_YEAR, 1000.0)


def judged(
    checks: Sequence[Check], *, years: float = YEARS, families: int = 0
) -> tuple[Check, ...]:
    """Return the checks with their states: all together one false alarm in `years` years at most.

    An alarm of a single check is as rare as its share of the budget says. Looks are daily. Where
    these are whole families of a larger whole, `families` is of how many.
    """
    panels = {check.panel for check in checks if check.known}
    sizes = {p: sum(c.known and c.panel == p for c in checks) for p in panels}
    shares = max(families, len(panels))
    found = []
    for check in checks:
        if not check.known:
            found.append(replace(check, state=State.UNKNOWN))
            continue
        limit = log(years * _DAYS_A_YEAR * shares * sizes[check.panel])
        state = State.WELL
        if check.is_on and check.log_looks >= limit - log(_WATCHED):
            state = State.ALARM if check.log_looks >= limit else State.WATCH
        found.append(replace(check, state=state))
    return tuple(found)


def unknown(code: str, panel: Panel, subject: str, unit: Unit, why: str, **facts: Any) -> Check:
    """Return a check that cannot be made, and why not."""
    return Check(code, panel, subject, unit, known=False, facts={"why": why, **facts})


def alarming(checks: Iterable[Check]) -> tuple[Check, ...]:
    """Return those that are alarms."""
    return tuple(check for check in checks if check.state is State.ALARM)
