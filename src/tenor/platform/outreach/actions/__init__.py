"""What is done with messages and calls: plan, send, stop, resolve, and say how a case ended."""

from tenor.platform.outreach.actions.calls import Finished, finish
from tenor.platform.outreach.actions.messages import (
    Offer,
    cancel_messages,
    notify,
    plan_message,
    resolve_unclear,
    write,
)
from tenor.platform.outreach.actions.stops import open_sending, start_channel, stop_channel
from tenor.platform.outreach.actions.trials import send_test
from tenor.platform.outreach.foreign import tell_contacts
from tenor.platform.outreach.outcomes import Sent
from tenor.platform.outreach.sending import send_due
from tenor.platform.outreach.telling import tell_what_happened

__all__ = [
    "Finished",
    "Offer",
    "Sent",
    "cancel_messages",
    "finish",
    "notify",
    "open_sending",
    "plan_message",
    "resolve_unclear",
    "send_due",
    "send_test",
    "start_channel",
    "stop_channel",
    "tell_contacts",
    "tell_what_happened",
    "write",
]
