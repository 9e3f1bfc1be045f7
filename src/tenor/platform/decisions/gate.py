"""The human gate: which decisions of a run wait for a person, and why the others do not.

Nothing goes out by itself unless the organisation said so for the segment, the amount is below
the limit, and no rule asks for a person: hand-overs, what the engine's review draws or doubts,
complex cases, cases that somebody works on, and what somebody kept back a short while ago.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Count

from tenor.engine.law.holds import Step
from tenor.engine.policy.explain import RULE_TEXTS
from tenor.platform.core.preferences import Preferences, preferences_of
from tenor.platform.decisions.models import Decision, Run, Task
from tenor.platform.governance.models import SegmentStrategy
from tenor.platform.governance.queries import strategies
from tenor.platform.ledger.holding import PRESSING, meaning_of, packs_of, stops
from tenor.platform.ledger.models import Dispute, Exposure, Hold, Plan, Promise
from tenor.platform.ledger.queries.marks import holds_at

State = Decision.State

AT_ONCE = 5_000
_GATED = (Step.PRESSURE, Step.EXPLORE, Step.HAND_OVER, Step.COURT)
# A person's no is not asked again at once: so many days the next decision waits for them.
KEPT_BACK = timedelta(days=7)
# How far back a hardship, a broken promise or a broken plan still makes a case complex.
LOOKS_BACK = timedelta(days=180)
# A case is complex from so many points on; being vulnerable weighs two.
COMPLEX_FROM = 2
_VULNERABLE = (
    "hardship", "breathing_space", "insolvency", "deceased", "represented", "vulnerable",
    "debt_help", "minor", "guardian",
)  # fmt: skip
# An approval is carried to the next plan where that wants the same within so much time.
_SAME_MOMENT = timedelta(hours=36)

# What the engine's review says, and the code of it.
_REVIEWS = (
    ("hand-over to collection", "hand_over"),
    ("likely obstacle", "obstacle"),
    ("is above", "large"),
    ("likely to beat waiting", "uncertain"),
    ("of such contacts", "overridden"),
    ("drawn by chance", "sampled"),
)
_RULES_BY_TEXT = {text: rule for rule, text in RULE_TEXTS.items()}
_ALONE_BY_TEXT = (
    ("likely to pay unaided", "likely_to_pay"),
    ("people's time", "capacity"),
    ("no permitted contact", "not_worth_it"),
    ("left alone by chance", "by_chance"),
    ("fixed ladder", "ladder"),
    ("comparison:", "compared"),
)


class _Row(NamedTuple):
    pk: int
    customer_id: int
    verdict: str
    channel: str
    tone: str
    send_at: Any
    review_reason: str
    reasons: list[str]
    amount: Decimal
    currency: str
    segment: str
    days_overdue: int
    invoice_keys: list[str]
    explored: bool


@dataclass(frozen=True)
class _Known:
    """What the gate looks at besides the decision itself."""

    preferences: Preferences
    strategies: dict[str, SegmentStrategy]
    currency: str
    complex: frozenset[int]
    worked_on: frozenset[int]
    kept_back: frozenset[int]
    approved: dict[int, Decision]
    # What the law's holds stop, by customer; and whose hand-over waits to be signed.
    stopped: dict[int, frozenset[str]]
    handed_over: frozenset[int]


def open_gate(run: Run, customers: Collection[int] | None = None) -> dict[str, int]:
    """Say of each decision of a run whether it waits, goes out by itself or is left alone.

    Decisions of earlier runs that nothing became of lapse. What a person has touched already is
    left as it is: safe to run twice. `customers` looks at theirs alone. Returns how many there are
    in each state.
    """
    with transaction.atomic():
        rows = Decision.objects.of(run.organisation_id)
        known = _known(run, customers)
        untouched = _of(rows, customers).filter(
            run=run, changed_at=None, state__in=[State.PROPOSED, State.APPROVED, State.NOTHING]
        )
        fields = _Row._fields
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        carried: list[tuple[_Row, Decision]] = []
        for values in untouched.values_list(*fields).iterator(chunk_size=AT_ONCE):
            row = _Row(*values)
            state, gate = _word(row, known)
            before = known.approved.get(row.customer_id)
            if before is not None and _carries(row, before, state, gate):
                carried.append((row, before))
            else:
                found[state, gate].append(row.pk)
        for (state, gate), numbers in found.items():
            for part in _parts(numbers):
                rows.filter(pk__in=part).update(state=state, gate=gate)
        for row, before in carried:
            _carry(run, row, before)
        if customers is None:
            _lapse(run)
            _renew_statistics()
        counts = rows.filter(run=run).order_by().values_list("state")
        return dict(counts.annotate(n=Count("pk")))


def _word(row: _Row, known: _Known) -> tuple[str, str]:
    """Return the state of a decision and the codes of why."""
    if row.verdict == "wait" or (row.verdict == "contact" and not row.channel):
        return State.NOTHING, alone_code(row.reasons)
    if not known.preferences.use_prevention and row.verdict == "contact" and row.days_overdue <= 0:
        return State.NOTHING, "prevention_off"
    if (forbidden := _forbidden(row, known)) is not None:
        return State.NOTHING, forbidden
    codes = [code for text, code in _REVIEWS if text in row.review_reason]
    if row.customer_id in known.complex:
        codes.append("complex")
    if row.customer_id in known.worked_on:
        codes.append("with_person")
    if row.customer_id in known.kept_back:
        codes.append("kept_back")
    if row.verdict == "escalate" and not codes:
        # The rules say that hand-overs need nobody.
        return State.APPROVED, "automatic"
    codes += _limits(row, known)
    return (State.PROPOSED, " ".join(codes)) if codes else (State.APPROVED, "automatic")


def _forbidden(row: _Row, known: _Known) -> str | None:
    """Return why nobody, a person neither, can let this go out: a hold, a hand-over under way."""
    stopped = known.stopped.get(row.customer_id, frozenset())
    if row.verdict == "escalate":
        if row.customer_id in known.handed_over:
            return "hand_over_open"
        # To an agency or to court: the file decides later, so both have to be open.
        return "hold" if stopped & {Step.HAND_OVER, Step.COURT} else None
    if row.explored and Step.EXPLORE in stopped:
        return "no_pressure"
    return "no_pressure" if row.tone in PRESSING and Step.PRESSURE in stopped else None


def _stopped(run: Run, customers: Collection[int] | None) -> dict[int, frozenset[str]]:
    """Return what holds on a whole customer stop at the moment of the run."""
    packs, day = packs_of(run.organisation), run.as_of.date()
    found: dict[int, frozenset[str]] = defaultdict(frozenset)
    rows = _of(holds_at(run.organisation, run.as_of), customers).select_related("customer")
    for hold in rows:
        pack = packs(hold.customer.country)
        if hold.invoice_id is None or meaning_of(hold.reason, pack=pack, day=day).covers_all:
            steps = {step for step in _GATED if stops(hold, step, pack=pack, day=day)}
            found[hold.customer_id] |= steps
    return dict(found)


def _limits(row: _Row, known: _Known) -> list[str]:
    """Return what keeps a decision from going out by itself: segment, amount, currency."""
    if not known.preferences.use_execution:
        return ["execution_off"]
    strategy = known.strategies.get(row.segment)
    automatic = known.preferences.automatic
    if not ("all" in automatic or row.segment in automatic or (strategy and strategy.automatic)):
        return ["by_hand"]
    most = Decimal(known.preferences.automatic_amount_below)
    if strategy is not None and strategy.automatic_below is not None:
        most = min(most, strategy.automatic_below)
    if row.currency != known.currency:
        return ["currency"]
    return ["amount"] if row.amount >= most else []


def alone_code(reasons: list[str]) -> str:
    """Return the code of why somebody is left alone, from the engine's first reason."""
    first = reasons[0] if reasons else ""
    if first in _RULES_BY_TEXT:
        return _RULES_BY_TEXT[first]
    return next((code for text, code in _ALONE_BY_TEXT if first.startswith(text)), "other")


