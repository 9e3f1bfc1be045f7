"""Follow what providers tell of messages: each thing once, in whatever order and however often."""

import hashlib
from datetime import timedelta

from django.db import transaction

from tenor.engine.events import Kind
from tenor.platform.core import clock
from tenor.platform.core.actor import Actor, system
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.decisions.models import Task
from tenor.platform.events.actions import record
from tenor.platform.events.models import Event
from tenor.platform.ledger.models import Consent, Customer
from tenor.platform.outreach import outcomes
from tenor.platform.outreach.models import Message
from tenor.platform.replies.actions.consents import (
    OPEN_TRACKING,
    complain,
    opt_in,
    opt_out,
    short,
)
from tenor.platform.replies.matching import customers_at, message_numbered
from tenor.platform.replies.models import Waiting
from tenor.platform.replies.news import Became, News, news_from

# News of a message that has not been written down by then is about somebody else's.
_WAITS = timedelta(days=1)
_AT_ONCE = 500
# What a person wants does not depend on which message it was said about.
_WISHES = (Became.COMPLAINED, Became.OPTED_OUT, Became.OPTED_IN)
# What is told once a message, however many numbers it is told under.
_ONCE = frozenset(
    {Became.DELIVERED, Became.BOUNCED, Became.REJECTED, Became.COMPLAINED, Became.OPTED_OUT}
)
_WATCHED = (Became.OPENED, Became.CLICKED)


def hear(organisation: Organisation, channel: str, news: News) -> bool:
    """Follow a piece of news; one whose message is not there yet waits. Say whether it was new."""
    message = _message_of(organisation, news)
    if message is not None:
        return _follow(organisation, message, news)
    if news.became in _WISHES and news.recipient:
        actor = system(organisation, news.provider)
        key = f"{news.provider}:{news.key or news.recipient}"
        there = customers_at(organisation, channel, news.recipient)
        # Each of them, not only until the first to whom it is new.
        new = [_wish(actor, one, channel, news, f"{key}:{one.pk}") for one in there]
        return any(new)
    if news.became in _WATCHED or not (news.numbers or news.contact_key):
        return False
    text = repr(sorted(news.as_json().items())).encode()
    _row, is_new = Waiting.objects.of(organisation).get_or_create(
        key=hashlib.sha256(text).hexdigest()[:64],
        defaults={
            "channel": channel, "news": news.as_json(), "since": clock.real_now(),
        },
    )  # fmt: skip
    return bool(is_new)


def apply_waiting(organisation: Organisation) -> int:
    """Follow news whose message is there by now; forget what was never about one of ours."""
    done = 0
    for row in Waiting.objects.of(organisation).order_by("pk")[:_AT_ONCE]:
        news = news_from(row.news)
        message = _message_of(organisation, news)
        if message is None and row.since > clock.real_now() - _WAITS:
            continue
        with transaction.atomic():
            if message is not None:
                done += _follow(organisation, message, news)
            row.delete()
    return done


def saw_opening(organisation: Organisation, message: Message) -> bool:
    """Keep that a message was opened, once, where the reader agreed to that and nobody else."""
    if not may_watch(organisation, message.customer):
        return False
    return record(
        organisation, Kind.OPENED, key=short("opened", message.key),
        at=clock.now(organisation), customer_key=message.customer.key, contact_key=message.key,
        detail={"channel": message.channel},
    )  # fmt: skip


def may_watch(organisation: Organisation, customer: Customer) -> bool:
    """Say whether it may be kept that this customer opened or followed something in a message."""
    if not preferences_of(organisation).open_tracking:
        return False
    rows = Consent.objects.of(organisation).filter(customer=customer, channel=OPEN_TRACKING)
    return bool(rows.filter(granted=True).exists())


def _message_of(organisation: Organisation, news: News) -> Message | None:
    return message_numbered(organisation, [n for n in (news.contact_key, *news.numbers) if n])


def _follow(organisation: Organisation, message: Message, news: News) -> bool:
    actor = system(organisation, news.provider)
    customer, became = message.customer, news.became
    if became in _WISHES:
        return _wish(actor, customer, message.channel, news, message.key, message.key)
    if became in _WATCHED and not may_watch(organisation, customer):
        return False
    now = clock.now(organisation)
    at = min(news.at, now) if news.at else now
    # The sender's own word on a refused address has the same key: it is told once in all.
    key = f"tenor:message:{message.key}:{became}"
    if became not in _ONCE:
        key = f"{key}:{news.key or (news.at or now).isoformat()}"
    if became is Became.BOUNCED:
        told = Event.objects.of(organisation).filter(key=key[:200]).exists()
        return not told and outcomes.bounced(actor, message, news.because, at=at)
    with transaction.atomic():
        is_new = record(
            organisation, str(became), key=key[:200], at=at, customer_key=customer.key,
            contact_key=message.key,
            detail={"channel": message.channel, "reason": news.because[:200]},
        )  # fmt: skip
        if not is_new:
            return False
        if became is Became.DELIVERED:
            _delivered(organisation, message, news)
        elif became is Became.REJECTED:
            _task(actor, message, news.because)
    return True


def _delivered(organisation: Organisation, message: Message, news: News) -> None:
    now = clock.now(organisation)
    rows = Message.objects.of(organisation).filter(pk=message.pk, delivered_at=None)
    rows.update(delivered_at=min(news.at, now) if news.at else now)


def _task(actor: Actor, message: Message, words: str) -> None:
    """Tell somebody that a provider would not carry a message that it had taken."""
    now = clock.now(actor.organisation)
    Task.objects.of(actor.organisation).get_or_create(
        key=f"{Task.Kind.REVIEW}:{message.key}"[:200],
        defaults={
            "customer_id": message.customer_id, "kind": Task.Kind.REVIEW, "due_at": now,
            "created_at": now,
            "facts": {
                "message": message.key, "channel": message.channel, "reason": "failed",
                "words": words[:300], "amount": f"{message.amount:f}",
                "currency": message.currency, "invoice_keys": message.invoice_keys,
            },
        },
    )  # fmt: skip


def _wish(
    actor: Actor, customer: Customer, channel: str, news: News, key: str, contact_key: str = ""
) -> bool:
    if news.became is Became.COMPLAINED:
        return complain(
            actor, customer, channel, key=key, contact_key=contact_key, because=news.because,
            at=news.at,
        )  # fmt: skip
    change = opt_in if news.became is Became.OPTED_IN else opt_out
    return change(
        actor, customer, channel, key=key, source=news.provider, contact_key=contact_key, at=news.at
    )
