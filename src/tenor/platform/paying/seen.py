"""What may be seen of the account at which people pay: everything but its secrets."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from tenor.platform.core.errors import Refused
from tenor.platform.core.models import Organisation
from tenor.platform.paying.provider import Provider
from tenor.platform.paying.providers import account_of, keys_of, provider_of

# How the keys begin with which no real money moves.
_PRACTICE = ("test_", "sk_test_", "rk_test_")


@dataclass(frozen=True)
class Seen:
    """With whom people pay: nobody where they pay by transfer alone.

    `kept` names the secrets that are there; `hook` is the address at which news is told.
    """

    provider: Provider | None = None
    kept: frozenset[str] = frozenset()
    hook: str = ""
    practice: bool = False
    unreadable: bool = False
    since: datetime | None = None
    missing: tuple[str, ...] = ()


def account_seen(organisation: Organisation) -> Seen:
    """Return what may be seen of the account in use; made-up organisations have none."""
    account = None if organisation.synthetic else account_of(organisation)
    if account is None:
        return Seen()
    provider = provider_of(account)
    try:
        secrets, unreadable = keys_of(account).secrets, False
    except Refused:
        # Sealed with another key of the installation: they have to be entered again.
        secrets, unreadable = {}, True
    kept = frozenset(name for name, text in secrets.items() if text)
    return Seen(
        provider=provider,
        kept=kept,
        hook=f"{settings.PUBLIC_URL}/hooks/pay/{account.hook}/",
        practice=str(secrets.get("api_key", "")).startswith(_PRACTICE),
        unreadable=unreadable,
        since=account.created_at,
        missing=tuple(one.name for one in provider.fields if one.name not in kept),
    )


def can_be_told() -> bool:
    """Say whether a provider can reach this installation: only over https."""
    return str(settings.PUBLIC_URL).startswith("https://")
