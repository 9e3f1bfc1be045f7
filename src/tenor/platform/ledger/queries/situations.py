"""Where a customer stands besides what they owe: what was agreed, claimed, or lies as credit."""

from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import F

from tenor.platform.core import clock
from tenor.platform.ledger.balances import NOTHING
from tenor.platform.ledger.models import Customer, Dispute, Hold, Payment, Plan, Promise
from tenor.platform.ledger.queries.marks import holds_at
from tenor.platform.ledger.shares import credit_of


@dataclass(frozen=True)
class Situation:
    """What stands now: nothing that has ended. `credit` is money left over, a currency each."""

    holds: list[Hold] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    credit: dict[str, Decimal] = field(default_factory=dict)

    @property
    def promise(self) -> Promise | None:
        """Return the promise that falls due first."""
        return self.promises[0] if self.promises else None

    @property
    def plan(self) -> Plan | None:
        """Return the plan that was agreed last."""
        return self.plans[0] if self.plans else None

    @property
    def is_on_hold(self) -> bool:
        """Say whether all of the customer is left alone, not one invoice only."""
        return any(hold.invoice_id is None for hold in self.holds)


def situation(customer: Customer) -> Situation:
    """Return where a customer stands at the organisation's present."""
    organisation = customer.organisation
    holds = holds_at(organisation, clock.now(organisation)).filter(customer=customer)
    disputes = Dispute.objects.of(organisation).filter(invoice__customer=customer, resolved_at=None)
    promises = Promise.objects.of(organisation).filter(customer=customer, state=Promise.State.OPEN)
    plans = Plan.objects.of(organisation).filter(customer=customer, state=Plan.State.ACTIVE)
    payments = Payment.objects.of(organisation).filter(
        customer=customer, reversed_at=None, allocated__lt=F("amount")
    )
    credit: dict[str, Decimal] = {}
    for payment in sorted(payments.order_by(), key=lambda payment: payment.currency):
        if left := credit_of(payment):
            credit[payment.currency] = credit.get(payment.currency, NOTHING) + left
    return Situation(
        holds=list(holds.select_related("invoice").order_by("-starts_at", "-pk")),
        disputes=list(disputes.select_related("invoice").order_by("-opened_at", "-pk")),
        promises=list(promises.prefetch_related("covered__invoice").order_by("promised_on", "pk")),
        plans=list(
            plans.prefetch_related("instalments", "covered__invoice").order_by("-agreed_at", "-pk")
        ),
        credit=credit,
    )
