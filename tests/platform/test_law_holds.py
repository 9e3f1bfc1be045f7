"""Holds in law: what each stops and lets through, how long it lasts, who may lift it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

import make
import plans
from cast import NOW, Cast
from make import TODAY
from tenor.engine.law.holds import Step
from tenor.platform.core.errors import Forbidden, Refused
from tenor.platform.decisions.actions import lay_out
from tenor.platform.decisions.gate import open_gate
from tenor.platform.decisions.models import Decision, Run, Task
from tenor.platform.events.queries import listed
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger import holding
from tenor.platform.ledger.models import Hold
from tenor.platform.outreach.actions import finish
from tenor.platform.outreach.asking import About, standing

# The words of a hold that Tenor has always had, and the code of the packs that each is.
CODES = {
    "agreed": "AGREED", "complaint": "COMPLAINT", "hardship": "DISTRESS",
    "breathing_space": "BREATHING_SPACE", "insolvency": "INSOLVENT", "deceased": "DECEASED",
    "represented": "REPRESENTED", "unmatched_money": "UNMATCHED_MONEY", "internal": "OTHER",
    "vulnerable": "VULNERABLE", "debt_help": "DEBT_HELP", "minor": "MINOR",
    "guardian": "GUARDIAN", "fraud_victim": "FRAUD_VICTIM", "wrong_address": "WRONG_ADDRESS",
    "payment_pending": "PAYMENT_PENDING", "objection_21": "OBJECTION_21",
}  # fmt: skip
TALKS = {"complaint", "hardship", "vulnerable", "debt_help", "objection_21"}


@pytest.fixture
def run(cast: Cast) -> Run:
    """A plan that goes out by itself, about C1 who owes F1."""
    plans.rules(cast)
    plans.settle(cast, automatic=["all"])
    make.invoice(cast, "F1")
    return plans.run(cast)


def hold(cast: Cast, reason: str, **values: object) -> Hold:
    return ledger.start_hold(cast.system, customer_key="C1", reason=reason, **values)


def gated(run: Run, **values: object) -> tuple[str, str]:
    made = plans.decision(run, **values)
    open_gate(run)
    made.refresh_from_db()
    return made.state, made.gate


def refusal(cast: Cast, tone: str, channel: str = "email") -> str:
    """Return why a message to C1 about F1 may not go out right now."""
    customer = make.Customer.objects.of(cast.organisation).get(key="C1").pk
    wanted = About(customer, ["F1"], "EUR", channel, "email", tone=tone)
    return standing(cast.organisation, [wanted], NOW)[0].refusal


def test_every_reason_is_a_code_of_the_packs_and_the_event_tells_it(cast: Cast) -> None:
    make.invoice(cast, "F1")
    assert set(CODES) == set(Hold.Reason.values)
    for reason in CODES:
        hold(cast, reason)
    told = listed(cast.organisation, customer_key="C1", limit=50)[0]
    said = [json.loads(event.detail) for event in told if event.kind == "hold_started"]
    assert {detail["reason"]: detail["code"] for detail in said} == CODES


@pytest.mark.parametrize("reason", sorted(CODES))
def test_a_hold_silences_only_where_the_law_stops_reminders(cast: Cast, reason: str) -> None:
    make.invoice(cast, "F1")
    hold(cast, reason, channel="email")
    assert refusal(cast, "friendly") == ("" if reason in TALKS else "hold")


@pytest.mark.parametrize("reason", ["complaint", "hardship", "vulnerable", "debt_help"])
@pytest.mark.parametrize("tone", ["firm", "urgent"])
def test_nobody_vulnerable_is_pressed(cast: Cast, reason: str, tone: str) -> None:
    make.invoice(cast, "F1")
    hold(cast, reason)
    assert refusal(cast, tone) == "no_pressure"
    assert [refusal(cast, t) for t in ("friendly", "neutral", "empathetic")] == ["", "", ""]


def test_a_wrong_address_closes_its_channel_and_no_other(cast: Cast) -> None:
    make.invoice(cast, "F1")
    hold(cast, "wrong_address", channel="letter")
    assert (refusal(cast, "friendly"), refusal(cast, "friendly", "letter")) == ("", "hold")


def test_a_hold_on_one_invoice_leaves_the_others_but_a_death_does_not(cast: Cast) -> None:
    make.invoice(cast, "F1")
    make.invoice(cast, "F2")
    hold(cast, "agreed", invoice_key="F2")
    assert refusal(cast, "friendly") == ""
    hold(cast, "deceased", invoice_key="F2")
    assert refusal(cast, "friendly") == "hold"


def test_the_gate_lets_no_pressing_word_through(cast: Cast, run: Run) -> None:
    hold(cast, "vulnerable")
    assert gated(run, tone="firm") == ("nothing", "no_pressure")


def test_a_person_looks_before_a_friendly_word_goes_to_somebody_vulnerable(
    cast: Cast, run: Run
) -> None:
    hold(cast, "vulnerable")
    assert gated(run) == ("proposed", "complex")


def test_nothing_is_tried_out_on_somebody_vulnerable(cast: Cast, run: Run) -> None:
    hold(cast, "hardship")
    assert gated(run, explored=True) == ("nothing", "no_pressure")


@pytest.mark.parametrize("reason", ["complaint", "vulnerable", "debt_help", "payment_pending"])
def test_no_hand_over_is_proposed_while_a_hold_stops_it(cast: Cast, run: Run, reason: str) -> None:
    hold(cast, reason)
    assert gated(run, verdict="escalate") == ("nothing", "hold")


def test_somebody_is_told_to_look_after_them_once_and_no_longer_than_needed(
    cast: Cast, run: Run
) -> None:
    made = hold(cast, "vulnerable", note="In hospital")
    assert lay_out(run)["care"] == 1 and "care" not in lay_out(run)
    task = Task.objects.of(cast.organisation).get(kind="care")
    assert task.facts["words"] == "In hospital"
    assert task.facts["offer"] == ["plan", "slower_steps", "debt_advice"]
    ledger.lift_hold(cast.actor(), hold_id=made.pk)
    lay_out(run)
    task.refresh_from_db()
    assert task.state == "lapsed"


@pytest.mark.parametrize(
    ("reason", "may"),
    [
        ("agreed", {"agent", "manager", "compliance"}),
        ("payment_pending", {"agent", "manager"}),
        ("complaint", {"manager", "compliance"}),
        ("vulnerable", {"manager", "compliance"}),
        ("breathing_space", {"manager", "compliance"}),
        ("deceased", {"manager", "compliance"}),
        ("objection_21", {"compliance"}),
    ],
)
def test_only_the_desk_that_the_law_names_lifts_a_hold(
    cast: Cast, reason: str, may: set[str]
) -> None:
    make.invoice(cast, "F1")
    for role in ("agent", "manager", "compliance"):
        made = hold(cast, reason)
        if role in may:
            assert ledger.lift_hold(cast.actor(role), hold_id=made.pk).lifted_at == NOW
            continue
        with pytest.raises((Refused, Forbidden), match=r"not yours to lift|role does not include"):
            ledger.lift_hold(cast.actor(role), hold_id=made.pk)
        made.refresh_from_db()
        assert made.lifted_at is None


def test_without_an_end_a_hold_lasts_as_long_as_the_law_gives(cast: Cast) -> None:
    make.invoice(cast, "F1")
    # Three days with today as none of them: until midnight in Amsterdam after the thirteenth.
    assert hold(cast, "payment_pending").ends_at == datetime(2026, 3, 13, 23, tzinfo=UTC)
    assert hold(cast, "deceased").ends_at is None
    british = make.customer(cast, "C9", country="GB")
    made = ledger.start_hold(cast.system, customer_key=british.key, reason="debt_help")
    assert made.ends_at == datetime(2026, 4, 9, 22, tzinfo=UTC)


def test_the_law_sees_the_days_of_a_hold_as_they_were_meant(cast: Cast) -> None:
    make.invoice(cast, "F1")
    made = hold(cast, "agreed", invoice_key="F1", ends_at=TODAY + timedelta(days=2))
    pack = holding.packs_of(cast.organisation)("NL")
    held = holding.held_as(made, pack=pack)
    assert (held.code, held.since, held.until, held.invoice) == (
        "AGREED", TODAY, TODAY + timedelta(days=2), "F1",
    )  # fmt: skip
    assert holding.stops(made, Step.DEMAND, pack=pack, day=TODAY)
    assert not holding.stops(made, Step.CHARGE_INTEREST, pack=pack, day=TODAY)


def test_decisions_that_were_approved_before_a_hold_lose_their_pressing_words(
    cast: Cast, run: Run
) -> None:
    plans.decision(run, tone="urgent")
    hold(cast, "hardship")
    open_gate(run)
    assert Decision.objects.of(cast.organisation).get().gate == "no_pressure"


def test_somebody_is_told_at_once_when_a_person_says_so(cast: Cast, client: Client) -> None:
    make.invoice(cast, "F1")
    client.force_login(cast.agent.user)
    said = {"reason": "vulnerable", "note": "In hospital"}
    client.post("/o/delta/case/C1/hold/", said)
    client.post("/o/delta/invoice/hold/F1/", said)
    task = Task.objects.of(cast.organisation).get()
    assert (task.kind, task.state, task.facts["words"]) == ("care", "open", "In hospital")
    page = client.get(f"/o/delta/worklist/{task.pk}/").content.decode()
    assert "ask how you can help" in page


def test_who_cannot_pay_on_the_phone_is_looked_after(cast: Cast, run: Run) -> None:
    call = Task.objects.of(cast.organisation).create(
        customer=make.Customer.objects.of(cast.organisation).get(), key="call", kind="call",
        due_at=NOW, created_at=NOW,
    )  # fmt: skip
    finish(cast.actor("agent"), task=call, outcome="hardship", note="Lost the job")
    assert Task.objects.of(cast.organisation).get(kind="care").facts["reason"] == "hardship"
    assert "care" not in lay_out(run)
