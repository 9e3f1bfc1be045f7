"""Decide again as on the day itself: the same, or what differs and the likely cause."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from tenor.engine.law.library import shipped
from tenor.platform.decisions.models import Decision
from tenor.platform.decisions.replay import keeping
from tenor.platform.decisions.replay.basis import asked_key
from tenor.platform.decisions.replay.keeping import DECIDED
from tenor.platform.decisions.replay.kept import Gone
from tenor.platform.decisions.replay.material import Material, material_of
from tenor.platform.decisions.runs.alone import decided_alone
from tenor.platform.decisions.runs.decide import decided
from tenor.platform.decisions.runs.plan import columns_of

# Why a decision cannot be made again, or comes out otherwise.
CAUSES = {
    "outside": "it was made for a single case, and its facts were not kept, or were let go after "
    "their time",
    "not_kept": "the facts of its day were not kept, or were let go after their time",
    "facts_gone": "the facts that it was made from are gone",
    "facts_changed": "the facts that it was made from were altered since",
    "person_erased": "the facts about this customer were erased",
    "predictor_gone": "the folder of the predictor that decided is gone",
    "later": "it was made anew later that day, and its facts were not kept, or were let go after "
    "their time",
    "others_erased": "facts about other people were erased since: what is usual, and who else "
    "asked for people's time, are no longer quite the same",
    "software_changed": "Tenor, or what it calculates with, is of another version now",
    "law_changed": "a shipped pack of law is of another version now",
}
# What the day was decided again that was asked about last: another decision of it takes no time.
_days: dict[tuple[int, str], pl.DataFrame] = {}


@dataclass(frozen=True)
class Difference:
    """A field of the decision that comes out otherwise."""

    field: str
    was: Any
    now: Any


@dataclass(frozen=True)
class Replay:
    """A decision made again.

    `same`: to the last bit; None: it cannot be made again. `causes` are codes of `CAUSES`: why not,
    or what a difference likely comes from. `again` is what the engine says now.
    """

    decision: Decision
    same: bool | None
    differences: tuple[Difference, ...] = ()
    causes: tuple[str, ...] = ()
    again: Mapping[str, Any] | None = None


def replay(decision: Decision) -> Replay:
    """Decide again with the versions, facts, rules, law and seed of when it was decided."""
    try:
        material = material_of(decision)
        found = _decided(material)
    except Gone as gone:
        return Replay(decision, None, causes=(gone.cause,))
    mine = found.filter(customer_id=decision.customer.key)
    if mine.is_empty():
        return Replay(decision, None, causes=("person_erased",))
    again = {name: values[0] for name, values in columns_of(mine).items()}
    if decision.run_id is None:
        again["key"] = asked_key(again["key"], material.way.as_of)
    was = as_decided(decision)
    differences = tuple(
        Difference(name, was[name], again[name])
        for name in DECIDED
        if not _alike(was[name], again[name])
    )
    if not differences:
        return Replay(decision, True, again=again)
    return Replay(decision, False, differences, tuple(_causes(material)), again)


def as_decided(decision: Decision) -> dict[str, Any]:
    """Return what the engine decided: what a person changed is as it was before."""
    row = {name: getattr(decision, name) for name in DECIDED}
    for name, value in (decision.original or {}).items():
        if name in row:
            row[name] = value
    if isinstance(row["send_at"], str):
        row["send_at"] = datetime.fromisoformat(row["send_at"])
    return row


def let_go() -> None:
    """Let go of what stays at hand, where it is much."""
    _days.clear()


def _decided(material: Material) -> pl.DataFrame:
    if material.run is None:
        return decided_alone(material.tables, material.segments, material.way)
    key = (material.run.pk, material.run.facts_digest)
    if key not in _days:
        _days.clear()
        _days[key] = decided(material.tables, material.segments, material.way)
    return _days[key]


def _alike(was: Any, now: Any) -> bool:
    """Say whether two values are the same, to the last bit; an instant in whatever zone."""
    return bool(was == now) or (was in (None, "") and now in (None, ""))


def _causes(material: Material) -> list[str]:
    found = []
    if material.changed:
        found.append("others_erased")
    if material.software != keeping.software():
        found.append("software_changed")
    if material.packs != {name: pack.version for name, pack in shipped().items()}:
        found.append("law_changed")
    return found
