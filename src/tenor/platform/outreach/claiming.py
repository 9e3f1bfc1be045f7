"""Take one message and ask again, in one transaction: is it still right, and what does it say now?

Whoever takes a message keeps the claim before anything is handed over. What comes out is ready to
go: the words about what is owed at this moment, in the reader's form, and what they contain.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum

from django.db import transaction
from django.db.models import Q

from tenor.platform.core import clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Decision
from tenor.platform.decisions.queries.permission import Answer
from tenor.platform.outreach import kinds, notices, outcomes
from tenor.platform.outreach.asking import (
    PASSING,
    About,
    Standing,
    first_reminder_days,
    lock_customers,
    standing,
)
from tenor.platform.outreach.channels import simulated
from tenor.platform.outreach.channels.contract import Channel
from tenor.platform.outreach.kinds import Past
from tenor.platform.outreach.models import Content, Message
from tenor.platform.outreach.outcomes import Sent
from tenor.platform.outreach.saying import CannotSay, Said, Voice
from tenor.platform.outreach.stops import closed
from tenor.platform.wording.draft import Kind
from tenor.platform.wording.facts import Fact

State = Message.State
# A worker that has not reported after this long is taken for dead; the machine's own clock.
LEASE = timedelta(minutes=5)

# What is written of a message when it is taken.
_TAKEN = (
    "state", "lease_until", "attempts", "kind", "language", "template", "version", "subject",
    "body", "reference", "facts", "invoice_keys", "amount", "address",
)  # fmt: skip


@dataclass
class Batch:
    """What is read once for many messages over one channel: rules, what was sent before, words."""

    channel: Channel
    voice: Voice
    past: Past
    permitted: dict[int, Answer]
    ask: Callable[[Organisation, Sequence[Message], datetime], dict[int, Answer]]
    prices: dict[tuple[str, str, str], Decimal] = field(default_factory=dict)


class Met(Enum):
    """What was found of a message and its customer since the rules were asked."""

    AS_BEFORE = "as before"
    ANEW = "the customer heard from somebody meanwhile: ask anew"
    IN_HAND = "another worker has the message, or the customer, in hand"


class Closed(Exception):
    """Nothing may go out any more; `reason` says why. The message stays as it was."""

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.reason = reason


def claim(actor: Actor, batch: Batch, message: Message, now: datetime, done: Sent) -> Said | None:
    """Take the message and ask again; nothing where it does not go out, and why is written down.

    Raises `Closed` where sending was switched off meanwhile.
    """
    with transaction.atomic():
        if reason := closed(actor.organisation, message.channel):
            raise Closed(reason)
        lock_customers(actor, [message.customer_id])
        answer = batch.permitted.get(message.pk)
        met = _met(actor, message, batch.past)
        if met is Met.IN_HAND:
            return None
        if met is Met.ANEW and kinds.asks(message.kind):
            answer = batch.ask(actor.organisation, [message], now)[message.pk]
        left = standing(actor.organisation, [about(message, batch.channel)], now)[0]
        if not fit(actor, message, left, answer, now, done):
            return None
        said = worded(actor, batch, message, left, now, done)
        if said is None:
            return None
        fill(message, left, said)
        if not _take(actor, message):
            return None
        if not _keep(actor, message):
            outcomes.cancel(actor, message, "not_approved", done)
            return None
        keep_content(message, said)
        return said


def about(message: Message, channel: Channel) -> About:
    """Return what the books are asked about a message."""
    return About(
        message.customer_id, message.invoice_keys, message.currency, message.channel,
        channel.point, message.decision_id, message.key, message.tone,
        asks=kinds.asks(message.kind), delay_days=first_reminder_days(message.customer),
    )  # fmt: skip


def fit(
    actor: Actor,
    message: Message,
    left: Standing,
    answer: Answer | None,
    now: datetime,
    done: Sent,
) -> bool:
    """Say whether it may go out; else write down why not, or until when it waits."""
    refusals = answer.refusals if answer else []
    lasting = [code for code in refusals if code not in PASSING]
    if answer is not None and kinds.asks(message.kind):
        # An invoice whose turn has not come yet is left out; the rest goes on.
        left.invoices = [i for i in left.invoices if i.key in answer.invoice_keys]
    reason = left.refusal or (lasting[0] if lasting else "")
    if reason:
        outcomes.cancel(actor, message, reason, done)
    elif refusals:
        outcomes.postpone(actor, message, refusals[0], now, done)
    return not refusals and not reason


def worded(
    actor: Actor, batch: Batch, message: Message, left: Standing, now: datetime, done: Sent
) -> Said | None:
    """Return the message in words, about what is owed at this moment; nothing where none fit."""
    organisation = actor.organisation
    message.kind = kind_now(organisation, message, left, now, batch.past)
    try:
        return batch.voice.said(
            message, left, at=now, channel=batch.channel, extra=_extra(message, left),
            reached=bool(batch.past.sent.get(message.customer_id)),
        )  # fmt: skip
    except CannotSay as error:
        outcomes.cannot_say(actor, message, error, done)
        return None


def _extra(message: Message, left: Standing) -> dict[str, Fact]:
    """Return what a message says that the books do not have under a name of its own."""
    if message.kind == Kind.THANK_YOU and left.invoices:
        return {"paid_amount": sum((invoice.paid for invoice in left.invoices), Decimal(0))}
    offer = message.facts.get("offer")
    if message.kind != Kind.PLAN_OFFER or not offer:
        return {}
    return {
        "plan_count": str(offer["count"]),
        "plan_amount": Decimal(offer["amount"]),
        "plan_first": date.fromisoformat(offer["first"]),
    }


def kind_now(
    organisation: Organisation, message: Message, left: Standing, now: datetime, past: Past
) -> str:
    """Return what the message is about now; a kind that somebody asked for stays."""
    if message.kind in WANTED:
        return message.kind
    found, _broken = kinds.kind_of(
        organisation, message.customer_id, left.invoices, at=now, past=past
    )
    if found is Kind.FINAL_REMINDER and notices.takes_its_place(message, left.invoices, now):
        return Kind.NOTICE
    return found


# What a person asked for, or what answers something that happened: never worked out anew.
WANTED: Collection[str] = kinds.QUIET | {Kind.NOTICE, Kind.PLAN_OFFER}


def fill(message: Message, left: Standing, said: Said) -> None:
    """Put the words into the message."""
    draft = said.draft
    message.language, message.template, message.version = (
        draft.language, draft.template, draft.version,
    )  # fmt: skip
    message.subject, message.body = said.subject[:300], said.body
    message.reference = draft.pay.reference if draft.pay else ""
    message.facts = {**message.facts, **said.notice}
    message.invoice_keys = [invoice.key for invoice in left.invoices]
    message.amount = sum((invoice.balance for invoice in left.invoices), Decimal(0))
    message.address = left.address or simulated.ADDRESS


def keep_content(message: Message, said: Said) -> None:
    """Keep the page beside the plain words, as it was sent."""
    if said.html:
        Content.objects.of(message.organisation_id).bulk_create(
            [Content(message=message, html=said.html)],
            update_conflicts=True, unique_fields=["message"], update_fields=["html"],
        )  # fmt: skip


def in_hand(actor: Actor, messages: Sequence[Message]) -> set[int]:
    """Return which of these messages' customers are being asked for money at this moment."""
    rows = Message.objects.of(actor.organisation).filter(
        customer_id__in=[message.customer_id for message in messages], state=State.SENDING
    )
    found = rows.values_list("customer_id", "kind")
    return {customer for customer, kind in found if kinds.asks(kind)}


