"""Move a demonstration's clock on, and see how far it is."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tenor.platform.core.errors import Invalid, NotFound
from tenor.platform.core.roles import Right
from tenor.platform.decisions.queries import latest_run, plan_summary
from tenor.platform.demo import actions, queries
from tenor.platform.workbench.screens import Request, screen


@screen(Right.SEE)
@require_GET
def demo(request: Request) -> HttpResponse:
    """Show the day of the made-up world, and what moving it on does."""
    if not request.organisation.synthetic:
        raise NotFound(_("Only a made-up organisation has a clock that can be moved."))
    run = latest_run(request.organisation)
    summary = plan_summary(run) if run else None
    context = {
        "waiting": _count(summary, "waiting"),
        "approved": _count(summary, "approved"),
        "may_approve": request.actor.may(Right.APPROVE),
        **_progress(request),
    }
    return render(request, "workbench/demo/clock.html", context)


@screen(Right.SEE)
@require_POST
def next_day(request: Request) -> HttpResponseBase:
    """Begin to move the clock on, by a day or by several."""
    try:
        days = int(request.POST.get("days", "1"))
    except ValueError:
        raise Invalid(_("One to seven days at a time."), field="days") from None
    actions.next_day(request.actor, days=days, approve="approve" in request.POST)
    return redirect("workbench:demo", request.organisation.slug)


@screen(Right.SEE)
@require_GET
def progress(request: Request) -> HttpResponse:
    """Show how far the day is: the part of the page that asks again while it goes on."""
    context = _progress(request)
    response = render(request, "workbench/demo/moving.html", context)
    if context["job"] is None:
        response["HX-Refresh"] = "true"
    return response


def _progress(request: Request) -> dict[str, Any]:
    job = queries.under_way(request.organisation)
    last = queries.last_try(request.organisation)
    said = job.progress if job else {}
    steps = {
        "send": _("What was approved goes out"),
        "live": _("The payers open, pay, promise, object"),
        "facts": _("What they did comes in"),
        "plan": _("The next day is planned"),
    }
    done, of = said.get("done", 0), said.get("of", 0)
    return {
        "job": job,
        "done": round(100 * done / of) if of else 0,
        "step": steps.get(said.get("text", ""), _("Waiting for the worker")),
        "failed": last is not None and last.state == "failed",
    }


def _count(summary: Any, what: str) -> int:
    """Count over all groups of a plan that can be approved."""
    if summary is None:
        return 0
    return sum(getattr(g, what) for g in (summary.total, summary.person, summary.hand_over))
