"""Returned debits: what each code asks for, and until when money may go back."""

from datetime import date

import pytest

from tenor.engine.payments import returns
from tenor.engine.payments.returns import AddressForm, Category, Scheme

DAY = date(2026, 11, 20)


def test_lack_of_money_may_be_tried_again_twice() -> None:
    found = returns.return_reason("am04", DAY)

    assert (found.category, found.retry, found.most_retries) == (Category.SOFT_FAIL, True, 2)


@pytest.mark.parametrize("code", ["AC04", "MD01", "MD06", "MD07", "MS02", "RR04", "SL01", "AC06"])
def test_what_needs_a_persons_word_is_never_tried_again(code: str) -> None:
    assert not returns.return_reason(code, DAY).retry


def test_a_death_is_told_by_its_own_kind() -> None:
    assert returns.return_reason("MD07", DAY).category is Category.DECEASED


def test_an_unknown_code_has_no_meaning() -> None:
    assert returns.return_reason("XX99", DAY) is None


def test_every_reason_stands_once_and_says_whence() -> None:
    codes = [reason.code for reason in returns.reasons_on(DAY)]

    assert len(codes) == len(set(codes)) == 27
    assert all(len(code) == 4 for code in codes)
    assert all(reason.source and reason.action for reason in returns.reasons_on(DAY))
    # Without a retry there is no number of them.
    assert all(r.retry or r.most_retries is None for r in returns.reasons_on(DAY))


@pytest.mark.parametrize(
    ("debited", "asked", "authorised", "allowed", "limit"),
    [
        (date(2026, 3, 2), date(2026, 4, 27), True, True, date(2026, 4, 27)),
        (date(2026, 3, 2), date(2026, 4, 28), True, False, date(2026, 4, 27)),
        (date(2026, 3, 2), date(2027, 4, 2), False, True, date(2027, 4, 2)),
        (date(2026, 3, 2), date(2027, 4, 3), False, False, date(2027, 4, 2)),
        (date(2027, 1, 31), date(2028, 2, 29), False, True, date(2028, 2, 29)),
        (date(2026, 1, 31), date(2027, 3, 1), False, False, date(2027, 2, 28)),
    ],
)
def test_a_refund_may_be_asked_for_until_its_last_day(
    debited: date, asked: date, authorised: bool, allowed: bool, limit: date
) -> None:
    found = returns.refund(Scheme.CORE, debited=debited, asked=asked, authorised=authorised)

    assert (found.allowed, found.limit) == (allowed, limit)


@pytest.mark.parametrize("authorised", [True, False])
def test_between_businesses_there_is_no_refund(authorised: bool) -> None:
    found = returns.refund(Scheme.B2B, debited=DAY, asked=DAY, authorised=authorised)

    assert (found.allowed, found.limit) == (False, None)


@pytest.mark.parametrize(
    ("settled", "days", "last"),
    [
        (date(2026, 11, 18), 5, date(2026, 11, 25)),
        (date(2026, 12, 22), 3, date(2026, 12, 28)),  # the 25th and 26th do not count
        (date(2026, 4, 1), 2, date(2026, 4, 7)),  # Good Friday and Easter Monday neither
        (date(2026, 4, 30), 1, date(2026, 5, 4)),
        (date(2026, 11, 21), 0, date(2026, 11, 21)),
    ],
)
def test_banks_send_back_within_days_on_which_they_settle(
    settled: date, days: int, last: date
) -> None:
    assert returns.last_return_day(settled, days) == last


def test_a_national_holiday_is_a_day_like_any_other_between_banks() -> None:
    assert returns.is_settlement_day(date(2026, 4, 27))  # King's Day
    assert not returns.is_settlement_day(date(2026, 5, 1))


@pytest.mark.parametrize(
    ("days", "shorter", "may"), [(14, False, True), (13, False, False), (2, True, True)]
)
def test_a_debit_is_announced_two_weeks_ahead_unless_agreed(
    days: int, shorter: bool, may: bool
) -> None:
    answer = returns.may_announce(Scheme.CORE, days_before=days, agreed_shorter=shorter, day=DAY)

    assert answer is may


@pytest.mark.parametrize(
    ("parts", "form"),
    [
        ({"TwnNm": 1, "Ctry": 1, "StrtNm": 1}, AddressForm.STRUCTURED),
        ({"TwnNm": 1, "Ctry": 1, "AdrLine": 2}, AddressForm.HYBRID),
        ({"TwnNm": 1, "Ctry": 1, "AdrLine": 3}, AddressForm.UNSTRUCTURED),
        ({"Ctry": 1, "AdrLine": 2}, AddressForm.UNSTRUCTURED),
    ],
)
def test_the_form_of_an_address_is_told_by_its_parts(
    parts: dict[str, int], form: AddressForm
) -> None:
    assert returns.address_form(parts) is form


def test_addresses_in_lines_alone_are_taken_until_a_day() -> None:
    assert returns.takes_address(AddressForm.UNSTRUCTURED, date(2026, 11, 14))
    assert not returns.takes_address(AddressForm.UNSTRUCTURED, date(2026, 11, 15))
    assert returns.takes_address(AddressForm.HYBRID, date(2026, 11, 15))
