"""The channels: a folder each, behind the contract in `contract`; a new one is a copied folder."""

from collections.abc import Mapping

from tenor.platform.core.models import Organisation
from tenor.platform.outreach.channels import call, email, letter, push, simulated, sms
from tenor.platform.outreach.channels.contract import Channel
from tenor.platform.outreach.channels.provider import Provider

CHANNELS: Mapping[str, Channel] = {
    channel.name: channel for channel in (email.CHANNEL, sms.CHANNEL, push.CHANNEL, letter.CHANNEL)
}
# What becomes a task for a person instead of a message.
BY_PEOPLE = frozenset({call.NAME})
# Who carries the messages of a channel, for those that somebody outside has to carry.
PROVIDERS: Mapping[str, tuple[Provider, ...]] = {
    email.NAME: email.PROVIDERS,
    sms.NAME: sms.PROVIDERS,
    push.NAME: push.PROVIDERS,
}


def channel_of(organisation: Organisation, name: str) -> Channel | None:
    """Return what hands messages over; made-up people get the same ones, and nothing leaves."""
    channel = CHANNELS.get(name)
    if not organisation.synthetic:
        return channel
    return simulated.CHANNEL if channel is None else simulated.stands_for(channel)


def provider_of(channel: str, name: str) -> Provider | None:
    """Return a provider of a channel by its name."""
    return next((one for one in PROVIDERS.get(channel, ()) if one.name == name), None)
