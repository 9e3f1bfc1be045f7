"""What a contact is about: steps of reminding one at a time, what was broken, the law's letter."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail

import make
import plans
from cast import NOW, Cast
from tenor.platform.core.errors import Forbidden, Invalid, Refused
from tenor.platform.decisions.gate import open_gate
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Customer, Invoice, LegalNotice
from tenor.platform.outreach import kinds
from tenor.platform.outreach.actions import Offer, notify, send_due, tell_what_happened, write
from tenor.platform.outreach.models import Message
from tenor.platform.outreach.queries import contacts_frame
from tenor.platform.wording import forms
from tenor.platform.wording.composing import compose
from tenor.platform.wording.draft import Kind

TODAY = NOW.date()


@pytest.fixture
def owing(cast: Cast) -> Cast:
    """C1 owes F1, ten days overdue; everything goes out by itself."""
    plans.rules(cast)
    plans.settle(cast, automatic=["all"])
    make.invoice(cast, "F1", customer="C1")
    return cast


def sent(cast: Cast, kind: str, days_ago: int, *keys: str, state: str = "sent") -> Message:
    """Make a message that was sent so many days ago about these invoices (F1)."""
    at = NOW - timedelta(days=days_ago)
    made: Message = Message.objects.of(cast.organisation).create(
        customer=Customer.objects.of(cast.organisation).get(key="C1"), kind=kind,
        key=f"{kind}-{days_ago}-{state}", channel="email", invoice_keys=list(keys or ("F1",)),
        state=state, send_at=at, sent_at=at if state in ("sent", "unclear") else None,
    )  # fmt: skip
    return made


def kind_now(cast: Cast, *, at: datetime = NOW) -> str:
    """Return what a message about all open invoices of C1 would be."""
    customer = Customer.objects.of(cast.organisation).get(key="C1")
    invoices = list(Invoice.objects.of(cast.organisation).filter(customer=customer, is_open=True))
    past = kinds.past_of(cast.organisation, [customer.pk])
    return kinds.kind_of(cast.organisation, customer.pk, invoices, at=at, past=past)[0]


def due(cast: Cast, days_overdue: int) -> None:
    """Let F1 be so many days overdue."""
    day = TODAY - timedelta(days=days_overdue)
    Invoice.objects.of(cast.organisation).update(due_on=day)


@pytest.mark.parametrize(
    ("days_overdue", "kind"), [(-3, "before_due"), (0, "before_due"), (1, "reminder")]
)
def test_what_is_due_today_is_not_overdue(owing: Cast, days_overdue: int, kind: str) -> None:
    due(owing, days_overdue)
    assert kind_now(owing) == kind


@pytest.mark.parametrize(
    ("days_overdue", "before", "kind"),
    [
        # However late it is, the first contact is the first reminder.
        (90, [], "reminder"),
        # The second step is on or after day 14, and as long after the first as between the two.
        (20, [("reminder", 13)], "second_reminder"),
        (20, [("reminder", 12)], "reminder"),
        (13, [("reminder", 12)], "reminder"),
        (14, [("reminder", 13)], "second_reminder"),
        (90, [("reminder", 40), ("second_reminder", 16)], "final_reminder"),
        (90, [("reminder", 40), ("second_reminder", 15)], "second_reminder"),
        # The last step is said again; there is none after it.
        (200, [("reminder", 99), ("second_reminder", 60), ("final_reminder", 30)],
         "final_reminder"),
    ],
)  # fmt: skip
def test_reminders_go_up_a_step_at_a_time_when_its_time_has_come(
    owing: Cast, days_overdue: int, before: list[tuple[str, int]], kind: str
) -> None:
    due(owing, days_overdue)
    for step, days_ago in before:
        sent(owing, step, days_ago)
    assert kind_now(owing) == kind


@pytest.mark.parametrize("state", ["planned", "cancelled", "failed"])
def test_a_reminder_that_did_not_go_out_is_no_step(owing: Cast, state: str) -> None:
    due(owing, 60)
    sent(owing, "reminder", 40, state=state)
    assert kind_now(owing) == "reminder"


def test_one_that_may_have_arrived_is_a_step(owing: Cast) -> None:
    due(owing, 60)
    sent(owing, "reminder", 40, state="unclear")
    assert kind_now(owing) == "second_reminder"


def test_a_paid_invoice_leaves_its_step_to_the_next_oldest(owing: Cast) -> None:
    due(owing, 60)
    sent(owing, "reminder", 40)
    sent(owing, "second_reminder", 20)
    make.invoice(owing, "F2", customer="C1", due_on=TODAY - timedelta(days=5))
    assert kind_now(owing) == "final_reminder"
    make.payment(owing, "P1", invoice="F1")
    assert kind_now(owing) == "reminder"


def test_another_systems_reminder_was_the_first_step_whatever_it_said(owing: Cast) -> None:
    due(owing, 60)
    sent(owing, "", 40)
    sent(owing, "", 30)
    assert kind_now(owing) == "second_reminder"


def test_the_organisations_own_ladder_says_when_a_steps_time_has_come(owing: Cast) -> None:
    plans.settle(owing, ladder=[[3, "email", "friendly"], [7, "email", "firm"]])
    assert kinds.days_of_steps(owing.organisation) == (3, 7, 23)
    due(owing, 8)
    sent(owing, "reminder", 4)
    assert kind_now(owing) == "second_reminder"


def test_a_broken_promise_is_named_once_and_then_reminding_goes_on(owing: Cast) -> None:
    make.at(owing, NOW - timedelta(days=9))
    ledger.make_promise(
        owing.system, customer_key="C1", invoice_keys=["F1"], promised_on=TODAY - timedelta(days=5)
    )
    make.at(owing, NOW)
    ledger.settle_agreements(owing.system)
    assert kind_now(owing) == "promise_broken"
    sent(owing, "promise_broken", 0)
    assert kind_now(owing) == "reminder"


def test_a_broken_promise_is_named_with_its_own_day_beside_a_newer_one(owing: Cast) -> None:
    make.invoice(owing, "F2", customer="C1", amount="70")
    for key, ago, promised_on in (("F1", 9, -5), ("F2", 1, 6)):
        make.at(owing, NOW - timedelta(days=ago))
        ledger.make_promise(
            owing.system, customer_key="C1", invoice_keys=[key],
            promised_on=TODAY + timedelta(days=promised_on),
        )  # fmt: skip
    make.at(owing, NOW)
    ledger.settle_agreements(owing.system)
    said = compose(
        owing.organisation, Customer.objects.of(owing.organisation).get(key="C1"),
        list(Invoice.objects.of(owing.organisation).filter(key="F1")),
        kind=Kind.PROMISE_BROKEN, tone="neutral", channel="email", at=NOW,
    )  # fmt: skip
    words = "\n".join(said.paragraphs)
    assert forms.day(TODAY - timedelta(days=5), "nl") in words
    assert forms.day(TODAY + timedelta(days=6), "nl") not in words


def test_an_instalment_to_come_is_that_of_the_plan_that_is_told(owing: Cast) -> None:
    make.invoice(owing, "F2", customer="C1", amount="70")
    for key, ago, part in (("F1", 9, Decimal(50)), ("F2", 1, Decimal(35))):
        make.at(owing, NOW - timedelta(days=ago))
        ledger.agree_plan(
            owing.system, customer_key="C1", invoice_keys=[key],
            instalments=[(TODAY + timedelta(days=2), part), (TODAY + timedelta(days=32), part)],
        )  # fmt: skip
    make.at(owing, NOW)
    said = compose(
        owing.organisation, Customer.objects.of(owing.organisation).get(key="C1"),
        list(Invoice.objects.of(owing.organisation).filter(key="F1")),
        kind=Kind.INSTALMENT_DUE, tone="friendly", channel="email", at=NOW,
    )  # fmt: skip
    assert said.amount == Decimal(50)


def test_a_missed_instalment_is_named(owing: Cast) -> None:
    make.at(owing, NOW - timedelta(days=20))
    ledger.agree_plan(
        owing.system, customer_key="C1", invoice_keys=["F1"],
        instalments=[(TODAY - timedelta(days=10), Decimal(50)), (TODAY, Decimal(50))],
    )  # fmt: skip
    make.at(owing, NOW)
    ledger.settle_agreements(owing.system)
    assert kind_now(owing) == "instalment_missed"


@pytest.mark.parametrize(
    ("method", "kind"), [("sepa_direct_debit", "failed_debit"), ("transfer", "reminder")]
)
def test_only_a_debit_that_came_back_is_a_failed_debit(owing: Cast, method: str, kind: str) -> None:
    make.payment(owing, "P1", invoice="F1", paid_at=NOW - timedelta(days=3), method=method)
    ledger.reverse_payment(owing.system, payment_key="P1", reason="AM04")
    assert kind_now(owing) == kind


def test_what_is_sent_says_what_it_is_to_people_and_to_the_engine(owing: Cast) -> None:
    due(owing, 60)
    sent(owing, "reminder", 40)
    made = plans.run(owing)
    plans.decision(made, send_at=NOW)
    open_gate(made)
    assert send_due(owing.organisation).sent == 1
    row = Message.objects.of(owing.organisation).get(key="0310-C1")
    assert (row.kind, row.template, row.version) == (
        "second_reminder", "second_reminder/friendly", "built-in",
    )  # fmt: skip
    assert row.reference.startswith("RF")
    assert "<table" in row.content.html
    told = contacts_frame(owing.organisation, NOW).sort("sent_at")
    assert told["template"].to_list() == ["reminder", "second_reminder"]


def letter(cast: Cast, **values: object) -> Message:
    """Have the law's letter about F1 written."""
    asked = {"kind": "notice", "invoice_keys": ["F1"], "channel": "email", **values}
    return write(cast.actor(), customer_key="C1", **asked)  # type: ignore[arg-type]


