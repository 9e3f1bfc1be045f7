"""What can be offered, what was, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from tenor.platform.core import clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import Right
from tenor.platform.ledger.models import Customer, Invoice
from tenor.platform.offers.barred import barred, free
from tenor.platform.offers.discounts import Less, early_for, settlement_for
from tenor.platform.offers.following import money_in_time
from tenor.platform.offers.models import Offer, OfferInvoice
from tenor.platform.offers.proposing import Proposals, habits_for, plan_proposals
from tenor.platform.wording.offered import Offered

__all__ = [
    "Less",
    "Made",
    "Proposals",
    "barred",
    "early_for",
    "free",
    "habits_for",
    "left_of",
    "made_since",
    "offered_now",
    "offers_of",
    "open_to",
    "plan_proposals",
    "plans_offered",
    "settlement_for",
    "standing_offers",
    "told_in_messages",
    "waiting",
]

State = Offer.State


def offers_of(customer: Customer) -> list[Offer]:
    """Return every offer that was made to a customer, the newest first."""
    rows = Offer.objects.of(customer.organisation_id).filter(customer=customer)
    return list(rows.prefetch_related("covered__invoice"))


def standing_offers(customer: Customer) -> list[Offer]:
    """Return what the customer was told of and may still take, or has taken and not yet paid."""
    states = (State.SENT, State.ACCEPTED)
    return [offer for offer in offers_of(customer) if offer.state in states]


def open_to(customer: Customer) -> list[Offer]:
    """Return what a customer may take now, and what they have taken and not yet paid.

    An offer that somebody approved is open until its last day, while as much is owed and nothing
    speaks against it.
    """
    today, found = clock.today(customer.organisation), []
    for offer in offers_of(customer):
        if offer.until < today:
            continue
        invoices = [row.invoice for row in offer.covered.all()]
        if offer.state == State.ACCEPTED:
            found += [offer] if offer.kind != Offer.Kind.PLAN else []
        elif offer.state in (State.APPROVED, State.SENT):
            owed = sum((invoice.balance for invoice in invoices), Decimal(0))
            if owed == offer.owed and not barred(customer, invoices):
                found.append(offer)
    return found


def plans_offered(organisation: Organisation) -> list[tuple[str, str, datetime]]:
    """Return customer, invoice and instant of every plan that customers were offered.

    From the day on which it could be taken: it was sent, or approved and stood on their page.
    """
    rows = OfferInvoice.objects.of(organisation).filter(offer__kind=Offer.Kind.PLAN)
    told = rows.annotate(at=Coalesce("offer__approved_at", "offer__sent_at")).exclude(at=None)
    names = ("offer__customer__key", "invoice__key", "at")
    return list(told.order_by("pk").values_list(*names))


def told_in_messages(customer: Customer, invoices: Sequence[Invoice]) -> Offered | None:
    """Return the offer that a message about these invoices names, the one for most of them.

    Of an offer of which an invoice is not in the message, the message says nothing.
    """
    here = {invoice.pk for invoice in invoices}
    found = []
    for offer in open_to(customer):
        about = {row.invoice_id for row in offer.covered.all()}
        if offer.kind != Offer.Kind.PLAN and about and about <= here:
            found.append((len(about), -offer.pk, offer))
    if not found:
        return None
    best = max(found)[2]
    return Offered(best.asked, best.until)


def left_of(offer: Offer) -> Decimal:
    """Return what must still come, by the last day, for an offer to be kept."""
    left: Decimal = offer.asked - money_in_time(offer)
    return max(Decimal(0), left)


def offered_now(customer: Customer) -> set[int]:
    """Return the numbers of the invoices about which there is an offer that has not ended."""
    states = (State.PROPOSED, State.APPROVED, State.SENT, State.ACCEPTED)
    rows = OfferInvoice.objects.of(customer.organisation_id).filter(
        offer__customer=customer, offer__state__in=states
    )
    return set(rows.values_list("invoice_id", flat=True))


def waiting(actor: Actor) -> list[Offer]:
    """Return the offers that this person may approve: those of others and of Tenor."""
    actor.need(Right.APPROVE)
    rows = Offer.objects.of(actor.organisation).filter(state=State.PROPOSED)
    own = Q(by_number__isnull=False, by_number=actor.user_id)
    return list(rows.exclude(own).select_related("customer").order_by("made_at", "pk"))


@dataclass(frozen=True)
class Made:
    """Offers of a kind in a currency: how many were made, told, taken, kept and broken.

    `given` is what less was asked in those that were kept.
    """

    kind: str
    currency: str
    made: int
    told: int
    taken: int
    kept: int
    broken: int
    given: Decimal


def made_since(organisation: Organisation, since: datetime) -> Sequence[Made]:
    """Count the offers that were made from `since` (aware) on, by kind and currency."""
    rows: Any = Offer.objects.of(organisation).filter(made_at__gte=since).order_by()
    kept = Q(state=State.KEPT)
    counted = rows.values("kind", "currency").annotate(
        made=Count("pk"), told=Count("pk", filter=Q(sent_at__isnull=False)),
        taken=Count("pk", filter=Q(accepted_at__isnull=False) | kept),
        kept=Count("pk", filter=kept), broken=Count("pk", filter=Q(state=State.BROKEN)),
        owed=Sum("owed", filter=kept), asked=Sum("asked", filter=kept),
    )  # fmt: skip
    found = []
    for row in counted:
        owed, asked = row.pop("owed"), row.pop("asked")
        found.append(Made(**row, given=(owed or Decimal(0)) - (asked or Decimal(0))))
    return sorted(found, key=lambda row: (row.kind, row.currency))
