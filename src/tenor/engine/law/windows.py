"""Contact windows: at which local hours, on which days, a debtor may be approached."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time

from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.pack import Pack, Provision
from tenor.engine.law.scope import Scope, read_scope
from tenor.engine.law.values import Values

QUIET_HOURS = "QUIET_HOURS"
SUNDAY = "SUNDAY"
QUIET_DAY = "QUIET_DAY"
PUBLIC_HOLIDAY = "PUBLIC_HOLIDAY"

_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SUNDAY = 6
_MIDNIGHT = time()


@dataclass(frozen=True)
class Window:
    """Hours of the debtor's local day in which contact is allowed, for those it speaks of.

    From `opens` (included) to `closes` (excluded; None: until midnight) on `weekdays` (Monday 0);
    `on_holidays` says whether public holidays are open too.
    """

    opens: time
    closes: time | None
    weekdays: frozenset[int]
    on_holidays: bool
    scope: Scope

    def holds(self, clock: time) -> bool:
        """Say whether a local time of an open day lies inside."""
        return self.opens <= clock and (self.closes is None or clock < self.closes)

    def holds_hour(self, hour: int) -> bool:
        """Say whether the whole hour that begins at `hour` (0 to 23) lies inside."""
        last = time(hour, 59, 59, 999_999)
        return self.holds(time(hour)) and self.holds(last)


def read_window(values: Values) -> Window:
    """Read the values of a provision of section `windows`."""
    opens, closes = values.clock("opens", _MIDNIGHT), values.clock("closes", None)
    if closes is not None and closes <= opens:
        raise values.wrong("closes", f"is {closes}, which is not after opens, {opens}")
    text = values.text("days", "Mon-Sun")
    return Window(
        opens=opens,
        closes=closes,
        weekdays=_weekdays(text, values),
        on_holidays=values.flag("on_holidays", True),
        scope=read_scope(values),
    )


def _weekdays(text: str, values: Values) -> frozenset[int]:
    """Read "Mon-Sat" or "Mon"."""
    found = re.fullmatch(r"(\w{3})(?:-(\w{3}))?", text)
    ends = [day for day in found.groups() if day] if found else []
    if not ends or not set(ends) <= set(_WEEK) or _WEEK.index(ends[0]) > _WEEK.index(ends[-1]):
        raise values.wrong("days", f'is {text!r}; write "Mon-Sat", or one of {", ".join(_WEEK)}')
    return frozenset(range(_WEEK.index(ends[0]), _WEEK.index(ends[-1]) + 1))


def windows_in_force(
    pack: Pack, day: date, *, actor: Actor, debtor: Debtor | None
) -> Iterator[tuple[Provision, Window]]:
    """Go through the windows that bind `actor` towards `debtor` on the local date `day`."""
    for provision, window in pack.in_force("windows", day):
        if window.scope.speaks_of(actor, debtor):
            yield provision, window


def closing_of(window: Window, day: date, *, holiday: bool) -> str | None:
    """Return why a window is closed all of `day`, as a code; None where it opens that day."""
    if day.weekday() not in window.weekdays:
        return SUNDAY if day.weekday() == _SUNDAY else QUIET_DAY
    return PUBLIC_HOLIDAY if holiday and not window.on_holidays else None
