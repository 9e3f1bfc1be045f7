"""A plan adapts once when an instalment is missed: its days move on by one, within the rules.

Only plans that customers agreed to on their own page, within the limits of the rules: what a person
agreed with them, a person changes.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor
from tenor.platform.decisions.live import live_policy
from tenor.platform.ledger.models import Instalment, Plan
from tenor.platform.outreach.telling import News, tell
from tenor.platform.wording.draft import Kind

# Of a plan with one instalment left: a month later.
_MONTH = timedelta(days=30)
SOURCE = "page"


def move_once(actor: Actor, plan: Plan, instalments: Sequence[Instalment]) -> bool:
    """Move what is unpaid to the next instalment's day, the last one as far again; tell them.

    Not where the plan would then end later than the rules allow, or where the next day has passed
    too. The caller holds the customer's lock.
    """
    organisation, today = actor.organisation, clock.today(actor.organisation)
    left = [part for part in instalments if part.paid < part.amount]
    if plan.source != SOURCE or not left:
        return False
    days = _days(instalments, left)
    limit = plan.agreed_at.date() + timedelta(days=live_policy(organisation).plans.most_days)
    if days[0] < today or days[-1] > limit:
        return False
    before = [part.due_on for part in left]
    for part, day in zip(left, days, strict=True):
        part.due_on = day
    Instalment.objects.of(organisation).bulk_update(left, ["due_on"])
    plan.moved_at = clock.now(organisation)
    plan.save(update_fields=["moved_at"])
    audit.record(
        actor, "plan.move", f"customer:{plan.customer.key}",
        before={"plan": plan.pk, "days": before}, after={"days": days},
    )  # fmt: skip
    keys = [row.invoice.key for row in plan.covered.select_related("invoice")]
    news = News(plan.customer_id, Kind.PLAN_AGREED, f"plan:{plan.pk}:moved", keys, plan.currency)
    tell(actor, news, at=plan.moved_at)
    return True


def _days(instalments: Sequence[Instalment], left: Sequence[Instalment]) -> list[date]:
    gap = instalments[-1].due_on - instalments[-2].due_on if len(instalments) > 1 else _MONTH
    return [part.due_on for part in left[1:]] + [left[-1].due_on + gap]
