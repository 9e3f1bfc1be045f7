"""What a channel is to the sender: where it finds an address, and how a message is handed over."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass


@dataclass(frozen=True)
class Parcel:
    """A message as it goes out. `key` is the same however often it is tried."""

    key: str
    to: str
    subject: str
    body: str
    sender_name: str
    language: str


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


Send = Callable[[Parcel], None]


@dataclass(frozen=True)
class Channel:
    """A channel: the kind of contact point it writes to ("" needs none), and how to hand over.

    `opened` gives a function that hands one parcel over; it returns when the other side has taken
    it, and raises `NotSent` or `Unclear` otherwise. `atomic`: handing over is a change in our own
    database, so that a crash undoes it.
    """

    name: str
    point: str
    opened: Callable[[], AbstractContextManager[Send]]
    atomic: bool = False
