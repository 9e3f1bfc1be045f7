"""Plans that fit a customer: from how they pay, how plans ended here, and the policy's limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count

from tenor.engine.offers.habits import Habits, habits_of
from tenor.engine.offers.plans import PlanLimits, Proposal, Record, best, propose
from tenor.platform.core import clock
from tenor.platform.core.currencies import smallest
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.live import live_policy
from tenor.platform.ledger.balances import NOTHING
from tenor.platform.ledger.models import Customer, Invoice, Payment, Plan, Promise

_PAYMENTS_READ = 200


@dataclass(frozen=True)
class Proposals:
    """Plans from the shortest to the longest, the one that is expected to bring most, and habits.

    `needs_person` says that the policy leaves a debt of this size to a person.
    """

    plans: tuple[Proposal, ...]
    best: Proposal | None
    habits: Habits
    needs_person: bool


def plan_proposals(
    customer: Customer, invoices: Sequence[Invoice], room: Decimal | None = None
) -> Proposals:
    """Return the plans to choose from for open invoices of one currency.

    `room` is what the customer says they can pay a month; no plan asks for more.
    """
    organisation, amount = customer.organisation, sum((i.balance for i in invoices), NOTHING)
    if not invoices or amount <= 0:
        return Proposals((), None, Habits(), needs_person=False)
    currency, policy = invoices[0].currency, live_policy(organisation)
    limits, cent = policy.plans, smallest(currency)
    habits = habits_for(customer, currency)
    found = propose(
        amount.quantize(cent),
        today=clock.today(organisation),
        habits=habits,
        limits=PlanLimits(
            limits.most_instalments, limits.most_days, limits.smallest, limits.first_within_days
        ),
        record=record_of(organisation),
        room=room,
        cent=cent,
    )
    liked = best(found, value_per_day=policy.objective.value_per_day_earlier)
    return Proposals(found, liked, habits, needs_person=amount > limits.amount_above)


def habits_for(customer: Customer, currency: str) -> Habits:
    """Read how somebody pays from their payments in a currency, and what they kept and broke."""
    organisation = customer.organisation
    zone = clock.zone(organisation)
    rows = Payment.objects.of(organisation).filter(
        customer=customer, currency=currency, reversed_at=None
    )
    paid = rows.order_by("-paid_at").values_list("paid_at", "amount")[:_PAYMENTS_READ]
    kept, broken = 0, 0
    for table, good in ((Plan, Plan.State.COMPLETED), (Promise, Promise.State.KEPT)):
        counts = _states(table.objects.of(organisation).filter(customer=customer))
        kept += counts.get(good, 0)
        broken += counts.get("broken", 0)
    return habits_of(
        [(at.astimezone(zone).date(), amount) for at, amount in paid],
        today=clock.today(organisation),
        kept=kept,
        broken=broken,
    )


def record_of(organisation: Organisation) -> Record:
    """Return how the organisation's plans ended so far."""
    counts = _states(Plan.objects.of(organisation))
    return Record(counts.get(Plan.State.COMPLETED, 0), counts.get(Plan.State.BROKEN, 0))


def _states(rows: Any) -> dict[str, int]:
    return dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
