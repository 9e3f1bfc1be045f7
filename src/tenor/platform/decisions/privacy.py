"""What decisions hold about a person: what was intended and why, cases for people, predictions."""

from typing import Any

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.core.personal import Holding, by_year, rows_of
from tenor.platform.decisions.models import (
    Decision,
    Earlier,
    Examined,
    HandOver,
    Review,
    Score,
    Task,
)
from tenor.platform.decisions.replay import forgetting

DECISIONS, SCORES, HAND_OVERS, FACTS = "decisions", "scores", "hand_overs", "facts"


def export(organisation: Organisation, key: str) -> dict[str, list[dict[str, Any]]]:
    """Return every decision about a customer with its reasons, and what is predicted of them."""
    of = _of(organisation, key)
    return {
        "decisions": rows_of(
            of(Decision), "key", "decided_at", "verdict", "channel", "tone", "send_at", "state",
            "invoice_keys", "amount", "currency", "days_overdue", "segment", "p_paid",
            "p_paid_wait", "propensity", "explored", "arm", "reasons", "rules", "gate", "text",
        ),
        "decisions_made_anew": rows_of(of(Earlier), "key", "decided_at", "row"),
        "reviews": rows_of(
            of(Review, "decision__"), "decision__key", "at", "verdict", "reason", "note", "change"
        ),
        "predictions": rows_of(
            of(Score, "invoice__"), "invoice__key", "as_of", "model_version", "p_paid_7d",
            "p_paid_30d", "p_paid_60d", "expected_paid_on", "p_escalated", "risk", "segment",
            "why_unpaid", "reasons",
        ),
        "hand_overs": rows_of(
            of(HandOver), "signed_at", "route", "to", "invoice_keys", "amount", "currency",
            "reason", "checklist",
        ),
        "cases_for_people": rows_of(
            of(Task), "kind", "facts", "created_at", "due_at", "state", "outcome", "note", "done_at"
        ),
    }  # fmt: skip


def holdings(organisation: Organisation, key: str) -> list[Holding]:
    """Return which decisions, cases, predictions and kept facts there are about a customer."""
    of, today = _of(organisation, key), clock.today(organisation)
    found = []
    latest = of(Decision).order_by("-decided_at").values_list("decided_at", flat=True).first()
    count = sum(of(table).count() for table in (Decision, Earlier, Examined, Task))
    if count:
        day = latest.astimezone(clock.zone(organisation)).date() if latest else today
        found.append(Holding(DECISIONS, "decision", count, day))
    if scores := of(Score, "invoice__").count():
        found.append(Holding(SCORES, "training set", scores, today))
    if kept := forgetting.times_with(organisation, key):
        found.append(Holding(FACTS, "training set", kept, today))
    moments = of(HandOver).values_list("signed_at", flat=True)
    days = (at.astimezone(clock.zone(organisation)).date() for at in moments)
    found += [
        Holding(HAND_OVERS, "letter", count, last, year)
        for year, (count, last) in by_year(days).items()
    ]
    return found


def erase(organisation: Organisation, key: str, *, part: str, year: int | None = None) -> int:
    """Remove decisions with reviews and cases, predictions, kept facts, or hand-overs of a year."""
    of = _of(organisation, key)
    if part == SCORES:
        return int(of(Score, "invoice__").delete()[0])
    if part == FACTS:
        return forgetting.forget(organisation, key)
    if part == HAND_OVERS:
        zone = clock.zone(organisation)
        rows = of(HandOver).values_list("pk", "signed_at")
        numbers = [pk for pk, at in rows if at.astimezone(zone).year == year]
        return int(of(HandOver).filter(pk__in=numbers).delete()[0])
    return sum(int(of(table).delete()[0]) for table in (Task, Earlier, Examined, Decision))


def _of(organisation: Organisation, key: str) -> Any:
    def rows(table: Any, way: str = "") -> Any:
        return table.objects.of(organisation).filter(**{f"{way}customer__key": key}).order_by("pk")

    return rows
