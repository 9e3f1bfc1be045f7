"""What may well be the best: choices of possible truths, drawn from what was learned.

A truth is drawn from the posterior of the effects (Thompson 1933), tempered by the policy. Its
choice is worked out by what a unit of strength is worth (`gain.rates`), not by looking ahead
again: that is what makes it cheap enough for everybody, every day.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.policy import explore
from tenor.engine.policy.actions import Integers
from tenor.engine.policy.candidates import Candidates, Parts, parts_of, weekdays_of
from tenor.engine.policy.gain import rates
from tenor.engine.policy.permitted import Permitted
from tenor.engine.predictors.effect import EffectPredictor

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Possible truths a day. Each customer who is explored gets the choice of one of them: with eight,
# a way that one truth in eight prefers is tried by one in eight.
TRUTHS = 8


@dataclass(frozen=True, eq=False)
class Beliefs:
    """What so many possible truths would choose for each customer.

    `actions` [K, n, 4] as in the grid (channel, tone, day, hour; -1: waiting); `worth` [n]: what
    these choices are worth on average by the best knowledge, over waiting.
    """

    actions: Integers
    worth: Array


def possible_truths(effect: EffectPredictor, as_of: datetime, temper: float) -> Array:
    """Return so many draws of the coefficients of effects: [TRUTHS, coefficients].

    They change with the moment and the model, and with nothing else: a decision's probabilities
    are the same whatever the seed. Only effects are drawn; the calendar stays as it is.
    """
    count = len(effect.mean)
    ids = pl.Series([f"{k}" for k in range(TRUTHS * count)])
    first, second = (
        explore.uniforms(ids, seed=0, as_of=as_of, purpose=purpose)
        for purpose in ("belief, first", "belief, second")
    )
    # Box & Muller 1958: from two uniform numbers a normal one.
    normal = np.sqrt(-2.0 * np.log1p(-first)) * np.cos(2.0 * np.pi * second)
    noise = normal.reshape(TRUTHS, count) @ effect.inverse.astype(np.float64)
    noise[:, : effect.calendar.count] = 0.0
    return np.asarray(effect.mean[None, :] + temper * noise)


def beliefs(
    found: Candidates,
    chancy: Permitted,
    gain: Array,
    greedy: Integers,
    effect: EffectPredictor,
    *,
    rows: Integers,
    temper: float,
) -> Beliefs:
    """Work out what possible truths choose for the customers `rows`.

    Parameters
    ----------
    chancy : what may be tried with whom.
    gain : [N, C, D] of everybody, by the best knowledge.
    greedy : [N, 4], the choice by the best knowledge: a truth may keep to it, even on a channel
        that may not be tried.
    """
    mine = _About(found, chancy, gain, greedy, rows)
    weekdays = weekdays_of(chancy)[rows]
    states, answers, earlier = found.states[rows], found.answers[rows], found.earlier[rows]
    known = effect.shared_strengths()[0][weekdays]
    actions, worth = [], np.zeros(len(rows))
    for mean in possible_truths(effect, chancy.as_of, temper):
        truth = replace(effect, mean=mean)
        parts = parts_of(truth, chancy.grid, weekdays, states, answers, earlier)
        chosen = mine.choice(replace(parts, weekday=parts.weekday - known))
        actions.append(chosen)
        worth += mine.worth(chosen) / TRUTHS
    return Beliefs(np.stack(actions), worth)


class _About:
    """What is the same under all truths, for the customers `rows` (n)."""

    def __init__(
        self,
        found: Candidates,
        chancy: Permitted,
        gain: Array,
        greedy: Integers,
        rows: Integers,
    ) -> None:
        self.each = np.arange(len(rows))
        self.stake = found.stake[rows][:, None]
        self.harm = found.harm_by_tone[rows]
        self.tones, self.hours = chancy.tones(rows), chancy.hours(rows)
        self.open = chancy.channel_day[rows]
        self.first_day = chancy.first_day[rows]
        slots = np.arange(len(chancy.grid.hours))
        begun = slots[None, :] >= chancy.first_hour[rows][:, None]
        self.hours_first = self.hours & begun[:, None, :]
        self.greedy = greedy[rows]
        self.gain = gain[rows]
        self.rate = rates(gain, found)[rows]
        self.known = Parts(
            found.by_channel[rows], found.by_tone[rows], found.by_hour[rows], np.zeros((0, 0))
        )
        self.is_first = np.arange(gain.shape[2])[None, :] == self.first_day[:, None]
        tone, hours = found.tone[rows], (found.hour_first[rows], found.hour_later[rows])
        who, what = self.each[:, None], np.arange(tone.shape[1])[None, :]
        own = self.known.by_channel + self.known.by_tone[who, what, tone]
        first, later = (own + self.known.by_hour[who, what, hour] for hour in hours)
        best = np.where(self.is_first[:, None, :], first[:, :, None], later[:, :, None])
        # What each channel and day would be worth without its channel, tone and hour.
        self.base = self.gain - self.rate * best + self.harm[who, what, tone][:, :, None]

    def choice(self, parts: Parts) -> Integers:
        """Return the best action under a truth [n, 4]; `parts.weekday` is beside what is known."""
        liked = self.stake[:, :, None] * parts.by_tone - self.harm
        tone = np.where(self.tones, liked, -np.inf).argmax(axis=2)
        hours = [
            np.where(open_, parts.by_hour, -np.inf).argmax(axis=2)
            for open_ in (self.hours_first, self.hours)
        ]
        who, what = self.each[:, None], np.arange(tone.shape[1])[None, :]
        own = parts.by_channel + parts.by_tone[who, what, tone]
        first, later = (own + parts.by_hour[who, what, hour] for hour in hours)
        strength = np.where(self.is_first[:, None, :], first[:, :, None], later[:, :, None])
        strength += parts.weekday[:, None, :]
        worth = self.base + self.rate * strength - self.harm[who, what, tone][:, :, None]
        worth[~self.open] = -np.inf
        flat = worth.reshape(len(self.each), -1)
        best = flat.argmax(axis=1)
        reached = flat[self.each, best]
        channel, on = np.divmod(best, worth.shape[2])
        slot = np.where(self.is_first[self.each, on], *(h[self.each, channel] for h in hours))
        chosen = np.stack([channel, tone[self.each, channel], on, slot], axis=1)
        kept = self._of(self.greedy, parts)
        keeps = kept >= np.maximum(reached, 0.0)
        chosen[keeps] = self.greedy[keeps]
        chosen[np.maximum(reached, kept) <= 0.0] = -1
        return chosen

    def _of(self, actions: Integers, parts: Parts) -> Array:
        """Return what actions are worth under a truth [n]; waiting: 0."""
        some = np.flatnonzero(actions[:, 0] >= 0)
        channel, tone, day, hour = actions[some].T
        strength = parts.by_channel[some, channel] + parts.by_tone[some, channel, tone]
        strength = strength + parts.by_hour[some, channel, hour] + parts.weekday[some, day]
        worth = np.zeros(len(actions))
        worth[some] = self.base[some, channel, day] + self.rate[some, channel, day] * strength
        worth[some] -= self.harm[some, channel, tone]
        return worth

    def worth(self, actions: Integers) -> Array:
        """Return what actions are worth by the best knowledge [n], over waiting."""
        known = replace(self.known, weekday=np.zeros((len(actions), self.gain.shape[2])))
        return self._of(actions, known)