def complex_cases(run: Run, customers: Collection[int] | None = None) -> dict[int, list[str]]:
    """Return the customers whose case is complex, each with the codes of what makes it so."""
    since = run.as_of - LOOKS_BACK
    whose = run.organisation_id
    holds = Hold.objects.of(whose).filter(reason__in=_VULNERABLE, starts_at__gte=since)
    disputes = Dispute.objects.of(whose).filter(resolved_at=None)
    promises = Promise.objects.of(whose).filter(state="broken", decided_at__gte=since)
    plans = Plan.objects.of(whose).filter(state="broken", decided_at__gte=since)
    owing = Exposure.objects.of(whose).filter(open_amount__gt=0)
    found: dict[int, list[str]] = defaultdict(list)
    for code, rows, column, least in (
        ("vulnerable", holds, "customer_id", 1),
        ("disputes", disputes, "invoice__customer_id", 1),
        ("promises_broken", promises, "customer_id", 2),
        ("plan_broken", plans, "customer_id", 1),
        ("currencies", owing, "customer_id", 2),
    ):
        counted = _of(rows, customers, column).order_by().values_list(column)
        for number, _n in counted.annotate(n=Count("pk")).filter(n__gte=least):
            found[number].append(code)
    return {
        number: codes
        for number, codes in found.items()
        if len(codes) + ("vulnerable" in codes) >= COMPLEX_FROM
    }


