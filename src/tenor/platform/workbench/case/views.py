"""The screens of a case: the customer's page, and the alternatives that were weighed."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tenor.platform.core.roles import Right
from tenor.platform.decisions.queries import alternatives_of, decision_for, history_of
from tenor.platform.decisions.reasons import REVIEW_REASONS
from tenor.platform.ledger.queries import customer_for, statements_of
from tenor.platform.workbench.case.heat import heats_of
from tenor.platform.workbench.case.page import situation_page
from tenor.platform.workbench.case.timeline import timeline_of
from tenor.platform.workbench.screens import Request, screen
from tenor.platform.workbench.templatetags.tenor import word


@screen(Right.SEE)
@require_GET
def customer(request: Request, key: str) -> HttpResponse:
    """Show a customer's case."""
    row = customer_for(request.actor, key)
    tab = request.GET.get("tab", "")
    context = situation_page(request.actor, row)
    context |= {"tab": tab, "review_reasons": REVIEW_REASONS.items()}
    if tab == "statement":
        context["statements"] = statements_of(row)
    elif tab == "decisions":
        context["history"] = history_of(row)
    else:
        context["timeline"] = timeline_of(row, word)
    return render(request, "workbench/case/customer.html", context)


@screen(Right.SEE)
@require_GET
def alternatives(request: Request, number: int) -> HttpResponse:
    """Show every contact that was weighed for a decision, a page or a part of one."""
    decision = decision_for(request.actor, number)
    found = alternatives_of(decision)
    tone = (
        request.GET.get("tone")
        or decision.tone
        or (found.best.tone if found and found.best else "")
    )
    context = {
        "decision": decision,
        "customer": decision.customer,
        "found": found,
        "tone": tone,
        "heats": heats_of(found, tone, request.organisation.currency) if found else [],
    }
    part = request.headers.get("HX-Request") == "true"
    template = "workbench/case/heat.html" if part else "workbench/case/alternatives.html"
    return render(request, template, context)
