"""Propose payment plans that a person can keep: how many instalments, how large, on which day.

What somebody can pay a month is what they say they can, else what they usually paid. A plan that
asks for more is not proposed to somebody who said so, and is thought less likely to be kept by
others. The chance of keeping is a prior, drawn towards the organisation's own plans as these end.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tenor.engine.offers.habits import Habits

# The prior on keeping a plan of a bearable size: as good as six kept of ten. Not learned from
# anybody's plans; an organisation's own outweigh it from about ten on.
_PRIOR_KEPT, _PRIOR_BROKEN = 6.0, 4.0
# A person's own record counts as much as so many plans of others.
_OWN_WEIGHT = 3.0
# A month more is a month in which something can come in between.
_PER_MONTH = 0.985
_SALARY_ARRIVES = timedelta(days=1)


@dataclass(frozen=True)
class PlanLimits:
    """Within which an organisation agrees to a plan; `smallest` is the least instalment."""

    most_instalments: int = 6
    most_days: int = 185
    smallest: Decimal = Decimal(10)
    first_within_days: int = 31


@dataclass(frozen=True)
class Record:
    """How an organisation's plans ended so far, all customers together."""

    kept: int = 0
    broken: int = 0


@dataclass(frozen=True)
class Proposal:
    """A plan to offer: days and amounts that sum to what is owed, and the chance it is kept.

    `load` is the largest instalment as a share of what the person can pay a month, None where
    nobody knows that.
    """

    instalments: tuple[tuple[date, Decimal], ...]
    p_kept: float
    load: float | None

    @property
    def count(self) -> int:
        """Return the number of instalments."""
        return len(self.instalments)

    @property
    def ends_on(self) -> date:
        """Return the day of the last instalment."""
        return self.instalments[-1][0]


def propose(
    amount: Decimal,
    *,
    today: date,
    habits: Habits,
    limits: PlanLimits,
    record: Record | None = None,
    room: Decimal | None = None,
    cent: Decimal = Decimal("0.01"),
) -> tuple[Proposal, ...]:
    """Return the plans within the limits for an amount, from the shortest to the longest.

    Parameters
    ----------
    amount
        What is owed, positive, no finer than `cent`.
    today
        The first instalment falls after it, on the day after the person's payday where one shows.
    room
        What the person says they can pay a month; no proposal asks for more. None: they did not
        say, and their habits stand in for it.
    record
        How the organisation's plans ended so far; none: the prior alone.
    cent
        The smallest amount that can be paid.

    Returns
    -------
    Proposals of 2 to `limits.most_instalments` instalments; empty where none fits: then a person
    should talk with them, since what cannot be kept must not be proposed.
    """
    can = room if room is not None else habits.monthly
    found = []
    for count in range(2, limits.most_instalments + 1):
        parts = split(amount, count, cent=cent)
        days = list(_days(count, today=today, habits=habits, limits=limits))
        fits = days[-1] <= today + timedelta(days=limits.most_days)
        if not fits or parts[-1] < max(limits.smallest, cent):
            break
        if room is not None and parts[0] > room:
            continue
        load = float(parts[0] / can) if can else None
        chance = _p_kept(habits, record or Record(), load=load, months=count)
        found.append(Proposal(tuple(zip(days, parts, strict=True)), chance, load))
    return tuple(found)


def best(proposals: tuple[Proposal, ...], *, value_per_day: float) -> Proposal | None:
    """Return the proposal of which most is expected: kept chance times money, less the waiting.

    `value_per_day` is the worth of a day earlier as a share of the amount (the policy's).
    """

    def worth(proposal: Proposal) -> float:
        first = proposal.instalments[0][0]
        total = sum((amount for _day, amount in proposal.instalments), Decimal(0))
        later = sum(
            float(amount / total) * (1 - value_per_day * (day - first).days)
            for day, amount in proposal.instalments
        )
        return proposal.p_kept * later

    return max(proposals, key=worth, default=None)


def split(amount: Decimal, count: int, *, cent: Decimal) -> list[Decimal]:
    """Part an amount into so many as equal as coins allow, the larger first; they sum to it."""
    coins = int(amount / cent)
    if coins * cent != amount or amount <= 0:
        raise ValueError(f"{amount} cannot be paid in coins of {cent}")
    each, more = divmod(coins, count)
    return [(each + (number < more)) * cent for number in range(count)]


def _days(count: int, *, today: date, habits: Habits, limits: PlanLimits) -> Iterator[date]:
    """Yield a day a month, the first one soon."""
    soonest, latest = today + timedelta(days=1), today + timedelta(days=limits.first_within_days)
    first = soonest
    if habits.payday is not None:
        near = _on(today, 0, habits.payday) + _SALARY_ARRIVES
        first = near if near >= soonest else _on(today, 1, habits.payday) + _SALARY_ARRIVES
        # Later than the organisation waits for the first one: then as late as it does.
        first = min(first, latest)
    for month in range(count):
        yield _on(first, month, first.day)


def _on(start: date, months: int, day: int) -> date:
    """Return a day of the month so many months on; the last one where it has fewer days."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(day, calendar.monthrange(year, month + 1)[1]))


def _p_kept(habits: Habits, record: Record, *, load: float | None, months: int) -> float:
    kept = _PRIOR_KEPT + record.kept + _OWN_WEIGHT * habits.kept
    broken = _PRIOR_BROKEN + record.broken + _OWN_WEIGHT * habits.broken
    chance = kept / (kept + broken)
    if load is not None and load > 1:
        # Asked for twice what they can pay, the odds are a quarter.
        odds = chance / (1 - chance) / load**2
        chance = odds / (1 + odds)
    return chance * _PER_MONTH**months
