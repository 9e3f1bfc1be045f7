"""The screens of learning, in the order in which they are read; each shows all of them as tabs."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tenor.platform.core.roles import Right
from tenor.platform.workbench.context import leads_somewhere

# The name of a route, its words, and the right that its screen asks for.
TABS: tuple[tuple[str, str | Promise, Right], ...] = (
    ("health", pgettext_lazy("learning", "Health"), Right.SEE),
    ("experiments", _("Experiments"), Right.SEE),
    ("exploration", _("Exploration"), Right.SEE),
    ("judgement", _("People's judgement"), Right.SEE),
    ("releases", _("Releases"), Right.SEE),
    ("fairness", _("Fairness"), Right.ANALYSE),
    ("pool", pgettext_lazy("learning", "Pool"), Right.SEE),
)


def tabs(request: HttpRequest, here: str) -> list[dict[str, Any]]:
    """Return the tabs that this person may open, as `parts/tabs.html` takes them."""
    actor = request.actor  # type: ignore[attr-defined]
    slug = actor.organisation.slug
    return [
        {
            "name": name,
            "href": reverse(f"workbench:{route}", args=[slug]),
            "here": route == here,
            "count": "",
        }
        for route, name, right in TABS
        if leads_somewhere(route) and actor.may(right)
    ]
