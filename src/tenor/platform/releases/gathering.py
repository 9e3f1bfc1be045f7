"""Gather what people decide on: what changes, what the gate says, the past, today, and whom."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from math import isfinite
from typing import Any

import numpy as np

from tenor.engine.errors import InputError
from tenor.engine.evaluate.backtest import Backtest, backtest
from tenor.engine.evaluate.gain import GainCalibration
from tenor.engine.evaluate.gain_on_log import gain_on_log
from tenor.engine.frames import Tables
from tenor.engine.policy.policyfile import Policy
from tenor.engine.predictors.model import Model, fit
from tenor.engine.release.gate import Check, checks, verdict
from tenor.platform.core import clock
from tenor.platform.core.actor import system
from tenor.platform.core.models import Organisation
from tenor.platform.decisions import live
from tenor.platform.decisions.runs.run import seed_of
from tenor.platform.fairness.actions import examine_candidate
from tenor.platform.fairness.queries import Judged, judged
from tenor.platform.governance.fitting import HELD_BACK
from tenor.platform.governance.models import PolicyVersion, PredictorVersion
from tenor.platform.governance.queries import live_policy_version, live_predictor
from tenor.platform.pooling.queries import prior_for
from tenor.platform.releases.alarms import history_of
from tenor.platform.releases.models import Release
from tenor.platform.releases.parts import decides
from tenor.platform.releases.proof import digest_of, words_digest_of
from tenor.platform.releases.shadow import difference, parts_of
from tenor.platform.releases.word_checks import word_checks, words_found

Report = Callable[[str, float], None]
# A predictor and rules: those in force, or those of a release.
Versions = tuple[PredictorVersion | None, PolicyVersion | None]
# From one deciding of the past to the next.
_EVERY_DAYS = 7


@dataclass(frozen=True)
class Models:
    """Models that judge a candidate: of before the days it is judged by, and of another draw."""

    rehearsal: Model | None = None
    reseeded: Model | None = None


@dataclass(frozen=True)
class Facts:
    """What a release that decides is judged on: the versions in force, the facts and the models.

    `alone` says that nothing is live to compare it with.
    """

    release: Release
    now: Versions
    tables: Tables
    as_of: datetime
    models: Models
    alone: bool


def gather(
    release: Release,
    *,
    tables: Tables | None,
    as_of: datetime,
    models: Models | None = None,
    alone: bool = False,
    report: Report | None = None,
) -> dict[str, Any]:
    """Return the evidence of a release on the facts up to `as_of` (aware), as JSON.

    `tables` are needed for what decides; texts and law alone are judged as they read. Models that
    are not given are fitted here. `alone` leaves out what compares it with what is live: there is
    nothing yet. Counts and sums alone: nobody is named in it.
    """
    now: Versions = (
        None if alone else live_predictor(release.organisation),
        live_policy_version(release.organisation),
    )
    found = word_checks(release)
    told: dict[str, Any] = {}
    if decides(release) and tables is not None:
        models = models or judges(release, tables, as_of, report)
        asked = Facts(release, now, tables, as_of, models, alone)
        of_decisions, told = _of_decisions(asked, report)
        found = [*of_decisions, *found]
    said = verdict(found)
    return {
        "as_of": as_of.isoformat(),
        "currency": release.organisation.currency,
        "policy": digest_of(release.policy),
        "words": words_digest_of(release),
        "base": {
            "policy": now[1].number if now[1] else None,
            "predictor": now[0].version if now[0] else None,
        },
        "gate": [plain(check) for check in found],
        "verdict": {"decision": said.decision.value, "reasons": list(said.reasons)},
        **told,
        **plain(words_found(release)),
    }


def _of_decisions(asked: Facts, report: Report | None) -> tuple[tuple[Check, ...], dict[str, Any]]:
    """Return the checks of what decides, and the past and today beside it."""
    past = None if asked.alone else _past(asked, report)
    gain = past.gain if past is not None else _gain(asked)
    return _decision_checks(asked, past, gain, report), {
        "backtest": _told(past),
        "gain": plain(gain),
        "today": None if asked.alone else _today(asked),
    }


def _decision_checks(
    asked: Facts, past: Backtest | None, gain: GainCalibration | None, report: Report | None
) -> tuple[Check, ...]:
    """Return the checks of the gate about what decides."""
    release, models = asked.release, asked.models
    candidate = live.model_of(release.predictor)
    return checks(
        asked.tables,
        as_of=asked.as_of,
        model=candidate,
        rehearsal=models.rehearsal if candidate is not None else None,
        live=live.model_of(asked.now[0]) if candidate is not None else None,
        reseeded=models.reseeded,
        backtest=past,
        gain=gain,
        fairness=None if asked.alone else _fairness(asked, report),
        history=history_of(release.organisation),
        seed=_seed(release.organisation),
    )


def judges(
    release: Release,
    tables: Tables,
    as_of: datetime,
    report: Report | None = None,
    *,
    rehearsal: Model | None = None,
) -> Models:
    """Fit the models that a release is judged with, by the recipe of its own predictor.

    A `rehearsal` of before, where there is one, is not fitted again.
    """
    version = release.predictor or live_predictor(release.organisation)
    if version is None:
        return Models()
    facts = version.figures.get("facts", {})
    policy = live.policy_of(
        release.organisation, release.policy or live_policy_version(release.organisation)
    )
    seed, narrow = int(facts.get("seed", 0)), bool(facts.get("behaviour_only", False))
    prior = prior_for(release.organisation)

    def fitted(at: datetime, draw: int) -> Model | None:
        try:
            return fit(
                tables, as_of=at, days_to_arrive=policy.days_to_arrive, seed=draw,
                behaviour_only=narrow, prior=prior, report=report,
            )  # fmt: skip
        except InputError:
            return None

    before = rehearsal or fitted(as_of - HELD_BACK, seed)
    return Models(before, fitted(as_of, seed + 1) if release.predictor else None)


def _past(asked: Facts, report: Report | None) -> Backtest | None:
    """Decide the last sixty days anew with the release's rules, by a model of before them."""
    rehearsal = asked.models.rehearsal
    if rehearsal is None:
        return None
    begin = max(asked.as_of - HELD_BACK, rehearsal.as_of)
    try:
        return backtest(
            asked.tables, policy=_policy(asked), from_=begin,
            to=asked.as_of, every=_EVERY_DAYS, model=rehearsal, segments=True, gains=True,
            rng=np.random.default_rng(_seed(asked.release.organisation)), report=report,
        )  # fmt: skip
    except InputError:
        return None


