"""Leave a little to chance, so that the engine keeps learning, and know every probability.

Chance comes from a keyed hash of the customer's id: the same seed, moment and customer give the
same number, whoever else is in the file and in whatever order.
"""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from tenor.engine.policy.actions import Flags, Integers
from tenor.engine.policy.permitted import Permitted
from tenor.engine.policy.policyfile import Policy
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


def open_to_chance(permitted: Permitted, policy: Policy, *, bounded: bool = False) -> Permitted:
    """Return what may be tried without taking people's time, or with `bounded` what takes it.

    Of the channels without a capacity those that the policy names, or all where it names none; of
    those with a capacity the ones that it names. Nothing with who is `unexplored`.
    """
    named = policy.exploration.channels
    takes = [
        c.capacity_per_day is not None or c.capacity_per_week is not None for c in policy.channels
    ]
    tried = [c.name in named if bounded else not named or c.name in named for c in policy.channels]
    right = np.array(takes, dtype=bool) == bounded
    channels = (np.array(tried, dtype=bool) & right)[None, :, None]
    return only(permitted, channels & ~permitted.unexplored[:, None, None])


def only(permitted: Permitted, cells: Flags) -> Permitted:
    """Return what is permitted in these channels and days [N, C, D] alone."""
    return replace(permitted, channel_day=permitted.channel_day & cells)


def explored(
    customer_ids: pl.Series, *, share: Numbers | float, seed: int, as_of: datetime
) -> Flags:
    """Return which customers get a random action: each with the chance `share` (see `shares`)."""
    chosen: Flags = uniforms(customer_ids, seed=seed, as_of=as_of, purpose="explore") < share
    return chosen


def count_allowed(permitted: Permitted) -> Integers:
    """Return how many actions (channel, tone, day, slot) each customer is allowed: [N]."""
    counts: Integers = cells(permitted, np.arange(permitted.customers.height)).sum(axis=1)
    return counts


def draw_allowed(permitted: Permitted, rows: Integers, *, seed: int) -> Integers:
    """Draw one allowed action for each customer in `rows`, all with the same chance: [n, 4].

    The columns are the indices of channel, tone, day and slot in the grid. A customer who is
    allowed nothing has -1 in all four.
    """
    grid = permitted.grid
    ids = permitted.customers["customer_id"].gather(rows)
    chance = uniforms(ids, seed=seed, as_of=permitted.as_of, purpose="draw")
    open_ = cells(permitted, rows)
    actions = np.full((len(rows), 4), -1, dtype=np.int64)
    some = np.flatnonzero(open_.sum(axis=1))
    if some.size == 0:
        return actions
    until = open_[some].cumsum(axis=1)
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


def may_try(
    permitted: Permitted,
    rows: Integers,
    channel: Integers,
    tone: Integers | None,
    day: Integers,
    hour: Integers,
) -> Flags:
    """Return whether these actions of the customers `rows` are allowed, in any tone where None.

    The arguments are indices that broadcast with `rows`.
    """
    first_day, first_hour = permitted.first_day[rows], permitted.first_hour[rows]
    begun = (day > first_day) | ((day == first_day) & (hour >= first_hour))
    hours = permitted.law.hour_ok[permitted.law.group[rows], channel, hour]
    open_ = permitted.channel_day[rows, channel, day] & hours & begun
    if tone is None:
        return np.asarray(open_)
    each = np.arange(len(rows))
    return np.asarray(open_ & permitted.tones(rows)[each, channel, tone])


def eligible(permitted: Permitted, rows: Integers) -> pl.Series:
    """Say in compact JSON what may be tried with each of the customers `rows`.

    By channel its days of the plan, its tones and its local hours, as ranges, and `from`: the day
    and the hour before which nothing goes out: {"channels": {"email": {"days": "0-4,7", "tones":
    ["friendly"], "hours": "8-19"}}, "from": [0, 9]}. A channel that is not named is not open.
    """
    grid, law = permitted.grid, permitted.law
    days = permitted.channel_day[rows].reshape(len(rows), -1)
    place = np.stack(
        [
            law.group[rows],
            permitted.calm[rows],
            permitted.first_day[rows],
            permitted.first_hour[rows],
        ]
    ).T.astype(np.int64)
    # Few different ones occur: write each once.
    code = np.concatenate([np.packbits(days, axis=1).astype(np.int64), place], axis=1)
    _, one, which = np.unique(code, axis=0, return_index=True, return_inverse=True)
    texts = []
    for row in rows[one]:
        tones, hours = permitted.tones(np.array([row]))[0], law.hour_ok[law.group[row]]
        channels = {
            name: {
                "days": _ranges(np.flatnonzero(permitted.channel_day[row, c])),
                "tones": [t for t, ok in zip(grid.tones, tones[c], strict=True) if ok],
                "hours": _ranges(np.array(grid.hours)[hours[c]]),
            }
            for c, name in enumerate(grid.channels)
            if permitted.channel_day[row, c].any()
        }
        day, hour = int(permitted.first_day[row]), int(permitted.first_hour[row])
        begins = [day, grid.hours[hour] if hour < len(grid.hours) else 24]
        said = {"channels": channels, "from": begins}
        texts.append(json.dumps(said, separators=(",", ":"), ensure_ascii=False))
    return pl.Series(texts, dtype=pl.String).gather(which.reshape(-1))


def _ranges(numbers: Integers) -> str:
    """Write rising whole numbers as ranges: 0, 1, 2, 5 is "0-2,5"."""
    runs = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    return ",".join(f"{r[0]}-{r[-1]}" if len(r) > 1 else f"{r[0]}" for r in runs if len(r))


def _slots_left(permitted: Permitted, rows: Integers) -> Integers:
    """Return how many slots a channel has at or after each slot: [n, C, H + 1]."""
    hour_ok = permitted.law.hour_ok.astype(np.int64)
    later = hour_ok[:, :, ::-1].cumsum(axis=2)[:, :, ::-1]
    none = np.zeros((*later.shape[:2], 1), dtype=np.int64)
    return np.asarray(np.concatenate([later, none], axis=2)[permitted.law.group[rows]])


def cells(permitted: Permitted, rows: Integers) -> Integers:
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
