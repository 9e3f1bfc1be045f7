"""A decision's message as it would go out now, and a person's own words for it, looked over."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from tenor.platform.core.roles import Right
from tenor.platform.decisions import queries
from tenor.platform.outreach.queries import preview_of
from tenor.platform.wording.composing import CannotSay
from tenor.platform.wording.draft import FORMS, Draft, Form
from tenor.platform.wording.facts import language_for
from tenor.platform.workbench.framing import keep
from tenor.platform.workbench.messages.findings import of_own_words
from tenor.platform.workbench.messages.seen import cannot, seen
from tenor.platform.workbench.screens import Request, screen


@screen(Right.SEE)
@require_safe
def decided(request: Request, number: int) -> HttpResponse:
    """Show what a decision's message says: a part of the case and of the plan."""
    decision = queries.decision_for(request.actor, number)
    part = request.headers.get("HX-Request") == "true"
    frame = "workbench/messages/shown.html" if part else "workbench/messages/alone.html"
    return render(request, frame, {"decision": decision, **shown_of(request, decision)})


@screen(Right.APPROVE)
@require_POST
def own_words(request: Request, number: int) -> HttpResponse:
    """Look a person's own words over, and show the message with them; nothing is kept."""
    decision = queries.decision_for(request.actor, number)
    # Of the copy in hand only: it is never saved.
    decision.text = request.POST.get("text", "")[:5000]
    channel = request.POST.get("channel", "")
    decision.channel = channel if channel in FORMS else decision.channel
    decision.tone = request.POST.get("tone", "") or decision.tone
    language = language_for(decision.customer, request.organisation)
    form = FORMS.get(decision.channel, Form.LONG)
    context = {
        "checked": bool(decision.text.strip()),
        "findings": of_own_words(decision.text, language, form, request.organisation),
        **shown_of(request, decision),
    }
    return render(request, "workbench/messages/own_words.html", context)


def shown_of(request: Request, decision: Any) -> dict[str, Any]:
    """Return a decision's message as the templates show it."""
    try:
        draft = preview_of(decision)
    except CannotSay as error:
        return cannot(error)
    if draft is None:
        return {"nothing": True}
    return looks(request, draft, decision.channel, country=decision.customer.country)


def looks(request: Request, draft: Draft, channel: str, *, country: str) -> dict[str, Any]:
    """Return a composed message as the template `shown` takes it; its page is kept for a frame."""
    try:
        found = seen(request.organisation, draft, channel, country=country)
    except CannotSay as error:
        return cannot(error)
    return {
        "picture": found.picture,
        "way": channel,
        "subject": found.subject,
        "body": found.body,
        "counted": found.counted,
        "language": draft.language,
        "page": keep(request, found.html) if found.html else "",
    }
