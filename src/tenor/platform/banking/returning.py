"""Money that went back: a debit returned, a charge-back. The payment it had made is taken back."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from tenor.engine.payments.returns import Category, return_reason
from tenor.platform.banking.items import paid_at
from tenor.platform.banking.models import Line, Posting
from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Refused
from tenor.platform.core.roles import Right
from tenor.platform.decisions.models import Task
from tenor.platform.ledger.actions import reverse_payment
from tenor.platform.ledger.locks import locked_customer
from tenor.platform.ledger.models import Allocation, Payment

# A debit that was never authorised may come back for thirteen months (SEPA rulebooks).
_LONGEST = timedelta(days=400)
RETURN = "RETURN"
# As the case of a person names it.
RETURNED = "returned_debit"
_SHOWN = 5


def look_at(actor: Actor, line: Line) -> None:
    """Take back the one payment that a return is about; where several may be, a person says."""
    if _is_no_failure(line):
        line.state, line.basis = Line.State.PASSED, RETURN
        line.save(update_fields=["state", "basis"])
        return
    sure, others = _payments(line)
    if len(sure) == 1 and not line.by_hand:
        take_back(actor, number=line.pk, payment_key=sure[0].key)
        line.refresh_from_db()
        return
    line.state, line.basis = Line.State.WAITING, RETURN
    line.proposals = [_kept(payment) for payment in (*sure, *others)][:_SHOWN]
    line.save(update_fields=["state", "basis", "proposals"])


def take_back(actor: Actor, *, number: int, payment_key: str) -> Line:
    """Reverse a payment because of a line: its invoices are open again, and the reason is told."""
    actor.need(Right.MONEY)
    with transaction.atomic():
        line: Line = row_for(actor, Line, pk=number, lock=True)
        if line.state not in (Line.State.NEW, Line.State.WAITING):
            raise Refused(
                _("Somebody was quicker: %(by)s has already decided about this line.")
                % {"by": line.decided_by or "Tenor"}
            )
        if line.is_credit or not line.is_return:
            raise Refused(_("This line takes no payment back."))
        payment = _locked_payment(actor, payment_key)
        _refuse_payment(line, payment)
        reverse_payment(
            actor, payment_key=payment_key, reason=line.reason or "returned", at=paid_at(line)
        )
        line.state, line.basis, line.score = Line.State.RETURNED, RETURN, 100
        line.decided_by, line.decided_at = actor.name, clock.now(actor.organisation)
        line.save()
        Posting.objects.of(actor.organisation).create(
            line=line, customer=payment.customer, payment_key=payment_key, amount=-payment.amount,
            by=actor.name, at=line.decided_at,
        )  # fmt: skip
        _give_a_case(actor, line, payment)
        audit.record(
            actor, "bank.take_back", f"bank_line:{line.pk}",
            after={"payment": payment_key, "amount": payment.amount, "reason": line.reason},
        )  # fmt: skip
    return line


def hint_of(line: Line) -> str:
    """Return what to do about a return: `retry`, `other_method`, `new_account`, or nothing said."""
    found = return_reason(line.reason, line.booked_on) if line.reason else None
    if found is None:
        return "ask"
    return {
        Category.SOFT_FAIL: "retry",
        Category.TECHNICAL: "retry",
        Category.NEW_ACCOUNT: "new_account",
        Category.FIX_DATA: "fix_data",
        Category.DECEASED: "deceased",
        Category.REGULATORY: "compliance",
        Category.MANDATE_DISPUTE: "other_method",
        Category.REFUND_NO_REASON: "other_method",
        Category.REFUSAL: "other_method",
        Category.HOLD_CHANNEL: "other_method",
        Category.SCHEME_ERROR: "fix_data",
        Category.MASKED: "ask",
    }.get(found.category, "ask")


def _is_no_failure(line: Line) -> bool:
    found = return_reason(line.reason, line.booked_on) if line.reason else None
    return found is not None and found.category is Category.INFO


def _payments(line: Line) -> tuple[list[Payment], list[Payment]]:
    """Return the payments that a return names, and those that look alike."""
    rows = Payment.objects.of(line.organisation_id).filter(
        currency=line.currency, reversed_at=None,
        paid_at__lte=paid_at(line) + timedelta(days=1), paid_at__gte=paid_at(line) - _LONGEST,
    )  # fmt: skip
    rows = rows.select_related("customer")
    named = list(rows.filter(_named(line)).order_by("-paid_at")[: _SHOWN + 1])
    sure = [payment for payment in named if payment.amount == line.amount]
    alike = rows.filter(amount=line.amount).exclude(pk__in=[p.pk for p in sure])
    keys = _keys_of(line, Q(account=line.account) if line.account else Q(name=line.name))
    others = list(alike.filter(key__in=keys).order_by("-paid_at")[:_SHOWN])
    # The bank's cost may stand in the amount: then a person says so.
    close = [payment for payment in named if payment not in sure]
    return sure, [*close, *(payment for payment in others if payment not in close)]


def _named(line: Line) -> Q:
    told = Q(pk=None)
    if line.end_to_end_id:
        told |= Q(key=line.end_to_end_id) | Q(reference=line.end_to_end_id)
        told |= Q(key__in=_keys_of(line, Q(end_to_end_id=line.end_to_end_id)))
    if line.mandate:
        told |= Q(key__in=_keys_of(line, Q(mandate=line.mandate, amount=line.amount)))
    return told


def _keys_of(line: Line, told: Q) -> Sequence[str]:
    """Return the payments that were booked for lines like this."""
    lines = Line.objects.of(line.organisation_id).filter(told, is_credit=True)
    rows = Posting.objects.of(line.organisation_id).filter(line__in=lines, undone_at=None)
    return list(rows.order_by("-pk").values_list("payment_key", flat=True)[:50])


def _locked_payment(actor: Actor, key: str) -> Payment:
    """Return a payment as it is once its customer is locked: nobody takes it back beside us."""
    found: Payment = row_for(actor, Payment, key=key)
    if found.customer_id is not None:
        locked_customer(actor, pk=found.customer_id)
    payment: Payment = row_for(actor, Payment, key=key, related=("customer",))
    return payment


def _give_a_case(actor: Actor, line: Line, payment: Payment) -> None:
    """Tell a person that money went back, and what its reason code advises."""
    if payment.customer is None:
        return
    paid = Allocation.objects.of(actor.organisation).filter(payment=payment, amount__gt=0)
    now = clock.now(actor.organisation)
    Task.objects.of(actor.organisation).get_or_create(
        key=f"returned:{line.pk}",
        defaults={
            "customer": payment.customer, "kind": Task.Kind.OBSTACLE,
            "value": float(payment.amount), "due_at": now, "created_at": now,
            "facts": {
                "reason": RETURNED, "code": line.reason, "hint": hint_of(line),
                "payment": payment.key, "amount": f"{payment.amount:f}",
                "currency": payment.currency,
                "invoice_keys": sorted(set(paid.values_list("invoice__key", flat=True))),
            },
        },
    )  # fmt: skip


def _refuse_payment(line: Line, payment: Payment) -> None:
    if payment.reversed_at is not None:
        raise Refused(_("This payment was taken back already."))
    if payment.currency != line.currency or payment.amount > line.amount:
        raise Refused(
            _("The payment of %(payment)s is not what went back (%(line)s).")
            % {
                "payment": f"{payment.amount:.2f} {payment.currency}",
                "line": f"{line.amount:.2f} {line.currency}",
            }
        )


def _kept(payment: Payment) -> dict[str, Any]:
    return {
        "payment": payment.key,
        "customers": [payment.customer.key] if payment.customer else [],
        "amount": f"{payment.amount:f}",
        "day": payment.paid_at.date().isoformat(),
        "basis": RETURN,
        "score": 60,
    }


def taken_back(line: Line) -> Decimal:
    """Return how much of a return was booked as such: the rest is the bank's cost."""
    rows = Posting.objects.of(line.organisation_id).filter(line=line)
    return -sum((posting.amount for posting in rows), Decimal(0))
