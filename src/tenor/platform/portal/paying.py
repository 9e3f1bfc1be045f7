"""Pay: all, some invoices, a part or an instalment; by transfer or at a provider, and what came."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_safe

from tenor.platform.core.errors import NotFound
from tenor.platform.ledger import queries as ledger
from tenor.platform.paying import actions, queries
from tenor.platform.paying.provider import Method, State, Trouble
from tenor.platform.portal.agreed import Running, running
from tenor.platform.portal.door import HEADERS, Request, home_of, page, query_of, render_page
from tenor.platform.portal.offering import Offered, offered
from tenor.platform.portal.owed import Debt, debts_of, summed
from tenor.platform.portal.rating import asked
from tenor.platform.portal.reading import amount_in
from tenor.platform.portal.transfer import transfer_of
from tenor.platform.portal.visits import begun
from tenor.platform.wording import forms

if TYPE_CHECKING:
    from tenor.platform.ledger.models import Invoice
    from tenor.platform.paying.models import Checkout

# Each is written down by itself when a payment begins; for more there is the transfer.
_MOST_AT_ONCE = 200
# Codes with which providers say why a payment did not come through, and the words for each.
_REASONS = {
    "insufficient_funds": "no_money", "card_declined": "refused", "card_expired": "card",
    "expired_card": "card", "invalid_card_number": "card", "invalid_cvv": "card",
    "incorrect_cvc": "card", "invalid_card_holder_name": "card", "inactive_card": "card",
    "refused_by_issuer": "refused", "generic_decline": "refused", "do_not_honor": "refused",
    "authentication_required": "refused", "authentication_failed": "refused",
    "possible_fraud": "refused", "cancelled": "cancelled", "expired": "expired",
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to pay now: each invoice with its share, all of one currency."""

    debt: Debt
    shares: Mapping[str, Decimal]
    invoices: Sequence["Invoice"]

    @property
    def amount(self) -> Decimal:
        """Return how much that is."""
        return sum(self.shares.values(), Decimal(0))


@page
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: Request) -> HttpResponse:
    """Show how it can be paid; begin it when a way was pressed."""
    words = request.words["pay"]
    debts = [debt for debt in debts_of(request.customer, request.language) if debt.invoices]
    debt = _chosen(request, debts)
    if debt is None:
        return render_page(request, "portal/nothing.html", {"words": words})
    plan, offer = _plan(request, debt), _offer(request, debt)
    begun(request, "pay")
    problem = ""
    if request.method == "POST":
        found = _wanted(request, debt, plan, offer)
        if isinstance(found, Wanted):
            return _begin(request, found)
        problem = words["problems"][found]
    methods = queries.methods_for(request.organisation, request.customer, currency=debt.currency)
    if len(debt.invoices) > _MOST_AT_ONCE:
        methods = [method for method in methods if method is Method.TRANSFER]
    answer = render_page(
        request,
        "portal/pay.html",
        {
            "words": words, "debt": debt, "debts": debts, "plan": plan, "problem": problem,
            "offer": offer,
            "methods": [(method.value, words["methods"][method.value]) for method in methods],
            "what": request.POST.get("what", ""), "amount": request.POST.get("amount", ""),
            "picked": request.POST.getlist("invoice"), "seen": f"{debt.amount:f}",
        },
        status=422 if problem else 200,
    )  # fmt: skip
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer


# A browser holds the way to the provider, after the form, for a part of the form.
_POLICY = HEADERS["Content-Security-Policy"].replace(
    "form-action 'self'", "form-action 'self' https:"
)


def _chosen(request: Request, debts: Sequence[Debt]) -> Debt | None:
    wanted = request.POST.get("currency") or request.GET.get("currency", "")
    return next((debt for debt in debts if debt.currency == wanted), debts[0] if debts else None)


def _plan(request: Request, debt: Debt) -> Running | None:
    plans = [running(plan, request) for plan in ledger.situation(request.customer).plans]
    return next((p for p in plans if p.currency == debt.currency and p.left_amount > 0), None)


def _offer(request: Request, debt: Debt) -> Offered | None:
    """Return the offer that they took and that is not paid yet: the one that they come for."""
    wanted = request.POST.get("offer") or request.GET.get("offer", "")
    taken = [
        one for one in offered(request)
        if one.is_taken and one.left_amount > 0 and one.currency == debt.currency
    ]  # fmt: skip
    return next((one for one in taken if str(one.number) == wanted), taken[0] if taken else None)


