"""What was agreed is booked with the payment that fulfils it, once, and taken back with it.

Only money that came in time counts, by the day on which it was paid, not the one on which it was
told. What is then still owed of the discount is credited; who pays the whole is credited nothing.
"""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor, system
from tenor.platform.ledger.actions import credit_invoice, reverse_entry
from tenor.platform.ledger.balances import AT_ONCE, NOTHING
from tenor.platform.ledger.following import end_of
from tenor.platform.ledger.locks import locked_customer
from tenor.platform.ledger.models import Allocation, Entry, Invoice, Plan
from tenor.platform.offers.models import Offer, OfferInvoice

State = Offer.State
# Those that money can still change: told to the customer, and not turned down.
_FOLLOWED = (State.SENT, State.ACCEPTED, State.KEPT, State.BROKEN, State.EXPIRED)
_OF_PLAN = {
    Plan.State.ACTIVE: State.ACCEPTED,
    Plan.State.COMPLETED: State.KEPT,
    Plan.State.BROKEN: State.BROKEN,
    Plan.State.CANCELLED: State.BROKEN,
}


def follow_offers(actor: Actor, invoices: Collection[Invoice]) -> None:
    """Book the offers about these invoices that their money fulfils; take back what it no longer.

    The caller holds the locks of their customers, in the transaction of the payment.
    """
    rows = Offer.objects.of(actor.organisation).filter(state__in=_FOLLOWED, sent_at__isnull=False)
    if not invoices or not rows.exists():
        return
    numbers = sorted(invoice.pk for invoice in invoices)
    for start in range(0, len(numbers), AT_ONCE):
        some = rows.filter(covered__invoice__in=numbers[start : start + AT_ONCE])
        for number in some.order_by("pk").values_list("pk", flat=True).distinct():
            follow(actor, number)


def follow(actor: Actor, number: int) -> None:
    """Set one offer's state as its plan, or the money that came in time, has it."""
    rows = Offer.objects.of(actor.organisation)
    locked_customer(actor, pk=rows.values_list("customer_id", flat=True).get(pk=number))
    offer: Offer = rows.select_related("plan", "customer").get(pk=number)
    if offer.kind == Offer.Kind.PLAN:
        if offer.plan is not None:
            change(actor, offer, _OF_PLAN[Plan.State(offer.plan.state)])
        return
    came = money_in_time(offer)
    if offer.state == State.KEPT:
        if came < offer.asked:
            _take_back(actor, offer)
    elif came >= offer.asked:
        _book(actor, offer)


def change(actor: Actor, offer: Offer, state: str, *, note: str = "") -> None:
    """Set the state of a locked customer's offer, and say so in the audit log."""
    if state == offer.state:
        return
    before, offer.state = offer.state, state
    offer.decided_at = None if state in (State.SENT, State.ACCEPTED) else _now(actor)
    offer.save(update_fields=["state", "decided_at"])
    audit.record(
        actor, f"offer.{state}", f"customer:{offer.customer.key}",
        before={"offer": offer.pk, "state": before}, after={"state": state, "note": note},
    )  # fmt: skip


def money_in_time(offer: Offer) -> Decimal:
    """Return how much more was paid on the invoices than before, by the last day of the offer."""
    covered = list(OfferInvoice.objects.of(offer.organisation_id).filter(offer=offer))
    rows = Allocation.objects.of(offer.organisation_id).filter(
        invoice__in=[row.invoice_id for row in covered],
        payment__paid_at__lte=end_of(offer.organisation, offer.until),
    )
    paid = rows.aggregate(sum=Sum("amount"))["sum"] or NOTHING
    return Decimal(paid) - sum((row.paid for row in covered), NOTHING)


def _book(actor: Actor, offer: Offer) -> None:
    """Credit what is still owed of the discount, invoice by invoice from the oldest."""
    invoices = _covered(offer)
    left = min(offer.discount, sum((invoice.balance for invoice in invoices), NOTHING))
    accepted = offer.accepted_at is not None
    # First: crediting follows the money again, and must find that this is done.
    if left <= 0 and not accepted:
        change(actor, offer, State.DECLINED, note="paid in full")
        return
    change(actor, offer, State.KEPT)
    machine, booked = system(actor.organisation), _entries(offer).count()
    for invoice in invoices:
        part = min(left, invoice.balance)
        if part > 0:
            credit_invoice(
                machine, invoice_key=invoice.key, amount=part,
                key=f"{_prefix(offer)}{booked}:{invoice.pk}", text=_("Less, as agreed"),
            )  # fmt: skip
            left -= part


def _take_back(actor: Actor, offer: Offer) -> None:
    """Ask the discount again: the money that earned it was taken back."""
    in_time = _now(actor) <= end_of(offer.organisation, offer.until)
    before = State.ACCEPTED if offer.accepted_at is not None else State.SENT
    change(actor, offer, before if in_time else State.BROKEN, note="money taken back")
    for entry in _entries(offer).filter(reversed_by=None):
        reverse_entry(system(actor.organisation), entry_key=entry.key, text=_("Not paid after all"))


def _covered(offer: Offer) -> list[Invoice]:
    rows = Invoice.objects.of(offer.organisation_id).filter(offered__offer=offer)
    return list(rows.order_by("due_on", "pk"))


def _entries(offer: Offer) -> Any:
    return Entry.objects.of(offer.organisation_id).filter(key__startswith=_prefix(offer))


def _prefix(offer: Offer) -> str:
    return f"tenor:offer:{offer.pk}:"


def _now(actor: Actor) -> datetime:
    return clock.now(actor.organisation)
