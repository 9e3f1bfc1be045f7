"""Things that a manager should look at: kept once a day, until somebody has seen them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Signal


@dataclass(frozen=True)
class Noticed:
    """Something that was noticed: its kind, how grave it is, and the numbers that show it."""

    kind: str
    level: str
    facts: dict[str, Any] = field(default_factory=dict)


def notice_now(organisation: Organisation, *found: Noticed) -> int:
    """Keep what was noticed, each thing once a day; return how many are new."""
    rows = list(_rows(organisation, found))
    kept = Signal.objects.of(organisation)
    before = kept.count()
    kept.bulk_create(rows, ignore_conflicts=True)
    return int(kept.count() - before)


def _rows(organisation: Organisation, found: Iterable[Noticed]) -> Iterable[Signal]:
    day, at = clock.today(organisation).isoformat(), clock.now(organisation)
    for thing in found:
        key = f"{thing.kind}:{thing.facts.get('of', '')}:{day}"
        yield Signal(key=key, kind=thing.kind, level=thing.level, facts=thing.facts, at=at)
