"""The screen of health, and what people do on it: say what they found, fall back, come back."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from tenor.platform.core.preferences import change_preferences, preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.decisions.live import is_unreadable
from tenor.platform.governance.queries import live_predictor
from tenor.platform.governance.switches import switches
from tenor.platform.monitoring import actions, queries
from tenor.platform.workbench.health import panels, shown
from tenor.platform.workbench.learning.tabs import tabs
from tenor.platform.workbench.screens import Request, screen


@screen(Right.SEE)
@require_safe
def health(request: Request) -> HttpResponse:
    """Show what changed, since when and what to do; then each panel over time."""
    organisation, actor = request.organisation, request.actor
    readings = queries.readings(organisation)
    live = live_predictor(organisation)
    off = next((s for s in switches(organisation) if s.what == actions.PREDICTOR), None)
    parts = queries.parts_true(organisation, live.version) if live is not None else {}
    context = {
        "title": pgettext("learning", "Health"),
        "tabs": tabs(request, "health"),
        "day": queries.last_watched(organisation),
        "alarms": [shown.alarm(row) for row in queries.open_alarms(organisation)],
        "closed": [shown.alarm(row) for row in queries.closed_alarms(organisation, limit=10)],
        "facts": panels.freshness(readings),
        "panels": panels.panels(readings, parts) if readings else [],
        "can_tell": sum(row.state != "unknown" for row in readings),
        "cannot_tell": sum(row.state == "unknown" for row in readings),
        "off": off,
        "has_predictor": live is not None,
        "unreadable": is_unreadable(live),
        "may_brake": actor.may(Right.APPROVE) or actor.may(Right.RULES_APPROVE),
        "may_wish": actor.may(Right.ADMINISTER),
        "by_itself": preferences_of(organisation).fall_back_by_itself,
    }
    return render(request, "workbench/health/health.html", context)


@screen(Right.ANALYSE)
@require_POST
def acknowledge(request: Request, number: int) -> HttpResponseBase:
    """Keep what somebody found about an alarm."""
    actions.acknowledge(request.actor, alarm=number, note=request.POST.get("note", ""))
    return _done(request, _("Kept. The alarm closes by itself when it is over."))


@screen(Right.SEE)
@require_POST
def fall_back(request: Request) -> HttpResponseBase:
    """Leave everybody to the fixed ladder."""
    actions.fall_back(request.actor, because=request.POST.get("because", ""))
    return _done(request, _("The predictor is off: everybody is left to the fixed ladder."))


@screen(Right.SEE)
@require_POST
def come_back(request: Request) -> HttpResponseBase:
    """Let the predictor decide again."""
    actions.come_back(request.actor)
    return _done(request, _("The predictor decides again, from the next plan on."))


@screen(Right.ADMINISTER)
@require_POST
def wish(request: Request) -> HttpResponseBase:
    """Keep whether Tenor may fall back by itself."""
    by_itself = bool(request.POST.get("by_itself"))
    change_preferences(request.actor, fall_back_by_itself=by_itself)
    return _done(request, _("Saved."))


def _done(request: Request, text: str) -> HttpResponseBase:
    messages.success(request, text)
    return redirect("workbench:health", request.organisation.slug)
