"""The shared worked cases of contact and replies, and those that the shipped packs carry."""

import os
from pathlib import Path

import pytest

from tenor.engine.cases import channel_policy, contact, reg_f, replies
from tenor.engine.cases.packs import run_pack
from tenor.engine.cases.run import Case, Outcome, Verdict, read_cases, run_case
from tenor.engine.law.library import shipped

ROOT = Path(__file__).parents[3]
FACTS = Path(os.environ.get("TENOR_PUBLIC_FACTS", ROOT.parent / "shared" / "facts"))
OURS = (
    contact.RULES.keys() | replies.RULES.keys() | channel_policy.RULES.keys() | reg_f.RULES.keys()
)


@pytest.mark.parametrize(
    "name", ["nl_contact_window", "us_reg_f", "us_tcpa_states", "channel_norms"]
)
def test_every_shared_case_of_ours_passes(name: str) -> None:
    file = FACTS / "vectors" / f"{name}.json"
    if not file.exists():
        pytest.skip(f"the shared worked cases are not here: {file}")

    outcomes = [run_case(case) for case in read_cases(file) if case.rule in OURS]

    assert outcomes
    assert _failed(outcomes) == []


@pytest.mark.parametrize("jurisdiction", ["none", "NL", "BE", "UK", "US"])
def test_the_cases_that_a_pack_carries_pass(jurisdiction: str) -> None:
    packs = shipped()

    outcomes = [o for o in run_pack(packs[jurisdiction], packs) if o.case.rule in OURS]

    assert outcomes
    assert _failed(outcomes) == []


def _failed(outcomes: list[Outcome]) -> list[object]:
    return [(o.case.id, o.differences) for o in outcomes if o.verdict is not Verdict.PASSED]


WINDOW = {"zone": "Europe/Amsterdam", "channel": "email", "actor": "collection_agency"}


