"""Cases of data rights, of what may be sent and of fairness, with words and dates of our own."""

from collections.abc import Mapping
from typing import Any

import pytest

from tenor.engine.cases.run import Verdict, case_of, run_case

Row = tuple[str, str, Mapping[str, Any], Mapping[str, Any]]


def _flag(flag: str, action: str) -> Row:
    return ("channel_policy", "ANY", {"flags": [flag], "action": action}, {"send": False})


def _law(place: str, name: str, on: str, stands: bool) -> Row:
    return ("governance", place, {"rule": name, "on": on}, {"in_force": stands})


SENT: list[Row] = [
    _flag("minor_reported", "reminder"),
    _flag("address_unknown", "letter"),
    _flag("wrong_address", "letter"),
    _flag("objection_art21", "model scoring"),
    _flag("identity_fraud", "reminder"),
    _flag("debt_counselling_active", "hand over to agency"),
    _flag("represented_by_lawyer", "email debtor"),
    _flag("a_flag_that_nobody_knows", "reminder"),  # protects until somebody has looked
    (
        "channel_policy",
        "ANY",
        {"flags": ["objection_21"], "action": "reminder"},
        {"send": True},  # a founded claim may still be asked for
    ),
    (
        "channel_policy",
        "ANY",
        {
            "flags": ["promise_to_pay"],
            "promise_date": "2026-12-30",
            "grace_days": 3,
            "on": "2027-01-01",
            "action": "reminder",
        },
        {"send": False, "resume": "2027-01-03"},
    ),
    (
        "channel_policy",
        "ANY",
        {
            "flags": ["dispute_open"],
            "scope": "20.00 of 90.00",
            "action": "reminder for the whole invoice",
        },
        {"send": False},
    ),
    (
        "channel_policy",
        "ANY",
        {
            "flags": ["deceased_reported", "promise_to_pay"],
            "promise_date": "2026-12-01",
            "on": "2026-11-23",
            "action": "reminder",
        },
        {"send": False, "route": "estate handling; condolence letter to representative only"},
    ),
    (
        "channel_policy",
        "ANY",
        {"opt_outs": ["sms", "e-mail"], "wanted": "sms"},
        {"send": False, "fallback": "letter"},
    ),
    (
        "channel_policy",
        "ANY",
        {"opt_outs": ["everything"], "wanted": "email"},
        {"send": False, "fallback": None},
    ),
    *(
        (
            "channel_policy",
            "ANY",
            {"message": message, "country": country, "fields": ["amount", "link"]},
            {"complete": False},
        )
        for message, country in (
            ("14-day letter", "NL"),
            ("free first reminder", "BE"),
            ("first demand", "DE"),
            ("validation notice", "US"),
        )
    ),
    ("channel_policy", "ANY", {"channel": "social media post"}, {"send": False}),
    ("channel_policy", "ANY", {"channel": "voicemail", "text": "You owe 300"}, {"send": False}),
    (
        "channel_policy",
        "ANY",
        {"country": None, "debtor_type": "business"},
        {"charge_fee": False, "charge_interest": False},
    ),
]

PRIVACY: list[Row] = [
    (
        "privacy_ai",
        "EU",
        {"decision": "refuse plan", "solely_automated": True},
        {"allowed": False, "reason": "ART22"},  # how serious it is, is not said
    ),
    (
        "privacy_ai",
        "EU",
        {
            "decision": "refuse plan",
            "solely_automated": False,
            "human_review": "rubber stamp",
            "significant_effect": True,
        },
        {"allowed": False, "reason": "ART22"},
    ),
    (
        "privacy_ai",
        "EU",
        {
            "decision": "refuse plan",
            "solely_automated": False,
            "score_draws_strongly": True,
            "significant_effect": True,
        },
        {"allowed": False},
    ),
    (
        "privacy_ai",
        "EU",
        {"request": "erasure", "received": "2026-01-31"},
        {"answer_by": "2026-02-28"},
    ),
    (
        "privacy_ai",
        "NL",
        {
            "request": "erasure",
            "record": "invoice",
            "invoice_date": "2019-05-01",
            "on": "2026-11-21",
        },
        {"erase": False, "erasable_from": "2027-01-01"},
    ),
    (
        "privacy_ai",
        "DE",
        {"request": "erasure", "record": "books", "financial_year": 2016, "on": "2026-11-21"},
        {"erase": False, "erasable_from": "2027-01-01"},
    ),
    (
        "privacy_ai",
        "NL",
        {"request": "erasure", "record": "risk score", "on": "2026-11-21"},
        {"erase": True},
    ),
    (
        "privacy_ai",
        "EU",
        {"record": "SDD mandate", "last_collection": "2025-11-21", "on": "2026-11-21"},
        {"keep_until": "2027-01-21"},
    ),
    (
        "privacy_ai",
        "NL",
        {"event": "unique link click", "purpose": "profile", "consent": False},
        {"allowed": False},
    ),
]

IN_FORCE: list[Row] = [
    _law("EU", "AI Act art. 50(2)", "2026-12-01", False),
    _law("EU", "AI Act art. 50(2)", "2026-12-02", True),
    _law("EU", "AI Act art. 50", "2026-08-02", True),
    _law("EU", "AI Act high-risk Annex III", "2027-12-01", False),
    _law("EU", "AI omnibus 2026/1744", "2026-07-27", True),
    _law("NL", "Consumer Credit Directive 2023/2225", "2026-11-19", False),
    _law("NL", "Consumer Credit Directive 2023/2225", "2026-11-20", True),
    _law("EU", "COM(2023) 533", "2026-11-21", False),
    _law("US", "DCWP rules", "2026-08-31", False),
    _law("US", "DCWP rules", "2026-09-01", True),
    _law("US", "FCC revoke-all", "2027-01-30", False),
    _law("US", "Regulation B effects test", "2026-07-20", True),
    _law("US", "Regulation B effects test", "2026-07-21", False),
]


@pytest.mark.parametrize(
    ("rule", "place", "given", "wanted"),
    [*SENT, *PRIVACY, *IN_FORCE],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_asked_in_other_words_comes_out_alike(
    rule: str, place: str, given: Mapping[str, Any], wanted: Mapping[str, Any]
) -> None:
    entry = {"id": "ours", "rule": rule, "jurisdiction": place, "input": given, "expected": wanted}
    outcome = run_case(case_of(entry, "this test"))
    assert outcome.verdict is Verdict.PASSED, (given, outcome.differences)


@pytest.mark.parametrize(
    ("rule", "given"),
    [
        ("channel_policy", {"channel": "carrier pigeon"}),
        ("governance", {"validator": "the developer"}),
        ("privacy_ai", {"request": "erasure", "record": "moon phases"}),
        ("four_fifths", {"groups": {"A": {"favourable": 0, "total": 0}}}),
        ("fourteen_day_content", {"letter": "dear sir"}),
    ],
)
def test_what_cannot_be_used_is_one_failed_case_with_a_reason(
    rule: str, given: Mapping[str, Any]
) -> None:
    entry = {"id": "ours", "rule": rule, "input": given, "expected": {"x": 1}}
    outcome = run_case(case_of(entry, "this test"))
    assert outcome.verdict is Verdict.FAILED
    assert outcome.differences[0].startswith("could not be run: ")
