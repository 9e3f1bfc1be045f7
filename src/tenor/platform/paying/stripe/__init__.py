"""Stripe, through its own client: a checkout page of theirs a payment; its hook is signed."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import stripe

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

_METHODS = {
    Method.IDEAL: "ideal",
    Method.BANCONTACT: "bancontact",
    Method.CARD: "card",
    Method.PAYPAL: "paypal",
    Method.DEBIT: "sepa_debit",
}
_NAMES = {theirs: ours for ours, theirs in _METHODS.items()}
_EXPANDED = ["payment_intent.latest_charge"]
_WORDS = 500


def begin(keys: Keys, order: Order) -> Begun:
    """Make a page to pay at; the same key gives the same page for a day."""
    words = order.words[:_WORDS]
    params: Any = {
        "mode": "payment",
        "client_reference_id": order.key,
        "metadata": {"key": order.key},
        "payment_intent_data": {
            "metadata": {"key": order.key},
            "description": order.words[:_WORDS],
        },
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": order.currency.lower(),
                    "unit_amount": _counted(order.amount, order.currency),
                    "product_data": {"name": words},
                },
            }
        ],
        "success_url": order.back,
        "cancel_url": order.back,
        "locale": order.language if order.language in ("nl", "en", "de", "fr") else "auto",
    }
    if order.method in _METHODS:
        params["payment_method_types"] = [_METHODS[order.method]]
    try:
        made = _client(keys).v1.checkout.sessions.create(params, {"idempotency_key": order.key})
    except stripe.StripeError as error:
        raise _trouble(error) from error
    return Begun(made.id, made.url or "", _instant(made.expires_at))


def look(keys: Keys, reference: str) -> Standing:
    """Ask how a page's payment stands."""
    client = _client(keys)
    try:
        page = client.v1.checkout.sessions.retrieve(reference, {"expand": _EXPANDED})
    except stripe.StripeError as error:
        raise _trouble(error) from error
    currency = (page.currency or "").upper()
    intent: Any = page.payment_intent if not isinstance(page.payment_intent, str) else None
    charge: Any = getattr(intent, "latest_charge", None)
    charge = None if isinstance(charge, str) else charge
    state, reason = _state(page, intent)
    refunded = _amount(getattr(charge, "amount_refunded", 0) or 0, currency)
    disputed = bool(getattr(charge, "disputed", False))
    total = _amount(page.amount_total or 0, currency)
    return Standing(
        reference=page.id,
        key=page.client_reference_id or "",
        state=state,
        amount=total,
        currency=currency,
        at=_instant(getattr(charge, "created", None)),
        method=_method(charge),
        reason=reason,
        taken_back=total if disputed else refunded,
        because="charged_back" if disputed else "refunded" if refunded else "",
    )


def told(keys: Keys, headers: Mapping[str, str], body: bytes) -> list[str]:
    """Return the pages that a signed message is about; one about something else names none."""
    secret = keys.secrets.get("webhook_secret", "")
    if not secret:
        raise Forged("The secret of the webhook is not set.")
    try:
        stripe.WebhookSignature.verify_header(
            body.decode("utf-8"), headers.get("stripe-signature", ""), secret, 300
        )
        event = json.loads(body)
        about = event["data"]["object"]
    except (
        stripe.SignatureVerificationError,
        ValueError,
        KeyError,
        TypeError,
        IndexError,
    ) as error:
        raise Forged("The signature does not hold.") from error
    if about.get("object") == "checkout.session":
        return [about["id"]]
    # A refund or a dispute names the payment, whose page is the one with our key.
    intent = about.get("payment_intent")
    return _pages_of(keys, intent) if isinstance(intent, str) else []


def check(keys: Keys) -> None:
    """Ask for the latest page: a key that may read one is a key that works."""
    try:
        _client(keys).v1.checkout.sessions.list({"limit": 1})
    except stripe.StripeError as error:
        raise _trouble(error) from error


def _pages_of(keys: Keys, intent: str) -> list[str]:
    try:
        pages = _client(keys).v1.checkout.sessions.list({"payment_intent": intent})
    except stripe.StripeError as error:
        raise _trouble(error) from error
    return [page.id for page in pages.data]


def _state(page: Any, intent: Any) -> tuple[State, str]:
    if page.payment_status == "paid":
        return State.PAID, ""
    if page.status == "expired":
        return State.EXPIRED, ""
    if getattr(intent, "status", "") == "processing":
        return State.PENDING, ""
    failure = getattr(intent, "last_payment_error", None)
    if failure:
        code = getattr(failure, "decline_code", None) or getattr(failure, "code", None)
        # The page stays open for another try unless it was completed already.
        return (State.FAILED if page.status == "complete" else State.OPEN), str(code or "")
    return State.OPEN, ""


def _method(charge: Any) -> str:
    details = getattr(charge, "payment_method_details", None)
    theirs = str(getattr(details, "type", "") or "")
    return str(_NAMES.get(theirs, theirs))


def _client(keys: Keys) -> stripe.StripeClient:
    api = str(keys.settings.get("api") or "")
    key = keys.secrets.get("api_key", "")
    if not key:
        raise Trouble("The API key is not set.", again=False)
    return stripe.StripeClient(key, base_addresses={"api": api} if api else None)


def _trouble(error: stripe.StripeError) -> Trouble:
    again = isinstance(error, (stripe.APIConnectionError, stripe.RateLimitError)) or (
        (error.http_status or 0) >= 500
    )
    words = f"{error.http_status or ''} {error.user_message or error}".strip()
    return Trouble(words, again=again, status=error.http_status or 0)


def _counted(amount: Decimal, currency: str) -> int:
    """Return an amount as Stripe counts it: in the smallest coins."""
    return int(amount.scaleb(decimals(currency)))


def _amount(count: int, currency: str) -> Decimal:
    return Decimal(count).scaleb(-decimals(currency))


def _instant(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


PROVIDER = Provider(
    name="stripe",
    title="Stripe",
    # The signing secret is known once the hook was entered there; until then no news is believed.
    fields=(Field("api_key"), Field("webhook_secret", needed=False)),
    methods=tuple(_METHODS),
    begin=begin,
    look=look,
    told=told,
    check=check,
)
