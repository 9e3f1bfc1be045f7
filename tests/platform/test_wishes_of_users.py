"""What users of other systems ask for most, each wish shown from the day's plan to the mailbox."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

import make
import plans
from bankfile import ANN, IBAN, file, line
from caller import caller
from cast import NOW, Cast
from tenor.platform.banking import actions as banking
from tenor.platform.core.errors import Refused
from tenor.platform.decisions import actions as deciding
from tenor.platform.decisions.gate import open_gate
from tenor.platform.decisions.models import Decision, Run, Signal, Task
from tenor.platform.jobs.day import run_day
from tenor.platform.jobs.sending import say_if_silent, send_all_due
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import ContactPoint, Customer, Hold, Invoice, OwnAccount
from tenor.platform.outreach import outcomes
from tenor.platform.outreach.actions import open_sending, tell_contacts
from tenor.platform.outreach.actions.trials import send_test
from tenor.platform.outreach.asking import FIRST_REMINDER
from tenor.platform.outreach.foreign import NewContact
from tenor.platform.outreach.models import Message
from tenor.platform.outreach.queries import preview_of

RULES = """\
[channels.email]
cost = 0.02
hours = "08:00-20:00"

[limits]
min_days_between = 4
quiet_holidays = true
"""
LADDER = [[1, "email", "friendly"], [14, "email", "neutral"], [30, "email", "firm"]]


@pytest.fixture
def world(cast: Cast) -> Cast:
    """An organisation whose plan goes out by itself, by three reminders."""
    plans.rules(cast, RULES)
    plans.settle(cast, automatic=["all"], ladder=LADDER)
    return cast


def overdue(cast: Cast, days: int, key: str = "F1", **values: object) -> None:
    """Have C1 owe an invoice that is so many days overdue."""
    make.invoice(cast, key, due_on=NOW.date() - timedelta(days=days), **values)  # type: ignore[arg-type]


def planned(cast: Cast, at: datetime = NOW) -> Run:
    """Plan an e-mail to everybody who owes, about all that they owe; send nothing yet."""
    make.at(cast, at)
    run = plans.run(cast, at)
    owed: dict[str, list[Invoice]] = defaultdict(list)
    rows = Invoice.objects.of(cast.organisation).filter(is_open=True)
    for invoice in rows.select_related("customer").order_by("key"):
        owed[invoice.customer.key].append(invoice)
    for customer, invoices in owed.items():
        plans.decision(
            run, customer, invoice_keys=[invoice.key for invoice in invoices], send_at=at,
            amount=sum(invoice.balance for invoice in invoices),
        )  # fmt: skip
    open_gate(run)
    return run


def live(cast: Cast, *days: int) -> None:
    """Live these days (0: today): a plan in the morning, and what is due sent until the evening."""
    for day in days or (0,):
        at = NOW + timedelta(days=day)
        planned(cast, at)
        evening(cast, at)


def evening(cast: Cast, day: datetime) -> None:
    """Send what is due until the evening of a day."""
    make.at(cast, day.replace(hour=17, minute=0))
    for _minute in range(2):
        send_all_due(cast.organisation)


def subjects() -> list[str]:
    """Return the subjects of what arrived, in order."""
    return [message.subject for message in mail.outbox]


def kinds(cast: Cast, customer: str = "C1") -> list[str]:
    """Return what was sent to a customer, in order."""
    rows = Message.objects.of(cast.organisation).filter(state="sent", customer__key=customer)
    return list(rows.order_by("sent_at").values_list("kind", flat=True))


@pytest.mark.parametrize(
    "settles",
    [
        lambda c: make.payment(c, "P1", invoice="F1"),
        lambda c: make.payment(c, "P1", customer="C1", amount="130"),
        lambda c: ledger.credit_invoice(c.system, invoice_key="F1", key="K1"),
        lambda c: ledger.write_off(c.system, invoice_key="F1", reason="settled"),
    ],
    ids=["paid", "overpaid", "credited", "settled"],
)
def test_whoever_has_paid_is_never_reminded_even_a_moment_before_sending(
    world: Cast, settles: Callable[[Cast], object]
) -> None:
    overdue(world, 14)
    run = planned(world)
    assert Decision.objects.of(world.organisation).get(run=run).state == "approved"
    settles(world)
    evening(world, NOW)
    live(world, 1, 16)
    assert mail.outbox == []


def test_nobody_gets_a_reminder_twice_however_often_the_sender_runs(world: Cast) -> None:
    overdue(world, 0)
    for day in (1, 2, 14, 15, 30, 31):
        live(world, day)
        send_all_due(world.organisation)
        send_all_due(world.organisation)
    # Three steps on three days, though the plan wanted a contact on each.
    assert kinds(world) == ["reminder", "second_reminder", "final_reminder"]
    assert len(set(subjects())) == len(mail.outbox) == 3


def test_two_systems_never_both_remind_and_none_drops_what_the_other_began(world: Cast) -> None:
    # Sending is not switched on while the other one may still send.
    plans.settle(world, read_only=True)
    with pytest.raises(Refused, match="other system"):
        open_sending(world.actor("administrator"), other_system_is_off=False)
    open_sending(world.actor("administrator"), other_system_is_off=True)
    world.organisation.refresh_from_db()
    overdue(world, 14)
    overdue(world, 14, "F2", customer="C2")
    # The ERP reminded C1 a fortnight ago, and C2 only yesterday.
    tell_contacts(
        world.system,
        [
            NewContact("E1", "C1", "email", NOW - timedelta(days=13), ["F1"]),
            NewContact("E2", "C2", "email", NOW - timedelta(days=1), ["F2"]),
        ],
    )
    live(world)
    assert kinds(world) == ["", "second_reminder"]
    assert kinds(world, "C2") == [""]
    # It goes on all the same: that is said loudly.
    make.at(world, NOW + timedelta(days=3))
    tell_contacts(world.system, [NewContact("E3", "C2", "email", NOW + timedelta(days=2), ["F2"])])
    assert Signal.objects.of(world.organisation).filter(kind="foreign_reminders").exists()


def test_a_missed_run_swallows_no_reminder_and_is_said_loudly(world: Cast) -> None:
    overdue(world, 0)
    Run.objects.of(world.organisation).filter(pk=plans.run(world).pk).update(step="done")
    # The server is down on the day on which the first reminder is due, and two days more.
    back = NOW + timedelta(days=4)
    make.at(world, back)
    run = run_day(world.organisation)
    evening(world, back)
    assert kinds(world) == ["reminder"]
    assert run.missed_days == 3
    assert Signal.objects.of(world.organisation).filter(kind="missed_days").exists()


def test_a_day_on_which_nothing_was_sent_is_said_loudly(world: Cast) -> None:
    overdue(world, 14)
    planned(world)
    # Nobody sends: the worker is dead.
    make.at(world, NOW.replace(hour=19))
    assert say_if_silent(world.organisation) == 1
    assert Signal.objects.of(world.organisation).filter(kind="nothing_sent").exists()


def test_a_customer_gets_one_message_about_all_open_invoices(world: Cast) -> None:
    for number in range(1, 6):
        overdue(world, 14 + number, f"F{number}", amount=str(10 * number))
    live(world)
    assert len(mail.outbox) == 1
    body = mail.outbox[0].body
    assert all(f"F{number}" in body for number in range(1, 6)) and "€ 150,00" in body


def test_one_disputed_invoice_is_left_out_and_the_rest_are_reminded_of(world: Cast) -> None:
    overdue(world, 14, "F1")
    overdue(world, 14, "F2", amount="40")
    planned(world)
    ledger.open_dispute(world.system, invoice_key="F1", reason="quality")
    evening(world, NOW)
    body = mail.outbox[0].body
    assert "F2  " in body and "F1  " not in body and "€ 40,00" in body


def test_a_block_has_a_reason_a_note_and_an_end_and_the_customer_is_back_by_itself(
    world: Cast,
) -> None:
    overdue(world, 14)
    ends = NOW + timedelta(days=10)
    hold = ledger.start_hold(
        world.actor("agent"), customer_key="C1", reason="agreed", note="On holiday.", ends_at=ends
    )
    assert (hold.reason, hold.note, hold.by, hold.ends_at) == (
        "agreed", "On holiday.", "Agent", ends,
    )  # fmt: skip
    live(world, 0)
    assert mail.outbox == []
    live(world, 16)
    assert len(mail.outbox) == 1


def test_after_part_payments_the_right_rest_is_asked(world: Cast) -> None:
    overdue(world, 14, amount="100.00")
    planned(world)
    make.payment(world, "P1", invoice="F1", amount="33.33")
    make.payment(world, "P2", invoice="F1", amount="16.67")
    evening(world, NOW)
    assert "€ 50,00" in mail.outbox[0].body
    assert Message.objects.of(world.organisation).get().amount == Decimal("50.00")


def test_credit_notes_and_credit_are_netted_before_anybody_is_asked(world: Cast) -> None:
    overdue(world, 14, amount="100.00")
    planned(world)
    ledger.credit_invoice(world.system, invoice_key="F1", key="K1", amount=Decimal("25"))
    make.payment(world, "P1", customer="C1", amount="30")
    evening(world, NOW)
    assert "€ 45,00" in mail.outbox[0].body


def test_money_on_the_bank_account_that_is_not_matched_yet_holds_the_reminder(world: Cast) -> None:
    OwnAccount.objects.of(world.organisation).all().delete()
    ledger.set_account(world.system, iban=IBAN, currency="EUR", holder="Delta Water")
    overdue(world, 14, "F1001", amount="60")
    make.invoice(world, "F1002", customer="C2", amount="60",
                 due_on=NOW.date() - timedelta(days=14))  # fmt: skip
    planned(world)
    # Sixty euro, from nobody in particular: it may be from either of them.
    taken = banking.take_file(world.actor(), content=file(line("60.00", account=ANN)), name="b.xml")
    banking.look_at_lines(world.actor(), files=[taken.pk])
    evening(world, NOW)
    assert mail.outbox == []
    holds = Hold.objects.of(world.organisation).filter(reason="unmatched_money", lifted_at=None)
    assert sorted(holds.values_list("customer__key", flat=True)) == ["C1", "C2"]


@pytest.mark.parametrize(
    ("language", "subject", "amount", "day"),
    [
        ("nl", "Herinnering", "€ 1.234,50", "24-02-2026"),
        ("en", "Reminder", "€1,234.50", "24/02/2026"),
        ("de", "Erinnerung", "1.234,50 €", "24.02.2026"),
        ("fr", "Rappel", "1 234,50 €", "24/02/2026"),
    ],
)
def test_subject_words_amounts_and_dates_are_in_the_readers_language(
    world: Cast, language: str, subject: str, amount: str, day: str
) -> None:
    make.customer(world, "C1", language=language)
    plans.settle(world, automatic_amount_below="5000")
    overdue(world, 14, amount="1234.50")
    live(world)
    sent = mail.outbox[0]
    assert subject.lower() in sent.subject.lower()
    body = sent.body.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert amount in body and day in body


def test_nobody_is_written_to_on_sundays_holidays_or_at_night_and_no_step_is_spent_there(
    world: Cast,
) -> None:
    # Good Friday of 2026 is quiet, then a Saturday, Easter Sunday and Monday.
    make.invoice(world, "F1", due_on=date(2026, 4, 2))
    friday = (date(2026, 4, 3) - NOW.date()).days
    live(world, friday, friday + 1, friday + 2, friday + 3, friday + 4)
    sent = Message.objects.of(world.organisation).get(state="sent")
    assert sent.sent_at is not None
    # The step of the quiet Friday is taken on the next day that is none.
    assert sent.sent_at.date() in (date(2026, 4, 4), date(2026, 4, 7))
    assert kinds(world) == ["reminder"]


def test_days_are_the_customers_and_what_is_due_today_is_not_overdue(world: Cast) -> None:
    make.customer(world, "C1", timezone="Pacific/Auckland")
    overdue(world, 0)
    live(world)
    # In the evening of the customer's day nothing goes out; it waits for their morning.
    assert mail.outbox == []
    waiting = Message.objects.of(world.organisation).get()
    assert waiting.send_at.astimezone(ZoneInfo("Pacific/Auckland")).hour == 8
    make.at(world, waiting.send_at)
    send_all_due(world.organisation)
    # On its last day to pay it is not late.
    assert kinds(world) == ["before_due"]


@pytest.mark.parametrize("waits", [True, False])
def test_an_invoice_just_sent_or_just_entered_with_an_old_date_is_not_reminded_of(
    world: Cast, waits: bool
) -> None:
    make.customer(world, "C1")
    issued = NOW.date() - timedelta(days=0 if waits else 30)
    make.invoice(world, "F1", issued_on=issued, due_on=max(issued, NOW.date() - timedelta(days=1)))
    entered = {
        "customer_key": "C1", "amount": "40.00", "currency": "EUR",
        "issued_on": "2026-01-02", "due_on": "2026-02-01",
    }  # fmt: skip
    caller(world.organisation).call("PUT", "invoices/F2", entered, status=201)
    planned(world)
    evening(world, NOW)
    assert len(mail.outbox) == (0 if waits else 1)
    if not waits:
        assert "F1  " in mail.outbox[0].body and "F2  " not in mail.outbox[0].body


def test_reminders_escalate_step_by_step_each_recorded_as_sent_and_none_skipped(
    world: Cast,
) -> None:
    # Long overdue when it came to us: it begins with the first step all the same.
    overdue(world, 60)
    plans.settle(world, ladder=[[60, "email", "friendly"], [75, "email", "neutral"],
                                [90, "email", "firm"]])  # fmt: skip
    live(world, 0, 15, 30)
    assert kinds(world) == ["reminder", "second_reminder", "final_reminder"]
    rows = Message.objects.of(world.organisation).filter(state="sent")
    assert all(row.sent_at and row.kind and row.body for row in rows)


def test_every_contact_is_seen_on_the_invoice_and_on_the_customer(
    world: Cast, manager: Client
) -> None:
    overdue(world, 14)
    tell_contacts(
        world.system, [NewContact("E1", "C1", "letter", NOW - timedelta(days=20), ["F1"])]
    )
    live(world)
    sent = mail.outbox[0].subject
    for page, key in (("customer", "C1"), ("invoice", "F1")):
        answer = manager.get(reverse(f"workbench:{page}", args=["delta", key]))
        assert answer.status_code == 200
        text = answer.content.decode()
        assert sent in text and "etter" in text


def test_a_message_is_previewed_edited_tried_and_approved_before_it_goes(world: Cast) -> None:
    plans.settle(world, automatic=[], read_only=True)
    overdue(world, 14)
    planned(world)
    waiting = Decision.objects.of(world.organisation).get()
    assert waiting.state == "proposed"
    draft = preview_of(waiting)
    assert draft is not None and draft.total == "€\N{NO-BREAK SPACE}100,00"
    # To oneself first.
    assert send_test(world.actor(), draft=draft, to="me@delta.example") == "me@delta.example"
    assert mail.outbox.pop().to == ["me@delta.example"]
    manager = world.actor()
    deciding.change(manager, decision=waiting, text="Zoals besproken.", reason="personal")
    deciding.approve(manager, decisions=[waiting])
    # A dry run: all is planned and approved, and nothing leaves.
    evening(world, NOW)
    assert mail.outbox == []
    plans.settle(world, read_only=False)
    evening(world, NOW)
    assert "Zoals besproken." in mail.outbox[0].body


def test_a_bounce_is_seen_listed_and_acted_on_and_never_blocks_our_own_address(
    world: Cast,
) -> None:
    overdue(world, 14)
    live(world)
    message = Message.objects.of(world.organisation).select_related("customer").get()
    outcomes.bounced(world.system, message, "5.1.1 no such person")
    assert ContactPoint.objects.of(world.organisation).get().bounced_because
    assert Task.objects.of(world.organisation).filter(kind="no_address").count() == 1
    # Nothing more is written to that address.
    live(world, 16)
    assert len(mail.outbox) == 1


def test_a_customer_or_one_invoice_can_be_left_alone_and_a_first_reminder_can_wait(
    world: Cast,
) -> None:
    for number in (1, 2, 3):
        make.invoice(world, f"F{number}", customer=f"C{number}",
                     due_on=NOW.date() - timedelta(days=1))  # fmt: skip
    make.invoice(world, "F4", customer="C2", due_on=NOW.date() - timedelta(days=1), amount="7")
    ledger.set_consent(world.system, customer_key="C1", channel="email", granted=False)
    ledger.start_hold(
        world.system, customer_key="C2", invoice_key="F4", reason="internal", ends_at=None
    )
    late = Customer.objects.of(world.organisation).get(key="C3")
    ledger.record_customer(
        world.system, key="C3", name=late.name, kind="consumer", country="NL", language="nl",
        attributes={FIRST_REMINDER: 10},
    )  # fmt: skip
    live(world, 0)
    assert (kinds(world, "C1"), kinds(world, "C3")) == ([], [])
    asked = Message.objects.of(world.organisation).get(customer__key="C2", state="sent")
    assert (asked.kind, asked.invoice_keys) == ("reminder", ["F2"])
    live(world, 13)
    assert (kinds(world, "C1"), kinds(world, "C3")) == ([], ["reminder"])
