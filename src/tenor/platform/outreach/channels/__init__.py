"""The channels: a folder each, behind the contract in `contract`; a new one is a copied folder."""

from tenor.platform.core.models import Organisation
from tenor.platform.outreach.channels import call, email, simulated
from tenor.platform.outreach.channels.contract import Channel

CHANNELS: dict[str, Channel] = {"email": email.CHANNEL}
# What becomes a task for a person instead of a message.
BY_PEOPLE = frozenset({call.NAME})


def channel_of(organisation: Organisation, name: str) -> Channel | None:
    """Return what hands messages over; made-up people have one of their own, whatever the name."""
    return simulated.CHANNEL if organisation.synthetic else CHANNELS.get(name)
