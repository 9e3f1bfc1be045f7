"""The screen of offers: those that wait for somebody's word, and what became of those made."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tenor.platform.core import clock
from tenor.platform.core.roles import Right
from tenor.platform.offers import queries
from tenor.platform.workbench.offers.shown import KINDS, shown
from tenor.platform.workbench.screens import Request, screen

_YEAR = timedelta(days=365)


@screen(Right.SEE)
@require_safe
def offers(request: Request) -> HttpResponse:
    """Show what waits to be approved, and what a year's offers brought."""
    waiting = queries.waiting(request.actor) if request.actor.may(Right.APPROVE) else []
    since = clock.now(request.organisation) - _YEAR
    context = {
        "waiting": [shown(offer) for offer in waiting],
        "made": [(KINDS[row.kind], row) for row in queries.made_since(request.organisation, since)],
    }
    return render(request, "workbench/offers/offers.html", context)
