"""Plans that are proposed sum to what is owed, stay within the limits, and fit the person."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenor.engine.offers.habits import Habits, habits_of
from tenor.engine.offers.plans import PlanLimits, Record, best, propose, split

TODAY = date(2026, 3, 10)
LIMITS = PlanLimits()
AMOUNTS = st.decimals("0.01", "100000", places=2)


@given(AMOUNTS, st.integers(1, 36))
def test_parts_sum_to_the_whole_and_differ_by_a_cent_at_most(amount: Decimal, count: int) -> None:
    parts = split(amount, count, cent=Decimal("0.01"))
    assert sum(parts) == amount
    assert parts[0] - parts[-1] <= Decimal("0.01")
    assert parts == sorted(parts, reverse=True)


def test_an_amount_finer_than_its_coins_cannot_be_parted() -> None:
    with pytest.raises(ValueError, match="coins of 1"):
        split(Decimal("10.5"), 2, cent=Decimal(1))


@given(
    AMOUNTS,
    st.one_of(st.none(), st.integers(1, 31)),
    st.one_of(st.none(), st.decimals("1", "5000", places=2)),
    st.integers(2, 24),
    st.integers(10, 700),
    st.dates(date(2024, 1, 1), date(2032, 12, 31)),
)
def test_whatever_is_proposed_keeps_the_limits_and_what_the_person_said(
    amount: Decimal, payday: int | None, room: Decimal | None, most: int, days: int, today: date
) -> None:
    limits = PlanLimits(most_instalments=most, most_days=days)
    habits = Habits(Decimal(200), payday)
    for proposal in propose(amount, today=today, habits=habits, limits=limits, room=room):
        when = [day for day, _amount in proposal.instalments]
        assert sum(part for _day, part in proposal.instalments) == amount
        assert 2 <= proposal.count <= most
        assert today < when[0] <= today + timedelta(days=limits.first_within_days)
        assert when == sorted(set(when)) and when[-1] <= today + timedelta(days=days)
        assert all(part >= limits.smallest for _day, part in proposal.instalments)
        assert room is None or all(part <= room for _day, part in proposal.instalments)
        assert 0 < proposal.p_kept < 1


def test_instalments_fall_on_the_day_after_money_comes() -> None:
    found = propose(Decimal(300), today=TODAY, habits=Habits(payday=25), limits=LIMITS)[1]
    assert found.instalments == (
        (date(2026, 3, 26), Decimal(100)),
        (date(2026, 4, 26), Decimal(100)),
        (date(2026, 5, 26), Decimal(100)),
    )


def test_a_payday_at_the_end_keeps_to_shorter_months() -> None:
    today = date(2026, 1, 5)
    found = propose(Decimal(300), today=today, habits=Habits(payday=30), limits=LIMITS)[1]
    assert [day for day, _a in found.instalments] == [
        date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31),
    ]  # fmt: skip


def test_who_can_pay_less_a_month_than_any_plan_asks_is_offered_none() -> None:
    habits = Habits(Decimal(20))
    assert propose(Decimal(600), today=TODAY, habits=habits, limits=LIMITS, room=Decimal(50)) == ()
    fits = propose(Decimal(600), today=TODAY, habits=habits, limits=LIMITS, room=Decimal(120))
    assert [proposal.count for proposal in fits] == [5, 6]


def test_a_heavier_plan_and_a_longer_one_and_broken_promises_are_kept_less_often() -> None:
    def chance(amount: int, count: int, habits: Habits, record: Record | None = None) -> float:
        found = propose(Decimal(amount), today=TODAY, habits=habits, limits=LIMITS, record=record)
        return next(p.p_kept for p in found if p.count == count)

    usual = Habits(Decimal(100))
    assert chance(600, 3, usual) < chance(300, 3, usual)
    assert chance(300, 6, usual) < chance(300, 3, usual)
    assert chance(300, 3, Habits(Decimal(100), broken=2)) < chance(300, 3, usual)
    assert chance(300, 3, Habits(Decimal(100), kept=2)) > chance(300, 3, usual)
    assert chance(300, 3, usual, Record(kept=950, broken=50)) > 0.85


def test_of_plans_as_likely_to_be_kept_the_quicker_is_best_and_a_bearable_one_beats_a_heavy_one(
) -> None:  # fmt: skip
    easy = propose(Decimal(60), today=TODAY, habits=Habits(Decimal(100)), limits=LIMITS)
    heavy = propose(Decimal(600), today=TODAY, habits=Habits(Decimal(100)), limits=LIMITS)
    chosen, borne = best(easy, value_per_day=0.0005), best(heavy, value_per_day=0.0005)
    assert chosen is not None and chosen.count == 2
    assert borne is not None and borne.count == 6
    assert best((), value_per_day=0.0005) is None


def test_habits_are_read_from_the_last_year_and_never_from_later() -> None:
    paid = [(date(2025, month, 26), Decimal(100)) for month in range(4, 13)]
    paid += [(date(2026, 1, 24), Decimal(40)), (date(2026, 2, 25), Decimal(60))]
    known = habits_of(paid, today=TODAY)
    assert known == Habits(Decimal(100), 26)
    later = [*paid, (date(2026, 3, 11), Decimal(9_999)), (date(2024, 1, 1), Decimal(9_999))]
    assert habits_of(later, today=TODAY) == known


@pytest.mark.parametrize(
    ("days", "payday"),
    [
        ([25, 26, 24], 25),
        ([30, 31, 1, 2], 31),
        ([1, 10, 20], None),
        ([25, 25], None),
        ([], None),
    ],
)
def test_a_payday_is_where_more_than_half_of_the_payments_lie(
    days: list[int], payday: int | None
) -> None:
    paid = [(date(2026, 1, day), Decimal(10)) for day in days]
    found = habits_of(paid, today=TODAY).payday
    assert found == payday or (payday == 31 and found in (31, 1))
