"""Text messages over Bird's REST API of before (MessageBird, rest.messagebird.com)."""

from http import HTTPStatus
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

API = "https://rest.messagebird.com/"
_MOST_KEY = 64
# Their own numbers: the key is not accepted; the balance is too low.
_NO_ACCESS, _NO_BALANCE = 2, 25


def _headers(account: Account) -> dict[str, str]:
    return {"Authorization": f"AccessKey {account.get('access_key')}", "Accept": "application/json"}


def _request(account: Account, text: Text) -> Request:
    content: dict[str, Any] = {
        "type": "sms",
        "originator": text.sender.removeprefix("+"),
        "recipients": [text.to.digits],
        "body": text.body,
        "datacoding": "plain" if text.alphabet == "gsm" else "unicode",
        "reference": short_key(text.key, _MOST_KEY),
    }
    if text.report_to:
        content["reportUrl"] = text.report_to
    return Request("messages", json=content, headers=_headers(account))


def _read(answer: Any) -> Taken | Refusal | None:
    if not answer.get("id"):
        return None
    items = (answer.get("recipients") or {}).get("items") or [{}]
    if items[0].get("status") == "delivery_failed":
        return Refusal(HTTPStatus.BAD_REQUEST, about_reader=True)
    return Taken(str(answer["id"]), int(items[0].get("messagePartCount") or 0))


def _refusal(status: int, answer: Any) -> Refusal:
    wrong = answer.get("errors") or []
    codes = {one.get("code") for one in wrong}
    if _NO_BALANCE in codes:
        return Refusal(HTTPStatus.PAYMENT_REQUIRED)
    if _NO_ACCESS in codes:
        return Refusal(HTTPStatus.UNAUTHORIZED)
    named = (str(one.get("parameter") or "") for one in wrong)
    return Refusal(status, about_reader=any(name.startswith("recipient") for name in named))


def _checked(account: Account) -> str:
    return tried(account.get("api_url", API), "balance", headers=_headers(account))


GATEWAY = Gateway(
    Provider(
        "messagebird",
        "Bird (MessageBird)",
        (Field("access_key", _("Access key"), "secret"), *COMMON, ADDRESS),
        _checked,
        can=frozenset({"delivery", "replies", "stop"}),
        hook="sent",
        price=_("By the part: 160 signs, or 70 where a sign is not in the basic alphabet."),
    ),
    API,
    _request,
    _read,
    _refusal,
)
