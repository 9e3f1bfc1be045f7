"""Web push: a browser is told what nobody else may read, once, until it takes its leave back."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

import make
from cast import Cast
from provider_api import BREAK, Api, running
from tenor.platform.core.errors import Forbidden, Invalid
from tenor.platform.ledger.models import Consent, ContactPoint
from tenor.platform.outreach import accounts
from tenor.platform.outreach.actions import push as actions
from tenor.platform.outreach.channels import push
from tenor.platform.outreach.channels.contract import NotSent, Parcel, Receipt, Refused
from tenor.platform.outreach.models import PushPlace


class Browser:
    """A browser's half: its keys, and how it reads what it is told."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.secret = b"0123456789abcdef"

    @property
    def keys(self) -> dict[str, str]:
        """Return what it gives when its owner allows it."""
        point = self.private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        return {"p256dh": text_of(point), "auth": text_of(self.secret)}

    def read(self, body: bytes) -> Any:
        """Return what was told."""
        plain = http_ece.decrypt(
            body, private_key=self.private, auth_secret=self.secret, version="aes128gcm"
        )
        return json.loads(plain)


def text_of(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


@pytest.fixture(autouse=True)
def inside(settings: Any) -> None:
    """Let the tests reach a stand-in on this machine."""
    settings.WEBHOOKS_TO_PRIVATE = True


@pytest.fixture
def service() -> Iterator[Api]:
    """The push service of a browser's maker."""
    with running() as made:
        made.usual = (201, b"")
        yield made


@pytest.fixture
def browser() -> Browser:
    """A browser of its own."""
    return Browser()


def allow(cast: Cast, service: Api, browser: Browser, customer: str = "C1") -> PushPlace:
    if not ContactPoint.objects.of(cast.organisation).filter(customer__key=customer).exists():
        make.customer(cast, customer)
    return actions.subscribe(
        cast.system, customer_key=customer, endpoint=f"{service.address}wpush/v2/abc",
        **browser.keys,
    )  # fmt: skip


def parcel(to: str, **values: Any) -> Parcel:
    usual = {
        "key": "delta.0310-C1", "subject": "Rekening F1", "body": "U moet € 100 betalen.",
        "sender_name": "Delta Water", "language": "nl", "country": "NL",
    }  # fmt: skip
    return Parcel(to=to, **{**usual, **values})


def hand_over(cast: Cast, sent: Parcel) -> Receipt:
    with push.opened(cast.organisation) as send:
        return send(sent)


def test_the_browser_alone_can_read_it_and_a_locked_screen_shows_no_amount(
    cast: Cast, service: Api, browser: Browser
) -> None:
    place = allow(cast, service, browser)
    receipt = hand_over(cast, parcel(push.address_of(place)))
    assert receipt.provider == "webpush"
    assert receipt.body == "Er staat een bericht van Delta Water voor u klaar."
    (asked,) = service.asked
    assert (asked.method, asked.path) == ("POST", "/wpush/v2/abc")
    assert asked.headers["content-encoding"] == "aes128gcm"
    assert asked.headers["ttl"] == "86400"
    assert b"Delta" not in asked.body
    told = browser.read(asked.body)
    assert (told["title"], told["body"], told["lang"]) == ("Delta Water", receipt.body, "nl")
    assert told["tag"] == asked.headers["topic"]
    assert len(told["tag"]) == 32


def test_the_push_service_sees_that_it_is_us(cast: Cast, service: Api, browser: Browser) -> None:
    hand_over(cast, parcel(push.address_of(allow(cast, service, browser))))
    authorization = service.asked[0].headers["authorization"]
    assert Vapid02.verify(authorization)
    parts = dict(part.split("=", 1) for part in authorization.removeprefix("vapid ").split(","))
    assert parts["k"] == push.public_key()
    claims = json.loads(urlsafe_b64decode(parts["t"].split(".")[1] + "=="))
    assert claims["aud"] == service.address.rstrip("/")


def test_the_key_is_the_same_on_every_machine_that_has_the_secret(settings: Any) -> None:
    first = push.public_key()
    assert first == push.public_key()
    assert len(urlsafe_b64decode(first + "=")) == 65
    settings.SECRET_KEY = "another installation"
    assert push.public_key() != first


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_took_its_leave_back_is_forgotten(
    cast: Cast, service: Api, browser: Browser, status: int
) -> None:
    place = allow(cast, service, browser)
    service.usual = (status, b"")
    with pytest.raises(Refused):
        hand_over(cast, parcel(push.address_of(place)))
    assert not PushPlace.objects.of(cast.organisation).exists()
    with pytest.raises(Refused, match="not known any more"):
        hand_over(cast, parcel(push.address_of(place)))
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("told", "again"), [(BREAK, True), ((503, b""), True), ((429, b""), True), ((400, b""), False)]
)
def test_it_can_be_tried_again_since_the_reader_sees_it_once(
    cast: Cast, service: Api, browser: Browser, told: Any, again: bool
) -> None:
    place = allow(cast, service, browser)
    service.usual = told
    with pytest.raises(NotSent) as not_sent:
        hand_over(cast, parcel(push.address_of(place)))
    assert not_sent.value.again is again
    assert not isinstance(not_sent.value, Refused)


