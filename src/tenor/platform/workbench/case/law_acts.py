"""What people do by the law's leave: charge, keep a notice, sign a hand-over."""

from datetime import date
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.utils.translation import gettext as _

from tenor.engine.law.letters.notice_rules import rule_of
from tenor.platform.core.errors import Invalid
from tenor.platform.core.roles import Right
from tenor.platform.decisions.actions.charges import charge as charge_now
from tenor.platform.decisions.actions.hand_over import sign as sign_now
from tenor.platform.decisions.law import case_of
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.queries import customer_for, notice_for
from tenor.platform.workbench.case.acts import act
from tenor.platform.workbench.screens import Request


@act(Right.MONEY)
def charge(request: Request, key: str) -> str:
    """Charge costs or interest: what the law allows now, or less."""
    entries = charge_now(
        request.actor,
        customer_key=key,
        kind=request.POST.get("kind", ""),
        amount=_amount(request, "amount"),
        currency=request.POST.get("currency", ""),
    )
    total = sum((entry.amount for entry in entries), Decimal(0))
    messages.success(
        request,
        _("%(amount)s is charged. It can be taken back on the invoice.")
        % {"amount": f"{total:.2f}"},
    )
    return key


@act(Right.WORK)
def notice(request: Request, key: str) -> str:
    """Keep a letter that the law asks for, with what shows that it arrived."""
    kind, sent_on = request.POST.get("kind", ""), _day(request, "sent_on", needed=True)
    assert sent_on is not None
    complete = request.POST.get("complete") == "yes"
    case = case_of(customer_for(request.actor, key))
    known = rule_of(case.pack, kind, sent_on)
    if known is None:
        raise Invalid(_("The law knows no such letter on that day."), field="kind")
    ledger.record_notice(
        request.actor,
        customer_key=key,
        invoice_keys=request.POST.getlist("invoices"),
        kind=kind,
        sent_on=sent_on,
        channel=request.POST.get("channel", ""),
        received_on=_day(request, "received_on"),
        evidence=request.POST.get("evidence", ""),
        contains=known[1].essential if complete else (),
        costs=_amount(request, "costs"),
    )
    messages.success(request, _("Kept. Its term counts from the day on which it arrived."))
    return key


@act(Right.WORK)
def receipt(request: Request, number: int) -> str:
    """Keep when a letter arrived and what shows it, or that it came back."""
    row = notice_for(request.actor, number)
    ledger.record_receipt(
        request.actor,
        notice_id=number,
        received_on=_day(request, "received_on"),
        evidence=request.POST.get("evidence", ""),
        bounced=request.POST.get("bounced") == "yes",
    )
    messages.success(request, _("Kept."))
    return str(row.customer.key)


@act(Right.APPROVE)
def sign(request: Request, key: str) -> str:
    """Sign a hand-over: its list is gone through again, its file is made, the invoices leave."""
    row = sign_now(
        request.actor,
        customer_key=key,
        invoice_keys=request.POST.getlist("invoices"),
        route=request.POST.get("route", ""),
        to=request.POST.get("to", ""),
        name=request.POST.get("name", ""),
        reason=request.POST.get("reason", ""),
        registered=request.POST.get("registered") == "yes",
        mandate=request.POST.get("mandate") == "yes",
    )
    messages.success(
        request,
        _("Handed over to %(to)s, with its file. Tenor asks nothing more for it.") % {"to": row.to},
    )
    return key


def _amount(request: Request, field: str) -> Decimal | None:
    text = request.POST.get(field, "").strip().replace(",", ".")
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Invalid(_("Write an amount such as 40.00."), field=field) from None


def _day(request: Request, field: str, *, needed: bool = False) -> date | None:
    text = request.POST.get(field, "")
    if not text and not needed:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(_("Choose a day."), field=field) from None
