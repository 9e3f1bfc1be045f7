"""Channels that are switched off: since when, by whom and why."""

from tenor.platform.core.models import Organisation
from tenor.platform.outreach.models import ChannelStop


def stops_of(organisation: Organisation) -> list[ChannelStop]:
    """Return the channels over which nothing goes out, the latest stop first."""
    return list(ChannelStop.objects.of(organisation).order_by("-at", "channel"))