def _wanted(
    request: Request, debt: Debt, plan: Running | None, offer: Offered | None
) -> Wanted | str:
    """Return what is to be paid, or the code of what is wrong with it."""
    what = request.POST.get("what") or ("offer" if offer else "plan" if plan else "all")
    rows = list(debt.invoices)
    amount: Decimal | None = None
    agreed = offer if what == "offer" else plan if what == "plan" else None
    if agreed is not None:
        rows = [invoice for invoice in rows if invoice.key in agreed.keys]
        amount = min(agreed.left_amount, summed(rows))
    elif what == "offer":
        # It is over: they look again before they pay something else.
        return "changed"
    elif what == "some":
        picked = set(request.POST.getlist("invoice"))
        rows = [invoice for invoice in rows if invoice.key in picked]
        if not rows:
            return "none"
    elif what == "part":
        amount = amount_in(request.POST.get("amount", ""), debt.currency)
        if amount is None:
            return "amount"
        if amount > debt.amount:
            return "too_much"
    seen = request.POST.get("seen", "")
    if what in ("all", "plan", "offer") and seen and seen != f"{debt.amount:f}":
        return "changed"
    if amount is None:
        return Wanted(debt, {row.key: row.balance for row in rows}, rows)
    return _spread(debt, rows, amount)


def _spread(debt: Debt, rows: Sequence["Invoice"], amount: Decimal) -> Wanted:
    """Give a part of the debt to the invoices that were due first."""
    shares: dict[str, Decimal] = {}
    used = []
    for row in rows:
        share = min(row.balance, amount)
        if share > 0:
            shares[row.key] = share
            used.append(row)
            amount -= share
    return Wanted(debt, shares, used)


def _begin(request: Request, wanted: Wanted) -> HttpResponse:
    method = request.POST.get("method", "")
    if method in ("", Method.TRANSFER.value) or len(wanted.shares) > _MOST_AT_ONCE:
        return _show_transfer(request, wanted)
    checkout = actions.begin_checkout(
        request.actor,
        customer=request.customer,
        shares=wanted.shares,
        back=f"{settings.PUBLIC_URL}{home_of(request)}paid/{{key}}/{query_of(request)}",
        method=method,
        language=request.language,
        contact_key=request.link.contact_key,
    )
    answer = HttpResponseRedirect(checkout.address, status=303)
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer


@page
@require_safe
def transfer(request: Request) -> HttpResponse:
    """Show how all that is asked is transferred, for who comes straight here."""
    debts = [debt for debt in debts_of(request.customer, request.language) if debt.invoices]
    debt = _chosen(request, debts)
    if debt is None:
        return render_page(request, "portal/nothing.html", {"words": request.words["pay"]})
    begun(request, "pay")
    rows = list(debt.invoices)
    return _show_transfer(request, Wanted(debt, {row.key: row.balance for row in rows}, rows))


def _show_transfer(request: Request, wanted: Wanted) -> HttpResponse:
    found = transfer_of(request.organisation, request.customer, wanted.invoices, wanted.amount)
    context: dict[str, Any] = {
        "words": request.words["pay"], "found": found, "debt": wanted.debt,
        "amount": wanted.debt.write(wanted.amount), "plain_amount": f"{wanted.amount:.2f}",
    }  # fmt: skip
    return render_page(request, "portal/transfer.html", context)


@page
@require_safe
def paid(request: Request, key: str) -> HttpResponse:
    """Say what became of a payment, as the provider has it now."""
    checkout = queries.checkout_called(request.organisation, request.customer, key)
    words = request.words["paid"]
    if checkout is None:
        raise NotFound(words["unknown"])
    # Where nobody answers, what is known stands; news comes by itself later.
    with suppress(Trouble):
        checkout = actions.take_in(request.actor, checkout)
    state = State(checkout.state)
    debts = [debt for debt in debts_of(request.customer, request.language) if debt.invoices]
    return render_page(
        request,
        "portal/paid.html",
        {
            "words": words, "state": state.value, "told": words[state.value],
            "why": _why(request, checkout) if state is State.FAILED else "",
            "short": _REASONS.get(checkout.reason) == "no_money",
            "amount": forms.amount(checkout.amount, checkout.currency, request.language),
            "address": checkout.address if state is State.OPEN else "", "debts": debts,
            **(asked(request) if state in (State.PAID, State.PENDING) else {}),
        },
    )  # fmt: skip


def _why(request: Request, checkout: "Checkout") -> str:
    reasons = request.words["paid"]["reasons"]
    return str(reasons[_REASONS.get(checkout.reason, "other")])
