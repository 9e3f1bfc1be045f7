"""Cases of letters, contact and replies with words and dates of our own.

A row is a rule, its jurisdiction, its input and what must come out.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from tenor.engine.cases.run import Verdict, case_of, run_case

Row = tuple[str, str, Mapping[str, Any], Mapping[str, Any]]

COUNTS_FROM_RECEIPT = [
    "within 14 days after the day on which you received this letter",
    "fourteen days from the day following receipt of this letter",
    "within 14 days after you got this letter",
    "binnen veertien dagen nadat deze brief bij u is bezorgd",
    "U heeft 14 dagen, gerekend vanaf de dag na de dag waarop u deze brief heeft gekregen",
    "binnen 14 dagen nadat u deze brief kreeg",
    "within two weeks after receipt",
]
DOES_NOT = [
    "within 14 days from the day of receipt",  # a day short
    "within 14 days including the day of receipt",
    "binnen 14 dagen na dagtekening",
    "binnen twee weken na de datum bovenaan deze brief",
    "within 13 days after receipt",
    "within a fortnight of the date above",
    "within 14 days",
    "uiterlijk 20-11-2026",
    "",
]
LETTER = {
    "principal": "500.00",
    "term": "14 days from the day after receipt",
    "fee_amount": "75.00",
    "consequence": "the fee falls due",
}


def _content(given: Mapping[str, Any], wanted: Mapping[str, Any]) -> Row:
    return ("fourteen_day_content", "NL", {"letter": {**LETTER, **given}}, wanted)


LETTERS: list[Row] = [
    *(
        ("fourteen_day_wording", "NL", {"wording": w}, {"acceptable": True})
        for w in COUNTS_FROM_RECEIPT
    ),
    *(("fourteen_day_wording", "NL", {"wording": w}, {"acceptable": False}) for w in DOES_NOT),
    _content({"fee_amount": "EUR 75,00"}, {"valid": True}),
    _content({"fee_amount": "90.75", "vat_note": "we cannot deduct VAT"}, {"valid": True}),
    _content({"fee_amount": "90.75"}, {"valid": False}),
    _content({"fee_amount": "15% of the principal"}, {"valid": False}),  # no exact sum
    _content({"fee_amount": None}, {"valid": False, "missing": ["fee_amount"]}),
    (
        "may_charge_costs",
        "NL",
        {"received": None, "on": "2027-01-20", "paid": False},
        {"may_charge": False},
    ),
    (
        "may_charge_costs",
        "NL",
        {"dispatched": "2026-11-03", "channel": "post", "on": "2026-11-19", "paid": False},
        {"may_charge": False},
    ),
    (
        "may_charge_costs",
        "NL",
        {"dispatched": "2026-11-03", "channel": "post", "on": "2026-11-20", "paid": False},
        {"may_charge": True},
    ),
    (
        "may_charge_costs",
        "NL",
        {"received": "2026-11-05", "bounced": True, "on": "2026-12-20", "paid": False},
        {"may_charge": False},
    ),
]

WHO: list[Row] = [
    ("wki_quality", "NL", {"actor": "lawyer", "registered": False}, {"allowed": True}),
    ("wki_quality", "NL", {"actor": "incassobureau", "registered": None}, {"allowed": False}),
    (
        "wki_quality",
        "NL",
        {"actor": "agency", "debtor": "sole trader"},
        {"bki_debtor_rules_apply": True},
    ),
    (
        "wki_quality",
        "NL",
        {"actor": "agency", "debtor": "stichting"},
        {"bki_debtor_rules_apply": False},
    ),
    (
        "wki_quality",
        "NL",
        {"actor": "agency", "debtor": "natural person living abroad"},
        {"bki_debtor_rules_apply": False},
    ),
    (
        "reg_f",
        "US",
        {"actor": "original creditor using another name"},
        {"reg_f_applies": True},
    ),
    ("reg_f", "US", {"actor": "attorney collecting for clients"}, {"reg_f_applies": True}),
    ("reg_f", "US", {"third_party": "neighbour", "purpose": "collect"}, {"allowed": False}),
]

AMERICA: list[Row] = [
    ("reg_f", "US", {"channel": "work e-mail", "consent": False}, {"allowed": False}),
    ("reg_f", "US", {"channel": "work email", "direct_prior_consent": True}, {"allowed": True}),
    ("reg_f", "US", {"channel": "email", "employer_provided": True}, {"allowed": False}),
    ("reg_f", "US", {"channel": "social media", "public": True}, {"allowed": False}),
    ("reg_f", "US", {"channel": "social media", "visible_to": "friends"}, {"allowed": False}),
    ("reg_f", "US", {"channel": "sms", "opt_out_fee": "0.50"}, {"compliant": False}),
    (
        "reg_f",
        "US",
        {"channel": "email", "opt_out_requires": "an account number"},
        {"compliant": False},
    ),
    (
        "reg_f",
        "US",
        {"consumer_said": "do not call me at work", "next_channel": "call to work"},
        {"allowed": False},
    ),
    ("reg_f", "US", {"time_barred": True, "threat_of_suit": True}, {"allowed": False}),
    (
        "reg_f",
        "US",
        {"email": "This is Kim of Beta Corp. Please call 555-0111."},
        {"limited_content": False, "reason": "VOICEMAIL_ONLY"},
    ),
    ("call_frequency_scope", "US", {"channel": "sms"}, {"counts_toward_cap": False}),
    (
        "call_frequency_scope",
        "US",
        {"call_result": "the consumer called in"},
        {"counts_toward_cap": False},
    ),
    (
        "tcpa_10dlc",
        "US",
        {"confirmation_text_contains_marketing": True},
        {"allowed": False},
    ),
    (
        "tcpa_10dlc",
        "US",
        {"use_case": "first_party_collection", "direct_consent": False},
        {"carrier_accepts": False},
    ),
    (
        "tcpa_10dlc",
        "US",
        {"campaign_use_case": "third-party debt collection", "route": "toll-free"},
        {"carrier_accepts": False},
    ),
    ("tcpa_10dlc", "US", {"revoke_all": True, "on": "2027-01-30"}, {"in_force": False}),
    ("tcpa_10dlc", "US", {"revoke_all": True, "on": "2027-02-01"}, {"in_force": True}),
    (
        "state_rule",
        "US-MA",
        {"calls_last_7_days": 1, "texts_last_7_days": 1, "attempt": "text"},
        {"allowed": False},
    ),
    (
        "state_rule",
        "US-NY-NYC",
        {
            "on": "2026-09-01",
            "contacts_last_7_days_all_channels_this_account": 3,
            "attempt": "letter",
        },
        {"allowed": False, "new_rule_in_force": True},
    ),
    (
        "state_rule",
        "US-FL",
        {"channel": "email", "local_time": "22:15", "on": "2025-05-15"},
        {"allowed_state": False},
    ),
    (
        "validation_period",
        "US",
        {"notice_sent": "2026-12-24"},
        {"earliest_assumed_receipt": "2027-01-04", "validation_period_ends": "2027-02-03"},
    ),
]

_SAID = {
    "REVOKE": [
        "sotp", "st0p", "Unsuscribe", "dont message me anymore", "Baja", "ALTO", "no más mensajes",
        "déjeme en paz", "arrêt", "Stoppen aub", "this is the wrong person stop",
    ],
    "HELP": ["ayuda", "Help?"],
    "REVIEW": ["I'll stop by your office tomorrow", "¿puedo pagar mañana?"],
    "NONE": ["thanks", "gracias", "paid this morning"],
}  # fmt: skip
REPLIES: list[Row] = [
    ("sms_keyword", "US", {"inbound": words}, {"classification": wish})
    for wish, said in _SAID.items()
    for words in said
]

BRITAIN: list[Row] = [
    *(
        (
            "conc7",
            "UK",
            {"customer_says": words, "on": "2026-10-05"},
            {"hold": True, "until": "2026-11-04"},
        )
        for words in (
            "my debt management company is preparing a plan",
            "I am seeing a money adviser about this",
            "an IVA is being drawn up for me",
            "Citizens advise is sorting my debts",
        )
    ),
    *(
        ("conc7", "UK", {"customer_says": words}, {"hold": True})
        for words in (
            "the amount is wrong",
            "I have been made bankrupt",
            "my husband died last week",
            "my partner controls my money and hits me",
            "this debt is over six years old",
            "I have a learning disability",
        )
    ),
    *(
        ("conc7", "UK", {"customer_says": words}, {"hold": False})
        for words in ("ok, I will pay tomorrow", "thank you")
    ),
    ("conc7", "UK", {"dispute": "no goods were delivered"}, {"hold": True, "investigate": True}),
    ("conc7", "UK", {"dispute": "frivolous"}, {"hold": False}),
    ("conc7", "UK", {"mental_capacity_limit_known": False}, {"hold": False}),
    ("conc7", "UK", {"message_on": "facebook wall"}, {"allowed": False}),
    ("conc7", "UK", {"message_on": "sealed letter to the customer"}, {"allowed": True}),
    ("conc7", "UK", {"vulnerable": True}, {"hold": True}),
    (
        "breathing_space_standard",
        "UK-EW",
        {"registered": "2026-11-30"},
        {"last_day": "2027-01-29", "contact_may_resume": "2027-01-30"},
    ),
    ("breathing_space_mental_health", "UK-EW", {"crisis_treatment_ends": None}, {"last_day": None}),
    (
        "breathing_space_eligibility",
        "UK-EW",
        {
            "type": "mental_health",
            "previous_standard_started": "2026-03-01",
            "on": "2026-11-21",
        },
        {"eligible": True},
    ),
]


@pytest.mark.parametrize(
    ("rule", "place", "given", "wanted"),
    [*LETTERS, *WHO, *AMERICA, *REPLIES, *BRITAIN],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_words_and_dates_of_our_own_come_out_as_the_rules_say(
    rule: str, place: str, given: Mapping[str, Any], wanted: Mapping[str, Any]
) -> None:
    entry = {"id": "ours", "rule": rule, "jurisdiction": place, "input": given, "expected": wanted}
    outcome = run_case(case_of(entry, "this test"))
    assert outcome.verdict is Verdict.PASSED, (given, outcome.differences)


@pytest.mark.parametrize(
    ("rule", "place", "given"),
    [
        ("inconvenient_time", "US", {"utc": "2026-11-20T15:00Z", "possible_zones": []}),
        ("state_rule", "US-TX", {"attempt": "call"}),
        ("breathing_space_eligibility", "UK-SCT", {"on": "2026-11-21"}),
        ("reg_f", "US", {"weather": "fine"}),
        ("wki_quality", "NL", {"actor": "wizard", "registered": True}),
    ],
)
def test_what_no_rule_speaks_of_is_refused_with_a_reason(
    rule: str, place: str, given: Mapping[str, Any]
) -> None:
    entry = {
        "id": "ours",
        "rule": rule,
        "jurisdiction": place,
        "input": given,
        "expected": {"x": 1},
    }
    outcome = run_case(case_of(entry, "this test"))
    assert outcome.verdict is not Verdict.PASSED
    assert outcome.differences
    assert "did not come out" not in outcome.differences[0]
