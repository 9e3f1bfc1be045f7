"""What the chosen contacts are expected to do, and how sure it is that they beat waiting."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.policy.actions import Integers
from tenor.engine.policy.candidates import Candidates
from tenor.engine.policy.permitted import Permitted
from tenor.engine.policy.policyfile import Policy
from tenor.engine.policy.worth import paid_within
from tenor.engine.predictors.effect_design import Told
from tenor.engine.predictors.model import Model

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What the chosen actions are expected to do, per customer [N]; `covered` is per invoice."""

    p_paid: Array
    p_paid_wait: Array
    cost: Array
    value: Array
    p_better: Array
    covered: Flags
    amount: pl.Series


def outcome_of(
    actions: Integers,
    gain: Array,
    found: Candidates,
    allowed: Permitted,
    model: Model,
    policy: Policy,
) -> Outcome:
    """Return the expected outcome of each chosen action [N, 4] (-1: waiting), and of waiting."""
    count, window = len(actions), policy.outcome_window_days
    rows = np.flatnonzero(actions[:, 0] >= 0)
    strength = np.zeros(count)
    strength[rows] = found.strength_of(rows, actions[rows], allowed.first_day)
    row = found.invoices["row"].to_numpy()
    day = actions[row, 2]
    in_reach = found.invoices["covered"].to_numpy()
    asked = in_reach & (day >= 0) & (found.invoices["from_day"].to_numpy() <= day)
    none = np.full(len(row), -1)
    names = model.effect.design.channels
    numbers = np.array([names.index(c) if c in names else -1 for c in allowed.grid.channels] + [-1])
    curve = model.effect.curves.curves[numbers[actions[row, 0]]].astype(np.float32)
    own = found.claims.over(window)
    paid = paid_within(own, strength[row], curve, np.where(asked, day, -1), window)
    alone = paid_within(own, strength[row], curve, none, window)
    # What is decided about: the invoices asked for, or all that could be asked for when waiting.
    about = np.where((day >= 0), asked, in_reach)
    about = np.where(np.bincount(row, weights=about, minlength=count)[row] > 0, about, True)
    balance = found.invoices["balance"].cast(pl.Float64).to_numpy().clip(0.0)
    weight = balance * about
    total = np.maximum(np.bincount(row, weights=weight, minlength=count), 1e-9)
    cost, price, value, spread = np.zeros(count), np.zeros(count), np.zeros(count), np.ones(count)
    if len(rows):
        channel, sent_on = actions[rows, 0], actions[rows, 2]
        cost[rows] = np.array([c.cost for c in policy.channels])[channel]
        price[rows] = found.price[rows, channel]
        # What the best tone and hour would earn, in proportion to the strength of those chosen.
        best = found.strength[rows, channel, sent_on]
        part = np.where(np.abs(best) > 1e-6, strength[rows] / np.where(best == 0, 1.0, best), 1.0)
        earned = gain[rows, channel, sent_on] + price[rows]
        value[rows] = earned * np.clip(part, -2.0, 2.0) - price[rows]
        spread[rows] = _spread(found, rows, actions[rows], allowed, model)
    return Outcome(
        np.bincount(row, weights=paid * weight, minlength=count) / total,
        np.bincount(row, weights=alone * weight, minlength=count) / total,
        cost,
        value,
        _better(value, price, strength, spread),
        about.astype(bool),
        pl.Series(np.bincount(row, weights=weight, minlength=count)),
    )


def _spread(
    found: Candidates, rows: Integers, actions: Integers, allowed: Permitted, model: Model
) -> Array:
    """Return how uncertain the strength of each chosen contact is, as a standard deviation."""
    names, tones = model.effect.design.channels, model.effect.design.tones
    grid = allowed.grid
    channel = np.array([names.index(c) if c in names else -1 for c in grid.channels] + [-1])
    tone = np.array([tones.index(t) if t in tones else -1 for t in grid.tones] + [-1])
    hours = np.array([*grid.hours, 0])
    told = Told(
        channel[actions[:, 0]],
        tone[actions[:, 1]],
        hours[actions[:, 3]],
        np.full(len(rows), 2),
        np.full(len(rows), -1),
        found.earlier[rows],
        found.answers[rows, actions[:, 0]],
    )
    return model.effect.spread(found.states[rows], told)


def _better(value: Array, spent: Array, strength: Array, spread: Array) -> Array:
    """Return the probability that the contact is worth more than waiting.

    Its worth grows about linearly with its strength, so it is the probability that the true
    strength exceeds the one at which the contact just earns what it costs.
    """
    earned = value + spent
    slope = np.where(np.abs(strength) > 1e-6, earned / np.where(strength == 0, 1.0, strength), 0.0)
    needed = np.where(slope > 1e-9, spent / np.maximum(slope, 1e-9), np.inf)
    z = np.clip((strength - needed) / np.maximum(spread, 1e-6), -8.0, 8.0)
    return _normal(np.where(np.isfinite(z), z, -8.0))


def _normal(z: Array) -> Array:
    """Return the standard normal distribution function, to five decimals (Bowling 2009)."""
    return np.asarray(1.0 / (1.0 + np.exp(-0.07056 * z**3 - 1.5976 * z)))
