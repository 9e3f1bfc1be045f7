"""What is changed about an organisation itself: its name, its place, whether it is paused."""

from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Forbidden, Invalid, Refused
from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import Right

# Whoever may let messages out may also stop them, and so may those who watch over the rules.
_MAY_PAUSE = (Right.APPROVE, Right.RULES_APPROVE, Right.ADMINISTER)
_FIELDS = ("name", "country", "language", "timezone", "currency")


def change_organisation(actor: Actor, **changes: str) -> Organisation:
    """Change the organisation's name, country, language, zone or currency."""
    actor.need(Right.ADMINISTER)
    for name, value in changes.items():
        _check(name, value.strip())
    with transaction.atomic():
        row = _locked(actor)
        before = {name: getattr(row, name) for name in changes}
        after = {name: value.strip() for name, value in changes.items()}
        if before != after:
            for name, value in after.items():
                setattr(row, name, value)
            row.save(update_fields=list(after))
            subject = f"organisation:{row.slug}"
            audit.record(actor, "organisation.change", subject, before=before, after=after)
    return _renewed(actor, row)


def may_pause(actor: Actor) -> bool:
    """Say whether the actor may stop everything, and let it go on."""
    return any(actor.may(right) for right in _MAY_PAUSE)


def pause(actor: Actor, *, because: str) -> Organisation:
    """Stop sending at once, whatever was approved; plans go on being made."""
    if not may_pause(actor):
        raise Forbidden(_("Your role does not include this. Ask an administrator."))
    if not because.strip():
        raise Invalid(_("Say why, so that a colleague understands it."), field="because")
    return _set_pause(actor, because.strip()[:300])


def resume(actor: Actor) -> Organisation:
    """Let sending go on."""
    if not may_pause(actor):
        raise Forbidden(_("Your role does not include this. Ask an administrator."))
    return _set_pause(actor, None)


def _set_pause(actor: Actor, because: str | None) -> Organisation:
    with transaction.atomic():
        row = _locked(actor)
        if because is not None and row.paused_at is not None:
            raise Refused(_("Everything is paused already."))
        if because is None and row.paused_at is None:
            raise Refused(_("Nothing is paused."))
        before: dict[str, Any] = {"paused_at": row.paused_at, "because": row.paused_because}
        row.paused_at = None if because is None else clock.now(row)
        row.paused_because = because or ""
        row.save(update_fields=["paused_at", "paused_because"])
        audit.record(
            actor,
            "organisation.resume" if because is None else "organisation.pause",
            f"organisation:{row.slug}",
            before=before,
            after={"paused_at": row.paused_at, "because": row.paused_because},
        )
    return _renewed(actor, row)


def _check(name: str, value: str) -> None:
    if name not in _FIELDS:
        raise Invalid(_("There is no setting %(name)s.") % {"name": name}, field=name)
    if name == "name" and not value:
        raise Invalid(_("The organisation has a name."), field=name)
    if name == "language" and value not in dict(settings.LANGUAGES):
        raise Invalid(_("Tenor does not speak this language."), field=name)
    if name == "timezone" and value not in available_timezones():
        raise Invalid(_("There is no such time zone, as in Europe/Amsterdam."), field=name)
    length = {"country": 2, "currency": 3}.get(name)
    if length and not (len(value) == length and value.isascii() and value.isalpha()):
        raise Invalid(_("Write it as its code: NL, EUR."), field=name)
    if length and value != value.upper():
        raise Invalid(_("Write it in capitals: NL, EUR."), field=name)


def _locked(actor: Actor) -> Organisation:
    return Organisation.objects.select_for_update().get(pk=actor.organisation.pk)


def _renewed(actor: Actor, row: Organisation) -> Organisation:
    """Bring what was changed to the row that the screen already holds."""
    for name in (*_FIELDS, "paused_at", "paused_because"):
        setattr(actor.organisation, name, getattr(row, name))
    return row
