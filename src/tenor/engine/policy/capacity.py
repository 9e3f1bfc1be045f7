"""Scarce time goes where it changes most: capacity through prices.

Each bounded set of slots (a channel's day, a channel's week) gets a price at which just as many
customers want it as there is room for. Who gains least over their next best choice gives way
first, so a call never goes to somebody who would pay anyway.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenor.engine.policy.policyfile import Policy

Array = NDArray[np.float64]
Ints = NDArray[np.int_]
Flags = NDArray[np.bool_]

# Rounds over all bounds; prices only rise, and settle in a few. What little is left over or under
# is put right in the end, in the order of what each customer would lose.
ROUNDS = 400
# Prices rise by this share of a typical gain more than they must, so that two alike days do not
# hand the last customer to and fro for ever (the epsilon of an auction).
STEP = 3e-4


@dataclass(frozen=True)
class Bound:
    """At most `room` contacts in the cells (channel `channel`, days `days`)."""

    channel: int
    days: tuple[int, ...]
    room: int


def bounds_of(policy: Policy, days: int, used: dict[str, int]) -> list[Bound]:
    """Return the bounds of `policy` over a grid of so many days.

    `used` says how many contacts of a channel were already sent today.
    """
    bounds = []
    for number, channel in enumerate(policy.channels):
        sent = used.get(channel.name, 0)
        if channel.capacity_per_day is not None:
            for day in range(days):
                room = max(0, channel.capacity_per_day - (sent if day == 0 else 0))
                bounds.append(Bound(number, (day,), room))
        if channel.capacity_per_week is not None:
            for first in range(0, days, 7):
                week = tuple(range(first, min(first + 7, days)))
                room = max(0, channel.capacity_per_week - (sent if first == 0 else 0))
                bounds.append(Bound(number, week, room))
    return bounds


def less(bounds: list[Bound], held: Ints | None) -> list[Bound]:
    """Return the bounds without what is kept out of them: `held` [C, D] contacts (None: none)."""
    if held is None:
        return bounds
    return [
        Bound(b.channel, b.days, b.room - int(held[b.channel, list(b.days)].sum())) for b in bounds
    ]


def assign(gain: Array, bounds: list[Bound]) -> tuple[Ints, Array]:
    """Return each customer's choice within the bounds, and the price of every cell.

    Parameters
    ----------
    gain : [N, C, D], what each cell is worth over waiting; minus infinity where not permitted.
    bounds : what there is room for.

    Returns
    -------
    choice : [N], the number of the cell in [C, D] flattened; -1 to wait.
    prices : [C, D], what the last unit of room is worth.
    """
    count, channels, days = gain.shape
    prices = np.zeros((channels, days))
    flat = gain.reshape(count, channels * days)
    if not flat.size:
        return np.full(count, -1, dtype=np.int_), prices
    # A week is priced before its days: prices that days rose to never fall again.
    bounds = sorted(bounds, key=lambda b: -len(b.days))
    cells = [np.array([b.channel * days + d for d in b.days], dtype=np.int_) for b in bounds]
    step = _step(flat, bounds)
    for _ in range(ROUNDS):
        raised = False
        for bound, cell in zip(bounds, cells, strict=True):
            net = flat - prices.reshape(-1)
            raised |= _raise(net, bound.room, cell, prices.reshape(-1), step)
        if not raised:
            break
    return _serve(flat, prices.reshape(-1), bounds, cells), prices


def _step(flat: Array, bounds: list[Bound]) -> float:
    """Return how much more than they must prices rise: a little of what the best places gain."""
    best = flat.max(axis=1)
    best = np.sort(best[best > 0.0])[::-1][: max(1, sum(b.room for b in bounds))]
    return STEP * float(best.mean()) if len(best) else 0.0


def _raise(net: Array, room: int, cell: Ints, prices: Array, step: float) -> bool:
    """Raise the price of `cell` until no more than `room` want it; say whether it had to."""
    outside = net.copy()
    outside[:, cell] = -np.inf
    regret = net[:, cell].max(axis=1) - np.maximum(outside.max(axis=1), 0.0)
    wanting = regret[regret > 0.0]
    if len(wanting) <= room:
        return False
    # Just above the regret of the first who must give way.
    prices[cell] += np.sort(wanting)[::-1][room] + step
    return True


def _serve(flat: Array, prices: Array, bounds: list[Bound], cells: list[Ints]) -> Ints:
    """Give everybody the best cell that has room, first those who would lose most without it."""
    count, width = flat.shape
    bounded = np.zeros(width, dtype=bool)
    for cell in cells:
        bounded[cell] = True
    choice = _best(np.where(bounded, -np.inf, flat))
    if not bounded.any():
        return choice
    otherwise = np.where(choice >= 0, flat[np.arange(count), np.maximum(choice, 0)], 0.0)
    scarce = np.where(bounded, flat, -np.inf)
    room = np.array([b.room for b in bounds])
    holders = [np.array([k for k, cell in enumerate(cells) if c in cell]) for c in range(width)]
    regret = (scarce - prices).max(axis=1) - otherwise
    for row in np.argsort(-regret, kind="stable").tolist():
        if not room.any():
            break
        net = scarce[row] - prices
        for c in np.argsort(-net, kind="stable").tolist():
            if scarce[row, c] <= otherwise[row]:
                continue
            if (room[holders[c]] > 0).all():
                room[holders[c]] -= 1
                choice[row] = c
                break
            if not np.isfinite(net[c]):
                break
    return choice


def _best(net: Array) -> Ints:
    best = net.argmax(axis=1)
    return np.where(net[np.arange(len(net)), best] > 0.0, best, -1).astype(np.int_)
