"""Promise a day: reminders rest until then."""

from datetime import timedelta

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from tenor.platform.core import clock
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger import queries
from tenor.platform.portal.door import Request, page, render_page, to
from tenor.platform.portal.owed import debts_of
from tenor.platform.portal.reading import day_in
from tenor.platform.portal.visits import begun
from tenor.platform.wording import forms

# Later than this is spread, or talked about.
MOST = timedelta(days=31)
# Days that can be chosen with one press.
_SOON = (3, 7, 14)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def promise(request: Request) -> HttpResponse:
    """Ask by which day somebody pays, and keep it."""
    today = clock.today(request.organisation)
    last = today + MOST
    words = request.words["promise"].filled(last=forms.day(last, request.language))
    debts = [debt for debt in debts_of(request.customer, request.language) if debt.free]
    wanted = request.POST.get("currency") or request.GET.get("currency", "")
    debt = next((one for one in debts if one.currency == wanted), debts[0] if debts else None)
    if debt is None:
        return render_page(request, "portal/nothing.html", {"words": words})
    begun(request, "promise")
    problem = ""
    if request.method == "POST":
        on = day_in(request.POST.get("other") or request.POST.get("on", ""))
        if on is None:
            problem = words["problems"]["none"]
        elif on < today:
            problem = words["problems"]["past"]
        elif on > last:
            problem = words["problems"]["late"]
        else:
            keys = [invoice.key for invoice in debt.free]
            if not _stands(request, on, set(keys)):
                ledger.make_promise(
                    request.actor, customer_key=request.customer.key, invoice_keys=keys,
                    promised_on=on, source="page",
                )  # fmt: skip
            return to(request, done="promise")
    soon = [today + timedelta(days=days) for days in _SOON]
    return render_page(
        request,
        "portal/promise.html",
        {
            "words": words, "debt": debt,
            "total": debt.write(sum(invoice.balance for invoice in debt.free)),
            "days": [(on.isoformat(), forms.day(on, request.language)) for on in soon],
            "first": today.isoformat(), "last": last.isoformat(), "problem": problem,
        },
        status=422 if problem else 200,
    )  # fmt: skip


def _stands(request: Request, on: object, keys: set[str]) -> bool:
    """Say whether just this is promised already: pressed twice, or from a page left open."""
    return any(
        found.promised_on == on and {c.invoice.key for c in found.covered.all()} == keys
        for found in queries.situation(request.customer).promises
    )
