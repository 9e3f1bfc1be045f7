"""Mollie, through its own client. Its hook names a payment and no more: the rest is asked for."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

from mollie.api.client import Client
from mollie.api.error import Error, RequestError, ResponseError

from tenor.platform.core.currencies import decimals
from tenor.platform.paying.provider import (
    Begun,
    Field,
    Forged,
    Keys,
    Method,
    Order,
    Provider,
    Standing,
    State,
    Trouble,
)

# Its names for ways to pay.
_METHODS = {
    Method.IDEAL: "ideal",
    Method.BANCONTACT: "bancontact",
    Method.CARD: "creditcard",
    Method.PAYPAL: "paypal",
    Method.DEBIT: "directdebit",
}
_NAMES = {theirs: ours for ours, theirs in _METHODS.items()}
_STATES = {
    "open": State.OPEN,
    "pending": State.PENDING,
    "authorized": State.PENDING,
    "paid": State.PAID,
    "failed": State.FAILED,
    "canceled": State.CANCELLED,
    "expired": State.EXPIRED,
}
_LOCALES = {"nl": "nl_NL", "en": "en_GB", "de": "de_DE", "fr": "fr_FR"}
# From here on the fault is on their side, and trying later may help.
_THEIRS, _TOO_MANY = 500, 429
_WORDS = 255


def begin(keys: Keys, order: Order) -> Begun:
    """Make a payment; the same key gives the same payment for an hour."""
    data: dict[str, Any] = {
        "amount": {"currency": order.currency, "value": _written(order.amount, order.currency)},
        "description": order.words[:_WORDS],
        "redirectUrl": order.back,
        "cancelUrl": order.back,
        "locale": _LOCALES.get(order.language, "en_GB"),
        "metadata": {"key": order.key},
    }
    if order.hook:
        data["webhookUrl"] = order.hook
    if order.method in _METHODS:
        data["method"] = _METHODS[order.method]
    try:
        made = _client(keys).payments.create(data, idempotency_key=order.key)
    except Error as error:
        raise _trouble(error) from error
    return Begun(made.id, made.checkout_url or "", _instant(made.expires_at))


def look(keys: Keys, reference: str) -> Standing:
    """Ask how a payment stands."""
    try:
        found = _client(keys).payments.get(reference)
    except Error as error:
        raise _trouble(error) from error
    amount = found.amount or {}
    refunded, charged_back = _sum(found.amount_refunded), _sum(found.amount_chargedback)
    return Standing(
        reference=found.id,
        key=(found.metadata or {}).get("key", ""),
        state=_STATES.get(found.status, State.OPEN),
        amount=Decimal(amount.get("value", "0")),
        currency=amount.get("currency", ""),
        at=_instant(found.paid_at or found.failed_at or found.canceled_at or found.expired_at),
        method=str(_NAMES.get(found.method, found.method or "")),
        reason=(found.details or {}).get("failureReason", ""),
        taken_back=refunded + charged_back,
        because="charged_back" if charged_back else "refunded" if refunded else "",
    )


def told(keys: Keys, headers: Mapping[str, str], body: bytes) -> list[str]:
    """Return the number of the payment that its hook names; whoever says so, it is looked up."""
    try:
        number = parse_qs(body.decode("ascii"))["id"][0]
    except (UnicodeDecodeError, KeyError, ValueError) as error:
        raise Forged("It names no payment.") from error
    if not number.startswith("tr_"):
        raise Forged("It names no payment.")
    return [number]


def check(keys: Keys) -> None:
    """Ask for the latest payment: a key that may read one is a key that works."""
    try:
        _client(keys).payments.list(limit=1)
    except Error as error:
        raise _trouble(error) from error


def _client(keys: Keys) -> Client:
    # It tries again by itself only where nothing had been sent yet.
    client = Client(api_endpoint=str(keys.settings.get("api") or ""), timeout=(5, 20))
    try:
        client.set_api_key(keys.secrets.get("api_key", ""))
    except RequestError as error:
        raise Trouble(str(error), again=False) from error
    return client


def _trouble(error: Error) -> Trouble:
    if isinstance(error, ResponseError):
        status = int(error.status or 0)
        again = status >= _THEIRS or status == _TOO_MANY
        return Trouble(f"{status} {error}", again=again, status=status)
    return Trouble(str(error), again=True)


def _written(amount: Decimal, currency: str) -> str:
    return f"{amount:.{decimals(currency)}f}"


def _sum(amount: Any) -> Decimal:
    return Decimal(amount["value"]) if amount else Decimal(0)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


PROVIDER = Provider(
    name="mollie",
    title="Mollie",
    fields=(Field("api_key"),),
    methods=tuple(_METHODS),
    begin=begin,
    look=look,
    told=told,
    check=check,
)
