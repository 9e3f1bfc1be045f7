"""The screen of people's judgement."""

from datetime import timedelta

from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tenor.platform.core.clock import now, today
from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import Right
from tenor.platform.decisions import live
from tenor.platform.decisions.judgement.afterwards import (
    Afterwards,
    Kept,
    afterwards,
    what_came,
)
from tenor.platform.decisions.judgement.changes import changes, flags
from tenor.platform.decisions.queries import latest_run, plan_summary
from tenor.platform.decisions.queries.labels import agreement
from tenor.platform.workbench.judgement import shown
from tenor.platform.workbench.learning.tabs import tabs
from tenor.platform.workbench.screens import Request, screen

_YEAR = timedelta(days=365)
# What became of decisions changes with each plan, and takes a while for large organisations.
_KEPT_SECONDS = 3_600


@screen(Right.SEE)
@require_safe
def judgement(request: Request) -> HttpResponse:
    """Show what people said of decisions, who was right afterwards, and what was learned."""
    organisation = request.organisation
    since = now(organisation) - _YEAR
    said = agreement(organisation, since)
    counted = changes(organisation, since)
    fair, came = _afterwards(organisation)
    model = live.live_model(organisation)
    report = shown.report(said, counted, fair, came, model)
    context = {
        "report": report,
        "said": said.said,
        "fair": shown.sentence(fair),
        "flags": [shown.flagged(flag, model) for flag in flags(organisation)],
        "waiting": _waiting(request),
        "tabs": tabs(request, "judgement"),
    }
    return render(request, "workbench/judgement/judgement.html", context)


def _waiting(request: Request) -> int:
    """Return how many decisions of today's plan wait for the look of whoever may approve."""
    run = latest_run(request.organisation) if request.actor.may(Right.APPROVE) else None
    if run is None or run.day != today(request.organisation):
        return 0
    return plan_summary(run).person.waiting


def _afterwards(organisation: Organisation) -> tuple[Afterwards, list[Kept]]:
    run = latest_run(organisation)
    key = f"judgement:{organisation.pk}:{run.pk if run else 0}"
    found = cache.get(key)
    if found is None:
        window = live.live_policy(organisation).outcome_window_days
        at = now(organisation)
        found = (afterwards(organisation, at, window), list(what_came(organisation, at, window)))
        cache.set(key, found, _KEPT_SECONDS)
    known: tuple[Afterwards, list[Kept]] = found
    return known
