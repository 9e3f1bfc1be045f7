"""Events on their way to webhooks: written down with the event, posted later, tried again."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django.db.models import F, Min, Q
from django.utils.crypto import salted_hmac

from tenor.platform.core import jobs
from tenor.platform.core.clock import real_now
from tenor.platform.core.models import Organisation
from tenor.platform.events.models import Delivery, Event, Webhook
from tenor.platform.events.outside import Answer, post

KIND = "webhooks.deliver"
# How long after each try that failed the next one waits; after the last, the delivery is given up.
PATIENCE = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=24),
)
# A try that nobody finished in this time belonged to a worker that died.
_LEASE = timedelta(minutes=2)
# As many as one job posts, so that others get their turn.
_AT_ONCE = 200


def announce(organisation: Organisation, new: Q) -> None:
    """Put a delivery down for each of these new events that a webhook wants to know.

    It is part of the transaction that adds the events: no event is kept without its deliveries,
    in whatever order transactions end. What happened before a webhook was registered is not told.
    """
    hooks = list(Webhook.objects.of(organisation).filter(removed_at=None))
    if not hooks:
        return
    due, first = real_now(), None
    for hook in hooks:
        wanted = Event.objects.of(organisation).filter(new, at__gte=hook.created_at)
        if hook.kinds:
            wanted = wanted.filter(kind__in=hook.kinds)
        numbers = wanted.order_by("pk").values_list("pk", flat=True)
        Delivery.objects.of(organisation).bulk_create(
            [Delivery(webhook=hook, event_id=number, next_at=due) for number in numbers],
            batch_size=2_000,
        )
        first = first or next(iter(numbers), None)
    if first is not None:
        wake(organisation, due, f"event:{first}")


def wake(organisation: Organisation, at: datetime, why: str) -> None:
    """Let a worker look after the organisation's deliveries at `at`."""
    jobs.put(KIND, key=f"webhooks:{organisation.pk}:{why}", organisation=organisation, run_at=at)


@jobs.task(KIND)
def deliver(claim: jobs.Claim) -> None:
    """Post what is due; come back when the next one is."""
    organisation = claim.organisation
    post_due(organisation)
    waiting = Delivery.objects.of(organisation).filter(state=Delivery.State.WAITING)
    soonest = waiting.aggregate(at=Min("next_at"))["at"]
    if soonest is not None:
        at = max(soonest, real_now())
        wake(organisation, at, f"at:{claim.job.pk}:{at.isoformat()}")


def post_due(organisation: Organisation, *, now: datetime | None = None) -> int:
    """Post the deliveries that are due, the oldest first; return how many were tried.

    An address that does not answer at all is left alone for this time, so that it cannot keep the
    others waiting: its other deliveries wait as long as the one that failed.
    """
    now = now or real_now()
    due = (
        Delivery.objects.of(organisation)
        .filter(state=Delivery.State.WAITING, next_at__lte=now)
        .select_related("webhook", "event")
        .order_by("pk")
    )
    silent: set[int] = set()
    tried = 0
    for delivery in list(due[:_AT_ONCE]):
        if delivery.webhook_id in silent or not _claimed(delivery, now):
            continue
        tried += 1
        answer = _post(organisation, delivery)
        _note(delivery, answer, now)
        if answer.status is None:
            silent.add(delivery.webhook_id)
            due.filter(webhook_id=delivery.webhook_id).update(next_at=now + PATIENCE[0])
    return tried


def secret_of(hook: Webhook) -> str:
    """Return the secret with which this webhook's deliveries are signed."""
    made = salted_hmac("tenor.webhook", f"{hook.pk}:{hook.nonce}", algorithm="sha256")
    return "whsec_" + urlsafe_b64encode(made.digest()).decode().rstrip("=")


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a body posted at `timestamp` (seconds since 1970)."""
    signed = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1={signed.hexdigest()}"


def content(organisation: Organisation, event: Event) -> bytes:
    """Return what is posted about an event."""
    told = {
        "organisation": organisation.slug,
        "key": event.key,
        "kind": event.kind,
        "at": event.at.isoformat(),
        "received_at": event.received_at.isoformat(),
        "customer_key": event.customer_key,
        "invoice_key": event.invoice_key,
        "contact_key": event.contact_key,
        "detail": json.loads(event.detail or "{}"),
        "source": event.source,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _claimed(delivery: Delivery, now: datetime) -> bool:
    """Take the delivery for this worker, unless another has it."""
    mine = Delivery.objects.of(delivery.organisation_id).filter(
        pk=delivery.pk, state=Delivery.State.WAITING, next_at=delivery.next_at
    )
    taken = mine.filter(webhook__removed_at=None)
    if not taken.update(next_at=now + _LEASE, attempts=F("attempts") + 1):
        return False
    delivery.attempts += 1
    return True


def _post(organisation: Organisation, delivery: Delivery) -> Answer:
    hook, event = delivery.webhook, delivery.event
    body, timestamp = content(organisation, event), int(real_now().timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Tenor",
        "Tenor-Timestamp": str(timestamp),
        "Tenor-Signature": signature(secret_of(hook), timestamp, body),
        "Tenor-Webhook": str(hook.pk),
        # A header holds no free text: the key is quoted as in an address.
        "Idempotency-Key": quote(event.key, safe=""),
    }
    return post(hook.url, body, headers, private=settings.WEBHOOKS_TO_PRIVATE)


def _note(delivery: Delivery, answer: Answer, now: datetime) -> None:
    change: dict[str, object] = {"status": answer.status, "error": answer.problem}
    if answer.taken:
        change |= {"state": Delivery.State.DELIVERED, "delivered_at": real_now()}
    elif delivery.attempts > len(PATIENCE):
        change["state"] = Delivery.State.GIVEN_UP
    else:
        change["next_at"] = now + PATIENCE[delivery.attempts - 1]
    with transaction.atomic():
        Delivery.objects.of(delivery.organisation_id).filter(pk=delivery.pk).update(**change)