@pytest.mark.parametrize(
    ("rule", "facts", "expected"),
    [
        (
            "bki_contact_window",
            {**WINDOW, "local_time": "2026-11-18T07:00"},
            {"allowed": True, "reason": "OK", "local_time": "2026-11-18T07:00"},
        ),
        (
            "bki_contact_window",
            {**WINDOW, "utc": "2026-07-18T18:00Z"},
            {
                "local_time": "2026-07-18T20:00",
                "reason": "QUIET_HOURS",
                "next_allowed_local": "2026-07-20T07:00",
            },
        ),
        (
            "bki_contact_window",
            {**WINDOW, "local_time": "2027-05-06T10:00"},
            {"reason": "PUBLIC_HOLIDAY", "next_allowed_local": "2027-05-08T07:00"},
        ),
        ("wki_quality", {"actor": "collection_agency", "registered": True}, {"allowed": True}),
        (
            "wki_quality",
            {"actor": "collection_agency", "registered": False, "on": "2024-06-01"},
            {"allowed": True, "reason": "TRANSITION"},
        ),
        ("wki_quality", {"text_readability": "A2"}, {"compliant": True}),
        (
            "inconvenient_time",
            {"utc": "2026-11-22T16:00Z", "possible_zones": ["America/New_York"]},
            {"allowed": True, "local": {"America/New_York": "11:00"}},
        ),
        (
            "inconvenient_time",
            {"utc": "2026-11-21T02:00Z", "possible_zones": ["America/New_York"]},
            {"allowed": False, "reason": "QUIET_HOURS"},
        ),
        (
            "call_frequency",
            {
                "counted_calls": ["2026-11-03"] * 6,
                "last_conversation": None,
                "attempt_on": "2026-11-09",
            },
            {"presumed_compliant": True, "reason": "OK"},
        ),
        (
            "call_frequency",
            {
                "counted_calls": [],
                "last_conversation": "2026-11-03",
                "attempt_on": "2026-11-10",
            },
            {"presumed_compliant": True},
        ),
        ("call_frequency_scope", {"call_result": "busy signal"}, {"counts_toward_cap": False}),
        (
            "call_frequency_scope",
            {"call_result": "consent given 7 days ago, answered"},
            {"counts_toward_cap": True},
        ),
        (
            "state_rule",
            {"jurisdiction": "US-MA", "calls_and_texts_last_7_days": 1, "attempt": "text to cell"},
            {"allowed": True},
        ),
        (
            "state_rule",
            {"jurisdiction": "US-MA", "actor": "creditor", "local_time": "20:59", "channel": "sms"},
            {"allowed": True},
        ),
        (
            "state_rule",
            {
                "jurisdiction": "US-NY-NYC",
                "on": "2026-09-01",
                "contacts_last_7_days_all_channels_this_account": 3,
                "attempt": "email",
            },
            {"new_rule_in_force": True, "allowed": False, "reason": "OVERALL_CAP"},
        ),
        (
            "state_rule",
            {"jurisdiction": "US-FL", "channel": "sms", "local_time": "21:00"},
            {"allowed_state": False},
        ),
        ("sms_keyword", {"inbound": "Unsubscribe!"}, {"classification": "REVOKE"}),
        (
            "tcpa_10dlc",
            {"received": "2026-07-01", "holidays": []},
            {"legal_max": "2026-07-16", "system_default": "immediate"},
        ),
        (
            "tcpa_10dlc",
            {"confirmation_text_sent_minutes_after": 2, "contains_marketing": True, "count": 1},
            {"allowed": False},
        ),
        (
            "reg_f",
            {"consumer_said": "please don't call me", "next_channel": "email"},
            {"allowed": True},
        ),
        (
            "reg_f",
            {"consumer_said": "please don't call me", "next_channel": "call"},
            {"allowed": False},
        ),
        (
            "reg_f",
            {"consumer_written": "stop contacting me", "next": "notice that collection is ending"},
            {"allowed": True},
        ),
        ("reg_f", {"attorney_known": True, "next": "letter to attorney"}, {"allowed": True}),
        ("reg_f", {"time_barred": True, "next": "threaten a lawsuit"}, {"allowed": False}),
        ("reg_f", {"time_barred": True, "next": "reminder"}, {"allowed": True}),
        (
            "reg_f",
            {"furnish_to_bureau": True, "prior_contact": "letter sent 5 days ago"},
            {"allowed": False},
        ),
        (
            "reg_f",
            {"furnish_to_bureau": True, "prior_contact": "letter sent 20 days ago, returned"},
            {"allowed": False},
        ),
        ("reg_f", {"furnish_to_bureau": True, "prior_contact": "none"}, {"allowed": False}),
        ("reg_f", {"channel": "work_email", "consent": False}, {"allowed": False}),
        ("reg_f", {"work_email": True, "consent": False}, {"allowed": False}),
        ("reg_f", {"work_email": True, "consent": True}, {"allowed": True}),
        ("reg_f", {"social_media": "public post"}, {"allowed": False}),
        (
            "reg_f",
            {"consumer_written": "I refuse to pay", "next": "reminder"},
            {"allowed": False},
        ),
        ("tcpa_10dlc", {"sender": "third-party collector"}, {"carrier_accepts": False}),
        ("tcpa_10dlc", {"actor": "creditor", "brand_registered": True}, {"carrier_accepts": True}),
        ("reg_f", {"channel": "email", "has_opt_out_text": True}, {"compliant": True}),
        (
            "channel_policy",
            {"sms_last_7_days": 1, "policy_cap_sms_7d": 2, "wanted": "sms"},
            {"send": True},
        ),
        (
            "channel_policy",
            {"email_last_7_days": 1, "policy_cap_email_7d": 1, "wanted": "email"},
            {"send": False, "reason": "MORE_THAN_1_IN_7", "fallback": "sms"},
        ),
        (
            "channel_policy",
            {"last_message_hours_ago": 20, "policy_min_gap_hours": 12, "wanted": "email"},
            {"send": True},
        ),
        (
            "channel_policy",
            {"opt_outs": ["email", "sms"], "wanted": "email"},
            {"send": False, "fallback": "letter"},
        ),
        ("channel_policy", {"opt_outs": ["sms"], "wanted": "email"}, {"send": True}),
        (
            "channel_policy",
            {"opt_outs": ["all"], "wanted": "email"},
            {"send": False, "fallback": None},
        ),
        (
            "channel_policy",
            {"opt_outs": ["all"], "wanted": "letter", "purpose": "legally required notice"},
            {"send": True},
        ),
        ("channel_policy", {"opt_outs": ["all"], "wanted": "letter"}, {"send": False}),
        (
            "channel_policy",
            {"local_time": "2026-11-22T12:00", "wanted": "email"},
            {"send": False, "reason": "SUNDAY"},
        ),
        (
            "channel_policy",
            {"country": None, "wanted": "interest"},
            {"charge_interest": False, "tone": "neutral"},
        ),
        ("reg_f", {"actor": "collection agency for a creditor"}, {"reg_f_applies": True}),
        ("channel_policy", {"voicemail": "Your debt of 20 euros"}, {"send": False}),
        (
            "channel_policy",
            {"channel": "email", "subject": "Your invoice 12"},
            {"send": True},
        ),
        (
            "channel_policy",
            {"flags": ["dispute_open"], "scope": "90.50 of 100.00", "action": "reminder"},
            {"send": True, "amount": "9.50"},
        ),
        (
            "channel_policy",
            {
                "debtor_zone": "Europe/Paris",
                "sender_zone": "Europe/Berlin",
                "local_time_debtor": "2026-10-02T10:00",
            },
            {"send": True},
        ),
        (
            "channel_policy",
            {
                "debtor_zone": "Europe/Paris",
                "sender_zone": "Europe/Berlin",
                "local_time_debtor": "2026-07-14T10:00",
            },
            {"send": False, "reason": "FR_PUBLIC_HOLIDAY_POLICY"},
        ),
    ],
)
def test_our_own_cases(rule: str, facts: dict[str, object], expected: dict[str, object]) -> None:
    outcome = run_case(Case("own", rule, facts, expected))
    assert (outcome.verdict, outcome.differences) == (Verdict.PASSED, ())
