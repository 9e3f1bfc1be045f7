"""The hours and weekdays at which a customer wants to be reached, as they said themselves.

They are said of what arrives at once. A letter comes when the post comes.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np

from tenor.engine.errors import InputError
from tenor.engine.policy.actions import Flags, Grid
from tenor.engine.policy.keys import DAYS, HOURS, UnfitError, reader_of
from tenor.engine.policy.policyfile import Policy

_DAY = 24 * 60


@dataclass(frozen=True)
class Wish:
    """From `start` up to `end`, in local minutes since midnight, on `days` (Monday 0)."""

    start: int = 0
    end: int = _DAY
    days: tuple[int, ...] = tuple(range(7))

    def welcomes(self, local: datetime) -> bool:
        """Say whether somebody wants to be reached at a local time."""
        minute = local.hour * 60 + local.minute
        return self.start <= minute < self.end and local.weekday() in self.days


ANY_TIME = Wish()


@lru_cache(maxsize=4096)
def wish_of(hours: str | None, days: str | None) -> Wish:
    """Read a customer's `contact_hours` ("09:00-20:00") and `contact_days` ("Mon-Fri").

    Either may be missing or empty: then any hour, or any day, is welcome.

    Raises
    ------
    InputError : a text says no hours or no days.

    Example
    -------
    >>> wish_of("09:00-12:30", "Mon,Sat").days
    (0, 5)
    """
    try:
        start, end = reader_of(HOURS)(hours) if hours else (0, _DAY)
        named = reader_of(DAYS)(days) if days else ANY_TIME.days
    except UnfitError as unfit:
        raise InputError(
            f"contact_hours {hours!r}, contact_days {days!r}: this must be {unfit}"
        ) from None
    return Wish(start, end, named)


def unwelcome_hours(wishes: tuple[Wish, ...], *, grid: Grid, policy: Policy) -> Flags:
    """Return the hours that each wish takes from each channel that arrives at once: [G, C, H]."""
    minutes = np.array(grid.hours, dtype=np.int64) * 60
    taken = np.array([(minutes < w.start) | (minutes + 60 > w.end) for w in wishes], dtype=bool)
    at_once = arriving_at_once(policy)
    return np.asarray(taken.reshape(len(wishes), 1, len(minutes)) & at_once[None, :, None])


def unwelcome_weekdays(wishes: tuple[Wish, ...], *, policy: Policy) -> Flags:
    """Return the weekdays that each wish takes from each such channel: [G, C, 7], Monday 0."""
    taken = np.array([[day not in w.days for day in range(7)] for w in wishes], dtype=bool)
    at_once = arriving_at_once(policy)
    return np.asarray(taken.reshape(len(wishes), 1, 7) & at_once[None, :, None])


def arriving_at_once(policy: Policy) -> Flags:
    """Return which channels of a policy ring or appear when they are sent: [C]."""
    return np.array([not channel.days_to_arrive for channel in policy.channels], dtype=bool)
