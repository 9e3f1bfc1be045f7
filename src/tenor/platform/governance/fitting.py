"""Learn from an organisation's facts, judge what was learned, and let it work or rest."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from math import isfinite
from typing import Any

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tenor.engine.errors import InputError
from tenor.engine.evaluate.quality import MAIN_HORIZON, Horizon, Quality, quality
from tenor.engine.frames import Tables
from tenor.engine.policy.policyfile import Policy
from tenor.engine.predictors.expected import PUBLISHED, Expected
from tenor.engine.predictors.model import Model, fit
from tenor.engine.predictors.score import chances
from tenor.engine.quality.sufficiency import Sufficiency, Verdict, sufficiency
from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Refused
from tenor.platform.core.models import Job
from tenor.platform.core.preferences import preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.governance import learning, queries
from tenor.platform.governance.models import PredictorVersion

State = PredictorVersion.State
Report = Callable[[str, float], None]

# What was held back to judge by: long enough to see who paid within a month, and then who did not.
HELD_BACK = timedelta(days=60)
# Chances that are off by more than this on average, surely, would mislead the weighing of costs.
_MOST_BIAS = 0.10

# Why a predictor was not put to work; the words are in `REFUSALS`.
TOO_LITTLE, WORSE, BIASED = "too_little", "worse", "biased"
REFUSALS = {
    TOO_LITTLE: gettext_noop("There is too little history to learn from."),
    WORSE: gettext_noop("It ranks worse than each customer's own history does."),
    BIASED: gettext_noop("Its chances are too far off on average."),
}


def request_fit(actor: Actor) -> Job:
    """Have a new predictor learned from all facts up to now; one that is under way is that one."""
    actor.need(Right.ANALYSE)
    now = clock.now(actor.organisation).isoformat()
    organisation = actor.organisation
    job = learning.ask(organisation, turn=now[:16], by=actor.user_id, by_name=actor.name)
    audit.record(actor, "predictor.request", f"organisation:{actor.organisation.slug}")
    return job


@dataclass(frozen=True)
class Taught:
    """A recipe: by which draw, and whether all that says who somebody is was left out.

    `prior` is what is expected of contacts before these facts speak.
    """

    seed: int = 0
    behaviour_only: bool = False
    prior: Expected = PUBLISHED


@dataclass(frozen=True)
class Fitted:
    """A predictor that was kept, its model, and one of sixty days ago that it is judged by.

    `rehearsal` and its `quality` are None where there was too little history to judge by.
    """

    version: PredictorVersion
    model: Model
    rehearsal: Model | None
    quality: Quality | None


def fit_predictor(
    actor: Actor,
    *,
    tables: Tables,
    as_of: datetime,
    then: Model | None = None,
    taught: Taught | None = None,
    report: Report | None = None,
) -> Fitted:
    """Learn from `tables` up to `as_of`, and keep the model with what was measured of it.

    First a model is learned without the last sixty days and judged by them (`then`, where there
    is such a model already); then one from all. Nothing is put to work. Raises Refused where there
    is too little to learn anything.
    """
    learned = _learner(actor, tables, taught or Taught(), report)
    figures, rehearsal, judged = _judged(tables, as_of, then, learned)
    try:
        model = learned(as_of)
    except InputError as error:
        raise Refused(str(error)) from None
    figures["facts"] = model.facts
    return Fitted(keep_model(actor, model, figures), model, rehearsal, judged)


def rehearsed(
    actor: Actor, tables: Tables, as_of: datetime, taught: Taught, report: Report | None = None
) -> tuple[float, Model] | None:
    """Return how well a recipe ranked the last sixty days (AUC), and its model of before them.

    Nothing where these facts cannot tell.
    """
    judged = as_of - HELD_BACK
    try:
        model = _learner(actor, tables, taught, report)(judged)
        found = quality(tables.known_at(as_of), score=partial(_chances, model=model), from_=judged)
    except InputError:
        return None
    main = next(h for h in found.horizons if h.days == MAIN_HORIZON)
    auc = main.scores[0].auc.value if main.rows else float("nan")
    return (float(auc), model) if isfinite(auc) else None


def put_to_work(actor: Actor, version: PredictorVersion) -> None:
    """Let decisions be made with this predictor; the one before it rests."""
    with transaction.atomic():
        before = queries.live_predictor(actor.organisation)
        if before is not None and before.pk == version.pk:
            return
        if before is not None:
            before.state = State.RETIRED
            before.save(update_fields=["state"])
        version.state = State.LIVE
        version.save(update_fields=["state"])
        audit.record(actor, "predictor.put_to_work", f"predictor:{version.version}",
                     before=before and before.version, after=version.version)  # fmt: skip


def rest(actor: Actor) -> None:
    """Take the predictor in force out of it, where there is none before it: the ladder decides."""
    with transaction.atomic():
        before = queries.live_predictor(actor.organisation)
        if before is not None:
            before.state = State.RETIRED
            before.save(update_fields=["state"])
            audit.record(actor, "predictor.rest", f"predictor:{before.version}")


def words_of(refusal: str) -> str:
    """Say in the reader's language why a predictor was not put to work."""
    return _(REFUSALS[refusal]) if refusal in REFUSALS else refusal


