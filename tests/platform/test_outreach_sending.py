"""Sending: each message once, after asking again, in words that state what is owed right now."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail

import make
import plans
from cast import NOW, Cast
from tenor.platform.core.errors import Invalid
from tenor.platform.core.models import Organisation
from tenor.platform.decisions import actions as deciding
from tenor.platform.decisions.gate import open_gate
from tenor.platform.decisions.models import Decision, Run, Task
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import ContactPoint, Customer
from tenor.platform.outreach.actions import (
    cancel_messages,
    finish,
    plan_message,
    resolve_unclear,
    send_due,
)
from tenor.platform.outreach.models import Message
from tenor.platform.outreach.queries import contacts_frame, messages_of, preview_of

LATER = NOW + timedelta(hours=2)


@pytest.fixture
def run(cast: Cast) -> Run:
    """A plan that goes out by itself: an e-mail to C1 about F1, an hour from now."""
    plans.rules(cast)
    plans.settle(cast, automatic=["all"])
    make.invoice(cast, "F1", customer="C1", amount="100", number="2026-1")
    made = plans.run(cast)
    plans.decision(made)
    open_gate(made)
    return made


def decision(cast: Cast) -> Decision:
    """Return the decision about C1."""
    return Decision.objects.of(cast.organisation).get(customer__key="C1")


def message(cast: Cast) -> Message:
    """Return the message to C1."""
    return Message.objects.of(cast.organisation).get(customer__key="C1")


def test_what_is_approved_goes_out_at_its_moment_and_once(cast: Cast, run: Run) -> None:
    assert send_due(cast.organisation, NOW).sent == 0
    done = send_due(cast.organisation, LATER)
    assert (done.planned, done.sent) == (1, 1)
    assert send_due(cast.organisation, LATER).sent == 0
    assert len(mail.outbox) == 1
    sent = mail.outbox[0]
    assert sent.to == ["c1@example.org"]
    assert sent.subject == "Herinnering van Delta Water"
    assert "Beste Customer C1," in sent.body
    assert sent.extra_headers["Message-ID"].startswith("<delta.0310-C1@")
    row = message(cast)
    assert (row.state, row.address, row.language) == ("sent", "c1@example.org", "nl")
    assert (row.cost, row.propensity, row.policy) == (0.02, 0.97, "rules 1")
    assert decision(cast).state == "handed_over"


def test_what_waits_for_a_person_does_not_go_out(cast: Cast, run: Run) -> None:
    deciding.take_back(cast.actor(), decisions=[decision(cast)])
    assert send_due(cast.organisation, LATER).sent == 0
    assert mail.outbox == []
    deciding.approve(cast.actor(), decisions=[decision(cast)])
    assert send_due(cast.organisation, LATER).sent == 1


@pytest.mark.parametrize(
    ("happens", "code"),
    [
        (lambda c: make.payment(c, "P1", invoice="F1"), "paid"),
        (lambda c: ledger.credit_invoice(c.system, invoice_key="F1", key="K1"), "paid"),
        (
            lambda c: ledger.open_dispute(c.system, invoice_key="F1", reason="quality"),
            "disputed",
        ),
        (lambda c: ledger.start_hold(c.system, customer_key="C1", reason="agreed"), "hold"),
        (
            lambda c: ledger.make_promise(
                c.system, customer_key="C1", invoice_keys=["F1"], promised_on=NOW.date()
            ),
            "promise",
        ),
        (
            lambda c: ledger.agree_plan(
                c.system, customer_key="C1", invoice_keys=["F1"],
                instalments=[(NOW.date() + timedelta(days=d), Decimal(50)) for d in (5, 35)],
            ),
            "plan",
        ),
        (
            lambda c: ledger.set_consent(
                c.system, customer_key="C1", channel="email", granted=False
            ),
            "consent",
        ),
        (lambda c: ledger.mark_bounced(c.system, value="c1@example.org"), "no_address"),
        (lambda c: ledger.escalate(c.system, invoice_keys=["F1"]), "paid"),
    ],
)  # fmt: skip
def test_what_happens_between_plan_and_sending_stops_it(
    cast: Cast, run: Run, happens: Callable[[Cast], object], code: str
) -> None:
    plan_message(cast.system, decision(cast))
    happens(cast)
    done = send_due(cast.organisation, LATER)
    # A payment has stopped it already, in the moment it was booked.
    assert (done.sent, dict(done.refused)) in [(0, {code: 1}), (0, {})]
    assert mail.outbox == []
    assert (message(cast).state, message(cast).refusal) == ("cancelled", code)
    assert decision(cast).state == "lapsed"


def test_days_that_no_calendar_holds_keep_nobody_else_waiting(cast: Cast, run: Run) -> None:
    make.invoice(cast, "F2", customer="C2")
    plans.decision(run, "C2", invoice_keys=["F2"])
    open_gate(run)
    first = Customer.objects.of(cast.organisation).filter(key="C1")
    first.update(attributes={"ref_first_reminder_days": "99999999999"})
    done = send_due(cast.organisation, LATER)
    assert (done.sent, dict(done.refused)) == (1, {"first_reminder_delay": 1})


def test_an_address_that_fails_becomes_work_for_a_person(cast: Cast, run: Run) -> None:
    ledger.mark_bounced(cast.system, value="c1@example.org")
    send_due(cast.organisation, LATER)
    assert Task.objects.of(cast.organisation).get().kind == "no_address"


def test_a_part_payment_lowers_what_is_asked(cast: Cast, run: Run) -> None:
    plan_message(cast.system, decision(cast))
    make.payment(cast, "P1", invoice="F1", amount="30.50")
    send_due(cast.organisation, LATER)
    assert "€ 69,50" in mail.outbox[0].body
    assert message(cast).amount == Decimal("69.50")


def test_a_disputed_invoice_is_left_out_and_the_rest_goes_on(cast: Cast, run: Run) -> None:
    make.invoice(cast, "F2", customer="C1", amount="40")
    Decision.objects.of(cast.organisation).update(invoice_keys=["F1", "F2"])
    ledger.open_dispute(cast.system, invoice_key="F1", reason="quality")
    assert send_due(cast.organisation, LATER).sent == 1
    assert message(cast).invoice_keys == ["F2"]
    assert "€ 40,00" in mail.outbox[0].body


def test_one_message_never_mixes_currencies(cast: Cast, run: Run) -> None:
    make.invoice(cast, "F2", customer="C1", amount="40", currency="USD")
    Decision.objects.of(cast.organisation).update(invoice_keys=["F1", "F2"])
    send_due(cast.organisation, LATER)
    assert message(cast).invoice_keys == ["F1"]
    assert "USD" not in mail.outbox[0].body


def test_a_text_of_ones_own_keeps_the_right_amounts(cast: Cast, run: Run) -> None:
    deciding.change(
        cast.actor(), decision=decision(cast), text="Zoals besproken.", reason="personal"
    )
    draft = preview_of(decision(cast))
    assert draft is not None and "Zoals besproken." in draft.paragraphs
    send_due(cast.organisation, LATER)
    body = mail.outbox[0].body
    assert "Zoals besproken." in body and "€ 100,00" in body
    assert "Misschien is het u ontgaan" not in body
    # What a person changed was not drawn with the chance that the engine noted.
    assert message(cast).propensity is None


def test_outside_the_hours_it_waits_for_the_next_one(cast: Cast, run: Run) -> None:
    late = datetime(2026, 3, 10, 20, 30, tzinfo=UTC)
    done = send_due(cast.organisation, late)
    assert (done.sent, done.postponed) == (0, 1)
    # Eight in the morning in Amsterdam, before summer time.
    assert message(cast).send_at == datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
    make.at(cast, datetime(2026, 3, 11, 7, 30, tzinfo=UTC))
    assert send_due(cast.organisation).sent == 1


def test_who_heard_from_somebody_else_meanwhile_is_left_alone(cast: Cast, run: Run) -> None:
    Message.objects.of(cast.organisation).create(
        customer_id=decision(cast).customer_id, key="erp-1", channel="letter", state="sent",
        send_at=NOW, sent_at=NOW, source="erp",
    )  # fmt: skip
    done = send_due(cast.organisation, LATER)
    assert dict(done.refused) == {"min_days_between": 1}
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("closing", "code"),
    [
        (lambda o: setattr(o, "paused_at", NOW), "paused"),
        (lambda o: o.settings.update(read_only=True), "read_only"),
        (lambda o: o.settings.update(use_execution=False), "execution_off"),
    ],
)
def test_the_switch_stops_everything(
    cast: Cast, run: Run, closing: Callable[[Organisation], object], code: str
) -> None:
    closing(cast.organisation)
    cast.organisation.save()
    done = send_due(cast.organisation, LATER)
    assert (done.sent, done.closed) == (0, code)
    assert mail.outbox == []
    assert decision(cast).state == "approved"


def test_a_channel_without_an_adapter_is_not_silently_lost(cast: Cast, run: Run) -> None:
    Decision.objects.of(cast.organisation).update(channel="pigeon")
    done = send_due(cast.organisation, LATER)
    assert dict(done.refused) == {"no_channel": 1}
    task = Task.objects.of(cast.organisation).get()
    assert (task.kind, task.facts["reason"], task.facts["channel"]) == (
        "review", "no_channel", "pigeon",
    )  # fmt: skip


def test_a_message_that_was_stopped_is_planned_anew_when_approved_again(
    cast: Cast, run: Run
) -> None:
    planned = plan_message(cast.system, decision(cast))
    assert plan_message(cast.system, decision(cast)).pk == planned.pk
    deciding.take_back(cast.actor(), decisions=[decision(cast)])
    assert dict(send_due(cast.organisation, LATER).refused) == {"not_approved": 1}
    deciding.change(
        cast.actor(), decision=decision(cast), tone="firm", reason="wrong_tone"
    )  # fmt: skip
    deciding.approve(cast.actor(), decisions=[decision(cast)])
    assert send_due(cast.organisation, LATER).sent == 1
    assert (message(cast).pk, message(cast).tone) == (planned.pk, "firm")
    assert "is voorbij" in mail.outbox[0].body


def test_a_planned_message_can_be_stopped(cast: Cast, run: Run) -> None:
    planned = plan_message(cast.system, decision(cast))
    assert cancel_messages(cast.actor(), messages=[planned]) == 1
    assert cancel_messages(cast.actor(), messages=[planned]) == 0
    assert message(cast).state == "cancelled"


def test_a_call_becomes_a_task_for_a_person(cast: Cast, run: Run) -> None:
    Decision.objects.of(cast.organisation).update(
        channel="call", send_at=NOW + timedelta(hours=6), value=12.5
    )
    done = send_due(cast.organisation, NOW)
    assert (done.calls, done.sent) == (1, 0)
    task = Task.objects.of(cast.organisation).get()
    assert (task.kind, task.value, task.facts["invoice_keys"]) == ("call", 12.5, ["F1"])
    assert send_due(cast.organisation, NOW).calls == 0
    assert not Message.objects.of(cast.organisation).exists()


def test_a_call_that_should_not_be_made_any_more_is_taken_off_the_list(
    cast: Cast, run: Run
) -> None:
    Decision.objects.of(cast.organisation).update(channel="call", send_at=LATER)
    send_due(cast.organisation, NOW)
    ledger.make_promise(cast.system, customer_key="C1", invoice_keys=["F1"], promised_on=NOW.date())
    send_due(cast.organisation, NOW)
    assert Task.objects.of(cast.organisation).get().state == "lapsed"


def test_a_call_that_the_rules_forbid_now_is_not_put_on_the_list(cast: Cast, run: Run) -> None:
    Decision.objects.of(cast.organisation).update(channel="call", send_at=LATER)
    Message.objects.of(cast.organisation).create(
        customer_id=decision(cast).customer_id, key="erp-1", channel="letter", state="sent",
        send_at=NOW, sent_at=NOW, source="erp",
    )  # fmt: skip
    assert send_due(cast.organisation, NOW).calls == 0
    assert decision(cast).state == "lapsed"
    assert not Task.objects.of(cast.organisation).exists()


def test_an_approved_hand_over_asks_somebody_to_sign_and_closes_nothing_yet(
    cast: Cast, run: Run
) -> None:
    Decision.objects.of(cast.organisation).update(
        verdict="escalate", channel="", tone="", send_at=None, state="proposed"
    )
    deciding.approve(cast.actor(), decisions=[decision(cast)])
    assert send_due(cast.organisation, NOW).handed_over == 1
    assert make.Invoice.objects.of(cast.organisation).get().closed_as == ""
    assert Task.objects.of(cast.organisation).get().kind == "hand_over"
    assert send_due(cast.organisation, NOW).handed_over == 0


def test_made_up_people_are_reached_by_every_channel_and_nothing_leaves(
    cast: Cast, run: Run
) -> None:
    cast.organisation.synthetic = True
    cast.organisation.save()
    ContactPoint.objects.of(cast.organisation).all().delete()
    Decision.objects.of(cast.organisation).update(channel="letter")
    # The made-up clock jumps: it was sent at the hour for which it was planned.
    tomorrow = NOW + timedelta(hours=20)
    assert send_due(cast.organisation, tomorrow).sent == 1
    row = message(cast)
    assert (row.address, row.sent_at) == ("simulated", NOW + timedelta(hours=1))
    assert mail.outbox == []


def test_a_dead_workers_message_is_unclear_and_never_sent_blindly(cast: Cast, run: Run) -> None:
    plan_message(cast.system, decision(cast))
    Message.objects.of(cast.organisation).update(
        state="sending", lease_until=datetime(2020, 1, 1, tzinfo=UTC)
    )
    Decision.objects.of(cast.organisation).update(state="handed_over")
    done = send_due(cast.organisation, LATER)
    assert (done.unclear, done.sent) == (1, 0)
    assert mail.outbox == []
    assert Task.objects.of(cast.organisation).get().kind == "unclear"
    # It counts as a contact until somebody knows better.
    assert contacts_frame(cast.organisation, LATER)["contact_id"].to_list() == ["0310-C1"]
    resolve_unclear(cast.actor("agent"), message=message(cast), arrived=False)
    assert contacts_frame(cast.organisation, LATER).is_empty()
    assert Task.objects.of(cast.organisation).get().state == "done"
    assert send_due(cast.organisation, LATER).sent == 0


@pytest.mark.parametrize(("outcome", "contacts"), [("arrived", 1), ("not_arrived", 0)])
def test_whoever_finds_out_about_an_unclear_message_closes_its_case(
    cast: Cast, run: Run, outcome: str, contacts: int
) -> None:
    plan_message(cast.system, decision(cast))
    Message.objects.of(cast.organisation).update(
        state="sending", lease_until=datetime(2020, 1, 1, tzinfo=UTC)
    )
    send_due(cast.organisation, LATER)
    task = Task.objects.of(cast.organisation).get()
    agent = cast.actor("agent")
    for wrong in ("done", "paid_already"):
        with pytest.raises(Invalid, match="Choose how it ended"):
            finish(agent, task=task, outcome=wrong)
    assert message(cast).state == "unclear"
    ended = finish(agent, task=task, outcome=outcome, minutes=3, note="Asked the mail server.")
    assert (ended.task.state, ended.task.outcome) == ("done", outcome)
    assert message(cast).state == ("sent" if outcome == "arrived" else "failed")
    assert contacts_frame(cast.organisation, LATER).height == contacts


def test_the_engine_reads_what_went_out(cast: Cast, run: Run) -> None:
    send_due(cast.organisation, LATER)
    row = contacts_frame(cast.organisation, LATER).row(0, named=True)
    assert row == {
        "contact_id": "0310-C1", "customer_id": "C1", "invoice_ids": ["F1"], "sent_at": NOW,
        "channel": "email", "tone": "friendly", "template": "reminder", "propensity": 0.97,
        "cost": 0.02, "policy": "rules 1", "propensity_channel": None, "propensity_tone": None,
        "propensity_time": None, "eligible": None, "explored_by": None,
    }  # fmt: skip
    assert contacts_frame(cast.organisation, LATER, ["C2"]).is_empty()
    assert contacts_frame(cast.organisation, NOW - timedelta(seconds=1)).is_empty()
    assert contacts_frame(cast.other, LATER).is_empty()
    assert [m.key for m in messages_of(decision(cast).customer)] == ["0310-C1"]


def test_the_engine_reads_how_chance_chose_what_it_chose(cast: Cast, run: Run) -> None:
    factors = {"channel": 0.4, "tone": 0.2, "time": 0.01, "by": "uniform"}
    mask = {"email": {"days": "0-13", "tones": ["firm"], "hours": "8-19"}, "from": [0, 8]}
    chosen = Decision.objects.of(cast.organisation)
    chosen.update(explored=True, factors=factors, eligible=mask, propensity=0.0008)
    send_due(cast.organisation, LATER)
    told = contacts_frame(cast.organisation, LATER).row(0, named=True)
    assert [told[f"propensity_{part}"] for part in ("channel", "tone", "time")] == [0.4, 0.2, 0.01]
    assert (told["explored_by"], json.loads(told["eligible"])) == ("uniform", mask)
    # What was not left to chance, or was changed by a person, has nothing of it.
    chosen.update(explored=False)
    assert contacts_frame(cast.organisation, LATER)["eligible"].to_list() == [None]
