"""What people do in a case: each act is a form, and leads back to the case."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import update_wrapper
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tenor.platform.core import clock
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.decisions import actions as decisions
from tenor.platform.decisions.queries import decision_for
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.queries import hold_for, invoice_for, plan_for, promise_for
from tenor.platform.workbench.screens import Request, screen

Act = Callable[..., str]


def act(right: Right) -> Callable[[Act], Callable[..., HttpResponseBase]]:
    """Make an act of a case: it returns the customer's key; refusals come back as a notice."""

    def decorate(work: Act) -> Callable[..., HttpResponseBase]:
        def done(request: Any, **place: Any) -> HttpResponse:
            try:
                key = work(request, **place)
            except (Invalid, Refused) as refused:
                messages.error(request, refused.message)
                key = place.get("key", "")
            return _back(request, key)

        named: Any = update_wrapper(done, work)
        return screen(right)(require_POST(named))

    return decorate


@act(Right.WORK)
def note(request: Request, key: str) -> str:
    """Write something down."""
    ledger.write_note(request.actor, customer_key=key, text=request.POST.get("text", ""))
    return key


@act(Right.WORK)
def promise(request: Request, key: str) -> str:
    """Keep a promise to pay by a day."""
    ledger.make_promise(
        request.actor,
        customer_key=key,
        invoice_keys=request.POST.getlist("invoices"),
        promised_on=_day(request, "promised_on"),
        note=request.POST.get("note", "")[:500],
        source="workbench",
    )
    messages.success(request, _("Kept. Reminders wait until that day and a little longer."))
    return key


@act(Right.WORK)
def plan(request: Request, key: str) -> str:
    """Agree to pay in parts: so many, a month apart, the rest of the division in the last."""
    keys = request.POST.getlist("invoices")
    parts = _number(request, "parts", 2, 36)
    first = _day(request, "first_on")
    invoices = [invoice_for(request.actor, each) for each in keys]
    total = sum((invoice.balance for invoice in invoices), Decimal(0))
    instalments = [
        (_months_later(first, at), amount) for at, amount in enumerate(_split(total, parts))
    ]
    ledger.agree_plan(
        request.actor, customer_key=key, invoice_keys=keys, instalments=instalments,
        note=request.POST.get("note", "")[:500], source="workbench",
    )  # fmt: skip
    messages.success(request, _("The plan is agreed. Reminders rest while it is kept."))
    return key


@act(Right.WORK)
def hold(request: Request, key: str) -> str:
    """Let what the law stops for this reason rest, for the customer or one invoice."""
    until = request.POST.get("until", "")
    zone = clock.zone(request.organisation)
    ends_at = None
    if until:
        last = _day(request, "until")
        ends_at = datetime.combine(last + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)
    made = ledger.start_hold(
        request.actor,
        customer_key=key,
        invoice_key=request.POST.get("invoice") or None,
        reason=request.POST.get("reason", ""),
        ends_at=ends_at,
        note=request.POST.get("note", "")[:500],
        channel=request.POST.get("channel", ""),
    )
    decisions.look_after(request.actor, made)
    messages.success(
        request, _("On hold. It ends by itself on its day, or when somebody lifts it.")
    )
    return key


@act(Right.WORK)
def dispute(request: Request, key: str) -> str:
    """Record an objection to one invoice; the others go on."""
    ledger.open_dispute(
        request.actor,
        invoice_key=request.POST.get("invoice", ""),
        reason=request.POST.get("reason", ""),
        note=request.POST.get("note", ""),
    )
    messages.success(request, _("Recorded. The other invoices go on."))
    return key


@act(Right.WORK)
def resolve(request: Request, invoice: str) -> str:
    """Settle an objection."""
    row = invoice_for(request.actor, invoice)
    ledger.resolve_dispute(
        request.actor,
        invoice_key=invoice,
        outcome=request.POST.get("outcome", ""),
        answer=request.POST.get("answer", ""),
    )
    messages.success(request, _("Settled. The invoice goes on."))
    return str(row.customer.key)


@act(Right.SEE)
def lift_hold(request: Request, number: int) -> str:
    """End a hold before its day: its desk may, whatever else a role includes."""
    row = hold_for(request.actor, number)
    ledger.lift_hold(request.actor, hold_id=number, note=request.POST.get("note", "")[:500])
    return str(row.customer.key)


@act(Right.WORK)
def withdraw(request: Request, number: int) -> str:
    """Take a promise back."""
    row = promise_for(request.actor, number)
    ledger.withdraw_promise(request.actor, promise_id=number)
    return str(row.customer.key)


@act(Right.WORK)
def cancel_plan(request: Request, number: int) -> str:
    """End a payment plan; what is still owed is asked for again."""
    row = plan_for(request.actor, number)
    ledger.cancel_plan(request.actor, plan_id=number, note=request.POST.get("note", "")[:500])
    return str(row.customer.key)


@act(Right.APPROVE)
def owner(request: Request, key: str) -> str:
    """Say who answers for this customer."""
    chosen = request.POST.get("owner", "")
    user_id = int(chosen) if chosen.isdigit() else None
    ledger.assign_owner(request.actor, customer_key=key, user_id=user_id)
    return key


@act(Right.WORK)
def review(request: Request, number: int) -> str:
    """Agree with a decision, or flag it as wrong advice: a label that learning keeps."""
    decision = decision_for(request.actor, number)
    note = request.POST.get("note", "")[:500]
    if request.POST.get("agrees") == "yes":
        decisions.review(request.actor, decision=decision, agrees=True, note=note)
    else:
        decisions.flag(
            request.actor,
            decision=decision,
            reason=request.POST.get("reason", ""),
            note=note,
            channel=request.POST.get("channel", ""),
            tone=request.POST.get("tone", ""),
        )
    messages.success(request, _("Thank you: what you said is kept, and learned from."))
    return str(decision.customer.key)


def _back(request: Request, key: str) -> HttpResponse:
    """Go back to where the form was, else to the case."""
    there = request.POST.get("back", "")
    if there and url_has_allowed_host_and_scheme(there, {request.get_host()}):
        return redirect(there)
    if not key:
        return redirect("workbench:customers", request.organisation.slug)
    return redirect("workbench:customer", request.organisation.slug, key)


def _day(request: Request, field: str) -> date:
    try:
        return date.fromisoformat(request.POST.get(field, ""))
    except ValueError:
        raise Invalid(_("Choose a day."), field=field) from None


def _number(request: Request, field: str, least: int, most: int) -> int:
    text = request.POST.get(field, "")
    if not text.isdigit() or not least <= int(text) <= most:
        raise Invalid(
            _("Choose a number from %(least)s to %(most)s.") % {"least": least, "most": most},
            field=field,
        )
    return int(text)


def _split(total: Decimal, parts: int) -> list[Decimal]:
    """Return parts in whole cents that add up to the total; the last takes the rest."""
    try:
        share = (total / parts).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise Invalid(_("There is nothing to pay in parts."), field="invoices") from None
    return [share] * (parts - 1) + [total - share * (parts - 1)]


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in range(day.day, day.day - 4, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
