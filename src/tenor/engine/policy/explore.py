"""Leave a little to chance, so that the engine keeps learning, and know every probability.

Chance comes from a keyed hash of the customer's id: the same seed, moment and customer give the
same number, whoever else is in the file and in whatever order.
"""

import hashlib
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from tenor.engine.policy.actions import Flags, Integers
from tenor.engine.policy.permitted import Permitted
from tenor.engine.policy.sections import Exploration

Numbers = npt.NDArray[np.float64]


def uniforms(ids: pl.Series, *, seed: int, as_of: datetime, purpose: str) -> Numbers:
    """Return a number in [0, 1) for each id, uniform and independent over ids, seeds and purposes.

    `as_of` (aware) makes new numbers for every moment of deciding.
    """
    moment = as_of.astimezone(UTC).isoformat()
    key = hashlib.blake2b(f"{purpose}|{seed}|{moment}".encode(), digest_size=32).digest()
    digests = b"".join(
        hashlib.blake2b(text.encode(), digest_size=8, key=key).digest() for text in ids.to_list()
    )
    # The upper 53 bits fill a float's mantissa exactly.
    whole = np.frombuffer(digests, dtype="<u8") >> np.uint64(11)
    return whole.astype(np.float64) * 2.0**-53


def shares(permitted: Permitted, exploration: Exploration) -> Numbers:
    """Return with which chance each customer gets a random action instead of the best one: [N].

    The policy's share; 0 for who is allowed no action, and for who owes too much to try things.
    """
    owed = permitted.invoices.group_by("row").agg(pl.col("balance").sum()).sort("row")["balance"]
    tried = permitted.may_contact
    if exploration.amount_below is not None:
        tried &= (owed < exploration.amount_below).to_numpy()
    return np.where(tried, exploration.share, 0.0)


def explored(
    customer_ids: pl.Series, *, share: Numbers | float, seed: int, as_of: datetime
) -> Flags:
    """Return which customers get a random action: each with the chance `share` (see `shares`)."""
    chosen: Flags = uniforms(customer_ids, seed=seed, as_of=as_of, purpose="explore") < share
    return chosen


def count_allowed(permitted: Permitted) -> Integers:
    """Return how many actions (channel, tone, day, slot) each customer is allowed: [N]."""
    counts: Integers = _cells(permitted, np.arange(permitted.customers.height)).sum(axis=1)
    return counts


def draw_allowed(permitted: Permitted, rows: Integers, *, seed: int) -> Integers:
    """Draw one allowed action for each customer in `rows`, all with the same chance: [n, 4].

    The columns are the indices of channel, tone, day and slot in the grid. A customer who is
    allowed nothing has -1 in all four.
    """
    grid = permitted.grid
    ids = permitted.customers["customer_id"].gather(rows)
    chance = uniforms(ids, seed=seed, as_of=permitted.as_of, purpose="draw")
    cells = _cells(permitted, rows)
    actions = np.full((len(rows), 4), -1, dtype=np.int64)
    some = np.flatnonzero(cells.sum(axis=1))
    if some.size == 0:
        return actions
    until = cells[some].cumsum(axis=1)
    number = np.floor(chance[some] * until[:, -1]).astype(np.int64)
    pair = (until <= number[:, None]).sum(axis=1)
    rest = number - np.where(pair > 0, until[np.arange(len(some)), pair - 1], 0)
    channel, day = np.divmod(pair, grid.days)
    first = np.where(day == permitted.first_day[rows[some]], permitted.first_hour[rows[some]], 0)
    some_rows, each = rows[some], np.arange(len(some))
    left = _slots_left(permitted, some_rows)
    tone_rank, slot_rank = np.divmod(rest, left[each, channel, first])
    passed = left[each, channel, 0] - left[each, channel, first]
    actions[some, 0] = channel
    actions[some, 1] = _ranked(permitted.tones(some_rows))[each, channel, tone_rank]
    actions[some, 2] = day
    actions[some, 3] = _ranked(permitted.hours(some_rows))[each, channel, passed + slot_rank]
    return actions


def propensity(*, share: Numbers, allowed: Integers, greedy: Flags, contact: Flags) -> Numbers:
    """Return the probability with which each customer's decision comes about: [N].

    `share[N]` is the chance of exploring (0 for who may not), `allowed[N]` how many actions the
    draw is among, `greedy[N]` whether the decision is the one made without exploring, and
    `contact[N]` whether it is an action at all: waiting is never drawn. A decision is reached by
    choosing or by the draw, hence (1 - share) [greedy] + share / allowed [contact].
    """
    share = np.where(allowed > 0, share, 0.0)
    drawn = np.where(contact, share / np.maximum(allowed, 1), 0.0)
    return np.where(greedy, 1.0 - share, 0.0) + drawn


def _slots_left(permitted: Permitted, rows: Integers) -> Integers:
    """Return how many slots a channel has at or after each slot: [n, C, H + 1]."""
    hour_ok = permitted.law.hour_ok.astype(np.int64)
    later = hour_ok[:, :, ::-1].cumsum(axis=2)[:, :, ::-1]
    none = np.zeros((*later.shape[:2], 1), dtype=np.int64)
    return np.asarray(np.concatenate([later, none], axis=2)[permitted.law.group[rows]])


def _cells(permitted: Permitted, rows: Integers) -> Integers:
    """Return how many actions are allowed per channel and day: [n, C * D]."""
    grid = permitted.grid
    left = _slots_left(permitted, rows)
    slots = np.where(permitted.channel_day[rows], left[:, :, :1], 0)
    planned = np.flatnonzero(permitted.first_day[rows] < grid.days)
    day, hour = permitted.first_day[rows][planned], permitted.first_hour[rows][planned]
    begun = left[planned, :, hour]
    slots[planned, :, day] = permitted.channel_day[rows][planned, :, day] * begun
    tones = permitted.tones(rows).sum(axis=2)
    counts: Integers = (slots * tones[:, :, None]).reshape(len(rows), tones.shape[1] * grid.days)
    return counts


def _ranked(allowed: Flags) -> Integers:
    """Return the last axis' places that are allowed, in order, then the others."""
    return np.argsort(~allowed, axis=-1, kind="stable")
