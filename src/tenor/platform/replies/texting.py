"""What text message providers tell: what became of a message, and what somebody wrote back."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from tenor.platform.replies.mime import Incoming
from tenor.platform.replies.news import Became, News

Fields = Mapping[str, str]
Told = tuple[tuple[News, ...], tuple[Incoming, ...]]

_MOST_TEXT = 5_000
# Twilio's numbers: no such number, a landline; it said STOP; the telephone is off or full.
_TWILIO_GONE = frozenset({"30005", "30006", "21211", "21614"})
_TWILIO_STOPPED = "21610"
# In the words of the two Dutch providers.
_GONE = ("unknown subscriber", "unknown", "invalid", "absent subscriber permanent")


def told_by(provider: str, fields: Fields) -> Told:
    """Return what a call of a provider says; raise where it makes no sense."""
    return _READERS[provider](fields)


def _twilio(fields: Fields) -> Told:
    number = fields["MessageSid"]
    status = fields.get("MessageStatus", "").lower()
    if not status or fields.get("SmsStatus", "").lower() == "received":
        return (), (_written("twilio", number, fields["From"], fields.get("Body", ""),
                             fields.get("To", "")),)  # fmt: skip
    error = fields.get("ErrorCode", "")
    became = {
        "delivered": Became.DELIVERED, "undelivered": Became.DEFERRED,
        "failed": Became.DEFERRED,
    }.get(status)  # fmt: skip
    if became is Became.DEFERRED and error in _TWILIO_GONE:
        became = Became.BOUNCED
    elif became is Became.DEFERRED and error == _TWILIO_STOPPED:
        became = Became.OPTED_OUT
    because = f"{status} {error}".strip()
    return _news(became, "twilio", number, "", fields.get("To", ""), because), ()


def _messagebird(fields: Fields) -> Told:
    return _plain("messagebird", fields)


def _spryng(fields: Fields) -> Told:
    return _plain("spryng", fields)


def _plain(provider: str, fields: Fields) -> Told:
    """Read a call of fields by name: one with a text is an answer, one with a status a report."""
    given = {name.lower(): value for name, value in fields.items()}
    number = given.get("id") or given.get("message_id") or given.get("messageid") or ""
    text = given.get("body") or given.get("message") or given.get("sms")
    if "status" not in given and text is not None:
        sender = given.get("originator") or given.get("sender") or given.get("from") or ""
        if not sender:
            raise KeyError("originator")
        to = given.get("recipient") or given.get("to") or ""
        return (), (_written(provider, number, sender, text, to, given.get("createddatetime", "")),)
    status = given["status"].lower()
    because = given.get("statusreason") or given.get("reason") or status
    became = {
        "delivered": Became.DELIVERED, "10": Became.DELIVERED, "delivery_failed": Became.DEFERRED,
        "expired": Became.DEFERRED, "failed": Became.DEFERRED, "undelivered": Became.DEFERRED,
        "20": Became.DEFERRED,
    }.get(status)  # fmt: skip
    if became is Became.DEFERRED and because.lower() in _GONE:
        became = Became.BOUNCED
    at = _instant(given.get("statusdatetime", ""))
    reference, to = given.get("reference", ""), given.get("recipient", "")
    return _news(became, provider, number, reference, to, because, at), ()


def _news(
    became: Became | None, provider: str, number: str, reference: str, to: str, because: str,
    at: datetime | None = None,
) -> tuple[News, ...]:  # fmt: skip
    if became is None:
        return ()  # on its way still
    numbers = (number,) if number else ()
    return (
        News(became, provider, numbers=numbers, contact_key=reference, recipient=to, at=at,
             because=because[:200], key=f"{number}:{became}"),
    )  # fmt: skip


def _written(provider: str, number: str, sender: str, text: str, to: str, at: str = "") -> Incoming:
    words = text.replace("\0", "")[:_MOST_TEXT].strip()
    about = f"{provider}\0{number}" if number else f"{provider}\0{sender}\0{words}\0{at}"
    plus = sender.strip()
    plus = f"+{plus}" if plus[:1].isdigit() and not plus.startswith("0") else plus
    return Incoming(
        channel="sms", provider=provider, sender=plus[:320], text=words, whole=words,
        key="sms:" + hashlib.sha256(about.encode()).hexdigest()[:40], to=(to,) if to else (),
    )  # fmt: skip


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


_READERS: Mapping[str, Callable[[Fields], Told]] = {
    "twilio": _twilio,
    "messagebird": _messagebird,
    "spryng": _spryng,
}
