"""Messages to made-up people: nothing leaves, and the message says so.

They are rendered as the real channel renders them, and cost what they would cost there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from tenor.platform.core.models import Organisation
from tenor.platform.outreach.channels.contract import Channel, Parcel, Receipt, Send

# What stands where an address would.
ADDRESS = "simulated"


@contextmanager
def opened(organisation: Organisation, channel: Channel | None = None) -> Iterator[Send]:
    """Take parcels, and do nothing with them but what `channel` would make of them."""
    yield partial(_taken, organisation, channel)


def _taken(organisation: Organisation, channel: Channel | None, parcel: Parcel) -> Receipt:
    if channel is None:
        return Receipt(provider=ADDRESS)
    shown = channel.rendered(organisation, parcel)
    return Receipt(ADDRESS, charges=shown.charges, body=shown.body)


CHANNEL = Channel(ADDRESS, point="", opened=opened, atomic=True)


def stands_for(channel: Channel) -> Channel:
    """Return a channel that shows what `channel` would, and sends nothing."""

    @contextmanager
    def like(organisation: Organisation) -> Iterator[Send]:
        with opened(organisation, channel) as send:
            yield send

    return replace(channel, point="", opened=like, atomic=True)
