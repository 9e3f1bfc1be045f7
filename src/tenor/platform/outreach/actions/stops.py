"""Switch a channel off at once, and on again; open sending where another system may still send."""

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Forbidden, Invalid, Refused
from tenor.platform.core.organisations import may_pause
from tenor.platform.core.preferences import Preferences, change_preferences, preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.outreach.models import ChannelStop

_LONGEST = 300


def stop_channel(actor: Actor, *, channel: str, because: str) -> ChannelStop:
    """Let nothing more go out over a channel; what is planned waits. Stopped twice, it is once."""
    _need_switch(actor)
    channel, because = channel.strip(), because.strip()
    if not channel:
        raise Invalid(_("Choose a channel."), field="channel")
    if not because or len(because) > _LONGEST:
        raise Invalid(_("Say in a few words why it stops."), field="because")
    with transaction.atomic():
        stop: ChannelStop
        stop, new = ChannelStop.objects.of(actor.organisation).get_or_create(
            channel=channel,
            defaults={
                "at": clock.now(actor.organisation), "because": because, "by": actor.name[:200]
            },
        )  # fmt: skip
        if new:
            audit.record(
                actor, "channel.stop", f"channel:{channel}",
                before={"stopped": False}, after={"stopped": True, "because": because},
            )  # fmt: skip
    return stop


def start_channel(actor: Actor, *, channel: str) -> bool:
    """Let messages go out over a channel again; say whether it was stopped."""
    _need_switch(actor)
    with transaction.atomic():
        stops = ChannelStop.objects.of(actor.organisation).filter(channel=channel)
        count, _each = stops.delete()
        if count:
            audit.record(
                actor, "channel.start", f"channel:{channel}",
                before={"stopped": True}, after={"stopped": False},
            )  # fmt: skip
    return count > 0


def open_sending(actor: Actor, *, other_system_is_off: bool) -> Preferences:
    """End the read-only time: from now on approved messages go out.

    Refused while nobody has said that the reminders of the other system are off: two systems that
    remind the same people are worse than one.
    """
    actor.need(Right.ADMINISTER)
    if not (other_system_is_off or preferences_of(actor.organisation).erp_reminders_off):
        raise Refused(
            _(
                "Say first that the reminders of your other system are off: customers would be "
                "reminded twice."
            )
        )
    return change_preferences(actor, read_only=False, erp_reminders_off=True)


def _need_switch(actor: Actor) -> None:
    """Refuse who may not stop everything either: the switch of one channel is the smaller one."""
    if not may_pause(actor):
        raise Forbidden(_("Your role does not include this. Ask an administrator."))
