"""What a decision was made from, as it was: the facts, who it was about, and the way of deciding.

For a decision of the run of a day that is everybody's facts; for one that was made alone, those of
its customer and what was usual among all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import polars as pl

from tenor.engine.errors import ModelError
from tenor.engine.features.build import Population, population_of
from tenor.engine.frames import Tables
from tenor.engine.law.library import shipped
from tenor.engine.policy.ladder import Step
from tenor.engine.policy.policyfile import Policy, parse_policy
from tenor.engine.predictors.model import Model
from tenor.platform.decisions import live
from tenor.platform.decisions.models import Basis, Common, Decision, Run
from tenor.platform.decisions.replay import kept
from tenor.platform.decisions.replay.basis import basis_of, common, read
from tenor.platform.decisions.replay.kept import Gone, Kept
from tenor.platform.decisions.replay.packing import unpack, unpack_usual
from tenor.platform.decisions.runs.decide import Arm, By, Way
from tenor.platform.governance.law import packs_with
from tenor.platform.governance.models import PredictorVersion


@dataclass(frozen=True)
class Material:
    """What a decision was made from.

    `segments` has who was decided about (`customer_id, segment`). `run` is the day's, None for a
    decision that was made alone. `software` and `packs` are the versions of then; `changed` says
    that facts about other people were erased since.
    """

    tables: Tables
    segments: pl.DataFrame
    way: Way
    run: Run | None
    software: Mapping[str, str]
    packs: Mapping[str, str]
    changed: bool = False


def material_of(decision: Decision) -> Material:
    """Return what a decision was made from; raises `Gone` where it cannot be had."""
    basis = basis_of(decision)
    if basis is not None:
        return _of_one(basis)
    run = decision.run
    if run is None:
        raise Gone("outside")
    if decision.decided_at != run.as_of:
        raise Gone("later")
    facts = facts_of(run)
    said = facts.manifest["way"]
    return Material(
        facts.tables,
        _segments(facts.who),
        _way(run.organisation_id, said, facts.who, run.as_of),
        run,
        facts.manifest["software"],
        said["packs"],
        bool(facts.manifest["erased"]),
    )


def facts_of(run: Run) -> Kept:
    """Return the kept facts of a run, read once and remembered for what is asked next."""
    return _read(run.pk, run.facts_digest)


def days_facts(decision: Decision) -> Run | None:
    """Return the run of whose day all facts are needed to decide again; None: one customer's do."""
    basis = basis_of(decision)
    if basis is None:
        run: Run | None = decision.run
        return run
    rows = Common.objects.of(basis.organisation_id)
    return None if rows.filter(digest=basis.usual).exists() else _day_of(basis)


def let_go() -> None:
    """Let go of the facts that stay at hand, where they are many."""
    _read.cache_clear()


@lru_cache(maxsize=2)
def _read(number: int, digest: str) -> Kept:
    """Read facts; the digest stands for their content, which may be changed by an erasure."""
    return kept.read(Run.across.get(pk=number))


def _of_one(basis: Basis) -> Material:
    tables, who, noted = read(basis)
    content = common(basis, basis.way)
    if content is None:
        raise Gone("facts_gone")
    said, _frames = unpack(content)
    way = _way(basis.organisation_id, said, who, basis.as_of)
    usual = common(basis, basis.usual)
    population = _usual_again(basis) if usual is None else unpack_usual(usual)
    return Material(
        tables,
        _segments(who),
        replace(way, population=population),
        None,
        noted["software"],
        said["packs"],
        changed=usual is None,
    )


def _usual_again(basis: Basis) -> Population:
    """Work out what was usual from what is left of the facts of that day, after an erasure."""
    run = _day_of(basis)
    if run is None:
        raise Gone("others_erased")
    return population_of(facts_of(run).tables, run.as_of)


def _day_of(basis: Basis) -> Run | None:
    """Return the latest run with kept facts before a decision that was made alone."""
    rows = Run.objects.of(basis.organisation_id).filter(as_of__lte=basis.as_of)
    found: Run | None = rows.exclude(facts="").order_by("-as_of").first()
    return found


def _segments(who: pl.DataFrame) -> pl.DataFrame:
    return who.select("customer_id", "segment").sort("customer_id")


def _way(organisation_id: int, said: Mapping[str, Any], who: pl.DataFrame, as_of: datetime) -> Way:
    """Return how was decided; raises `Gone` where a predictor is missing."""
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
                _model(organisation_id, arm["model"]),
                None if arm["policy"] is None else _policy(said, arm["policy"]),
                {name: _policy(said, text) for name, text in arm["policies"].items()},
                _rungs(arm["rungs"]),
            )
        )
    return Way(
        as_of=as_of,
        seed=said["seed"],
        model=_model(organisation_id, said["model"]),
        policy=_policy(said, said["policy"]),
        policies={name: _policy(said, text) for name, text in said["policies"].items()},
        rungs=_rungs(said["rungs"]),
        arms=tuple(arms),
        prevention=said["prevention"],
        unprofiled=frozenset(who.filter("unprofiled")["customer_id"]),
    )


def _model(organisation_id: int, version: str | None) -> Model | None:
    if version is None:
        return None
    rows = PredictorVersion.objects.of(organisation_id).filter(version=version)
    for row in rows.order_by("pk"):
        try:
            return live.model_of(row)
        except ModelError as error:
            raise Gone("predictor_gone") from error
    raise Gone("predictor_gone")


def _policy(said: Mapping[str, Any], text: str) -> Policy:
    """Read rules as they held then: the law is that of the packs and extensions of the day."""
    known = shipped()
    extended = packs_with(tuple((law, signed) for law, signed in said["law"]))
    own = {name: pack for name, pack in extended.items() if pack is not known.get(name)}
    return replace(parse_policy(text, source="the rules of the day"), packs=own)


def _rungs(steps: list[list[Any]]) -> list[Step]:
    return [Step(*step) for step in steps]
