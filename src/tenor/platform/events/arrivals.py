"""An event as it arrives: what it must say, and why one is turned away."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.utils.translation import gettext as _

KEY_LENGTH = 200
KIND_LENGTH = 40
DETAIL_BYTES = 8 * 1024
# A clock somewhere may be wrong by a zone; a day is more than any zone.
AHEAD = timedelta(days=1)
# Before this no event of a receivable was recorded anywhere: such a time is a mistake.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)

# A row as the table holds it: key, kind, at, customer, invoice, contact, detail.
Row = tuple[str, str, datetime, str, str, str, str]


class NewEvent(msgspec.Struct, gc=False):
    """One event before it is recorded; `detail` is an object, or the JSON text of one."""

    key: str
    kind: str
    at: datetime
    customer_key: str = ""
    invoice_key: str = ""
    contact_key: str = ""
    detail: Any = None


class PostedEvent(NewEvent, gc=False, forbid_unknown_fields=True):
    """One event as a program posts it: the detail is kept letter for letter."""

    detail: msgspec.Raw = msgspec.Raw()


class Unfit(ValueError):
    """Why an event is turned away, in words for the one who sent it."""


# What may come: an event, a mapping with its fields, or why it could not even be read.
Arrival = NewEvent | Mapping[str, Any] | Unfit


@dataclass
class Counts:
    """What became of a batch; `rejected` has the place of each row in it (from 0) and why."""

    accepted: int = 0
    duplicate: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)
    # Kinds that the engine has no meaning for: kept, and counted.
    unknown_kinds: dict[str, int] = field(default_factory=dict)


def row_of(event: Arrival, *, now: datetime) -> Row:
    """Return `event` as a row; raise `Unfit` where it may not be recorded."""
    if isinstance(event, Unfit):
        raise event
    if not isinstance(event, NewEvent):
        event = _struct_of(event)
    key, kind, at = event.key, event.kind, event.at
    customer, invoice, contact = event.customer_key, event.invoice_key, event.contact_key
    if not key or key.isspace():
        raise Unfit(_("key is empty"))
    if not kind or kind.isspace():
        raise Unfit(_("kind is empty"))
    if not customer and not invoice:
        raise Unfit(_("neither customer_key nor invoice_key says whom it is about"))
    if max(len(key), len(customer), len(invoice), len(contact)) > KEY_LENGTH:
        raise Unfit(_("a key is longer than %(limit)s characters") % {"limit": KEY_LENGTH})
    if len(kind) > KIND_LENGTH:
        raise Unfit(_("kind is longer than %(limit)s characters") % {"limit": KIND_LENGTH})
    if "\0" in f"{key}{kind}{customer}{invoice}{contact}":
        raise Unfit(_("a text contains the character NUL"))
    return key, kind, _instant(at, now), customer, invoice, contact, _detail(event.detail)


def rows_of(events: Iterable[Arrival], *, now: datetime, counts: Counts) -> Iterator[Row]:
    """Yield the rows that may be recorded, each key once; count the others in `counts`."""
    seen: set[str] = set()
    for index, event in enumerate(events):
        try:
            row = row_of(event, now=now)
        except Unfit as error:
            counts.rejected.append((index, str(error)))
            continue
        if row[0] in seen:
            counts.duplicate += 1
            continue
        seen.add(row[0])
        yield row


def _struct_of(values: Mapping[str, Any]) -> NewEvent:
    try:
        event = NewEvent(**values)
        texts = (event.key, event.kind, event.customer_key, event.invoice_key, event.contact_key)
    except TypeError:
        raise Unfit(_("key, kind and at are needed, and no unknown field")) from None
    if not all(isinstance(text, str) for text in texts) or not isinstance(event.at, datetime):
        raise Unfit(_("a value has the wrong type"))
    return event


def _instant(at: datetime, now: datetime) -> datetime:
    if at.tzinfo is None:
        raise Unfit(_("at has no offset: write 2026-03-10T08:00:00Z or …+01:00"))
    if at < EARLIEST:
        raise Unfit(_("at is before 1970"))
    if at > now + AHEAD:
        raise Unfit(_("at is more than a day in the future"))
    return at.astimezone(UTC)


def _detail(detail: Any) -> str:
    """Return `detail` as JSON text; empty where there is none."""
    if detail is None:
        return ""
    try:
        if isinstance(detail, Mapping):
            text = msgspec.json.encode(dict(detail)).decode()
        else:
            text = (detail if isinstance(detail, str) else bytes(detail).decode()).strip()
            if text in ("", "null"):
                return ""
            if text[0] != "{" or isinstance(detail, str):
                msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, TypeError, ValueError, OverflowError):
        raise Unfit(_("detail is not a JSON object")) from None
    if len(text.encode()) > DETAIL_BYTES:
        raise Unfit(_("detail is longer than %(limit)s bytes") % {"limit": DETAIL_BYTES})
    return text
