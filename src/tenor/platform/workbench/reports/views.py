"""The screens of reports: a page a question, and each table as a file."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tenor.platform.core.errors import NotFound
from tenor.platform.core.roles import Right
from tenor.platform.decisions.queries import latest_run
from tenor.platform.workbench.reports import pages
from tenor.platform.workbench.reports.kept import Kept, kept_of
from tenor.platform.workbench.reports.tables import Report
from tenor.platform.workbench.screens import Request, screen


@screen(Right.ANALYSE)
@require_safe
def reports(request: Request) -> HttpResponse:
    """Begin with the money."""
    return redirect("workbench:report", request.organisation.slug, next(iter(pages.PAGES)))


@screen(Right.ANALYSE)
@require_safe
def report(request: Request, name: str) -> HttpResponse:
    """Show one report."""
    kept, found = _found(request, name)
    tabs = [
        {"key": key, "name": page.title, "here": key == name} for key, page in pages.PAGES.items()
    ]
    context = {"kept": kept, "report": found, "tabs": tabs}
    return render(request, "workbench/reports/report.html", context)


@screen(Right.ANALYSE)
@require_safe
def download(request: Request, name: str, table: str) -> HttpResponse:
    """Give one table of a report as CSV."""
    kept, found = _found(request, name)
    block = next((b for b in found.blocks if b.key == table and b.table), None)
    if block is None or block.table is None:
        raise NotFound(_("There is no such table."))
    day = kept.run.day.isoformat() if kept.run else "none"
    made_up = "-synthetic" if request.organisation.synthetic else ""
    file = f"{slugify(request.organisation.slug)}-{name}-{table}-{day}{made_up}.csv"
    response = HttpResponse(block.table.as_csv(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file}"'
    return response


def _found(request: Request, name: str) -> tuple[Kept, Report]:
    organisation = request.organisation
    if name not in pages.PAGES:
        raise NotFound(_("There is no such report."))
    kept = kept_of(latest_run(organisation), request.GET.get("currency", ""), organisation.currency)
    return kept, pages.PAGES[name].make(organisation, kept)
