"""Reads of messages: for the engine, of one customer, before they go out, and step by step."""

from tenor.platform.decisions.channels import available_channels
from tenor.platform.outreach.queries.contacts import contacts_frame
from tenor.platform.outreach.queries.funnel import Journey, funnel
from tenor.platform.outreach.queries.messages import (
    Outbox,
    channels_here,
    message_for,
    messages_of,
    outbox,
    preview_of,
    unclear_messages,
)

__all__ = [
    "Journey",
    "Outbox",
    "available_channels",
    "channels_here",
    "contacts_frame",
    "funnel",
    "message_for",
    "messages_of",
    "outbox",
    "preview_of",
    "unclear_messages",
]