def test_a_letter_that_the_law_asks_for_is_recorded_with_what_it_says(owing: Cast) -> None:
    made = letter(owing)
    assert not LegalNotice.objects.of(owing.organisation).exists()
    assert send_due(owing.organisation).sent == 1
    notice = LegalNotice.objects.of(owing.organisation).get()
    assert (notice.kind, notice.costs, notice.sent_on, notice.invoice_keys, notice.channel) == (
        "fourteen_day", Decimal(40), TODAY, ["F1"], "email",
    )  # fmt: skip
    assert {"principal", "term", "fee_amount", "consequence"} <= set(notice.contains)
    assert "€ 40,00" in mail.outbox[0].body
    assert notice.key == f"tenor:message:{made.key}"
    # It is under way: nobody needs another.
    make.at(owing, NOW + timedelta(days=5))
    with pytest.raises(Refused, match="no letter"):
        letter(owing)


def test_a_letter_that_did_not_go_out_is_no_notice(owing: Cast) -> None:
    letter(owing)
    make.payment(owing, "P1", invoice="F1")
    assert send_due(owing.organisation).sent == 0
    assert not LegalNotice.objects.of(owing.organisation).exists()


def test_the_laws_letter_takes_the_place_of_the_last_reminder_where_that_is_chosen(
    owing: Cast,
) -> None:
    due(owing, 60)
    sent(owing, "reminder", 40)
    sent(owing, "second_reminder", 20)
    plans.settle(owing, automatic_notices=True)
    made = plans.run(owing)
    plans.decision(made, send_at=NOW)
    open_gate(made)
    assert send_due(owing.organisation).sent == 1
    assert Message.objects.of(owing.organisation).get(key="0310-C1").kind == "notice"
    assert LegalNotice.objects.of(owing.organisation).get().kind == "fourteen_day"


