"""An e-mail as it leaves: two forms of the same words, and headers that machines act on."""

import re
from collections.abc import Collection
from email.utils import formataddr
from urllib.parse import quote, unquote

from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address
from django.utils.translation import gettext_lazy as _

from tenor.platform.outreach.channels.contract import Parcel, Refused
from tenor.platform.outreach.channels.provider import Field

# Of every account: whom the reader sees it come from.
SENDER = Field(
    "sender", _("Sender address"), "email",
    hint=_("Your provider has to know that you may write from it."),
)  # fmt: skip
# What an e-mail's number may hold as it is (RFC 5322, atext), but for the sign that quotes.
_PLAIN = "!#$&'*+-/=?^_`{|}~."
_NUMBER = re.compile(r"<([^<>@\s]+)@[^<>@\s]+>")


def message_id(key: str, domain: str) -> str:
    """Return the number of a message: the same however often it is tried."""
    return f"<{quote(key, safe=_PLAIN)}@{domain}>"


def keys_in(header: str) -> list[str]:
    """Return the keys of our messages that a reply's In-Reply-To or References may name."""
    return [unquote(name) for name in _NUMBER.findall(header)]


def written(
    parcel: Parcel, *, sender: str, keeps_number: bool = True, without: Collection[str] = ()
) -> EmailMultiAlternatives:
    """Return a parcel as an e-mail from `sender`, without the headers that a provider refuses.

    A provider that gives its own number takes ours along as a reference: the answer names both.
    """
    _check(parcel.to)
    domain = sender.rpartition("@")[2] or "localhost"
    headers = {
        "Message-ID" if keeps_number else "References": message_id(parcel.key, domain),
        "Content-Language": parcel.language,
        # Programs that answer by themselves leave it alone (RFC 3834).
        "Auto-Submitted": "auto-generated",
        # By this, mailbox providers count complaints a kind of message and an organisation.
        "Feedback-ID": _feedback(parcel),
        **_stop(parcel.stop),
    }
    message = EmailMultiAlternatives(
        subject=_line(parcel.subject),
        body=parcel.body,
        from_email=formataddr((_line(parcel.sender_name), sender)),
        to=[parcel.to],
        reply_to=[parcel.reply_to] if parcel.reply_to else None,
        headers={name: value for name, value in headers.items() if name not in without},
    )
    if parcel.html:
        message.attach_alternative(parcel.html, "text/html")
    return message


def _check(address: str) -> None:
    name, _at, place = address.rpartition("@")
    try:
        sanitize_address(address, "utf-8")
    except ValueError:
        name = ""
    if not name or not place or any(sign.isspace() for sign in address):
        raise Refused("this is no e-mail address")


def _stop(address: str) -> dict[str, str]:
    """Return how a mail program ends this channel with one press (RFC 8058: over HTTPS only)."""
    if not address:
        return {}
    headers = {"List-Unsubscribe": f"<{address}>"}
    if address.startswith("https://"):
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _feedback(parcel: Parcel) -> str:
    kind = parcel.draft.kind if parcel.draft else "message"
    return f"{kind}:{quote(parcel.key.partition('.')[0], safe='-_')}:email:tenor"


def _line(text: str) -> str:
    return " ".join(text.split())
