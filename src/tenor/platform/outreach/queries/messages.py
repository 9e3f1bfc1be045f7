"""Messages as people see them: of one customer, of a day, and before they go out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, Sum

from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.clock import now
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Decision
from tenor.platform.experiments.queries import texts_tried
from tenor.platform.ledger.models import Customer, Invoice
from tenor.platform.outreach import kinds
from tenor.platform.outreach.channels import BY_PEOPLE, CHANNELS
from tenor.platform.outreach.disclosures import reached
from tenor.platform.outreach.models import Message
from tenor.platform.wording.composing import compose
from tenor.platform.wording.draft import Draft

# A part of a subject is looked for in the latest messages: no index helps to find it.
_LATEST = 5_000


@dataclass(frozen=True)
class Outbox:
    """What became of messages in a time: counts by state, by reason of refusal, and the cost."""

    states: dict[str, int]
    refusals: dict[str, int]
    cost: float


def messages_of(customer: Customer, limit: int = 100) -> list[Message]:
    """Return the messages to a customer, newest first, planned ones included."""
    rows = Message.objects.of(customer.organisation_id).filter(customer=customer)
    return list(rows.select_related("decision", "content").order_by("-send_at", "-pk")[:limit])


def message_for(actor: Actor, number: int) -> Message:
    """Return a message of the actor's organisation, or refuse."""
    found: Message = row_for(actor, Message, related=("customer", "decision"), pk=number)
    return found


def messages_found(organisation: Organisation, text: str, limit: int = 10) -> list[Message]:
    """Return the latest messages whose key, address or subject is or has `text`."""
    rows = Message.objects.of(organisation)
    latest = rows.order_by("-sent_at").values("pk")[:_LATEST]
    named = Q(key=text) | Q(address__istartswith=text) | Q(subject__icontains=text)
    found = rows.filter(named, pk__in=latest).select_related("customer")
    return list(found.order_by("-send_at")[:limit])


def unclear_messages(organisation: Organisation) -> list[Message]:
    """Return the messages of which nobody knows whether they arrived."""
    rows = Message.objects.of(organisation).filter(state=Message.State.UNCLEAR)
    return list(rows.select_related("customer").order_by("sent_at"))


def preview_of(decision: Decision) -> Draft | None:
    """Return a decision's message as it would go out now; nothing for a call or a hand-over.

    Raises `wording.composing.CannotSay` where it could not go out.
    """
    if not decision.channel or decision.channel in BY_PEOPLE or decision.verdict == "escalate":
        return None
    organisation = decision.organisation
    invoices = list(
        Invoice.objects.of(organisation).filter(
            customer_id=decision.customer_id, key__in=decision.invoice_keys, is_open=True,
            currency=decision.currency,
        )
    )  # fmt: skip
    if not invoices:
        return None
    at = decision.send_at or now(organisation)
    past = kinds.past_of(organisation, [decision.customer_id])
    kind, _broken = kinds.kind_of(organisation, decision.customer_id, invoices, at=at, past=past)
    return compose(
        organisation, decision.customer, invoices, kind=kind,
        tone=decision.tone, channel=decision.channel, at=at, own_words=decision.text,
        reached=reached(organisation, decision.customer),
        tried=texts_tried(organisation).get((decision.experiment, decision.arm), ()),
    )  # fmt: skip


def outbox(organisation: Organisation, since: datetime) -> Outbox:
    """Return what became of the messages that were to go out since then."""
    rows = Message.objects.of(organisation).filter(send_at__gte=since).order_by()
    states = dict(rows.values_list("state").annotate(n=Count("pk")))
    stopped = rows.filter(state__in=[Message.State.CANCELLED, Message.State.FAILED])
    cost = rows.filter(sent_at__isnull=False).aggregate(spent=Sum("cost"))["spent"] or 0.0
    return Outbox(states, dict(stopped.values_list("refusal").annotate(n=Count("pk"))), cost)


def channels_here() -> Sequence[str]:
    """Return the channels that this installation can use for real customers."""
    return sorted({*CHANNELS, *BY_PEOPLE})
