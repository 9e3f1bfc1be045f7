"""How decisions come about by choice and by chance: with which probability each one does.

A customer gets the best action, or with the chance `share` another: of that share the part
`drawn` goes to the choices of possible truths (see `beliefs`), one as likely as the other, and
the rest to all actions that may be tried, with the same chance each.

    P(a) = (1 - share) [a is best]
           + share (1 - drawn) [a may be tried] / number of actions that may be
           + share drawn (truths that choose a) / (number of truths)

Where people's time is tried too (see `scarce`), that comes on top and is taken from the best. Over
all actions and waiting these sum to 1. The probability of a part of an action (its channel,
its tone, its day and hour) is the sum over the actions that share it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenor.engine.policy import explore
from tenor.engine.policy.actions import Integers
from tenor.engine.policy.permitted import Permitted
from tenor.engine.policy.scarce import Scarce

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Which columns of an action [channel, tone, day, hour] make each factor.
FACTORS: dict[str, tuple[int, ...]] = {"channel": (0,), "tone": (1,), "time": (2, 3)}


@dataclass(frozen=True, eq=False)
class Mixture:
    """The chances of N customers: `best` [N, 4], `share` [N], `drawn` ([N] or for all), and what
    may be tried.

    `chosen` [K, N, 4] are the choices of the possible truths (K may be 0, then `drawn` is 0).
    Waiting is -1 throughout; it is never drawn evenly, but a truth may choose it.
    """

    best: Integers
    share: Array
    drawn: float | Array
    chosen: Integers
    chancy: Permitted
    scarce: Scarce | None = None

    def probability(self, actions: Integers) -> Array:
        """Return with which probability each customer gets exactly this action [N, 4]: [N]."""
        found = self._sum(actions, (0, 1, 2, 3), self._possible(actions))
        return found if self.scarce is None else found + self.scarce.probability(actions)

    def factors(self, actions: Integers) -> dict[str, Array]:
        """Return with which probability each customer gets each factor of this action: [N] each.

        A factor of waiting is waiting itself.
        """
        tried = {} if self.scarce is None else self.scarce.factors(actions)
        return {
            name: self._sum(actions, columns, evenly) + tried.get(name, 0.0)
            for (name, columns), evenly in zip(FACTORS.items(), self._alike(actions).T, strict=True)
        }

    def _sum(self, actions: Integers, columns: tuple[int, ...], evenly: Array) -> Array:
        part = list(columns)
        best = (actions[:, part] == self.best[:, part]).all(axis=1)
        other = self.share if self.scarce is None else self.share + self.scarce.chance
        found = np.where(best, 1.0 - other, 0.0)
        found = found + self.share * (1.0 - self.drawn) * evenly
        if len(self.chosen):
            alike = (self.chosen[:, :, part] == actions[None][:, :, part]).all(axis=2)
            found = found + self.share * self.drawn * alike.mean(axis=0)
        return np.asarray(found)

    def _possible(self, actions: Integers) -> Array:
        """Return the chance of each action when all are drawn alike: 0 or 1 in so many."""
        rows = np.flatnonzero((actions[:, 0] >= 0) & (self.share > 0.0))
        chance = np.zeros(len(actions))
        if not len(rows):
            return chance
        channel, tone, day, hour = actions[rows].T
        open_ = explore.may_try(self.chancy, rows, channel, tone, day, hour)
        count = explore.cells(self.chancy, rows).sum(axis=1)
        chance[rows] = open_ / np.maximum(count, 1)
        return chance

    def _alike(self, actions: Integers) -> Array:
        """Return the share of what may be tried with the same channel, tone, time [N, 3]."""
        rows = np.flatnonzero((actions[:, 0] >= 0) & (self.share > 0.0))
        shares = np.zeros((len(actions), 3))
        if not len(rows):
            return shares
        grid = self.chancy.grid
        channel, tone, day, hour = actions[rows].T
        each = np.arange(len(rows))
        tones = self.chancy.tones(rows)
        per_channel = explore.cells(self.chancy, rows).reshape(len(rows), -1, grid.days).sum(axis=2)
        kinds = np.maximum(tones.sum(axis=2), 1)
        slots = per_channel // kinds
        here = explore.may_try(
            self.chancy, rows[:, None], np.arange(len(grid.channels))[None, :], None,
            day[:, None], hour[:, None],
        )  # fmt: skip
        found = np.stack(
            [
                per_channel[each, channel],
                (slots * tones[each, :, tone]).sum(axis=1),
                (here * tones.sum(axis=2)).sum(axis=1),
            ],
            axis=1,
        )
        shares[rows] = found / np.maximum(per_channel.sum(axis=1), 1)[:, None]
        return shares
