"""What a channel is to the sender: where it finds an address, and how a message is handed over."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from decimal import Decimal

from tenor.platform.core.models import Organisation
from tenor.platform.wording.draft import Draft


@dataclass(frozen=True)
class Parcel:
    """A message as it goes out. `key` is the same however often it is tried.

    `draft` is what it says; `subject` and `body` are the plain words of it, `html` the same for
    a mail reader. `stop` is the address at which one press ends this channel. `country` is where
    the reader lives: a telephone number without its country is read as one of there.
    """

    key: str
    to: str
    subject: str
    body: str
    sender_name: str
    language: str
    html: str = ""
    reply_to: str = ""
    stop: str = ""
    draft: Draft | None = None
    country: str = ""


@dataclass(frozen=True)
class Charge:
    """What one part of a contact costs: `item` is provider, postage, print, segment or minute."""

    item: str
    quantity: Decimal = Decimal(1)


@dataclass(frozen=True)
class Rendered:
    """What the reader will see over this channel, and what it costs to bring it there.

    A channel that adds words (how to stop) or leaves some out (what a locked screen may show) does
    it here, so that a preview, a made-up message and a real one are the same.
    """

    subject: str
    body: str
    html: str = ""
    charges: tuple[Charge, ...] = ()


@dataclass(frozen=True)
class Receipt:
    """What the other side said when it took a message.

    `reference` is the provider's number of it, by which later news is recognised. `charges` are
    what it costs, priced by the organisation's price list for `country` (empty: that of the
    customer). `body` are the words as they went out, where the channel's own differ.
    """

    provider: str = ""
    reference: str = ""
    charges: tuple[Charge, ...] = ()
    country: str = ""
    body: str = ""


class NotSent(Exception):
    """It certainly did not leave; `again` says whether trying later may help."""

    def __init__(self, reason: str, *, again: bool) -> None:
        """Keep the reason, for people."""
        super().__init__(reason)
        self.again = again


class Refused(NotSent):
    """The address itself was turned away: nothing will ever arrive there."""

    def __init__(self, reason: str) -> None:
        """Keep the reason, for people."""
        super().__init__(reason, again=False)


class Unclear(Exception):
    """It was being handed over when the line broke: nobody knows whether it arrived."""


Send = Callable[[Parcel], Receipt]

# What a channel or a provider can do, by name.
CAN = {
    "html": "It carries a page with a table and a button, beside the plain words.",
    "delivery": "It tells what became of a message.",
    "replies": "Readers can answer over it.",
    "stop": "A reader can end it by themselves.",
    "idempotent": "Handing over the same message again brings it only once.",
}


def as_written(organisation: Organisation, parcel: Parcel) -> Rendered:
    """Render a parcel as it is: nothing added, nothing left out."""
    return Rendered(parcel.subject, parcel.body, parcel.html, (Charge("provider"),))


@dataclass(frozen=True)
class Channel:
    """A channel: the kind of contact point it writes to ("" needs none), and how to hand over.

    `opened` gives, for an organisation, a function that hands one parcel over; it returns when the
    other side has taken it, and raises `NotSent` or `Unclear` otherwise. `rendered` says what the
    reader will see. `atomic`: handing over is a change in our own database, so that a crash undoes
    it. `can` names what it is able to do, in the words of `CAN`.
    """

    name: str
    point: str
    opened: Callable[[Organisation], AbstractContextManager[Send]]
    atomic: bool = False
    can: frozenset[str] = field(default_factory=frozenset)
    rendered: Callable[[Organisation, Parcel], Rendered] = as_written
