"""Plan a message, stop it, and say what became of one that nobody was sure of."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.clock import now
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.decisions.live import live_policy
from tenor.platform.decisions.models import Decision, Task
from tenor.platform.ledger.locks import locked_customer, locked_invoices
from tenor.platform.ledger.models import Customer
from tenor.platform.outreach import costs, notices
from tenor.platform.outreach.models import Message
from tenor.platform.outreach.notices import letter_due
from tenor.platform.outreach.planning import plan_messages
from tenor.platform.outreach.telling import News, tell, usual_cost
from tenor.platform.wording.draft import Kind

State = Message.State
# What a person may want sent beside what is decided.
BY_HAND = frozenset({Kind.NOTICE, Kind.PLAN_OFFER})


@dataclass(frozen=True)
class Offer:
    """The terms of a plan that is offered: so many instalments of an amount, from a day on."""

    count: int
    amount: Decimal
    first: date

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"count": self.count, "amount": f"{self.amount:f}", "first": self.first.isoformat()}


def plan_message(actor: Actor, decision: Decision) -> Message:
    """Put down the message of an approved decision; planned twice, it is the same one."""
    actor.need(Right.WORK)
    found: Decision = row_for(actor, Decision, related=("run__policy",), pk=decision.pk)
    if found.state != Decision.State.APPROVED or not found.channel or found.send_at is None:
        raise Refused(_("Only an approved contact becomes a message."))
    return plan_messages(actor, [found])[0]


def write(
    actor: Actor,
    *,
    customer_key: str,
    kind: str,
    invoice_keys: Sequence[str],
    channel: str,
    tone: str = "neutral",
    send_at: datetime | None = None,
    offer: Offer | None = None,
) -> Message:
    """Put down a message that a person wants sent: the law's letter, or the offer of a plan.

    It waits for the next permitted hour and is asked about like any other: who has paid meanwhile
    gets none, and the rules on how often somebody is asked hold for it too.
    """
    actor.need(Right.APPROVE)
    if kind not in BY_HAND:
        raise Invalid(_("Choose a letter that the law asks for, or a plan to offer."), field="kind")
    if (kind == Kind.PLAN_OFFER) != (offer is not None):
        raise Invalid(_("An offer of a plan has terms, and nothing else has."), field="offer")
    organisation, at = actor.organisation, now(actor.organisation)
    if channel not in {found.name for found in live_policy(organisation).channels}:
        raise Invalid(_("The rules have this channel switched off."), field="channel")
    with transaction.atomic():
        customer = locked_customer(actor, key=customer_key)
        customer.organisation = organisation
        invoices = [i for i in locked_invoices(actor, customer, list(invoice_keys)) if i.is_open]
        if not invoices or len({invoice.currency for invoice in invoices}) > 1:
            raise Invalid(_("Choose open invoices of one currency."), field="invoice_keys")
        if kind == Kind.NOTICE and not letter_due(customer, invoices, at):
            raise Refused(_("The law asks for no letter that was not sent already."))
        keys = sorted(invoice.key for invoice in invoices)
        message: Message
        message, new = Message.objects.of(organisation).get_or_create(
            key=f"{kind}:{customer.pk}:{at:%Y%m%d}:{_digest(keys)}",
            defaults={
                "customer": customer, "channel": channel, "tone": tone, "kind": kind,
                "invoice_keys": keys, "currency": invoices[0].currency,
                "amount": sum((invoice.balance for invoice in invoices), Decimal(0)),
                "send_at": max(send_at or at, at), "cost": usual_cost(organisation, channel),
                "facts": {"offer": offer.as_json()} if offer else {},
            },
        )  # fmt: skip
        if new:
            audit.record(
                actor, "message.write", f"customer:{customer.key}",
                after={"kind": kind, "channel": channel, "invoices": keys},
            )  # fmt: skip
    return message


def notify(
    actor: Actor,
    *,
    customer: Customer,
    kind: str,
    invoice_keys: Sequence[str],
    currency: str,
    key: str,
    channel: str = "",
) -> Message | None:
    """Tell a customer something that asks for nothing; told again under its key, it is the same.

    Nothing where the organisation has this kind switched off, or no channel reaches them.
    """
    actor.need(Right.WORK)
    news = News(customer.pk, Kind(kind), key, invoice_keys, currency)
    return tell(actor, news, at=now(actor.organisation), channel=channel)


def cancel_messages(
    actor: Actor, *, messages: Iterable[Message | int], reason: str = "not_approved"
) -> int:
    """Stop messages that are planned and not under way; return how many were stopped."""
    actor.need(Right.APPROVE)
    numbers = [getattr(message, "pk", message) for message in messages]
    rows = Message.objects.of(actor.organisation).filter(pk__in=numbers, state=State.PLANNED)
    with transaction.atomic():
        keys = sorted(rows.select_for_update().values_list("key", flat=True))
        stopped: int = rows.update(state=State.CANCELLED, refusal=reason)
        if stopped:
            audit.record(
                actor, "message.cancel", f"message:{keys[0]}" if stopped == 1 else "messages",
                after={"count": stopped, "reason": reason, "messages": keys[:200]},
            )  # fmt: skip
    return stopped


def resolve_unclear(
    actor: Actor, *, message: Message | int, arrived: bool, note: str = ""
) -> Message:
    """Say whether an unclear message arrived. One that did not is never sent again by itself."""
    actor.need(Right.WORK)
    with transaction.atomic():
        found: Message = row_for(
            actor, Message, related=("customer",), lock=True, pk=getattr(message, "pk", message)
        )
        if found.state != State.UNCLEAR:
            raise Refused(_("This message is no longer unclear."))
        found.organisation, went = actor.organisation, found.sent_at
        if arrived:
            found.state, found.refusal = State.SENT, ""
        else:
            # It was no contact after all, and cost nothing: the next plan may ask again.
            found.state, found.sent_at = State.FAILED, None
        found.save(update_fields=["state", "sent_at", "refusal"])
        if not arrived:
            costs.take_back(found, at=now(actor.organisation))
        elif went is not None:
            notices.record_sent(actor, found, went)
        tasks = Task.objects.of(actor.organisation).filter(
            key=f"unclear:{found.key}", state=Task.State.OPEN
        )
        tasks.update(
            state=Task.State.DONE, outcome="done", note=note[:500],
            claimed_by_id=actor.user_id, done_at=now(actor.organisation),
        )  # fmt: skip
        audit.record(
            actor, "message.resolve", f"message:{found.key}",
            before={"state": "unclear"}, after={"state": found.state, "note": note},
        )  # fmt: skip
    return found


def _digest(keys: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()[:16]
