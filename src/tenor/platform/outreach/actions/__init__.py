"""What is done with messages and calls: plan, send, stop, resolve, and say how a case ended."""

from tenor.platform.outreach.actions.calls import Finished, finish
from tenor.platform.outreach.actions.messages import (
    cancel_messages,
    plan_message,
    resolve_unclear,
)
from tenor.platform.outreach.outcomes import Sent
from tenor.platform.outreach.sending import send_due

__all__ = [
    "Finished",
    "Sent",
    "cancel_messages",
    "finish",
    "plan_message",
    "resolve_unclear",
    "send_due",
]
