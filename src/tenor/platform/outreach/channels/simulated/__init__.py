"""Messages to made-up people: nothing leaves, and the message says so."""

from collections.abc import Iterator
from contextlib import contextmanager

from tenor.platform.core.models import Organisation
from tenor.platform.outreach.channels.contract import Channel, Parcel, Receipt, Send

# What stands where an address would.
ADDRESS = "simulated"


@contextmanager
def opened(organisation: Organisation) -> Iterator[Send]:
    """Take parcels, and do nothing with them."""
    yield _taken


def _taken(parcel: Parcel) -> Receipt:
    """Take a parcel."""
    return Receipt(provider=ADDRESS)


CHANNEL = Channel("simulated", point="", opened=opened, atomic=True)
