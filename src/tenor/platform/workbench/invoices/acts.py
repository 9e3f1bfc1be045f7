"""What people do about one invoice: each act is a form, and leads back to the invoice."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import wraps

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.decisions.actions import look_after
from tenor.platform.ledger import actions
from tenor.platform.ledger.queries import hold_for, invoice_for
from tenor.platform.workbench.screens import Request, screen

Act = Callable[[Request, str], str]


def act(right: Right) -> Callable[[Act], Callable[..., HttpResponseBase]]:
    """Make an act on an invoice: it returns what to say; a refusal comes back as a notice."""

    def decorate(work: Act) -> Callable[..., HttpResponseBase]:
        @screen(right)
        @require_POST
        @wraps(work)
        def done(request: Request, key: str) -> HttpResponse:
            invoice_for(request.actor, key)
            try:
                messages.success(request, work(request, key))
            except Refused as refused:
                messages.error(request, refused.message)
            return redirect("workbench:invoice", request.organisation.slug, key)

        return done

    return decorate


@act(Right.MONEY)
def credit(request: Request, key: str) -> str:
    """Ask less."""
    text = request.POST.get("text", "")
    actions.credit_invoice(request.actor, invoice_key=key, amount=_amount(request), text=text)
    return _("The credit note is booked.")


@act(Right.MONEY)
def fee(request: Request, key: str) -> str:
    """Ask a fee on top."""
    text, amount = request.POST.get("text", ""), _amount(request)
    if amount is None:
        raise Invalid(_("Say how much."), field="amount")
    actions.add_fee(request.actor, invoice_key=key, amount=amount, text=text)
    return _("The fee is booked.")


@act(Right.MONEY)
def reverse(request: Request, key: str) -> str:
    """Take a booking of this invoice back."""
    entry = request.POST.get("entry", "")
    row = invoice_for(request.actor, key)
    if not row.entries.filter(key=entry).exists():
        raise Invalid(_("There is no such booking on this invoice."), field="entry")
    actions.reverse_entry(request.actor, entry_key=entry)
    return _("The booking is taken back.")


@act(Right.MONEY)
def write_off(request: Request, key: str) -> str:
    """Give up what is still owed."""
    actions.write_off(request.actor, invoice_key=key, reason=request.POST.get("reason", ""))
    return _("Written off. Nobody asks for it any more; what was owed stays known.")


@act(Right.WORK)
def hold(request: Request, key: str) -> str:
    """Leave the invoice alone until a day."""
    until = request.POST.get("until", "")
    try:
        ends_on = date.fromisoformat(until) if until else None
    except ValueError:
        raise Invalid(_("Choose a day."), field="until") from None
    made = actions.start_hold(
        request.actor,
        customer_key=invoice_for(request.actor, key).customer.key,
        invoice_key=key,
        reason=request.POST.get("reason", ""),
        ends_at=ends_on,
        note=request.POST.get("note", ""),
    )
    look_after(request.actor, made)
    return _("On hold. It ends by itself on its day, or when somebody lifts it.")


@act(Right.WORK)
def lift(request: Request, key: str) -> str:
    """End a hold on this invoice now."""
    row = invoice_for(request.actor, key)
    hold = hold_for(request.actor, _number(request))
    if hold.customer_id != row.customer_id or hold.invoice_id not in (None, row.pk):
        raise Invalid(_("There is no such hold on this invoice."), field="hold")
    actions.lift_hold(request.actor, hold_id=hold.pk)
    return _("The hold is lifted.")


@act(Right.WORK)
def dispute(request: Request, key: str) -> str:
    """Record an objection."""
    actions.open_dispute(
        request.actor,
        invoice_key=key,
        reason=request.POST.get("reason", ""),
        note=request.POST.get("note", ""),
    )
    return _("Recorded. Nothing is asked for this invoice; the others go on.")


@act(Right.WORK)
def resolve(request: Request, key: str) -> str:
    """Settle an objection."""
    actions.resolve_dispute(
        request.actor,
        invoice_key=key,
        outcome=request.POST.get("outcome", ""),
        answer=request.POST.get("answer", ""),
    )
    return _("Settled. The invoice goes on.")


def _amount(request: Request) -> Decimal | None:
    """Return the amount that was filled in; nothing where the field was left empty."""
    text = request.POST.get("amount", "").strip().replace(",", ".")
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Invalid(_("This is no amount."), field="amount") from None


def _number(request: Request) -> int:
    text = request.POST.get("hold", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
