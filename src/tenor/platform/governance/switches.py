"""Turn a part of learning off at once, and on again: the brake that asks nobody's approval."""

from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid
from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import Right
from tenor.platform.governance.models import Switch

What = Switch.What
LEARNING = What.LEARNING
Follow = Callable[[Organisation, str], object]
_LONGEST = 300
_followers: list[Follow] = []


def followed_by(follow: Follow) -> None:
    """Say what else is done when a part is turned off, in the same transaction.

    What is planned under it lives above this app.
    """
    if follow not in _followers:
        _followers.append(follow)


def turned_off(organisation: Organisation) -> frozenset[str]:
    """Return the parts of learning that are turned off, of `Switch.What`."""
    return frozenset(Switch.objects.of(organisation).values_list("what", flat=True))


def switches(organisation: Organisation) -> list[Switch]:
    """Return what is turned off, since when, by whom and why."""
    return list(Switch.objects.of(organisation))


def turn_off(actor: Actor, *, what: str, because: str) -> Switch:
    """Turn a part of learning off; from the next decision on it has no say. Twice is once.

    What is planned under it and has not gone out is taken back.
    """
    _need(actor, what)
    if not because.strip():
        raise Invalid(_("Say why, for those who find it turned off."), field="because")
    with transaction.atomic():
        switch, made = Switch.objects.of(actor.organisation).get_or_create(
            what=what,
            defaults={
                "off_since": clock.now(actor.organisation),
                "because": because.strip()[:_LONGEST],
                "by_id": actor.user_id,
                "by_name": actor.name,
            },
        )
        if made:
            audit.record(actor, "learning.turn_off", f"switch:{what}", after={"because": because})
            for follow in _followers:
                follow(actor.organisation, what)
    found: Switch = switch
    return found


def turn_on(actor: Actor, *, what: str) -> None:
    """Let a part of learning work again."""
    _need(actor, what)
    with transaction.atomic():
        gone, _rows = Switch.objects.of(actor.organisation).filter(what=what).delete()
        if gone:
            audit.record(actor, "learning.turn_on", f"switch:{what}")


def _need(actor: Actor, what: str) -> None:
    """Whoever drafts or approves may brake; nobody else."""
    if not actor.may(Right.APPROVE):
        actor.need(Right.RULES_APPROVE)
    if what not in What.values:
        raise Invalid(_("There is no such switch."), field="what")
