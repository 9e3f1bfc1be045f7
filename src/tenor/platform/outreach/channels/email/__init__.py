"""E-mail: over the installation's mail server, an organisation's own, or a provider."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parseaddr

from django.conf import settings

from tenor.platform.core.models import Organisation
from tenor.platform.outreach.channels.contract import Channel, Send
from tenor.platform.outreach.channels.email import api, mailers, smtp
from tenor.platform.outreach.channels.email.message import keys_in, message_id
from tenor.platform.outreach.channels.provider import account_of

__all__ = ["CHANNEL", "NAME", "PROVIDERS", "keys_in", "message_id", "opened"]

NAME = "email"
PROVIDERS = (smtp.PROVIDER, *mailers.PROVIDERS)


@contextmanager
def opened(organisation: Organisation) -> Iterator[Send]:
    """Open what this organisation sends over; without an account, the installation's server."""
    account = account_of(organisation, NAME)
    sender = parseaddr(account.get("sender") if account else settings.DEFAULT_FROM_EMAIL)[1]
    if account is None or account.provider == smtp.NAME:
        line = smtp.opened(account, sender)
    else:
        line = api.opened(account, sender)
    with line as send:
        yield send


CHANNEL = Channel(
    NAME,
    point="email",
    opened=opened,
    can=frozenset({"html", "delivery", "replies", "stop"}),
)
