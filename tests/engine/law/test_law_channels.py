"""Channels: what they need, what shows outside, voicemail, and the end of consent."""

from datetime import date

import pytest

from tenor.engine.errors import LawError
from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.contact.channels import (
    Need,
    channel_use,
    confirm_stop,
    heed_by,
    limited_content,
    needs_of,
    seen_from_outside,
)
from tenor.engine.law.library import SECTIONS, pack_of, stand
from tenor.engine.law.reading import read_packs
from tenor.engine.law.ruling import Ruling

ON = date(2026, 11, 20)
ALL = frozenset(Need)


def use(
    jurisdiction: str,
    channel: str,
    has: frozenset[Need] = frozenset(),
    *,
    on: date = ON,
    actor: Actor = Actor.AGENCY,
    debtor: Debtor | None = None,
) -> Ruling:
    return channel_use(
        pack_of(jurisdiction), on, channel=channel, has=has, actor=actor, debtor=debtor
    )


def codes(found: Ruling) -> list[str]:
    return [reason.code for reason in found.reasons]


@pytest.mark.parametrize("jurisdiction", ["none", "NL", "BE", "DE", "FR", "UK", "US", "US-MA"])
def test_a_postcard_is_never_sent(jurisdiction: str) -> None:
    found = use(jurisdiction, "Postcard", ALL)
    assert (found.allowed, codes(found)) == (False, ["THIRD_PARTY_DISCLOSURE"])
    assert use(jurisdiction, "letter").allowed


def test_a_text_in_the_united_states_needs_consent_a_brand_and_a_way_out() -> None:
    bare = use("US", "sms", actor=Actor.CREDITOR)
    assert set(codes(bare)) == {"NO_CONSENT", "NO_REGISTERED_BRAND", "NO_OPT_OUT_TEXT"}
    assert len(bare.todo) == 3
    assert use("US", "sms", ALL).allowed
    assert needs_of(pack_of("US"), ON, channel="text", actor=Actor.AGENCY, debtor=None) == ALL
    assert codes(use("US", "sms", ALL - {Need.CARRIER_APPROVAL})) == ["NO_CARRIER_APPROVAL"]
    assert codes(use("US", "email")) == ["NO_OPT_OUT_TEXT"]
    assert use("US", "letter").allowed and use("US", "call").allowed
    assert use("NL", "sms").allowed


def test_the_way_out_is_law_for_a_collector_and_policy_for_a_creditor() -> None:
    collector, creditor = use("US", "email"), use("US", "email", actor=Actor.CREDITOR)
    assert [r.rule for r in collector.reasons] == ["US:channels.opt_out_text"]
    assert [r.rule for r in creditor.reasons] == ["US:channels.opt_out_text_of_creditors"]


def test_new_york_city_wants_consent_to_electronic_contact_since_september_2026() -> None:
    has = frozenset({Need.OPT_OUT_TEXT})
    assert use("US-NY-NYC", "email", has, on=date(2026, 8, 31)).allowed
    after = use("US-NY-NYC", "email", has, on=date(2026, 9, 1))
    assert codes(after) == ["NO_CONSENT"]
    assert use("US-NY-NYC", "email", ALL, on=date(2026, 9, 1)).allowed
    assert use("US-NY-NYC", "letter", has, on=date(2026, 9, 1)).allowed


@pytest.mark.parametrize(
    ("surface", "text"),
    [
        ("envelope", "FINAL DEMAND"),
        ("envelope", "Incassobureau De Boer"),
        ("subject", "Overdue debt 300 EUR"),
        ("subject", "Laatste herinnering: aanmaning factuur 12"),
        ("subject", "Mahnung zu Rechnung 4711"),
        ("subject", "Überfällige Rechnung"),
        ("subject", "Votre impayé"),
        ("subject", "Facture impayée no 12"),
        ("voicemail", "We are a debt collector"),
    ],
)
def test_nothing_outside_tells_of_a_debt(surface: str, text: str) -> None:
    found = seen_from_outside(pack_of("NL"), ON, surface=surface, text=text)
    assert (found.allowed, codes(found)) == (False, ["CONVEYS_DEBT"])
    assert found.step == f"disclose.{surface}"


