"""What was paid too much, or taken back in part: what a person is told who puts it right."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tenor.platform.decisions.models import Task
from tenor.platform.ledger.models import Allocation, Invoice, Payment
from tenor.platform.ledger.shares import credit_of
from tenor.platform.paying.models import Checkout

TAKEN_BACK = "taken_back_in_part"


@dataclass(frozen=True)
class Refund:
    """A payment of which a part has to go back, or went back already.

    `amount` is what the case was made for, `left` what lies free of the payment now; `settled`
    are the invoices that it paid, `owed` those that it could still pay.
    """

    payment: Payment
    amount: Decimal
    left: Decimal
    taken_back: bool
    settled: list[Invoice]
    owed: list[Invoice]

    @property
    def to_return(self) -> Decimal:
        """Return what is paid back at most: no more than lies free."""
        return min(self.amount, self.left)

    @property
    def to_book(self) -> Decimal:
        """Return what is booked as taken back at most: each case holds what the ones before say."""
        checkout = Checkout.objects.of(self.payment.organisation_id).filter(payment=self.payment)
        gone = checkout.values_list("taken_back", flat=True).first()
        return self.amount if gone is None else min(self.amount, gone - self.payment.refunded)

    @property
    def reversed_at(self) -> datetime | None:
        """Say since when nothing of it is left, where all of it was taken back meanwhile."""
        return self.payment.reversed_at


def refund_of(task: Task) -> Refund | None:
    """Return the payment that a case is about; nothing where it names none that is there."""
    rows = Payment.objects.of(task.organisation_id).filter(
        key=task.facts.get("payment", ""), customer_id=task.customer_id
    )
    payment: Payment | None = rows.first()
    if payment is None or task.kind != Task.Kind.REFUND:
        return None
    invoices = Invoice.objects.of(task.organisation_id).filter(customer_id=task.customer_id)
    numbers = Allocation.objects.of(task.organisation_id).filter(payment=payment, amount__gt=0)
    return Refund(
        payment=payment,
        amount=Decimal(task.facts["amount"]),
        left=credit_of(payment),
        taken_back=task.facts.get("reason") == TAKEN_BACK,
        settled=list(invoices.filter(pk__in=numbers.values("invoice_id")).order_by("pk")),
        owed=list(
            invoices.filter(currency=payment.currency, is_open=True, balance__gt=0).order_by(
                "due_on", "pk"
            )
        ),
    )