def _met(actor: Actor, message: Message, past: Past) -> Met:
    """Say what became of the message and its customer since the rules were asked."""
    rows = Message.objects.of(actor.organisation).filter(
        Q(pk=message.pk) | Q(state__in=(State.SENT, State.UNCLEAR, State.SENDING)),
        customer_id=message.customer_id,
    )
    found = {
        number: (state, kind) for number, state, kind in rows.values_list("pk", "state", "kind")
    }
    own, _kind = found.pop(message.pk, ("", ""))
    asking = {number: state for number, (state, kind) in found.items() if kinds.asks(kind)}
    if own != State.PLANNED or State.SENDING in asking.values():
        return Met.IN_HAND
    return Met.ANEW if asking.keys() - past.known else Met.AS_BEFORE


def _take(actor: Actor, message: Message) -> bool:
    """Make the message ours, with its words, unless somebody took or stopped it meanwhile."""
    rows = Message.objects.of(actor.organisation).filter(pk=message.pk, state=State.PLANNED)
    message.state, message.attempts = State.SENDING, message.attempts + 1
    message.lease_until = clock.real_now() + LEASE
    return bool(rows.update(**{name: getattr(message, name) for name in _TAKEN}))


def _keep(actor: Actor, message: Message) -> bool:
    """Make the decision one that has gone out: from here on nobody can take it back."""
    if message.decision_id is None:
        return True
    approved = Decision.objects.of(actor.organisation).filter(
        pk=message.decision_id, state=Decision.State.APPROVED
    )
    return bool(approved.update(state=Decision.State.HANDED_OVER))