def test_more_is_shown_only_where_it_was_chosen_and_the_law_allows_it(
    cast: Cast, service: Api, browser: Browser
) -> None:
    place = push.address_of(allow(cast, service, browser))
    accounts.set_account(
        cast.actor("administrator"), channel="push", provider="webpush",
        settings={"words": "message"},
    )  # fmt: skip
    assert hand_over(cast, parcel(place)).body == "U moet € 100 betalen."
    assert "100" not in hand_over(cast, parcel(place, country="US")).body
    cast.organisation.settings = {"actor": "agency"}
    assert "100" not in hand_over(cast, parcel(place)).body


def test_a_place_is_kept_once_with_its_contact_point_and_consent(
    cast: Cast, service: Api, browser: Browser
) -> None:
    place = allow(cast, service, browser)
    assert allow(cast, service, browser).pk == place.pk
    point = ContactPoint.objects.of(cast.organisation).get(kind="push")
    assert (point.value, point.is_primary) == (f"push:{place.pk}", True)
    assert Consent.objects.of(cast.organisation).get(channel="push").granted


def test_a_shared_browser_is_told_what_is_for_whoever_allowed_it_last(
    cast: Cast, service: Api, browser: Browser
) -> None:
    allow(cast, service, browser, "C1")
    place = allow(cast, service, browser, "C2")
    assert [p.pk for p in PushPlace.objects.of(cast.organisation)] == [place.pk]
    points = ContactPoint.objects.of(cast.organisation).filter(kind="push")
    assert [point.customer.key for point in points] == ["C2"]


def test_whoever_has_enough_of_it_is_told_no_more(
    cast: Cast, service: Api, browser: Browser
) -> None:
    place = allow(cast, service, browser)
    assert actions.unsubscribe(cast.system, customer_key="C1", endpoint=place.endpoint) == 1
    assert not PushPlace.objects.of(cast.organisation).exists()
    assert not ContactPoint.objects.of(cast.organisation).filter(kind="push").exists()
    assert actions.unsubscribe(cast.system, customer_key="C1") == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"endpoint": "http://push.example/1"}, "endpoint"),
        ({"endpoint": "https://10.0.0.1/admin"}, "endpoint"),
        ({"endpoint": "https://push.example/" + "a" * 2000}, "endpoint"),
        ({"p256dh": "not a key"}, "p256dh"),
        ({"p256dh": text_of(b"\x04" + b"\x01" * 64)}, "p256dh"),
        ({"auth": text_of(b"short")}, "auth"),
        ({"auth": ""}, "auth"),
    ],
)
def test_what_no_browser_gives_is_refused(
    cast: Cast, browser: Browser, settings: Any, wrong: dict[str, str], field: str
) -> None:
    settings.WEBHOOKS_TO_PRIVATE = False
    make.customer(cast)
    given = {"endpoint": "https://push.example/1", **browser.keys, **wrong}
    with pytest.raises(Invalid) as refused:
        actions.subscribe(cast.system, customer_key="C1", **given)
    assert refused.value.field == field
    assert not PushPlace.objects.of(cast.organisation).exists()


def test_nobody_subscribes_for_a_stranger(cast: Cast, browser: Browser) -> None:
    make.customer(cast)
    given = {"endpoint": "https://push.example/1", **browser.keys}
    with pytest.raises(Invalid, match="no customer"):
        actions.subscribe(cast.actor("stranger"), customer_key="C1", **given)
    with pytest.raises(Forbidden):
        actions.subscribe(cast.actor("analyst"), customer_key="C1", **given)
