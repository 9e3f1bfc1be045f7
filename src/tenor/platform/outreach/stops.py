"""What keeps messages in: the switch of the organisation, its settings, a channel that is off.

Asked in the transaction that claims each message, so that a switch works within seconds, also in
the middle of a long run: at most the one message that a worker has in hand still goes out.
"""

from django.db.models import Exists

from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.outreach.models import ChannelStop

PAUSED, READ_ONLY, EXECUTION_OFF = "paused", "read_only", "execution_off"
CHANNEL_STOPPED = "channel_stopped"


def closed(organisation: Organisation, channel: str = "") -> str:
    """Return why nothing may go out now, or nothing over `channel`; empty where sending is open."""
    stops = ChannelStop.objects.of(organisation).filter(channel=channel)
    row = Organisation.objects.annotate(stopped=Exists(stops)).get(pk=organisation.pk)
    if row.paused_at is not None:
        return PAUSED
    settings = preferences_of(row)
    if settings.read_only:
        return READ_ONLY
    if not settings.use_execution:
        return EXECUTION_OFF
    return CHANNEL_STOPPED if channel and row.stopped else ""


def stopped_channels(organisation: Organisation) -> frozenset[str]:
    """Return the channels that are switched off."""
    return frozenset(ChannelStop.objects.of(organisation).values_list("channel", flat=True))
