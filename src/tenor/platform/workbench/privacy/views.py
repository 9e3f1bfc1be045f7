"""The screens of requests: the list, one request, all that is held about a customer."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import formats
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tenor.platform.core import clock
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import Right
from tenor.platform.ledger.queries import customer_for
from tenor.platform.privacy import actions, queries
from tenor.platform.privacy.export import export as export_customer
from tenor.platform.privacy.words import RECORD_NAMES, kept_until
from tenor.platform.workbench.privacy.forms import AnswerForm, ExtendForm, RequestForm
from tenor.platform.workbench.privacy.shown import line_of
from tenor.platform.workbench.screens import Request, screen


@screen(Right.PRIVACY)
@require_GET
def show(request: Request) -> HttpResponse:
    """List the requests that wait, those that are due first at the top, or the answered ones."""
    answered = request.GET.get("only") == "answered"
    rows = queries.requests(request.organisation, answered=answered)
    context = {
        "rows": [line_of(due) for due in rows],
        "answered": answered,
        "overdue": queries.overdue_count(request.organisation),
    }
    return render(request, "workbench/privacy/list.html", context)


@screen(Right.PRIVACY)
@require_GET
def request_page(request: Request, number: int) -> HttpResponse:
    """Show a request: its term, what erasure would do, and how it can be answered."""
    return _request_page(request, number)


@screen(Right.PRIVACY)
@require_POST
def answer(request: Request, number: int) -> HttpResponse:
    """Answer a request."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _request_page(request, number, form)
    try:
        actions.answer(
            request.actor,
            request_id=number,
            granted=request.POST.get("granted") == "yes",
            words=form.cleaned_data["words"],
        )
    except Refused as error:
        form.refused(error)
        return _request_page(request, number, form)
    messages.success(request, _("Answered."))
    return redirect("workbench:privacy_request", request.organisation.slug, number)


@screen(Right.PRIVACY)
@require_POST
def extend(request: Request, number: int) -> HttpResponse:
    """Take the longer term."""
    try:
        actions.extend(request.actor, request_id=number, because=request.POST.get("because", ""))
        messages.success(request, _("The longer term holds. Tell the person why."))
    except Refused as error:
        messages.error(request, error.message)
    return redirect("workbench:privacy_request", request.organisation.slug, number)


@screen(Right.PRIVACY)
@require_POST
def erase(request: Request, number: int) -> HttpResponse:
    """Erase what nothing keeps."""
    try:
        row = actions.erase(request.actor, request_id=number)
        if row.state == "open":
            messages.success(request, _("Erasing has begun. You can leave this page; it goes on."))
        else:
            messages.success(request, _("Erased. What the law keeps goes by itself on its day."))
    except Refused as error:
        messages.error(request, error.message)
    return redirect("workbench:privacy_request", request.organisation.slug, number)


@screen(Right.PRIVACY)
@require_POST
def look_again(request: Request, number: int) -> HttpResponse:
    """Answer as the person who looked at a decision again."""
    _look(request, number)
    return redirect("workbench:privacy_request", request.organisation.slug, number)


@screen(Right.WORK)
@require_POST
def look_again_at_work(request: Request, number: int) -> HttpResponse:
    """Do the same from the worklist."""
    row = queries.request_for(request.actor, number)
    if not _look(request, number) and row.task_id is not None:
        return redirect("workbench:task", request.organisation.slug, row.task_id)
    return redirect("workbench:worklist", request.organisation.slug)


@screen(Right.PRIVACY)
@require_GET
def customer(request: Request, key: str) -> HttpResponse:
    """Show all that is held about a customer, how long, and what they asked."""
    return _customer_page(request, key, _new_form(request))


@screen(Right.PRIVACY)
@require_POST
def record(request: Request, key: str) -> HttpResponse:
    """Take a request in."""
    form = RequestForm(request.POST)
    row = _record(request, key, form)
    if row is None:
        return _customer_page(request, key, form, 422)
    return redirect("workbench:privacy_request", request.organisation.slug, row)


