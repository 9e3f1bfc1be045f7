"""Set up with whom people pay, and take it away again."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit, sealed
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, NotFound, Refused
from tenor.platform.core.roles import Right
from tenor.platform.paying.models import ProviderAccount
from tenor.platform.paying.provider import Trouble
from tenor.platform.paying.providers import CHOICES, account_of, keys_of, new_hook, provider_of

_LONGEST = 300
# Answers that mean: not with this key.
_NOT_KNOWN = (401, 403)


def set_provider(
    actor: Actor,
    *,
    provider: str,
    given: Mapping[str, str],
    settings: Mapping[str, str] | None = None,
) -> ProviderAccount:
    """Let people pay at a provider from now on; a secret that is left empty stays as it was.

    Payments that were begun at another one are still followed there.
    """
    actor.need(Right.ADMINISTER)
    if actor.organisation.synthetic:
        raise Refused(_("Made-up people pay at a made-up provider."))
    chosen = CHOICES.get(provider)
    if chosen is None:
        raise Invalid(_("Choose a provider."), field="provider")
    with transaction.atomic():
        before = account_of(actor.organisation)
        same = before if before and before.provider == provider else None
        kept = _held(same) if same else {}
        for field in chosen.fields:
            text = str(given.get(field.name, "")).strip()
            if len(text) > _LONGEST:
                raise Invalid(_("This is too long."), field=field.name)
            if text:
                kept[field.name] = text
            elif field.needed and not kept.get(field.name):
                raise Invalid(_("Enter this, as the provider gives it."), field=field.name)
        if before and not same:
            before.is_active = False
            before.save(update_fields=["is_active"])
        account: ProviderAccount = same or ProviderAccount(
            organisation=actor.organisation, provider=provider, hook=new_hook()
        )
        account.secrets = sealed.seal(kept)
        if settings is not None:
            account.settings = dict(settings)
        account.save()
        audit.record(
            actor, "provider.set", f"provider:{provider}",
            before={"provider": before and before.provider},
            after={"provider": provider, "entered": sorted(k for k, v in given.items() if v)},
        )  # fmt: skip
    return account


def _held(account: ProviderAccount) -> dict[str, str]:
    """Return the secrets as they are; none where the installation can no longer read them."""
    try:
        return dict(keys_of(account).secrets)
    except Refused:
        return {}


def check_provider(actor: Actor) -> str:
    """Ask the provider something that changes nothing; return what is wrong, "" if it works."""
    actor.need(Right.ADMINISTER)
    account = None if actor.organisation.synthetic else account_of(actor.organisation)
    if account is None:
        raise NotFound(_("No provider is set up."))
    who = provider_of(account).title
    try:
        provider_of(account).check(keys_of(account))
    except Trouble as trouble:
        if trouble.status in _NOT_KNOWN:
            said = _("%(who)s does not accept this key. Copy it there again, and keep it here.")
        elif trouble.status or not trouble.again:
            said = _("%(who)s refused it, and says: %(why)s")
        else:
            said = _("%(who)s did not answer. Try again in a minute; nothing here was changed.")
        return said % {"who": who, "why": str(trouble)[:300]}
    return ""


def remove_provider(actor: Actor) -> None:
    """Let people pay by transfer alone; payments that were begun are still followed."""
    actor.need(Right.ADMINISTER)
    with transaction.atomic():
        account = account_of(actor.organisation)
        if account is None:
            return
        account.is_active = False
        account.save(update_fields=["is_active"])
        audit.record(
            actor, "provider.remove", f"provider:{account.provider}",
            before={"provider": account.provider},
        )  # fmt: skip
