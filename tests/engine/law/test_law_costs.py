"""Collection costs: exact sums, line by line, and never more than the law allows."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenor.engine.errors import LawError
from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.library import pack_of
from tenor.engine.law.money.costs import Vat, collection_costs, compensation
from tenor.engine.law.money.recurring import Term, instalment_costs, reminder_costs
from tenor.engine.law.ruling import Ruling

D = Decimal
NOW = date(2026, 11, 21)
AMOUNTS = st.decimals(min_value=D("0.01"), max_value=D("3000000"), places=2)
# Every shipped scale under which somebody may be charged: jurisdiction, debtor, actor.
SCALES = [
    ("NL", Debtor.CONSUMER, Actor.CREDITOR),
    ("NL", Debtor.BUSINESS, Actor.CREDITOR),
    ("BE", Debtor.CONSUMER, Actor.CREDITOR),
    ("BE", Debtor.BUSINESS, Actor.CREDITOR),
    ("DE", Debtor.CONSUMER, Actor.AGENCY),
    ("DE", Debtor.BUSINESS, Actor.CREDITOR),
    ("FR", Debtor.BUSINESS, Actor.CREDITOR),
    ("UK", Debtor.BUSINESS, Actor.CREDITOR),
    ("EU", Debtor.PUBLIC_AUTHORITY, Actor.CREDITOR),
]


def costs(
    jurisdiction: str, principal: object, debtor: Debtor | None = None, **facts: object
) -> Ruling:
    pack = pack_of(jurisdiction)
    return collection_costs(pack, NOW, principal=D(str(principal)), debtor=debtor, **facts)  # type: ignore[arg-type]


def test_each_slice_is_a_line_and_the_lines_make_the_sum() -> None:
    ruling = costs("NL", 12345)
    assert [(line.text, line.amount) for line in ruling.lines] == [
        ("15% of 2,500.00 (from 0.00)", D(375)),
        ("10% of 2,500.00 (from 2,500.00)", D(250)),
        ("5% of 5,000.00 (from 5,000.00)", D(250)),
        ("1% of 2,345.00 (from 10,000.00)", D("23.45")),
    ]
    assert (ruling.allowed, ruling.amount, ruling.currency) == (True, D("898.45"), "EUR")
    assert ruling.reasons[0].rule == "NL:costs.consumer"
    assert "Stb. 2012, 141" in ruling.reasons[0].source


def test_what_is_raised_or_lowered_says_so() -> None:
    assert [line.amount for line in costs("NL", 200).lines] == [D(30), D(10)]
    assert costs("NL", 200).lines[-1].text == "raised to the least, 40.00"
    assert costs("NL", 1400000).lines[-1].text == "lowered to the most, 6,775.00"
    assert costs("NL", "733.37").lines[-1].text == "rounded to cents"


@pytest.mark.parametrize(
    ("in_letter", "percent", "charged"),
    [(True, None, "108.90"), (True, D(9), "98.10"), (False, None, "90.00")],
)
def test_vat_comes_on_top_only_where_the_letter_says_so(
    in_letter: bool, percent: Decimal | None, charged: str
) -> None:
    assert costs("NL", 600, vat=Vat(in_letter, percent)).amount == D(charged)


def test_vat_comes_after_the_floor_and_after_the_cap() -> None:
    assert costs("NL", 20, vat=Vat(in_letter=True)).amount == D("48.40")
    assert costs("NL", 5000000, vat=Vat(in_letter=True)).amount == D("8197.75")


def test_what_was_paid_within_the_term_no_longer_counts() -> None:
    assert costs("NL", 1500, paid_in_term=D(300)).amount == D(180)
    assert costs("NL", 1500, paid_in_term=D(1450)).amount == D(40)
    paid = costs("NL", 1500, paid_in_term=D(1500))
    assert (paid.amount, paid.reasons[0].code, paid.lines) == (D(0), "PAID_IN_TERM", ())


@pytest.mark.parametrize("jurisdiction", ["none", "EU", "FR", "DE", "UK", "US", "US-MA"])
def test_a_consumer_pays_nothing_where_no_law_says_otherwise(jurisdiction: str) -> None:
    ruling = costs(jurisdiction, 750, Debtor.CONSUMER, in_contract=True)
    assert (ruling.allowed, ruling.amount) == (False, D(0))
    assert [reason.code for reason in ruling.reasons] == ["COSTS_NOT_ALLOWED"]


def test_whoever_owes_is_a_consumer_until_it_is_known() -> None:
    assert not costs("FR", 500, None).allowed
    assert costs("FR", 500, Debtor.BUSINESS).amount == D(40)


def test_damages_have_no_scale() -> None:
    assert costs("NL", 900, contractual=False).reasons[0].code == "NOT_FROM_CONTRACT"


def test_a_sum_in_another_currency_is_refused() -> None:
    assert costs("NL", 900, currency="USD").reasons[0].code == "CURRENCY"
    assert costs("NL", 900, currency="EUR").allowed


def test_before_the_law_began_there_is_nothing() -> None:
    pack = pack_of("NL")
    ruling = collection_costs(pack, date(2012, 6, 30), principal=D(900), debtor=None)
    assert (ruling.allowed, ruling.amount) == (False, D(0))


def test_a_negative_sum_is_an_error() -> None:
    with pytest.raises(LawError, match="cannot be negative"):
        costs("NL", -1)


@pytest.mark.parametrize(
    ("open_now", "most"),
    [
        (80, "20"), (150, "20"), ("150.01", "30.00"), (420, "57"), (500, "65"), (2100, "145"),
        (39200, "2000"), (90000, "2000"),
    ],
)  # fmt: skip
def test_belgian_lump_sums_need_a_clause_and_have_a_ceiling(open_now: object, most: str) -> None:
    assert costs("BE", open_now, in_contract=True).amount == D(most)
    without = costs("BE", open_now)
    assert (without.amount, without.reasons[0].code) == (D(0), "NO_CLAUSE")


@pytest.mark.parametrize(
    ("number", "recurring", "cost"),
    [(3, True, "0"), (4, True, "9.07"), (4, False, "0")],
)
def test_a_belgian_reminder_costs_from_the_fourth_missed_date_on(
    number: int, recurring: bool, cost: str
) -> None:
    ruling = reminder_costs(
        pack_of("BE"), NOW, number=number, recurring=recurring, postage=D("1.57")
    )
    assert ruling.amount == D(cost)
    assert ruling.allowed == (cost != "0")


@pytest.mark.parametrize(
    ("day", "claim", "factor", "lines"),
    [
        (NOW, 40, "0.5", ["15.75", "3.15"]),
        (NOW, 30, "0.3", ["9.45", "5.55", "3.00"]),
        (NOW, 450, "0.9", ["46.35", "9.27"]),
        (NOW, 450, "2", ["66.95", "13.39"]),
        (NOW, 1800, "1.3", ["228.80", "20"]),
        (NOW, 2000, "0.9", ["158.40", "20"]),
        (NOW, 2500, "0.9", ["211.95", "20"]),
        (NOW, 12000, "0.5", ["353.50", "20"]),
        (date(2025, 5, 31), 40, "0.5", ["15.00", "3.00"]),
        (date(2025, 5, 31), 1800, "0.9", ["149.40", "20"]),
    ],
)
def test_the_german_tariff_goes_by_value_factor_and_day(
    day: date, claim: int, factor: str, lines: list[str]
) -> None:
    ruling = collection_costs(
        pack_of("DE"),
        day,
        principal=D(claim),
        debtor=Debtor.CONSUMER,
        actor=Actor.AGENCY,
        factor=D(factor),
    )
    assert [line.amount for line in ruling.lines] == [D(amount) for amount in lines]


def test_the_normal_factor_holds_where_none_is_given() -> None:
    assert costs("DE", 300, actor=Actor.AGENCY).amount == D("55.62")
    with_vat = costs("DE", 300, actor=Actor.AGENCY, vat=Vat(in_letter=True))
    assert with_vat.amount == D("66.19")


@pytest.mark.parametrize(
    ("debt", "fixed"), [("999.99", 40), ("1000", 70), ("9999.99", 70), ("10000", 100)]
)
def test_british_fixed_sums_change_on_the_edge(debt: str, fixed: int) -> None:
    ruling = costs("UK", debt, Debtor.BUSINESS)
    assert (ruling.amount, ruling.currency) == (D(fixed), "GBP")


def test_every_late_payment_costs_a_fixed_sum_and_real_costs_come_above_it() -> None:
    pack = pack_of("EU")
    two = compensation(pack, NOW, debtor=Debtor.BUSINESS, late_payments=2)
    assert (two.amount, len(two.lines)) == (D(80), 1)
    more = compensation(pack, NOW, debtor=Debtor.BUSINESS, late_payments=2, actual=D("93.50"))
    assert [line.amount for line in more.lines] == [D(80), D("13.50")]
    less = compensation(pack, NOW, debtor=Debtor.BUSINESS, late_payments=2, actual=D(79))
    assert less.amount == D(80)
    for nobody in (Debtor.CONSUMER, None):
        refused = compensation(pack, NOW, debtor=nobody)
        assert (refused.allowed, refused.amount) == (False, D(0))
        assert refused.reasons[0].code == "NOT_FOR_CONSUMERS"


def fees(*terms: Term, one_letter: bool = False, debtor: Debtor | None = None) -> list[Decimal]:
    asked = [replace(term, letter_id="A" if one_letter else "") for term in terms]
    rulings = instalment_costs(pack_of("NL"), asked, debtor=debtor)
    return [ruling.amount or D(0) for ruling in rulings]


def monthly(amount: object, *months: int) -> list[Term]:
    return [Term(date(2026, month, 5), D(str(amount))) for month in months]


def test_a_further_term_within_six_months_costs_half() -> None:
    assert fees(*monthly(80, 1, 2, 3)) == [D(40), D(20), D(20)]
    assert fees(*monthly(80, 3, 1, 2)) == [D(20), D(40), D(20)]


def test_six_months_after_a_full_fee_the_next_term_costs_the_full_fee_again() -> None:
    assert fees(*monthly(80, 1, 6, 7, 8)) == [D(40), D(20), D(40), D(20)]


def test_terms_above_the_threshold_follow_the_plain_scale() -> None:
    assert fees(*monthly("266.67", 1, 2)) == [D(40), D(20)]
    assert fees(*monthly("266.68", 1, 2)) == [D(40), D(40)]
    assert fees(*monthly(400, 1, 2)) == [D(60), D(60)]


def test_a_term_without_its_letter_costs_nothing_and_begins_no_series() -> None:
    first, second = monthly(80, 1, 2)
    assert fees(Term(first.due_on, first.amount, letter=False), second) == [D(0), D(40)]


def test_one_letter_for_several_terms_costs_the_highest_fee_once() -> None:
    assert fees(*monthly(80, 1, 2, 3), one_letter=True) == [D(40), D(0), D(0)]
    mixed = [*monthly(80, 1), *monthly(400, 2)]
    assert fees(*mixed, one_letter=True) == [D(0), D(60)]


def test_before_october_2024_and_between_businesses_every_term_costs_the_full_fee() -> None:
    old = [Term(date(2024, 8, 1), D(80)), Term(date(2024, 9, 1), D(80))]
    assert fees(*old) == [D(40), D(40)]
    assert fees(*monthly(80, 1, 2), debtor=Debtor.BUSINESS) == [D(40), D(40)]


@pytest.mark.parametrize(("jurisdiction", "debtor", "actor"), SCALES)
@settings(max_examples=60, deadline=None)
@given(one=AMOUNTS, other=AMOUNTS)
def test_costs_never_fall_as_the_principal_rises_and_the_lines_make_the_sum(
    jurisdiction: str, debtor: Debtor, actor: Actor, one: Decimal, other: Decimal
) -> None:
    small, large = sorted((one, other))
    low, high = (
        costs(jurisdiction, amount, debtor, actor=actor, in_contract=True)
        for amount in (small, large)
    )
    assert low.amount is not None and high.amount is not None
    assert D(0) < low.amount <= high.amount
    assert sum((line.amount for line in high.lines), D(0)) == high.amount
    assert high.amount == high.amount.quantize(D("0.01"))


@settings(max_examples=60, deadline=None)
@given(principal=AMOUNTS)
def test_costs_stay_between_floor_and_cap(principal: Decimal) -> None:
    dutch, belgian = costs("NL", principal), costs("BE", principal, in_contract=True)
    assert D(40) <= (dutch.amount or D(0)) <= D(6775)
    assert D(20) <= (belgian.amount or D(0)) <= D(2000)


@settings(max_examples=40, deadline=None)
@given(principal=AMOUNTS, paid=AMOUNTS)
def test_paying_within_the_term_never_makes_it_dearer(principal: Decimal, paid: Decimal) -> None:
    whole, rest = costs("NL", principal), costs("NL", principal, paid_in_term=paid)
    assert (rest.amount or D(0)) <= (whole.amount or D(0))
    assert (rest.amount == 0) == (paid >= principal)


@settings(max_examples=40, deadline=None)
@given(days=st.lists(st.integers(0, 500), min_size=1, max_size=8), amount=AMOUNTS)
def test_terms_together_never_cost_more_than_each_alone(days: list[int], amount: Decimal) -> None:
    terms = [Term(date.fromordinal(date(2025, 1, 1).toordinal() + n), amount) for n in days]
    alone = sum((fees(term)[0] for term in terms), D(0))
    assert sum(fees(*terms), D(0)) <= alone
    assert sum(fees(*terms, one_letter=True), D(0)) <= sum(fees(*terms), D(0))
