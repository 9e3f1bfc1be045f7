"""The screens of a case: the customer's page, and the alternatives that were weighed."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tenor.platform.core.roles import Right
from tenor.platform.decisions.queries import (
    alternatives_of,
    decision_for,
    history_of,
    latest_decision,
)
from tenor.platform.decisions.queries.hand_over import (
    HandOverRoute,
    checklist_of,
    hand_over_for,
    hand_overs_of,
    invoices_named,
)
from tenor.platform.decisions.queries.permission import policy_for
from tenor.platform.decisions.reasons import REVIEW_REASONS
from tenor.platform.ledger.queries import customer_for, statements_of
from tenor.platform.replies.queries import consents_of
from tenor.platform.workbench.case.heat import heats_of
from tenor.platform.workbench.case.law import law_page
from tenor.platform.workbench.case.law_words import check_words
from tenor.platform.workbench.case.page import situation_page
from tenor.platform.workbench.case.timeline import timeline_of
from tenor.platform.workbench.case.words import ROUTES
from tenor.platform.workbench.offers.shown import offers_part
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
    policy = policy_for(request.organisation, "")
    context["way_channels"] = [channel.name for channel in policy.channels]
    context["way_tones"] = list(dict.fromkeys(t for c in policy.channels for t in c.tones))
    context |= law_page(request.actor, row)
    context |= offers_part(row, context["invoices"])
    context["consents"] = consents_of(row)
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


@screen(Right.SEE)
@require_GET
def hand_over(request: Request, key: str) -> HttpResponse:
    """Show the list that has to be met before a case leaves, and where somebody signs."""
    row = customer_for(request.actor, key)
    row.organisation = request.organisation
    route = request.GET.get("route", "")
    route = route if route in HandOverRoute.values else HandOverRoute.AGENCY
    every = invoices_named(row)
    asked = set(request.GET.getlist("invoices"))
    chosen = [invoice for invoice in every if invoice.key in asked] or every
    vouched = {name: request.GET.get(name) == "yes" for name in ("registered", "mandate")}
    checked = checklist_of(row, chosen, route=route, **vouched) if chosen else []
    context = {
        "customer": row,
        "route": route,
        "routes": ROUTES,
        "every": every,
        "chosen": {invoice.key for invoice in chosen},
        "amount": sum(invoice.balance for invoice in chosen),
        "currency": chosen[0].currency if chosen else "",
        "checked": [(check_words(one.code, one.text), one) for one in checked],
        "vouched": vouched,
        "missing": sum(not one.met for one in checked),
        "past": hand_overs_of(row),
        "decision": latest_decision(row),
    }
    return render(request, "workbench/case/hand_over.html", context)


@screen(Right.SEE)
@require_GET
def hand_over_file(request: Request, number: int) -> HttpResponse:
    """Give the file of a signed hand-over."""
    row = hand_over_for(request.actor, number)
    name = f"hand-over-{row.pk}.zip"
    return HttpResponse(
        bytes(row.file),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