def test_a_person_offers_a_plan_with_its_terms(owing: Cast) -> None:
    offer = Offer(3, Decimal("33.34"), date(2026, 4, 1))
    letter(owing, kind="plan_offer", offer=offer, tone="empathetic")
    assert send_due(owing.organisation).sent == 1
    body = mail.outbox[0].body
    assert "3 delen van € 33,34" in body and "1 april 2026" in body
    with pytest.raises(Invalid, match="terms"):
        letter(owing, kind="plan_offer")
    with pytest.raises(Invalid, match="Choose a letter"):
        letter(owing, kind="reminder")
    with pytest.raises(Forbidden):
        write(owing.actor("agent"), customer_key="C1", kind="notice", invoice_keys=["F1"],
              channel="email")  # fmt: skip


def test_thanks_go_out_where_that_is_chosen_once_and_count_as_no_contact(owing: Cast) -> None:
    sent(owing, "reminder", 6)
    make.payment(owing, "P1", invoice="F1")
    assert tell_what_happened(owing.system, NOW) == 0
    plans.settle(owing, notifications=["thank_you"])
    assert tell_what_happened(owing.system, NOW) == 1
    assert tell_what_happened(owing.system, NOW) == 0
    assert send_due(owing.organisation).sent == 1
    assert "€ 100,00" in mail.outbox[0].body and "Dank u wel" in mail.outbox[0].subject
    assert contacts_frame(owing.organisation, NOW).height == 1


