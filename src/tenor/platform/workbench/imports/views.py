"""The screens of an import, from the files to what came of them."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tenor.platform.connectors import actions, queries
from tenor.platform.connectors.targets import TABLE_NAMES
from tenor.platform.core.errors import Invalid
from tenor.platform.core.roles import Right
from tenor.platform.jobs import importing
from tenor.platform.workbench.screens import Request, screen


@screen(Right.IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: Request) -> HttpResponseBase:
    """List what was brought in, and take new files."""
    error = None
    if request.method == "POST":
        try:
            row = actions.take_files(request.actor, files=request.FILES.getlist("files"))
            return redirect("workbench:import", request.organisation.slug, row.pk)
        except Invalid as refused:
            error = refused.message
    context = {"imports": queries.imports(request.organisation), "error": error}
    return render(request, "workbench/imports/list.html", context, status=422 if error else 200)


@screen(Right.IMPORT)
@require_GET
def show(request: Request, number: int) -> HttpResponse:
    """Show where an import stands: its columns, its problems, or what came of it."""
    row = queries.import_for(request.actor, number)
    context = {"row": row, "tables": TABLE_NAMES}
    if row.state == row.State.UPLOADED:
        context |= {"files": queries.files_of(row), "zones": queries.zones()}
        return render(request, "workbench/imports/columns.html", context)
    if row.state == row.State.CHECKED:
        context |= {"problems": queries.problems_of(row), "previews": queries.previews_of(row)}
        return render(request, "workbench/imports/checked.html", context)
    context["progress"] = importing.progress_of(row)
    return render(request, "workbench/imports/done.html", context)


@screen(Right.IMPORT)
@require_POST
def columns(request: Request, number: int) -> HttpResponse:
    """Take what each column is, and read the files with it."""
    row = queries.import_for(request.actor, number)
    mapping = {
        table: {
            "file": part["file"],
            "columns": {
                column: request.POST.get(f"{table}:{at}", target)
                for at, (column, target) in enumerate(part["columns"].items())
            },
        }
        for table, part in row.mapping.items()
    }
    try:
        zone = request.POST.get("timezone", "")
        actions.match_columns(request.actor, number=number, mapping=mapping, timezone=zone)
        actions.check_import(request.actor, number=number)
    except Invalid as refused:
        messages.error(request, refused.message)
    return redirect("workbench:import", request.organisation.slug, number)


@screen(Right.IMPORT)
@require_POST
def table(request: Request, number: int) -> HttpResponse:
    """Say that a file is another table; or, without one, go back to the columns."""
    if request.POST.get("becomes"):
        actions.swap_table(
            request.actor,
            number=number,
            table=request.POST.get("table", ""),
            becomes=request.POST["becomes"],
        )
    else:
        row = queries.import_for(request.actor, number)
        actions.match_columns(request.actor, number=number, mapping=row.mapping)
    return redirect("workbench:import", request.organisation.slug, number)


@screen(Right.IMPORT)
@require_POST
def write(request: Request, number: int) -> HttpResponse:
    """Write what was checked; large imports go on in the background and can be left."""
    skip = request.POST.get("skip_bad_rows") == "1"
    importing.ask_to_write(request.actor, number=number, skip_bad_rows=skip)
    return redirect("workbench:import", request.organisation.slug, number)


@screen(Right.IMPORT)
@require_POST
def cancel(request: Request, number: int) -> HttpResponse:
    """Forget the files."""
    actions.cancel_import(request.actor, number=number)
    messages.success(request, _("The files are gone; nothing was written."))
    return redirect("workbench:imports", request.organisation.slug)


@screen(Right.IMPORT)
@require_GET
def problems(request: Request, number: int, table: str) -> HttpResponse:
    """Give the rows that cannot be used, as they were, each with what is wrong with it."""
    row = queries.import_for(request.actor, number)
    content = queries.bad_rows_csv(row, table)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{table}-not-usable.csv"'
    return response
