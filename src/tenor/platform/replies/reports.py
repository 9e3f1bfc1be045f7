"""Reports that mail servers send back: a message did not arrive (RFC 3464), or was a nuisance.

Complaints come as feedback reports (RFC 5965), where a provider of mailboxes sends them.
"""

import re
from dataclasses import dataclass
from email.message import EmailMessage, Message
from typing import Any

_NUMBERS = re.compile(r"<[^<>\s]{3,400}>")
# RFC 3463: 5 is for ever, 4 may pass.
_FOR_EVER = "5"


@dataclass(frozen=True)
class Report:
    """What a report says: "bounced", "deferred" or "complained", of whom, about which message."""

    kind: str
    recipient: str
    numbers: tuple[str, ...]
    because: str = ""


def report_of(message: EmailMessage) -> Report | None:
    """Return what a report says; nothing where the message is none."""
    if message.get_content_type() != "multipart/report":
        return None
    kinds = {part.get_content_type(): part for part in message.walk()}
    numbers = _numbers_of_original(message)
    if "message/delivery-status" in kinds:
        return _delivery(kinds["message/delivery-status"], numbers)
    if "message/feedback-report" in kinds:
        fields = _fields(kinds["message/feedback-report"])
        to = fields.get("original-rcpt-to", "").strip("<> ").lower()
        return Report("complained", to, numbers, fields.get("feedback-type", ""))
    return None


def _delivery(part: Message, numbers: tuple[str, ...]) -> Report | None:
    fields = _fields(part)
    recipient = fields.get("final-recipient") or fields.get("original-recipient", "")
    recipient = recipient.rpartition(";")[2].strip("<> ").lower()
    action, status = fields.get("action", "").lower(), fields.get("status", "")
    because = " ".join((fields.get("diagnostic-code") or status).split())[:200]
    if action == "failed" and status.startswith(_FOR_EVER):
        return Report("bounced", recipient, numbers, because)
    if action in ("failed", "delayed"):
        return Report("deferred", recipient, numbers, because)
    return None


def _fields(part: Message) -> dict[str, str]:
    """Return the fields of a report, of all its blocks together."""
    blocks: Any = part.get_payload()
    if isinstance(blocks, str):
        lines = (line.partition(":") for line in blocks.splitlines() if ":" in line)
        return {name.strip().lower(): value.strip() for name, _colon, value in lines}
    found: dict[str, str] = {}
    for block in blocks or []:
        found |= {name.lower(): str(value) for name, value in block.items()}
    return found


def _numbers_of_original(message: EmailMessage) -> tuple[str, ...]:
    """Return the numbers of the message that the report is about, from the copy it carries."""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "text/rfc822-headers":
            content = part.get_payload(decode=True)
            text = content.decode("latin-1") if isinstance(content, bytes) else ""
            for line in text.splitlines():
                if line.lower().startswith("message-id:"):
                    return tuple(_NUMBERS.findall(line))
        if kind == "message/rfc822":
            inner: Any = part.get_payload()
            if isinstance(inner, list) and inner:
                return tuple(_NUMBERS.findall(str(inner[0].get("Message-ID", ""))))
    return ()
