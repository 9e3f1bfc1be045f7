"""Pay money back: what of a payment lies free, or what was taken back of it in part."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Refused
from tenor.platform.core.roles import Right
from tenor.platform.ledger.balances import NOTHING
from tenor.platform.ledger.following import follow_money
from tenor.platform.ledger.locks import locked_customer
from tenor.platform.ledger.models import Allocation, Invoice, Payment
from tenor.platform.ledger.shares import balance_out, credit_of, give, taken_from
from tenor.platform.ledger.values import amount_of, text_of


def refund_credit(
    actor: Actor, *, payment_key: str, amount: Decimal, reason: str = "", reopen: bool = False
) -> Payment:
    """Book that a part of a payment went back to its payer: from what lies free of it.

    Where more went back than lies free, it is refused; with `reopen` the rest is taken from the
    invoices that the payment had settled, the latest first, and they are open again.
    """
    actor.need(Right.MONEY)
    amount = amount_of(amount)
    reason = text_of(reason, field="reason", most=200)
    with transaction.atomic():
        found: Payment = row_for(actor, Payment, key=payment_key)
        customer = locked_customer(actor, pk=found.customer_id) if found.customer_id else None
        payment: Payment = row_for(actor, Payment, pk=found.pk, lock=True)
        before = {"left": credit_of(payment), "refunded": payment.refunded}
        short = amount - credit_of(payment)
        most = NOTHING if payment.reversed_at else payment.amount - payment.refunded
        if amount > most or (short > 0 and not reopen):
            raise Refused(
                _("Only %(left)s of this payment is left.")
                % {"left": f"{most if reopen else credit_of(payment):.2f} {payment.currency}"}
            )
        parts = _taken(actor, payment, short) if short > 0 else {}
        payment.refunded += amount
        payment.save(update_fields=["refunded", "allocated"])
        if customer is not None:
            for invoice in parts:
                invoice.customer = customer
        balance_out(
            list(parts), at=_moment(actor, payment),
            more={invoice.pk: part for invoice, part in parts.items()},
        )  # fmt: skip
        follow_money(actor, list(parts))
        audit.record(
            actor, "payment.refund", f"payment:{payment.key}", before=before,
            after={"amount": amount, "reason": reason, "left": credit_of(payment),
                   "refunded": payment.refunded,
                   "open_again": {invoice.key: part for invoice, part in parts.items()}},
        )  # fmt: skip
    return payment


def _taken(actor: Actor, payment: Payment, short: Decimal) -> dict[Invoice, Decimal]:
    """Take so much from the invoices that a payment had settled; return what from which."""
    shares, taken = taken_from(payment), {}
    rows = Allocation.objects.of(actor.organisation).filter(payment=payment, amount__gt=0)
    latest = dict.fromkeys(rows.order_by("-at", "-pk").values_list("invoice_id", flat=True))
    invoices = {row.pk: row for row in Invoice.objects.of(actor.organisation).filter(pk__in=shares)}
    for number in latest:
        part = min(shares.get(number, NOTHING), short)
        if part > 0:
            give(payment, invoices[number], -part, at=_moment(actor, payment))
            taken[invoices[number]] = part
            short -= part
    return taken


def _moment(actor: Actor, payment: Payment) -> datetime:
    return max(clock.now(actor.organisation), payment.paid_at)
