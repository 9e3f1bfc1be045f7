"""Try channels that take people's time, within the time there is, and know every probability.

Trying calls at random would take more of them than there are on some days and fewer on others. So
each day it is settled first, by a lot that depends on the moment alone, how many contacts of each
bounded channel and day go to trying: a whole number, on average what the share asks for. They are
kept out of what is given to those whom they help most, and go by lot to some of those with whom
they may be tried. How many are tried is thereby never more than what was kept out.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.policy import explore
from tenor.engine.policy.actions import Integers
from tenor.engine.policy.capacity import Bound
from tenor.engine.policy.permitted import Permitted
from tenor.engine.policy.policyfile import Policy

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Nobody is tried with for certain: the best choice keeps a chance.
MOST = 0.5


@dataclass(frozen=True, eq=False)
class Scarce:
    """Who may be tried with on scarce time today: the cell of each customer, and the chance of it.

    `cell` [N] numbers (channel, day) among all (-1: none), `chance` [N] is the probability of being
    tried with there, `asked` [N] what the share asks for on the average day. `ways` [N] counts the
    tones and hours of the cell, `held` [C, D] how many contacts are kept out for it.
    """

    open_: Permitted
    cell: Integers
    chance: Array
    asked: Array
    ways: Integers
    held: Integers

    def probability(self, actions: Integers) -> Array:
        """Return with which chance each customer gets exactly this action by trying: [N]."""
        return np.where(self._meant(actions), self.chance / np.maximum(self.ways, 1), 0.0)

    def factors(self, actions: Integers) -> dict[str, Array]:
        """Return with which chance trying gives each customer this channel, tone and time: [N]."""
        days = self.open_.grid.days
        rows = np.flatnonzero((self.chance > 0.0) & (actions[:, 0] >= 0))
        found = {name: np.zeros(len(self.cell)) for name in ("channel", "tone", "time")}
        if not len(rows):
            return found
        channel, day = np.divmod(self.cell[rows], days)
        tones = self.open_.tones(rows)[np.arange(len(rows)), channel]
        hours = self.open_.slots(rows)[np.arange(len(rows)), channel, day]
        each = np.arange(len(rows))
        tone, hour = actions[rows, 1], actions[rows, 3]
        chance = self.chance[rows]
        found["channel"][rows] = chance * (actions[rows, 0] == channel)
        found["tone"][rows] = chance * tones[each, tone] / np.maximum(tones.sum(axis=1), 1)
        same_day = actions[rows, 2] == day
        found["time"][rows] = (
            chance * same_day * hours[each, hour] / np.maximum(hours.sum(axis=1), 1)
        )
        return found

    def _meant(self, actions: Integers) -> Flags:
        rows = np.flatnonzero((self.chance > 0.0) & (actions[:, 0] >= 0))
        meant = np.zeros(len(self.cell), dtype=bool)
        if len(rows):
            channel, tone, day, hour = actions[rows].T
            here = channel * self.open_.grid.days + day == self.cell[rows]
            can = explore.may_try(self.open_, rows, channel, tone, day, hour)
            meant[rows] = here & can
        return meant


def settle(
    allowed: Permitted, free: Permitted, share: Array, policy: Policy, bounds: list[Bound]
) -> Scarce:
    """Settle how much scarce time goes to trying today, and who may get it.

    Parameters
    ----------
    allowed : what the rules leave; `free` what may be tried without taking anybody's time.
    share : [N], with which chance each customer is explored.
    bounds : what room there is.
    """
    open_ = explore.open_to_chance(allowed, policy, bounded=True)
    grid, count = allowed.grid, len(share)
    scarce = explore.cells(open_, np.arange(count))
    own, others = scarce.sum(axis=1), explore.count_allowed(free)
    evenly = 1.0 - policy.exploration.draws
    part = np.where(own > 0, own / np.maximum(own + others, 1), 0.0)
    asked = share * evenly * part
    cell = _cell_of(open_, scarce, asked)
    chance, held = np.zeros(count), np.zeros(len(grid.channels) * grid.days, dtype=np.int64)
    left = [bound.room for bound in bounds]
    for number in np.unique(cell[cell >= 0]).tolist():
        mine = np.flatnonzero(cell == number)
        total = float(asked[mine].sum())
        number_of = _whole(total, allowed.as_of, f"{number}")
        channel, day = divmod(number, grid.days)
        about = [i for i, b in enumerate(bounds) if b.channel == channel and day in b.days]
        number_of = min([number_of, *(left[i] for i in about)])
        if number_of <= 0:
            continue
        for i in about:
            left[i] -= number_of
        held[number] = number_of
        chance[mine] = np.minimum(asked[mine] * number_of / total, MOST)
    ways = np.where(cell >= 0, scarce[np.arange(count), np.maximum(cell, 0)], 0)
    return Scarce(open_, cell, chance, asked, ways, held.reshape(-1, max(grid.days, 1)))


def drawn(scarce: Scarce, ids: pl.Series, *, seed: int, as_of: datetime) -> Flags:
    """Draw who is tried with on scarce time: [N]; in each cell no more than are kept out for it.

    Systematic sampling (Madow 1949): the chances of a cell's customers are laid end to end in an
    order drawn by lot, and every whole step from a drawn beginning hits one. Each is hit with
    exactly their chance, and the number hit is the sum of the chances, rounded up or down.
    """
    order = explore.uniforms(ids, seed=seed, as_of=as_of, purpose="order of trying")
    hit = np.zeros(len(ids), dtype=bool)
    for number in np.unique(scarce.cell[scarce.chance > 0.0]).tolist():
        mine = np.flatnonzero((scarce.cell == number) & (scarce.chance > 0.0))
        mine = mine[np.argsort(order[mine], kind="stable")]
        name = pl.Series([f"{number}"])
        begin = explore.uniforms(name, seed=seed, as_of=as_of, purpose="beginning of trying")[0]
        ends = np.floor(np.cumsum(scarce.chance[mine]) + begin)
        hit[mine] = np.diff(ends, prepend=0.0) > 0
    return hit


def where(scarce: Scarce, rows: Integers) -> Permitted:
    """Return what is permitted in the cell of each of the customers `rows`, and to nobody else."""
    cells = np.zeros(scarce.open_.channel_day.shape, dtype=bool)
    channel, day = np.divmod(scarce.cell[rows], max(scarce.open_.grid.days, 1))
    cells[rows, channel, day] = True
    return explore.only(scarce.open_, cells)


def actions_of(scarce: Scarce, rows: Integers, *, seed: int) -> Integers:
    """Draw tone and hour in the cell of each of the customers `rows`: [n, 4]."""
    return explore.draw_allowed(where(scarce, rows), rows, seed=seed)


def _cell_of(open_: Permitted, scarce: Integers, asked: Array) -> Integers:
    """Give each customer one of their cells, by a lot of the moment: the number, or -1."""
    ids = open_.customers["customer_id"]
    lot = explore.uniforms(ids, seed=0, as_of=open_.as_of, purpose="scarce cell")
    some = scarce > 0
    rank = np.floor(lot * some.sum(axis=1)).astype(np.int64)
    place = some.cumsum(axis=1) - 1
    found = ((place == rank[:, None]) & some).argmax(axis=1)
    return np.where(some.any(axis=1) & (asked > 0.0), found, -1)


def _whole(total: float, as_of: datetime, name: str) -> int:
    """Round up or down by a lot of the moment, so that the average is right."""
    lot = explore.uniforms(pl.Series([name]), seed=0, as_of=as_of, purpose="scarce time")[0]
    return int(np.floor(total + lot))
