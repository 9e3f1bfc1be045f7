"""The list of customers."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from tenor.platform.core.roles import Right
from tenor.platform.ledger.queries import customers
from tenor.platform.workbench.lists import choices, pages
from tenor.platform.workbench.screens import Request, screen

ONLY = {
    "": _("All"),
    "open": _("Owing"),
    "overdue": _("Overdue"),
    "disputed": _("Disputed"),
    "hold": _("On hold"),
    "promised": _("Promised"),
    "plan": _("Paying in parts"),
    "credit": _("With credit"),
}
SORTS = {"name": _("Name"), "amount": _("Largest amount"), "overdue": _("Longest overdue")}


@screen(Right.SEE)
def show(request: Request) -> HttpResponse:
    """List customers: found, filtered, in order, a page at a time."""
    asked = request.GET
    page = customers(
        request.organisation,
        search=asked.get("q", "")[:200],
        only=asked.get("only", ""),
        sort=asked.get("sort", ""),
        after=asked.get("after", ""),
    )
    context = {
        "page": page,
        "asked": asked,
        "tabs": choices(asked, "only", ONLY),
        "orders": SORTS,
        "sort": asked.get("sort") or "name",
        **pages(asked, page.next),
    }
    part = request.headers.get("HX-Target") == "list"
    template = "workbench/customers/rows.html" if part else "workbench/customers/customers.html"
    return render(request, template, context)
