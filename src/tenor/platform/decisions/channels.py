"""Which channels an organisation can really use; `outreach.channels` holds their adapters."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from tenor.engine.policy.policyfile import Policy
from tenor.platform.core.models import Organisation

# A test holds these equal to the folders of `outreach.channels`.
ADAPTERS = frozenset({"call", "email", "letter", "push", "sms"})
# At which kinds of contact points a channel reaches people; the same test holds these equal.
POINTS: Mapping[str, tuple[str, ...]] = {
    "call": ("phone", "mobile"),
    "email": ("email",),
    "letter": ("postal",),
    "push": ("push",),
    "sms": ("mobile",),
}
Usable = Callable[[Organisation], frozenset[str]]
# Who knows which accounts are set up; they stand above this app.
_known_by: list[Usable] = []


def accounts_are_known_by(usable: Usable) -> None:
    """Let `usable` say over which channels an organisation can send."""
    _known_by[:] = [usable]


def available_channels(organisation: Organisation, channels: Iterable[str]) -> tuple[str, ...]:
    """Return which of `channels` can be used: made-up people are reached by all of them."""
    if organisation.synthetic:
        return tuple(channels)
    usable = _known_by[0](organisation) if _known_by else ADAPTERS
    return tuple(channel for channel in channels if channel in usable & ADAPTERS)


def within_reach(organisation: Organisation, policy: Policy) -> Policy:
    """Return the rules without the channels that nothing here can send over."""
    usable = set(available_channels(organisation, [c.name for c in policy.channels]))
    if len(usable) == len(policy.channels):
        return policy
    return replace(policy, channels=tuple(c for c in policy.channels if c.name in usable))
