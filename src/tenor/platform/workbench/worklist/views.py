"""The screens of the worklist: the list, a case in hand, and how it ended."""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tenor.platform.core import clock
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.decisions import actions as decisions
from tenor.platform.decisions import queries
from tenor.platform.outreach import actions as outreach
from tenor.platform.outreach.queries import script_of
from tenor.platform.paying.refunds import refund_of
from tenor.platform.workbench.bank.words import HINTS
from tenor.platform.workbench.case.page import situation_page
from tenor.platform.workbench.screens import Request, screen
from tenor.platform.workbench.worklist.words import (
    KINDS,
    OPENINGS,
    SPOKEN,
    UNKNOWN,
    outcomes_of,
)


@screen(Right.WORK)
@require_GET
def worklist(request: Request) -> HttpResponse:
    """List one's own cases and those that are free, the most useful first."""
    kind = request.GET.get("kind", "")
    found = queries.worklist(
        request.actor,
        kind=kind if kind in KINDS else "",
        skill=request.GET.get("skill", ""),
        everything="all" in request.GET,
        after=request.GET.get("after", ""),
    )
    prefetch_related_objects([*found.mine, *found.free], "customer__exposures")
    following = request.GET.copy()
    following["after"] = found.after
    context = {
        "found": found,
        "kinds": KINDS,
        "kind": kind,
        "following": following.urlencode() if found.after else "",
        "total": sum(found.counts.values()),
    }
    return render(request, "workbench/worklist/list.html", context)


@screen(Right.WORK)
@require_POST
def next_case(request: Request) -> HttpResponse:
    """Take on the most useful case that is free."""
    task = decisions.claim_next(request.actor, kind=request.POST.get("kind", ""))
    if task is None:
        messages.success(request, _("Nothing waits for a person. Well done."))
        return redirect("workbench:worklist", request.organisation.slug)
    return redirect("workbench:task", request.organisation.slug, task.pk)


@screen(Right.WORK)
@require_GET
def task(request: Request, number: int) -> HttpResponse:
    """Show a case in hand: the situation, what to say, and the outcomes."""
    row = queries.task_for(request.actor, number)
    decision = row.decision
    context = {
        "task": row,
        "kind": KINDS.get(row.kind, UNKNOWN),
        "outcomes": outcomes_of(row.kind),
        "spoken": row.kind in SPOKEN,
        "said": script_of(row) if row.kind in SPOKEN else None,
        "opening": OPENINGS.get(decision.tone if decision else "", OPENINGS["neutral"]),
        "mine": row.claimed_by_id == request.actor.user_id,
        "capacity": queries.capacity_of(request.actor),
        "refund": refund_of(row),
        "hint": HINTS.get(row.facts.get("hint", ""), ""),
    } | situation_page(request.actor, row.customer)
    return render(request, "workbench/worklist/task.html", context)


@screen(Right.WORK)
@require_POST
def claim(request: Request, number: int) -> HttpResponse:
    """Take a case on."""
    decisions.claim(request.actor, task=number)
    return redirect("workbench:task", request.organisation.slug, number)


@screen(Right.WORK)
@require_POST
def give_back(request: Request, number: int) -> HttpResponse:
    """Let go of a case."""
    decisions.give_back(request.actor, task=number)
    messages.success(request, _("The case is free again."))
    return redirect("workbench:worklist", request.organisation.slug)


@screen(Right.WORK)
@require_POST
def finish(request: Request, number: int) -> HttpResponse:
    """Record how a case ended, and go on to the next."""
    row = queries.task_for(request.actor, number)
    form = request.POST
    try:
        outreach.finish(
            request.actor,
            task=row,
            outcome=form.get("outcome", ""),
            minutes=_minutes(form.get("minutes", "")),
            note=form.get("note", "")[:500],
            promised_on=_day(form.get("promised_on", "")),
            invoice_keys=[form["invoice_key"]] if _names_one(form) else None,
            dispute_reason=form.get("dispute_reason", "other"),
            call_at=_moment(request, form.get("call_at", "")),
        )
    except (Invalid, Refused) as refused:
        messages.error(request, refused.message)
        return redirect("workbench:task", request.organisation.slug, number)
    messages.success(request, _("Recorded: %(who)s.") % {"who": row.customer})
    if form.get("then") == "list":
        return redirect("workbench:worklist", request.organisation.slug)
    following = decisions.claim_next(request.actor, after=row)
    if following is None:
        return redirect("workbench:worklist", request.organisation.slug)
    return redirect("workbench:task", request.organisation.slug, following.pk)


def _names_one(form: QueryDict) -> bool:
    return form.get("outcome") == "dispute" and bool(form.get("invoice_key"))


def _moment(request: Request, text: str) -> datetime | None:
    """Return the instant of a day and hour at the organisation's place."""
    if not text:
        return None
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(_("Choose a day and an hour."), field="call_at") from None
    return local.replace(tzinfo=clock.zone(request.organisation)).astimezone(UTC)


def _minutes(text: str) -> Decimal | None:
    if not text.strip():
        return None
    try:
        minutes = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise Invalid(_("Say the minutes as a number."), field="minutes") from None
    if not 0 <= minutes <= 600:
        raise Invalid(_("Minutes are between 0 and 600."), field="minutes")
    return minutes


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(_("Choose a day."), field="promised_on") from None
