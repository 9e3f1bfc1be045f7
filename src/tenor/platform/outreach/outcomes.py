"""What became of a message, written down: sent, later again, failed, unclear, cancelled."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from django.conf import settings

from tenor.engine.events import Kind
from tenor.platform.core import clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.decisions.models import Decision, Task
from tenor.platform.decisions.queries.permission import policy_for
from tenor.platform.decisions.runs.signals import Noticed, notice_now
from tenor.platform.events.actions import record
from tenor.platform.ledger import actions as ledger
from tenor.platform.outreach import costs, notices
from tenor.platform.outreach.channels.contract import Charge, NotSent, Receipt, Refused
from tenor.platform.outreach.models import ChannelAccount, Message
from tenor.platform.outreach.saying import CannotSay
from tenor.platform.outreach.windows import next_slot

State = Message.State
NO_ACCOUNT = "no_account"

# How long to wait before trying again; after the last, it has failed.
PATIENCE = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))


@dataclass
class Sent:
    """What came of a round: counts by outcome; `refused` by reason, `closed` why nothing went."""

    planned: int = 0
    sent: int = 0
    calls: int = 0
    handed_over: int = 0
    postponed: int = 0
    cancelled: int = 0
    failed: int = 0
    retried: int = 0
    unclear: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    closed: str = ""


def went_out(
    actor: Actor,
    message: Message,
    receipt: Receipt,
    at: datetime,
    done: Sent,
    prices: costs.Listed | None = None,
) -> None:
    """It was taken over at the other side: kept with what it cost, in this transaction."""
    if not _still_ours(message):
        return
    message.state, message.sent_at, message.lease_until = State.SENT, at, None
    message.refusal = ""
    message.provider, message.provider_key = receipt.provider, receipt.reference[:300]
    fields = ["state", "sent_at", "lease_until", "refusal", "provider", "provider_key", "cost"]
    if receipt.body and receipt.body != message.body:
        message.body = receipt.body
        fields.append("body")
    costs.charge(
        message, receipt.charges, at=at, usual=message.cost, prices=prices, country=receipt.country
    )
    message.save(update_fields=fields)
    notices.record_sent(actor, message, at)
    done.sent += 1


def _still_ours(message: Message) -> bool:
    """Say whether nobody took this worker for dead: what is unclear by then stays a person's."""
    rows = Message.objects.of(message.organisation_id).filter(
        pk=message.pk, state__in=[State.SENDING, State.PLANNED]
    )
    return bool(rows.select_for_update(no_key=True).values_list("pk"))


def not_sent(actor: Actor, message: Message, error: NotSent, done: Sent) -> None:
    """It did not leave: later again, while there is patience; else it has failed."""
    if not _still_ours(message):
        return
    again = error.again and message.attempts <= len(PATIENCE)
    message.lease_until, message.refusal = None, str(error)[:300]
    if again:
        message.state = State.PLANNED
        message.send_at = clock.now(actor.organisation) + PATIENCE[message.attempts - 1]
        _back(actor, message, Decision.State.APPROVED)
        done.retried += 1
    else:
        # What did not leave costs nothing.
        message.state, message.cost = State.FAILED, 0.0
        done.failed += 1
        done.refused["failed"] += 1
    message.save(update_fields=["state", "send_at", "lease_until", "refusal", "cost"])
    if isinstance(error, Refused):
        bounced(actor, message, str(error))
    elif not again:
        _task(actor, message, Task.Kind.REVIEW, "failed")


def bounced(actor: Actor, message: Message, because: str, *, at: datetime | None = None) -> bool:
    """Say that a message came back, now or long after it went out; told again it changes nothing.

    Its address is not written to any more, so that another channel is chosen next time, and a
    person is told. What bounces off one of our own addresses says nothing about a customer's.
    """
    if not _is_own(actor.organisation, message.address):
        ledger.mark_bounced(actor, value=message.address, because=because[:200])
    notices.came_back(actor, message)
    new = record(
        actor.organisation, Kind.BOUNCED, key=f"tenor:message:{message.key}:bounced",
        at=at or clock.now(actor.organisation), customer_key=message.customer.key,
        contact_key=message.key, detail={"channel": message.channel, "reason": because[:500]},
    )  # fmt: skip
    _task(actor, message, Task.Kind.NO_ADDRESS, "bounced")
    return bool(new)


