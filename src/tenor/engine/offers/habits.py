"""What somebody's payments so far say about how much they can pay a month, and when."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

# How far back habits are read: a year has each month, and each holiday, once.
MEMORY = timedelta(days=365)
# Fewer payments than these show no day of the month.
_FEW = 3
# Money comes within so many days of a salary.
_NEAR_DAYS = 3
_LONGEST_MONTH = 31


@dataclass(frozen=True)
class Habits:
    """How somebody pays.

    `monthly` is the median of what they paid in the months in which they paid, None where they
    never did. `payday` is the day of the month (1-31) around which most payments came, None where
    none stands out. `kept` and `broken` count their earlier promises and plans.
    """

    monthly: Decimal | None = None
    payday: int | None = None
    kept: int = 0
    broken: int = 0


def habits_of(
    payments: Sequence[tuple[date, Decimal]], *, today: date, kept: int = 0, broken: int = 0
) -> Habits:
    """Read habits from the payments (day, amount) of one person in one currency up to `today`.

    Later ones are not looked at, nor those of more than a year ago.
    """
    recent = [(day, amount) for day, amount in payments if today - MEMORY < day <= today]
    months: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for day, amount in recent:
        months[day.year, day.month] += amount
    monthly = Decimal(median(months.values())) if months else None
    return Habits(monthly, _payday([day.day for day, _amount in recent]), kept, broken)


def _payday(days: Sequence[int]) -> int | None:
    """Return the day of the month around which more than half of the payments came."""
    if len(days) < _FEW:
        return None
    near: Counter[int] = Counter()
    for day in range(1, _LONGEST_MONTH + 1):
        near[day] = sum(_apart(day, one) <= _NEAR_DAYS for one in days)
    most = max(near.values())
    if 2 * most <= len(days):
        return None
    best = [day for day, count in near.items() if count == most]
    # The one nearest to the payments themselves; of two alike the earlier.
    return min(best, key=lambda day: (sum(_apart(day, one) for one in days), day))


def _apart(one: int, other: int) -> int:
    """Return how many days lie between two days of the month, over the month's end too."""
    distance = abs(one - other)
    return min(distance, _LONGEST_MONTH - distance)
