"""How a plan differs: from yesterday's, and from what the fixed ladder would have done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, FilteredRelation, Q, Sum, Value, When
from django.db.models.functions import Coalesce

from tenor.platform.decisions.models import Decision, Run
from tenor.platform.decisions.queries.groups import HAND_OVER, decisions_of
from tenor.platform.decisions.queries.plan import run_before

# What happens to somebody, as the comparison sees it: a channel, a hand-over, or nothing.
NOBODY = ""


@dataclass(frozen=True)
class Move:
    """So many customers go from one way to another: "" is being left alone."""

    before: str
    after: str
    count: int
    gain: float

    @property
    def same(self) -> bool:
        """Say whether nothing changed."""
        return self.before == self.after


@dataclass(frozen=True)
class Comparison:
    """A plan beside another. `new` had no decision there (or nothing open)."""

    against: str
    moves: Sequence[Move]
    new: int = 0
    tones: int = 0

    @property
    def same(self) -> int:
        """Return how many customers are treated alike in both."""
        return sum(move.count for move in self.moves if move.same)

    @property
    def other(self) -> int:
        """Return how many are treated otherwise."""
        return sum(move.count for move in self.moves if not move.same)

    @property
    def more(self) -> int:
        """Return how many are contacted here and not there."""
        return sum(m.count for m in self.moves if m.before == NOBODY and m.after != NOBODY)

    @property
    def fewer(self) -> int:
        """Return how many are left alone here and contacted there."""
        return sum(m.count for m in self.moves if m.after == NOBODY and m.before != NOBODY)


@dataclass(frozen=True)
class Difference:
    """What differs from yesterday (nothing where there was no plan) and from the ladder."""

    yesterday: Comparison | None
    ladder: Comparison


def difference(run: Run) -> Difference:
    """Return who is contacted otherwise than yesterday, and than the fixed ladder would."""
    before = run_before(run)
    return Difference(_from_yesterday(run, before) if before else None, _from_ladder(run))


def differing_rows(run: Run, *, against: str, limit: int = 20) -> list[Decision]:
    """Return the most valuable decisions that differ; `against` is "yesterday" or "ladder".

    Each carries `was_channel` and `was_tone`.
    """
    if against == "ladder":
        rows = decisions_of(run).annotate(
            was_channel=F("ladder_channel"), was_tone=F("ladder_tone")
        )
    else:
        before = run_before(run)
        if before is None:
            return []
        rows = _beside(run, before).filter(earlier__isnull=False)
        rows = rows.annotate(
            was_channel=Coalesce("earlier__channel", Value("")),
            was_tone=Coalesce("earlier__tone", Value("")),
        )
    rows = rows.exclude(channel=F("was_channel")).select_related("customer")
    return list(rows.order_by("-value", "pk")[:limit])


def _way(prefix: str = "") -> Any:
    """Return the channel of a decision, or that it hands over."""
    return Case(
        When(**{f"{prefix}verdict": HAND_OVER}, then=Value(HAND_OVER)),
        When(**{f"{prefix}state": Decision.State.NOTHING}, then=Value(NOBODY)),
        default=F(f"{prefix}channel"),
    )


def _beside(run: Run, before: Run) -> Any:
    earlier = FilteredRelation(
        "customer__decisions", condition=Q(customer__decisions__run_id=before.pk)
    )
    return decisions_of(run).annotate(earlier=earlier)


def _from_yesterday(run: Run, before: Run) -> Comparison:
    # A decision that lapsed was still yesterday's: its channel says what it would have been.
    found = (
        _beside(run, before)
        .order_by()
        .values("earlier__verdict", "earlier__channel", "earlier__tone", "verdict", "state",
                "channel", "tone")
        .annotate(n=Count("pk"), worth=Sum("value"))
    )  # fmt: skip
    moves: dict[tuple[str, str], Move] = {}
    new = tones = 0
    for row in found:
        if row["earlier__verdict"] is None:
            new += row["n"]
            continue
        was = _told(row["earlier__verdict"], row["earlier__channel"])
        here = NOBODY if row["state"] == Decision.State.NOTHING else None
        here = _told(row["verdict"], row["channel"]) if here is None else here
        if was == here and was and row["earlier__tone"] != row["tone"]:
            tones += row["n"]
        _count(moves, was, here, row)
    return Comparison("yesterday", _sorted(moves), new, tones)


def _from_ladder(run: Run) -> Comparison:
    found = (
        decisions_of(run)
        .order_by()
        .annotate(way=_way())
        .values("way", "ladder_channel")
        .annotate(n=Count("pk"), worth=Sum("value"))
    )
    moves: dict[tuple[str, str], Move] = {}
    for row in found:
        _count(moves, row["ladder_channel"], row["way"], row)
    return Comparison("ladder", _sorted(moves))


def _told(verdict: str, channel: str) -> str:
    return HAND_OVER if verdict == HAND_OVER else channel


def _count(moves: dict[tuple[str, str], Move], was: str, here: str, row: dict[str, Any]) -> None:
    known = moves.get((was, here), Move(was, here, 0, 0.0))
    moves[was, here] = Move(was, here, known.count + row["n"], known.gain + row["worth"])


def _sorted(moves: dict[tuple[str, str], Move]) -> list[Move]:
    return sorted(moves.values(), key=lambda move: (-move.count, move.before, move.after))
