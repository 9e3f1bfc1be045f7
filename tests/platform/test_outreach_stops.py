"""Switches that work within seconds, a second system that is heard, and what each contact costs."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

import make
import plans
from caller import caller
from cast import NOW, Cast
from tenor.platform.core import clock
from tenor.platform.core.errors import Forbidden, Invalid, Refused
from tenor.platform.core.models import Organisation
from tenor.platform.core.organisations import pause
from tenor.platform.core.preferences import change_preferences, preferences_of
from tenor.platform.decisions.gate import open_gate
from tenor.platform.decisions.models import Decision, Signal, Task
from tenor.platform.jobs import sending as job
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import ContactPoint, OwnAccount
from tenor.platform.outreach import costs, outcomes
from tenor.platform.outreach.actions import (
    finish,
    open_sending,
    plan_message,
    resolve_unclear,
    send_due,
    start_channel,
    stop_channel,
    tell_contacts,
)
from tenor.platform.outreach.channels.contract import Charge
from tenor.platform.outreach.foreign import NewContact, second_system
from tenor.platform.outreach.models import ChannelStop, Cost, Message, Price

SWITCH: list[Any] = []


class Switching(EmailBackend):
    """A mail server that, with the third message, has somebody press a switch."""

    def send_messages(self, messages: Any) -> int:
        """Take messages."""
        sent = super().send_messages(messages)
        if len(mail.outbox) == 3:
            SWITCH[0]()
        return int(sent)


def lay_out(cast: Cast, count: int = 1, **values: Any) -> None:
    """Approve an e-mail to each of so many customers, due now."""
    plans.rules(cast)
    plans.settle(cast, automatic=["all"])
    run = plans.run(cast)
    for number in range(1, count + 1):
        make.invoice(cast, f"F{number}", customer=f"C{number}")
        key = {"invoice_keys": [f"F{number}"], "send_at": NOW}
        plans.decision(run, f"C{number}", **{**key, **values})
    open_gate(run)


def states(cast: Cast) -> dict[str, int]:
    """Count the messages by state."""
    found = Message.objects.of(cast.organisation).values_list("state", flat=True)
    return {state: list(found).count(state) for state in set(found)}


@pytest.mark.parametrize("switch", ["pause", "stop_channel"])
def test_a_switch_stops_a_run_that_is_under_way(cast: Cast, settings: Any, switch: str) -> None:
    lay_out(cast, 10)
    settings.EMAIL_BACKEND = f"{__name__}.Switching"
    manager = cast.actor()
    SWITCH[:] = [
        (lambda: pause(manager, because="wrong text"))
        if switch == "pause"
        else (lambda: stop_channel(manager, channel="email", because="wrong text"))
    ]
    done = send_due(cast.organisation)
    assert (done.sent, len(mail.outbox)) == (3, 3)
    assert done.closed == ("paused" if switch == "pause" else "")
    # Nothing is lost: what was not sent waits.
    assert states(cast) == {"sent": 3, "planned": 7}
    assert send_due(Organisation.objects.get(pk=cast.organisation.pk)).sent == 0


def test_a_hold_that_begins_in_the_middle_of_a_run_keeps_the_message_in(
    cast: Cast, settings: Any
) -> None:
    lay_out(cast, 5)
    settings.EMAIL_BACKEND = f"{__name__}.Switching"
    last = Message.objects.of(cast.organisation).order_by("send_at", "pk")

    def hold() -> None:
        make.at(cast, NOW + timedelta(minutes=1))
        customer = last[4].customer.key
        ledger.start_hold(cast.system, customer_key=customer, reason="agreed")

    SWITCH[:] = [hold]
    done = send_due(cast.organisation)
    assert (done.sent, dict(done.refused)) == (4, {"hold": 1})


def test_a_channel_that_is_started_again_goes_on_and_others_never_stopped(cast: Cast) -> None:
    lay_out(cast, 2)
    Decision.objects.of(cast.organisation).filter(customer__key="C2").update(channel="call")
    stop_channel(cast.actor(), channel="email", because="bounces")
    stop_channel(cast.actor(), channel="email", because="bounces")
    done = send_due(cast.organisation)
    assert (done.sent, done.calls) == (0, 1)
    assert start_channel(cast.actor(), channel="email")
    assert not start_channel(cast.actor(), channel="email")
    assert send_due(cast.organisation).sent == 1


def test_a_stopped_channel_keeps_nobody_else_waiting(cast: Cast) -> None:
    lay_out(cast, 3)
    Decision.objects.of(cast.organisation).exclude(customer__key="C3").update(
        channel="sms", send_at=NOW - timedelta(minutes=5)
    )
    stop_channel(cast.actor(), channel="sms", because="provider is down")
    assert send_due(cast.organisation, limit=3).sent == 1


def test_only_who_may_let_messages_out_stops_a_channel_and_says_why(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        stop_channel(cast.actor("agent"), channel="email", because="x")
    with pytest.raises(Invalid, match="few words"):
        stop_channel(cast.actor(), channel="email", because=" ")
    with pytest.raises(Forbidden):
        start_channel(cast.actor("analyst"), channel="email")
    assert not ChannelStop.objects.of(cast.organisation).exists()


def test_made_up_letters_in_a_batch_stop_too(cast: Cast) -> None:
    lay_out(cast, 2, channel="letter")
    cast.organisation.synthetic = True
    cast.organisation.save()
    stop_channel(cast.actor(), channel="letter", because="paper")
    assert send_due(cast.organisation).sent == 0
    start_channel(cast.actor(), channel="letter")
    assert send_due(cast.organisation).sent == 2


def test_who_is_just_being_written_to_gets_no_letter_beside_it(cast: Cast) -> None:
    lay_out(cast, 2, channel="letter")
    cast.organisation.synthetic = True
    cast.organisation.save()
    one = Decision.objects.of(cast.organisation).get(customer__key="C1")
    Message.objects.of(cast.organisation).create(
        customer=one.customer, key="other", channel="email", state="sending", send_at=NOW,
        lease_until=clock.real_now() + timedelta(minutes=5),
    )  # fmt: skip
    assert send_due(cast.organisation).sent == 1
    assert states(cast) == {"sending": 1, "sent": 1, "planned": 1}


def test_sending_is_not_opened_while_another_system_may_still_send(cast: Cast) -> None:
    administrator = cast.actor("administrator")
    with pytest.raises(Refused, match="other system"):
        open_sending(administrator, other_system_is_off=False)
    assert preferences_of(cast.organisation).read_only
    opened = open_sending(administrator, other_system_is_off=True)
    assert (opened.read_only, opened.erp_reminders_off_on) == (False, "2026-03-10")


def foreign(key: str, at: datetime, customer: str = "C1") -> NewContact:
    """Return a letter that the ERP sent."""
    return NewContact(key, customer, "letter", at, ["F1"])


def test_contacts_of_another_system_are_told_once_and_count(cast: Cast) -> None:
    lay_out(cast)
    rows = [
        foreign("E1", NOW - timedelta(days=1)),
        foreign("E1", NOW - timedelta(days=1)),
        foreign("E2", NOW, customer="C9"),
        foreign("E3", NOW + timedelta(days=1)),
    ]
    counts = tell_contacts(cast.system, rows)
    assert (counts.accepted, counts.duplicate) == (1, 1)
    assert [index for index, _reason in counts.rejected] == [2, 3]
    assert tell_contacts(cast.system, rows[:1]).duplicate == 1
    assert dict(send_due(cast.organisation).refused) == {"min_days_between": 1}


def test_reminders_that_go_on_after_the_erp_was_said_to_be_off_are_said_aloud(cast: Cast) -> None:
    lay_out(cast)
    change_preferences(cast.actor("administrator"), erp_reminders_off=True)
    cast.organisation.refresh_from_db()
    make.at(cast, NOW + timedelta(days=3))
    tell_contacts(cast.system, [foreign("E1", NOW + timedelta(hours=5))])
    # On the day itself the last ones may still have gone out.
    assert not second_system(cast.organisation).is_heard
    tell_contacts(cast.system, [foreign("E2", NOW + timedelta(days=2))])
    heard = second_system(cast.organisation)
    assert (heard.is_heard, heard.count, heard.customers) == (True, 1, 1)
    signal = Signal.objects.of(cast.organisation).get(kind="foreign_reminders")
    assert (signal.level, signal.facts["count"], signal.facts["last"]) == (
        "danger", 1, "2026-03-12",
    )  # fmt: skip


def test_what_another_system_told_while_we_were_sending_is_asked_about_anew(
    cast: Cast, settings: Any
) -> None:
    lay_out(cast, 5)
    settings.EMAIL_BACKEND = f"{__name__}.Switching"
    SWITCH[:] = [lambda: tell_contacts(cast.system, [foreign("E1", NOW, customer="C5")])]
    done = send_due(cast.organisation)
    assert (done.sent, dict(done.refused)) == (4, {"min_days_between": 1})


def test_a_day_on_which_nothing_went_out_is_said_aloud(cast: Cast) -> None:
    lay_out(cast, 2)
    make.at(cast, NOW + timedelta(hours=3))
    assert job.say_if_silent(cast.organisation) == 2
    signal = Signal.objects.of(cast.organisation).get(kind="nothing_sent")
    assert (signal.level, signal.facts) == ("danger", {"count": 2, "because": "waits"})
    send_due(cast.organisation)
    assert job.say_if_silent(cast.organisation) == 0


@pytest.mark.parametrize("code", ["no_postal_address", "wrong_term", "no_room"])
def test_a_day_on_which_no_words_fitted_is_said_aloud(cast: Cast, code: str) -> None:
    lay_out(cast)
    decision = Decision.objects.of(cast.organisation).get()
    plan_message(cast.actor(), decision)
    Message.objects.of(cast.organisation).update(state="cancelled", refusal=code)
    make.at(cast, NOW + timedelta(hours=3))
    assert job.say_if_silent(cast.organisation) == 1
    assert Signal.objects.of(cast.organisation).get().facts["because"] == code


def test_nothing_is_said_of_a_day_on_which_all_was_paid(cast: Cast) -> None:
    lay_out(cast)
    make.payment(cast, "P1", invoice="F1")
    make.at(cast, NOW + timedelta(hours=3))
    send_due(cast.organisation)
    assert job.say_if_silent(cast.organisation) == 0


def test_without_an_account_in_the_currency_nothing_goes_out_and_that_is_said(cast: Cast) -> None:
    lay_out(cast, 3)
    OwnAccount.objects.of(cast.organisation).all().delete()
    assert dict(send_due(cast.organisation).refused) == {"no_account": 3}
    signal = Signal.objects.of(cast.organisation).get(kind="no_account")
    assert signal.facts == {"of": "EUR"}
    assert not Task.objects.of(cast.organisation).exists()


def price(cast: Cast, amount: str, *, country: str = "", day: str = "2026-01-01") -> None:
    """Let an e-mail cost so much from a day on."""
    Price.objects.of(cast.organisation).create(
        channel="email", item="provider", country=country, price=Decimal(amount), currency="EUR",
        valid_from=day,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("listed", "amount"),
    [
        ([], "0.02"),
        ([("0.0015", "", "2026-01-01")], "0.0015"),
        ([("0.0015", "", "2026-01-01"), ("0.0017", "", "2026-03-10")], "0.0017"),
        ([("0.0015", "", "2026-01-01"), ("0.0017", "", "2026-03-11")], "0.0015"),
        ([("0.0015", "", "2026-01-01"), ("0.004", "NL", "2026-01-01")], "0.004"),
        ([("0.004", "BE", "2026-01-01")], "0.02"),
    ],
)
def test_a_contact_costs_what_the_price_list_of_its_day_and_country_says(
    cast: Cast, listed: list[tuple[str, str, str]], amount: str
) -> None:
    lay_out(cast)
    for one, country, day in listed:
        price(cast, one, country=country, day=day)
    send_due(cast.organisation)
    row = Cost.objects.of(cast.organisation).get()
    assert (row.item, row.quantity, row.amount, row.currency) == (
        "provider", Decimal(1), Decimal(amount), "EUR",
    )  # fmt: skip
    assert Message.objects.of(cast.organisation).get().cost == float(amount)


def test_each_part_of_a_contact_is_priced_exactly(cast: Cast) -> None:
    lay_out(cast)
    send_due(cast.organisation)
    Cost.objects.of(cast.organisation).all().delete()
    message = Message.objects.of(cast.organisation).get()
    listed = {("email", "segment", ""): Decimal("0.0735"), ("email", "print", ""): Decimal("0.1")}
    parts = [Charge("segment", Decimal(3)), Charge("print"), Charge("postage")]
    assert costs.charge(message, parts, at=NOW, usual=1.1, prices=listed) == Decimal("0.3205")


def test_what_did_not_leave_costs_nothing_and_what_may_have_counts_until_somebody_knows(
    cast: Cast,
) -> None:
    lay_out(cast, 2)
    send_due(cast.organisation)
    message = Message.objects.of(cast.organisation).get(customer__key="C1")
    Cost.objects.of(cast.organisation).filter(message=message).delete()
    Message.objects.of(cast.organisation).filter(pk=message.pk).update(
        state="sending", lease_until=datetime(2020, 1, 1, tzinfo=NOW.tzinfo), sent_at=None
    )
    send_due(cast.organisation)
    rows = Cost.objects.of(cast.organisation).filter(message=message)
    assert [row.amount for row in rows] == [Decimal("0.02")]
    resolve_unclear(cast.actor("agent"), message=message, arrived=False)
    assert sorted(row.amount for row in rows.all()) == [Decimal("-0.02"), Decimal("0.02")]
    assert Message.objects.of(cast.organisation).get(pk=message.pk).cost == 0.0


def test_a_call_costs_its_minutes(cast: Cast) -> None:
    lay_out(cast, channel="call")
    send_due(cast.organisation)
    task = Task.objects.of(cast.organisation).get(kind="call")
    ended = finish(cast.actor("agent"), task=task, outcome="no_answer", minutes=Decimal("2.5"))
    row = Cost.objects.of(cast.organisation).get()
    assert (row.item, row.quantity, row.price, row.amount) == (
        "minute", Decimal("2.5"), Decimal("0.75"), Decimal("1.875"),
    )  # fmt: skip
    assert ended.message is not None and ended.message.cost == 1.875


def test_a_message_that_comes_back_later_closes_its_address_and_tells_a_person(cast: Cast) -> None:
    lay_out(cast)
    send_due(cast.organisation)
    message = Message.objects.of(cast.organisation).select_related("customer").get()
    assert outcomes.bounced(cast.system, message, "5.1.1 no such person")
    assert not outcomes.bounced(cast.system, message, "5.1.1 no such person")
    assert ContactPoint.objects.of(cast.organisation).get().bounced_because.startswith("5.1.1")
    assert Task.objects.of(cast.organisation).get().kind == "no_address"


def test_our_own_address_is_never_blocked(cast: Cast, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "Delta <debiteuren@delta.example>"
    lay_out(cast)
    ledger.add_contact_point(
        cast.system, customer_key="C1", kind="email", value="Debiteuren@delta.example",
        is_primary=True,
    )  # fmt: skip
    send_due(cast.organisation)
    message = Message.objects.of(cast.organisation).select_related("customer").get()
    assert message.address.lower() == "debiteuren@delta.example"
    outcomes.bounced(cast.system, message, "5.7.1 loop")
    assert not ContactPoint.objects.of(cast.organisation).exclude(bounced_at=None).exists()


def test_a_program_tells_what_its_own_system_sent(cast: Cast) -> None:
    lay_out(cast)
    row = {"key": "E1", "customer_key": "C1", "channel": "letter", "kind": "second_reminder",
           "sent_at": "2026-03-09T09:00:00Z", "invoice_keys": ["F1"]}  # fmt: skip
    told = caller(cast.organisation).post("contacts", {"contacts": [row, {**row, "key": "E2",
        "customer_key": "nobody"}]})  # fmt: skip
    assert (told["accepted"], told["duplicate"], told["rejected"][0]["index"]) == (1, 0, 1)
    assert dict(send_due(cast.organisation).refused) == {"min_days_between": 1}
