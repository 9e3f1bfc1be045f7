"""Who changes what: people's words by role, by way of contact and by segment; never by name."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count

from tenor.platform.core.models import Membership, Organisation
from tenor.platform.core.roles import ROLE_NAMES, Role
from tenor.platform.decisions.models import Decision, Review

Verdict = Review.Verdict
# By these a decision did not stand as Tenor had it.
OTHERWISE = (Verdict.CHANGED, Verdict.HELD, Verdict.VETOED, Verdict.DISAGREED, Verdict.FLAGGED)
# A group of fewer words than this says something of a person rather than of decisions.
FEWEST = 5
SAMPLED = "drawn by chance"


@dataclass(frozen=True)
class Row:
    """A kind of decisions: how many words were said of them, and how many decided otherwise."""

    name: str
    said: int
    otherwise: int

    @property
    def share(self) -> float:
        """Return the share that decided otherwise."""
        return self.otherwise / self.said


@dataclass(frozen=True)
class Changes:
    """People's words since a day, by what they are about; groups too small to show are left out.

    `ways` are keyed (channel, tone). `drawn` is how many decisions were drawn for a person to look
    at, `looked_at` on how many of them somebody has said a word.
    """

    roles: Sequence[Row]
    segments: Sequence[Row]
    ways: Mapping[tuple[str, str], Row]
    drawn: int
    looked_at: int


@dataclass(frozen=True)
class Flag:
    """Advice that somebody said was wrong."""

    customer_key: str
    at: datetime
    reason: str
    note: str
    proposed: str
    better: Mapping[str, str]


def changes(organisation: Organisation, since: datetime) -> Changes:
    """Count the words said from `since` (aware) on."""
    rows = Review.objects.of(organisation).filter(at__gte=since).order_by()
    drawn = Decision.objects.of(organisation).filter(
        decided_at__gte=since, review_reason__contains=SAMPLED
    )
    return Changes(
        roles=_roles(organisation, rows),
        segments=_by(rows, "decision__segment"),
        ways=_ways(rows),
        drawn=drawn.count(),
        looked_at=drawn.filter(reviews__isnull=False).distinct().count(),
    )


def flags(organisation: Organisation, limit: int = 20) -> list[Flag]:
    """Return the advice that was called wrong, the newest first."""
    rows = Review.objects.of(organisation).filter(verdict=Verdict.FLAGGED)
    rows = rows.select_related("decision__customer").order_by("-at", "-pk")[:limit]
    return [
        Flag(
            row.decision.customer.key,
            row.at,
            row.reason,
            row.note,
            row.decision.channel or row.decision.verdict,
            row.change,
        )
        for row in rows
    ]


def _roles(organisation: Organisation, rows: Any) -> list[Row]:
    """Count by what people are here; programs and people who left count together."""
    role_of = dict(Membership.objects.of(organisation).values_list("user_id", "role"))
    said, other = Counter[str](), Counter[str]()
    for by, verdict, n in rows.values_list("by_id", "verdict").annotate(n=Count("pk")):
        role = role_of.get(by, "")
        said[role] += n
        other[role] += n if verdict in OTHERWISE else 0
    names = {role: str(ROLE_NAMES[Role(role)]) if role else "" for role in said}
    return _rows({names[role]: (said[role], other[role]) for role in said})


def _by(rows: Any, field: str) -> list[Row]:
    counted: dict[str, tuple[int, int]] = {}
    for value, verdict, n in rows.values_list(field, "verdict").annotate(n=Count("pk")):
        said, other = counted.get(value, (0, 0))
        counted[value] = (said + n, other + (n if verdict in OTHERWISE else 0))
    return _rows(counted)


def _ways(rows: Any) -> dict[tuple[str, str], Row]:
    """Count by the channel and tone that Tenor proposed, not by what a person made of it."""
    counted: dict[tuple[str, str], tuple[int, int]] = {}
    fields = ("decision__channel", "decision__tone", "decision__original", "verdict")
    found = rows.values_list(*fields).annotate(n=Count("pk"))
    for channel, tone, original, verdict, n in found:
        if verdict == Verdict.CHANGED and original:
            channel, tone = original.get("channel", ""), original.get("tone", "")
        if not channel:
            continue
        said, other = counted.get((channel, tone), (0, 0))
        counted[channel, tone] = (said + n, other + (n if verdict in OTHERWISE else 0))
    return {
        way: Row(way[0], said, other)
        for way, (said, other) in sorted(counted.items())
        if said >= FEWEST
    }


def _rows(counted: dict[str, tuple[int, int]]) -> list[Row]:
    rows = [Row(name, said, other) for name, (said, other) in counted.items() if said >= FEWEST]
    return sorted(rows, key=lambda row: (-row.share, -row.said, row.name))
