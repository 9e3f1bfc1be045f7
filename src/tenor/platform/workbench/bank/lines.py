"""One line of a statement: book it, split it, set it aside, undo."""

from collections import defaultdict
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import formats
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tenor.platform.banking import actions, queries
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.workbench.bank.shown import Row, shown
from tenor.platform.workbench.bank.words import ASIDE
from tenor.platform.workbench.screens import Request, screen

_NOTHING = Decimal(0)
_SHARE, _CREDIT = "share:", "credit:"


@screen(Right.MONEY)
@require_http_methods(["GET", "HEAD", "POST"])
def line(request: Request, number: int) -> HttpResponseBase:
    """Show a line with all that may be done about it; book what was filled in."""
    error = ""
    typed = _typed(request)
    if request.method == "POST" and not request.POST.get("search"):
        try:
            parts = _parts(request, typed)
            row = actions.book_line(request.actor, number=number, parts=parts)
            messages.success(request, _("Booked. You can undo it on the page of the line."))
            return redirect("workbench:bank_line", request.organisation.slug, row.pk)
        except Refused as refused:
            error = refused.message
    found = queries.line_for(request.actor, number)
    [row_] = shown(request.organisation, [found])
    context = {
        "row": row_, "line": found, "error": error, "asides": ASIDE,
        "postings": queries.postings_of(found), "held": queries.held_by(found),
        **_choices(request, row_, typed),
    }  # fmt: skip
    return render(request, "workbench/bank/line.html", context, status=422 if error else 200)


@screen(Right.MONEY)
@require_POST
def propose(request: Request, number: int) -> HttpResponse:
    """Book a line as proposed: one click."""
    nth = request.POST.get("nth", "")
    try:
        place = int(nth) if nth.isascii() and nth.isdigit() and len(nth) < 4 else -1
        row = actions.book_proposal(request.actor, number=number, nth=place)
        said = _("Taken back.") if row.state == "returned" else _("Booked.")
        messages.success(request, said)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("workbench:bank_line", request.organisation.slug, number)
    return redirect("workbench:bank", request.organisation.slug)


@screen(Right.MONEY)
@require_POST
def aside(request: Request, number: int) -> HttpResponse:
    """Say that a line is not for the books of customers."""
    try:
        actions.set_line_aside(
            request.actor, number=number, aside_as=request.POST.get("aside_as", ""),
            note=request.POST.get("note", ""),
        )  # fmt: skip
        messages.success(request, _("Set aside. You find it under Set aside."))
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("workbench:bank_line", request.organisation.slug, number)
    return redirect("workbench:bank", request.organisation.slug)


@screen(Right.MONEY)
@require_POST
def undo(request: Request, number: int) -> HttpResponse:
    """Take back what was decided about a line."""
    try:
        reason = request.POST.get("reason", "")[:200]
        actions.undo_line(request.actor, number=number, reason=reason)
        messages.success(request, _("Undone. The line waits again; what it had paid is open."))
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("workbench:bank_line", request.organisation.slug, number)


def _typed(request: Request) -> dict[str, str]:
    return {
        name: str(text).strip()
        for name, text in request.POST.items()
        if name.startswith((_SHARE, _CREDIT)) and str(text).strip()
    }


def _choices(request: Request, row: Row, typed: dict[str, str]) -> dict[str, Any]:
    """Return the invoices and customers among which the line may be divided, with amounts."""
    if not row.waits or not row.line.is_credit or row.line.is_return:
        return {}
    query = request.POST.get("q", "").strip()[:200]
    customers = {c.key: c for p in row.proposals for c in p.found.customers}
    customers |= {c.key: c for c in queries.customers_found(request.organisation, query)}
    known = {name.removeprefix(_CREDIT) for name in typed if name.startswith(_CREDIT)}
    for key in known - set(customers):
        found = queries.customers_found(request.organisation, key)
        customers |= {c.key: c for c in found if c.key == key}
    invoices = {
        invoice.key: invoice
        for text in (query, *(n.removeprefix(_SHARE) for n in typed if n.startswith(_SHARE)))
        for invoice in queries.open_invoices_found(
            request.organisation, text, currency=row.line.currency,
            customer_keys=list(customers)[:5] if text == query else (),
        )
    }  # fmt: skip
    for invoice in invoices.values():
        customers.setdefault(invoice.customer.key, invoice.customer)
    if not typed and row.best is not None and request.method != "POST":
        typed = _of_best(row.best.found)
    return {
        "query": query,
        "invoices": [(one, typed.get(f"{_SHARE}{key}", "")) for key, one in invoices.items()],
        "customers": [(one, typed.get(f"{_CREDIT}{key}", "")) for key, one in customers.items()],
    }


def _of_best(best: Any) -> dict[str, str]:
    """Fill in the best proposal, so that a person changes only what is wrong."""
    if best.credit or best.discount or best.payment:
        return {}
    typed = {
        f"{_SHARE}{share.invoice.key}": _written(share.amount)
        for share in best.shares
        if share.invoice is not None
    }
    if best.left and best.customers:
        typed[f"{_CREDIT}{best.customers[0].key}"] = _written(best.left)
    return typed


def _parts(request: Request, typed: dict[str, str]) -> list[actions.Part]:
    """Turn what was filled in into parts: a customer each, with their invoices."""
    shares: dict[str, dict[str, Decimal]] = defaultdict(dict)
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for name, text in typed.items():
        amount = _amount(text)
        if name.startswith(_CREDIT):
            totals[name.removeprefix(_CREDIT)] += amount
        elif amount:
            key = name.removeprefix(_SHARE)
            customer = queries.owner_of(request.actor, key)
            shares[customer][key] = amount
            totals[customer] += amount
    return [
        actions.Part(customer, total, shares[customer])
        for customer, total in totals.items()
        if total
    ]


def _written(amount: Decimal) -> str:
    """Write an amount into a field as the reader does, without thousands."""
    return formats.number_format(amount, decimal_pos=2, force_grouping=False)


def _amount(text: str) -> Decimal:
    """Read an amount as people type it: 1.234,50 and 1,234.50; the last sign is the decimal one."""
    plain = text.replace(" ", "").replace("\u00a0", "")
    whole, sign, places = plain.rpartition(max(",", ".", key=plain.rfind))
    if sign:
        plain = f"{whole.replace(',', '').replace('.', '')}.{places}"
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < _NOTHING:
        raise Invalid(_("%(text)s is no amount.") % {"text": text}, field="amount")
    return amount
