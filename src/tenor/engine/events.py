"""The vocabulary of behaviour: which kinds of event the engine knows, and what each one means."""

from enum import StrEnum


class Kind(StrEnum):
    """What can happen to a contact, an invoice or a customer besides a payment.

    An unknown kind in the data is kept and counted, never refused.
    """

    # What became of a message.
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    OPENED = "opened"
    CLICKED = "clicked"
    # What the person did with the request.
    PAGE_VISITED = "page_visited"
    PAYMENT_STARTED = "payment_started"
    PAYMENT_FAILED = "payment_failed"
    REPLIED = "replied"
    PROMISED = "promised"
    PROMISE_BROKEN = "promise_broken"
    DISPUTED = "disputed"
    DISPUTE_RESOLVED = "dispute_resolved"
    COMPLAINED = "complained"
    OPTED_OUT = "opted_out"
    OPTED_IN = "opted_in"
    # What the person said about the page, from 1 to 5.
    RATED = "rated"
    PLAN_OFFERED = "plan_offered"
    PLAN_AGREED = "plan_agreed"
    PLAN_BROKEN = "plan_broken"
    # What happened to the claim.
    HOLD_STARTED = "hold_started"
    HOLD_ENDED = "hold_ended"
    AMOUNT_CHANGED = "amount_changed"
    ESCALATED = "escalated"
    WRITTEN_OFF = "written_off"
    CREDITED = "credited"
    # What a person on our side said of a proposed contact.
    REVIEWED = "reviewed"


# Kinds that end the collecting of an invoice: nothing is asked of the debtor by us afterwards.
# A credit note without an amount cancels the whole invoice; one with `detail.amount` lowers it.
CLOSING = (Kind.ESCALATED, Kind.WRITTEN_OFF)

# The names under which systems write the day of a promise into an event's detail.
PROMISED_DAY = ("date", "on", "due_on", "pay_on", "promised_on", "until", "by")

# Kinds that open a state, each with the kind that ends it.
SPANS = {
    Kind.DISPUTED: Kind.DISPUTE_RESOLVED,
    Kind.PLAN_AGREED: Kind.PLAN_BROKEN,
    Kind.PROMISED: Kind.PROMISE_BROKEN,
    Kind.HOLD_STARTED: Kind.HOLD_ENDED,
}