def _gain(asked: Facts) -> GainCalibration | None:
    """Hold the gains that a model of before foretold against what came, without deciding anew."""
    rehearsal = asked.models.rehearsal
    if rehearsal is None:
        return None
    return gain_on_log(
        asked.tables, model=rehearsal, policy=_policy(asked), to=asked.as_of,
        rng=np.random.default_rng(_seed(asked.release.organisation)),
    )  # fmt: skip


def _policy(asked: Facts) -> Policy:
    return live.policy_of(asked.release.organisation, asked.release.policy or asked.now[1])


def _fairness(asked: Facts, report: Report | None) -> Judged | None:
    """Examine how groups would be treated, and keep the audit beside the others."""
    release = asked.release
    predictor, policy = parts_of(release, *asked.now)
    told = None if report is None else partial(report, "how groups would be treated")
    found = examine_candidate(
        system(release.organisation), turn=f"release {release.number}", predictor=predictor,
        policy=policy, tables=asked.tables, report=told,
    )  # fmt: skip
    return None if found is None else judged(found)


def _today(asked: Facts) -> dict[str, Any] | None:
    """Return how today's plan would differ; nothing where nothing decides yet but the ladder."""
    release, now = asked.release, asked.now
    if now[0] is None and release.predictor is None:
        return None
    found = difference(
        release.organisation, asked.tables, asked.as_of, _seed(release.organisation), live=now,
        candidate=parts_of(release, *now),
    )  # fmt: skip
    return found.as_dict()


def _told(past: Backtest | None) -> dict[str, Any] | None:
    """Return what of a backtest people read, as JSON."""
    if past is None:
        return None
    told: dict[str, Any] = plain(past)
    return told


def plain(value: Any) -> Any:
    """Return a value in terms that JSON holds; a figure that is undefined becomes nothing."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return round(value, 6) if isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)


def _seed(organisation: Organisation) -> int:
    return seed_of(organisation, clock.today(organisation))
