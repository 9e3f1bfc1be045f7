"""Make, find and revoke the keys with which programs call the API."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit
from tenor.platform.core.actor import Actor
from tenor.platform.core.clock import real_now
from tenor.platform.core.errors import Invalid, NotFound
from tenor.platform.core.models import ApiKey
from tenor.platform.core.roles import Right, scopes

_PREFIX = 8
# How stale the day of last use may be: a write a call would cost more than the call.
_USED = timedelta(minutes=5)


def make_key(
    actor: Actor, *, name: str, wanted: list[str], expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """Make a key; return its row and the key itself, which cannot be had again."""
    actor.need(Right.ADMINISTER)
    unknown = sorted(set(wanted) - set(scopes()))
    if unknown:
        raise Invalid(_("There is no scope %(scope)s.") % {"scope": unknown[0]}, field="scopes")
    if not wanted:
        raise Invalid(_("Choose at least one scope."), field="scopes")
    if not name.strip():
        raise Invalid(_("Give the key a name, so that people know what uses it."), field="name")
    prefix, secret = secrets.token_hex(_PREFIX // 2), secrets.token_urlsafe(32)
    with transaction.atomic():
        key = ApiKey.objects.of(actor.organisation).create(
            name=name.strip(),
            prefix=prefix,
            digest=_digest(secret),
            scopes=sorted(wanted),
            created_by_id=actor.user_id,
            expires_at=expires_at,
        )
        after = {"name": key.name, "scopes": key.scopes, "expires_at": expires_at}
        audit.record(actor, "api_key.make", f"api_key:{prefix}", after=after)
    return key, f"tenor_{prefix}_{secret}"


def revoke_key(actor: Actor, *, prefix: str) -> None:
    """Make a key useless from now on."""
    actor.need(Right.ADMINISTER)
    with transaction.atomic():
        key = ApiKey.objects.of(actor.organisation).filter(prefix=prefix).first()
        if key is None:
            raise NotFound(_("There is no such key."))
        if key.revoked_at is None:
            key.revoked_at = real_now()
            key.save(update_fields=["revoked_at"])
            audit.record(actor, "api_key.revoke", f"api_key:{prefix}", before={"name": key.name})


def find_key(text: str) -> ApiKey | None:
    """Return the valid key that `text` is, or nothing."""
    parts = text.split("_", 2)
    if len(parts) != 3 or parts[0] != "tenor":
        return None
    # The organisation is what the key tells: there is none to name before it is found.
    key = ApiKey.across.select_related("organisation").filter(prefix=parts[1]).first()
    if key is None or not hmac.compare_digest(key.digest, _digest(parts[2])):
        return None
    now = real_now()
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        return None
    if key.last_used_at is None or now - key.last_used_at > _USED:
        ApiKey.across.filter(pk=key.pk).update(last_used_at=now)
    return key


def _digest(secret: str) -> str:
    """Return what is kept of a key: with its 256 bits of chance, a plain hash is safe."""
    return hashlib.sha256(secret.encode()).hexdigest()
