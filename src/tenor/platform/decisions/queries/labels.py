"""How people and Tenor agree, and what their time went into: counted for reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth

from tenor.platform.core.clock import zone
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Decision, Review, Task
from tenor.platform.decisions.reasons import OUTCOMES, REVIEW_REASONS, TASK_KINDS, words_of


@dataclass(frozen=True)
class Agreement:
    """What people said of decisions since a day.

    `verdicts` counts labels by verdict, `months` the same by month, `reasons` why they changed,
    held or refused, most often first. `by_rules` are decisions that went on without a person,
    `seen` those that somebody has said something of.
    """

    verdicts: dict[str, int]
    months: Sequence[tuple[date, dict[str, int]]]
    reasons: Sequence[tuple[str, str, int]]
    by_rules: int
    seen: int

    @property
    def said(self) -> int:
        """Return how many labels there are."""
        return sum(self.verdicts.values())

    @property
    def share(self) -> float | None:
        """Return the share of labels that agree."""
        return self.verdicts.get(Review.Verdict.AGREED, 0) / self.said if self.said else None


@dataclass(frozen=True)
class Work:
    """What cases of one kind came to: how many were done, in how many minutes."""

    kind: str
    words: str
    done: int
    minutes: Decimal
    outcomes: Sequence[tuple[str, str, int]]


def agreement(organisation: Organisation, since: datetime) -> Agreement:
    """Count what people said of decisions from `since` (aware) on."""
    rows = Review.objects.of(organisation).filter(at__gte=since).order_by()
    months: dict[date, dict[str, int]] = {}
    by_month = rows.annotate(month=TruncMonth("at", tzinfo=zone(organisation)))
    for month, verdict, n in by_month.values_list("month", "verdict").annotate(n=Count("pk")):
        months.setdefault(month.date(), {})[verdict] = n
    unlike = rows.exclude(verdict=Review.Verdict.AGREED).values_list("reason")
    reasons = [
        (code, words_of(code, REVIEW_REASONS), n)
        for code, n in unlike.annotate(n=Count("pk")).order_by("-n", "reason")
        if code
    ]
    decided = Decision.objects.of(organisation).filter(decided_at__gte=since)
    return Agreement(
        verdicts=dict(rows.values_list("verdict").annotate(n=Count("pk"))),
        months=sorted(months.items()),
        reasons=reasons,
        by_rules=decided.filter(gate="automatic").count(),
        seen=rows.values("decision_id").distinct().count(),
    )


def work_done(organisation: Organisation, since: datetime) -> list[Work]:
    """Return what people did from `since` (aware) on, by kind of case, most minutes first."""
    done = Task.objects.of(organisation).filter(state=Task.State.DONE, done_at__gte=since)
    done = done.order_by()
    ends: dict[str, list[tuple[str, str, int]]] = {}
    outcomes: Any = done.values_list("kind", "outcome").annotate(n=Count("pk"))
    for kind, outcome, n in outcomes.order_by("-n", "outcome"):
        ends.setdefault(kind, []).append((outcome, words_of(outcome, OUTCOMES), n))
    rows = done.values_list("kind").annotate(n=Count("pk"), spent=Sum("minutes"))
    found = [
        Work(kind, words_of(kind, TASK_KINDS), n, spent or Decimal(0), ends.get(kind, []))
        for kind, n, spent in rows
    ]
    return sorted(found, key=lambda work: (-work.minutes, -work.done, work.kind))
