"""What may be offered in a case, and what was: ready to be shown."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise as Text
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tenor.platform.offers import queries

if TYPE_CHECKING:
    from tenor.platform.ledger.models import Customer, Invoice
    from tenor.platform.offers.models import Offer

KINDS: dict[str, "Text | str"] = {
    "plan": _("Pay in parts"),
    "settlement": _("Settle for less"),
    "early": _("Less for paying early"),
}
STATES: dict[str, tuple["Text | str", str]] = {
    "proposed": (pgettext_lazy("offer", "Waits for approval"), "wait"),
    "approved": (pgettext_lazy("offer", "Approved"), ""),
    "sent": (pgettext_lazy("offer", "Told"), "wait"),
    "accepted": (pgettext_lazy("offer", "Taken"), "good"),
    "kept": (pgettext_lazy("offer", "Kept"), "good"),
    "broken": (pgettext_lazy("offer", "Not kept"), "stop"),
    "declined": (pgettext_lazy("offer", "Not wanted"), ""),
    "expired": (pgettext_lazy("offer", "Expired"), ""),
}
# More to choose from helps nobody; older offers are in the audit log.
_PLANS, _EARLY, _PAST = 3, 3, 5


@dataclass(frozen=True)
class PlanChoice:
    """A plan to propose: its parts, days, the chance that it is kept, and how heavy it is."""

    count: int
    each: Decimal
    first_on: date
    last_on: date
    chance: float
    load: float | None
    is_best: bool


@dataclass(frozen=True)
class Choices:
    """The plans for what is free in one currency."""

    currency: str
    keys: tuple[str, ...]
    amount: Decimal
    plans: tuple[PlanChoice, ...]
    needs_person: bool


@dataclass(frozen=True)
class Shown:
    """An offer with its words."""

    row: "Offer"
    kind: "Text | str"
    state: "Text | str"
    meaning: str

    @property
    def can_decline(self) -> bool:
        """Say whether it can still be taken off the table."""
        return self.row.state in ("proposed", "approved", "sent")


def offers_part(customer: "Customer", invoices: Sequence["Invoice"]) -> dict[str, Any]:
    """Return what the part of a case about offers shows."""
    made = [shown(offer) for offer in queries.offers_of(customer)[:_PAST]]
    taken = queries.offered_now(customer)
    free = [row for row in queries.free(customer, invoices) if row.pk not in taken]
    grouped: dict[str, list[Invoice]] = defaultdict(list)
    for invoice in free:
        grouped[invoice.currency].append(invoice)
    less = [queries.settlement_for(customer, some) for some in grouped.values()]
    later = sorted(free, key=lambda invoice: invoice.due_on, reverse=True)[:_EARLY]
    less += [queries.early_for(customer, invoice) for invoice in later]
    choices = [_choices(customer, some) for some in grouped.values()]
    return {
        "offers_made": made,
        "offer_plans": [one for one in choices if one.plans],
        "offer_less": [(KINDS[one.kind], one) for one in less if one is not None],
    }


def shown(offer: "Offer") -> Shown:
    """Return an offer with its words."""
    state, meaning = STATES[offer.state]
    return Shown(offer, KINDS[offer.kind], state, meaning)


def _choices(customer: "Customer", invoices: Sequence["Invoice"]) -> Choices:
    found = queries.plan_proposals(customer, invoices)
    at = found.plans.index(found.best) if found.best else 0
    start = max(0, min(at - 1, len(found.plans) - _PLANS))
    return Choices(
        currency=invoices[0].currency,
        keys=tuple(invoice.key for invoice in invoices),
        amount=sum((invoice.balance for invoice in invoices), Decimal(0)),
        plans=tuple(
            PlanChoice(
                plan.count, plan.instalments[0][1], plan.instalments[0][0], plan.ends_on,
                plan.p_kept, plan.load, plan is found.best,
            )
            for plan in found.plans[start : start + _PLANS]
        ),
        needs_person=found.needs_person,
    )  # fmt: skip
