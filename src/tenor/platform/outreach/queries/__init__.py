"""Reads of messages: for the engine, of one customer, and before they go out."""

from tenor.platform.decisions.channels import available_channels
from tenor.platform.outreach.queries.contacts import contacts_frame
from tenor.platform.outreach.queries.messages import (
    Outbox,
    channels_here,
    message_for,
    messages_found,
    messages_of,
    outbox,
    preview_of,
    unclear_messages,
)
from tenor.platform.outreach.queries.scripts import script_of

__all__ = [
    "Outbox",
    "available_channels",
    "channels_here",
    "contacts_frame",
    "message_for",
    "messages_found",
    "messages_of",
    "outbox",
    "preview_of",
    "script_of",
    "unclear_messages",
]
