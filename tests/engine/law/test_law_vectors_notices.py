"""The shared worked cases of letters, terms and holds, and those that the shipped packs carry."""

import os
from decimal import Decimal
from pathlib import Path

import pytest

from tenor.engine.cases import holds, notices
from tenor.engine.cases.packs import run_pack
from tenor.engine.cases.run import Case, Outcome, Verdict, read_cases, run_case
from tenor.engine.law.library import shipped

ROOT = Path(__file__).parents[3]
FACTS = Path(os.environ.get("TENOR_PUBLIC_FACTS", ROOT.parent / "shared" / "facts"))
OURS = holds.RULES.keys() | notices.RULES.keys()


@pytest.mark.parametrize("name", ["nl_14day_letter", "be_consumer", "us_reg_f", "uk_rules"])
def test_every_shared_case_of_letters_and_holds_passes(name: str) -> None:
    file = FACTS / "vectors" / f"{name}.json"
    if not file.exists():
        pytest.skip(f"the shared worked cases are not here: {file}")

    outcomes = [run_case(case) for case in read_cases(file) if case.rule in OURS]

    assert outcomes
    assert _failed(outcomes) == []


@pytest.mark.parametrize("jurisdiction", ["none", "NL", "BE", "DE", "FR", "UK", "US"])
def test_the_cases_of_letters_and_holds_that_a_pack_carries_pass(jurisdiction: str) -> None:
    packs = shipped()

    outcomes = [o for o in run_pack(packs[jurisdiction], packs) if o.case.rule in OURS]

    assert len(outcomes) >= 2
    assert _failed(outcomes) == []


def _failed(outcomes: list[Outcome]) -> list[object]:
    return [(o.case.id, o.differences) for o in outcomes if o.verdict is not Verdict.PASSED]


@pytest.mark.parametrize(
    ("rule", "facts", "expected"),
    [
        (
            "fourteen_day_term",
            {"received": "2026-12-24"},
            {"day_1": "2026-12-25", "last_day": "2027-01-07", "costs_due_from": "2027-01-08"},
        ),
        (
            "fourteen_day_term_safe",
            {"received": "2026-12-11"},
            {"last_day": "2026-12-28", "costs_due_from": "2026-12-29"},
        ),
        (
            "deemed_postal_delivery",
            {"dispatched": "2026-12-23", "channel": "post"},
            # Thursday 24 December, then Christmas, a holiday Saturday, Sunday and Monday.
            {"deemed_received": "2026-12-29", "last_day": "2027-01-12"},
        ),
        ("may_charge_costs", {"received": "2026-09-09", "on": "2026-09-24"}, {"may_charge": True}),
        (
            "may_charge_costs",
            {"received": "2026-09-09", "on": "2026-09-24", "paid": True},
            {"may_charge": False, "reason": "PAID_IN_TERM"},
        ),
        (
            "fourteen_day_content",
            {"letter": {"principal": "3000.00", "fee_amount": "425.00"}},
            {"valid": False, "missing": ["term", "consequence"], "faults": []},
        ),
        (
            "fourteen_day_content",
            {
                "letter": {
                    "principal": "3000.00",
                    "fee_amount": "425.00",
                    "term": "within 14 days of today",
                    "consequence": "costs are added",
                }
            },
            {"valid": False, "missing": [], "faults": ["TERM_WORDING_WRONG"]},
        ),
        (
            "validation_period",
            {"notice_sent": "2026-12-24"},
            {"earliest_assumed_receipt": "2027-01-04", "validation_period_ends": "2027-02-03"},
        ),
        (
            "breathing_space_eligibility",
            {"previous_standard_started": "2025-11-21", "on": "2026-11-21"},
            {"eligible": True},
        ),
        (
            "breathing_space_eligibility",
            {"previous_standard_started": None, "on": "2026-11-21"},
            {"eligible": True},
        ),
        ("conc7", {"contact_time": "10:00"}, {"allowed": True}),
        ("conc7", {"message_on": "sealed letter"}, {"allowed": True}),
        ("conc7", {"customer_says": "I will pay on Friday"}, {"hold": False}),
        ("conc7", {"customer_asks_contact_by": "email only", "agent_emails": True},
            {"compliant": True}),
        (
            "conc7",
            {
                "age_years": Decimal("5.5"),
                "jurisdiction": "England",
                "customer_says_statute_barred": True,
            },
            {"barred": False, "demand_payment": True},
        ),
        (
            "conc7",
            {"age_years": 7, "jurisdiction": "England", "creditor_in_regular_contact": True},
            {"barred": True, "extinguished": False, "demand_payment": True},
        ),
        (
            "conc7",
            {"age_years": 7, "jurisdiction": "England", "creditor_in_regular_contact": False},
            {"demand_payment": False},
        ),
    ],
)  # fmt: skip
def test_our_own_cases_of_letters_and_holds(
    rule: str, facts: dict[str, object], expected: dict[str, object]
) -> None:
    outcome = run_case(Case("own", rule, facts, expected))
    assert (outcome.verdict, outcome.differences) == (Verdict.PASSED, ())
