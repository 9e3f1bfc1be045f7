"""Default, terms of payment, limitation and the order in which a payment settles a debt."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenor.engine.errors import LawError
from tenor.engine.law.case import Debtor
from tenor.engine.law.library import pack_of
from tenor.engine.law.money.allocation import PARTS, allocate
from tenor.engine.law.money.default import Facts, default_begins
from tenor.engine.law.money.limitation import limitation
from tenor.engine.law.money.terms import Agreement, payment_term

D = Decimal
NOW = date(2026, 11, 21)
BUSINESS, CONSUMER, AUTHORITY = Debtor.BUSINESS, Debtor.CONSUMER, Debtor.PUBLIC_AUTHORITY
AMOUNTS = st.decimals(0, 10**6, places=2)


def begins(jurisdiction: str, debtor: Debtor | None, **facts: object) -> date | None:
    return default_begins(pack_of(jurisdiction), NOW, Facts(**facts), debtor=debtor).begins  # type: ignore[arg-type]


@pytest.mark.parametrize("jurisdiction", ["none", "EU", "NL", "DE", "UK", "US"])
def test_a_date_in_the_calendar_needs_no_reminder(jurisdiction: str) -> None:
    assert begins(jurisdiction, None, due_on=date(2026, 10, 14)) == date(2026, 10, 15)


def test_in_belgium_and_france_a_consumer_must_be_reminded_first() -> None:
    for jurisdiction in ("BE", "FR"):
        assert begins(jurisdiction, BUSINESS, due_on=date(2026, 10, 14)) == date(2026, 10, 15)
        assert begins(jurisdiction, CONSUMER, due_on=date(2026, 10, 14)) is None
        reminded = {"due_on": date(2026, 10, 14), "reminded_on": date(2026, 10, 20)}
        assert begins(jurisdiction, CONSUMER, **reminded) == date(2026, 10, 21)


@pytest.mark.parametrize(
    ("due_on", "first"),
    [("2026-10-16", "2026-10-17"), ("2026-10-17", "2026-10-20"), ("2026-12-25", "2026-12-29")],
)
def test_in_germany_a_last_day_on_a_weekend_or_holiday_moves(due_on: str, first: str) -> None:
    found = begins("DE", CONSUMER, due_on=date.fromisoformat(due_on))
    assert found == date.fromisoformat(first)


def test_time_runs_from_the_later_of_invoice_and_goods_for_businesses_only() -> None:
    facts = {"invoice_on": date(2026, 9, 10), "goods_on": date(2026, 9, 2)}
    for jurisdiction in ("EU", "NL", "UK", "FR", "BE"):
        assert begins(jurisdiction, BUSINESS, **facts) == date(2026, 10, 11)
        assert begins(jurisdiction, AUTHORITY, **facts) == date(2026, 10, 11)
        assert begins(jurisdiction, CONSUMER, **facts) is None


def test_a_german_consumer_is_in_default_after_thirty_days_only_if_the_invoice_said_so() -> None:
    facts = {"invoice_on": date(2026, 9, 7)}
    assert begins("DE", CONSUMER, told=True, **facts) == date(2026, 10, 8)
    assert begins("DE", CONSUMER, **facts) is None
    assert begins("DE", BUSINESS, **facts) == date(2026, 10, 8)
    sooner = begins("DE", CONSUMER, told=True, reminded_on=date(2026, 9, 20), **facts)
    assert sooner == date(2026, 9, 21)


def test_default_cites_its_ground_and_says_what_is_missing() -> None:
    found = default_begins(
        pack_of("DE"), NOW, Facts(invoice_on=date(2026, 9, 7), told=True), debtor=CONSUMER
    )
    assert found.basis == "286(3)"
    assert found.reason is not None and found.reason.rule == "DE:default.invoice_to_consumer"
    missing = default_begins(pack_of("NL"), NOW, Facts(), debtor=BUSINESS)
    assert missing.begins is None
    assert set(missing.todo) == {
        "Record when the invoice was received.",
        "Send a reminder and keep evidence of when it was received.",
    }


@pytest.mark.parametrize(
    ("jurisdiction", "debtor", "agreement", "stands", "days"),
    [
        ("NL", BUSINESS, Agreement(None), None, 30),
        ("NL", BUSINESS, Agreement(60), True, 60),
        ("NL", BUSINESS, Agreement(61), False, 30),
        ("NL", BUSINESS, Agreement(90, express=True), True, 90),
        ("NL", BUSINESS, Agreement(90, express=True, unfair=True), False, 30),
        ("NL", BUSINESS, Agreement(45, creditor_size="sme", debtor_size="large"), False, 30),
        ("NL", BUSINESS, Agreement(30, creditor_size="sme", debtor_size="large"), True, 30),
        ("NL", BUSINESS, Agreement(45, creditor_size="large", debtor_size="large"), True, 45),
        ("NL", AUTHORITY, Agreement(31), False, 30),
        ("EU", AUTHORITY, Agreement(55, justified=True), True, 55),
        ("EU", AUTHORITY, Agreement(61, justified=True), False, 30),
        ("EU", AUTHORITY, Agreement(60, healthcare=True), True, 60),
        ("FR", BUSINESS, Agreement(60), True, 60),
        ("FR", BUSINESS, Agreement(61, express=True), False, 30),
        ("FR", BUSINESS, Agreement(45, end_of_month=True), True, 45),
        ("FR", BUSINESS, Agreement(50, end_of_month=True), False, 30),
        ("UK", AUTHORITY, Agreement(45, justified=True), False, 30),
        ("NL", CONSUMER, Agreement(90), True, 90),
        ("none", BUSINESS, Agreement(120), True, 120),
    ],
)
def test_the_longest_term_depends_on_who_agreed(
    jurisdiction: str, debtor: Debtor, agreement: Agreement, stands: bool | None, days: int
) -> None:
    found = payment_term(pack_of(jurisdiction), NOW, agreement, debtor=debtor)
    assert (found.valid, found.days) == (stands, days)


def test_a_large_business_could_agree_on_more_with_a_small_one_before_july_2022() -> None:
    agreement = Agreement(45, creditor_size="small", debtor_size="large")
    before = payment_term(pack_of("NL"), date(2022, 6, 30), agreement, debtor=BUSINESS)
    after = payment_term(pack_of("NL"), date(2022, 7, 1), agreement, debtor=BUSINESS)
    assert (before.valid, after.valid) == (True, False)


def prescribed(jurisdiction: str, due_on: str, **facts: object) -> bool | None:
    day = date.fromisoformat(due_on)
    return limitation(pack_of(jurisdiction), NOW, due_on=day, **facts).prescribed  # type: ignore[arg-type]


def test_a_claim_can_be_demanded_up_to_the_last_day_of_its_term() -> None:
    assert prescribed("NL", "2021-11-21", claim="services_contract") is False
    assert prescribed("NL", "2021-11-20", claim="services_contract") is True
    assert prescribed("NL", "2024-11-21", claim="consumer_sale_price") is False
    assert prescribed("NL", "2024-11-20", claim="consumer_sale_price") is True
    assert prescribed("UK", "2020-11-21") is False
    assert prescribed("UK", "2020-11-20") is True


def test_an_interruption_begins_the_term_anew_but_never_shortens_it_or_revives_a_claim() -> None:
    sale = {"claim": "consumer_sale_price"}
    assert prescribed("NL", "2023-01-10", interrupted_on=date(2024, 12, 1), **sale) is False
    assert prescribed("NL", "2021-01-10", interrupted_on=date(2023, 1, 11), **sale) is True
    rent = {"claim": "rent", "interrupted_on": date(2022, 3, 2)}
    assert prescribed("NL", "2021-03-01", **rent) is False


def test_a_claim_of_unknown_kind_has_the_shortest_term_that_it_may_have() -> None:
    assert prescribed("NL", "2024-11-20") is True
    assert prescribed("NL", "2024-11-21") is False


def test_german_years_run_from_the_end_of_the_year() -> None:
    assert prescribed("DE", "2022-12-31") is True
    assert prescribed("DE", "2023-01-02") is False
    found = limitation(pack_of("DE"), NOW, due_on=date(2023, 1, 2))
    assert (found.last_day, found.years) == (date(2026, 12, 31), 3)


def test_in_scotland_the_claim_itself_is_gone() -> None:
    found = limitation(pack_of("UK-SCT"), NOW, due_on=date(2021, 5, 1))
    assert (found.prescribed, found.extinguished, found.years) == (True, True, 5)
    english = limitation(pack_of("UK"), NOW, due_on=date(2020, 5, 1))
    assert (english.prescribed, english.extinguished) == (True, False)


def test_where_no_term_is_known_nothing_is_concluded() -> None:
    assert prescribed("US", "1999-01-01") is None


@pytest.mark.parametrize(
    ("jurisdiction", "parts"),
    [
        ("NL", {"costs": "60", "interest": "12.50", "principal": "27.50"}),
        ("FR", {"costs": "0", "interest": "12.50", "principal": "87.50"}),
        ("none", {"costs": "0", "interest": "0", "principal": "100"}),
    ],
)
def test_a_payment_settles_the_parts_of_a_debt_in_the_order_of_the_law(
    jurisdiction: str, parts: dict[str, str]
) -> None:
    debt = {"principal": D(400), "interest": D("12.50"), "costs": D(60)}
    found = allocate(pack_of(jurisdiction), NOW, D(100), debt)
    assert found.parts == {name: D(amount) for name, amount in parts.items()}
    assert found.left == 0


@given(payment=AMOUNTS, debt=st.fixed_dictionaries(dict.fromkeys(PARTS, AMOUNTS)))
def test_not_a_cent_is_lost_in_allocating(payment: Decimal, debt: dict[str, Decimal]) -> None:
    found = allocate(pack_of("NL"), NOW, payment, debt)
    assert sum(found.parts.values(), found.left) == payment
    assert all(D(0) <= found.parts[name] <= debt[name] for name in PARTS)
    assert found.left == max(payment - sum(debt.values(), D(0)), D(0))


def test_a_part_that_no_debt_has_is_an_error() -> None:
    with pytest.raises(LawError, match="no 'fees'"):
        allocate(pack_of("NL"), NOW, D(1), {"fees": D(1)})


@given(due=st.dates(date(2010, 1, 1), date(2026, 1, 1)), later=st.integers(0, 4000))
def test_a_claim_once_prescribed_stays_so(due: date, later: int) -> None:
    day = due + timedelta(days=later)
    pack = pack_of("NL")
    if limitation(pack, day, due_on=due).prescribed:
        assert limitation(pack, day + timedelta(days=1), due_on=due).prescribed
