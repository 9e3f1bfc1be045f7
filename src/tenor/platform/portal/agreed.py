"""What stands between a customer and an organisation, as the page tells it: what was agreed."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tenor.platform.core import clock
from tenor.platform.ledger import queries
from tenor.platform.paying import queries as paying
from tenor.platform.portal.door import Request
from tenor.platform.wording import forms

if TYPE_CHECKING:
    from tenor.platform.ledger.models import Customer, Plan

# How long a plan that was not kept is spoken of.
_REMEMBERED = timedelta(days=90)
# After so many plans about one debt that were not kept, a person looks together with them.
MOST_PLANS = 2
_CARED_FOR = ("hardship", "vulnerable", "debt_help", "breathing_space")


@dataclass(frozen=True)
class Row:
    """An instalment as its reader sees it: `state` is paid, missed, next or later."""

    on: str
    amount: str
    left: str
    state: str


@dataclass(frozen=True)
class Running:
    """A plan that runs: its instalments, and what is to be paid of the next one."""

    number: int
    rows: tuple[Row, ...]
    paid: int
    due: str
    left: str
    left_amount: Decimal
    is_missed: bool
    keys: tuple[str, ...]
    currency: str
    is_moved: bool = False


def standing_of(request: Request) -> dict[str, Any]:
    """Return what stands now, for the template of the first page."""
    customer, language = request.customer, request.language
    situation = queries.situation(customer)
    zone = clock.zone(request.organisation)
    broken = broken_plans(customer)
    return {
        "plans": [running(plan, request) for plan in situation.plans],
        "broken": bool(broken) and not situation.plans,
        "promises": [
            {
                "on": forms.day(promise.promised_on, language),
                "amount": forms.amount(promise.amount, promise.currency, language),
            }
            for promise in situation.promises
        ],
        "disputes": [
            {
                "number": str(dispute.invoice),
                "on": forms.day(dispute.opened_at.astimezone(zone).date(), language),
            }
            for dispute in situation.disputes
        ],
        "tight": any(hold.reason in _CARED_FOR for hold in situation.holds),
        "credit": [
            forms.amount(amount, currency, language)
            for currency, amount in situation.credit.items()
        ],
        "under_way": [
            forms.amount(amount, currency, language)
            for currency, amount in paying.under_way(customer).items()
        ],
    }


def running(plan: "Plan", request: Request) -> Running:
    """Return a plan as its reader sees it."""
    today = clock.today(request.organisation)
    language = request.language
    rows, following = [], None
    paid = 0
    for part in plan.instalments.all():
        left = part.amount - part.paid
        paid += left <= 0
        state = "paid" if left <= 0 else "missed" if part.due_on < today else "later"
        if left > 0 and following is None:
            following = part
            state = "missed" if state == "missed" else "next"
        rows.append(
            Row(
                forms.day(part.due_on, language),
                forms.amount(part.amount, plan.currency, language),
                forms.amount(left, plan.currency, language) if 0 < left < part.amount else "",
                state,
            )
        )
    due = sum((p.amount - p.paid for p in plan.instalments.all() if p.due_on < today), Decimal(0))
    left = due if due > 0 else following.amount - following.paid if following else Decimal(0)
    return Running(
        number=plan.pk,
        rows=tuple(rows),
        paid=paid,
        due=forms.day(following.due_on, language) if following else "",
        left=forms.amount(left, plan.currency, language),
        left_amount=left,
        is_missed=due > 0,
        keys=tuple(covered.invoice.key for covered in plan.covered.all()),
        currency=plan.currency,
        is_moved=plan.moved_at is not None,
    )


def broken_plans(customer: "Customer") -> list["Plan"]:
    """Return the plans that were not kept lately and whose debt is still open."""
    since = clock.now(customer.organisation) - _REMEMBERED
    return [
        plan
        for plan in queries.plans_of(customer)
        if plan.state in ("broken", "cancelled")
        and (plan.decided_at or plan.agreed_at) > since
        and any(covered.invoice.is_open for covered in plan.covered.all())
    ]
