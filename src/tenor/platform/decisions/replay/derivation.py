"""How a decision came about, from the facts of its day: what was weighed, what the rules took."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from tenor.engine.errors import InputError
from tenor.engine.features.build import population_of
from tenor.engine.policy.explain import RULE_TEXTS
from tenor.engine.policy.grid import alternatives
from tenor.platform.decisions.models import Decision
from tenor.platform.decisions.replay.kept import Gone
from tenor.platform.decisions.replay.material import material_of
from tenor.platform.decisions.runs.decide import By, Group, groups

# So many of the best ways are shown, one a channel first.
_SHOWN = 6


@dataclass(frozen=True)
class Alternative:
    """A way of contacting that was permitted, and what it would have gained over waiting."""

    channel: str
    tone: str
    send_at: datetime
    p_paid: float
    gain: float
    chosen: bool


@dataclass(frozen=True)
class Derivation:
    """What a decision was made from.

    `by` says what decided ("learned", "ladder", "nothing"); then the best of the permitted ways
    with the chosen one among them, how many ways there were and how many each rule forbade.
    """

    by: str
    seed: int
    best: tuple[Alternative, ...] = ()
    ways: int = 0
    permitted: int = 0
    forbidden: tuple[tuple[str, str, int], ...] = ()


def derivation(decision: Decision) -> Derivation | None:
    """Work out how a decision came about; nothing where its facts cannot be had."""
    try:
        material = material_of(decision)
    except Gone:
        return None
    way, key = material.way, decision.customer.key
    all_groups = groups(material.segments, way)
    group = next((g for g in all_groups if key in g.customers["customer_id"]), None)
    if group is None:
        return None
    if group.by is not By.LEARNED or group.model is None:
        return Derivation(group.by.value, way.seed)
    try:
        grid = alternatives(
            material.tables,
            as_of=way.as_of,
            model=group.model,
            policy=group.policy,
            customer_id=key,
            population=way.population or population_of(material.tables, way.as_of),
        )
    except InputError:
        return Derivation(group.by.value, way.seed)
    return _told(decision, group, grid, way.seed)


def _told(decision: Decision, group: Group, grid: pl.DataFrame, seed: int) -> Derivation:
    counts: Counter[str] = Counter()
    for rules in grid["removed_by"].to_list():
        counts.update(rules)
    free = grid.filter("permitted")
    first = (decision.original or {}).get("channel", decision.channel)
    tone = (decision.original or {}).get("tone", decision.tone)
    at = (decision.original or {}).get("send_at", decision.send_at)
    at = datetime.fromisoformat(at) if isinstance(at, str) else at
    taken = pl.lit(False)
    if first and at is not None:
        taken = (pl.col("channel") == first) & (pl.col("tone") == tone) & (pl.col("send_at") == at)
    free = free.with_columns(chosen=taken).sort("gain", descending=True, maintain_order=True)
    of_channel = free.unique("channel", keep="first", maintain_order=True)
    shown = pl.concat([free.filter("chosen"), of_channel, free.head(_SHOWN)])
    shown = shown.unique(["channel", "tone", "send_at"], keep="first", maintain_order=True)
    shown = shown.head(_SHOWN).sort("gain", descending=True, maintain_order=True)
    names = ("channel", "tone", "send_at", "p_paid", "gain", "chosen")
    return Derivation(
        group.by.value,
        seed,
        tuple(Alternative(**row) for row in shown.select(names).iter_rows(named=True)),
        grid.height,
        free.height,
        tuple((rule, RULE_TEXTS.get(rule, rule), n) for rule, n in counts.most_common()),
    )
