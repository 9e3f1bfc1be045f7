"""Bring in payments that say what they are for: as `record_payment` with shares would, but fast."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from tenor.platform.core.actor import Actor
from tenor.platform.core.roles import Right
from tenor.platform.ledger.balances import NOTHING
from tenor.platform.ledger.bulk.portfolio import Portfolio
from tenor.platform.ledger.bulk.writing import by_key, insert
from tenor.platform.ledger.models import Allocation, Payment


@dataclass(frozen=True)
class SharedPayment:
    """A payment of one customer, all of which goes to the invoices of its shares."""

    key: str
    paid_at: datetime
    currency: str
    shares: Mapping[str, Decimal]
    method: str = ""
    source: str = ""
    reference: str = ""

    @property
    def amount(self) -> Decimal:
        """Return how much was paid."""
        return sum(self.shares.values(), NOTHING)


def add_shared(actor: Actor, told: Sequence[SharedPayment]) -> dict[str, int]:
    """Book payments in the order given; return the customer's number of each that was booked.

    Left out, and for the caller to book one by one, is what does not fit the books as they are
    once its customer is locked: an unknown, closed or foreign invoice, less open than its share, a
    key that is known. The caller holds a transaction, and writes one audit entry for the batch.
    """
    actor.need(Right.MONEY)
    portfolio = Portfolio(actor, {key for payment in told for key in payment.shares})
    rows = Payment.objects.of(actor.organisation)
    known = set(by_key(rows.values_list("key", flat=True), {one.key for one in told}))
    made: dict[str, Payment] = {}
    shares: list[Allocation] = []
    for one in told:
        customer = _customer_of(one, portfolio)
        if customer is None or one.key in known or one.key in made:
            continue
        money: dict[str, Any] = {"amount": one.amount}
        payment = made[one.key] = Payment(
            organisation=actor.organisation, customer_id=customer, key=one.key,
            paid_at=one.paid_at, currency=one.currency, **money, method=one.method,
            source=one.source, reference=one.reference,
        )  # fmt: skip
        parts = [(portfolio.invoices[key], amount) for key, amount in one.shares.items()]
        shares += portfolio.pay(payment, parts)
    insert(list(made.values()))
    for key, number in by_key(rows.values_list("key", "pk"), made.keys()):
        made[key].pk = number
    for share in shares:
        share.payment_id = share.payment.pk
    insert(shares)
    portfolio.keep()
    return {key: int(payment.customer_id or 0) for key, payment in made.items()}


def _customer_of(one: SharedPayment, portfolio: Portfolio) -> int | None:
    """Return whose invoices a payment pays; None where it does not fit them."""
    invoices = [portfolio.invoices.get(key) for key in one.shares]
    found = [invoice for invoice in invoices if invoice is not None]
    fits = len(found) == len(invoices) and all(
        invoice.currency == one.currency
        and not invoice.closed_as
        and 0 < one.shares[invoice.key] <= invoice.balance
        for invoice in found
    )
    owners = {invoice.customer_id for invoice in found}
    return owners.pop() if fits and len(owners) == 1 else None
