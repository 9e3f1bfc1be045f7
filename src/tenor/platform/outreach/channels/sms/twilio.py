"""Text messages over Twilio's REST API (Messages resource)."""

from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext_lazy as _

from tenor.platform.outreach.channels.outside import tried
from tenor.platform.outreach.channels.provider import Account, Field, Provider
from tenor.platform.outreach.channels.sms.fields import ADDRESS, COMMON
from tenor.platform.outreach.channels.sms.gateway import Gateway, Refusal, Request, Taken, Text

API = "https://api.twilio.com/"
# Of their error codes: no such number, not a mobile one, blocked, a landline, or it said STOP.
_ABOUT_READER = frozenset({21211, 21214, 21217, 21610, 21614, 21635})
_FAILED = frozenset({"failed", "undelivered", "canceled"})


def _path(account: Account) -> str:
    return f"2010-04-01/Accounts/{account.get('account_sid')}"


def _auth(account: Account) -> tuple[str, str]:
    return account.get("api_key_sid", account.get("account_sid")), account.get("auth_token")


def _request(account: Account, text: Text) -> Request:
    form = {"To": text.to.e164, "Body": text.body}
    if service := account.get("messaging_service"):
        form["MessagingServiceSid"] = service
    else:
        form["From"] = text.sender
    if text.report_to:
        form["StatusCallback"] = text.report_to
    return Request(f"{_path(account)}/Messages.json", form=form, auth=_auth(account))


def _read(answer: Any) -> Taken | Refusal | None:
    if answer.get("status") in _FAILED:
        return Refusal(HTTPStatus.BAD_REQUEST, answer.get("error_code") in _ABOUT_READER)
    # Where a messaging service picks the sender, the number of parts is nought at first.
    segments = int(answer.get("num_segments") or 0)
    return Taken(str(answer["sid"]), segments) if answer.get("sid") else None


def _refusal(status: int, answer: Any) -> Refusal:
    return Refusal(status, about_reader=answer.get("code") in _ABOUT_READER)


def _checked(account: Account) -> str:
    return tried(account.get("api_url", API), f"{_path(account)}.json", auth=_auth(account))


GATEWAY = Gateway(
    Provider(
        "twilio",
        "Twilio",
        (
            Field("account_sid", _("Account SID"), hint="AC…"),
            Field("auth_token", _("Auth token, or the secret of an API key"), "secret"),
            Field("api_key_sid", _("SID of the API key"), needed=False, hint="SK…"),
            Field("messaging_service", _("Messaging service"), needed=False, hint="MG…"),
            *COMMON,
            ADDRESS,
        ),
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
