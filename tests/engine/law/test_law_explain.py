"""The facts of a case are read strictly, and every step is answered with its reasons."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers, lists, sampled_from

from tenor.engine.errors import LawError
from tenor.engine.law.case import Actor, Case, Debtor, Hold
from tenor.engine.law.explain import CHANNELS, STEPS, explain, ruling_on
from tenor.engine.law.facts import read_case, zones_in
from tenor.engine.law.library import shipped
from tenor.engine.law.ruling import Ruling

NOON = "2026-11-18T12:00:00+01:00"  # a Wednesday


def case(jurisdiction: str = "NL", **facts: Any) -> Case:
    return read_case({"at": NOON, **facts}, jurisdiction)


def test_a_case_without_facts_protects_the_debtor() -> None:
    found = case()
    assert found.protected and found.debtor is None and found.actor is Actor.CREDITOR
    assert found.at == datetime(2026, 11, 18, 11, tzinfo=UTC)
    assert found.zones == ("Europe/Amsterdam",)
    assert (found.claims, found.notices, found.contacts, found.holds) == ((), (), (), ())
    assert (found.registered, found.mandate) == (None, None)


def test_the_facts_are_taken_as_they_were_written() -> None:
    found = case(
        debtor="business",
        opt_outs=["sms"],
        claims=[
            {
                "invoice": "F1", "principal": "820.00", "due_on": "2026-10-01", "recurring": True,
                "paid": [{"on": "2026-10-20", "amount": 20}],
            }
        ],
        notices=[{"kind": "fourteen_day", "sent_on": "2026-10-12", "costs": Decimal("123")}],
        contacts=[{"at": "2026-10-12T09:00:00Z", "channel": "call", "conversation": True}],
        holds=[{"code": "complaint", "since": "2026-10-14"}],
    )  # fmt: skip
    [claim], [notice], [contact], [hold] = (
        found.claims, found.notices, found.contacts, found.holds,
    )  # fmt: skip
    assert (found.debtor, found.opt_outs) == (Debtor.BUSINESS, {"sms"})
    assert (claim.principal, claim.currency, claim.recurring) == (Decimal(820), "EUR", True)
    assert claim.paid == ((date(2026, 10, 20), Decimal(20)),)
    assert (notice.channel, notice.received_on, notice.costs) == ("letter", None, Decimal(123))
    assert contact.conversation and contact.at == datetime(2026, 10, 12, 9, tzinfo=UTC)
    assert (hold.code, hold.until) == ("COMPLAINT", None)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"debter": "consumer"}, "the facts: 'debter' is not known here; did you mean 'debtor'?"),
        ({"debtor": "consumr"}, "the facts: 'debtor' is 'consumr'; did you mean 'consumer'?"),
        ({"claims": [{}, {"principle": 1}]}, "claims, number 2: 'principle' is not known here"),
        ({"claims": [{"invoice": "F1"}]}, "claims, number 1: 'principal' is missing"),
        ({"claims": [{"principal": 3.5}]}, 'write an exact sum such as "820.00"'),
        ({"claims": [{"principal": "-1"}]}, "write an exact sum of zero or more"),
        ({"claims": {"principal": 1}}, "'claims' must be a list"),
        ({"claims": ["F1"]}, "claims, number 1: this must be an object"),
        ({"claims": [{"principal": 1, "paid": [{"on": "2026-01-02"}]}]}, "'amount' is missing"),
        ({"holds": [{"code": "DISPUTE", "since": "2.1.2026"}]}, "is no date; write 2026-11-21"),
        ({"zones": ["Europe/Amsterdm"]}, "did you mean 'Europe/Amsterdam'?"),
        ({"zones": []}, "name at least one zone"),
        ({"at": "2026-11-18T12:00:00"}, "write a moment with its offset"),
        ({"mandate": "yes"}, "write true or false"),
        ({"opt_outs": "sms"}, 'write a list of texts such as ["email"]'),
    ],
)
def test_a_wrong_fact_is_refused_with_its_place_and_what_to_write(
    facts: dict[str, Any], said: str
) -> None:
    with pytest.raises(LawError) as refused:
        case(**facts)
    assert said in str(refused.value)


def test_a_jurisdiction_without_a_pack_names_those_there_are() -> None:
    with pytest.raises(LawError, match=r"no pack for 'XX'; there are .*NL"):
        case("XX")


def test_a_moment_is_needed_from_the_facts_or_the_caller() -> None:
    with pytest.raises(LawError, match="'at' is missing"):
        read_case({}, "NL")
    assert read_case({}, "NL", at=datetime(2026, 1, 5, tzinfo=UTC)).at.day == 5


def test_where_only_the_country_is_known_the_debtor_may_be_in_any_of_its_zones() -> None:
    winter = datetime(2026, 1, 15, tzinfo=UTC)
    assert case("UK").zones == ("Europe/London",)
    assert {"America/Los_Angeles", "America/New_York"} < set(zones_in("US", winter))
    # In winter Hawaii and the Aleutians keep the same time: one of the two stands for both.
    assert zones_in("US", winter)[0] in ("Pacific/Honolulu", "America/Adak")
    assert case("none").zones == ("UTC",)
    assert case("US-FL").zones == ("America/Chicago", "America/New_York")
    assert case("EU-AT").zones == ("Europe/Vienna",)


# What may be done ---------------------------------------------------------------------------

OWED = {"invoice": "F1", "principal": "500", "due_on": "2026-09-01"}
LETTER = {
    "kind": "fourteen_day", "sent_on": "2026-09-20", "received_on": "2026-09-22",
    "evidence": "signed for", "costs": "75",
    "contains": ["principal", "term", "fee_amount", "consequence"],
}  # fmt: skip


def answers(jurisdiction: str = "NL", **facts: Any) -> dict[str, Ruling]:
    usual = {"debtor": "consumer", "claims": [OWED]}
    return {one.step: one for one in explain(case(jurisdiction, **{**usual, **facts}))}


def codes(ruling: Ruling) -> list[str]:
    return [reason.code for reason in ruling.reasons]


@pytest.mark.parametrize("jurisdiction", sorted(shipped()))
def test_every_step_is_answered_everywhere_and_each_no_has_its_reason(jurisdiction: str) -> None:
    found = explain(case(jurisdiction, claims=[OWED]))
    assert tuple(one.step for one in found) == STEPS
    for one in found:
        assert one.allowed or one.reasons or one.todo, one.step
        for reason in one.reasons:
            assert reason.text and reason.source and ":" in reason.rule


def test_a_working_day_at_noon_is_open_until_the_evening() -> None:
    email = answers()["contact.email"]
    assert email.allowed
    assert email.changes_at == datetime(2026, 11, 18, 19, tzinfo=UTC)  # 20:00 in Amsterdam


def test_on_a_sunday_contact_is_free_again_on_monday_morning() -> None:
    letter = answers(at="2026-11-22T12:00:00+01:00")["contact.letter"]
    assert (letter.allowed, codes(letter)) == (False, ["SUNDAY"])
    assert letter.changes_at == datetime(2026, 11, 23, 6, tzinfo=UTC)


def test_after_a_contact_the_next_moment_keeps_both_the_gap_and_the_hours() -> None:
    # A day between contacts would end at 21:30, when nobody may be contacted any more.
    email = answers(contacts=[{"at": "2026-11-18T11:30:00+01:00", "channel": "email"}])[
        "contact.email"
    ]
    assert not email.allowed and "MIN_GAP" in codes(email)
    assert email.changes_at is not None
    again = replace(case(claims=[OWED]), at=email.changes_at)
    assert ruling_on(again, "contact.email").allowed


def test_who_refused_a_channel_is_not_reached_there_and_no_moment_is_promised() -> None:
    found = answers(opt_outs=["sms"])
    assert codes(found["contact.sms"])[0] == "CEASE_CHANNEL"
    assert found["contact.sms"].changes_at is None
    assert found["contact.email"].allowed


def test_who_wants_no_contact_is_reached_nowhere() -> None:
    found = answers(opt_outs=["all"])
    for channel in CHANNELS:
        assert codes(found[f"contact.{channel}"])[0] == "CEASE_ALL"


def test_all_reasons_are_kept_the_hold_first() -> None:
    email = answers(
        at="2026-11-22T22:00:00+01:00",
        holds=[{"code": "breathing_space", "since": "2026-11-01"}],
    )["contact.email"]
    assert codes(email)[0] == "BREATHING_SPACE" and "SUNDAY" in codes(email)


def test_somebody_vulnerable_is_asked_kindly_and_never_pressed_charged_or_tried_out_on() -> None:
    found = answers(holds=[{"code": "vulnerable", "since": "2026-11-01"}], notices=[LETTER])
    assert found["contact.email"].allowed and found["demand"].allowed
    for step in ("pressure.firm", "pressure.urgent", "charge.costs", "explore", "hand_over"):
        assert not found[step].allowed, step


def test_a_hold_with_an_end_says_when_the_step_is_free_again() -> None:
    firm = answers(
        holds=[
            {"code": "complaint", "since": "2026-11-01", "until": "2026-11-20"},
            {"code": "debt_help", "since": "2026-11-01", "until": "2026-11-25"},
        ]
    )["pressure.firm"]
    assert codes(firm) == ["COMPLAINT", "DEBT_HELP"]
    assert firm.changes_at == datetime(2026, 11, 25, 23, tzinfo=UTC)


def test_no_costs_before_the_letter_and_exactly_the_scale_after_it() -> None:
    before = answers()["charge.costs"]
    assert (before.allowed, before.amount, codes(before)) == (False, 0, ["NOTICE_MISSING"])
    assert before.todo == ("Send the fourteen day letter.",)
    after = answers(notices=[LETTER])["charge.costs"]
    assert (after.allowed, after.amount, after.currency) == (True, Decimal(75), "EUR")
    assert sum(line.amount for line in after.lines) == 75


def test_while_the_letter_runs_the_first_day_of_costs_is_said() -> None:
    late = {**LETTER, "sent_on": "2026-11-05", "received_on": "2026-11-09"}
    costs = answers(notices=[late])["charge.costs"]
    # The fourteenth day after receipt is 23 November.
    assert costs.changes_at == datetime(2026, 11, 23, 23, tzinfo=UTC)


def test_interest_is_explained_line_by_line_and_its_lines_add_up() -> None:
    # 77 days at 4% on 500, from 2 September on.
    interest = answers()["charge.interest"]
    assert interest.amount == Decimal("4.22")
    assert sum(line.amount for line in interest.lines) == Decimal("4.22")


def test_the_charges_of_several_invoices_name_theirs() -> None:
    two = [OWED, {"invoice": "F2", "principal": "60", "due_on": "2026-09-10"}]
    interest = answers(claims=two)["charge.interest"]
    assert {line.text.split(":")[0] for line in interest.lines} == {"F1", "F2"}


def test_nothing_owed_is_nothing_to_charge_ask_or_hand_over() -> None:
    found = answers(claims=[])
    for step in ("demand", "charge.costs", "charge.interest", "hand_over", "court"):
        assert not found[step].allowed
        assert found[step].todo == ("Nothing is owed: there is no claim.",)


def test_what_was_paid_since_still_explains_the_sum_of_the_letter() -> None:
    paid = [{"on": "2026-11-01", "amount": "60"}]
    two = [OWED, {"invoice": "F2", "principal": "60", "due_on": "2026-09-10", "paid": paid}]
    both = {**LETTER, "costs": "84", "invoices": ["F1", "F2"]}
    costs = answers(claims=two, notices=[both])["charge.costs"]
    # 15% of 560 is 84, of which 75 are the share of what is still open.
    assert (costs.allowed, costs.amount) == (True, Decimal(75))
    interest = answers(claims=two)["charge.interest"]
    assert interest.amount == Decimal("4.22")


def test_a_case_leaves_only_with_its_list_and_a_signature() -> None:
    agency = {"registered": True, "mandate": True}
    missing = answers()["hand_over"]
    assert not missing.allowed and {"LETTERS", "SIGNATURE"} <= set(codes(missing))
    unsigned = answers(notices=[LETTER], **agency)["hand_over"]
    assert (unsigned.allowed, codes(unsigned)) == (False, ["SIGNATURE"])
    assert answers(notices=[LETTER], signed_by="A. Visser", **agency)["hand_over"].allowed


def test_a_collector_outside_the_register_reaches_nobody() -> None:
    email = answers(actor="agency", mandate=True)["contact.email"]
    assert "NOT_IN_REGISTER" in codes(email) and email.changes_at is None


@settings(max_examples=60, deadline=None)
@given(
    place=sampled_from(["NL", "BE", "DE", "FR", "UK", "US", "none"]),
    hour=integers(0, 24 * 14),
    holds=lists(sampled_from(["COMPLAINT", "VULNERABLE", "DISPUTE", "AGREED"]), max_size=3),
)
def test_another_hold_never_allows_more(place: str, hour: int, holds: list[str]) -> None:
    moment = datetime(2026, 11, 16, tzinfo=UTC) + timedelta(hours=hour)
    asked = replace(case(place, debtor="consumer", claims=[OWED], notices=[LETTER]), at=moment)
    rest = {one.step: one.allowed for one in explain(asked)}
    held = replace(asked, holds=tuple(Hold(code, date(2026, 11, 1)) for code in holds))
    for one in explain(held):
        assert not one.allowed or rest[one.step], (one.step, holds)


@settings(max_examples=60, deadline=None)
@given(place=sampled_from(["NL", "BE", "DE", "FR", "UK", "US-FL"]), hour=integers(0, 24 * 14))
def test_the_moment_at_which_a_contact_is_said_to_be_free_is_free(place: str, hour: int) -> None:
    moment = datetime(2026, 12, 20, tzinfo=UTC) + timedelta(hours=hour)
    before = [{"at": "2026-12-20T10:00:00Z", "channel": "call"}]
    asked = replace(case(place, claims=[OWED], contacts=before), at=moment)
    ruling = ruling_on(asked, "contact.letter")
    if not ruling.allowed and ruling.changes_at is not None:
        assert ruling.changes_at > moment
        assert ruling_on(replace(asked, at=ruling.changes_at), "contact.letter").allowed


def test_a_letter_that_the_pack_does_not_know_is_named_with_the_nearest() -> None:
    sent = {"kind": "fourteen_day_letter", "sent_on": "2026-11-05", "channel": "email"}
    with pytest.raises(LawError) as caught:
        read_case({"at": NOON, "notices": [sent]}, "NL")
    assert str(caught.value) == (
        "notices, number 1: 'kind' is 'fourteen_day_letter'; did you mean 'fourteen_day'?"
    )
