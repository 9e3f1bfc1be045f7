"""The first screen: what needs me, how we are doing beside the fixed ladder, what happens next."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tenor.platform.core.clock import today as day_of
from tenor.platform.core.roles import Right
from tenor.platform.decisions import queries
from tenor.platform.decisions.actions import see_signal
from tenor.platform.outreach.queries.stops import stops_of
from tenor.platform.workbench.reports.kept import kept_of
from tenor.platform.workbench.screens import Request, screen
from tenor.platform.workbench.today import charts, figures, needs


@screen(Right.SEE)
@require_safe
def today(request: Request) -> HttpResponse:
    """Show the three questions of the day, in this order."""
    organisation = request.organisation
    run = queries.latest_run(organisation)
    kept = kept_of(run, request.GET.get("currency", ""), organisation.currency)
    context = {
        "run": run,
        "is_todays": run is not None and run.day == day_of(organisation),
        "stops": stops_of(organisation),
        "needs": needs.needs(request.actor, run),
        "signals": needs.signals_of(organisation),
        "remarks": needs.remarks(run),
        "kept": kept,
        "may_analyse": request.actor.may(Right.ANALYSE),
        "figures": figures.figures(kept),
        "cash": charts.cash(kept),
        "ageing": charts.ageing(organisation, kept.currency),
        "drivers": charts.drivers(kept),
    }
    return render(request, "workbench/today/today.html", context)


@screen(Right.SEE)
@require_POST
def seen(request: Request, number: int) -> HttpResponseBase:
    """Put a signal away."""
    see_signal(request.actor, signal=number)
    messages.success(request, _("Put away. It stays in the audit log."))
    return redirect("workbench:today", request.organisation.slug)
