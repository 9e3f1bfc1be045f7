"""With whom an organisation sends: accounts at providers, their secrets, and what is missing.

Secrets go in and are used; nothing here gives them out again, and the audit log has their names.
"""

import re
import secrets as chance
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings as installation
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit, sealed
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, NotFound, Refused
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.events.outside import check_url
from tenor.platform.outreach.channels import BY_PEOPLE, CHANNELS, PROVIDERS, provider_of
from tenor.platform.outreach.channels.provider import (
    Field,
    Provider,
    account_of,
    hook_address,
    hook_with_password,
    opened_account,
)
from tenor.platform.outreach.channels.sms.numbers import read_sender
from tenor.platform.outreach.models import ChannelAccount

__all__ = [
    "Seen",
    "account_of",
    "accounts",
    "check_account",
    "hook_of",
    "remove_account",
    "set_account",
    "usable",
]

_MOST, _MOST_SECRET = 200, 4_000
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_YES = frozenset({True, "yes", "on", "true", "1"})
# These send without an account: over the installation's mail server, and to browsers directly.
_WITHOUT = frozenset({"email", "push"})
_ORDER = ("email", "sms", "push", "letter", "call")


@dataclass(frozen=True)
class Seen:
    """A channel as the settings show it.

    `settings` are what was filled in, without secrets; `secrets` names those that are kept.
    `hook` is the address for the provider's news, without the password that opens it. `missing`
    says what still has to be done before anything can go out, `advised` what would be better.
    """

    channel: str
    provider: Provider | None
    settings: Mapping[str, Any]
    secrets: frozenset[str]
    hook: str
    can: frozenset[str]
    missing: tuple[str, ...] = ()
    advised: tuple[str, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Say whether messages can go out over it."""
        return not self.missing


def accounts(organisation: Organisation) -> list[Seen]:
    """Return every channel that there is: with whom it is used, and what is missing."""
    rows = ChannelAccount.objects.of(organisation).filter(is_active=True)
    by_channel = {row.channel: row for row in rows}
    names = sorted({*CHANNELS, *BY_PEOPLE}, key=_ORDER.index)
    return [_seen(organisation, name, by_channel.get(name)) for name in names]


def usable(organisation: Organisation) -> frozenset[str]:
    """Return the channels over which this organisation can send, in one question."""
    rows = ChannelAccount.objects.of(organisation).filter(is_active=True)
    found = set(rows.values_list("channel", flat=True))
    always = {*CHANNELS, *BY_PEOPLE} - {*PROVIDERS} | {"email"}
    if installation.PUBLIC_URL.startswith("https://"):
        always.add("push")
    else:
        found.discard("push")
    return frozenset(always | found)


def set_account(
    actor: Actor, *, channel: str, provider: str, settings: Mapping[str, Any],
    secrets: Mapping[str, str] | None = None,
) -> ChannelAccount:  # fmt: skip
    """Use `provider` for `channel` from now on; a secret that is left empty stays as it was."""
    actor.need(Right.ADMINISTER)
    found = provider_of(channel, provider)
    if found is None:
        raise Invalid(_("There is no provider of this name."), field="provider")
    kept = _settings(actor.organisation, found, settings)
    rows = ChannelAccount.objects.of(actor.organisation)
    with transaction.atomic():
        row = rows.select_for_update().filter(channel=channel, provider=provider).first()
        row = row or ChannelAccount(
            organisation=actor.organisation, channel=channel, provider=provider,
            hook=chance.token_urlsafe(32),
        )  # fmt: skip
        before = dict(row.settings) if row.pk and row.is_active else None
        held, changed = _secrets(found, row, secrets or {})
        _check_together(found, kept, held)
        rows.filter(channel=channel).exclude(pk=row.pk).update(is_active=False)
        row.settings, row.secrets, row.is_active = kept, sealed.seal(held), True
        row.save()
        audit.record(
            actor, "channel_account.set", f"channel:{channel}", before=before,
            after={"provider": provider, **kept, "secrets_changed": sorted(changed)},
        )  # fmt: skip
    return row


def remove_account(actor: Actor, *, channel: str) -> None:
    """Use this channel's account no longer, and forget its secrets."""
    actor.need(Right.ADMINISTER)
    with transaction.atomic():
        row = _active(actor, channel)
        row.is_active, row.secrets = False, ""
        row.save(update_fields=["is_active", "secrets"])
        audit.record(
            actor, "channel_account.remove", f"channel:{channel}", before={"provider": row.provider}
        )


def check_account(actor: Actor, *, channel: str) -> str:
    """Try a channel's account without sending anything; return what is wrong, "" if it works."""
    actor.need(Right.ADMINISTER)
    row = _active(actor, channel)
    provider = provider_of(channel, row.provider)
    assert provider is not None
    return provider.check(opened_account(row))


def hook_of(actor: Actor, *, channel: str) -> str:
    """Return the address that is entered at the provider's, with the password that opens it."""
    actor.need(Right.ADMINISTER)
    return hook_with_password(_active(actor, channel))


def _active(actor: Actor, channel: str) -> ChannelAccount:
    rows = ChannelAccount.objects.of(actor.organisation)
    row: ChannelAccount | None = rows.filter(channel=channel, is_active=True).first()
    if row is None:
        raise NotFound(_("This channel has no account."))
    return row


def _secrets(
    provider: Provider, row: ChannelAccount, given: Mapping[str, str]
) -> tuple[dict[str, str], set[str]]:
    """Return the secrets as they are kept from now on, and which of them are new."""
    try:
        held = {name: str(value) for name, value in sealed.opened(row.secrets).items()}
    except Refused:
        held = {}
    changed: set[str] = set()
    for field in provider.fields:
        if not field.is_secret:
            continue
        value = str(given.get(field.name) or "").strip()
        if len(value) > _MOST_SECRET or "\0" in value:
            raise Invalid(_("This is too long."), field=field.name)
        if value and value != held.get(field.name):
            held[field.name] = value
            changed.add(field.name)
        if field.needed and not held.get(field.name):
            raise Invalid(_("Fill this in."), field=field.name)
    return held, changed


def _settings(
    organisation: Organisation, provider: Provider, given: Mapping[str, Any]
) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for field in provider.fields:
        if not field.is_secret:
            kept[field.name] = _checked(organisation, field, given.get(field.name))
    unknown = sorted(set(given) - {field.name for field in provider.fields})
    if unknown:
        raise Invalid(_("There is no setting %(name)s.") % {"name": unknown[0]}, field=unknown[0])
    return kept


def _checked(organisation: Organisation, field: Field, value: Any) -> Any:
    if field.kind == "switch":
        return (value if value is not None else field.default) in _YES
    text = str(value if value is not None else "").strip() or field.default
    if not text:
        if field.needed:
            raise Invalid(_("Fill this in."), field=field.name)
        return ""
    if len(text) > _MOST or not text.isprintable():
        raise Invalid(_("This is too long."), field=field.name)
    check = _KINDS.get(field.kind)
    return check(organisation, field, text) if check else text


def _email(organisation: Organisation, field: Field, text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise Invalid(_("This is no e-mail address."), field=field.name) from None
    return text


def _port(organisation: Organisation, field: Field, text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) < 65_536:
        raise Invalid(_("This is no port number."), field=field.name)
    return int(text)


def _choice(organisation: Organisation, field: Field, text: str) -> str:
    if text not in {name for name, _words in field.choices}:
        raise Invalid(_("Choose one of the list."), field=field.name)
    return text


def _host(organisation: Organisation, field: Field, text: str) -> str:
    if not _HOST.fullmatch(text):
        raise Invalid(_("This is no name of a server."), field=field.name)
    return _outside(field, text, f"https://{text}/")


def _url(organisation: Organisation, field: Field, text: str) -> str:
    return _outside(field, text, text)


def _outside(field: Field, text: str, url: str) -> str:
    """Return what was given where it does not lead into this installation's own network."""
    try:
        check_url(url, private=installation.WEBHOOKS_TO_PRIVATE)
    except Invalid as error:
        raise Invalid(error.message, field=field.name) from None
    return text


def _sender(organisation: Organisation, field: Field, text: str) -> str:
    found = read_sender(text, organisation.country)
    if not found:
        raise Invalid(
            _("Give a telephone number, or a name of at most 11 letters and figures."),
            field=field.name,
        )
    return found


_KINDS = {
    "email": _email, "number": _port, "choice": _choice, "host": _host, "url": _url,
    "sender": _sender,
}  # fmt: skip


def _check_together(provider: Provider, kept: Mapping[str, Any], held: Mapping[str, str]) -> None:
    """Refuse what only shows in more than one field."""
    if provider.name == "smtp" and held.get("password") and kept["security"] == "none":
        raise Invalid(
            _("A password goes over an encrypted line only: choose STARTTLS or TLS."),
            field="security",
        )


def _seen(organisation: Organisation, name: str, row: ChannelAccount | None) -> Seen:
    provider = provider_of(name, row.provider) if row else None
    lost = False
    kept: frozenset[str] = frozenset()
    if row is not None:
        try:
            kept = frozenset(key for key, value in sealed.opened(row.secrets).items() if value)
        except Refused:
            lost = True
    missing = _missing(organisation, name, row)
    if lost:
        missing.append(_("Its secrets were kept under another TENOR_SECRET_KEY: enter them again."))
    channel = CHANNELS.get(name)
    return Seen(
        channel=name,
        provider=provider,
        settings=dict(row.settings) if row else {},
        secrets=kept,
        hook=hook_address(row) if row and provider and provider.hook else "",
        can=provider.can if provider else channel.can if channel else frozenset(),
        missing=tuple(missing),
        advised=tuple(_advised(organisation, name, row)),
    )


def _missing(organisation: Organisation, name: str, row: ChannelAccount | None) -> list[str]:
    if name == "push":
        if installation.PUBLIC_URL.startswith("https://"):
            return []
        return [_("Browsers allow notifications over HTTPS only: TENOR_URL has to begin with it.")]
    if row is None and name in PROVIDERS and name not in _WITHOUT:
        return [_("An account with a provider.")]
    if row is None and name == "email" and "filebased" in installation.EMAIL_BACKEND:
        return [_("A mail server: until then, e-mail is kept as files and none leaves.")]
    if name == "letter" and not preferences_of(organisation).postal_address:
        return [_("The postal address of your organisation.")]
    return []


def _advised(organisation: Organisation, name: str, row: ChannelAccount | None) -> list[str]:
    settings = preferences_of(organisation)
    if name == "email" and not settings.reply_email:
        return [_("An address for answers, so that readers can reply.")]
    if name == "sms" and row is not None and not row.settings.get("replies"):
        return [_("A number that can be answered, so that readers can write STOP.")]
    return []
