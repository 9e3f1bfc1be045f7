"""The one place where a row of an organisation is looked up for somebody who asks for it."""

from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import NotFound
from tenor.platform.core.models import Membership, Organisation, User


def row_for(
    actor: Actor, table: type[Any], *, related: tuple[str, ...] = (), lock: bool = False, **by: Any
) -> Any:
    """Return the row of `table` in the actor's organisation, or refuse as if there were none.

    `lock` holds it until the transaction ends, so that two people cannot change it at once.
    """
    rows = table.objects.of(actor.organisation).select_related(*related)
    if lock:
        # Of this row alone: those it points at, the organisation first of all, stay everybody's.
        rows = rows.select_for_update(of=("self",))
    try:
        return rows.get(**by)
    except (table.DoesNotExist, ValueError, TypeError, OverflowError):
        raise NotFound(_("There is no such thing here.")) from None


def memberships(user: User) -> models.QuerySet[Membership]:
    """Return in which organisations somebody works, the names of these in order."""
    return (
        Membership.across.filter(user=user, is_active=True)
        .select_related("organisation", "user")
        .order_by("organisation__name")
    )


def membership_in(user: User, slug: str) -> Membership:
    """Return somebody's membership of the organisation called `slug`, or refuse."""
    found = memberships(user).filter(organisation__slug=slug).first()
    if found is None:
        raise NotFound(_("There is no such organisation for you."))
    return found


def organisation_called(slug: str) -> Organisation:
    """Return the organisation called `slug` (for commands on the machine itself)."""
    try:
        return Organisation.objects.get(slug=slug)
    except Organisation.DoesNotExist:
        known = ", ".join(Organisation.objects.values_list("slug", flat=True)) or "none yet"
        raise NotFound(f"There is no organisation {slug!r}. There are: {known}.") from None
