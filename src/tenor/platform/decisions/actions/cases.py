"""Put the day's cases on the worklist, and see that somebody answers for a complex one."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Count

from tenor.platform.core.actor import system
from tenor.platform.core.models import Membership, Organisation
from tenor.platform.core.roles import Right
from tenor.platform.decisions.actions.care import CARED_FOR
from tenor.platform.decisions.gate import complex_cases
from tenor.platform.decisions.live import policy_of
from tenor.platform.decisions.models import Decision, Run, Score, Task
from tenor.platform.governance.queries import strategies
from tenor.platform.ledger.actions import assign_owner
from tenor.platform.ledger.balances import AT_ONCE
from tenor.platform.ledger.holding import meaning_of, packs_of
from tenor.platform.ledger.models import Customer, Dispute, Plan, Promise
from tenor.platform.ledger.queries.marks import holds_at

Kind = Task.Kind

# A promise or plan that broke longer ago than this is dealt with by the decisions since.
RECENT = timedelta(days=3)
# From the second in a year on, a promise or plan that broke raises what a conversation is worth, by
# half each, up to three. Nobody's figure: an order, so that a pattern comes before a single slip.
_REMEMBERED, _A_BROKEN_WORD, _MOST = timedelta(days=365), 0.5, 3
# Of an invoice without a score nobody knows: even chances.
_UNKNOWN = 0.5


@dataclass(frozen=True)
class Case:
    """Something that asks for a person: about whom, why, and what they should know first."""

    customer_id: int
    kind: str
    key: str
    facts: dict[str, Any] = field(default_factory=dict)
    decision_id: int | None = None


def lay_out(run: Run) -> dict[str, int]:
    """Put the cases of a gated run on the worklist, each once; return how many are new by kind.

    Obstacles, objections, promises and plans that broke, complex cases, and people to look after.
    What has an open task of its kind already gets no second one; a task whose reason is gone
    lapses. Safe to run twice.
    """
    organisation = run.organisation
    give_owners(run)
    cases = [*_obstacles(run), *_disputes(run), *_broken(run), *_complex(run), *_care(run)]
    _lapse(organisation, cases)
    tasks = Task.objects.of(organisation)
    there = set(tasks.filter(state=Task.State.OPEN).values_list("customer_id", "kind"))
    known = set(tasks.filter(key__in=[case.key for case in cases]).values_list("key", flat=True))
    new = [c for c in cases if (c.customer_id, c.kind) not in there and c.key not in known]
    # Of several of a kind about one customer, one task: its facts name the first.
    new = list({(c.customer_id, c.kind): c for c in reversed(new)}.values())
    tasks.bulk_create(_tasks(run, new), ignore_conflicts=True, batch_size=1_000)
    return dict(Counter(case.kind for case in new))


def give_owners(run: Run) -> int:
    """Give each complex case that waits a person who answers for it; return how many got one.

    Who has the skill that the segment asks for comes first, then who answers for the fewest.
    """
    organisation = run.organisation
    people = [m for m in _members(organisation) if m.may(Right.WORK) and not m.may(Right.APPROVE)]
    people = people or [m for m in _members(organisation) if m.may(Right.WORK)]
    waiting = _waiting(run, "complex").filter(customer__owner=None)
    rows = list(waiting.values_list("customer__key", "segment").order_by("-value", "pk"))
    if not people or not rows:
        return 0
    owned = Customer.objects.of(organisation).exclude(owner=None).order_by()
    load = Counter(dict(owned.values_list("owner_id").annotate(n=Count("pk"))))
    skills = {name: row.skill for name, row in strategies(organisation).items()}
    for key, segment in rows:
        wanted = skills.get(segment) or ""
        able = [m for m in people if wanted in m.skills] or people
        chosen = min(able, key=lambda m: (load[m.user_id], m.pk))
        assign_owner(system(organisation), customer_key=key, user_id=chosen.user_id)
        load[chosen.user_id] += 1
    return len(rows)


def _members(organisation: Organisation) -> list[Membership]:
    rows = Membership.objects.of(organisation).filter(is_active=True)
    return list(rows.select_related("user").order_by("pk"))


def _waiting(run: Run, code: str) -> Any:
    rows = Decision.objects.of(run.organisation_id)
    return rows.filter(run=run, state=Decision.State.PROPOSED, gate__contains=code)


def _obstacles(run: Run) -> Iterable[Case]:
    fields = ("pk", "customer_id", "customer__key", "review_reason", "invoice_keys")
    for pk, customer, key, words, invoices in _waiting(run, "obstacle").values_list(*fields):
        facts = {"words": words, "invoice_keys": invoices}
        yield Case(customer, Kind.OBSTACLE, f"obstacle:{key}:{run.day}", facts, pk)


def _disputes(run: Run) -> Iterable[Case]:
    rows = Dispute.objects.of(run.organisation_id).filter(resolved_at=None)
    fields = ("pk", "invoice__customer_id", "invoice__key", "reason", "note")
    for pk, customer, invoice, reason, note in rows.order_by("opened_at").values_list(*fields):
        facts = {"reason": reason, "words": note[:300], "invoice_keys": [invoice]}
        yield Case(customer, Kind.DISPUTE, f"dispute:{pk}", facts)


def _broken(run: Run) -> Iterable[Case]:
    since = run.as_of - RECENT
    for table, kind, name in (
        (Promise, Kind.PROMISE_BROKEN, "promised_on"),
        (Plan, Kind.PLAN_BROKEN, "agreed_at"),
    ):
        rows = table.objects.of(run.organisation_id).filter(
            state="broken", decided_at__gte=since, covered__invoice__is_open=True
        )
        for row in rows.distinct().prefetch_related("covered__invoice"):
            open_ = [c.invoice.key for c in row.covered.all() if c.invoice.is_open]
            facts = {
                "invoice_keys": open_, "amount": f"{row.amount:f}", "currency": row.currency,
                "on": str(getattr(row, name))[:10],
            }  # fmt: skip
            yield Case(row.customer_id, kind, f"{kind}:{row.pk}", facts)


def _complex(run: Run) -> Iterable[Case]:
    codes = complex_cases(run)
    fields = ("pk", "customer_id", "customer__key", "invoice_keys")
    for pk, customer, key, invoices in _waiting(run, "complex").values_list(*fields):
        facts = {"complex": codes.get(customer, []), "invoice_keys": invoices}
        yield Case(customer, Kind.REVIEW, f"complex:{key}:{run.day}", facts, pk)


def _care(run: Run) -> Iterable[Case]:
    """Tell somebody of each customer who is vulnerable or in distress: a person offers help."""
    packs, day = packs_of(run.organisation), run.as_of.date()
    rows = holds_at(run.organisation, run.as_of).filter(reason__in=CARED_FOR)
    for hold in rows.select_related("customer", "invoice").order_by("starts_at", "pk"):
        rule = meaning_of(hold.reason, pack=packs(hold.customer.country), day=day).rule
        facts = {"reason": hold.reason, "words": hold.note[:300], "offer": list(rule.offer)}
        yield Case(hold.customer_id, Kind.CARE, f"care:{hold.pk}", facts)


def _lapse(organisation: Organisation, cases: list[Case]) -> None:
    """Let go of objections that were answered, and of broken words that were made good."""
    tasks = Task.objects.of(organisation).filter(
        state=Task.State.OPEN, claimed_by=None,
        kind__in=[
            Kind.DISPUTE, Kind.PROMISE_BROKEN, Kind.PLAN_BROKEN, Kind.CARE, Kind.HAND_OVER,
        ],
    )  # fmt: skip
    still = {(case.customer_id, case.kind) for case in cases}
    gone = [
        pk for pk, customer, kind in tasks.values_list("pk", "customer_id", "kind")
        if kind in (Kind.DISPUTE, Kind.CARE) and (customer, kind) not in still
    ]  # fmt: skip
    owing = Customer.objects.of(organisation).filter(exposures__open_amount__gt=0)
    paid = tasks.exclude(customer__in=owing).values_list("pk", flat=True)
    tasks.filter(pk__in=[*gone, *paid]).update(state=Task.State.LAPSED)


def _tasks(run: Run, cases: list[Case]) -> Iterable[Task]:
    stake, skills = _stakes(run, cases), _skills(run, cases)
    broken = broken_words(run.organisation, {case.customer_id for case in cases}, run.as_of)
    for case in cases:
        count = broken.get(case.customer_id, 0)
        pattern = min(max(count - 1, 0), _MOST)
        yield Task(
            customer_id=case.customer_id, decision_id=case.decision_id, key=case.key,
            kind=case.kind, due_at=run.as_of, created_at=run.as_of,
            facts=case.facts | ({"broken": count} if pattern else {}),
            value=round(stake[case.customer_id] * (1 + _A_BROKEN_WORD * pattern), 4),
            skill=skills.get(case.customer_id, ""),
        )  # fmt: skip


def broken_words(
    organisation: Organisation, customers: Collection[int], at: datetime
) -> dict[int, int]:
    """Count the promises and plans of these customers that broke within a year before `at`."""
    found: Counter[int] = Counter()
    numbers = sorted(customers)
    for table in (Promise, Plan):
        for start in range(0, len(numbers), AT_ONCE):
            rows = table.objects.of(organisation).filter(
                state="broken", decided_at__gt=at - _REMEMBERED, decided_at__lte=at,
                customer__in=numbers[start : start + AT_ONCE],
            )  # fmt: skip
            found.update(dict(rows.order_by().values_list("customer_id").annotate(n=Count("pk"))))
    return dict(found)


def _stakes(run: Run, cases: list[Case]) -> dict[int, float]:
    """Return what each case is worth: a payment's worth, where it does not come by itself."""
    worth = policy_of(run.organisation, run.policy).objective.value_of_payment
    customers = {case.customer_id for case in cases}
    rows = Score.objects.of(run.organisation_id).filter(invoice__is_open=True)
    chances = dict(
        rows.order_by().values_list("invoice__customer_id").annotate(p=Avg("p_paid_30d"))
    )
    return {number: round(worth * (1 - chances.get(number, _UNKNOWN)), 4) for number in customers}


def _skills(run: Run, cases: list[Case]) -> dict[int, str]:
    """Return the skill that each case asks for, where somebody here has it."""
    had = {skill for member in _members(run.organisation) for skill in member.skills}
    wanted = {n: row.skill for n, row in strategies(run.organisation).items() if row.skill in had}
    if not wanted:
        return {}
    rows = Decision.objects.of(run.organisation_id).filter(run=run, segment__in=wanted)
    segments = dict(rows.values_list("customer_id", "segment"))
    return {case.customer_id: wanted.get(segments.get(case.customer_id, ""), "") for case in cases}