@screen(Right.WORK)
def note_request(request: Request, key: str) -> HttpResponse:
    """Take a request in while working on a case; compliance answers it."""
    found = customer_for(request.actor, key)
    form = RequestForm(request.POST) if request.method == "POST" else _new_form(request)
    if request.method == "POST" and _record(request, key, form) is not None:
        messages.success(request, _("Taken in. It is answered within the term of the law."))
        return redirect("workbench:customer", request.organisation.slug, key)
    context = {"customer": found, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "workbench/privacy/note.html", context, status=status)


@screen(Right.PRIVACY)
@require_POST
def export(request: Request, key: str) -> HttpResponse:
    """Hand over all that is held about a customer."""
    data = export_customer(request.actor, customer_key=key)
    response = HttpResponse(data, content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="personal-data.zip"'
    return response


def _request_page(request: Request, number: int, form: AnswerForm | None = None) -> HttpResponse:
    row = queries.request_for(request.actor, number)
    organisation = request.organisation
    today = clock.today(organisation)
    lines = row.outcome
    if row.kind == "erasure" and row.state == "open" and row.customer is not None:
        lines = [line.as_json() for line in queries.lines_of(organisation, row.customer)]
    context = {
        "row": row,
        "line": line_of(queries.due(row, today)),
        "erasing": queries.erasing_of(row),
        "lines": _in_order(lines),
        "form": form or AnswerForm(),
        "extend_form": ExtendForm(),
        "may_extend": row.answer_by < row.at_most and today <= row.answer_by,
        "may_look": queries.may_look_again(request.actor, row),
    }
    status = 422 if form is not None else 200
    return render(request, "workbench/privacy/request.html", context, status=status)


def _customer_page(
    request: Request, key: str, form: RequestForm, status: int = 200
) -> HttpResponse:
    found = customer_for(request.actor, key)
    lines = queries.lines_of(request.organisation, found)
    context = {
        "customer": found,
        "lines": _in_order([line.as_json() for line in lines]),
        "rows": [line_of(due) for due in queries.requests_of(request.organisation, found)],
        "form": form,
    }
    return render(request, "workbench/privacy/customer.html", context, status=status)


def _look(request: Request, number: int) -> bool:
    try:
        actions.look_again(
            request.actor,
            request_id=number,
            otherwise=request.POST.get("otherwise") == "yes",
            words=request.POST.get("words", ""),
        )
    except Refused as error:
        messages.error(request, error.message)
        return False
    messages.success(request, _("Answered."))
    return True


def _new_form(request: Request) -> RequestForm:
    return RequestForm(initial={"received_on": clock.today(request.organisation)})


def _record(request: Request, key: str, form: RequestForm) -> int | None:
    """Take the request of a form in; return its number, or nothing where it was refused."""
    if not form.is_valid():
        return None
    given = form.cleaned_data
    try:
        row = actions.record_request(
            request.actor,
            customer_key=key,
            kind=given["kind"],
            received_at=_received(request.organisation, given["received_on"]),
            through=given["through"],
            words=given["words"],
        )
    except Invalid as error:
        form.refused(error)
        return None
    return int(row.pk)


def _received(organisation: Organisation, day: date) -> datetime:
    """Return an instant of the day at the organisation's place, today's being now."""
    now = clock.now(organisation)
    if day == clock.today(organisation):
        return now
    return datetime.combine(day, time(12), clock.zone(organisation)).astimezone(UTC)


def _in_order(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return lines as they are shown: by kind of record, a person's own details first."""
    order = {record: at for at, record in enumerate(RECORD_NAMES)}
    return [_shown(line) for line in sorted(lines, key=lambda one: order[one["record"]])]


def _shown(line: dict[str, Any]) -> dict[str, Any]:
    until = date.fromisoformat(line["until"]) if line["until"] else None
    shown = formats.date_format(until, "j F Y") if until else ""
    return {
        **line,
        "name": RECORD_NAMES[line["record"]],
        "fate": _("erased") if line["erased"] else kept_until(until, shown),
    }
