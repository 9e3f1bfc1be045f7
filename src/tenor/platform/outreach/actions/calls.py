"""How a case ended: the call as a contact, and what it led to, all in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.engine.events import Kind
from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.preferences import preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.decisions.actions import look_after
from tenor.platform.decisions.models import Task
from tenor.platform.decisions.reasons import OUTCOMES
from tenor.platform.events.actions import record
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.locks import locked_customer
from tenor.platform.ledger.models import ContactPoint, Customer, Invoice
from tenor.platform.outreach import costs
from tenor.platform.outreach.actions.messages import resolve_unclear
from tenor.platform.outreach.models import Message
from tenor.platform.outreach.planning import rules_of

# How long one waits after what was said on the phone.
WAIT_FOR_MONEY = timedelta(days=7)
WAIT_FOR_RELIEF = timedelta(days=30)
CALL_AGAIN = timedelta(days=1)
# With these somebody was spoken to.
_SPOKEN = frozenset(
    {
        "reached_promised", "reached_no_promise", "paid_already", "dispute", "hardship", "callback",
    }
)  # fmt: skip
# With these somebody found out what became of a message.
_FOUND_OUT = frozenset({"arrived", "not_arrived"})
_MOST_MINUTES = 600


@dataclass(frozen=True)
class Finished:
    """The case as it ended, the call that was recorded, and a call to come where one was agreed."""

    task: Task
    message: Message | None
    again: Task | None = None


def finish(
    actor: Actor,
    *,
    task: Task | int,
    outcome: str,
    minutes: Decimal | int | None = None,
    note: str = "",
    promised_on: date | None = None,
    amount: Decimal | None = None,
    invoice_keys: Sequence[str] | None = None,
    dispute_reason: str = "other",
    call_at: datetime | None = None,
) -> Finished:
    """Say how a case ended (`reasons.OUTCOMES`); what follows from it is done at once.

    A promise needs `promised_on`; a dispute is about `invoice_keys`, or about all that the case
    names; "callback" puts the case back for `call_at`. "done" ends a case without a call. A case
    about a message whose fate nobody knew ends with "arrived" or "not_arrived", and only such one.
    """
    actor.need(Right.WORK)
    if outcome not in OUTCOMES:
        raise Invalid(_("Choose how it ended."), field="outcome")
    if outcome == "reached_promised" and promised_on is None:
        raise Invalid(_("On which day will they pay?"), field="promised_on")
    if len(note) > 500:
        raise Invalid(_("A note has at most 500 characters."), field="note")
    with transaction.atomic():
        found = _mine(actor, task)
        customer = found.customer
        if (found.kind == Task.Kind.UNCLEAR) != (outcome in _FOUND_OUT):
            raise Invalid(_("Choose how it ended."), field="outcome")
        spent = _minutes(actor, minutes, outcome)
        keys = list(invoice_keys) if invoice_keys is not None else _about(actor, found)
        message = None
        if outcome in _FOUND_OUT:
            unclear = row_for(actor, Message, key=found.key.removeprefix("unclear:"))
            message = resolve_unclear(actor, message=unclear, arrived=outcome == "arrived")
        elif outcome != "done":
            message = _call(actor, found, keys, outcome, spent, note)
        _follow(actor, customer, outcome, keys, promised_on, amount, dispute_reason, note)
        again = _again(actor, found, call_at) if outcome == "callback" else None
        now = clock.now(actor.organisation)
        found.state, found.outcome, found.note = Task.State.DONE, outcome, note
        found.minutes, found.done_at = spent, now
        found.claimed_by_id, found.claimed_at = actor.user_id, found.claimed_at or now
        found.save()
        audit.record(
            actor, "task.finish", f"task:{found.key}",
            after={"customer": customer.key, "outcome": outcome, "minutes": spent, "note": note,
                   "invoices": keys},
        )  # fmt: skip
    return Finished(found, message, again)


def _mine(actor: Actor, task: Task | int) -> Task:
    """Return the task, its customer's ledger locked; refuse where it is somebody else's or done."""
    number = getattr(task, "pk", task)
    customer_id = row_for(actor, Task, pk=number).customer_id
    customer = locked_customer(actor, pk=customer_id)
    found: Task = row_for(actor, Task, lock=True, pk=number)
    if found.state != Task.State.OPEN:
        raise Refused(_("This case is closed already."))
    if found.claimed_by_id not in (None, actor.user_id):
        raise Refused(_("Somebody else is working on this case."))
    found.customer = customer
    return found


def _minutes(actor: Actor, minutes: Decimal | int | None, outcome: str) -> Decimal:
    if minutes is None:
        usual = preferences_of(actor.organisation).minutes_per_call
        # Nobody answered: that takes a minute.
        return Decimal(1 if outcome in ("no_answer", "wrong_number") else usual)
    spent = Decimal(minutes)
    if not 0 <= spent <= _MOST_MINUTES:
        raise Invalid(_("That is no number of minutes."), field="minutes")
    return spent.quantize(Decimal("0.1"))


def _about(actor: Actor, task: Task) -> list[str]:
    """Return the invoices that the case is about: those of its decision, else all that are due."""
    rows = Invoice.objects.of(actor.organisation).filter(customer_id=task.customer_id, is_open=True)
    named = task.facts.get("invoice_keys") or []
    due = rows.filter(key__in=named) if named else rows.filter(
        due_on__lte=clock.today(actor.organisation)
    )  # fmt: skip
    found = list(due.order_by("-balance", "pk").values_list("key", "currency"))
    # One currency: that of the largest.
    return sorted(key for key, currency in found if currency == found[0][1])


def _call(
    actor: Actor, task: Task, keys: list[str], outcome: str, minutes: Decimal, note: str
) -> Message:
    """Record the call as a contact, with what it cost."""
    organisation = actor.organisation
    now = clock.now(organisation)
    decision = task.decision if task.kind == Task.Kind.CALL else None
    messages = Message.objects.of(organisation)
    if decision is not None and messages.filter(decision=decision).exists():
        decision = None
    invoices = list(Invoice.objects.of(organisation).filter(
        customer_id=task.customer_id, key__in=keys
    ))  # fmt: skip
    message: Message = messages.create(
        customer_id=task.customer_id,
        decision=decision,
        key=decision.key if decision else f"task:{task.key}",
        channel="call",
        tone=task.facts.get("tone", ""),
        template="call",
        invoice_keys=keys,
        amount=sum((i.balance for i in invoices), Decimal(0)),
        currency=invoices[0].currency if invoices else "",
        address=_number(actor, task.customer),
        subject=outcome,
        body=note,
        state=Message.State.SENT,
        send_at=now,
        sent_at=now,
        attempts=1,
        propensity=decision.propensity if decision and decision.original is None else None,
        minutes=minutes,
        policy=rules_of(decision) if decision else "",
    )
    message.organisation = organisation
    costs.charge_minutes(message, minutes, at=now)
    if outcome in _SPOKEN:
        record(
            organisation, Kind.REPLIED, key=f"tenor:call:{message.key}:spoken", at=now,
            customer_key=task.customer.key, contact_key=message.key,
            detail={"channel": "call", "outcome": outcome},
        )  # fmt: skip
    elif outcome == "wrong_number":
        record(
            organisation, Kind.BOUNCED, key=f"tenor:call:{message.key}:wrong", at=now,
            customer_key=task.customer.key, contact_key=message.key, detail={"channel": "call"},
        )  # fmt: skip
    return message


def _number(actor: Actor, customer: Customer) -> str:
    rows = ContactPoint.objects.of(actor.organisation).filter(
        customer=customer, kind__in=[ContactPoint.Kind.PHONE, ContactPoint.Kind.MOBILE],
        bounced_at=None,
    )  # fmt: skip
    return rows.order_by("-kind", "-is_primary", "pk").values_list("value", flat=True).first() or ""


def _follow(
    actor: Actor,
    customer: Customer,
    outcome: str,
    keys: list[str],
    promised_on: date | None,
    amount: Decimal | None,
    dispute_reason: str,
    note: str,
) -> None:
    """Do in the ledger what was agreed."""
    now = clock.now(actor.organisation)
    if outcome == "reached_promised" and promised_on is not None:
        ledger.make_promise(
            actor, customer_key=customer.key, invoice_keys=keys, promised_on=promised_on,
            amount=amount, note=note, source="call",
        )  # fmt: skip
    elif outcome == "dispute":
        if not keys:
            raise Invalid(_("Choose the invoice that they object to."), field="invoice_keys")
        for key in keys:
            ledger.open_dispute(actor, invoice_key=key, reason=dispute_reason, note=note)
    elif outcome == "hardship":
        made = ledger.start_hold(
            actor, customer_key=customer.key, reason="hardship", ends_at=now + WAIT_FOR_RELIEF,
            note=note,
        )  # fmt: skip
        look_after(actor, made)
    elif outcome == "paid_already":
        ledger.start_hold(
            actor, customer_key=customer.key, reason="unmatched_money",
            ends_at=now + WAIT_FOR_MONEY, note=note,
        )  # fmt: skip
    elif outcome == "wrong_number" and (number := _number(actor, customer)):
        ledger.mark_bounced(actor, value=number, because=str(OUTCOMES["wrong_number"]))


def _again(actor: Actor, task: Task, call_at: datetime | None) -> Task:
    now = clock.now(actor.organisation)
    at = call_at or now + CALL_AGAIN
    if at <= now:
        raise Invalid(_("Call back later than now."), field="call_at")
    again: Task = Task.objects.of(actor.organisation).create(
        customer_id=task.customer_id, key=f"{task.key}:{now:%Y%m%d%H%M}", kind=Task.Kind.CALL,
        value=task.value, skill=task.skill, facts=task.facts, due_at=at, created_at=now,
        claimed_by_id=actor.user_id, claimed_at=now,
    )  # fmt: skip
    return again
