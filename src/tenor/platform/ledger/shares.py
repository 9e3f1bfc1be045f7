"""Which money covers which invoice: allocations are added, never altered.

Everything here runs while the customer's row is locked, and leaves the kept figures of the
payments right; those of the invoices are renewed by `balances.renew` afterwards.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.db.models import F, Max, Sum
from django.utils.translation import gettext as _

from tenor.platform.core.errors import Invalid
from tenor.platform.ledger.balances import NOTHING, refold, renew
from tenor.platform.ledger.models import Allocation, Customer, Invoice, Payment
from tenor.platform.ledger.values import start_of


def credit_of(payment: Payment) -> Decimal:
    """Return the part of a payment that went to no invoice yet."""
    if payment.reversed_at:
        return NOTHING
    left: Decimal = payment.amount - payment.refunded - payment.allocated
    return left


def give(payment: Payment, invoice: Invoice, amount: Decimal, *, at: datetime) -> None:
    """Let a part of a payment count for an invoice of its currency (a minus takes it back)."""
    if payment.currency != invoice.currency:
        raise Invalid(
            _("A payment in %(paid)s cannot pay an invoice in %(asked)s.")
            % {"paid": payment.currency, "asked": invoice.currency},
            field="currency",
        )
    Allocation.objects.of(payment.organisation_id).create(
        payment=payment, invoice=invoice, amount=amount, at=at
    )
    payment.allocated += amount
    invoice.paid += amount
    invoice.balance -= amount


def counts_from(payment: Payment, invoice: Invoice, *, now: datetime) -> datetime:
    """Return when money counts: when it came, or now for an invoice that it lay waiting for."""
    if payment.paid_at >= start_of(invoice.issued_on):
        return payment.paid_at
    return max(payment.paid_at, now)


def unpaid_of(
    customer: Customer, currency: str, *, issued_by: datetime | None = None
) -> list[Invoice]:
    """Return what a payment without a destination goes to: open invoices, the oldest first.

    Of those issued by an instant, where one is given: money from before an invoice is credit.
    Rests so small that nobody asks for them come last: money that is left covers them too.
    """
    rows = Invoice.objects.of(customer.organisation_id).filter(
        customer=customer, currency=currency, balance__gt=0, closed_as=""
    )
    if issued_by is not None:
        rows = rows.filter(issued_on__lte=issued_by.date())
    invoices = list(rows.order_by("-is_open", "due_on", "issued_on", "pk"))
    for invoice in invoices:
        invoice.customer = customer
    return invoices


def spread(payment: Payment, invoices: Iterable[Invoice], *, now: datetime) -> list[Invoice]:
    """Give what is left of a payment to these invoices in turn; return those it met."""
    met = []
    for invoice in invoices:
        part = min(credit_of(payment), invoice.balance)
        if part > 0:
            give(payment, invoice, part, at=counts_from(payment, invoice, now=now))
            met.append(invoice)
    return met


def free_money(customer: Customer, currency: str) -> list[Payment]:
    """Return a customer's payments of which something is left, the oldest first."""
    rows = Payment.objects.of(customer.organisation_id).filter(
        customer=customer, currency=currency, reversed_at=None, allocated__lt=F("amount")
    )
    # Ordered here: the database might rather walk all payments in the order of time.
    found = (payment for payment in rows.order_by() if credit_of(payment) > 0)
    return sorted(found, key=lambda payment: (payment.paid_at, payment.pk))


def balance_out(invoices: Sequence[Invoice], *, at: datetime, more: dict[int, Decimal]) -> None:
    """Renew invoices after a change; free what is paid too much, cover what is asked anew.

    `more` says by how much an invoice (by its number) asks more than before: only so much of the
    customer's free money is taken for it. Money that lay there already before an invoice was
    made waits until somebody allocates it.
    """
    if not invoices:
        return
    refold(invoices)
    for invoice in invoices:
        if invoice.balance < 0:
            _free(invoice, -invoice.balance, at=at)
        elif not invoice.closed_as:
            _cover(invoice, min(invoice.balance, more.get(invoice.pk, NOTHING)), at=at)
    renew(invoices)


def taken_from(payment: Payment) -> dict[int, Decimal]:
    """Return what of a payment counts for which invoice (by its number)."""
    rows = Allocation.objects.of(payment.organisation_id).filter(payment=payment).order_by()
    sums = rows.values_list("invoice_id").annotate(amount=Sum("amount"))
    return {invoice: amount for invoice, amount in sums if amount > 0}


def _cover(invoice: Invoice, wanted: Decimal, *, at: datetime) -> None:
    """Take so much of the customer's free money for an invoice, the oldest first."""
    if wanted <= 0:
        return
    for payment in free_money(invoice.customer, invoice.currency):
        part = min(credit_of(payment), wanted)
        give(payment, invoice, part, at=max(at, payment.paid_at))
        payment.save(update_fields=["allocated"])
        wanted -= part
        if wanted <= 0:
            return


def _free(invoice: Invoice, excess: Decimal, *, at: datetime) -> None:
    """Take money that an invoice no longer asks for back to credit, the latest first."""
    rows = Allocation.objects.of(invoice.organisation_id).filter(invoice=invoice).order_by()
    sums = rows.values("payment_id").annotate(amount=Sum("amount"), last=Max("at"))
    parts = sorted((r for r in sums if r["amount"] > 0), key=lambda r: (r["last"], r["payment_id"]))
    payments = _payments(invoice.organisation_id, [r["payment_id"] for r in parts])
    for row in reversed(parts):
        part = min(row["amount"], excess)
        payment = payments[row["payment_id"]]
        give(payment, invoice, -part, at=max(at, payment.paid_at))
        payment.save(update_fields=["allocated"])
        excess -= part
        if excess <= 0:
            return


def _payments(organisation: int, numbers: Collection[int]) -> dict[int, Payment]:
    return {p.pk: p for p in Payment.objects.of(organisation).filter(pk__in=numbers)}
