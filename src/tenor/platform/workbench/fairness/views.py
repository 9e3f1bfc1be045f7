"""The screen of fairness."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tenor.platform.core.preferences import change_preferences, preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.fairness import actions, queries
from tenor.platform.governance.queries import work_under_way
from tenor.platform.workbench.fairness import shown, words
from tenor.platform.workbench.learning.tabs import tabs
from tenor.platform.workbench.screens import Request, screen


@screen(Right.ANALYSE)
@require_safe
def fairness(request: Request) -> HttpResponse:
    """Show what the latest audit found, and what people said of it."""
    return _shown(request, queries.latest(request.organisation))


@screen(Right.ANALYSE)
@require_safe
def earlier(request: Request, number: int) -> HttpResponse:
    """Show an audit of before, or of a candidate."""
    return _shown(request, queries.audit_for(request.actor, number))


@screen(Right.ANALYSE)
@require_POST
def examine(request: Request) -> HttpResponseBase:
    """Have it examined now, in the background."""
    actions.request_audit(request.actor)
    messages.success(request, _("Examining has begun. Look again in a few minutes."))
    return redirect("workbench:fairness", request.organisation.slug)


@screen(Right.ANALYSE)
@require_POST
def price(request: Request) -> HttpResponseBase:
    """Have it worked out what judging by behaviour alone costs."""
    actions.request_price(request.actor)
    messages.success(request, _("Two predictors are being learned to compare. It takes a while."))
    return redirect("workbench:fairness", request.organisation.slug)


@screen(Right.PRIVACY)
@require_POST
def choose(request: Request) -> HttpResponseBase:
    """Choose by what else people are compared, and whether to judge by behaviour alone."""
    change_preferences(
        request.actor,
        fairness_groups=request.POST.getlist("groups"),
        behaviour_only=request.POST.get("behaviour_only") == "on",
    )
    messages.success(request, _("Kept. It counts from the next examination and learning on."))
    return redirect("workbench:fairness", request.organisation.slug)


@screen(Right.PRIVACY)
@require_POST
def answer(request: Request, number: int) -> HttpResponseBase:
    """Take an answer to a finding."""
    row = actions.answer_finding(
        request.actor, number=number, answer=request.POST.get("answer", ""),
        because=request.POST.get("because", ""),
    )  # fmt: skip
    messages.success(request, _("Kept, with your name and the day."))
    return redirect("workbench:fairness_audit", request.organisation.slug, row.audit_id)


def _shown(request: Request, audit: queries.FairnessAudit | None) -> HttpResponse:
    organisation, actor = request.organisation, request.actor
    compared = queries.compared(organisation)
    preferences = preferences_of(organisation)
    # Where two groups meet, and what stands for them, is for whoever answers for people's rights.
    closely = actor.may(Right.PRIVACY)
    context: dict[str, Any] = {
        "audit": audit,
        "audits": queries.audits(organisation),
        "tabs": tabs(request, "fairness"),
        "closely": closely,
        "protected": [(words.column(name), many) for name, many in compared.protected.items()],
        "choices": [(c, words.column(c), c in compared.named)
                    for c in sorted({*compared.named, *compared.others})],
        "behaviour_only": preferences.behaviour_only,
        "under_way": _waits(request, "fairness"),
        "pricing": _waits(request, "fairness_price"),
    }  # fmt: skip
    if audit is not None:
        said, meaning, icon = words.outcome(audit.passes)
        rows = queries.findings(audit)
        if not closely:
            rows = [row for row in rows if " & " not in row.key]
        context |= {
            "said": said,
            "meaning": meaning,
            "sign": icon,
            "facts": shown.facts(audit),
            "known": shown.known(audit),
            "findings": shown.answered(rows),
            "treatment": shown.treatment(audit, mixed=closely),
            "past": shown.past(audit, mixed=closely),
            "prevention": shown.prevention(audit),
            "price": shown.price(audit),
            "no_price": "why_not" in audit.figures.get("behaviour_only", {}),
            "telling": shown.telling(audit) if closely else None,
            "swaps": shown.swaps(audit) if closely else None,
        }
    return render(request, "workbench/fairness/fairness.html", context)


def _waits(request: Request, kind: str) -> bool:
    job = work_under_way(request.organisation, kind)
    return job is not None and job.state == job.State.WAITING
