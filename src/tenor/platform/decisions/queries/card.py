"""What somebody who is about to speak to a customer should know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Avg, Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenor.platform.core.clock import now
from tenor.platform.decisions.models import Decision, Score, Task
from tenor.platform.decisions.queries.cases import latest_decision
from tenor.platform.decisions.queries.profile import Profile, preference_profile
from tenor.platform.ledger.models import Customer
from tenor.platform.ledger.models import Promise as PaymentPromise

STRATEGIES: dict[str, str | Promise] = {
    "ask_date": _("Ask on which day they will pay, and keep that as a promise"),
    "offer_plan": _("Offer to pay in parts: money seems to be short"),
    "help_paying": _("Help with the payment itself: it was begun and did not succeed"),
    "clear_doubt": _("Ask what they doubt: they looked at the payment page and did not pay"),
    "answer_first": _("Answer their message first"),
    "resolve_dispute": _("Resolve their objection before asking for the rest"),
    "broken_promise": _("They did not keep a promise: agree on a smaller and earlier step"),
    "just_remind": _("A friendly reminder is enough: they usually pay"),
    "before_hand_over": _("Say what happens next: this is about to be handed over"),
    "check_address": _("Ask for an address that works: messages come back"),
}
# What the engine found to be in the way, and what helps.
_OBSTACLES = {
    "financial room": "offer_plan",
    "payment method": "help_paying",
    "payment not finished": "help_paying",
    "a message not yet answered": "answer_first",
    "financial room or doubt": "clear_doubt",
}


@dataclass(frozen=True)
class Card:
    """The facts for a conversation: chances, habits, reasons, and what to try.

    `p_success` is the chance that the contact's invoices are paid within the outcome window after
    it, `p_alone` the same without it; both as the predictor gives them, `kept` the share of
    promises kept so far.
    """

    customer: Customer
    decision: Decision | None
    p_success: float | None
    p_alone: float | None
    p_paid_30d: float | None
    p_escalated: float | None
    risk: str
    segment: str
    why_unpaid: str
    reasons: Sequence[str]
    promises: int
    kept: float | None
    profile: Profile
    strategies: Sequence[str]

    @property
    def advice(self) -> list[str]:
        """Return what to try, in words, the most fitting first."""
        return [str(STRATEGIES[code]) for code in self.strategies]


def card_of(customer: Customer, task: Task | None = None) -> Card:
    """Return what somebody who is about to speak to this customer should know."""
    decision = (task.decision if task else None) or latest_decision(customer)
    scores = Score.objects.of(customer.organisation_id).filter(invoice__customer=customer)
    worst: Score | None = scores.order_by("p_paid_30d").first()
    means = scores.aggregate(paid=Avg("p_paid_30d"), escalated=Avg("p_escalated"))
    said = PaymentPromise.objects.of(customer.organisation_id).filter(customer=customer)
    told = said.aggregate(
        all=Count("pk", filter=Q(state__in=["kept", "broken"])),
        kept=Count("pk", filter=Q(state="kept")),
    )
    profile = preference_profile(customer)
    return Card(
        customer=customer,
        decision=decision,
        p_success=decision.p_paid if decision else None,
        p_alone=decision.p_paid_wait if decision else None,
        p_paid_30d=means["paid"],
        p_escalated=means["escalated"],
        risk=worst.risk if worst else "",
        segment=(decision.segment if decision else "") or (worst.segment if worst else ""),
        why_unpaid=worst.why_unpaid if worst else "",
        reasons=[*(decision.reasons if decision else []), *(worst.reasons if worst else [])],
        promises=told["all"],
        kept=told["kept"] / told["all"] if told["all"] else None,
        profile=profile,
        strategies=_strategies(customer, decision, worst, profile),
    )


def _strategies(
    customer: Customer, decision: Decision | None, score: Score | None, profile: Profile
) -> list[str]:
    found: list[str] = []
    if customer.invoices.filter(disputes__resolved_at=None, disputes__isnull=False).exists():
        found.append("resolve_dispute")
    words = f"{decision.review_reason} {' '.join(decision.reasons)}" if decision else ""
    found += [code for text, code in _OBSTACLES.items() if f"obstacle: {text}" in words][-1:]
    since = now(customer.organisation) - timedelta(days=180)
    if customer.promises.filter(state="broken", decided_at__gte=since).exists():
        found.append("broken_promise")
    if any(c.bounced for c in profile.channels) and not any(
        c.address and not c.bounced for c in profile.channels
    ):
        found.append("check_address")
    if decision is not None and decision.verdict == "escalate":
        found.append("before_hand_over")
    if score is not None and score.p_paid_30d >= 0.8 and not found:
        found.append("just_remind")
    found.append("ask_date")
    return list(dict.fromkeys(found))