def _is_own(organisation: Organisation, address: str) -> bool:
    """Say whether an address is one of the organisation's own, or of this installation."""
    said = [settings.DEFAULT_FROM_EMAIL, preferences_of(organisation).reply_email]
    for account in ChannelAccount.objects.of(organisation).values_list("settings", flat=True):
        said += [value for value in account.values() if isinstance(value, str) and "@" in value]
    own = {parseaddr(text)[1].lower() for text in said if text}
    return address.lower() in own - {""}


def unclear(actor: Actor, message: Message, because: str, charges: Sequence[Charge] = ()) -> bool:
    """Leave it to a person: it counts as a contact until they know better."""
    rows = Message.objects.of(actor.organisation).filter(pk=message.pk, state=State.SENDING)
    at = clock.now(actor.organisation)
    if not rows.update(state=State.UNCLEAR, sent_at=at, lease_until=None, refusal=because[:300]):
        return False
    message.state, message.sent_at, message.refusal = State.UNCLEAR, at, because[:300]
    # It may have left: until somebody knows better it cost what such a contact costs.
    costs.charge(message, charges, at=at, usual=message.cost)
    message.save(update_fields=["cost"])
    _task(actor, message, Task.Kind.UNCLEAR, "unclear")
    return True


def postpone(actor: Actor, message: Message, reason: str, now: datetime, done: Sent) -> None:
    organisation = actor.organisation
    segment = message.decision.segment if message.decision else ""
    later = next_slot(
        policy_for(organisation, segment), message.channel, now, customer=message.customer
    )
    if later is None:
        cancel(actor, message, "too_late", done)
        return
    message.state, message.send_at, message.lease_until = State.PLANNED, later, None
    message.refusal = reason
    message.save(update_fields=["state", "send_at", "lease_until", "refusal"])
    done.postponed += 1


def cancel(actor: Actor, message: Message, reason: str, done: Sent) -> None:
    """It does not go out, and why; the next plan decides anew."""
    rows = Message.objects.of(actor.organisation).filter(
        pk=message.pk, state__in=[State.PLANNED, State.SENDING]
    )
    if not rows.update(state=State.CANCELLED, refusal=reason, lease_until=None):
        return
    message.state, message.refusal = State.CANCELLED, reason
    done.cancelled += 1
    done.refused[reason] += 1
    if reason != "not_approved":
        _back(actor, message, Decision.State.LAPSED, Decision.State.APPROVED)
    if reason == "no_address":
        _task(actor, message, Task.Kind.NO_ADDRESS, reason)
    elif reason == "no_channel":
        _task(actor, message, Task.Kind.REVIEW, reason)


def cannot_say(actor: Actor, message: Message, error: CannotSay, done: Sent) -> None:
    """No words fit: it does not go out, and somebody hears of it.

    Without an account to pay to nothing in that currency goes out: that is said once, not a case
    each. A text that names what nobody knows is a case.
    """
    cancel(actor, message, error.code, done)
    if error.code == NO_ACCOUNT:
        notice_now(actor.organisation, Noticed(NO_ACCOUNT, "danger", {"of": message.currency}))
    else:
        message.refusal = str(error)[:300] or error.code
        _task(actor, message, Task.Kind.REVIEW, error.code)


def _back(
    actor: Actor, message: Message, state: str, source: str = Decision.State.HANDED_OVER
) -> None:
    if message.decision_id is not None:
        rows = Decision.objects.of(actor.organisation).filter(pk=message.decision_id)
        rows.filter(state=source).update(state=state)


def _task(actor: Actor, message: Message, kind: str, reason: str) -> None:
    """Put the case on the worklist: nothing that did not go out is silently lost."""
    at = clock.now(actor.organisation)
    tasks = Task.objects.of(actor.organisation)
    same = tasks.filter(customer_id=message.customer_id, kind=kind, state=Task.State.OPEN)
    if kind == Task.Kind.NO_ADDRESS and same.exists():
        return
    decision: Any = message.decision
    tasks.get_or_create(
        key=f"{kind}:{message.key}",
        defaults={
            "customer_id": message.customer_id,
            "decision": decision,
            "kind": kind,
            "value": decision.value if decision else 0.0,
            "facts": {
                "message": message.key,
                "channel": message.channel,
                "reason": reason,
                "words": message.refusal,
                "amount": f"{message.amount:f}",
                "currency": message.currency,
                "invoice_keys": message.invoice_keys,
            },
            "due_at": at,
            "created_at": at,
        },
    )
