"""Letters: each is set as a PDF and put with the day's others, which go to the printer together.

Handing over is a row in our own database beside a file: where the row is undone, the file is left
over, and is cleared away when the batch is closed.
"""

import hashlib
import threading
from base64 import b32encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from functools import partial

from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.outreach.channels.contract import (
    Channel,
    Charge,
    NotSent,
    Parcel,
    Receipt,
    Rendered,
    Send,
)
from tenor.platform.outreach.channels.letter import filing
from tenor.platform.outreach.channels.letter.address import MOST_LINES, envelope
from tenor.platform.outreach.channels.letter.letter import (
    CannotDraw,
    NoGlyph,
    NoRoom,
    Printed,
    pictured,
    printed,
)
from tenor.platform.outreach.channels.letter.places import Place, place_of
from tenor.platform.wording.composing import CannotSay
from tenor.platform.wording.draft import Draft

PROVIDER = "letters"
# Why a letter cannot be set, as codes that people are shown in words.
CODES = {NoGlyph: "no_glyph", NoRoom: "no_room"}
CANNOT = "cannot_draw"
# Of made-up people only the cost is wanted: the table of so many invoices fills a page.
_FIRST_PAGE, _NEXT_PAGE = 10, 36
_MARK = 8


@contextmanager
def opened(organisation: Organisation) -> Iterator[Send]:
    """Put letters into the open batch of the organisation."""
    yield partial(_send, organisation)


def rendered(organisation: Organisation, parcel: Parcel) -> Rendered:
    """Set the letter, and say what it costs: postage, and each page; raises `CannotSay`."""
    if parcel.draft is not None and organisation.synthetic:
        more = max(0, len(parcel.draft.lines) - _FIRST_PAGE)
        pages = 1 + -(-more // _NEXT_PAGE)
    else:
        pages = _made(organisation, parcel).pages
    return Rendered(parcel.subject, parcel.body, charges=_charges(pages))


def place_for(organisation: Organisation) -> Place:
    """Return the layout of the organisation's envelopes."""
    return place_of(organisation.country, preferences_of(organisation).letter_window)


def addressed(organisation: Organisation, draft: Draft, *, to: str, country: str) -> Draft:
    """Return the letter with the lines that stand in the window; raises `CannotSay`."""
    lines = envelope(
        draft.address or to.splitlines(), name=draft.recipient, country=country,
        home=organisation.country,
    )  # fmt: skip
    if not lines:
        raise CannotSay("no_address")
    if len(lines) > MOST_LINES:
        raise CannotSay(CODES[NoRoom], f"{len(lines)} lines")
    return replace(draft, address=lines)


def previewed(organisation: Organisation, draft: Draft, *, country: str, page: int) -> bytes:
    """Return a page of a letter as a PNG picture, as it would be set now; raises `CannotSay`."""
    shown = addressed(organisation, draft, to="", country=country)
    try:
        return pictured(shown, place_for(organisation), page=page)
    except CannotDraw as error:
        raise _cannot_say(error) from error


def mark_of(key: str) -> str:
    """Return the mark of a letter: the same however often it is made, and nobody's name."""
    return b32encode(hashlib.sha256(key.encode()).digest()).decode()[:_MARK]


def _send(organisation: Organisation, parcel: Parcel) -> Receipt:
    if parcel.draft is None:
        raise NotSent("there is nothing to print", again=False)
    made, mark = _made(organisation, parcel), mark_of(parcel.key)
    filing.put(organisation, parcel=parcel, made=made, mark=mark)
    return Receipt(PROVIDER, mark, _charges(made.pages), country=parcel.country)


def _charges(pages: int) -> tuple[Charge, ...]:
    return Charge("postage"), Charge("print", Decimal(pages))


_here = threading.local()


def _made(organisation: Organisation, parcel: Parcel) -> Printed:
    """Return the letter of a parcel; one that was just made to be looked at is not made again."""
    last: tuple[Parcel, Printed] | None = getattr(_here, "last", None)
    if last is not None and last[0] is parcel:
        return last[1]
    if parcel.draft is None:
        raise CannotSay(CANNOT)
    draft = addressed(organisation, parcel.draft, to=parcel.to, country=parcel.country)
    try:
        made = printed(draft, place_for(organisation), mark=mark_of(parcel.key))
    except CannotDraw as error:
        raise _cannot_say(error) from error
    _here.last = (parcel, made)
    return made


def _cannot_say(error: CannotDraw) -> CannotSay:
    return CannotSay(CODES.get(type(error), CANNOT), str(error))


CHANNEL = Channel("letter", point="postal", opened=opened, atomic=True, rendered=rendered)
