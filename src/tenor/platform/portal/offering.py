"""An offer to a customer on their page: what it is, what follows, and taking it with one press."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from tenor.platform.core.errors import Refused
from tenor.platform.offers import actions, queries
from tenor.platform.portal.door import Request, page, render_page, to
from tenor.platform.portal.visits import begun
from tenor.platform.wording import forms

if TYPE_CHECKING:
    from tenor.platform.offers.models import Offer


@dataclass(frozen=True)
class Offered:
    """An offer as its reader sees it.

    `left` is what must still come of one that was taken; `count`, `each` and `first` are of a plan.
    """

    number: int
    kind: str
    is_taken: bool
    owed: str
    asked: str
    less: str
    left: str
    left_amount: Decimal
    until: str
    keys: tuple[str, ...]
    numbers: str
    currency: str
    count: int = 0
    each: str = ""
    first: str = ""


def offered(request: Request) -> list[Offered]:
    """Return what is offered to the reader now, and what they took and have not paid yet."""
    return [_shown(request, offer) for offer in queries.open_to(request.customer)]


@page(most=40)
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: Request, number: int) -> HttpResponse:
    """Show an offer; take it when the button is pressed, and go on to paying it."""
    words = request.words["offer"]
    found = next((one for one in offered(request) if one.number == number), None)
    if found is None:
        return render_page(request, "portal/nothing.html", {"words": words})
    begun(request, "offer")
    problem = ""
    if request.method == "POST":
        try:
            actions.accept(request.actor, offer_id=found.number, source="page")
        except Refused:
            # Somebody else changed what is owed, or its last day passed, since the page was shown.
            problem = words["changed"]
        else:
            return _go_on(request, found)
    return render_page(
        request,
        "portal/offer.html",
        {"words": words, "offer": found, "problem": problem},
        status=422 if problem else 200,
    )


def _go_on(request: Request, found: Offered) -> HttpResponse:
    if found.kind == "plan":
        return to(request, done="plan")
    return to(request, "pay/", currency=found.currency, offer=str(found.number))


def _shown(request: Request, offer: "Offer") -> Offered:
    def write(amount: Decimal) -> str:
        return forms.amount(amount, offer.currency, request.language)

    covered = [row.invoice for row in offer.covered.all()]
    left = queries.left_of(offer)
    return Offered(
        number=offer.pk, kind=offer.kind, is_taken=offer.accepted_at is not None,
        owed=write(offer.owed), asked=write(offer.asked), less=write(offer.discount),
        left=write(left), left_amount=left, until=forms.day(offer.until, request.language),
        keys=tuple(invoice.key for invoice in covered),
        numbers=", ".join(str(invoice) for invoice in covered), currency=offer.currency,
        **_plan(request, offer),
    )  # fmt: skip


def _plan(request: Request, offer: "Offer") -> dict[str, Any]:
    if not offer.instalments:
        return {}
    day, amount = offer.instalments[0]
    return {
        "count": len(offer.instalments),
        "each": forms.amount(Decimal(amount), offer.currency, request.language),
        "first": forms.day(date.fromisoformat(day), request.language),
    }
