"""The invoices that incoming money may go to, in memory: it finds its way as in the actions."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any, cast

from tenor.platform.core import clock
from tenor.platform.core.actor import Actor
from tenor.platform.ledger.balances import FOLDED, is_nothing, refold, renew_exposures
from tenor.platform.ledger.bulk.writing import MANY, by_key, lock_customers, update
from tenor.platform.ledger.following import follow_agreements, tell_others
from tenor.platform.ledger.models import Allocation, Invoice, Payment, PlanInvoice, PromiseInvoice
from tenor.platform.ledger.shares import counts_from, credit_of


class Portfolio:
    """All invoices of the customers to whom the named ones belong; these customers are locked."""

    def __init__(self, actor: Actor, keys: Collection[str]) -> None:
        self._actor = actor
        self._now = clock.now(actor.organisation)
        rows = Invoice.objects.of(actor.organisation)
        owners = set(by_key(rows.values_list("customer_id", flat=True), keys))
        lock_customers(actor.organisation, owners)
        self.invoices: dict[str, Invoice] = {}
        self._theirs: dict[int, list[Invoice]] = defaultdict(list)
        self._met: dict[int, Invoice] = {}
        light = rows.defer("attributes", "lineage")
        for invoice in by_key(light, owners, name="customer_id"):
            self.invoices[invoice.key] = invoice
            self._theirs[invoice.customer_id].append(invoice)

    def pay(self, payment: Payment, parts: Iterable[tuple[Invoice, Decimal]]) -> list[Allocation]:
        """Let a new payment count: as its parts say, the rest for these, then for the oldest."""
        parts = list(parts)
        found = [
            share
            for invoice, part in parts
            for share in self._give(payment, invoice, min(part, invoice.balance))
        ]
        if credit_of(payment) > 0:
            others = [invoice for invoice, _part in parts] + self._unpaid(payment)
            for invoice in others:
                found += self._give(payment, invoice, min(credit_of(payment), invoice.balance))
        return found

    def keep(self) -> None:
        """Fold again what was paid and write it; promises and plans follow."""
        met = list(self._met.values())
        if not met:
            return
        refold(met)
        update(met, FOLDED)
        customers = {invoice.customer_id for invoice in met}
        organisation = self._actor.organisation
        renew_exposures(organisation.pk, None if len(customers) > MANY else customers)
        agreed = {
            number
            for table in (PromiseInvoice, PlanInvoice)
            for number in table.objects.of(organisation).values_list("invoice_id", flat=True)
        }
        follow_agreements(self._actor, [invoice for invoice in met if invoice.pk in agreed])
        tell_others(self._actor, met)

    def _give(self, payment: Payment, invoice: Invoice, part: Decimal) -> list[Allocation]:
        if part <= 0:
            return []
        payment.allocated += part
        invoice.balance -= part
        invoice.is_open = not invoice.closed_as and not is_nothing(invoice.balance, invoice.total)
        self._met[invoice.pk] = invoice
        at = counts_from(payment, invoice, now=self._now)
        own, amount = self._actor.organisation, cast(Any, part)
        return [
            Allocation(organisation=own, payment=payment, invoice=invoice, amount=amount, at=at)
        ]

    def _unpaid(self, payment: Payment) -> list[Invoice]:
        """Return what `shares.unpaid_of` would, as things stand in memory."""
        assert payment.customer_id is not None
        found = [
            invoice
            for invoice in self._theirs[payment.customer_id]
            if invoice.balance > 0
            and not invoice.closed_as
            and invoice.currency == payment.currency
            and invoice.issued_on <= payment.paid_at.date()
        ]
        return sorted(found, key=lambda i: (not i.is_open, i.due_on, i.issued_on, i.pk))
