"""Checks of a predictor: better than naive answers, calibrated for all and for each, and stable."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import NormalDist

import numpy as np
import polars as pl

from tenor.engine.errors import InputError
from tenor.engine.evaluate.by_segment import GroupQuality, quality_by_segment
from tenor.engine.evaluate.figures import LEVEL, Figure
from tenor.engine.evaluate.quality import MAIN_HORIZON, Horizon, horizon_of, judged_rows
from tenor.engine.evaluate.segments import segments_at
from tenor.engine.frames import Tables
from tenor.engine.predictors.model import Model
from tenor.engine.predictors.score import chances
from tenor.engine.release.check import Area, Check, held, held_between, judged
from tenor.engine.release.contacting import CHANGED_FROM, contacting_changed
from tenor.engine.release.limits import LIMITS
from tenor.engine.release.stability import rank_agreement, rank_interval, shift

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
            found += beside_live_checks(mine, _chances(known, as_of, live), seed=seed)
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
    changed = contacting_changed(known, since=tried.as_of, until=as_of)
    found = (calibration_check(horizon), group_check(groups))
    return lead_check(horizon), *(_excused(check, changed) for check in found)


def _excused(check: Check, changed: float | None) -> Check:
    """Let a person decide where chances are off and contacts are others than were learned from."""
    if check.passed is not False or changed is None or changed < CHANGED_FROM:
        return check
    text = (
        f"{check.text}; since then {changed:.0%} of contacts are others than before, and what came "
        "may be their work"
    )
    return replace(check, passed=None, text=text)


def _untold(why: str) -> tuple[Check, ...]:
    return (
        held(_LEAD, "lead", None, why, area=Area.QUALITY),
        held(_OVERALL, "bias", None, why, area=Area.CALIBRATION),
        held(_GROUPS, "bias of a group", None, why, area=Area.CALIBRATION),
    )


def lead_check(horizon: Horizon) -> Check:
    """Pass where the ranking is not worse than the best naive one as far as can be told."""
    lead = horizon.lead
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
    between = (lead.lower, lead.upper)
    return held_between(_LEAD, "lead", lead.value, between, text, area=Area.QUALITY)


def calibration_check(horizon: Horizon) -> Check:
    """Hold the mean chance of all against the share that paid."""
    probability = horizon.scores[0].probability
    assert probability is not None
    bias = probability.bias
    text = (
        f"chances are off by {100 * bias.value:+.1f} points on average ({100 * bias.lower:+.1f} to "
        f"{100 * bias.upper:+.1f}) within {horizon.days} days"
    )
    passed = _within(bias, "bias")
    return judged(_OVERALL, "bias", abs(bias.value), passed, text, area=Area.CALIBRATION)


def group_check(groups: Sequence[GroupQuality]) -> Check:
    """Hold the mean chance of each group that is large enough against its share that paid.

    All groups are looked at together: among many some are off by chance (Bonferroni).
    """
    enough = [g for g in groups if g.enough]
    if not enough:
        text = "no group has enough predictions to be judged"
        return held(_GROUPS, "bias of a group", None, text, area=Area.CALIBRATION)
    found = [_of_so_many(g.bias, len(enough)) for g in enough]
    answers = [_within(bias, "bias of a group") for bias in found]
    worst = max(enough, key=lambda g: abs(g.bias.value))
    text = (
        f"furthest off is {worst.by}: {worst.group}, by {100 * worst.bias.value:+.1f} points "
        f"({100 * worst.bias.lower:+.1f} to {100 * worst.bias.upper:+.1f}), of {len(enough)} "
        f"groups; {len(groups) - len(enough)} more are too small to judge"
    )
    passed = False if False in answers else None if None in answers else True
    figure = abs(worst.bias.value)
    return judged(_GROUPS, "bias of a group", figure, passed, text, area=Area.CALIBRATION)


def beside_live_checks(
    mine: pl.DataFrame, theirs: pl.DataFrame, *, seed: int
) -> tuple[Check, Check]:
    """Hold scores of the open invoices against the live ones; both `invoice_id, p, customer_id`."""
    return _like_the_live(mine, theirs, seed), _ranked(
        mine, theirs, "ranks like the live one", "agreement in rank",
        "with the live predictor on the same facts",
    )  # fmt: skip


def _within(bias: Figure, limit: str) -> bool | None:
    """Pass within the good end; fail where the whole interval lies beyond the bad end."""
    side = 1.0 if bias.value >= 0 else -1.0
    lower, upper = sorted((side * bias.lower, side * bias.upper))
    return LIMITS[limit].judges(abs(bias.value), lower, upper)


def _of_so_many(bias: Figure, groups: int) -> Figure:
    """Return a figure with the interval that it has as one of so many looked at together."""
    tail = (1.0 - LEVEL) / 2.0
    wider = NormalDist().inv_cdf(tail / groups) / NormalDist().inv_cdf(tail)
    low, high = bias.value - bias.lower, bias.upper - bias.value
    return Figure(bias.value, bias.value - wider * low, bias.value + wider * high)


def _chances(known: Tables, as_of: datetime, model: Model) -> pl.DataFrame:
    found = chances(known, as_of=as_of, model=model)
    whose = known.invoices.select("invoice_id", "customer_id")
    return found.select("invoice_id", p=f"p_paid_{MAIN_HORIZON}d").join(
        whose, on="invoice_id", how="left", maintain_order="left"
    )


def _like_the_live(mine: pl.DataFrame, theirs: pl.DataFrame, seed: int) -> Check:
    name, limit = "scores like the live ones", "shift of scores"
    new, old = mine["p"].to_numpy(), theirs["p"].to_numpy()
    found = shift(old, new, mine["customer_id"].to_numpy(), rng=np.random.default_rng(seed))
    if found is None:
        return held(name, limit, None, "too few customers owe anything", area=Area.STABILITY)
    text = (
        f"population stability index {found.value:.3f} ({found.lower:.3f} to {found.upper:.3f}) "
        f"on {len(new):,} open invoices"
    )
    between = (found.lower, found.upper)
    return held_between(name, limit, found.value, between, text, area=Area.STABILITY)


def _ranked(mine: pl.DataFrame, theirs: pl.DataFrame, name: str, limit: str, with_: str) -> Check:
    """Hold how alike two scores rank the open invoices against a limit."""
    if mine.is_empty():
        return held(name, limit, None, "nothing is open to score", area=Area.STABILITY)
    agreement = rank_agreement(mine["p"].to_numpy(), theirs["p"].to_numpy())
    between = rank_interval(agreement, mine["customer_id"].n_unique())
    text = f"rank correlation {agreement:.3f} ({between[0]:.3f} to {between[1]:.3f}) {with_}"
    return held_between(name, limit, agreement, between, text, area=Area.STABILITY)


def _another_seed(mine: pl.DataFrame, theirs: pl.DataFrame) -> Check:
    off = 0.0 if mine.is_empty() else float(np.abs((mine["p"] - theirs["p"]).to_numpy()).mean())
    with_ = f"with another draw; chances differ by {100 * off:.1f} points on average"
    return _ranked(mine, theirs, "the same with another seed", "another seed", with_)
