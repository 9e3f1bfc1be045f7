"""An e-mail as it came in, read without trusting it: whoever sent it may have written anything."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage, Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

from anymail.inbound import AnymailInboundMessage

from tenor.platform.replies.files import MOST_FILES, Given
from tenor.platform.replies.quoting import own_words, text_of_html
from tenor.platform.replies.reports import Report, report_of

_MOST_TEXT = 200_000
_NUMBERS = re.compile(r"<[^<>\s]{3,400}>")
# How deep parts may lie within parts, and how many there may be, before it is no letter any more.
_MOST_PARTS = 200
# RFC 3834 and what was in use before it.
_AUTOMATIC = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply-From", "X-Mail-Autoreply")
_BULK = frozenset({"bulk", "junk", "auto_reply", "list"})
_MACHINES = ("mailer-daemon", "postmaster", "no-reply", "noreply", "do-not-reply", "donotreply")
_ABSENT = re.compile(
    r"^\s*(?:auto(?:matic)?[\s-]*(?:reply|response)|out of (?:the )?office|automatisch antwoord"
    r"|afwezig|automatische antwort|abwesen|réponse automatique|absence)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Incoming:
    """Something that came in, whichever way: who wrote what, answering what, with which files.

    `key` is the same for the same message on every way; `refers` are the numbers of messages that
    it answers, `to` the addresses that it was sent to.
    """

    channel: str
    provider: str
    key: str
    sender: str
    text: str
    whole: str
    sender_name: str = ""
    subject: str = ""
    message_number: str = ""
    refers: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    sent_at: datetime | None = None
    automatic: bool = False
    files: tuple[Given, ...] = ()
    report: Report | None = field(default=None)


def parsed(raw: bytes) -> EmailMessage:
    """Return the bytes of an e-mail as a message; whatever the bytes are."""
    message: EmailMessage = AnymailInboundMessage.parse_raw_mime_bytes(raw)
    return message


def read(message: EmailMessage, *, provider: str) -> Incoming:
    """Return what an e-mail says. Nothing in it makes this fail: what is broken is left out."""
    number = next(iter(_NUMBERS.findall(_header(message, "Message-ID"))), "")
    senders = _addresses(message, "From") or _addresses(message, "Sender") or [("", "")]
    name, sender = senders[0]
    plain, page, files = _parts(message)
    whole = plain if plain.strip() else text_of_html(page)
    whole = _clean(whole)[:_MOST_TEXT]
    refers = _clean(_header(message, "In-Reply-To") + " " + _header(message, "References"))
    to = [a for n in ("To", "Cc", "Delivered-To", "X-Original-To") for _, a in
          _addresses(message, n)]  # fmt: skip
    return Incoming(
        channel="email",
        provider=provider,
        key=_key(sender, number, message),
        sender=sender.lower()[:320],
        sender_name=_clean(name)[:200],
        subject=_clean(" ".join(_header(message, "Subject").split()))[:300],
        text=own_words(whole),
        whole=whole,
        message_number=_clean(number)[:500],
        refers=tuple(dict.fromkeys(reversed(_NUMBERS.findall(refers))))[:50],
        to=tuple(dict.fromkeys(to))[:50],
        sent_at=_instant(message),
        automatic=is_automatic(message, sender),
        files=tuple(files),
        report=report_of(message),
    )


def is_automatic(message: EmailMessage, sender: str) -> bool:
    """Say whether a machine wrote it: an absence, a receipt, a report, a list."""
    said = _header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    if said and said != "no":
        return True
    if any(_header(message, name) for name in _AUTOMATIC) or _header(message, "List-Id"):
        return True
    if _header(message, "Precedence").strip().lower() in _BULK:
        return True
    if message.get_content_type() == "multipart/report":
        return True
    if _header(message, "Return-Path").strip() == "<>":
        return True
    local = sender.partition("@")[0].lower()
    return local.startswith(_MACHINES) or bool(_ABSENT.match(_header(message, "Subject")))


def _key(sender: str, number: str, message: EmailMessage) -> str:
    """Return the same for the same e-mail, through a mailbox or a provider; its text is not it."""
    if number:
        about = f"{sender.lower()}\0{number}"
    else:
        names = ("From", "To", "Date", "Subject")
        about = "\0".join([*(_header(message, n) for n in names), "".join(_parts(message)[:2])])
    return "email:" + hashlib.sha256(about.encode("utf-8", "replace")).hexdigest()[:40]


def _header(message: Message, name: str) -> str:
    """Return a header as text. One that the library cannot read is taken as it stands."""
    try:
        value = message.get(name)
        return "" if value is None else str(value)
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, LookupError):
        raw: Any = dict(message.raw_items()) if hasattr(message, "raw_items") else {}
        return " ".join(str(raw.get(name, "")).split())


def _addresses(message: Message, name: str) -> list[tuple[str, str]]:
    found = getaddresses([_header(message, name)])
    return [
        (shown, _clean(address.strip()))
        for shown, address in found
        if "@" in address and len(address) <= 320
    ]


def _instant(message: Message) -> datetime | None:
    try:
        at = parsedate_to_datetime(_header(message, "Date"))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _parts(message: Message) -> tuple[str, str, list[Given]]:
    """Return the plain words, the page and the files of a message."""
    plain: list[str] = []
    pages: list[str] = []
    files: list[Given] = []
    for part in _leaves(message):
        kind, name = part.get_content_type(), _filename(part)
        is_file = part.get_content_disposition() == "attachment" or bool(name)
        if kind == "text/plain" and not is_file:
            plain.append(_text(part))
        elif kind == "text/html" and not is_file:
            pages.append(_text(part))
        elif len(files) < MOST_FILES:
            files.append(Given(name or kind.replace("/", "."), _bytes(part)))
    return "\n".join(plain), "\n".join(pages), files


def _leaves(message: Message) -> Iterator[Message]:
    """Go through the parts that hold something; of a message within, the message as a file."""
    waiting: list[Message] = [message]
    seen = 0
    while waiting and seen < _MOST_PARTS:
        part = waiting.pop(0)
        seen += 1
        inner: Any = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            waiting[:0] = inner
        elif part.get_content_maintype() == "message":
            continue  # a forwarded or reported message: in the report, or not ours to unpack
        else:
            yield part


def _filename(part: Message) -> str:
    try:
        return part.get_filename() or ""
    except (ValueError, TypeError, IndexError, LookupError):
        return "file"


def _bytes(part: Message) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except (ValueError, TypeError, LookupError, AssertionError):
        return b""
    return content if isinstance(content, bytes) else b""


def _text(part: Message) -> str:
    """Return a part's words: in the charset it names, else in the one that fits."""
    content = _bytes(part)
    try:
        named = part.get_content_charset() or "utf-8"
    except (ValueError, LookupError):
        named = "utf-8"
    for charset in (named, "utf-8", "cp1252"):
        try:
            return content.decode(charset)
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("latin-1")


def _clean(text: str) -> str:
    """Return a text that every database keeps: no NUL, no half characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
