"""What waiting and contacting are worth, day by day, when later contacts stay possible.

Every day that an invoice stays open costs something; being handed to collection costs more. The
worth of a contact is what it saves of that. A contact spent now is not available for some days,
so a plan is weighed with what can still be done after it: backwards from a month ahead, on each
day the cheaper of waiting a day and contacting, over the days the contact needs until the next.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tenor.engine.predictors.intensity import POINT, chance, together

Floats = NDArray[np.float32]
Array = NDArray[np.float64]
Ints = NDArray[np.int_]

# How many days ahead plans are weighed, or as many as a contact may be planned for; beyond,
# chances are taken to stay as in the last week.
AHEAD = 28
# Rows worked on at a time: the arrays of a block stay in a core's cache.
BLOCK = 1_024
_THREADS = 2


@dataclass(frozen=True)
class Claims:
    """Open invoices to be weighed, as arrays over invoices [M].

    `own` [M, days weighed]: intensity of payment on each day without new contact;
    `day_cost`: what a day of staying open costs now; `later_cost`: what it costs beyond the days
    weighed; `days_left`: until it is handed to collection; `loss`: what that costs.
    """

    own: Floats
    day_cost: Floats
    later_cost: Floats
    days_left: Floats
    loss: Floats

    def part(self, rows: slice) -> "Claims":
        """Return some of the invoices."""
        return Claims(
            self.own[rows],
            self.day_cost[rows],
            self.later_cost[rows],
            self.days_left[rows],
            self.loss[rows],
        )

    def over(self, days: int) -> Floats:
        """Return `own` over so many days; those beyond the ones weighed are like the last."""
        beyond = np.repeat(self.own[:, -1:], max(days - self.own.shape[1], 0), axis=1)
        return np.concatenate([self.own, beyond], axis=1)


@dataclass(frozen=True)
class Reach:
    """What contacts would do: `strength` [M, C, D] at their peak, `curves` [C, LAGS] over days.

    `price` [M, C] is what a contact costs, shared among the invoices it covers; `repeatable` [C]
    marks the channels that later contacts may use (people's scarce time is not planned ahead);
    `gap` days lie between contacts.
    """

    strength: Floats
    curves: Floats
    price: Floats
    repeatable: NDArray[np.bool_]
    gap: int


def weigh(claims: Claims, reach: Reach, *, look_ahead: bool = True) -> tuple[Array, Array]:
    """Return the expected cost of never contacting [M], and of each plan [M, C, D].

    A plan waits until its day, contacts then, and goes on as well as it can; its own price is
    not in it. "Never" means within the D days of the grid. Without `look_ahead` nothing is done
    after the plan's contact: the greedy comparison.
    """
    rows, channels, days = reach.strength.shape
    if days > claims.own.shape[1]:
        claims = replace(claims, own=_extended(claims.own, days - claims.own.shape[1]))
    never, plans = np.empty(rows), np.empty((rows, channels, days))

    def work(start: int) -> None:
        part = slice(start, start + BLOCK)
        claim = claims.part(part)
        reached = Reach(
            reach.strength[part], reach.curves, reach.price[part], reach.repeatable, reach.gap
        )
        never[part], plans[part] = _weigh(claim, reached, look_ahead)

    with ThreadPoolExecutor(_THREADS) as threads:
        list(threads.map(work, range(0, rows, BLOCK)))
    return never, plans


def _weigh(claims: Claims, reach: Reach, look_ahead: bool) -> tuple[Array, Array]:
    days, ahead = reach.strength.shape[2], claims.own.shape[1]
    open_cost, staying = _while_contacted(claims, reach)
    paying = chance(claims.own)
    value = np.empty((len(paying), ahead + reach.gap + 1), dtype=np.float32)
    value[:, ahead:] = _beyond(claims, paying)[:, None]
    contacting = np.empty((len(paying), reach.strength.shape[1], ahead), dtype=np.float32)
    for t in range(ahead - 1, -1, -1):
        wait = (1.0 - paying[:, t]) * (claims.day_cost + value[:, t + 1])
        contacting[:, :, t] = open_cost[:, :, t] + staying[:, :, t] * value[:, t + reach.gap, None]
        best = wait
        if look_ahead and reach.repeatable.any():
            later = contacting[:, reach.repeatable, t] + reach.price[:, reach.repeatable]
            best = np.minimum(wait, later.min(axis=1))
        value[:, t] = np.where(t >= claims.days_left, _handed_over(claims, t), best)
    surviving = np.exp(-np.cumsum(claims.own, axis=1))
    before = np.concatenate([np.ones_like(surviving[:, :1]), surviving[:, :-1]], axis=1)
    waited = np.cumsum(claims.day_cost[:, None] * surviving, axis=1)
    waited = np.concatenate([np.zeros_like(waited[:, :1]), waited[:, :-1]], axis=1)
    plans = waited[:, None, :days] + before[:, None, :days] * contacting[:, :, :days]
    never = value[:, days]
    for t in range(days - 1, -1, -1):
        never = (1.0 - paying[:, t]) * (claims.day_cost + never)
        never = np.where(t >= claims.days_left, _handed_over(claims, t), never)
    too_late = np.arange(days)[None, :] >= claims.days_left[:, None]
    plans = np.where(too_late[:, None, :], never[:, None, None], plans)
    return never.astype(np.float64), plans.astype(np.float64)


def _while_contacted(claims: Claims, reach: Reach) -> tuple[Floats, Floats]:
    """Return what the days until the next contact cost, and the chance of then still being open.

    Both [M, C, days weighed] for a contact on each coming day. What the contact still does after
    those days is folded into the chance. Once handed over, nothing is paid to us any more.
    """
    rows, channels, days = reach.strength.shape
    ahead = claims.own.shape[1]
    strength = np.empty((rows, channels, ahead), dtype=np.float32)
    strength[:, :, :days] = reach.strength
    strength[:, :, days:] = reach.strength[:, :, -min(7, days) :].mean(axis=2, keepdims=True)
    lags = reach.curves.shape[1]
    path = _extended(claims.own, lags)
    strength *= np.float32(POINT)
    open_cost = np.zeros_like(strength)
    staying = np.ones_like(strength)
    for lag in range(reach.gap):
        curve = reach.curves[:, lag] if lag < lags else np.zeros(channels, dtype=np.float32)
        both = together(path[:, None, lag : lag + ahead], strength * curve[None, :, None])
        ours = np.arange(ahead)[None, :] + lag < claims.days_left[:, None]
        staying *= np.where(ours[:, None, :], np.exp(-both), np.float32(1.0))
        open_cost += claims.day_cost[:, None, None] * staying
    if reach.gap < lags:
        over = np.cumsum(path, axis=1)
        after = over[:, lags - 1 : lags - 1 + ahead] - over[:, reach.gap - 1 :][:, :ahead]
        left = claims.days_left[:, None] - reach.gap - np.arange(ahead)[None, :]
        ours = np.clip(left / (lags - reach.gap), 0.0, 1.0)
        later = strength * reach.curves[:, reach.gap :].sum(axis=1)[None, :, None]
        more = together(after[:, None, :], later) - after[:, None, :]
        staying *= np.exp(-ours[:, None, :] * more)
    return open_cost, staying


def _extended(own: Floats, days: int) -> Floats:
    """Return the path with so many more days, each like the mean of its last week."""
    last = own[:, -7:].mean(axis=1, keepdims=True)
    return np.concatenate([own, np.repeat(last, days, axis=1)], axis=1)


def _handed_over(claims: Claims, day: int) -> Floats:
    """Return what it costs to be handed over on `day`: that, and staying open for what is left."""
    ahead = claims.own.shape[1]
    return np.asarray(claims.loss + claims.day_cost * (ahead - day), dtype=np.float32)


def _beyond(claims: Claims, paying: Floats) -> Floats:
    """Return the expected cost after the weighed days, at the last week's chances [M]."""
    usual = np.clip(paying[:, -7:].mean(axis=1), 1e-4, 0.9)
    left = np.clip(claims.days_left - paying.shape[1], 0.0, 365.0)
    still_open = (1.0 - usual) ** left
    waiting = claims.later_cost * (1.0 - still_open) / usual
    return np.asarray(waiting + still_open * claims.loss, dtype=np.float32)


def paid_within(own: Floats, strength: Array, curve: Floats, day: Ints, window: int) -> Array:
    """Return the chance [M] of being paid within `window` days under one contact each.

    Parameters
    ----------
    own : [M, at least window], intensity of payment on each day without the contact.
    strength : [M], what the contact adds at its peak, in points.
    curve : [M, LAGS], that of the contact's channel.
    day : [M], when it is sent; negative means that there is none.
    """
    total = np.zeros(len(own))
    rows, lags = np.arange(len(own)), curve.shape[1]
    for t in range(window):
        lag = t - day
        acting = (day >= 0) & (lag >= 0) & (lag < lags)
        added = np.where(acting, strength * curve[rows, np.clip(lag, 0, lags - 1)], 0.0)
        total += together(own[:, t], (POINT * added).astype(np.float32))
    return np.asarray(chance(total))
