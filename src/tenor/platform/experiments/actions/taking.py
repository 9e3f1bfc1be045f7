"""Write down who came into an experiment, and what it showed on a day."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tenor.platform.core import clock
from tenor.platform.core.actor import Actor
from tenor.platform.experiments.drawing import SOON, Newcomer
from tenor.platform.experiments.models import Assignment, Experiment, Look
from tenor.platform.ledger.models import Customer, Invoice

_AT_ONCE = 2_000


def take_in(
    actor: Actor, newcomers: Sequence[Newcomer], *, as_of: datetime, expected: Mapping[str, float]
) -> int:
    """Keep who is in which arm from now on, with what they owe and what is foretold of them.

    Who is in the experiment already stays as they were: chance draws once. Returns how many were
    given; call it in the transaction of what was decided about them.
    """
    organisation = actor.organisation
    wanted = {new.customer_key for new in newcomers}
    numbers = dict(Customer.objects.of(organisation).values_list("key", "pk"))
    owed = _owed(actor, wanted, as_of)
    rows = []
    for new in newcomers:
        amount: Any = sum((balance for _key, balance in owed[new.customer_key]), Decimal(0))
        rows.append(
            Assignment(
                experiment_id=new.arm.experiment_id,
                arm=new.arm,
                customer_id=numbers[new.customer_key],
                unit=new.unit,
                since=as_of,
                invoice_keys=[key for key, _balance in owed[new.customer_key]],
                owed=amount,
                expected=expected.get(new.customer_key),
            )
        )
    kept = Assignment.objects.of(organisation)
    kept.bulk_create(rows, batch_size=_AT_ONCE, ignore_conflicts=True)
    return len(rows)


def keep_look(
    actor: Actor, experiment: Experiment, *, day: date, at: datetime, figures: dict[str, Any]
) -> Look:
    """Keep what an experiment showed on a day; the same day again replaces it."""
    look, _new = Look.objects.of(actor.organisation).update_or_create(
        experiment=experiment, day=day, defaults={"at": at, "figures": figures}
    )
    found: Look = look
    return found


def _owed(
    actor: Actor, customers: set[str], as_of: datetime
) -> dict[str, list[tuple[str, Decimal]]]:
    """Return the open invoices that are due, or soon will be, of each customer."""
    until = as_of.astimezone(clock.zone(actor.organisation)).date() + SOON
    rows = Invoice.objects.of(actor.organisation).filter(is_open=True, due_on__lte=until)
    if len(customers) == 1:
        rows = rows.filter(customer__key__in=customers)
    found: dict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for customer, key, balance in rows.order_by("key").values_list(
        "customer__key", "key", "balance"
    ):
        if customer in customers:
            found[customer].append((key, balance))
    return found
