"""The plan of the day: its groups in counts, amounts, cost and what they are expected to bring."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, Q, Sum

from tenor.platform.core.clock import zone
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Decision, Run
from tenor.platform.decisions.queries.groups import HAND_OVER, decisions_of
from tenor.platform.decisions.reasons import ALONE_REASONS, SEEN_BY_A_PERSON, words_of

State = Decision.State


@dataclass
class Group:
    """Decisions that belong together: a channel in a tone, those left alone for one reason, …

    `amounts` are what they are about, by currency; `cost` and `gain` what carrying them out costs
    and is expected to bring beyond waiting, in the currency of the rules. `states` counts them by
    where they stand; `earliest` is when the first goes out.
    """

    key: str
    channel: str = ""
    tone: str = ""
    reason: str = ""
    count: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)
    cost: float = 0.0
    gain: float = 0.0
    states: dict[str, int] = field(default_factory=dict)
    earliest: datetime | None = None

    @property
    def waiting(self) -> int:
        """Return how many wait for a person."""
        return self.states.get(State.PROPOSED, 0)

    @property
    def approved(self) -> int:
        """Return how many may go out at their time."""
        return self.states.get(State.APPROVED, 0)

    @property
    def kept_back(self) -> int:
        """Return how many a person holds or refused."""
        return self.states.get(State.HELD, 0) + self.states.get(State.VETOED, 0)

    @property
    def gone(self) -> int:
        """Return how many became a message, a task or a hand-over."""
        return self.states.get(State.HANDED_OVER, 0)

    @property
    def words(self) -> str:
        """Return why these are left alone, in words."""
        return words_of(self.reason, ALONE_REASONS)


@dataclass(frozen=True)
class PlanSummary:
    """A day's plan in figures."""

    run: Run
    total: Group
    groups: Sequence[Group]
    channels: Sequence[Group]
    alone: Sequence[Group]
    left_alone: Group
    person: Group
    hand_over: Group

    @cached_property
    def hours(self) -> Sequence[dict[str, Any]]:
        """Return contacts counted by the organisation's local day and hour."""
        return _hours(self.run)


@dataclass(frozen=True)
class Approval:
    """What approving costs, and what it is expected to bring beyond waiting."""

    count: int
    cost: float
    gain: float
    amounts: dict[str, Decimal]


def latest_run(organisation: Organisation) -> Run | None:
    """Return the run of the latest day, whatever step it has reached."""
    rows = Run.objects.of(organisation).select_related("predictor", "policy", "organisation")
    found: Run | None = rows.order_by("-day").first()
    return found


def run_before(run: Run) -> Run | None:
    """Return the run of the day before that was decided, nothing where there is none."""
    rows = Run.objects.of(run.organisation_id).filter(day__lt=run.day)
    found: Run | None = rows.order_by("-day").first()
    return found


def plan_summary(run: Run) -> PlanSummary:
    """Return the plan of a run in groups: counts, amounts, cost, expected gain, hours."""
    cells = list(
        decisions_of(run)
        .order_by()
        .values("state", "verdict", "channel", "tone", "gate", "currency")
        .annotate(n=Count("pk"), owed=Sum("amount"), spent=Sum("cost"), worth=Sum("value"))
    )
    total, left = Group("all"), Group("alone")
    person, hand_over = Group("person"), Group("hand_over")
    groups: dict[str, Group] = {}
    channels: dict[str, Group] = {}
    alone: dict[str, Group] = {}
    for cell in cells:
        if cell["state"] == State.NOTHING:
            code = cell["gate"] if cell["gate"] in ALONE_REASONS else "other"
            reason = alone.setdefault(code, Group(f"alone.{code}", reason=code))
            _add(cell, left, reason)
        elif cell["verdict"] == HAND_OVER:
            _add(cell, hand_over)
        elif cell["verdict"] == "review" or SEEN_BY_A_PERSON.intersection(cell["gate"].split()):
            _add(cell, person)
        else:
            channel, tone = cell["channel"], cell["tone"]
            key = f"{channel}.{tone}"
            group = groups.setdefault(key, Group(key, channel, tone))
            _add(cell, total, group, channels.setdefault(channel, Group(channel, channel)))
    return PlanSummary(
        run=run,
        total=total,
        groups=_largest(groups.values()),
        channels=_largest(channels.values()),
        alone=_largest(alone.values()),
        left_alone=left,
        person=person,
        hand_over=hand_over,
    )


def approval_of(rows: Any) -> Approval:
    """Return what approving these decisions costs and is expected to bring."""
    found = list(
        rows.order_by()
        .values("currency")
        .annotate(
            n=Count("pk"),
            owed=Sum("amount"),
            spent=Sum("cost"),
            worth=Sum("value"),
        )
    )
    count = sum(row["n"] for row in found)
    return Approval(
        count=count,
        cost=round(sum(row["spent"] for row in found), 2),
        gain=round(sum(row["worth"] for row in found), 2),
        amounts={row["currency"]: row["owed"] for row in found},
    )


def approving(run: Run, group: str = "all", **filters: Any) -> Approval:
    """Return what approving what still waits in a group costs and is expected to bring."""
    rows = decisions_of(run, group=group, **filters).filter(state=State.PROPOSED)
    return approval_of(rows)


def _add(cell: dict[str, Any], *groups: Group) -> None:
    for group in groups:
        group.count += cell["n"]
        owed = group.amounts.get(cell["currency"], Decimal(0))
        group.amounts[cell["currency"]] = owed + cell["owed"]
        group.cost += cell["spent"]
        group.gain += cell["worth"]
        group.states[cell["state"]] = group.states.get(cell["state"], 0) + cell["n"]


def _largest(groups: Iterable[Group]) -> list[Group]:
    return sorted(groups, key=lambda group: (-group.count, group.key))


def _hours(run: Run) -> list[dict[str, Any]]:
    """Count contacts by the local day and hour at which they go out: few instants, many rows."""
    here = zone(run.organisation)
    instants = (
        decisions_of(run)
        .filter(~Q(state__in=[State.NOTHING, State.VETOED]), send_at__isnull=False)
        .order_by("send_at")
        .values_list("send_at", "channel")
        .annotate(n=Count("pk"))
    )
    counts: dict[tuple[Any, int, str], int] = {}
    for at, channel, n in instants:
        local = at.astimezone(here)
        place = (local.date(), local.hour, channel)
        counts[place] = counts.get(place, 0) + n
    return [
        {"day": day, "hour": hour, "channel": channel, "count": n}
        for (day, hour, channel), n in sorted(counts.items())
    ]
