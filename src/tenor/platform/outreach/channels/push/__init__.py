"""Web push: a short notification in a browser that a customer allowed it in."""

import hashlib
import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus

import http_ece  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tenor.platform.core.models import Organisation
from tenor.platform.events.outside import post
from tenor.platform.outreach.channels.contract import (
    Channel,
    Charge,
    NotSent,
    Parcel,
    Receipt,
    Refused,
    Rendered,
    Send,
)
from tenor.platform.outreach.channels.masking import masked
from tenor.platform.outreach.channels.provider import Account, Field, Provider, account_of
from tenor.platform.outreach.channels.push.keys import public_key, signed
from tenor.platform.outreach.channels.push.words import shown_words
from tenor.platform.outreach.models import PushPlace

__all__ = ["CHANNEL", "NAME", "PROVIDERS", "address_of", "opened", "public_key", "rendered"]

NAME = "push"
# How long a push service keeps it for a browser that is off: what is owed may be paid by then.
_KEPT_SECONDS = 24 * 3600
_PREFIX = "push:"
# The browser took its permission back, or was reset.
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


@contextmanager
def opened(organisation: Organisation) -> Iterator[Send]:
    """Give what hands a notification to the push service of a browser's maker."""
    account = account_of(organisation, NAME)
    yield partial(_hand_over, organisation, account)


def rendered(organisation: Organisation, parcel: Parcel) -> Rendered:
    """Return what the notification says: by itself, nothing that others should not read."""
    account = None if organisation.synthetic else account_of(organisation, NAME)
    return _written(organisation, account, parcel)


def address_of(place: PushPlace) -> str:
    """Return how a customer's contact points name a browser."""
    return f"{_PREFIX}{place.pk}"


def _written(organisation: Organisation, account: Account | None, parcel: Parcel) -> Rendered:
    words = shown_words(organisation, account, parcel)
    return Rendered(parcel.sender_name, words, charges=(Charge("provider"),))


def _hand_over(organisation: Organisation, account: Account | None, parcel: Parcel) -> Receipt:
    place = _place(organisation, parcel.to)
    shown = _written(organisation, account, parcel)
    content = {
        "title": shown.subject, "body": shown.body, "url": parcel.draft.links.page
        if parcel.draft else "", "tag": _tag(parcel.key), "lang": parcel.language,
    }  # fmt: skip
    body = _encrypted(place, json.dumps(content, ensure_ascii=False).encode())
    headers = {
        **signed(place.endpoint),
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(_KEPT_SECONDS),
        "Urgency": "normal",
        # A second one under the same name takes the place of the first (RFC 8030, 5.4); the
        # browser does the same by its tag. So the reader sees it once, however often it is tried.
        "Topic": _tag(parcel.key),
    }
    answer = post(place.endpoint, body, headers, private=settings.WEBHOOKS_TO_PRIVATE)
    if answer.status in _GONE:
        place.delete()
        raise Refused(f"the browser takes no notifications any more (HTTP {answer.status})")
    if not answer.taken:
        raise NotSent(masked(answer.problem), again=_may_pass(answer.status))
    return Receipt("webpush", charges=shown.charges, body=shown.body)


def _place(organisation: Organisation, address: str) -> PushPlace:
    number = address.removeprefix(_PREFIX)
    rows = PushPlace.objects.of(organisation)
    place: PushPlace | None = rows.filter(pk=number).first() if number.isdecimal() else None
    if place is None:
        raise Refused("this browser is not known any more")
    return place


def _encrypted(place: PushPlace, content: bytes) -> bytes:
    """Return the content as only that browser can read it (RFC 8291)."""
    body: bytes = http_ece.encrypt(
        content,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=_bytes(place.p256dh),
        auth_secret=_bytes(place.auth),
        version="aes128gcm",
    )
    return body


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _tag(key: str) -> str:
    # At most 32 signs of base64url are allowed.
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _may_pass(status: int | None) -> bool:
    return (
        status is None
        or status == HTTPStatus.TOO_MANY_REQUESTS
        or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    )


def _checked(account: Account) -> str:
    return ""


CHANNEL = Channel(
    NAME,
    point="push",
    opened=opened,
    can=frozenset({"stop", "idempotent"}),
    rendered=rendered,
)
PROVIDERS = (
    Provider(
        "webpush",
        "Web push",
        (
            Field(
                "words", _("What a locked screen shows"), "choice", default="neutral",
                choices=(
                    ("neutral", _("That there is a message")),
                    ("message", _("The message itself, where the law allows it")),
                ),
            ),
        ),
        _checked,
        can=frozenset({"stop", "idempotent"}),
        price=_("Free."),
    ),
)  # fmt: skip
