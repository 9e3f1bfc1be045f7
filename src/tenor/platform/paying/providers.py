"""The payment providers: a folder each, behind the contract in `provider`."""

import secrets

from tenor.platform.core import sealed
from tenor.platform.core.models import Organisation
from tenor.platform.paying import madeup, mollie, stripe
from tenor.platform.paying.models import ProviderAccount
from tenor.platform.paying.provider import Keys, Provider

# Those that an organisation can choose.
CHOICES: dict[str, Provider] = {p.name: p for p in (mollie.PROVIDER, stripe.PROVIDER)}
_ALL: dict[str, Provider] = {**CHOICES, madeup.NAME: madeup.PROVIDER}


def provider_for(organisation: Organisation) -> Provider | None:
    """Return with whom people pay here: nobody where they pay by transfer alone."""
    if organisation.synthetic:
        return madeup.PROVIDER
    account = account_of(organisation)
    return provider_of(account) if account else None


def account_of(organisation: Organisation) -> ProviderAccount | None:
    """Return the account in use; made-up people pay at a made-up provider, and nowhere else."""
    rows = ProviderAccount.objects.of(organisation).filter(is_active=True)
    if organisation.synthetic:
        made_up, _new = ProviderAccount.objects.of(organisation).get_or_create(
            provider=madeup.NAME, defaults={"hook": new_hook()}
        )
        found: ProviderAccount = made_up
        return found
    account: ProviderAccount | None = rows.exclude(provider=madeup.NAME).first()
    return account


def provider_of(account: ProviderAccount) -> Provider:
    """Return the provider of an account."""
    return _ALL[account.provider]


def keys_of(account: ProviderAccount) -> Keys:
    """Return what the provider's code needs to speak for an account."""
    return Keys(settings=account.settings, secrets=sealed.opened(account.secrets))


def new_hook() -> str:
    """Return an address part that nobody can guess."""
    return secrets.token_urlsafe(24)
