"""The list of invoices, and the page of one."""

from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tenor.platform.core import clock
from tenor.platform.core.roles import Right
from tenor.platform.events.queries import listed
from tenor.platform.ledger.queries import (
    bookings_of,
    document_for,
    documents_of,
    invoice_for,
    invoices,
    situation,
)
from tenor.platform.outreach.queries import messages_of
from tenor.platform.workbench.case.words import DISPUTE_OUTCOMES, DISPUTE_REASONS, HOLD_REASONS
from tenor.platform.workbench.lists import choices, pages
from tenor.platform.workbench.reports.words import AGES
from tenor.platform.workbench.screens import Request, screen

ONLY = {
    "": _("All"),
    "open": _("Open"),
    "overdue": _("Overdue"),
    "disputed": _("Disputed"),
    "hold": _("On hold"),
    "promised": _("Promised"),
    "plan": _("Paying in parts"),
    "paid": _("Paid"),
    "closed": _("Closed"),
}
SORTS = {
    "newest": _("Newest first"),
    "overdue": _("Longest overdue"),
    "amount": _("Largest amount"),
}
# Of one invoice: what happened lately; all of it stands on the customer's page.
_EVENTS = 30
_DOWNLOAD = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
}


@screen(Right.SEE)
def show(request: Request) -> HttpResponse:
    """List invoices: found, filtered, in order, a page at a time."""
    asked = request.GET
    only = asked.get("only", "")
    page = invoices(
        request.organisation,
        search=asked.get("q", "")[:200],
        only=only,
        age=asked.get("age", ""),
        currency=asked.get("currency", ""),
        sort=asked.get("sort", ""),
        after=asked.get("after", ""),
    )
    usual = "newest" if only in ("", "paid", "closed") and not asked.get("age") else "overdue"
    context = {
        "page": page,
        "asked": asked,
        "age": AGES.get(asked.get("age", "")),
        "tabs": choices(asked, "only", ONLY),
        "orders": SORTS,
        "sort": asked.get("sort") or usual,
        **pages(asked, page.next),
    }
    part = request.headers.get("HX-Target") == "list"
    template = "workbench/invoices/rows.html" if part else "workbench/invoices/invoices.html"
    return render(request, template, context)


@screen(Right.SEE)
def invoice(request: Request, key: str) -> HttpResponse:
    """Show an invoice: what it asks, what was booked, what was agreed, what happened."""
    row = invoice_for(request.actor, key)
    row.customer.organisation = request.organisation
    stands = situation(row.customer)
    events, _more = listed(request.organisation, invoice_key=row.key, limit=_EVENTS)
    context = {
        "invoice": row,
        "days_overdue": (clock.today(request.organisation) - row.due_on).days,
        "lines": row.lines.all(),
        "document": documents_of([row]).get(row.pk),
        "bookings": bookings_of(row),
        "holds": [hold for hold in stands.holds if hold.invoice_id in (None, row.pk)],
        "dispute": next((d for d in stands.disputes if d.invoice_id == row.pk), None),
        "promises": [
            p for p in stands.promises if any(c.invoice_id == row.pk for c in p.covered.all())
        ],
        "plans": [p for p in stands.plans if any(c.invoice_id == row.pk for c in p.covered.all())],
        "events": events,
        "sent": [m for m in messages_of(row.customer) if row.key in m.invoice_keys],
        "hold_reasons": [code for code, _words in HOLD_REASONS],
        "dispute_reasons": [code for code, _words in DISPUTE_REASONS],
        "outcomes": [code for code, _words in DISPUTE_OUTCOMES],
        "may_book": request.actor.may(Right.MONEY),
        "may_work": request.actor.may(Right.WORK),
    }
    return render(request, "workbench/invoices/invoice.html", context)


@screen(Right.SEE)
@require_GET
def document(request: Request, number: int) -> FileResponse:
    """Hand out the PDF of an invoice, to be kept and not opened here."""
    row, path = document_for(request.actor, number)
    response = FileResponse(
        path.open("rb"), as_attachment=True, filename=row.name, content_type="application/pdf"
    )
    for name, value in _DOWNLOAD.items():
        response[name] = value
    # The installation's own policy allows more than a file from elsewhere may have.
    response._csp_exempt = True  # type: ignore[attr-defined]
    return response
