"""Withdraw a payment that was recorded for the wrong customer or invoice: it never was theirs."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.roles import Right
from tenor.platform.ledger.following import follow_money
from tenor.platform.ledger.locks import locked_customer
from tenor.platform.ledger.models import Allocation, Invoice, Payment
from tenor.platform.ledger.shares import balance_out, give, taken_from
from tenor.platform.ledger.told import News, Told
from tenor.platform.ledger.values import text_of


def withdraw_payment(actor: Actor, *, payment_key: str, reason: str = "") -> Told[Payment]:
    """Take a payment out of the books that was put there by mistake.

    Each part is taken back at the very instant at which it counted, so that the past no longer
    knows it; nobody is told that a payment failed. What it had paid is open again.
    """
    actor.need(Right.MONEY)
    reason = text_of(reason, field="reason", most=200)
    with transaction.atomic():
        found: Payment = row_for(actor, Payment, key=payment_key)
        customer = found.customer_id and locked_customer(actor, pk=found.customer_id)
        payment: Payment = row_for(actor, Payment, pk=found.pk, lock=True)
        if payment.reversed_at is not None:
            return Told(payment, News.SAME)
        parts = taken_from(payment)
        counted = _counted(payment)
        invoices = list(Invoice.objects.of(actor.organisation).filter(pk__in=parts).order_by("pk"))
        for invoice in invoices:
            invoice.customer = customer
            give(payment, invoice, -parts[invoice.pk], at=counted[invoice.pk])
        payment.reversed_at, payment.reversed_because = payment.paid_at, reason or "withdrawn"
        payment.save(update_fields=["reversed_at", "reversed_because", "allocated"])
        # Other money of the customer may cover what is open again.
        balance_out(invoices, at=clock.now(actor.organisation), more=parts)
        follow_money(actor, invoices)
        audit.record(
            actor, "payment.withdraw", f"payment:{payment.key}",
            before={"to": {i.key: parts[i.pk] for i in invoices},
                    "customer": customer and customer.key},
            after={"reason": payment.reversed_because},
        )  # fmt: skip
    return Told(payment, News.CHANGED)


def _counted(payment: Payment) -> dict[int, datetime]:
    rows = Allocation.objects.of(payment.organisation_id).filter(payment=payment).order_by()
    return dict(rows.values_list("invoice_id").annotate(last=Max("at")))
