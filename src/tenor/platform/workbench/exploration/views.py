"""The screen of exploring."""

from datetime import timedelta

from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tenor.platform.core.clock import now
from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import Right
from tenor.platform.decisions import live
from tenor.platform.decisions.queries import exploration as asked
from tenor.platform.decisions.queries import latest_run
from tenor.platform.governance.switches import turned_off
from tenor.platform.workbench.exploration import shown
from tenor.platform.workbench.learning.tabs import tabs
from tenor.platform.workbench.screens import Request, screen

_HALF_A_YEAR = timedelta(days=182)
# What came of it changes with each plan, and takes a while for large organisations.
_KEPT_SECONDS = 3_600


@screen(Right.SEE)
@require_safe
def exploration(request: Request) -> HttpResponse:
    """Show the margin set, what exploring cost, what it taught, and with whom nothing is tried."""
    organisation = request.organisation
    policy = live.live_policy(organisation)
    latest = asked.latest(organisation)
    weeks = asked.weeks(organisation, (now(organisation) - _HALF_A_YEAR).date())
    taught = asked.taught(organisation)
    report = shown.report(
        policy,
        latest,
        weeks,
        _realised(organisation, policy.outcome_window_days),
        taught,
    )
    context = {
        "report": report,
        "nothing_yet": latest is None and not weeks and not taught,
        "off": "exploration" in turned_off(organisation),
        "share": policy.exploration.share,
        "may_change": request.actor.may(Right.RULES),
        "tabs": tabs(request, "exploration"),
    }
    return render(request, "workbench/exploration/exploration.html", context)


def _realised(organisation: Organisation, window: int) -> asked.Realised:
    run = latest_run(organisation)
    key = f"exploration:{organisation.pk}:{run.pk if run else 0}"
    found: asked.Realised | None = cache.get(key)
    if found is None:
        found = asked.realised(organisation, now(organisation), window)
        cache.set(key, found, _KEPT_SECONDS)
    return found
