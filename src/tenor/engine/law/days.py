"""Days as the law counts them: public holidays of a pack, working days, terms, ages of a claim.

Calendars miss some days on which the law wants quiet (days equated by decree, Dutch 5 May in most
years): a pack lists those by hand in its section `holidays`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from tenor.engine import calendar
from tenor.engine.errors import LawError
from tenor.engine.law.pack import Pack
from tenor.engine.law.values import Values

ONE_DAY = timedelta(days=1)
SUNDAY = 6
_EASTER_TO_GOOD_FRIDAY = timedelta(days=2)


@dataclass(frozen=True)
class Holidays:
    """Days that count as public holidays beside those of the pack's calendar.

    `every_year` are (month, day), `dates` single days (equated by decree); `good_friday` says
    whether the Friday before Easter counts.
    """

    every_year: tuple[tuple[int, int], ...]
    dates: tuple[date, ...]
    good_friday: bool


def read_holidays(values: Values) -> Holidays:
    """Read the values of a provision of section `holidays`."""
    yearly = []
    for text in values.texts("every_year", ()):
        try:
            day = date.fromisoformat(f"2000-{text}")
        except ValueError as error:
            raise values.wrong("every_year", f'has {text!r}; write "05-05"') from error
        yearly.append((day.month, day.day))
    return Holidays(tuple(yearly), values.days("dates", ()), values.flag("good_friday", False))


def is_holiday(pack: Pack, day: date) -> bool:
    """Say whether `day` is a public holiday where `pack` holds."""
    if pack.calendar and day in calendar.public_holidays(pack.calendar, day.year):
        return True
    for _provision, extra in pack.in_force("holidays", day):
        if day in extra.dates or (day.month, day.day) in extra.every_year:
            return True
        if extra.good_friday and day == easter(day.year) - _EASTER_TO_GOOD_FRIDAY:
            return True
    return False


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (the anonymous method of 1876)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def nth_day(start: date, count: int, counts: Callable[[date], bool]) -> date:
    """Return the `count`-th day after `start` among those that count; 0 is `start` itself."""
    day = start
    for _ in range(count):
        day += ONE_DAY
        while not counts(day):
            day += ONE_DAY
    return day


def plus_months(day: date, months: int) -> date:
    """Return the same day so many months on (months may be negative), or the last of its month."""
    month = day.year * 12 + day.month - 1 + months
    year, index = divmod(month, 12)
    after = date(year + (index == 11), (index + 1) % 12 + 1, 1)
    return min(date(year, index + 1, 1) + timedelta(days=day.day - 1), after - ONE_DAY)


def plus_years(day: date, years: int) -> date:
    """Return the same day so many years on; 29 February becomes 28 February where there is none."""
    return plus_months(day, 12 * years)


def read_day(value: object, name: str) -> date:
    """Return an ISO date from the facts of a case; raises `LawError` naming the fact."""
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise LawError(f"{name}: {value!r} is no date; write 2026-11-21") from error
