"""The first page behind a link: who writes, for what, how much, by when, and what can be done."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from tenor.platform.portal.agreed import standing_of
from tenor.platform.portal.door import Request, page, render_page
from tenor.platform.portal.offering import offered
from tenor.platform.portal.owed import debts_of
from tenor.platform.portal.rating import asked
from tenor.platform.portal.visits import visited

# What the page says at its top after a step; anything else in the address says nothing.
DONE = frozenset({"plan", "promise", "dispute", "wrote", "tight", "again", "rated"})
# After these steps one question is asked about the page itself.
_ENDS = frozenset({"plan", "promise", "dispute", "wrote"})


@page
@require_safe
def show(request: Request) -> HttpResponse:
    """Say what is owed and what was agreed, with the three ways side by side."""
    words = request.words["home"]
    debts = debts_of(request.customer, request.language, request.words["bookings"])
    visited(request)
    done = request.GET.get("done", "")
    return render_page(
        request,
        "portal/home.html",
        {
            "words": words.filled(name=str(request.customer)),
            "debts": debts,
            "asked": [debt for debt in debts if debt.invoices],
            "done": words["done"][done] if done in DONE else "",
            "offers": offered(request),
            **standing_of(request),
            **(asked(request) if done in _ENDS else {}),
        },
    )
