"""Let agreements come to their end as the clock goes on, and write down what people say."""

from dataclasses import dataclass

from django.db import transaction

from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.roles import Right
from tenor.platform.ledger.actions.holds import end_hold
from tenor.platform.ledger.following import follow_plans, follow_promises
from tenor.platform.ledger.locks import locked_customer
from tenor.platform.ledger.models import Hold, Note, Plan, Promise
from tenor.platform.ledger.values import text_of


@dataclass
class Settled:
    """How many agreements came to an end."""

    holds_ended: int = 0
    promises_kept: int = 0
    promises_broken: int = 0
    plans_completed: int = 0
    plans_broken: int = 0


def settle_agreements(actor: Actor) -> Settled:
    """End holds whose time is over; see which promises and instalments were kept or missed.

    Customer by customer, each in a transaction of its own: safe to break off and to run twice.
    """
    actor.need(Right.WORK)
    counts = Settled()
    now, today = clock.now(actor.organisation), clock.today(actor.organisation)
    holds = Hold.objects.of(actor.organisation).filter(lifted_at=None, ends_at__lte=now)
    promises = Promise.objects.of(actor.organisation).filter(
        state=Promise.State.OPEN, promised_on__lt=today
    )
    plans = Plan.objects.of(actor.organisation).filter(
        state=Plan.State.ACTIVE, instalments__due_on__lt=today
    )
    numbers: set[int] = set()
    for rows in (holds, promises, plans):
        numbers.update(rows.order_by().values_list("customer_id", flat=True))
    for number in sorted(numbers):
        with transaction.atomic():
            customer = locked_customer(actor, pk=number)
            _end_holds(actor, list(holds.filter(customer=customer)), counts)
            open_ = promises.filter(customer=customer).select_related("customer")
            came = follow_promises(actor, list(open_))
            counts.promises_kept += len(came[Promise.State.KEPT])
            counts.promises_broken += len(came[Promise.State.BROKEN])
            running = plans.filter(customer=customer).select_related("customer").distinct()
            came = follow_plans(actor, list(running))
            counts.plans_completed += len(came[Plan.State.COMPLETED])
            counts.plans_broken += len(came[Plan.State.BROKEN])
    return counts


def write_note(actor: Actor, *, customer_key: str, text: str) -> Note:
    """Write something down about a customer."""
    actor.need(Right.WORK)
    text = text_of(text, field="text", most=5000, needed=True)
    with transaction.atomic():
        customer = locked_customer(actor, key=customer_key)
        note: Note = Note.objects.of(actor.organisation).create(
            customer=customer, text=text, at=clock.now(actor.organisation), by=actor.name
        )
        audit.record(
            actor, "note.write", f"customer:{customer.key}", after={"note": note.pk, "text": text}
        )
    return note


def _end_holds(actor: Actor, holds: list[Hold], counts: Settled) -> None:
    for hold in holds:
        assert hold.ends_at is not None
        end_hold(actor, hold, at=hold.ends_at)
        counts.holds_ended += 1
        audit.record(
            actor, "hold.end", f"customer:{hold.customer.key}",
            before={"hold": hold.pk, "lifted_at": None}, after={"lifted_at": hold.ends_at},
        )  # fmt: skip
