"""What every screen's template knows: the organisation, the person, the places they may go."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise as Text
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tenor.platform.core import clock
from tenor.platform.core.access import memberships
from tenor.platform.core.roles import Right


@dataclass(frozen=True)
class Place:
    """An entry of the navigation: the name of its route, its words, icon and the right it asks."""

    route: str
    name: "Text | str"
    icon: str
    right: Right
    key: str


PLACES = (
    Place("today", pgettext_lazy("place", "Today"), "home", Right.SEE, "t"),
    Place("plan", pgettext_lazy("place", "Plan"), "calendar-event", Right.SEE, "p"),
    Place("worklist", pgettext_lazy("place", "Worklist"), "list-check", Right.WORK, "w"),
    Place("customers", _("Customers"), "users", Right.SEE, "c"),
    Place("invoices", _("Invoices"), "file-invoice", Right.SEE, "i"),
    Place("rules", pgettext_lazy("place", "Rules"), "adjustments", Right.SEE, "r"),
    Place("reports", _("Reports"), "chart-bar", Right.SEE, "e"),
    Place("imports", _("Imports"), "database-import", Right.IMPORT, "m"),
    Place("audit", _("Audit log"), "history", Right.AUDIT, "a"),
    Place("people", _("People"), "user", Right.ADMINISTER, "u"),
    Place("settings", _("Settings"), "settings", Right.SEE, "s"),
)


def workbench(request: HttpRequest) -> dict[str, Any]:
    """Return what the shell around a screen shows."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return {}
    organisation = actor.organisation
    return {
        "organisation": organisation,
        "actor": actor,
        "now": clock.now(organisation),
        "places": [place for place in PLACES if actor.may(place.right)],
        "organisations": [m.organisation for m in memberships(actor.membership.user)],
        "Right": Right,
    }
