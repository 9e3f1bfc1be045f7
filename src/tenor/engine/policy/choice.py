"""Choose for everybody: the best within capacity, and for a few what chance says, chance known."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.frames import Tables
from tenor.engine.policy import capacity, explore, scarce
from tenor.engine.policy.actions import Integers
from tenor.engine.policy.beliefs import Beliefs, beliefs
from tenor.engine.policy.candidates import Candidates
from tenor.engine.policy.gain import rates
from tenor.engine.policy.mixture import Mixture
from tenor.engine.policy.permitted import Permitted
from tenor.engine.policy.policyfile import Policy
from tenor.engine.policy.scarce import Scarce
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
    bounds = _bounds(allowed, known, policy)
    chancy = explore.open_to_chance(allowed, policy)
    share, tried = _scarce(allowed, chancy, policy, bounds)
    held = None if tried is None else tried.held
    best, best_gain, full = _best(gain, found, allowed, capacity.less(bounds, held))
    asked, extra = (0.0, 0.0) if tried is None else (tried.asked, tried.chance)
    other = share - asked
    # Possible truths choose for the same part of all that is explored, whatever goes where.
    drawn = policy.exploration.draws * np.where(other > 0.0, share / np.maximum(other, 1e-300), 0.0)
    choices, loss = _truths(gain, found, chancy, best, other, drawn, model, policy)
    loss_there = np.zeros(len(best)) if tried is None else _lost_there(gain, found, best, tried)
    scale = _affordable(float(other @ loss + np.sum(extra * loss_there)), policy)
    if tried is not None:
        tried = replace(tried, chance=scale * tried.chance)
        extra = tried.chance
    mixture = Mixture(best, scale * other, drawn, choices, chancy, tried)
    actions, explored_by = _draw(mixture, allowed, seed)
    possible = pl.Series(mixture.share + extra > 0.0)
    text = explore.eligible(_may_be(chancy, tried), np.arange(len(best)))
    return Chosen(
        actions,
        explored_by,
        mixture.probability(actions),
        mixture.factors(actions),
        pl.select(pl.when(possible).then(text)).to_series(),
        mixture.share * loss + extra * loss_there,
        best_gain,
        full,
        explore.count_allowed(allowed),
    )


def _bounds(allowed: Permitted, known: Tables, policy: Policy) -> list[capacity.Bound]:
    """Return what room there is for contacts, less what was sent today already."""
    today = pl.col("sent_at").dt.date() == allowed.as_of.date()
    used = dict(known.contacts.filter(today).group_by("channel").len().iter_rows())
    return capacity.bounds_of(policy, allowed.grid.days, used)


def _scarce(
    allowed: Permitted, chancy: Permitted, policy: Policy, bounds: list[capacity.Bound]
) -> tuple[Array, Scarce | None]:
    """Return with which chance each is explored, and what of it goes to scarce time, if any."""
    takes = explore.open_to_chance(allowed, policy, bounded=True)
    if not takes.channel_day.any():
        return explore.shares(chancy, policy.exploration), None
    both = replace(chancy, channel_day=chancy.channel_day | takes.channel_day)
    share = explore.shares(both, policy.exploration)
    return share, scarce.settle(allowed, chancy, share, policy, bounds)


def _may_be(chancy: Permitted, tried: Scarce | None) -> Permitted:
    """Return what may be tried today, on scarce time too."""
    if tried is None:
        return chancy
    there = scarce.where(tried, np.flatnonzero(tried.chance > 0.0))
    return replace(chancy, channel_day=chancy.channel_day | there.channel_day)


def _lost_there(gain: Array, found: Candidates, best: Integers, tried: Scarce) -> Array:
    """Return what trying scarce time costs in expected value, were it certain [N]."""
    rows, lost = np.flatnonzero(tried.chance > 0.0), np.zeros(len(best))
    if len(rows):
        channel, day = best[rows, 0], best[rows, 2]
        chosen = np.where(channel >= 0, gain[rows, channel, day], 0.0)
        there = scarce.where(tried, rows)
        lost[rows] = np.maximum(chosen - _average(gain, found, there, rows), 0.0)
    return lost


def _best(
    gain: Array, found: Candidates, allowed: Permitted, bounds: list[capacity.Bound]
) -> tuple[Integers, Array, Flags]:
    """Return the best action within capacity [N, 4], the most any gains, and who gave way."""
    count, days = len(gain), allowed.grid.days
    choice, _ = capacity.assign(gain, bounds)
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
    drawn: Array,
    model: Model,
    policy: Policy,
) -> tuple[Integers, Array]:
    """Return what possible truths choose [K, N, 4], and what exploring costs who is explored [N].

    `share` [N] are explored with, `drawn` [N] of that goes by those choices.
    """
    rows, loss = np.flatnonzero(share > 0.0), np.zeros(len(best))
    believed, choices = None, np.full((0, len(best), 4), -1, dtype=np.int64)
    if len(rows) and policy.exploration.draws > 0.0:
        temper = policy.exploration.temper
        believed = beliefs(found, chancy, gain, best, model.effect, rows=rows, temper=temper)
        choices = np.full((len(believed.actions), len(best), 4), -1, dtype=np.int64)
        choices[:, rows] = believed.actions
    if len(rows):
        loss[rows] = _loss(gain, found, chancy, best, believed, drawn[rows], rows)
    return choices, loss


def _draw(mixture: Mixture, allowed: Permitted, seed: int) -> tuple[Integers, pl.Series]:
    """Let chance choose for some: the actions of everybody, and how chance chose (null: not)."""
    ids, actions = allowed.customers["customer_id"], mixture.best.copy()
    by = np.full(len(actions), None, dtype=object)
    share, at = mixture.share, allowed.as_of
    there = np.zeros(len(actions), dtype=bool)
    if mixture.scarce is not None:
        there = scarce.drawn(mixture.scarce, ids, seed=seed, as_of=at)
        # The chance of the rest, given that it was not this.
        share = share / (1.0 - mixture.scarce.chance)
        hit = np.flatnonzero(there)
        if len(hit):
            actions[hit] = scarce.actions_of(mixture.scarce, hit, seed=seed)
            by[hit] = UNIFORM
    tried = explore.explored(ids, share=share, seed=seed, as_of=at) & ~there
    rows = np.flatnonzero(tried)
    if len(rows):
        mine = ids.gather(rows)
        kind, which = (
            explore.uniforms(mine, seed=seed, as_of=allowed.as_of, purpose=purpose)
            for purpose in ("way of exploring", "possible truth")
        )
        believed = kind < np.broadcast_to(np.asarray(mixture.drawn), len(actions))[rows]
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
    drawn: Array,
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


def _affordable(expected: float, policy: Policy) -> float:
    """Return by how much all shares are scaled so that exploring costs no more than the price."""
    price = policy.exploration.price_per_day
    return 1.0 if price is None or expected <= price else price / expected