def test_thanks_that_wait_for_their_hour_outlast_another_payment(owing: Cast) -> None:
    make.invoice(owing, "F2", customer="C1")
    sent(owing, "reminder", 6)
    plans.settle(owing, notifications=["thank_you"])
    make.payment(owing, "P1", invoice="F1")
    assert tell_what_happened(owing.system, NOW) == 1
    make.payment(owing, "P2", invoice="F2")
    assert send_due(owing.organisation).sent == 1
    assert "Dank u wel" in mail.outbox[0].subject


def test_who_paid_unasked_is_not_thanked(owing: Cast) -> None:
    plans.settle(owing, notifications=["thank_you"])
    make.payment(owing, "P1", invoice="F1")
    assert tell_what_happened(owing.system, NOW) == 0


def test_what_was_promised_and_agreed_is_confirmed(owing: Cast) -> None:
    plans.settle(owing, notifications=["promise_noted", "plan_agreed", "instalment_due"])
    make.invoice(owing, "F2", customer="C2")
    ledger.make_promise(
        owing.system, customer_key="C1", invoice_keys=["F1"], promised_on=TODAY + timedelta(days=5)
    )
    ledger.agree_plan(
        owing.system, customer_key="C2", invoice_keys=["F2"],
        instalments=[(TODAY + timedelta(days=d), Decimal(50)) for d in (2, 32)],
    )  # fmt: skip
    assert tell_what_happened(owing.system, NOW) == 3
    # Two to one customer: one at a time.
    assert send_due(owing.organisation).sent == 2
    assert send_due(owing.organisation).sent == 1
    rows = Message.objects.of(owing.organisation).order_by("kind")
    assert [(row.kind, row.state) for row in rows] == [
        ("instalment_due", "sent"), ("plan_agreed", "sent"), ("promise_noted", "sent"),
    ]  # fmt: skip
    assert contacts_frame(owing.organisation, NOW).is_empty()


def test_what_asks_for_nothing_keeps_the_hours_the_opt_outs_and_the_holds(owing: Cast) -> None:
    plans.settle(owing, notifications=["thank_you"])
    customer = Customer.objects.of(owing.organisation).get(key="C1")

    def told(key: str) -> Message | None:
        return notify(
            owing.system, customer=customer, kind="thank_you", invoice_keys=["F1"],
            currency="EUR", key=key,
        )  # fmt: skip

    night = datetime(2026, 3, 10, 22, 0, tzinfo=NOW.tzinfo)
    make.at(owing, night)
    assert told("T1") is not None
    assert send_due(owing.organisation).postponed == 1
    make.at(owing, NOW + timedelta(days=1))
    ledger.start_hold(owing.system, customer_key="C1", reason="deceased")
    assert dict(send_due(owing.organisation).refused) == {"hold": 1}
    ledger.set_consent(owing.system, customer_key="C1", channel="email", granted=False)
    assert told("T2") is None
    assert mail.outbox == []
