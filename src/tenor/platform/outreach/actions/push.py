"""Let a browser be told, as its owner asked on their page, and stop telling it."""

import re
from base64 import urlsafe_b64decode

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid
from tenor.platform.core.roles import Right
from tenor.platform.events.outside import check_url
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import ContactPoint
from tenor.platform.outreach.channels.push import address_of
from tenor.platform.outreach.models import PushPlace

# As browsers make them (RFC 8291): a point of P-256, uncompressed, and sixteen bytes.
_POINT, _SECRET = 65, 16
_BASE64 = re.compile(r"[A-Za-z0-9_-]{1,200}={0,2}")
_MOST_ADDRESS = 2_000
# More browsers than a person has; the oldest makes room.
_MOST_PLACES = 10


def subscribe(
    actor: Actor, *, customer_key: str, endpoint: str, p256dh: str, auth: str
) -> PushPlace:
    """Tell this browser from now on: what it gave when its owner allowed it, as it gave it.

    A browser that somebody else of this organisation's customers used before is theirs no longer:
    what it shows is for whoever allowed it last. Asked again, it is the same place.
    """
    actor.need(Right.WORK)
    endpoint = _address(endpoint)
    point, secret = _key(p256dh, _POINT, "p256dh"), _key(auth, _SECRET, "auth")
    places = PushPlace.objects.of(actor.organisation)
    with transaction.atomic():
        told = ledger.set_consent(
            actor, customer_key=customer_key, channel="push", granted=True, source="browser"
        )
        customer = told.row.customer
        _forget(actor, places.filter(endpoint=endpoint).exclude(customer=customer))
        place = places.select_for_update().filter(customer=customer, endpoint=endpoint).first()
        place = place or PushPlace(
            organisation=actor.organisation, customer=customer, endpoint=endpoint
        )
        place.p256dh, place.auth = point, secret
        place.save()
        ledger.add_contact_point(
            actor, customer_key=customer_key, kind=ContactPoint.Kind.PUSH,
            value=address_of(place), is_primary=True,
        )  # fmt: skip
        kept = places.filter(customer=customer).order_by("-pk").values_list("pk", flat=True)
        _forget(actor, places.filter(pk__in=list(kept[_MOST_PLACES:])))
    return place


def unsubscribe(actor: Actor, *, customer_key: str, endpoint: str = "") -> int:
    """Tell this browser of a customer no more, or none of theirs; return how many there were."""
    actor.need(Right.WORK)
    places = PushPlace.objects.of(actor.organisation).filter(customer__key=customer_key)
    if endpoint:
        places = places.filter(endpoint=endpoint)
    with transaction.atomic():
        return _forget(actor, places)


def _forget(actor: Actor, places) -> int:  # type: ignore[no-untyped-def]
    """Remove browsers, and the contact points that name them."""
    found = list(places.select_related("customer"))
    for place in found:
        points = ContactPoint.objects.of(actor.organisation).filter(
            customer=place.customer, kind=ContactPoint.Kind.PUSH, value=address_of(place)
        )
        points.delete()
        audit.record(
            actor, "contact_point.remove", f"customer:{place.customer.key}",
            before={"kind": "push", "value": address_of(place)},
        )  # fmt: skip
        place.delete()
    return len(found)


def _address(endpoint: str) -> str:
    endpoint = endpoint.strip()
    if len(endpoint) > _MOST_ADDRESS:
        raise Invalid(_("This is too long."), field="endpoint")
    try:
        return check_url(endpoint, private=settings.WEBHOOKS_TO_PRIVATE)
    except Invalid as error:
        raise Invalid(error.message, field="endpoint") from None


def _key(text: str, size: int, field: str) -> str:
    """Return one of a browser's two keys where it is one."""
    text = text.strip()
    problem = Invalid(_("Your browser gave a key that cannot be used."), field=field)
    if not _BASE64.fullmatch(text):
        raise problem
    text = text.rstrip("=")
    try:
        found = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if size == _POINT:
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), found)
    except ValueError:
        raise problem from None
    if len(found) != size:
        raise problem
    return text
