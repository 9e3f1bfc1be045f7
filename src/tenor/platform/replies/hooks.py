"""The addresses that providers call: whose one is, who may call it, and what a call says.

A call counts if it carries the password of its address, or the provider's own signature. Neither
is in the address itself, which stands in logs.
"""

import base64
import hmac
import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from tenor.platform.core.models import Organisation
from tenor.platform.outreach.channels.provider import (
    HOOK_USER,
    Account,
    account_of_hook,
    hook_password,
)
from tenor.platform.replies import texting
from tenor.platform.replies.emailing import MAILERS, inbound_of, tracking_of
from tenor.platform.replies.mime import Incoming
from tenor.platform.replies.news import News

# A letter with its files, as providers carry them.
MOST_BYTES = 40 * 1024 * 1024
# The last: news where a letter should come, or the other way round.
_SENSELESS = (ValueError, TypeError, AttributeError, LookupError, ImproperlyConfigured)


class Unreadable(Exception):
    """What was sent is not what this provider sends."""


@dataclass(frozen=True)
class Told:
    """What a call told: pieces of news, and things that people wrote."""

    news: tuple[News, ...] = ()
    incoming: tuple[Incoming, ...] = field(default=())


def account_called(channel: str, provider: str, hook: str) -> tuple[Organisation, Account] | None:
    """Return whose address is called; nothing where there is no such one."""
    if len(hook) < 20:
        return None
    found = account_of_hook(hook)
    if found is None or (found[1].channel, found[1].provider) != (channel, provider):
        return None
    return found


def may_call(account: Account, request: HttpRequest) -> bool:
    """Say whether a call is from the provider: by the address's password or its signature."""
    return _has_password(account, request) or _is_signed(account, request)


def told_by(account: Account, request: HttpRequest, *, inbound: bool = False) -> Told:
    """Return what a call says; raise `Unreadable` where it makes no sense."""
    try:
        if account.channel == "sms":
            return Told(*texting.told_by(account.provider, _fields(request)))
        view = _view(account, inbound)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            events = view.parse_events(request)
        if inbound:
            return Told(incoming=tuple(inbound_of(account.provider, one) for one in events))
        return Told(tuple(n for one in events for n in tracking_of(account.provider, one)))
    except _SENSELESS as error:
        raise Unreadable(type(error).__name__) from error


def _view(account: Account, inbound: bool) -> Any:
    found = MAILERS.get(account.provider)
    if found is None:
        raise Unreadable("no such provider")
    with warnings.catch_warnings():
        # Whoever calls was known before: anymail's own lock stays open.
        warnings.simplefilter("ignore")
        kind = found.inbound if inbound else found.tracking
        return kind(**{name: account.get(key, "-") for name, key in found.given.items()})


def _has_password(account: Account, request: HttpRequest) -> bool:
    kind, _blank, given = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return False
    try:
        said = base64.b64decode(given.strip(), validate=True).decode("utf-8")
    except ValueError:
        return False
    return constant_time_compare(said, f"{HOOK_USER}:{hook_password(account)}")


def _is_signed(account: Account, request: HttpRequest) -> bool:
    check = _SIGNED.get(account.provider)
    try:
        return check is not None and check(account, request)
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def _by_twilio(account: Account, request: HttpRequest) -> bool:
    """Check a call of Twilio's: the address and its fields in order, under the account's token."""
    token, given = account.get("auth_token"), request.headers.get("X-Twilio-Signature", "")
    if not token or not given or account.get("api_key_sid"):
        return False
    # Behind a proxy the request says http and another host: they signed what they called.
    address = settings.PUBLIC_URL + request.get_full_path()
    said = "".join(f"{name}{value}" for name, value in sorted(request.POST.items()))
    made = hmac.new(token.encode(), (address + said).encode(), "sha1").digest()
    return constant_time_compare(base64.b64encode(made).decode(), given)


def _by_mailgun(account: Account, request: HttpRequest) -> bool:
    """Check a call of Mailgun's: a time and a token, under the account's signing key."""
    key = account.get("webhook_signing_key") or account.get("api_key")
    if not key:
        return False
    if request.content_type == "application/json":
        block: Mapping[str, Any] = json.loads(request.body)["signature"]
    else:
        block = request.POST
    said = f"{block['timestamp']}{block['token']}".encode()
    made = hmac.new(key.encode(), said, "sha256").hexdigest()
    return constant_time_compare(made, str(block["signature"]))


_SIGNED: dict[str, Callable[[Account, HttpRequest], bool]] = {
    "twilio": _by_twilio,
    "mailgun": _by_mailgun,
}


def _fields(request: HttpRequest) -> dict[str, str]:
    """Return the fields of a call, whether they stand in the address, a form or JSON."""
    found: dict[str, Any] = dict(parse_qsl(request.META.get("QUERY_STRING", "")))
    if request.content_type == "application/json" and request.body:
        given = json.loads(request.body)
        if not isinstance(given, dict):
            raise ValueError("no fields")
        found |= given
    else:
        found |= request.POST.dict()
    return {str(name): str(value) for name, value in found.items() if value is not None}
