"""End a channel for a customer at once, open it again, and take a complaint to heart."""

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.engine.events import Kind
from tenor.platform.core import clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid
from tenor.platform.core.roles import Right
from tenor.platform.decisions.models import Signal, Task
from tenor.platform.events.actions import record
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.locks import locked_customer
from tenor.platform.ledger.models import Consent, Customer
from tenor.platform.ledger.told import News
from tenor.platform.outreach import outcomes
from tenor.platform.outreach.models import Message

# What a customer can allow or refuse: each way of being written to or called, and the picture
# that tells whether a message was opened.
CHANNELS = ("email", "sms", "push", "letter", "call")
OPEN_TRACKING = "open_tracking"
_LONGEST_SOURCE = 60


def opt_out(
    actor: Actor, customer: Customer, channel: str, *, key: str, source: str,
    contact_key: str = "", at: datetime | None = None,
) -> bool:  # fmt: skip
    """End a channel for a customer now; say whether it was open until then.

    Consent, event and the messages that were planned go together: when this returns, nothing more
    leaves over the channel. `key` names what was said: said again, it changes nothing, also after
    the channel was opened again.
    """
    _check(channel)
    organisation = actor.organisation
    with transaction.atomic():
        row = locked_customer(actor, pk=customer.pk)
        is_new = record(
            organisation, Kind.OPTED_OUT, key=short("opted_out", key),
            at=_past(actor, at), customer_key=row.key, contact_key=contact_key,
            detail={"channel": channel, "source": source},
        )  # fmt: skip
        if not is_new:
            return False
        if _said_otherwise_since(actor, row, channel, at):
            return False
        told = ledger.set_consent(
            actor, customer_key=row.key, channel=channel, granted=False,
            source=source[:_LONGEST_SOURCE],
        )  # fmt: skip
        _stop_planned(actor, row, channel)
    return told.news is not News.SAME


def opt_in(
    actor: Actor, customer: Customer, channel: str, *, key: str, source: str,
    contact_key: str = "", at: datetime | None = None,
) -> bool:  # fmt: skip
    """Open a channel again, because the customer says so; messages that were stopped stay so."""
    _check(channel)
    with transaction.atomic():
        row = locked_customer(actor, pk=customer.pk)
        is_new = record(
            actor.organisation, Kind.OPTED_IN, key=short("opted_in", key), at=_past(actor, at),
            customer_key=row.key, contact_key=contact_key,
            detail={"channel": channel, "source": source},
        )  # fmt: skip
        if not is_new:
            return False
        if _said_otherwise_since(actor, row, channel, at):
            return False
        told = ledger.set_consent(
            actor, customer_key=row.key, channel=channel, granted=True,
            source=source[:_LONGEST_SOURCE],
        )  # fmt: skip
    return told.news is not News.SAME


def change_consent(actor: Actor, *, customer: Customer, channel: str, granted: bool) -> None:
    """Keep what a customer told a person: whether a channel may be used."""
    actor.need(Right.WORK)
    if channel == OPEN_TRACKING:
        ledger.set_consent(
            actor, customer_key=customer.key, channel=channel, granted=granted, source="workbench"
        )
        return
    change = opt_in if granted else opt_out
    now = clock.now(actor.organisation)
    key = f"person:{actor.user_id}:{customer.pk}:{channel}:{now.timestamp()}"
    change(actor, customer, channel, key=key, source="workbench")


def complain(
    actor: Actor, customer: Customer, channel: str, *, key: str, contact_key: str = "",
    because: str = "", at: datetime | None = None,
) -> bool:  # fmt: skip
    """Take a complaint about a message: the channel ends at once, and people are told."""
    organisation = actor.organisation
    with transaction.atomic():
        row = locked_customer(actor, pk=customer.pk)
        is_new = record(
            organisation, Kind.COMPLAINED, key=short("complained", key), at=_past(actor, at),
            customer_key=row.key, contact_key=contact_key,
            detail={"channel": channel, "reason": because[:200]},
        )  # fmt: skip
        if not is_new:
            return False
        opt_out(actor, row, channel, key=f"complaint:{key}", source="complaint",
                contact_key=contact_key, at=at)  # fmt: skip
        now = clock.now(organisation)
        Signal.objects.of(organisation).get_or_create(
            key=short("complaint", key),
            defaults={
                "kind": "complaint", "level": "danger", "at": now,
                "facts": {"of": row.key, "channel": channel, "who": str(row)},
            },
        )  # fmt: skip
        Task.objects.of(organisation).get_or_create(
            key=short("complaint", key),
            defaults={
                "customer": row, "kind": Task.Kind.REVIEW, "due_at": now, "created_at": now,
                "facts": {"reason": "complained", "channel": channel, "words": because[:300],
                          "message": contact_key},
            },
        )  # fmt: skip
    return True


def short(what: str, key: str) -> str:
    """Return a key that fits, the same for the same: a long one as its hash."""
    whole = f"tenor:{what}:{key}"
    if len(whole) <= 200:
        return whole
    return f"tenor:{what}:{hashlib.sha256(key.encode()).hexdigest()}"


def _stop_planned(actor: Actor, customer: Customer, channel: str) -> None:
    rows = Message.objects.of(actor.organisation).filter(
        customer=customer, channel=channel, state=Message.State.PLANNED
    )
    done = outcomes.Sent()
    for message in rows.select_related("customer", "decision").order_by("pk"):
        outcomes.cancel(actor, message, "consent", done)


def _said_otherwise_since(
    actor: Actor, customer: Customer, channel: str, at: datetime | None
) -> bool:
    """Say whether news that was late in coming is older than the customer's last word."""
    if at is None:
        return False
    rows = Consent.objects.of(actor.organisation).filter(customer=customer, channel=channel)
    return bool(rows.filter(at__gt=at).exists())


def _check(channel: str) -> None:
    if channel not in CHANNELS:
        raise Invalid(_("There is no channel %(name)s.") % {"name": channel}, field="channel")


def _past(actor: Actor, at: datetime | None) -> datetime:
    """Return when it happened: never later than now, whatever another clock says."""
    now = clock.now(actor.organisation)
    return min(at, now) if at is not None else now
