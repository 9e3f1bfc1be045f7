"""Checks of a predictor: better than naive answers, calibrated for all and for each, and stable."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from tenor.engine.errors import InputError
from tenor.engine.evaluate.by_segment import GroupQuality, quality_by_segment
from tenor.engine.evaluate.quality import MAIN_HORIZON, Horizon, horizon_of, judged_rows
from tenor.engine.evaluate.segments import segments_at
from tenor.engine.frames import Tables
from tenor.engine.predictors.model import Model
from tenor.engine.predictors.score import chances
from tenor.engine.release.check import Area, Check, held, judged
from tenor.engine.release.limits import LIMITS
from tenor.engine.release.stability import psi, rank_agreement

# What happened must be seen for so long before chances of payment can be judged.
SIGHT = timedelta(days=MAIN_HORIZON)
_LEAD = "better than naive answers"
_OVERALL = "calibrated over all"
_GROUPS = "calibrated in each group"


def predictor_checks(
    tables: Tables,
    *,
    as_of: datetime,
    model: Model,
    rehearsal: Model | None = None,
    live: Model | None = None,
    reseeded: Model | None = None,
    seed: int = 0,
) -> tuple[Check, ...]:
    """Return the checks of the candidate `model`; arguments as for `gate.checks`."""
    known = tables.known_at(as_of)
    tried = rehearsal or model
    found = [*_foretold(known, tried, as_of, seed)]
    if live is not None or reseeded is not None:
        mine = _chances(known, as_of, model)
        if live is not None:
            found += _beside_live(mine, _chances(known, as_of, live))
        if reseeded is not None:
            found.append(_another_seed(mine, _chances(known, as_of, reseeded)))
    return tuple(found)


def _foretold(known: Tables, tried: Model, as_of: datetime, seed: int) -> tuple[Check, ...]:
    """Judge what a model foretold at its own instant, weekly until the end of sight."""

    def scorer(facts: Tables, at: datetime) -> pl.DataFrame:
        return chances(facts, as_of=at, model=tried)

    if tried.as_of > as_of - SIGHT:
        return _untold(
            f"the model was fitted at {tried.as_of:%Y-%m-%d}: less than {SIGHT.days} days have "
            "passed; give one that was fitted likewise, earlier"
        )
    try:
        instants, _, rows = judged_rows(known, score=scorer, from_=tried.as_of, to=as_of)
    except InputError as error:
        return _untold(str(error))
    horizon = horizon_of(rows, MAIN_HORIZON, np.random.default_rng(seed))
    if not horizon.rows:
        return _untold("no outcome can be seen to the end")
    groups = quality_by_segment(
        rows,
        {at: segments_at(known, at) for at in instants if at <= as_of - SIGHT},
        rng=np.random.default_rng(seed),
    )
    return lead_check(horizon), calibration_check(horizon), group_check(groups)


def _untold(why: str) -> tuple[Check, ...]:
    return (
        held(_LEAD, "lead", None, why, area=Area.QUALITY),
        held(_OVERALL, "bias", None, why, area=Area.CALIBRATION),
        held(_GROUPS, "bias of a group", None, why, area=Area.CALIBRATION),
    )


def lead_check(horizon: Horizon) -> Check:
    """Pass where the ranking is not worse than the best naive one as far as can be told."""
    lead, limit = horizon.lead, LIMITS["lead"]
    if not np.isfinite(lead.value):
        text = f"within {horizon.days} days all invoices ended alike: nothing to rank"
        return held(_LEAD, "lead", None, text, area=Area.QUALITY)
    model, *others = horizon.scores
    rival = max(others, key=lambda s: s.auc.value)
    text = (
        f"AUC {model.auc.value:.3f} against {rival.auc.value:.3f} by {rival.name} within "
        f"{horizon.days} days: {lead.value:+.3f} ({lead.lower:+.3f} to {lead.upper:+.3f}), on "
        f"{horizon.rows:,} predictions"
    )
    surely_worse = lead.upper < limit.bad
    passed = False if surely_worse else True if lead.value >= limit.good else None
    return judged(_LEAD, "lead", lead.value, passed, text, area=Area.QUALITY)


def calibration_check(horizon: Horizon) -> Check:
    """Hold the mean chance of all against the share that paid."""
    probability = horizon.scores[0].probability
    assert probability is not None
    bias = probability.bias
    text = (
        f"chances are off by {100 * bias.value:+.1f} points on average ({100 * bias.lower:+.1f} to "
        f"{100 * bias.upper:+.1f}) within {horizon.days} days"
    )
    passed = _within(bias.value, bias.lower, bias.upper, "bias")
    return judged(_OVERALL, "bias", abs(bias.value), passed, text, area=Area.CALIBRATION)


def group_check(groups: Sequence[GroupQuality]) -> Check:
    """Hold the mean chance of each group that is large enough against its share that paid."""
    enough = [g for g in groups if g.enough]
    if not enough:
        text = "no group has enough predictions to be judged"
        return held(_GROUPS, "bias of a group", None, text, area=Area.CALIBRATION)
    answers = [_within(g.bias.value, g.bias.lower, g.bias.upper, "bias of a group") for g in enough]
    worst = max(enough, key=lambda g: abs(g.bias.value))
    text = (
        f"furthest off is {worst.by}: {worst.group}, by {100 * worst.bias.value:+.1f} points "
        f"({100 * worst.bias.lower:+.1f} to {100 * worst.bias.upper:+.1f}), of {len(enough)} "
        f"groups; {len(groups) - len(enough)} more are too small to judge"
    )
    passed = False if False in answers else None if None in answers else True
    figure = abs(worst.bias.value)
    return judged(_GROUPS, "bias of a group", figure, passed, text, area=Area.CALIBRATION)


def _within(value: float, lower: float, upper: float, limit: str) -> bool | None:
    """Pass within the good end; fail where the whole interval lies beyond the bad end."""
    good, bad = LIMITS[limit].good, LIMITS[limit].bad
    if lower > bad or upper < -bad:
        return False
    return True if abs(value) <= good else None


def _chances(known: Tables, as_of: datetime, model: Model) -> pl.DataFrame:
    return chances(known, as_of=as_of, model=model).select(
        "invoice_id", p=f"p_paid_{MAIN_HORIZON}d"
    )


def _beside_live(mine: pl.DataFrame, theirs: pl.DataFrame) -> tuple[Check, Check]:
    new, old = mine["p"].to_numpy(), theirs["p"].to_numpy()
    if not len(new):
        text = "nothing is open to score"
        return (
            held("scores like the live ones", "shift of scores", None, text, area=Area.STABILITY),
            held("ranks like the live one", "agreement in rank", None, text, area=Area.STABILITY),
        )
    shift, agreement = psi(old, new), rank_agreement(old, new)
    return (
        held(
            "scores like the live ones",
            "shift of scores",
            shift,
            f"population stability index {shift:.3f} on {len(new):,} open invoices",
            area=Area.STABILITY,
        ),
        held(
            "ranks like the live one",
            "agreement in rank",
            agreement,
            f"rank correlation {agreement:.3f} with the live predictor on the same facts",
            area=Area.STABILITY,
        ),
    )


def _another_seed(mine: pl.DataFrame, theirs: pl.DataFrame) -> Check:
    name = "the same with another seed"
    if mine.is_empty():
        text = "nothing is open to score"
        return held(name, "another seed", None, text, area=Area.STABILITY)
    agreement = rank_agreement(mine["p"].to_numpy(), theirs["p"].to_numpy())
    off = float(np.abs(mine["p"].to_numpy() - theirs["p"].to_numpy()).mean())
    text = f"rank correlation {agreement:.3f}; chances differ by {100 * off:.1f} points on average"
    return held(name, "another seed", agreement, text, area=Area.STABILITY)
