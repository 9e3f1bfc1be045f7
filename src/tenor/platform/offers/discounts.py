"""Whether asking less brings more, with the chances that the live predictor gave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from django.db.models import Count, Q, Sum

from tenor.engine.offers import settlements as engine
from tenor.engine.policy.policyfile import Policy
from tenor.platform.core import clock
from tenor.platform.core.currencies import smallest
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.live import live_policy
from tenor.platform.decisions.models import Score
from tenor.platform.ledger.balances import NOTHING
from tenor.platform.ledger.models import Customer, Invoice
from tenor.platform.offers.barred import barred
from tenor.platform.offers.models import Offer

# Within so many days a settlement is paid.
SETTLE_WITHIN = 14
# What comes of a debt in collection while fewer than these were handed over: half. A careful guess:
# the more comes of going on, the less is given away.
_FEW, _USUALLY = 10, 0.5
# Of an invoice whose day of payment nobody foretells.
_DAYS_UNKNOWN = 60
# Of the others, the largest discount brings forward so many: three of ten, a prior as good as ten.
_PRIOR_TAKEN, _PRIOR_OFFERED = 3.0, 10.0


@dataclass(frozen=True)
class Less:
    """What is asked instead of the whole, until when, and what that is worth.

    `gain` is what it brings over going on, `given_away` what of the discount goes to those who
    would have paid the whole anyway, `p_anyway` the chance that they would (of less for paying
    early: by that day).
    """

    kind: str
    invoices: tuple[Invoice, ...]
    owed: Decimal
    asked: Decimal
    currency: str
    until: date
    gain: float
    given_away: float
    p_anyway: float

    @property
    def anyway(self) -> int:
        """Return how many of 100 such customers would pay anyway."""
        return round(100 * self.p_anyway)

    @property
    def discount(self) -> Decimal:
        """Return how much less is asked."""
        return self.owed - self.asked


def settlement_for(customer: Customer, invoices: Sequence[Invoice]) -> Less | None:
    """Return the settlement of these invoices that is expected to bring most; None: go on.

    Only of invoices that are as old as the policy says, have a score, and are neither disputed,
    held, promised nor in a plan; never where somebody is in hardship.
    """
    organisation, policy = customer.organisation, live_policy(customer.organisation)
    today = clock.today(organisation)
    latest = today - timedelta(days=policy.offers.settlement_after)
    some = [invoice for invoice in invoices if invoice.is_open and invoice.due_on <= latest]
    scores = _scores(organisation, some)
    if not policy.offers.settlement_most or barred(customer, some) or len(scores) < len(some):
        return None
    owed, currency = _owed(some), some[0].currency
    outlook = _outlook(organisation, policy, some, scores, today)
    found = engine.settlement(
        owed,
        outlook=outlook,
        most=Decimal(str(policy.offers.settlement_most)),
        value_per_day=policy.objective.value_per_day_earlier,
        taken=_taken(organisation, Offer.Kind.SETTLEMENT),
        days=SETTLE_WITHIN,
        cent=smallest(currency),
    )
    if found is None or found.asked <= 0:
        return None
    return Less(
        Offer.Kind.SETTLEMENT, tuple(some), owed, found.asked, currency,
        today + timedelta(days=SETTLE_WITHIN), found.gain, found.given_away, outlook.p_paid,
    )  # fmt: skip


def early_for(customer: Customer, invoice: Invoice) -> Less | None:
    """Return what is given for paying an invoice early where that pays for itself; None: nothing.

    Only of one that is not due within the days that the policy calls early.
    """
    organisation, policy = customer.organisation, live_policy(customer.organisation)
    today = clock.today(organisation)
    until = invoice.due_on - timedelta(days=policy.offers.early_days)
    score = _scores(organisation, [invoice]).get(invoice.pk)
    if not policy.offers.early_most or until <= today or score is None:
        return None
    if barred(customer, [invoice]):
        return None
    taken = _taken(organisation, Offer.Kind.EARLY)
    p_anyway = _by(score, (until - today).days)
    expected = score.expected_paid_on or invoice.due_on
    found = engine.early_discount(
        invoice.balance,
        p_anyway=p_anyway,
        days_earlier=max(0, (expected - until).days),
        moved=(taken.taken + _PRIOR_TAKEN) / (taken.offered + _PRIOR_OFFERED),
        most=Decimal(str(policy.offers.early_most)),
        value_per_day=policy.objective.value_per_day_earlier,
        cent=smallest(invoice.currency),
    )
    if found is None or not 0 < found.asked < invoice.balance:
        return None
    return Less(
        Offer.Kind.EARLY, (invoice,), invoice.balance, found.asked, invoice.currency, until,
        found.gain, found.given_away, p_anyway,
    )  # fmt: skip


def _scores(organisation: Organisation, invoices: Sequence[Invoice]) -> dict[int, Score]:
    rows = Score.objects.of(organisation).filter(invoice__in=[i.pk for i in invoices])
    return {score.invoice_id: score for score in rows}


def _outlook(
    organisation: Organisation,
    policy: Policy,
    invoices: Sequence[Invoice],
    scores: dict[int, Score],
    today: date,
) -> engine.Outlook:
    """Return what is expected of invoices together, each by its part of what is owed."""
    owed = float(_owed(invoices))
    paid = days = escalated = 0.0
    for invoice in invoices:
        score, part = scores[invoice.pk], float(invoice.balance) / owed
        paid += part * score.p_paid_60d
        on = score.expected_paid_on
        days += part * (max(0, (on - today).days) if on else _DAYS_UNKNOWN)
        escalated += part * (1.0 if score.p_escalated is None else score.p_escalated)
    # Of those who do not pay, how many are handed over, at the policy's cost.
    share = min(1.0, escalated / (1 - paid)) if paid < 1 else 0.0
    return engine.Outlook(
        p_paid=paid,
        days=days,
        recovered=_recovered(organisation),
        cost=share * policy.objective.cost_of_escalation,
    )


def _recovered(organisation: Organisation) -> float:
    """Return which share came of what was handed over, a careful guess while that is little."""
    rows = Invoice.objects.of(organisation).filter(closed_as=Invoice.Closed.ESCALATED)
    sums = rows.aggregate(n=Count("pk"), total=Sum("total"), paid=Sum("paid"))
    if sums["n"] < _FEW or not sums["total"]:
        return _USUALLY
    return min(1.0, float(sums["paid"] / sums["total"]))


def _taken(organisation: Organisation, kind: str) -> engine.Taken:
    """Count earlier offers of a kind that ended, and those that were paid as agreed."""
    ended = [Offer.State.KEPT, Offer.State.BROKEN, Offer.State.DECLINED, Offer.State.EXPIRED]
    counts = (
        Offer.objects.of(organisation)
        .filter(kind=kind, sent_at__isnull=False, state__in=ended)
        .aggregate(all=Count("pk"), kept=Count("pk", filter=Q(state=Offer.State.KEPT)))
    )
    return engine.Taken(counts["all"], counts["kept"])


def _by(score: Score, days: int) -> float:
    """Return the chance that it is paid within so many days, straight between what is foretold."""
    known = [(0, 0.0), (7, score.p_paid_7d), (30, score.p_paid_30d), (60, score.p_paid_60d)]
    for (start, low), (end, high) in pairwise(known):
        if days <= end:
            return low + (high - low) * (days - start) / (end - start)
    return score.p_paid_60d


def _owed(invoices: Sequence[Invoice]) -> Decimal:
    return sum((invoice.balance for invoice in invoices), NOTHING)
