"""Search of everything: a few of each kind as one types, more on a page of its own."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import Right
from tenor.platform.ledger.queries import customers, invoices, payments_found
from tenor.platform.outreach.queries import messages_found
from tenor.platform.workbench.context import places_of
from tenor.platform.workbench.screens import Request, screen

# As one types, and on the page.
_FEW, _MORE = 5, 25
# Shorter says too little to look in every name.
_SHORTEST = 2


@dataclass(frozen=True)
class Found:
    """One thing that was found, and where it stands."""

    icon: str
    title: str
    address: str
    more: str = ""
    amount: Any = None
    currency: str = ""


@dataclass(frozen=True)
class Group:
    """What was found of one kind; `address` leads to all of it, where there is such a list."""

    name: str
    found: list[Found] = field(default_factory=list)
    address: str = ""


@screen(Right.SEE)
def search(request: Request) -> HttpResponse:
    """Show what was found: a list under the field as one types, or a page."""
    text = request.GET.get("q", "").strip()[:200]
    part = request.headers.get("HX-Target") == "found"
    groups = _groups(request, text, _FEW if part else _MORE) if len(text) >= _SHORTEST else []
    if part:
        return render(request, "workbench/search/found.html", {"groups": groups, "text": text})
    only = [one for group in groups for one in group.found]
    if len(only) == 1:
        return redirect(only[0].address)
    context = {"groups": groups, "text": text}
    return render(request, "workbench/search/search.html", context)


def _groups(request: Request, text: str, limit: int) -> list[Group]:
    organisation = request.organisation
    groups = [
        _places(request, text),
        _customers(organisation, text, limit),
        _invoices(organisation, text, limit),
        _payments(organisation, text, limit),
        _messages(organisation, text, limit),
    ]
    return [group for group in groups if group.found]


def _to(organisation: Organisation, route: str, *args: Any) -> str:
    return reverse(f"workbench:{route}", args=[organisation.slug, *args])


def _places(request: Request, text: str) -> Group:
    found = [
        Found(place.icon, str(place.name), _to(request.organisation, place.route))
        for place in places_of(request.actor)
        if text.lower() in str(place.name).lower()
    ]
    return Group(_("Places"), found)


def _customers(organisation: Organisation, text: str, limit: int) -> Group:
    rows: list[Any] = customers(organisation, search=text, limit=limit).rows
    found = [
        Found(
            "user",
            str(row),
            _to(organisation, "customer", row.key),
            row.key,
            row.owed[0].open_amount if row.owed else None,
            row.owed[0].currency if row.owed else "",
        )
        for row in rows
    ]
    return Group(_("Customers"), found, f"{_to(organisation, 'customers')}?q=")


def _invoices(organisation: Organisation, text: str, limit: int) -> Group:
    found = [
        Found(
            "file-invoice",
            str(row),
            _to(organisation, "invoice", row.key),
            str(row.customer),
            row.balance,
            row.currency,
        )
        for row in invoices(organisation, search=text, limit=limit).rows
    ]
    return Group(_("Invoices"), found, f"{_to(organisation, 'invoices')}?q=")


def _payments(organisation: Organisation, text: str, limit: int) -> Group:
    found = [
        Found(
            "coin",
            row.reference or row.key,
            _to(organisation, "customer", row.customer.key),
            str(row.customer),
            row.amount,
            row.currency,
        )
        for row in payments_found(organisation, text, limit)
        if row.customer is not None
    ]
    return Group(_("Payments"), found)


def _messages(organisation: Organisation, text: str, limit: int) -> Group:
    found = [
        Found(
            "mail",
            row.subject or row.address or row.key,
            _to(organisation, "customer", row.customer.key),
            str(row.customer),
        )
        for row in messages_found(organisation, text, limit)
    ]
    return Group(_("Messages"), found)
