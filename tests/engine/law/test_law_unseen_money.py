"""Cases of money with numbers and words of our own: what we promise beyond the cases we were shown.

A row is a rule, its input and what must come out.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from tenor.engine.cases.run import Verdict, case_of, run_case

Row = tuple[str, Mapping[str, Any], Mapping[str, Any]]


def _fee(principal: str, fee: str) -> Row:
    return ("bik_fee", {"principal": principal, "currency": "EUR"}, {"fee_charged": fee})


def _terms(*terms: tuple[str, str]) -> list[dict[str, str]]:
    return [{"due": due, "amount": amount} for due, amount in terms]


DUTCH_COSTS: list[Row] = [
    _fee("0", "0.00"),
    _fee("266.67", "40.00"),  # 40.0005: the last cent that the least fee covers
    _fee("266.68", "40.00"),
    _fee("333.33", "50.00"),
    _fee("2499.99", "375.00"),
    _fee("5000", "625.00"),
    _fee("5000.10", "625.01"),
    _fee("50000", "1275.00"),
    _fee("1000000.01", "6775.00"),
    # VAT comes after the least and the most, not before.
    (
        "bik_fee_vat",
        {
            "principal": "1500000",
            "creditor_can_deduct_vat": False,
            "vat_rate": "21",
            "stated_in_letter": True,
        },
        {"fee_net": "6775.00", "vat": "1422.75", "fee_charged": "8197.75"},
    ),
    (
        "bik_fee_vat",
        {"principal": "90", "creditor_can_deduct_vat": None, "stated_in_letter": True},
        {"vat": "0.00", "fee_charged": "40.00"},  # not known whether it is owed: not charged
    ),
    # Several invoices in one letter are one sum.
    (
        "bik_fee",
        {"invoices": [{"number": "A", "amount": "210"}, {"number": "B", "amount": "190"}]},
        {"base": "400.00", "fee_charged": "60.00"},
    ),
    ("bik_fee", {"invoices": ["150.50", "149.50"]}, {"fee_charged": "45.00"}),
    (
        "bik_after_part_payment",
        {"principal": "800", "paid_within_14_days": "799.99"},
        {"base": "0.01", "fee_charged": "40.00"},
    ),
    ("bik_entitlement", {"debtor": "consumer", "letter_sent": False}, {"fee_charged": "0.00"}),
    ("bik_entitlement", {"debtor": None, "letter_sent": False}, {"fee_charged": "0.00"}),
    (
        "bik_entitlement",
        {"debtor": "consumer", "claim_type": "unlawful act"},
        {"statutory_scale_applies": False},
    ),
    (
        "bik_entitlement",
        {"debtor": "sole trader", "principal": "200", "due_date_passed": True},
        {"minimum_fee": "40.00"},  # who trades owes as a business does
    ),
    (
        "bik_entitlement",
        {"debtor": "business", "principal": "700", "agreed_fee": "140.00"},
        {"fee_charged": "140.00"},
    ),
    (
        "bik_instalment_cumulation",
        {"debtor": "consumer", "terms": _terms(("2026-02-01", "90"), ("2026-07-31", "90"))},
        {"fee_per_term": ["40.00", "20.00"]},
    ),
    (
        "bik_instalment_cumulation",
        {"debtor": "consumer", "terms": _terms(("2026-02-01", "90"), ("2026-08-15", "90"))},
        {"fee_per_term": ["40.00", "40.00"]},
    ),
    (
        "bik_instalment_cumulation",
        {"debtor": "consumer", "terms": _terms(("2026-02-01", "400"), ("2026-03-01", "400"))},
        {"fee_per_term": ["60.00", "60.00"]},
    ),
    (
        "bik_instalment_cumulation",  # before the rule on recurring terms
        {"debtor": "consumer", "terms": _terms(("2024-07-01", "90"), ("2024-08-01", "90"))},
        {"fee_per_term": ["40.00", "40.00"]},
    ),
]

INTEREST: list[Row] = [
    (
        "statutory_interest_simple",
        {
            "principal": "1000",
            "debtor": "sole_trader",
            "default_from": "2026-08-01",
            "paid_on": "2026-09-01",
        },
        {"interest": "8.83"},
    ),
    (
        "statutory_interest_simple",  # a leap year has 366 days of interest
        {
            "principal": "2000",
            "debtor": "consumer",
            "default_from": "2024-01-01",
            "paid_on": "2025-01-01",
        },
        {"interest": "140.38"},
    ),
    (
        "statutory_interest_simple",
        {
            "principal": "1000",
            "debtor": "consumer",
            "default_from": "2026-12-15",
            "paid_on": "2027-01-15",
        },
        {"interest": None},  # no rate is known from 2027 on: nothing is guessed
    ),
    (
        "statutory_interest_simple",
        {
            "principal": "1000",
            "debtor": "consumer",
            "default_from": "2026-03-01",
            "paid_on": "2026-03-31",
            "contract_rate": "8",
        },
        {"interest": "6.58"},
    ),
    (
        "default_interest",
        {
            "principal": "690",
            "debtor": "business",
            "default_from": "2026-08-01",
            "paid_on": "2026-11-09",
        },
        {"interest": "19.89"},
    ),
    ("default_interest_rate", {"date": "2024-08-01"}, {"base_pct": "3.37", "consumer_pct": "8.37"}),
    ("default_interest_rate", {"date": "2022-12-31"}, {"base_pct": "-0.88"}),
    ("b2b_statutory_rate", {"country": "AT", "date": "2026-09-01"}, {"rate_pct": "10.73"}),
    ("b2b_statutory_rate", {"country": "AT", "date": "2025-03-01"}, {"rate_pct": None}),
    ("b2b_statutory_rate", {"country": "GB", "date": "2023-09-01"}, {"rate_pct": "13"}),
    ("b2b_statutory_rate", {"country": "BE", "date": "2026-09-01"}, {"rate_pct": "10.5"}),
    ("b2b_statutory_rate", {"country": "FR", "date": "2025-03-01"}, {"rate_pct": "13.15"}),
    ("b2b_statutory_rate", {"country": "SE", "date": "2026-03-01"}, {"rate_pct": None}),
    ("late_payment_rate", {"date": "2027-01-01"}, {"rate_pct": None}),
    ("legal_rate", {"half_year": "2026-H2"}, {"professional_pct": None}),
]

TRADE: list[Row] = [
    (
        "late_payment_directive",
        {"country": "NL", "debtor": "consumer", "invoice": "900.00"},
        {"fixed_compensation": "0.00", "interest_due": False},
    ),
    (
        "late_payment_directive",
        {"country": "PL", "debtor": "business", "invoices_late": 3},
        {"fixed_compensation": "120.00"},
    ),
    (
        "late_payment_directive",
        {
            "country": "EU",
            "debtor": "business",
            "agreed_days": 14,
            "invoice_received": "2026-10-01",
        },
        {"default_from": "2026-10-16"},
    ),
    ("late_payment_directive", {"proposal": "COM(2023) 533"}, {"in_force": False}),
    (
        "late_payment_total",
        {"debt": "700", "days_late": 0, "rate_pct": "11.75"},
        {"total": "700.00"},
    ),
    (
        "payment_term_b2b",
        {"debtor": "large business", "creditor": "small business", "agreed_days": 60},
        {"agreed_term_valid": False, "effective_days": 30},
    ),
    (
        "limitation",
        {"claim": "consumer_purchase", "due": "2024-01-01", "on": "2026-11-21"},
        {"prescribed": True, "years": 2},
    ),
    (
        "book_xix",
        {"recurring": True, "reminder_number": 4, "postage": "1.00"},
        {"reminder_cost": "8.50"},
    ),
    ("book_xix", {"first_reminder_fee": "10.00"}, {"allowed": False, "chargeable": "0.00"}),
    (
        "book_xix",
        {"first_reminder_sent": False, "outstanding": "300", "penalty_clause_in_terms": True},
        {"lump_sum": "0.00"},
    ),
    (
        "book_xix",
        {"outstanding": "300", "reminder_sent": "2026-11-02", "channel": "email"}
        | {"on": "2026-11-16", "penalty_charged": "45.00"},
        {"lump_sum": "0.00", "allowed": False},  # the wait ends with that day
    ),
    (
        "book_xix",
        {"reminder_sent": "2026-11-02", "channel": "email", "creditor": "small firm"},
        {"interest_may_run_from": "2026-11-03"},
    ),
    ("book_xix", {"contract_rate_pct": "12", "on": "2026-03-01"}, {"allowed": False}),
    ("book_xix", {"contact_person": "the consumer's employer"}, {"allowed": False}),
    ("book_xix", {"contact_person": "lawyer of consumer"}, {"allowed": True}),
    ("book_xix", {"actor": "lawyer", "registered_with_FPS_Economy": False}, {"allowed": True}),
    (
        "book_xix",
        {"reminder_fields": ["balance", "creditor name", "due date"]},
        {"compliant": False, "missing": ["fee_amount", "creditor_number", "ground", "term"]},
    ),
    (
        "fr_collection",
        {"debtor": "professional", "invoice_terms_rate": None, "on": "2026-03-01"},
        {"rate_pct": "12.15", "fixed_compensation": "40.00"},
    ),
    (
        "fr_collection",
        {"debtor": "consumer", "amicable_collection_costs": "50.00", "has_title": False},
        {"chargeable": "0.00", "allowed": False},
    ),
]

REFUSED: list[tuple[str, Mapping[str, Any]]] = [
    ("bik_fee", {"principal": "a lot"}),
    ("bik_fee", {"currency": "EUR"}),
    ("bik_fee", {"principal": "-5"}),
    ("limitation", {"claim": "judgment", "due": "2010-06-01", "on": "2026-11-21"}),
    (
        "statutory_interest_simple",  # another way of counting days is not answered with ours
        {
            "principal": "1",
            "default_from": "2024-01-01",
            "paid_on": "2024-02-01",
            "day_count": "30/360",
        },
    ),
    ("book_xix", {"moon": "full"}),
    ("book_xix", {"debtor": "business", "outstanding": "300"}),
]


def _named(rows: list[Row]) -> list[Any]:
    return [pytest.param(*row, id=f"{row[0]}-{number}") for number, row in enumerate(rows, 1)]


@pytest.mark.parametrize(
    ("rule", "given", "wanted"), _named(DUTCH_COSTS) + _named(INTEREST) + _named(TRADE)
)
def test_a_case_that_nobody_has_shown_comes_out_as_the_law_says(
    rule: str, given: Mapping[str, Any], wanted: Mapping[str, Any]
) -> None:
    entry = {"id": "ours", "rule": rule, "input": given, "expected": wanted}
    outcome = run_case(case_of(entry, "this test"))
    assert outcome.verdict is Verdict.PASSED, outcome.differences


@pytest.mark.parametrize(("rule", "given"), REFUSED)
def test_what_cannot_be_answered_is_said_and_not_guessed(
    rule: str, given: Mapping[str, Any]
) -> None:
    entry = {"id": "ours", "rule": rule, "input": given, "expected": {"answer": Decimal(1)}}
    outcome = run_case(case_of(entry, "this test"))
    assert outcome.verdict is not Verdict.PASSED
    assert outcome.differences
    assert "did not come out" not in outcome.differences[0]
