"""The bank's list of what waits, its files, and its statements."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tenor.platform.banking import actions, queries
from tenor.platform.banking.reading import refuse_large
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.jobs.bank import progress_of, take_in
from tenor.platform.ledger.queries import accounts
from tenor.platform.workbench.bank.shown import shown
from tenor.platform.workbench.bank.words import ASIDE, STATES, outcome, remark
from tenor.platform.workbench.lists import choices, pages
from tenor.platform.workbench.screens import Request, screen


@screen(Right.MONEY)
@require_http_methods(["GET", "HEAD", "POST"])
def bank(request: Request) -> HttpResponseBase:
    """List lines, those that wait first; take in files."""
    error, field = "", ""
    if request.method == "POST":
        try:
            return _taken(request)
        except Refused as refused:
            error, field = refused.message, getattr(refused, "field", "")
    asked = request.GET
    state = asked.get("only", "waiting") if asked.get("only") in STATES else "waiting"
    state = "" if asked.get("only") == "all" else state
    page = queries.lines(
        request.organisation, state=state, search=asked.get("q", "")[:200],
        after=asked.get("after", ""),
    )  # fmt: skip
    counts = queries.counts(request.organisation)
    tabs = choices(asked, "only", {k or "all": v for k, v in STATES.items()}, "waiting")
    tabs = [
        replace(tab, count=counts.get(name) if name else None)
        for tab, name in zip(tabs, STATES, strict=True)
    ]
    context = {
        "rows": shown(request.organisation, page.rows),
        "tabs": tabs, "asked": asked, "state": state,
        "waiting": queries.waiting_money(request.organisation),
        "files": queries.files(request.organisation, 5),
        "has_accounts": bool(accounts(request.organisation)),
        "error": error, "field": field, "asides": ASIDE,
        **pages(asked, page.next),
    }  # fmt: skip
    part = request.headers.get("HX-Target") == "list"
    template = "workbench/bank/rows.html" if part else "workbench/bank/bank.html"
    return render(request, template, context, status=422 if error else 200)


def _taken(request: Request) -> HttpResponse:
    """Take in what was given, and lead to what came of it."""
    files = request.FILES.getlist("files")
    if not files:
        raise Invalid(_("Choose at least one file."), field="files")
    for file in files:
        refuse_large(file.size or 0, file.name or "")
    given = [(file.name or "", file.read()) for file in files]
    accept = request.POST.get("accept_difference") == "1"
    taken = take_in(request.actor, given, accept_difference=accept)
    if len(taken) == 1:
        return redirect("workbench:bank_file", request.organisation.slug, taken[0].pk)
    said = ngettext("%(count)s file is taken in.", "%(count)s files are taken in.", len(taken)) % {
        "count": len(taken)
    }
    messages.success(request, said)
    return redirect("workbench:bank", request.organisation.slug)


@screen(Right.MONEY)
@require_POST
def look_again(request: Request) -> HttpResponse:
    """Look again at what waits: an invoice may have come meanwhile."""
    looked = actions.look_at_lines(request.actor)
    said = _("%(booked)s were booked now, %(waiting)s still wait.")
    messages.success(request, said % {"booked": looked.booked, "waiting": looked.waiting})
    return redirect("workbench:bank", request.organisation.slug)


@screen(Right.MONEY)
@require_GET
def file(request: Request, number: int) -> HttpResponse:
    """Show what came of a file, in words."""
    row = queries.file_for(request.actor, number)
    context = {
        "row": row,
        "outcome": outcome(queries.outcome_of(row)),
        "remarks": [remark(one) for one in row.remarks],
        "statements": queries.statements_of(row),
        "progress": {} if row.matched_at else progress_of(row),
    }
    return render(request, "workbench/bank/file.html", context)


@screen(Right.MONEY)
@require_GET
def statements(request: Request) -> HttpResponse:
    """List the latest statements and files."""
    context = {
        "statements": queries.statements(request.organisation),
        "files": queries.files(request.organisation, 50),
    }
    return render(request, "workbench/bank/statements.html", context)


@screen(Right.MONEY)
@require_GET
def statement(request: Request, number: int) -> HttpResponse:
    """Show a statement as an accountant reads it: opening, lines, closing."""
    asked = request.GET
    account = queries.statement_for(request.actor, number, after=asked.get("after", ""))
    context = {"account": account, "row": account.row, **pages(asked, account.next)}
    return render(request, "workbench/bank/statement.html", context)


@screen(Right.MONEY)
@require_GET
def statement_csv(request: Request, number: int) -> HttpResponseBase:
    """Give a statement with where each line went, as CSV."""
    queries.statement_for(request.actor, number)
    content = queries.statement_csv(request.actor, number)
    response = StreamingHttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="statement-{number}.csv"'
    return response
