"""While money may be a customer's, nobody asks that customer: holds that start and end here."""

from collections.abc import Iterable

from tenor.platform.banking.models import Line, Waiting
from tenor.platform.core import clock
from tenor.platform.core.actor import Actor, system
from tenor.platform.ledger.actions import lift_hold, start_hold
from tenor.platform.ledger.models import Customer, Hold

# Money that could be anybody's is nobody's: more candidates than this hold no one, or one payment
# of a usual amount would silence a whole portfolio.
MOST_HELD = 10


def hold_for(actor: Actor, line: Line, customers: Iterable[str]) -> None:
    """Let the reminders rest of those whose money a waiting line may be; lift all others.

    A hold that a person lifted meanwhile is not begun again for the same line.
    """
    wanted = list(dict.fromkeys(customers))
    if len(wanted) > MOST_HELD:
        wanted = []
    lock(actor, line, wanted)
    rows = Waiting.objects.of(actor.organisation).filter(line=line).select_related("customer")
    held = {row.customer.key: row for row in rows}
    release(actor, line, besides=wanted)
    by = system(actor.organisation)
    for key in sorted(wanted):
        if key not in held:
            hold = start_hold(
                by, customer_key=key, reason=Hold.Reason.UNMATCHED_MONEY,
                note=f"{line.currency} {line.amount:.2f}, {line.booked_on.isoformat()}",
            )  # fmt: skip
            Waiting.objects.of(actor.organisation).create(
                line=line, customer=hold.customer, hold=hold
            )


def lock(actor: Actor, line: Line, customers: Iterable[str]) -> None:
    """Lock the customers, and the holds of a line, before anything is written.

    In one order for all, and the audit log's lock after them: or two lines with the same
    customers would wait for each other.
    """
    wanted = set(customers)
    wanted |= set(
        Waiting.objects.of(actor.organisation)
        .filter(line=line)
        .values_list("customer__key", flat=True)
    )
    rows = Customer.objects.of(actor.organisation).filter(key__in=wanted)
    list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    holds = Hold.objects.of(actor.organisation).filter(
        pk__in=Waiting.objects.of(actor.organisation).filter(line=line).values("hold")
    )
    list(holds.select_for_update().order_by("pk").values_list("pk", flat=True))


def release(actor: Actor, line: Line, *, besides: Iterable[str] = ()) -> None:
    """Lift the holds of a line, besides those of some customers."""
    kept = set(besides)
    rows = Waiting.objects.of(actor.organisation).filter(line=line)
    for row in rows.select_related("customer", "hold").order_by("pk"):
        if row.customer.key in kept:
            continue
        hold = row.hold
        now = clock.now(actor.organisation)
        if hold.lifted_at is None and (hold.ends_at is None or hold.ends_at > now):
            lift_hold(system(actor.organisation), hold_id=hold.pk, note="the money is assigned")
        row.delete()
