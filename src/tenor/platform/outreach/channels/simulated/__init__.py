"""Messages to made-up people: nothing leaves, and the message says so."""

from collections.abc import Iterator
from contextlib import contextmanager

from tenor.platform.outreach.channels.contract import Channel, Parcel, Send

# What stands where an address would.
ADDRESS = "simulated"


@contextmanager
def opened() -> Iterator[Send]:
    """Take parcels, and do nothing with them."""
    yield _taken


def _taken(parcel: Parcel) -> None:
    """Take a parcel."""


CHANNEL = Channel("simulated", point="", opened=opened, atomic=True)
