"""Pay in parts: plans that fit what somebody can pay a month, agreed on one screen."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from tenor.engine.offers.plans import Proposal, best
from tenor.platform.decisions.live import live_policy
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger import queries
from tenor.platform.offers.queries import plan_proposals
from tenor.platform.portal.agreed import MOST_PLANS, broken_plans, running
from tenor.platform.portal.door import Request, page, render_page, to
from tenor.platform.portal.owed import Debt, debts_of, summed
from tenor.platform.portal.reading import amount_in
from tenor.platform.portal.visits import begun
from tenor.platform.replies import actions as replies
from tenor.platform.wording import forms

if TYPE_CHECKING:
    from tenor.platform.ledger.models import Invoice, Plan

# More to choose from helps nobody.
_OFFERED = 3


@dataclass(frozen=True)
class Offer:
    """A plan to choose, written for the reader; `code` says that it is still the same one."""

    count: int
    each: str
    first_on: str
    last_on: str
    rows: tuple[tuple[str, str], ...]
    code: str
    is_best: bool


@dataclass(frozen=True)
class Subject:
    """What is spread: invoices of one currency, and the plan in whose place it comes, if any."""

    debt: Debt
    invoices: tuple["Invoice", ...]
    instead: "Plan | None"

    @property
    def amount(self) -> Decimal:
        """Return how much is spread."""
        return summed(self.invoices)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def spread(request: Request) -> HttpResponse:
    """Propose plans within what somebody can miss a month; agree to the one that they chose."""
    words = request.words["spread"]
    subject = _subject(request)
    if subject is None:
        return render_page(request, "portal/nothing.html", {"words": words})
    begun(request, "spread")
    fields = request.POST if request.method == "POST" else request.GET
    told = fields.get("room", "").strip()
    room = amount_in(told, subject.debt.currency) if told else None
    proposals = _proposals(request, subject, room)
    problem = words["problems"]["room"] if told and room is None else ""
    if request.method == "POST" and "ask" in request.POST:
        return _ask(request, subject, told)
    if request.method == "POST" and "choice" in request.POST:
        chosen = next((p for p in proposals if _code(p) == request.POST["choice"]), None)
        if chosen is not None:
            _agree(request, subject, chosen)
            return to(request, done="plan")
        problem = words["problems"]["changed"]
    return render_page(
        request,
        "portal/spread.html",
        {
            "words": words, "subject": subject, "total": subject.debt.write(subject.amount),
            "currency": subject.debt.currency,
            "offers": _offers(request, subject, proposals), "room": told, "problem": problem,
            "asked_for_less": room is not None and not proposals,
            "with_person": _needs_person(request, subject),
        },
        status=422 if problem else 200,
    )  # fmt: skip


def _subject(request: Request) -> Subject | None:
    """Return what can be spread: what is free, else what a plan covers of which a part is late."""
    debts = debts_of(request.customer, request.language)
    wanted = request.POST.get("currency") or request.GET.get("currency", "")
    debts.sort(key=lambda debt: debt.currency != wanted)
    free = next((debt for debt in debts if debt.free), None)
    if free is not None:
        return Subject(free, free.free, None)
    for plan in queries.situation(request.customer).plans:
        debt = next((debt for debt in debts if debt.currency == plan.currency), None)
        if debt is not None and running(plan, request).is_missed:
            keys = {covered.invoice.key for covered in plan.covered.all()}
            covered = tuple(row for row in debt.invoices if row.key in keys)
            return Subject(debt, covered, plan) if covered else None
    return None


def _needs_person(request: Request, subject: Subject) -> bool:
    """Say whether a person looks with them: so many plans were not kept, or so much is owed.

    One may be made anew; a plan in whose place another one comes counts as not kept. How much may
    be agreed without a person stands in the rules.
    """
    if subject.amount > live_policy(request.organisation).plans.amount_above:
        return True
    return len(broken_plans(request.customer)) + (subject.instead is not None) >= MOST_PLANS


def _proposals(request: Request, subject: Subject, room: Decimal | None) -> tuple[Proposal, ...]:
    if _needs_person(request, subject):
        return ()
    return plan_proposals(request.customer, subject.invoices, room).plans


def _offers(request: Request, subject: Subject, proposals: tuple[Proposal, ...]) -> list[Offer]:
    """Return the few to choose from: the one that is expected to bring most, and its neighbours."""
    if not proposals:
        return []
    aim = live_policy(request.organisation).objective
    liked = best(proposals, value_per_day=aim.value_per_day_earlier) or proposals[0]
    at = proposals.index(liked)
    start = max(0, min(at - 1, len(proposals) - _OFFERED))
    language, write = request.language, subject.debt.write
    return [
        Offer(
            count=proposal.count,
            each=write(proposal.instalments[0][1]),
            first_on=forms.day(proposal.instalments[0][0], language),
            last_on=forms.day(proposal.ends_on, language),
            rows=tuple(
                (forms.day(day, language), write(amount)) for day, amount in proposal.instalments
            ),
            code=_code(proposal),
            is_best=proposal is liked,
        )
        for proposal in proposals[start : start + _OFFERED]
    ]


def _code(proposal: Proposal) -> str:
    """Name a plan by what is agreed: changed sums or days make another one."""
    day, amount = proposal.instalments[0]
    return f"{proposal.count}-{day.isoformat()}-{amount:f}"


def _agree(request: Request, subject: Subject, chosen: Proposal) -> None:
    with transaction.atomic():
        if subject.instead is not None:
            ledger.cancel_plan(request.actor, plan_id=subject.instead.pk)
        ledger.agree_plan(
            request.actor,
            customer_key=request.customer.key,
            invoice_keys=[invoice.key for invoice in subject.invoices],
            instalments=chosen.instalments,
            source="page",
        )


def _ask(request: Request, subject: Subject, told: str) -> HttpResponse:
    """Put a wish that is outside of the limits before a person."""
    wish = request.POST.get("wish", "").strip()
    replies.write_on_page(
        request.actor,
        request.customer,
        subject=str(request.words["spread"]["subject"]),
        text="\n".join(
            part
            for part in (
                f"{request.words['spread']['total']}: {subject.debt.write(subject.amount)}",
                f"{request.words['spread']['room']} {told}" if told else "",
                wish,
            )
            if part
        )[:5_000],
        contact_key=request.link.contact_key,
    )
    return to(request, done="wrote")
