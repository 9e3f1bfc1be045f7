"""What a provider of a channel needs to know, and the account that an organisation has with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise

from tenor.platform.core import sealed
from tenor.platform.core.models import Organisation
from tenor.platform.outreach.models import ChannelAccount

Words = str | Promise
# The name that goes with the password of a hook's address.
HOOK_USER = "tenor"


@dataclass(frozen=True)
class Field:
    """One thing to fill in for a provider.

    `kind` is text, secret (written, never shown again), email, number, switch, choice, host, url
    or sender (of text messages); `choices` go with choice: what is kept, and what a person reads.
    """

    name: str
    label: Words
    kind: str = "text"
    needed: bool = True
    default: str = ""
    hint: Words = ""
    choices: tuple[tuple[str, Words], ...] = ()

    @property
    def is_secret(self) -> bool:
        """Say whether it is kept sealed."""
        return self.kind == "secret"


@dataclass(frozen=True)
class Account:
    """An account with a provider, its secrets opened; for the channel's eyes only."""

    channel: str
    provider: str
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    hook: str = ""

    def get(self, name: str, default: str = "") -> str:
        """Return a setting or secret as a text; the default where it is not filled in."""
        return self.secrets.get(name) or self.settings.get(name) or default


# Tries an account without sending anything; returns what is wrong, "" where nothing is.
Check = Callable[[Account], str]


@dataclass(frozen=True)
class Provider:
    """Somebody who carries messages, as the settings show them.

    `hook` says what the provider does with our address for news: "sent" (we name it with each
    message), "entered" (a person enters it at the provider's), or "" (it tells nothing).
    `price` says in words what is charged for.
    """

    name: str
    title: str
    fields: tuple[Field, ...]
    check: Check
    can: frozenset[str] = field(default_factory=frozenset)
    hook: str = ""
    price: Words = ""


def opened_account(row: ChannelAccount) -> Account:
    """Return the row with its secrets opened."""
    texts = {name: _text(value) for name, value in row.settings.items()}
    secrets = {name: _text(value) for name, value in sealed.opened(row.secrets).items()}
    return Account(row.channel, row.provider, texts, secrets, row.hook)


def account_of(organisation: Organisation, channel: str) -> Account | None:
    """Return the account over which an organisation uses a channel; nothing where it has none."""
    rows = ChannelAccount.objects.of(organisation).filter(channel=channel, is_active=True)
    row = rows.first()
    return None if row is None else opened_account(row)


def account_of_hook(hook: str) -> tuple[Organisation, Account] | None:
    """Return whose account tells its news at this address; nothing where nobody's does.

    An account that is no longer used still tells what became of its last messages.
    """
    rows = ChannelAccount.across.filter(hook=hook).select_related("organisation")
    row = rows.first() if hook else None
    return None if row is None else (row.organisation, opened_account(row))


def hook_address(account: Account | ChannelAccount) -> str:
    """Return the address at which the provider tells what became of messages, and who answered."""
    return f"{settings.PUBLIC_URL}/hooks/{account.channel}/{account.provider}/{account.hook}/"


def hook_password(account: Account | ChannelAccount) -> str:
    """Return the password of an account's address; it is made, never kept."""
    return salted_hmac("tenor.hook", account.hook, algorithm="sha256").hexdigest()[:40]


def hook_with_password(account: Account | ChannelAccount) -> str:
    """Return the address as a provider is given it: with the name and password that open it."""
    parts = urlsplit(hook_address(account))
    place = f"{HOOK_USER}:{hook_password(account)}@{parts.netloc}"
    return urlunsplit(parts._replace(netloc=place))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return str(value)