def _of(rows: Any, customers: Collection[int] | None, column: str = "customer_id") -> Any:
    """Return those of `rows` that are about these customers; all of them where none are named."""
    return rows if customers is None else rows.filter(**{f"{column}__in": customers})


def _known(run: Run, customers: Collection[int] | None) -> _Known:
    organisation = run.organisation
    earlier = _of(Decision.objects.of(organisation), customers).filter(run__day__lt=run.day)
    kept = earlier.filter(
        state__in=[State.HELD, State.VETOED], changed_at__gte=run.as_of - KEPT_BACK
    )
    approved = earlier.filter(state=State.APPROVED).exclude(changed_at=None).exclude(channel="")
    worked = _of(Task.objects.of(organisation), customers).filter(state=Task.State.OPEN)
    worked = worked.exclude(claimed_by=None)
    return _Known(
        preferences=preferences_of(organisation),
        strategies=strategies(organisation),
        currency=organisation.currency,
        complex=frozenset(complex_cases(run, customers)),
        worked_on=frozenset(worked.values_list("customer_id", flat=True)),
        kept_back=frozenset(kept.values_list("customer_id", flat=True)),
        stopped=_stopped(run, customers),
        handed_over=frozenset(
            _of(Task.objects.of(organisation), customers)
            .filter(state=Task.State.OPEN, kind=Task.Kind.HAND_OVER)
            .values_list("customer_id", flat=True)
        ),
        approved={d.customer_id: d for d in approved.order_by("decided_at", "pk")},
    )


def _carries(row: _Row, before: Decision, state: str, gate: str) -> bool:
    """Say whether a person's earlier approval stands for this decision too.

    What a person changed goes out as they wanted it, at its moment. What they approved as it was
    stands where the new plan wants the same; where it wants something else, that is asked anew.
    """
    if set(row.invoice_keys) != set(before.invoice_keys):
        return False
    if before.original is not None:
        forbidden = {
            "hold", "disputed", "plan", "promise", "complaint", "with_collection", "no_pressure",
        }  # fmt: skip
        return row.verdict != "escalate" and gate not in forbidden
    if state == State.NOTHING or row.send_at is None or before.send_at is None:
        return False
    same = (row.channel, row.tone) == (before.channel, before.tone)
    return same and abs(row.send_at - before.send_at) <= _SAME_MOMENT


def _carry(run: Run, row: _Row, before: Decision) -> None:
    """Let what a person approved yesterday stand today."""
    found: Decision = Decision.objects.of(run.organisation_id).get(pk=row.pk)
    if before.original is not None:
        found.original = {
            "channel": found.channel, "tone": found.tone, "text": "", "verdict": found.verdict,
            "send_at": found.send_at.isoformat() if found.send_at else None, "cost": found.cost,
        }  # fmt: skip
        found.channel, found.tone, found.text = before.channel, before.tone, before.text
        found.send_at, found.cost = before.send_at, before.cost
        found.verdict = "contact"
    found.state, found.gate = State.APPROVED, "carried"
    found.decided_by_id, found.changed_at = before.decided_by_id, before.changed_at
    found.save()


def _lapse(run: Run) -> None:
    """Let what earlier runs intended, and nothing became of, make way for this run."""
    earlier = Decision.objects.of(run.organisation_id).filter(run__day__lt=run.day)
    earlier.filter(state__in=[State.PROPOSED, State.APPROVED]).update(state=State.LAPSED)
    tasks = Task.objects.of(run.organisation_id).filter(
        state=Task.State.OPEN, claimed_by=None, decision__run__day__lt=run.day
    )
    tasks.filter(kind__in=[Task.Kind.CALL, Task.Kind.OBSTACLE, Task.Kind.REVIEW]).update(
        state=Task.State.LAPSED
    )


def _renew_statistics() -> None:
    """Tell PostgreSQL how many decisions there are now.

    It plans by what it last counted: right after a plan of tens of thousands it would take the
    table for empty, and read it once for each of its rows.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE decisions_decision")


def _parts(numbers: list[int]) -> Iterable[list[int]]:
    for start in range(0, len(numbers), AT_ONCE):
        yield numbers[start : start + AT_ONCE]