def keep_model(actor: Actor, model: Model, figures: dict[str, Any]) -> PredictorVersion:
    """Keep a model as a version that is not at work yet, with what was measured of it."""
    organisation = actor.organisation
    folder = f"models/{organisation.slug}/{model.version}"
    version = PredictorVersion(
        organisation=organisation,
        version=model.version,
        folder=folder,
        fitted_at=clock.now(organisation),
        facts_until=model.as_of,
        figures=figures,
        synthetic=organisation.synthetic,
    )
    target = queries.folder_of(version)
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.is_dir():
        model.save(target)
    with transaction.atomic():
        version.save(force_insert=True)
        audit.record(actor, "predictor.fit", f"predictor:{model.version}", after=model.facts)
    return version


def _learner(
    actor: Actor, tables: Tables, taught: Taught, report: Report | None
) -> Callable[[datetime], Model]:
    """Return what learns from the facts known at an instant, by a recipe."""
    live = queries.live_policy_version(actor.organisation)
    policy = queries.policy_of(live) if live else Policy()
    # Where the organisation judges by behaviour alone, no recipe may know more.
    narrow = taught.behaviour_only or preferences_of(actor.organisation).behaviour_only
    return lambda at: fit(
        tables, as_of=at, days_to_arrive=policy.days_to_arrive, seed=taught.seed,
        behaviour_only=narrow, prior=taught.prior, report=report,
    )  # fmt: skip


def _judged(
    tables: Tables, as_of: datetime, then: Model | None, learned: Callable[[datetime], Model]
) -> tuple[dict[str, Any], Model | None, Quality | None]:
    """Return what the facts are enough for, a model of sixty days ago, and how good it was."""
    history = sufficiency(tables.known_at(as_of), today=as_of.date())
    figures = _sizes(history)
    payment = next(u for u in history.uses if u.name == "payment predictor")
    if payment.verdict == Verdict.TOO_LITTLE:
        return figures | {"refused": TOO_LITTLE}, None, None
    judged = then.as_of if then is not None else as_of - HELD_BACK
    earlier = None
    try:
        earlier = then or learned(judged)
        found = quality(
            tables.known_at(as_of),
            score=partial(_chances, model=earlier),
            from_=judged,
        )
    except InputError as error:
        # Too young to be judged: it works, and the screens say that nobody has judged it yet.
        return figures | {"unjudged": str(error)}, earlier, None
    main = next(h for h in found.horizons if h.days == MAIN_HORIZON)
    told = {"quality": _told(found, judged), "refused": _refusal(main)}
    return figures | told, earlier, found


def _sizes(history: Sufficiency) -> dict[str, Any]:
    """Return how large a history is and what it is enough for, as JSON."""
    uses = [{"name": u.name, "verdict": u.verdict, "reason": u.reason} for u in history.uses]
    return {
        "months": history.months,
        "customers": history.customers,
        "invoices": history.invoices,
        "settled": history.settled,
        "contacts": history.contacts,
        "varied": history.share_varied,
        "logged": history.share_propensity,
        "sufficiency": uses,
        "quality": None,
        "refused": "",
    }


def _told(found: Quality, judged: datetime) -> dict[str, Any]:
    """Return how good a model of the past was, as JSON."""
    return {
        "from": judged.isoformat(),
        "summary": found.summary,
        "horizons": [_horizon(h) for h in found.horizons if h.rows],
        "median_error_days": _number(next(d for d in found.days).median_absolute),
    }


def _chances(known: Tables, at: datetime, *, model: Model) -> pl.DataFrame:
    return chances(known, as_of=at, model=model)


def _horizon(horizon: Horizon) -> dict[str, Any]:
    """Return how well "paid within so many days" was foretold, as JSON."""
    mine = horizon.scores[0]
    best = max((s.auc.value for s in horizon.scores[1:] if isfinite(s.auc.value)), default=0.5)
    p = mine.probability
    return {
        "days": horizon.days,
        "rows": horizon.rows,
        "paid_share": _number(horizon.paid_share),
        "auc": _number(mine.auc.value),
        "auc_low": _number(mine.auc.lower),
        "auc_high": _number(mine.auc.upper),
        "auc_own_history": _number(best),
        "bias": _number(p.bias.value) if p else None,
        "accuracy": _number(p.accuracy) if p else None,
        "reliability": [
            {"said": _number(b.predicted), "came_true": _number(b.observed.value),
             "low": _number(b.observed.lower), "high": _number(b.observed.upper), "rows": b.rows}
            for b in (p.reliability if p else ())
        ],
    }  # fmt: skip


def _refusal(main: Horizon) -> str:
    """Return why a predictor of this quality is not put to work; nothing where it is."""
    if isfinite(main.lead.upper) and main.lead.upper < 0:
        return WORSE
    p = main.scores[0].probability if main.rows else None
    if p is not None and (p.bias.lower > _MOST_BIAS or p.bias.upper < -_MOST_BIAS):
        return BIASED
    return ""


def _number(value: float) -> float | None:
    """Return a number that JSON holds; nothing where it is undefined."""
    return round(float(value), 4) if isfinite(value) else None
