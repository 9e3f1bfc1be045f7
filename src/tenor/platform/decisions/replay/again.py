"""Decide again as on the day itself: the same, or what differs and the likely cause."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import polars as pl

from tenor.engine.errors import ModelError
from tenor.engine.law.library import shipped
from tenor.engine.policy.ladder import Step
from tenor.engine.policy.policyfile import Policy, parse_policy
from tenor.engine.predictors.model import Model
from tenor.platform.decisions import live
from tenor.platform.decisions.models import Decision, Run
from tenor.platform.decisions.replay import keeping, kept
from tenor.platform.decisions.replay.kept import Gone, Kept
from tenor.platform.decisions.runs.decide import Arm, By, Way, decided
from tenor.platform.decisions.runs.plan import columns_of
from tenor.platform.governance.law import packs_with
from tenor.platform.governance.models import PredictorVersion

# Why a decision cannot be made again, or comes out otherwise.
CAUSES = {
    "outside": "it was made for a single case outside the plan of a day, whose facts are not kept",
    "not_kept": "the facts of its day were not kept, or were let go after their time",
    "facts_gone": "the files with the facts of its day are gone",
    "facts_changed": "the files with the facts of its day were altered since",
    "person_erased": "the facts about this customer were erased",
    "predictor_gone": "the folder of the predictor that decided is gone",
    "later": "it was made anew later that day, from facts that were not kept",
    "others_erased": "facts about other people were erased since: what is usual, and who else "
    "asked for people's time, are no longer quite the same",
    "software_changed": "Tenor, or what it calculates with, is of another version now",
    "law_changed": "a shipped pack of law is of another version now",
}
# What a row of a decision says of the engine's; `gate`, `state` and the like are people's.
_COMPARED = (
    "key", "verdict", "channel", "tone", "send_at", "invoice_keys", "propensity", "explored",
    "factors", "eligible", "p_paid", "p_paid_wait", "cost", "value", "review_reason", "reasons",
    "rules", "candidates", "arm", "experiment", "model_version", "policy_version", "amount",
    "currency", "days_overdue", "segment", "ladder_channel", "ladder_tone",
)  # fmt: skip


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
    """Decide again with the versions, facts, rules, law and seed of the decision's day."""
    run = decision.run
    if run is None:
        return Replay(decision, None, causes=("outside",))
    try:
        facts, found = facts_of(run), _decided(run)
    except Gone as gone:
        return Replay(decision, None, causes=(gone.cause,))
    mine = found.filter(customer_id=decision.customer.key)
    if mine.is_empty():
        later = decision.decided_at != run.as_of
        return Replay(decision, None, causes=("later" if later else "person_erased",))
    again = {name: values[0] for name, values in columns_of(mine).items()}
    was = as_decided(decision)
    differences = tuple(
        Difference(name, was[name], again[name])
        for name in _COMPARED
        if not _alike(was[name], again[name])
    )
    if not differences:
        return Replay(decision, True, again=again)
    return Replay(decision, False, differences, tuple(_causes(decision, facts)), again)


def as_decided(decision: Decision) -> dict[str, Any]:
    """Return what the engine decided: what a person changed is as it was before."""
    row = {name: getattr(decision, name) for name in _COMPARED}
    for name, value in (decision.original or {}).items():
        if name in row:
            row[name] = value
    if isinstance(row["send_at"], str):
        row["send_at"] = datetime.fromisoformat(row["send_at"])
    return row


def facts_of(run: Run) -> Kept:
    """Return the kept facts of a run, read once and remembered for what is asked next."""
    return _read(run.pk, run.facts_digest)


def way_of(run: Run, facts: Kept) -> Way:
    """Return how a run decided; raises `Gone` where a predictor is missing."""
    said, who = facts.manifest["way"], facts.who
    members = who.filter(pl.col("arm").is_not_null())
    arms = []
    for number, arm in enumerate(said["arms"]):
        own = members.filter(arm=number)["customer_id"]
        arms.append(
            Arm(
                arm["name"],
                frozenset(own),
                By(arm["by"]),
                arm["experiment"],
                _model(run, arm["model"]),
                None if arm["policy"] is None else _policy(run, said, arm["policy"]),
                {name: _policy(run, said, text) for name, text in arm["policies"].items()},
                _rungs(arm["rungs"]),
            )
        )
    return Way(
        as_of=run.as_of,
        seed=said["seed"],
        model=_model(run, said["model"]),
        policy=_policy(run, said, said["policy"]),
        policies={name: _policy(run, said, text) for name, text in said["policies"].items()},
        rungs=_rungs(said["rungs"]),
        arms=tuple(arms),
        prevention=said["prevention"],
        unprofiled=frozenset(who.filter("unprofiled")["customer_id"]),
    )


@lru_cache(maxsize=2)
def _read(number: int, digest: str) -> Kept:
    """Read facts; the digest stands for their content, which may be changed by an erasure."""
    return kept.read(Run.across.get(pk=number))


def _decided(run: Run) -> pl.DataFrame:
    return _decided_again(run.pk, run.facts_digest)


@lru_cache(maxsize=2)
def _decided_again(number: int, digest: str) -> pl.DataFrame:
    """Decide about everybody of a run again: who has people's time depends on all of them."""
    run = Run.across.select_related("organisation").get(pk=number)
    facts = facts_of(run)
    segments = facts.who.select("customer_id", "segment").sort("customer_id")
    return decided(facts.tables, segments, way_of(run, facts))


def _model(run: Run, version: str | None) -> Model | None:
    if version is None:
        return None
    rows = PredictorVersion.objects.of(run.organisation_id).filter(version=version)
    for row in rows.order_by("pk"):
        try:
            return live.model_of(row)
        except ModelError as error:
            raise Gone("predictor_gone") from error
    raise Gone("predictor_gone")


def _policy(run: Run, said: Mapping[str, Any], text: str) -> Policy:
    """Read rules as they held then: the law is that of the packs and extensions of the day."""
    known = shipped()
    extended = packs_with(tuple((law, signed) for law, signed in said["law"]))
    own = {name: pack for name, pack in extended.items() if pack is not known.get(name)}
    return replace(parse_policy(text, source="the rules of the day"), packs=own)


def _rungs(steps: list[list[Any]]) -> list[Step]:
    return [Step(*step) for step in steps]


def _alike(was: Any, now: Any) -> bool:
    """Say whether two values are the same, to the last bit; an instant in whatever zone."""
    return bool(was == now) or (was in (None, "") and now in (None, ""))


def _causes(decision: Decision, facts: Kept) -> list[str]:
    assert decision.run is not None
    found = []
    if decision.decided_at != decision.run.as_of:
        found.append("later")
    if facts.manifest["erased"]:
        found.append("others_erased")
    if facts.manifest["software"] != keeping.software():
        found.append("software_changed")
    packs = {name: pack.version for name, pack in shipped().items()}
    if facts.manifest["way"]["packs"] != packs:
        found.append("law_changed")
    return found
