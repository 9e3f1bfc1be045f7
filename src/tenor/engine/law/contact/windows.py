"""Contact windows: at which local hours, on which days, a debtor may be approached."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.contact.scope import Scope, channel_name, read_scope, weightiest_first
from tenor.engine.law.days import ONE_DAY, is_holiday
from tenor.engine.law.pack import Pack, Provision, Reason
from tenor.engine.law.ruling import Ruling
from tenor.engine.law.values import Values

QUIET_HOURS = "QUIET_HOURS"
SUNDAY = "SUNDAY"
QUIET_DAY = "QUIET_DAY"
PUBLIC_HOLIDAY = "PUBLIC_HOLIDAY"

_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SUNDAY = 6
_MIDNIGHT = time()
OK = "OK"
# Windows that never meet (two zones, two packs) would be looked for in vain for ever.
_DAYS_AHEAD = 60


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


def contact_window(
    pack: Pack,
    at: datetime,
    *,
    zones: Sequence[str],
    channel: str,
    actor: Actor,
    debtor: Debtor | None,
) -> Ruling:
    """Rule whether `at` (aware) lies in every contact window of one pack; see `contact_windows`."""
    return contact_windows((pack,), at, zones=zones, channel=channel, actor=actor, debtor=debtor)


def contact_windows(
    packs: Sequence[Pack],
    at: datetime,
    *,
    zones: Sequence[str],
    channel: str,
    actor: Actor,
    debtor: Debtor | None,
) -> Ruling:
    """Rule whether `at` (aware) lies in every contact window of all `packs`: the strictest wins.

    `packs` are those of the debtor's place and of the sender's; `zones` the IANA zones in which
    the debtor may be: the hour must be a permitted one in each. Step `contact.<channel>`; codes
    QUIET_HOURS, SUNDAY, QUIET_DAY, PUBLIC_HOLIDAY, or OK for the windows that an allowed moment
    rests on. `changes_at`: the next permitted moment, or, where it is allowed, the closing.
    """
    zones = tuple(zones) or ("UTC",)
    asked = _Asked(tuple(packs), zones, channel, actor, debtor)
    at = at.astimezone(UTC)
    refused = [reason for zone in zones for reason in asked.refusals(at, zone)]
    if refused:
        unique = weightiest_first(dict.fromkeys(refused))
        return Ruling(asked.step, False, unique, changes_at=asked.next_opening(at))
    rests_on = [reason for zone in zones[:1] for reason in asked.supports(at, zone)]
    closing = min((asked.next_closing(at, zone) for zone in zones), default=None)
    return Ruling(asked.step, True, weightiest_first(rests_on), changes_at=closing)


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


@dataclass(frozen=True)
class _Asked:
    """What is asked: windows of which packs, for whom, on which channel, seen from which zones."""

    packs: tuple[Pack, ...]
    zones: tuple[str, ...]
    channel: str
    actor: Actor
    debtor: Debtor | None

    @property
    def step(self) -> str:
        return f"contact.{channel_name(self.channel)}"

    def windows(self, day: date) -> Iterator[tuple[Provision, Window, str | None]]:
        """Go through the windows in force on a local date, each with why it is closed all day."""
        for pack in self.packs:
            holiday = is_holiday(pack, day)
            for provision, window in windows_in_force(
                pack, day, actor=self.actor, debtor=self.debtor
            ):
                if window.scope.takes_in(self.channel):
                    yield provision, window, closing_of(window, day, holiday=holiday)

    def refusals(self, at: datetime, zone: str) -> Iterator[Reason]:
        local = at.astimezone(ZoneInfo(zone))
        for provision, window, closed in self.windows(local.date()):
            code = closed or (None if window.holds(local.time()) else QUIET_HOURS)
            if code is not None:
                words = f"It is {local:%H:%M} on {local:%A, %Y-%m-%d} in {zone}. {provision.text}"
                yield provision.because(local.date(), code, words)

    def supports(self, at: datetime, zone: str) -> Iterator[Reason]:
        day = at.astimezone(ZoneInfo(zone)).date()
        for provision, _window, _closed in self.windows(day):
            yield provision.because(day, OK)

    def next_opening(self, at: datetime) -> datetime | None:
        """Return the first moment from `at` on that every window allows in every zone."""
        moment = at
        while True:
            opening = [self._opening(moment, zone) for zone in self.zones]
            if None in opening:
                return None
            latest = max(filter(None, opening))
            if latest == moment:
                return moment
            if latest - at > _DAYS_AHEAD * ONE_DAY:
                return None
            moment = latest

    def next_closing(self, at: datetime, zone: str) -> datetime:
        """Return when the windows that are open at `at` close in a zone; midnight at the latest."""
        local = at.astimezone(ZoneInfo(zone))
        ends = [w.closes for _p, w, _closed in self.windows(local.date()) if w.closes is not None]
        if ends:
            return _instant(local.date(), min(ends), zone)
        return _instant(local.date() + ONE_DAY, _MIDNIGHT, zone)

    def _opening(self, at: datetime, zone: str) -> datetime | None:
        """Return the first moment from `at` on that every window allows in one zone."""
        local = at.astimezone(ZoneInfo(zone))
        for ahead in range(_DAYS_AHEAD):
            day = local.date() + ahead * ONE_DAY
            windows = list(self.windows(day))
            if any(closed for _p, _w, closed in windows):
                continue
            opens = max((w.opens for _p, w, _c in windows), default=_MIDNIGHT)
            closes = min((w.closes for _p, w, _c in windows if w.closes), default=None)
            start = max(_instant(day, opens, zone), at)
            if closes is None or start < _instant(day, closes, zone):
                return start
        return None


def _instant(day: date, clock: time, zone: str) -> datetime:
    """Return when it is that local time; one that the clocks skip moves forward by the skip."""
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)
