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
from tenor.engine.frames import Tables
from tenor.engine.predictors.model import Model, fit
from tenor.engine.release.gate import checks, verdict
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
from tenor.platform.releases.proof import digest_of
from tenor.platform.releases.shadow import difference, parts_of

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


def gather(
    release: Release,
    *,
    tables: Tables,
    as_of: datetime,
    models: Models | None = None,
    alone: bool = False,
    report: Report | None = None,
) -> dict[str, Any]:
    """Return the evidence of a release on the facts up to `as_of` (aware), as JSON.

    Models that are not given are fitted here. `alone` leaves out what compares it with what is
    live: there is nothing yet. Counts and sums alone: nobody is named in it.
    """
    organisation = release.organisation
    now: Versions = (None, live_policy_version(organisation))
    past = None
    models = models or judges(release, tables, as_of, report)
    if not alone:
        now = (live_predictor(organisation), now[1])
        past = _past(release, now, tables, as_of, models.rehearsal, report)
    candidate = live.model_of(release.predictor)
    found = checks(
        tables,
        as_of=as_of,
        model=candidate,
        rehearsal=models.rehearsal if candidate is not None else None,
        live=live.model_of(now[0]) if candidate is not None else None,
        reseeded=models.reseeded,
        backtest=past,
        fairness=None if alone else _fairness(release, now, tables, report),
        history=history_of(organisation),
        seed=_seed(organisation),
    )
    said = verdict(found)
    return {
        "as_of": as_of.isoformat(),
        "currency": organisation.currency,
        "policy": digest_of(release.policy),
        "base": {
            "policy": now[1].number if now[1] else None,
            "predictor": now[0].version if now[0] else None,
        },
        "gate": [plain(check) for check in found],
        "verdict": {"decision": said.decision.value, "reasons": list(said.reasons)},
        "backtest": _told(past),
        "today": None if alone else _today(release, now, tables, as_of),
    }


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


def _past(
    release: Release,
    now: Versions,
    tables: Tables,
    as_of: datetime,
    rehearsal: Model | None,
    report: Report | None,
) -> Backtest | None:
    """Decide the last sixty days anew with the release's rules, by a model of before them."""
    if rehearsal is None:
        return None
    policy = live.policy_of(release.organisation, release.policy or now[1])
    try:
        return backtest(
            tables, policy=policy, from_=max(as_of - HELD_BACK, rehearsal.as_of), to=as_of,
            every=_EVERY_DAYS, model=rehearsal, segments=True,
            rng=np.random.default_rng(_seed(release.organisation)), report=report,
        )  # fmt: skip
    except InputError:
        return None


def _fairness(
    release: Release,
    now: Versions,
    tables: Tables,
    report: Report | None,
) -> Judged | None:
    """Examine how groups would be treated, and keep the audit beside the others."""
    predictor, policy = parts_of(release, *now)
    told = None if report is None else partial(report, "how groups would be treated")
    found = examine_candidate(
        system(release.organisation), turn=f"release {release.number}", predictor=predictor,
        policy=policy, tables=tables, report=told,
    )  # fmt: skip
    return None if found is None else judged(found)


def _today(
    release: Release,
    now: Versions,
    tables: Tables,
    as_of: datetime,
) -> dict[str, Any] | None:
    """Return how today's plan would differ; nothing where nothing decides yet but the ladder."""
    if now[0] is None and release.predictor is None:
        return None
    found = difference(
        release.organisation, tables, as_of, _seed(release.organisation), live=now,
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
