"""People's words as the engine learns from them: events of kind `reviewed`."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import polars as pl

from tenor.engine.events import Kind
from tenor.engine.frames import EVENTS, conform
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Review

# They say that the facts were not as Tenor knew them: nothing about channel or tone.
ABOUT_FACTS = ("paid_elsewhere", "in_contact", "dispute", "wrong_facts", "ours")
# Of what was said of many at one press, so many words are kept, drawn by lot: they weigh as one.
MOST_OF_A_PRESS = 200
_COLUMNS = (
    "at", "verdict", "reason", "change", "by_id", "decision_id", "decision__customer__key",
    "decision__channel", "decision__tone", "decision__original",
)  # fmt: skip


def words_frame(organisation: Organisation, until: datetime) -> pl.DataFrame:
    """Return what people said by `until` (aware) as rows of the engine's `events`.

    Each press weighs as one, however many decisions it was about. What was said because the facts
    were others, and of those who are left alone, teaches nothing about channel and tone.
    """
    rows = (
        Review.objects.of(organisation)
        .filter(at__lte=until)
        .exclude(reason__in=ABOUT_FACTS)
        .exclude(verdict=Review.Verdict.HELD)
        .order_by("at", "pk")
        .values(*_COLUMNS)
    )
    # A press is a person, an instant and a word: a whole group of a plan may hang on it.
    presses = Counter(_press(row) for row in rows.iterator(chunk_size=5_000))
    kept = [_event(row, presses[_press(row)]) for row in rows.iterator(chunk_size=5_000)
            if _is_kept(row, presses[_press(row)])]  # fmt: skip
    found = [event for event in kept if event is not None]
    if not found:
        return EVENTS.empty()
    return conform(EVENTS, pl.DataFrame(found, infer_schema_length=None))


def _press(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["by_id"], row["at"], row["verdict"]


def _is_kept(row: dict[str, Any], together: int) -> bool:
    if together <= MOST_OF_A_PRESS:
        return True
    digest = hashlib.sha256(str(row["decision_id"]).encode()).digest()[:8]
    return int.from_bytes(digest) / 2.0**64 < MOST_OF_A_PRESS / together


def _event(row: dict[str, Any], together: int) -> dict[str, Any] | None:
    change, original = row["change"] or {}, row["decision__original"] or {}
    changed = row["verdict"] == Review.Verdict.CHANGED
    channel = original.get("channel") if changed else row["decision__channel"]
    tone = original.get("tone") if changed else row["decision__tone"]
    if not channel:
        return None
    detail = {
        "verdict": row["verdict"],
        "channel": channel,
        "tone": tone or "",
        "weight": round(1.0 / together, 6),
        **{f"to_{name}": change[name] for name in ("channel", "tone") if change.get(name)},
    }
    return {
        "at": row["at"],
        "kind": Kind.REVIEWED.value,
        "customer_id": row["decision__customer__key"],
        "detail": json.dumps(detail),
    }


def with_words(events: pl.DataFrame, words: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return the events with what people said among them, in order of time."""
    return pl.concat([events, *words], how="diagonal_relaxed").sort("at", maintain_order=True)
