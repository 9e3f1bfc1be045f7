"""The first page behind a link: who writes, for what, how much, by when, and what can be done."""

from django.http import HttpResponse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from tenor.platform.portal.agreed import standing_of
from tenor.platform.portal.door import Request, page, render_page
from tenor.platform.portal.offering import offered
from tenor.platform.portal.owed import MOST, Debt, debts_of
from tenor.platform.portal.rating import asked
from tenor.platform.portal.visits import visited

# What the page says at its top after a step; anything else in the address says nothing.
DONE = frozenset({"plan", "promise", "dispute", "wrote", "tight", "again", "rated"})
# After these steps one question is asked about the page itself.
# More pages than a customer can have invoices.
_LAST = 1_000_000
_ENDS = frozenset({"plan", "promise", "dispute", "wrote"})


@page
@require_safe
def show(request: Request) -> HttpResponse:
    """Say what is owed and what was agreed, with the three ways side by side."""
    words = request.words["home"]
    asked_for = request.GET.get("page", "")
    number = int(asked_for) if asked_for.isascii() and asked_for.isdigit() else 1
    debts = debts_of(
        request.customer, request.language, request.words["bookings"], page=min(number, _LAST)
    )
    visited(request)
    done = request.GET.get("done", "")
    return render_page(
        request,
        "portal/home.html",
        {
            "words": words.filled(name=str(request.customer)),
            "debts": debts,
            "before": _to_page(request, debts, -1),
            "after": _to_page(request, debts, 1),
            "asked": [debt for debt in debts if debt.invoices],
            "done": words["done"][done] if done in DONE else "",
            "offers": offered(request),
            **standing_of(request),
            **(asked(request) if done in _ENDS else {}),
        },
    )


def _to_page(request: Request, debts: list[Debt], step: int) -> str:
    """Return the address of the page of invoices before or after this one; "": there is none."""
    there = any(debt.start > 0 if step < 0 else debt.last < debt.count for debt in debts)
    if not there:
        return ""
    number = max(debt.start for debt in debts) // MOST + 1 + step
    told: dict[str, str] = {"page": str(number)}
    if request.GET.get("lang"):
        told = {"lang": request.language, **told}
    return f"?{urlencode(told)}#more"
