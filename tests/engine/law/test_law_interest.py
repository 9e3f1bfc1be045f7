"""Statutory interest: split where the rate changes, exact, and refused where it is not known."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenor.engine.errors import LawError
from tenor.engine.law.case import Debtor
from tenor.engine.law.library import pack_of
from tenor.engine.law.money.interest import accrue, statutory_interest
from tenor.engine.law.money.rates import agreed_rate, rate_of
from tenor.engine.law.ruling import Ruling

D = Decimal
BUSINESS, CONSUMER = Debtor.BUSINESS, Debtor.CONSUMER
DAYS = st.dates(date(2023, 1, 1), date(2026, 12, 31))
KNOWN = [("NL", CONSUMER), ("NL", BUSINESS), ("DE", CONSUMER), ("UK", BUSINESS), ("EU", BUSINESS)]


def interest(
    jurisdiction: str,
    principal: object,
    first: str,
    until: str,
    debtor: Debtor | None = None,
    **facts: object,
) -> Ruling:
    return statutory_interest(
        pack_of(jurisdiction),
        principal=D(str(principal)),
        debtor=debtor,
        first=date.fromisoformat(first),
        until=date.fromisoformat(until),
        **facts,  # type: ignore[arg-type]
    )


def rate(jurisdiction: str, day: str, debtor: Debtor, agreed: object = None) -> Decimal | None:
    percent = None if agreed is None else D(str(agreed))
    pack, on = pack_of(jurisdiction), date.fromisoformat(day)
    return rate_of(pack, on, debtor=debtor, contract_percent=percent).percent


def test_a_stretch_is_a_line_with_days_rate_and_amount() -> None:
    ruling = interest("NL", 2000, "2025-12-20", "2026-01-20")
    assert [line.text for line in ruling.lines] == [
        "12 days, 2025-12-20 to 2025-12-31, at 6% a year on 2,000.00",
        "19 days, 2026-01-01 to 2026-01-19, at 4% a year on 2,000.00",
        "rounded to cents",
    ]
    assert (ruling.step, ruling.amount, ruling.currency) == ("charge.interest", D("8.11"), "EUR")
    assert sum((line.amount for line in ruling.lines), D(0)) == ruling.amount
    assert {reason.rule for reason in ruling.reasons} == {"NL:interest.consumer"}


def test_a_row_that_changed_nothing_is_no_line() -> None:
    ruling = interest("NL", 365, "2026-06-01", "2026-08-01")
    assert [line.text for line in ruling.lines] == [
        "61 days, 2026-06-01 to 2026-07-31, at 4% a year on 365.00"
    ]


def test_the_day_of_payment_bears_no_interest() -> None:
    assert interest("NL", 36500, "2026-03-01", "2026-03-02").amount == D(4)
    none = interest("NL", 36500, "2026-03-01", "2026-03-01")
    assert (none.allowed, none.amount, none.lines) == (True, D(0), ())


def test_a_leap_year_has_a_day_more() -> None:
    assert interest("DE", 36500, "2024-01-01", "2025-01-01", CONSUMER).amount == D("3108.92")


def test_after_a_full_year_interest_bears_interest_where_the_law_says_so() -> None:
    assert interest("NL", 36500, "2024-01-01", "2026-01-01", CONSUMER).amount == D("4905.72")
    simple = interest("NL", 36500, "2024-01-01", "2026-01-01", CONSUMER, compounds=False)
    assert simple.amount == D("4752.00")
    assert interest("UK", 36500, "2024-01-01", "2026-01-01", BUSINESS).amount == D("9411.25")
    agreed = interest("NL", 36500, "2024-01-01", "2026-01-01", CONSUMER, contract_percent=D(3))
    assert agreed.amount == D("2193.00")


def test_a_part_payment_bears_interest_up_to_its_day() -> None:
    paid = ((date(2026, 2, 1), D(1000)), (date(2026, 3, 1), D(5000)))
    ruling = interest("NL", 3000, "2026-01-01", "2026-04-01", paid=paid)
    assert [line.text for line in ruling.lines[:-1]] == [
        "31 days, 2026-01-01 to 2026-01-31, at 4% a year on 3,000.00",
        "28 days, 2026-02-01 to 2026-02-28, at 4% a year on 2,000.00",
        "31 days, 2026-03-01 to 2026-03-31, at 4% a year on 0.00",
    ]
    assert ruling.amount == D("16.33")


@pytest.mark.parametrize(
    ("jurisdiction", "day", "debtor", "percent"),
    [
        ("NL", "2023-06-30", CONSUMER, "4"),
        ("NL", "2013-04-01", BUSINESS, "8.75"),
        ("DE", "2023-10-10", CONSUMER, "8.12"),
        ("DE", "2024-10-10", BUSINESS, "12.37"),
        ("DE", "2020-05-05", BUSINESS, "8.12"),
        ("BE", "2023-08-08", BUSINESS, "12"),
        ("BE", "2026-05-05", CONSUMER, "4.5"),
        ("FR", "2024-03-01", BUSINESS, "14.5"),
        ("FR", "2025-11-11", CONSUMER, "2.76"),
        ("UK", "2023-09-01", BUSINESS, "13"),
        ("EU", "2025-05-05", BUSINESS, "11.15"),
        ("EU-AT", "2026-05-05", CONSUMER, "4"),
    ],
)
def test_the_rate_is_that_of_the_day(
    jurisdiction: str, day: str, debtor: Debtor, percent: str
) -> None:
    assert rate(jurisdiction, day, debtor) == D(percent)


@pytest.mark.parametrize(
    ("jurisdiction", "day", "debtor", "code"),
    [
        ("NL", "2027-01-01", CONSUMER, "RATE_UNKNOWN"),
        ("NL", "2003-01-01", CONSUMER, "RATE_UNKNOWN"),
        ("FR", "2026-07-01", CONSUMER, "RATE_UNKNOWN"),
        ("EU", "2026-03-01", CONSUMER, "RATE_UNKNOWN"),
        ("EU-SE", "2026-03-01", BUSINESS, "RATE_UNKNOWN"),
        ("DE", "2027-02-01", BUSINESS, "RATE_UNKNOWN"),
        ("EU-AT", "2025-06-30", BUSINESS, "RATE_UNKNOWN"),
        ("UK", "2026-03-01", CONSUMER, "NO_INTEREST_DUE"),
        ("US", "2026-03-01", CONSUMER, "NO_INTEREST_DUE"),
        ("none", "2026-03-01", BUSINESS, "NO_INTEREST_DUE"),
    ],
)
def test_what_is_not_known_or_not_due_is_refused_and_never_guessed(
    jurisdiction: str, day: str, debtor: Debtor, code: str
) -> None:
    until = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    ruling = interest(jurisdiction, 100, day, until, debtor)
    assert (ruling.allowed, ruling.amount, ruling.lines) == (False, None, ())
    assert [reason.code for reason in ruling.reasons] == [code]
    assert bool(ruling.todo) == (code == "RATE_UNKNOWN")


def test_one_unknown_day_refuses_the_whole_period() -> None:
    assert interest("NL", 100, "2026-12-01", "2027-01-01").allowed
    assert not interest("NL", 100, "2026-12-01", "2027-01-02").allowed


def test_a_contract_sets_the_rate_within_the_bounds_of_the_law() -> None:
    assert rate("NL", "2026-03-01", BUSINESS, 15) == D(15)
    assert rate("NL", "2026-03-01", CONSUMER, "1.5") == D("1.5")
    assert rate("BE", "2026-03-01", CONSUMER, 10) == D(10)
    assert rate("BE", "2026-03-01", CONSUMER, 12) == D("10.5")
    assert rate("FR", "2026-03-01", BUSINESS, 8) == D(8)
    assert rate("FR", "2026-03-01", BUSINESS, "7.85") == D("12.15")
    assert rate("US", "2026-03-01", BUSINESS, 9) == D(9)
    assert rate("US", "2026-03-01", CONSUMER, 9) is None


def test_a_floor_that_is_not_known_lets_no_agreed_rate_stand() -> None:
    assert rate("FR", "2026-08-01", BUSINESS, 20) is None
    assert rate("FR", "2026-08-01", BUSINESS) == D("12.4")
    found = agreed_rate(pack_of("FR"), date(2025, 2, 1), debtor=BUSINESS, percent=D(11))
    assert (found.least, found.percent) == (D("11.13"), None)


def test_an_agreed_rate_is_lowered_on_the_day_its_ceiling_falls() -> None:
    ruling = interest("BE", 36500, "2025-06-21", "2025-07-11", contract_percent=D(11))
    assert [line.amount for line in ruling.lines] == [D(110), D(105)]
    assert [reason.code for reason in ruling.reasons] == ["AGREED_RATE", "AGREED_RATE_LOWERED"]


def test_a_negative_sum_is_an_error() -> None:
    with pytest.raises(LawError, match="cannot be negative"):
        interest("NL", -1, "2026-01-01", "2026-02-01")


def exact(
    jurisdiction: str, debtor: Debtor, first: date, until: date, principal: Decimal
) -> Decimal:
    return accrue(
        pack_of(jurisdiction),
        principal=principal,
        debtor=debtor,
        first=first,
        until=until,
        compounds=False,
    ).amount


@pytest.mark.parametrize(("jurisdiction", "debtor"), KNOWN)
@settings(max_examples=40, deadline=None)
@given(days=st.tuples(DAYS, DAYS, DAYS), principal=st.decimals(1, 10**7, places=2))
def test_adjacent_periods_add_up_and_a_longer_one_never_bears_less(
    jurisdiction: str,
    debtor: Debtor,
    days: tuple[date, date, date],
    principal: Decimal,
) -> None:
    first, middle, last = sorted(days)
    whole = exact(jurisdiction, debtor, first, last, principal)
    part = exact(jurisdiction, debtor, first, middle, principal)
    rest = exact(jurisdiction, debtor, middle, last, principal)
    assert abs(whole - part - rest) < D("1e-12")
    assert D(0) <= part <= whole


@settings(max_examples=40, deadline=None)
@given(days=st.tuples(DAYS, DAYS), principal=st.decimals(1, 10**7, places=2))
def test_the_lines_make_the_sum_and_compounding_never_bears_less(
    days: tuple[date, date], principal: Decimal
) -> None:
    first, last = (day.isoformat() for day in sorted(days))
    compound = interest("NL", principal, first, last)
    simple = interest("NL", principal, first, last, compounds=False)
    assert compound.amount is not None and simple.amount is not None
    # A year's interest joins the sum in whole cents: half a cent may be lost on each.
    assert compound.amount >= simple.amount - D("0.02")
    assert sum((line.amount for line in compound.lines), D(0)) == compound.amount