@pytest.mark.parametrize(
    "text",
    [
        "Your invoice 4711",
        "A message from ABC",
        "Uw factuur van oktober",
        "Votre demande",
        "Ihre Rechnung",
    ],
)
def test_a_neutral_line_is_fine(text: str) -> None:
    assert seen_from_outside(pack_of("none"), ON, surface="subject", text=text).allowed


def test_the_word_that_gives_it_away_is_named() -> None:
    found = seen_from_outside(pack_of("none"), ON, surface="subject", text="2 Overdue items")
    assert found.reasons[0].text.endswith("Here it is “overdue”.")


@pytest.mark.parametrize(
    ("medium", "text", "code"),
    [
        (
            "voicemail",
            "This is Ann of ABC Inc. Please call me back at 555-0123.",
            "LIMITED_CONTENT",
        ),
        (
            "voicemail",
            "My name is Ann, ABC Inc. I would like a reply: (212) 555 0123.",
            "LIMITED_CONTENT",
        ),
        (
            "voicemail",
            "This is Ann of ABC Inc. about your overdue bill, call 555-0123.",
            "CONVEYS_DEBT",
        ),
        ("voicemail", "This is Ann of ABC Collections, please call 555-0123.", "CONVEYS_DEBT"),
        ("voicemail", "This is Ann of ABC Inc. Please call me back.", "MISSING_CONTENT"),
        ("voicemail", "ABC Inc., please call 555-0123.", "MISSING_CONTENT"),
        ("voicemail", "This is Ann of ABC Inc., 555-0123.", "MISSING_CONTENT"),
        ("sms", "This is Ann of ABC Inc. Please call me back at 555-0123.", "VOICEMAIL_ONLY"),
    ],
)
def test_a_limited_content_message_is_a_voicemail_that_tells_nothing(
    medium: str, text: str, code: str
) -> None:
    found = limited_content(pack_of("US"), ON, medium=medium, text=text)
    assert (found.allowed, codes(found)) == (code == "LIMITED_CONTENT", [code])


def test_elsewhere_there_is_no_limited_content_message() -> None:
    text = "This is Ann of ABC Inc. Please call me back at 555-0123."
    assert not limited_content(pack_of("NL"), ON, medium="voicemail", text=text).allowed


def test_a_wish_to_stop_is_heeded_within_ten_business_days() -> None:
    friday = heed_by(pack_of("US"), date(2026, 11, 13))
    assert friday is not None and friday[0] == date(2026, 11, 30)  # over Thanksgiving
    closed = heed_by(pack_of("US"), date(2026, 11, 13), closed=frozenset({date(2026, 11, 27)}))
    assert closed is not None and closed[0] == date(2026, 12, 1)
    summer = heed_by(pack_of("US"), date(2026, 6, 29))  # 3 July is observed
    assert summer is not None and summer[0] == date(2026, 7, 14)
    assert heed_by(pack_of("NL"), date(2026, 11, 13)) is None


@pytest.mark.parametrize("jurisdiction", ["US", "NL"])
def test_one_prompt_text_without_advertising_may_confirm_a_stop(jurisdiction: str) -> None:
    pack = pack_of(jurisdiction)
    assert confirm_stop(pack, ON, minutes_after=5).allowed
    assert codes(confirm_stop(pack, ON, minutes_after=6)) == ["TOO_LATE"]
    assert codes(confirm_stop(pack, ON, marketing=True)) == ["MARKETING"]
    assert codes(confirm_stop(pack, ON, count=2)) == ["TOO_MANY"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('kind = "rule"', "it must be one of use"),
        ('kind = "use", channels = ["sms"]', "exactly one of them"),
        ('kind = "use", never = true, needs = ["consent"]', "exactly one of them"),
        (
            'kind = "use", needs = ["luck"]',
            "there are consent, registered_brand, opt_out_text, carrier_approval",
        ),
    ],
)
def test_a_channel_rule_that_makes_no_sense_is_refused(row: str, said: str) -> None:
    text = f"""
[pack]
jurisdiction = "XX"
name = "Nowhere"
version = "1"
reviewed_on = 2026-11-21
[sources]
act = "The Act of Nowhere"
[channels.rule]
text = "A rule."
source = "act"
confidence = "high"
in_force = [ {{ from = 2020-01-01, {row} }} ]
"""
    with pytest.raises(LawError) as caught:
        stand(read_packs(text, place="xx.toml", sections=SECTIONS))
    assert said in str(caught.value)
