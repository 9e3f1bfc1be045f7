"""What every screen's template knows: the organisation, the person, the places they may go."""

import functools
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise as Text
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from tenor.platform.core import clock
from tenor.platform.core.access import memberships
from tenor.platform.core.actor import Actor
from tenor.platform.core.preferences import preferences_of
from tenor.platform.core.roles import Right


@dataclass(frozen=True)
class Place:
    """An entry of the navigation: the name of its route, its words, icon and the right it asks."""

    route: str
    name: "Text | str"
    icon: str
    right: Right
    key: str


@dataclass(frozen=True)
class Shown:
    """A place as the navigation of one screen shows it."""

    route: str
    name: "Text | str"
    icon: str
    key: str
    here: bool


THEMES = ("system", "light", "dark")
PLACES = (
    Place("today", pgettext_lazy("place", "Today"), "home", Right.SEE, "t"),
    Place("plan", pgettext_lazy("place", "Plan"), "calendar-event", Right.SEE, "p"),
    Place("worklist", pgettext_lazy("place", "Worklist"), "list-check", Right.WORK, "w"),
    Place("replies", _("Replies"), "message", Right.SEE, "y"),
    Place("customers", _("Customers"), "users", Right.SEE, "c"),
    Place("invoices", _("Invoices"), "file-invoice", Right.SEE, "i"),
    Place("letters", _("Letters"), "mail-opened", Right.SEE, "o"),
    Place("bank", pgettext_lazy("place", "Bank"), "building-bank", Right.MONEY, "k"),
    Place("rules", pgettext_lazy("place", "Rules"), "adjustments", Right.SEE, "r"),
    Place("messages", pgettext_lazy("place", "Messages"), "notes", Right.SEE, "d"),
    Place("learning", pgettext_lazy("place", "Learning"), "flask", Right.SEE, "n"),
    Place("law", pgettext_lazy("place", "Law"), "gavel", Right.SEE, "l"),
    Place("reports", _("Reports"), "chart-bar", Right.ANALYSE, "e"),
    Place("imports", _("Imports"), "database-import", Right.IMPORT, "m"),
    Place("audit", _("Audit log"), "history", Right.AUDIT, "a"),
    Place("privacy", pgettext_lazy("place", "Privacy"), "shield", Right.PRIVACY, "v"),
    Place("people", _("People"), "user", Right.ADMINISTER, "u"),
    Place("settings", _("Settings"), "settings", Right.SEE, "s"),
)


def workbench(request: HttpRequest) -> dict[str, Any]:
    """Return what the shell around a screen shows."""
    chosen = request.COOKIES.get("tenor_theme", "")
    known: dict[str, Any] = {
        "theme": chosen if chosen in THEMES else THEMES[0],
        "shell_words": _shell_words(),
    }
    actor = getattr(request, "actor", None)
    if actor is None:
        return known
    organisation = actor.organisation
    return known | {
        "organisation": organisation,
        "actor": actor,
        "now": clock.now(organisation),
        "places": _places(request, actor),
        "organisations": [m.organisation for m in memberships(actor.membership.user)],
        "searched": request.GET.get("q", "") if request.path.endswith("/search/") else "",
        "has_search": leads_somewhere("search"),
        "has_profile": leads_somewhere("profile"),
        "clock_route": "demo" if organisation.clock_at and leads_somewhere("demo") else "",
        "looks_only": preferences_of(organisation).read_only,
        # As a mapping: a template would call a class.
        "Right": {right.name: right for right in Right},
    }


@functools.cache
def leads_somewhere(route: str) -> bool:
    """Say whether there is a screen of this name: only what can be opened is shown."""
    try:
        reverse(f"workbench:{route}", args=["any"])
    except NoReverseMatch:
        return False
    return True


def places_of(actor: Actor) -> list[Place]:
    """List the places that the actor may go to."""
    return [place for place in PLACES if actor.may(place.right) and leads_somewhere(place.route)]


def _places(request: HttpRequest, actor: Actor) -> list[Shown]:
    slug, shown = actor.organisation.slug, []
    for place in places_of(actor):
        here = request.path.startswith(reverse(f"workbench:{place.route}", args=[slug]))
        shown.append(Shown(place.route, place.name, place.icon, place.key, here))
    return shown


def _shell_words() -> dict[str, str]:
    """Return what the shell's script says."""
    return {
        "failed": gettext("Something broke on our side. Nothing was half done; try again."),
        "forbidden": gettext("This was not done: load the page again, or ask an administrator."),
        "offline": gettext("There is no connection. What you asked for has not been done."),
        "copied": gettext("Copied."),
    }
