"""Which channels this installation can really use; `outreach.channels` holds their adapters."""

from collections.abc import Iterable
from dataclasses import replace

from tenor.engine.policy.policyfile import Policy
from tenor.platform.core.models import Organisation

# A test holds these equal to the folders of `outreach.channels`.
ADAPTERS = frozenset({"call", "email"})


def available_channels(organisation: Organisation, channels: Iterable[str]) -> tuple[str, ...]:
    """Return which of `channels` can be used: made-up people are reached by all of them."""
    if organisation.synthetic:
        return tuple(channels)
    return tuple(channel for channel in channels if channel in ADAPTERS)


def within_reach(organisation: Organisation, policy: Policy) -> Policy:
    """Return the rules without the channels that nothing here can send over."""
    usable = set(available_channels(organisation, [c.name for c in policy.channels]))
    if len(usable) == len(policy.channels):
        return policy
    return replace(policy, channels=tuple(c for c in policy.channels if c.name in usable))
