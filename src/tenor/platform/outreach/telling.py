"""Messages that ask for nothing: thanks, what was agreed, an instalment to come.

They are no contacts in the sense of the rules on how often somebody is asked. An organisation
chooses which kinds go out by themselves (`notifications`); all else waits for somebody's request.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F

from tenor.platform.core import clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.decisions.channels import available_channels
from tenor.platform.decisions.live import live_policy
from tenor.platform.ledger.models import (
    Consent,
    ContactPoint,
    Instalment,
    Invoice,
    Plan,
    Promise,
)
from tenor.platform.outreach.channels import channel_of
from tenor.platform.outreach.kinds import QUIET
from tenor.platform.outreach.models import Message
from tenor.platform.wording.draft import Kind

# What a reader asked for goes out whatever is switched on.
ON_REQUEST = frozenset({Kind.LINK, Kind.STATEMENT})
# How far back something that happened is still told, and how long before its day an instalment is.
FRESH, AHEAD = timedelta(days=2), timedelta(days=3)
# In this order, where the customer was not written to before.
_CHANNELS = ("email", "sms", "push", "letter")
_CALM = "friendly"


@dataclass(frozen=True)
class News:
    """Something to tell a customer about invoices of one currency; told once under its key."""

    customer_id: int
    kind: Kind
    key: str
    invoice_keys: Sequence[str]
    currency: str


def tell(
    actor: Actor, news: News, *, at: datetime, channel: str = "", tone: str = _CALM
) -> Message | None:
    """Put down a message that tells it, over the channel that the customer is reached by.

    Nothing where it was told before, where its kind is off, or where no channel reaches them.
    """
    organisation = actor.organisation
    if news.kind not in QUIET:
        raise ValueError(f"{news.kind} asks for money: it is decided, not told")
    if news.kind not in ON_REQUEST and news.kind not in preferences_of(organisation).notifications:
        return None
    rows = Message.objects.of(organisation)
    if rows.filter(key=news.key).exists():
        return None
    channel = channel or channel_for(organisation, news.customer_id)
    if not channel:
        return None
    message: Message
    message, _new = rows.get_or_create(
        key=news.key,
        defaults={
            "customer_id": news.customer_id, "channel": channel, "tone": tone, "kind": news.kind,
            "invoice_keys": list(news.invoice_keys), "currency": news.currency, "send_at": at,
            "cost": usual_cost(organisation, channel),
        },
    )  # fmt: skip
    return message


def channel_for(organisation: Organisation, customer_id: int) -> str:
    """Return over which channel a customer is told something: the latest that reached them."""
    last = Message.objects.of(organisation).filter(
        customer_id=customer_id, state=Message.State.SENT, channel__in=_CHANNELS
    )
    used = last.order_by("-sent_at").values_list("channel", flat=True)[:1]
    wanted = [*used, *_CHANNELS]
    refused = set(
        Consent.objects.of(organisation)
        .filter(customer_id=customer_id, granted=False)
        .values_list("channel", flat=True)
    )
    points = set(
        ContactPoint.objects.of(organisation)
        .filter(customer_id=customer_id, bounced_at=None)
        .values_list("kind", flat=True)
    )
    in_rules = {channel.name for channel in live_policy(organisation).channels}
    for name in available_channels(organisation, dict.fromkeys(wanted)):
        found = channel_of(organisation, name)
        if found is None or name in refused or name not in in_rules:
            continue
        if not found.point or found.point in points:
            return name
    return ""


def tell_what_happened(actor: Actor, now: datetime) -> int:
    """Tell what happened lately and is not told yet; return how many messages are new."""
    wanted = preferences_of(actor.organisation).notifications
    told = [
        tell(actor, news, at=now)
        for kind, source in _SOURCES.items()
        if kind in wanted
        for news in source(actor.organisation, now)
    ]
    return sum(message is not None for message in told)


def usual_cost(organisation: Organisation, channel: str) -> float:
    """Return what a contact over a channel costs by the rules."""
    channels = live_policy(organisation).channels
    return next((found.cost for found in channels if found.name == channel), 0.0)


def _thanks(organisation: Organisation, now: datetime) -> Iterator[News]:
    """Thank who has paid what they were asked for: once a day and customer."""
    paid = Invoice.objects.of(organisation).filter(
        settled_at__gt=now - FRESH, settled_at__lte=now, closed_as="", paid__gt=0
    )
    found: dict[tuple[int, str, date], list[str]] = defaultdict(list)
    for invoice in paid.order_by("due_on", "pk"):
        day = clock.zone(organisation)
        assert invoice.settled_at is not None
        on = invoice.settled_at.astimezone(day).date()
        found[invoice.customer_id, invoice.currency, on].append(invoice.key)
    asked = _asked(organisation, {customer for customer, _c, _d in found})
    for (customer, currency, on), keys in found.items():
        told = [key for key in keys if key in asked[customer]]
        if told:
            key = f"thanks:{customer}:{currency}:{on.isoformat()}"
            yield News(customer, Kind.THANK_YOU, key, told, currency)


def _asked(organisation: Organisation, customers: set[int]) -> dict[int, set[str]]:
    """Return which invoices customers were asked for."""
    found: dict[int, set[str]] = defaultdict(set)
    rows = Message.objects.of(organisation).filter(
        customer_id__in=customers, state=Message.State.SENT
    )
    for customer, kind, keys in rows.values_list("customer_id", "kind", "invoice_keys"):
        if kind not in QUIET:
            found[customer].update(keys)
    return found


def _promises(organisation: Organisation, now: datetime) -> Iterator[News]:
    rows = Promise.objects.of(organisation).filter(
        state=Promise.State.OPEN, made_at__gt=now - FRESH, made_at__lte=now
    )
    for promise in rows.prefetch_related("covered__invoice"):
        keys = [row.invoice.key for row in promise.covered.all()]
        yield News(promise.customer_id, Kind.PROMISE_NOTED, f"promise:{promise.pk}", keys,
                   promise.currency)  # fmt: skip


def _plans(organisation: Organisation, now: datetime) -> Iterator[News]:
    rows = Plan.objects.of(organisation).filter(
        state=Plan.State.ACTIVE, agreed_at__gt=now - FRESH, agreed_at__lte=now
    )
    for plan in rows.prefetch_related("covered__invoice"):
        yield News(plan.customer_id, Kind.PLAN_AGREED, f"plan:{plan.pk}", _of(plan), plan.currency)


def _instalments(organisation: Organisation, now: datetime) -> Iterator[News]:
    today = now.astimezone(clock.zone(organisation)).date()
    rows = Instalment.objects.of(organisation).filter(
        plan__state=Plan.State.ACTIVE, due_on__gte=today, due_on__lte=today + AHEAD,
        paid__lt=F("amount"),
    )  # fmt: skip
    for part in rows.select_related("plan").prefetch_related("plan__covered__invoice"):
        # Moved to another day, it is told again.
        again = ":moved" if part.plan.moved_at else ""
        yield News(part.plan.customer_id, Kind.INSTALMENT_DUE, f"instalment:{part.pk}{again}",
                   _of(part.plan), part.plan.currency)  # fmt: skip


def _of(plan: Plan) -> list[str]:
    return [row.invoice.key for row in plan.covered.all()]


_SOURCES = {
    Kind.THANK_YOU: _thanks,
    Kind.PROMISE_NOTED: _promises,
    Kind.PLAN_AGREED: _plans,
    Kind.INSTALMENT_DUE: _instalments,
}
# What an organisation may choose.
CHOICES = tuple(_SOURCES)
