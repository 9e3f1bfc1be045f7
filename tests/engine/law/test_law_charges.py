"""What may be charged now: nothing before its time, nothing on what is disputed, no cent lost."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenor.engine.law.case import Actor, Case, Claim, Debtor, Hold, Notice
from tenor.engine.law.charges import charges, costs_now, default_of, interest_now
from tenor.engine.law.library import pack_of
from tenor.engine.law.money.costs import collection_costs
from tenor.engine.law.ruling import Ruling

D = Decimal
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
INVOICE = Claim("F1", D(900), "EUR", due_on=date(2026, 9, 1))
LETTER = Notice(
    "fourteen_day",
    date(2026, 10, 1),
    "letter",
    received_on=date(2026, 10, 5),
    contains=frozenset({"principal", "fee_amount", "term", "consequence"}),
    costs=D(135),
)


def a_case(
    *claims: Claim,
    jurisdiction: str = "NL",
    debtor: Debtor | None = Debtor.CONSUMER,
    letter: Notice | None = LETTER,
    **facts: Any,
) -> Case:
    notices = () if letter is None else (letter,)
    return Case(
        at=NOON,
        pack=pack_of(jurisdiction),
        zones=("Europe/Amsterdam",),
        debtor=debtor,
        claims=claims or (INVOICE,),
        notices=facts.pop("notices", notices),
        **facts,
    )


def both(case: Case) -> tuple[Ruling, Ruling]:
    return charges(case, case.claims[0])


def codes(ruling: Ruling) -> list[str]:
    return [reason.code for reason in ruling.reasons]


def test_after_the_letter_and_its_term_costs_and_interest_are_due() -> None:
    costs, interest = both(a_case())
    assert (costs.allowed, costs.amount) == (True, D(135))
    assert costs.reasons[0].rule == "NL:costs.consumer"
    # 900 at 4% for the 77 days from 2 September to 17 November.
    assert (interest.allowed, interest.amount) == (True, D("7.59"))
    assert interest.changes_at == datetime(2026, 11, 18, 23, tzinfo=UTC)


def test_without_the_letter_no_costs_but_interest() -> None:
    costs, interest = both(a_case(letter=None))
    assert (costs.allowed, costs.amount, codes(costs)) == (False, None, ["NOTICE_MISSING"])
    assert costs.todo == ("Send the fourteen day letter.",)
    assert interest.amount == D("7.59")


def test_while_the_term_of_the_letter_runs_the_day_of_its_end_is_told() -> None:
    letter = replace(LETTER, received_on=date(2026, 11, 5))
    costs, _interest = both(a_case(letter=letter))
    assert (costs.allowed, codes(costs)) == (False, ["NOTICE_RUNNING"])
    assert costs.changes_at == datetime(2026, 11, 19, 23, tzinfo=UTC)


def test_nothing_is_charged_before_default() -> None:
    costs, interest = both(
        a_case(replace(INVOICE, due_on=date(2026, 12, 1)), debtor=Debtor.BUSINESS)
    )
    for ruling in (costs, interest):
        assert (ruling.allowed, ruling.amount, codes(ruling)) == (False, None, ["NOT_IN_DEFAULT"])
        assert ruling.changes_at == datetime(2026, 12, 1, 23, tzinfo=UTC)


def test_without_a_date_it_is_said_what_would_bring_default_about() -> None:
    claim = replace(INVOICE, due_on=None)
    _costs, interest = both(a_case(claim, letter=None))
    assert codes(interest) == ["NOT_IN_DEFAULT"]
    assert "Send a reminder and keep evidence of when it was received." in interest.todo


def test_an_agreed_term_counts_from_the_receipt_of_the_invoice() -> None:
    claim = replace(INVOICE, due_on=None, received_on=date(2026, 9, 3), term_days=21)
    case = a_case(claim, letter=None, debtor=Debtor.BUSINESS)
    assert default_of(case, claim).begins == date(2026, 9, 25)


@pytest.mark.parametrize("code", ["BREATHING_SPACE", "DECEASED"])
def test_a_hold_stops_both(code: str) -> None:
    case = a_case(
        replace(INVOICE, currency="GBP"),
        holds=(Hold(code, date(2026, 11, 1)),),
        jurisdiction="UK",
        debtor=Debtor.BUSINESS,
    )
    for ruling in both(case):
        assert not ruling.allowed and ruling.amount is None and code in codes(ruling)


def test_a_disputed_part_bears_neither_costs_nor_interest() -> None:
    claim = replace(INVOICE, disputed=D(600))
    letter = replace(LETTER, costs=D(135))
    case = a_case(claim, letter=letter, holds=(Hold("DISPUTE", date(2026, 11, 1), invoice="F1"),))
    costs, interest = both(case)
    assert (costs.amount, interest.amount) == (D(45), D("2.53"))


def test_what_is_wholly_disputed_bears_nothing() -> None:
    case = a_case(holds=(Hold("DISPUTE", date(2026, 11, 1), invoice="F1"),))
    for ruling in both(case):
        assert (ruling.allowed, codes(ruling)) == (False, ["DISPUTE"])


def test_payment_within_the_term_lowers_the_costs_and_later_payment_does_not() -> None:
    in_time = replace(INVOICE, paid=((date(2026, 10, 19), D(500)),))
    assert costs_now(a_case(in_time), in_time).amount == D(60)
    late = replace(INVOICE, paid=((date(2026, 10, 20), D(500)),))
    assert costs_now(a_case(late), late).amount == D(135)
    whole = replace(INVOICE, paid=((date(2026, 10, 12), D(900)),))
    paid = costs_now(a_case(whole), whole)
    assert paid.amount in (None, D(0)) and codes(paid)[0] == "PAID_IN_TERM"


def test_interest_stops_on_what_was_paid() -> None:
    claim = replace(INVOICE, paid=((date(2026, 9, 12), D(900)),))
    # 900 at 4% for the ten days from 2 September on.
    assert interest_now(a_case(claim), claim).amount == D("0.99")


def test_a_prescribed_claim_bears_nothing() -> None:
    claim = replace(INVOICE, due_on=date(2019, 5, 1), kind="services_contract")
    for ruling in both(a_case(claim)):
        assert (ruling.allowed, codes(ruling)) == (False, ["PRESCRIBED"])
    kept = replace(claim, interrupted_on=date(2024, 4, 1))
    assert interest_now(a_case(kept), kept).allowed


def test_vat_is_added_where_the_creditor_bears_it_and_the_letter_says_so() -> None:
    said = replace(LETTER, contains=LETTER.contains | {"vat_note"}, costs=D("163.35"))
    assert both(a_case(letter=said, deducts_vat=False))[0].amount == D("163.35")
    assert both(a_case(letter=LETTER, deducts_vat=False))[0].amount == D(135)


def test_several_invoices_of_one_letter_are_one_sum_shared_to_the_cent() -> None:
    claims = tuple(replace(INVOICE, invoice=f"F{n}", principal=D(100)) for n in (1, 2, 3))
    letter = replace(LETTER, costs=D(45), invoices=frozenset({"F1", "F2", "F3"}))
    case = a_case(*claims, letter=letter)
    shares = [costs_now(case, claim) for claim in claims]
    assert [share.amount for share in shares] == [D(15)] * 3
    odd = tuple(replace(c, principal=D(a)) for c, a in zip(claims, (97, 98, 238), strict=True))
    other = a_case(*odd, letter=replace(letter, costs=D("64.95")))
    amounts = [costs_now(other, claim).amount or D(0) for claim in odd]
    assert sum(amounts, D(0)) == D("64.95")
    for share in shares:
        assert sum((line.amount for line in share.lines), D(0)) == share.amount


def test_businesses_owe_the_scale_over_all_and_forty_for_each_at_least() -> None:
    small = tuple(replace(INVOICE, invoice=f"F{n}", principal=D(100)) for n in (1, 2, 3))
    case = a_case(*small, letter=None, debtor=Debtor.BUSINESS)
    assert [costs_now(case, claim).amount for claim in small] == [D(40)] * 3
    large = tuple(replace(INVOICE, invoice=f"F{n}", principal=D(2500)) for n in (1, 2))
    both_due = a_case(*large, letter=None, debtor=Debtor.BUSINESS)
    assert [costs_now(both_due, claim).amount for claim in large] == [D("312.50")] * 2


def test_terms_of_one_contract_cost_less_after_the_first() -> None:
    terms = tuple(
        Claim(f"T{month}", D(60), "EUR", due_on=date(2026, month, 1), recurring=True)
        for month in (7, 8)
    )
    letters = tuple(
        replace(LETTER, sent_on=date(2026, month, 3), received_on=date(2026, month, 5),
                costs=D(fee), invoices=frozenset({f"T{month}"}))
        for month, fee in ((7, 40), (8, 20))
    )  # fmt: skip
    case = a_case(*terms, notices=letters)
    assert [costs_now(case, term).amount for term in terms] == [D(40), D(20)]


def test_terms_asked_for_in_one_letter_cost_the_highest_fee_once() -> None:
    terms = tuple(
        Claim(f"T{month}", D(60), "EUR", due_on=date(2026, month, 1), recurring=True)
        for month in (7, 8, 9)
    )
    letter = replace(LETTER, costs=D(40), invoices=frozenset(t.invoice for t in terms))
    case = a_case(*terms, letter=letter)
    assert sum((costs_now(case, term).amount or D(0) for term in terms), D(0)) == D(40)


def test_a_german_agency_asks_half_a_fee_first_and_a_business_at_least_forty() -> None:
    reminder = Notice(
        "default_reminder", date(2026, 9, 20), "letter", received_on=date(2026, 9, 22)
    )
    claim = replace(INVOICE, principal=D(400))
    case = a_case(
        claim, jurisdiction="DE", letter=reminder, actor=Actor.AGENCY,
        registered=True, mandate=True,
    )  # fmt: skip
    assert costs_now(case, claim).amount == D("30.90")
    again = replace(case, notices=(reminder, replace(reminder, sent_on=date(2026, 10, 20),
                                                     received_on=date(2026, 10, 22))))  # fmt: skip
    assert costs_now(again, claim).amount == D("55.62")
    small = replace(claim, principal=D(40))
    trade = replace(case, debtor=Debtor.BUSINESS, claims=(small,))
    assert costs_now(trade, small).amount == D(40)


@pytest.mark.parametrize("jurisdiction", ["FR", "DE", "none", "US"])
def test_where_no_law_allows_costs_no_letter_is_asked_for(jurisdiction: str) -> None:
    costs = both(a_case(jurisdiction=jurisdiction, letter=None))[0]
    assert (costs.allowed, codes(costs), costs.todo) == (False, ["COSTS_NOT_ALLOWED"], ())


def test_belgian_interest_runs_from_the_end_of_the_wait_or_for_the_small_from_sending() -> None:
    reminder = Notice(
        "first_reminder",
        date(2026, 10, 5),
        "email",
        received_on=date(2026, 10, 5),
        contains=frozenset(
            {"principal", "fee_amount", "creditor", "creditor_number", "ground", "due_date", "term"}
        ),
    )
    claim = replace(INVOICE, costs_in_contract=True, contract_percent=D(12))
    case = a_case(claim, jurisdiction="BE", letter=reminder)
    costs, interest = both(case)
    assert costs.amount == D(85)
    # At the ceiling of 10.5%: 29 days from 20 October on, 43 from 6 October on.
    assert interest.amount == D("7.51")
    assert both(replace(case, small_creditor=True))[1].amount == D("11.13")
    early = replace(case, at=datetime(2026, 10, 12, 12, tzinfo=UTC))
    for ruling in both(early):
        assert (ruling.allowed, codes(ruling)) == (False, ["NOTICE_RUNNING"])


def test_a_rate_that_is_not_known_is_a_thing_to_look_up() -> None:
    case = replace(a_case(), at=datetime(2027, 1, 11, 12, tzinfo=UTC))
    interest = both(case)[1]
    assert (interest.allowed, codes(interest)) == (False, ["RATE_UNKNOWN"])
    assert interest.todo == ("Look up the rate of interest and add it to the pack.",)


@settings(max_examples=60, deadline=None)
@given(sent=st.integers(0, 60), took=st.integers(0, 10), asked=st.integers(0, 120))
def test_costs_are_never_charged_before_the_letter_has_done_its_work(
    sent: int, took: int, asked: int
) -> None:
    sent_on = date(2026, 8, 20) + timedelta(days=sent)
    letter = replace(LETTER, sent_on=sent_on, received_on=sent_on + timedelta(days=took))
    at = datetime(2026, 8, 20, 12, tzinfo=UTC) + timedelta(days=asked)
    ruling = costs_now(replace(a_case(letter=letter), at=at), INVOICE)
    # Fourteen days after the day of receipt, for a letter sent after the invoice was due.
    over = at.date() > sent_on + timedelta(days=took + 14)
    assert not ruling.allowed or (over and sent_on > date(2026, 9, 1))
    assert ruling.allowed or not ruling.amount
    if ruling.changes_at is not None:
        assert ruling.changes_at > at


@settings(max_examples=40, deadline=None)
@given(amounts=st.lists(st.decimals(1, 5000, places=2), min_size=1, max_size=6))
def test_the_shares_of_one_letter_make_its_sum(amounts: list[Decimal]) -> None:
    claims = tuple(
        replace(INVOICE, invoice=f"F{n}", principal=amount) for n, amount in enumerate(amounts)
    )
    whole = collection_costs(
        pack_of("NL"), NOON.date(), principal=sum(amounts, D(0)), debtor=Debtor.CONSUMER
    )
    case = a_case(*claims, letter=replace(LETTER, costs=whole.amount))
    shares = [costs_now(case, claim) for claim in claims]
    assert sum((share.amount or D(0) for share in shares), D(0)) == whole.amount
    for share in shares:
        assert share.allowed and share.amount is not None and share.amount >= 0
        assert sum((line.amount for line in share.lines), D(0)) == share.amount
