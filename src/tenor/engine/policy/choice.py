"""Choose for everybody: the best within capacity, and for a few what chance says, chance known."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.frames import Tables
from tenor.engine.policy import capacity, explore
from tenor.engine.policy.actions import Integers
from tenor.engine.policy.beliefs import Beliefs, beliefs
from tenor.engine.policy.candidates import Candidates
from tenor.engine.policy.gain import rates
from tenor.engine.policy.mixture import Mixture
from tenor.engine.policy.permitted import Permitted
from tenor.engine.policy.policyfile import Policy
from tenor.engine.predictors.model import Model

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

UNIFORM, DRAW = "uniform", "draw"


@dataclass(frozen=True, eq=False)
class Chosen:
    """The action of each customer [N, 4] (channel, tone, day, hour; -1 to wait), and its chance.

    `explored_by` [N] is how chance chose (null: it did not), `factors` the probability of each
    part of the action, `eligible` what could be tried (null: nothing), `expected_loss` [N] what
    exploring is expected to cost. `best_gain` is the most that any permitted contact gains over
    waiting, `full` whether that one gave way to somebody to whom people's time matters more;
    `counts` says how many actions were permitted.
    """

    actions: Integers
    explored_by: pl.Series
    propensity: Array
    factors: dict[str, Array]
    eligible: pl.Series
    expected_loss: Array
    best_gain: Array
    full: Flags
    counts: Integers


def choose(
    gain: Array,
    found: Candidates,
    allowed: Permitted,
    known: Tables,
    model: Model,
    policy: Policy,
    seed: int,
) -> Chosen:
    """Choose for everybody within capacity; a few at random, with the chance of it known.

    `gain` [N, C, D] is minus infinity where `allowed` is not open.
    """
    best, best_gain, full = _best(gain, found, allowed, known, policy)
    chancy = explore.open_to_chance(allowed, policy)
    share = explore.shares(chancy, policy.exploration)
    choices, loss, drawn = _truths(gain, found, chancy, best, share, model, policy)
    share = share * _affordable(share, loss, policy.exploration.price_per_day)
    mixture = Mixture(best, share, drawn, choices, chancy)
    actions, explored_by = _draw(mixture, allowed, seed)
    possible = pl.Series(share > 0.0)
    text = explore.eligible(chancy, np.arange(len(best)))
    return Chosen(
        actions,
        explored_by,
        mixture.probability(actions),
        mixture.factors(actions),
        pl.select(pl.when(possible).then(text)).to_series(),
        share * loss,
        best_gain,
        full,
        explore.count_allowed(allowed),
    )


def _best(
    gain: Array, found: Candidates, allowed: Permitted, known: Tables, policy: Policy
) -> tuple[Integers, Array, Flags]:
    """Return the best action within capacity [N, 4], the most any gains, and who gave way."""
    count, days = len(gain), allowed.grid.days
    used = dict(
        known.contacts.filter(pl.col("sent_at").dt.date() == allowed.as_of.date())
        .group_by("channel")
        .len()
        .iter_rows()
    )
    choice, _ = capacity.assign(gain, capacity.bounds_of(policy, days, used))
    channel, day = np.where(choice >= 0, np.divmod(choice, max(days, 1)), -1)
    rows = np.flatnonzero(choice >= 0)
    actions = np.full((count, 4), -1, dtype=np.int64)
    actions[rows, 0], actions[rows, 2] = channel[rows], day[rows]
    actions[rows, 1] = found.tone[rows, channel[rows]]
    actions[rows, 3] = found.hours(rows, channel[rows], day[rows], allowed.first_day)
    best = gain.reshape(count, -1).max(axis=1, initial=-np.inf)
    return actions, best, (choice < 0) & (best > 0.0)


def _truths(
    gain: Array,
    found: Candidates,
    chancy: Permitted,
    best: Integers,
    share: Array,
    model: Model,
    policy: Policy,
) -> tuple[Integers, Array, float]:
    """Return what possible truths choose [K, N, 4], what exploring costs who is explored [N],
    and which part of exploring goes by those choices."""
    rows, loss = np.flatnonzero(share > 0.0), np.zeros(len(best))
    drawn = policy.exploration.draws if len(rows) else 0.0
    believed, choices = None, np.full((0, len(best), 4), -1, dtype=np.int64)
    if drawn > 0.0:
        temper = policy.exploration.temper
        believed = beliefs(found, chancy, gain, best, model.effect, rows=rows, temper=temper)
        choices = np.full((len(believed.actions), len(best), 4), -1, dtype=np.int64)
        choices[:, rows] = believed.actions
    if len(rows):
        loss[rows] = _loss(gain, found, chancy, best, believed, drawn, rows)
    return choices, loss, drawn


def _draw(mixture: Mixture, allowed: Permitted, seed: int) -> tuple[Integers, pl.Series]:
    """Let chance choose for some: the actions of everybody, and how chance chose (null: not)."""
    ids, actions = allowed.customers["customer_id"], mixture.best.copy()
    by = np.full(len(actions), None, dtype=object)
    tried = explore.explored(ids, share=mixture.share, seed=seed, as_of=allowed.as_of)
    rows = np.flatnonzero(tried)
    if len(rows):
        mine = ids.gather(rows)
        kind, which = (
            explore.uniforms(mine, seed=seed, as_of=allowed.as_of, purpose=purpose)
            for purpose in ("way of exploring", "possible truth")
        )
        believed = kind < mixture.drawn
        evenly, draws = rows[~believed], rows[believed]
        actions[evenly] = explore.draw_allowed(mixture.chancy, evenly, seed=seed)
        truth = np.floor(which[believed] * len(mixture.chosen)).astype(np.int64)
        if len(draws):
            actions[draws] = mixture.chosen[truth, draws]
        by[evenly], by[draws] = UNIFORM, DRAW
    return actions, pl.Series(by.tolist(), dtype=pl.String)


def _loss(
    gain: Array,
    found: Candidates,
    chancy: Permitted,
    best: Integers,
    believed: Beliefs | None,
    drawn: float,
    rows: Integers,
) -> Array:
    """Return what exploring costs these customers in expected value, were it certain: [n]."""
    channel, day = best[rows, 0], best[rows, 2]
    chosen = np.where(channel >= 0, gain[rows, channel, day], 0.0)
    evenly = np.maximum(chosen - _average(gain, found, chancy, rows), 0.0)
    if believed is None:
        return np.asarray(evenly)
    return np.asarray((1.0 - drawn) * evenly + drawn * np.maximum(chosen - believed.worth, 0.0))


def _average(gain: Array, found: Candidates, chancy: Permitted, rows: Integers) -> Array:
    """Return what the actions that may be tried gain on average over waiting [n]."""
    days, rate = chancy.grid.days, rates(gain, found)[rows]
    tone, first, later = found.tone[rows], found.hour_first[rows], found.hour_later[rows]
    who, what = np.arange(len(rows))[:, None], np.arange(tone.shape[1])[None, :]
    by_tone, by_hour, harm = found.by_tone[rows], found.by_hour[rows], found.harm_by_tone[rows]
    tones, hours = chancy.tones(rows), chancy.hours(rows)
    slots = np.arange(len(chancy.grid.hours))
    begun = hours & (slots >= chancy.first_hour[rows][:, None])[:, None, :]
    weaker = _mean(by_tone, tones) - by_tone[who, what, tone]
    on_first = weaker + _mean(by_hour, begun) - by_hour[who, what, first]
    on_later = weaker + _mean(by_hour, hours) - by_hour[who, what, later]
    is_first = np.arange(days)[None, :] == chancy.first_day[rows][:, None]
    less = np.where(is_first[:, None, :], on_first[:, :, None], on_later[:, :, None])
    more_harm = _mean(harm, tones) - harm[who, what, tone]
    worth = gain[rows] + rate * less - more_harm[:, :, None]
    worth = np.where(chancy.channel_day[rows], worth, 0.0)
    ways = explore.cells(chancy, rows)
    total = (worth.reshape(len(rows), -1) * ways).sum(axis=1)
    return np.asarray(total / np.maximum(ways.sum(axis=1), 1))


def _mean(values: Array, counted: Flags) -> Array:
    """Return the mean over the last axis of what counts; 0 where nothing does."""
    total = np.where(counted, values, 0.0).sum(axis=-1)
    return np.asarray(total / np.maximum(counted.sum(axis=-1), 1))


def _affordable(share: Array, loss: Array, price: float | None) -> float:
    """Return by how much all shares are scaled so that exploring costs no more than the price."""
    expected = float(share @ loss)
    return 1.0 if price is None or expected <= price else price / expected
