"""Say which mailbox replies come to."""

import secrets
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit, sealed
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid
from tenor.platform.core.roles import Right
from tenor.platform.outreach.models import ChannelAccount
from tenor.platform.replies.models import Mailbox

# The account's place among those of channels: it only brings messages in.
INBOUND, IMAP = "inbound", "imap"
SECURITY = ("tls", "starttls", "none")
_PORTS = {"tls": 993, "starttls": 143, "none": 143}


def set_mailbox(
    actor: Actor, *, host: str, user: str, password: str = "", port: int | None = None,
    security: str = "tls", folder: str = "INBOX",
) -> ChannelAccount:  # fmt: skip
    """Read replies from this mailbox from now on; without a password the one that is kept stays."""
    actor.need(Right.ADMINISTER)
    settings = _checked(host=host, user=user, port=port, security=security, folder=folder)
    with transaction.atomic():
        rows = ChannelAccount.objects.of(actor.organisation)
        row = rows.filter(channel=INBOUND, provider=IMAP).order_by("-pk").first()
        if row is None and not password:
            raise Invalid(_("This is needed."), field="password")
        before = dict(row.settings) if row else None
        if row is None:
            row = rows.create(
                channel=INBOUND, provider=IMAP, settings=settings, is_active=True,
                hook=secrets.token_urlsafe(32), secrets=sealed.seal({"password": password}),
            )  # fmt: skip
        else:
            row.settings, row.is_active = settings, True
            if password:
                row.secrets = sealed.seal({"password": password})
            row.save()
        box, _new = Mailbox.objects.of(actor.organisation).get_or_create(account=row)
        if before is not None and before != settings:
            # Another mailbox has numbers of its own.
            box.validity = box.last_number = 0
        box.error = ""
        box.save()
        audit.record(actor, "mailbox.set", "mailbox", before=before, after=settings)
    made: ChannelAccount = row
    return made


def stop_mailbox(actor: Actor) -> None:
    """Read no mailbox any more; what was read stays."""
    actor.need(Right.ADMINISTER)
    with transaction.atomic():
        rows = ChannelAccount.objects.of(actor.organisation).filter(
            channel=INBOUND, provider=IMAP, is_active=True
        )
        if rows.update(is_active=False, secrets=""):
            audit.record(actor, "mailbox.stop", "mailbox")


def _checked(
    *, host: str, user: str, port: int | None, security: str, folder: str
) -> dict[str, Any]:
    for name, value in (("host", host), ("user", user), ("folder", folder)):
        if not value.strip() or len(value) > 200 or any(ord(c) < 32 for c in value):
            raise Invalid(_("This is needed."), field=name)
    if security not in SECURITY:
        raise Invalid(_("Choose how the line is kept secret."), field="security")
    if port is not None and not 0 < port < 65_536:
        raise Invalid(_("A port is a number from 1 to 65535."), field="port")
    return {
        "host": host.strip(), "user": user.strip(), "folder": folder.strip(),
        "security": security, "port": port or _PORTS[security],
    }  # fmt: skip
