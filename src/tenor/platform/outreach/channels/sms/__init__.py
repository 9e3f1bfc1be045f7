"""Text messages, over a provider that an organisation has an account with."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any

import httpx
from django.conf import settings

from tenor.platform.core.models import Organisation
from tenor.platform.outreach.channels.contract import (
    Channel,
    Charge,
    NotSent,
    Parcel,
    Receipt,
    Refused,
    Rendered,
    Send,
    Unclear,
)
from tenor.platform.outreach.channels.masking import masked
from tenor.platform.outreach.channels.outside import (
    answered,
    broken,
    check_address,
    client,
    has_left,
)
from tenor.platform.outreach.channels.provider import Account, account_of, hook_with_password
from tenor.platform.outreach.channels.sms import messagebird, spryng, twilio
from tenor.platform.outreach.channels.sms.gateway import Gateway, Refusal, Text
from tenor.platform.outreach.channels.sms.numbers import Number, read_number
from tenor.platform.outreach.channels.sms.segments import plainer, segments_of
from tenor.platform.outreach.channels.sms.words import stop_hint

__all__ = ["CHANNEL", "GATEWAYS", "NAME", "PROVIDERS", "opened", "rendered"]

NAME = "sms"
GATEWAYS = {one.provider.name: one for one in (spryng.GATEWAY, twilio.GATEWAY, messagebird.GATEWAY)}
PROVIDERS = tuple(gateway.provider for gateway in GATEWAYS.values())


@contextmanager
def opened(organisation: Organisation) -> Iterator[Send]:
    """Keep one line for many messages."""
    account = account_of(organisation, NAME)
    if account is None:
        yield _no_account
        return
    gateway = GATEWAYS[account.provider]
    with client(account.get("api_url", gateway.api)) as web:
        yield partial(_hand_over, web, gateway, account, organisation.country)


def rendered(organisation: Organisation, parcel: Parcel) -> Rendered:
    """Return a text with the sentence that ends them, in the signs that a telephone has."""
    account = None if organisation.synthetic else account_of(organisation, NAME)
    try:
        country = read_number(parcel.to, parcel.country or organisation.country).country
    except Refused:
        country = parcel.country or organisation.country
    return _written(account, parcel, country)


def _written(account: Account | None, parcel: Parcel, country: str) -> Rendered:
    hint = stop_hint(account, parcel, country)
    body = plainer(parcel.body).strip()
    text = f"{body}\n{hint}" if hint else body
    count = segments_of(text).count
    return Rendered("", text, charges=(Charge("segment", Decimal(count)),))


def _no_account(parcel: Parcel) -> Receipt:
    raise NotSent("there is no account for text messages", again=False)


def _hand_over(
    web: httpx.Client, gateway: Gateway, account: Account, country: str, parcel: Parcel
) -> Receipt:
    to = read_number(parcel.to, parcel.country or country)
    body = _written(account, parcel, to.country).body
    parts = segments_of(body)
    text = Text(parcel.key, to, account.get("sender"), body, parts.alphabet, _report_to(account))
    if place := account.get("api_url"):
        check_address(place)
    request = gateway.request(account, text)
    try:
        answer = web.post(
            request.path, data=request.form, json=request.json, headers=dict(request.headers),
            auth=request.auth or httpx.USE_CLIENT_DEFAULT,
        )  # fmt: skip
    except httpx.HTTPError as error:
        raise broken(error, left=has_left(error)) from error
    return _receipt(gateway, answer, to, body, parts.count)


def _receipt(
    gateway: Gateway, answer: httpx.Response, to: Number, body: str, count: int
) -> Receipt:
    name = gateway.provider.name
    try:
        content: Any = answer.json()
    except ValueError:
        content = {}
    content = content if isinstance(content, dict) else {}
    if not answer.is_success:
        refusal = gateway.refusal(answer.status_code, content)
        raise answered(refusal.status, answer.text, about_reader=refusal.about_reader)
    taken = gateway.read(content)
    if isinstance(taken, Refusal):
        raise answered(taken.status, answer.text, about_reader=taken.about_reader)
    if taken is None:
        raise Unclear(masked(f"{name} did not say that it took the message: {answer.text}"))
    charges = (Charge("segment", Decimal(taken.segments or count)),)
    return Receipt(name, taken.reference[:300], charges, to.country, body)


def _report_to(account: Account) -> str:
    """Return where the provider tells what became of it; they accept no address without TLS."""
    return hook_with_password(account) if settings.PUBLIC_URL.startswith("https://") else ""


CHANNEL = Channel(
    NAME,
    point="mobile",
    opened=opened,
    can=frozenset({"delivery", "replies", "stop"}),
    rendered=rendered,
)
