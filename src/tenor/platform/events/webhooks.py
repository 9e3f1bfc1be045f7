"""Register addresses that are told what happens, take them off, and tell them once more."""

import secrets

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.clock import now, real_now
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.events.arrivals import KIND_LENGTH
from tenor.platform.events.deliveries import secret_of, wake
from tenor.platform.events.models import Delivery, Webhook
from tenor.platform.events.outside import check_url

# Enough for any installation, few enough that one event cannot be told a thousand times.
_MOST = 20
_KINDS = 50


def register(actor: Actor, *, url: str, kinds: list[str]) -> tuple[Webhook, str]:
    """Register an address; return its row, and the secret, which is shown this once."""
    _may(actor)
    url = check_url(url.strip(), private=settings.WEBHOOKS_TO_PRIVATE)
    if len(url) > 500 or len(kinds) > _KINDS:
        raise Invalid(_("This is too long."), field="url" if len(url) > 500 else "kinds")
    if any(not kind.strip() or len(kind) > KIND_LENGTH or "\0" in kind for kind in kinds):
        raise Invalid(_("This is no kind of event."), field="kinds")
    with transaction.atomic():
        if webhooks(actor).count() >= _MOST:
            raise Refused(_("There are %(most)s webhooks already.") % {"most": _MOST})
        hook = Webhook.objects.of(actor.organisation).create(
            url=url,
            kinds=sorted(set(kinds)),
            nonce=secrets.token_hex(16),
            created_at=now(actor.organisation),
            created_by=actor.name,
        )
        after = {"url": hook.url, "kinds": hook.kinds}
        audit.record(actor, "webhook.register", f"webhook:{hook.pk}", after=after)
    return hook, secret_of(hook)


def remove(actor: Actor, *, webhook_id: int) -> None:
    """Tell this address nothing more; what it was told stays on record."""
    _may(actor)
    with transaction.atomic():
        hook = webhook_for(actor, webhook_id, lock=True)
        hook.removed_at = real_now()
        hook.save(update_fields=["removed_at"])
        waiting = hook.deliveries.filter(state=Delivery.State.WAITING)
        waiting.update(state=Delivery.State.GIVEN_UP, error="the webhook was removed")
        before = {"url": hook.url, "kinds": hook.kinds}
        audit.record(actor, "webhook.remove", f"webhook:{hook.pk}", before=before)


def redeliver(actor: Actor, *, webhook_id: int, delivery_id: int) -> Delivery:
    """Tell the address this event once more, from the first try on."""
    _may(actor)
    with transaction.atomic():
        hook = webhook_for(actor, webhook_id)
        delivery: Delivery = row_for(actor, Delivery, pk=delivery_id, webhook_id=hook.pk, lock=True)
        delivery.state, delivery.attempts, delivery.next_at = Delivery.State.WAITING, 0, real_now()
        delivery.save(update_fields=["state", "attempts", "next_at"])
        subject = f"webhook:{hook.pk}"
        audit.record(actor, "webhook.redeliver", subject, after={"delivery": delivery.pk})
        again = f"again:{delivery.pk}:{delivery.next_at.isoformat()}"
        wake(actor.organisation, delivery.next_at, again)
    return delivery


def webhook_for(actor: Actor, webhook_id: int, *, lock: bool = False) -> Webhook:
    """Return a webhook that is still told."""
    hook: Webhook = row_for(actor, Webhook, pk=webhook_id, removed_at=None, lock=lock)
    return hook


def webhooks(actor: Actor):  # type: ignore[no-untyped-def]
    """Return the addresses that are told, newest first."""
    return Webhook.objects.of(actor.organisation).filter(removed_at=None)


def deliveries_of(
    actor: Actor, *, webhook_id: int, after: int | None = None, limit: int = 50
) -> tuple[list[Delivery], int | None]:
    """Return what an address was told, the latest first, and where the next page begins."""
    rows = webhook_for(actor, webhook_id).deliveries.select_related("event")
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows.order_by("-pk")[: limit + 1])
    return found[:limit], found[limit - 1].pk if len(found) > limit else None


def _may(actor: Actor) -> None:
    # A key was given the scope by an administrator, and its route asks for it.
    if actor.kind != "key":
        actor.need(Right.ADMINISTER)
