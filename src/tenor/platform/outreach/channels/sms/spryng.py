"""Text messages over Spryng's REST API."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from tenor.platform.outreach.channels.outside import tried
from tenor.platform.outreach.channels.provider import Account, Field, Provider
from tenor.platform.outreach.channels.sms.fields import ADDRESS, COMMON
from tenor.platform.outreach.channels.sms.gateway import (
    Gateway,
    Refusal,
    Request,
    Taken,
    Text,
    short_key,
)

API = "https://rest.spryngsms.com/v1/"
# As long as a UUID, which is what their users pass.
_MOST_KEY = 36


def _headers(account: Account) -> dict[str, str]:
    return {"Authorization": f"Bearer {account.get('api_key')}", "Accept": "application/json"}


def _request(account: Account, text: Text) -> Request:
    content = {
        "body": text.body,
        "encoding": "plain" if text.alphabet == "gsm" else "unicode",
        "originator": text.sender.removeprefix("+"),
        "recipients": [text.to.digits],
        "route": account.get("route", "business"),
        "reference": short_key(text.key, _MOST_KEY),
    }
    return Request("messages", json=content, headers=_headers(account))


def _read(answer: Any) -> Taken | Refusal | None:
    return Taken(str(answer["id"])) if answer.get("id") else None


def _refusal(status: int, answer: Any) -> Refusal:
    wrong = answer.get("errors") or {}
    return Refusal(status, about_reader=any(str(name).startswith("recipients") for name in wrong))


def _checked(account: Account) -> str:
    return tried(account.get("api_url", API), "balance", headers=_headers(account))


GATEWAY = Gateway(
    Provider(
        "spryng",
        "Spryng",
        (
            Field("api_key", _("API key"), "secret"),
            Field("route", _("Route"), needed=False, default="business"),
            *COMMON,
            ADDRESS,
        ),
        _checked,
        can=frozenset({"delivery", "replies", "stop"}),
        hook="entered",
        price=_("By the part: 160 signs, or 70 where a sign is not in the basic alphabet."),
    ),
    API,
    _request,
    _read,
    _refusal,
)
