"""Every alternative for one customer: what each would do, what it would gain, and what forbids it.

A decision shows its best candidate only. Here stand all of them, for whoever asks why not
another channel, tone, day or hour.
"""

from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.errors import InputError
from tenor.engine.features.build import Population, build
from tenor.engine.features.segments import segment
from tenor.engine.frames import INSTANT, Tables
from tenor.engine.policy.actions import Integers, send_at
from tenor.engine.policy.candidates import Candidates, candidates
from tenor.engine.policy.gain import asked, gains
from tenor.engine.policy.permitted import Permitted, permitted
from tenor.engine.policy.policyfile import Policy
from tenor.engine.policy.rules import RULES
from tenor.engine.policy.situation import Situation, situation_of
from tenor.engine.policy.worth import paid_within
from tenor.engine.predictors.model import Model

Array = NDArray[np.float64]

SCHEMA: dict[str, pl.DataType] = {
    "customer_id": pl.String(),
    "invoice_ids": pl.List(pl.String),
    "behaviour": pl.String(),
    "channel": pl.String(),
    "tone": pl.String(),
    "day": pl.Int64(),
    "hour": pl.Int64(),
    "send_at": INSTANT,
    "permitted": pl.Boolean(),
    "removed_by": pl.List(pl.String),
    "strength": pl.Float64(),
    "p_paid": pl.Float64(),
    "gain": pl.Float64(),
}


def alternatives(
    tables: Tables,
    *,
    as_of: datetime,
    model: Model,
    policy: Policy,
    customer_id: str,
    population: Population | None = None,
) -> pl.DataFrame:
    """Return every contact that the policy knows for one customer, permitted or not.

    Parameters
    ----------
    tables : the six tables; facts later than `as_of` are not looked at.
    customer_id : somebody with an open invoice; else InputError.
    population : as for `decide`: with it `tables` may hold this customer's facts alone.

    Returns
    -------
    A row a combination of channel, tone that the channel takes, `day` (0 is the customer's local
    date at `as_of`) and `hour` (whole local hour), in that order. `invoice_ids` are those it
    would ask for, `behaviour` is how the customer pays (`features.segments`). `removed_by` names
    the rules that forbid it (`permitted`: none). `strength` is what the contact adds at its peak
    in points of intensity a day; `p_paid` the expected share of the amount asked for that is
    paid within the outcome window; `gain` what it brings over waiting, after cost and harm, in
    the policy's currency.

    Notes
    -----
    The largest gain among the permitted is what `decide` chooses where nothing is drawn by
    chance and no capacity is short; none above nought means waiting. Gains are worked out in
    full for the best tone and hour of each channel and day; other tones and hours are told from
    those at the rate by which the best were chosen.
    """
    known = tables.known_at(as_of).in_order()
    mine = _about(known, customer_id)
    allowed = permitted(mine, as_of=as_of, policy=policy)
    if allowed.customers.is_empty():
        raise InputError(
            f"customer {customer_id} has no open invoice at {as_of:%Y-%m-%d}; "
            "`tenor score` lists what is open"
        )
    snapshot = build(mine if population else known, as_of, population).of_customers(
        pl.Series([customer_id])
    )
    found = candidates(model, mine, snapshot, allowed, policy)
    actions = _actions(allowed)
    ruled_out = _removed(situation_of(mine, as_of=as_of, policy=policy), allowed, actions)
    strength = found.strength_of(np.zeros(len(actions), dtype=int), actions, allowed.first_day)
    grid, zones = allowed.grid, allowed.customers["zone"]
    channel, tone, day, hour = actions.T
    about, ids = asked(found, allowed), found.invoices["invoice_id"]
    of_day = [ids.filter(pl.Series(about[:, d])).to_list() for d in range(grid.days)]
    return pl.DataFrame(
        {
            "customer_id": pl.Series([customer_id]).new_from_index(0, len(day)),
            "invoice_ids": pl.Series(of_day, dtype=pl.List(pl.String)).gather(day),
            "behaviour": segment(snapshot.rows).new_from_index(0, len(day)),
            "channel": pl.Series(grid.channels, dtype=pl.String).gather(channel),
            "tone": pl.Series(grid.tones, dtype=pl.String).gather(tone),
            "day": day,
            "hour": pl.Series(grid.hours, dtype=pl.Int64).gather(hour),
            "send_at": send_at(
                grid, as_of=as_of, zones=zones.new_from_index(0, len(day)), day=day, hour=hour
            ),
            "permitted": [not rules for rules in ruled_out],
            "removed_by": pl.Series(ruled_out, dtype=pl.List(pl.String)),
            "strength": strength.round(6),
            "p_paid": _paid(found, allowed, actions, strength, model, policy).round(6),
            "gain": _gain(found, allowed, actions, model, policy),
        },
        schema=SCHEMA,
    )


def _about(known: Tables, customer_id: str) -> Tables:
    """Return the facts about one customer."""
    mine = known.of_customers(pl.Series([customer_id]))
    if mine.invoices.is_empty() and mine.customers.is_empty():
        raise InputError(f"there is no customer {customer_id} among the tables")
    return mine


def _actions(allowed: Permitted) -> Integers:
    """Return all contacts that the policy's blocks know [n, 4]: channel, tone, day, hour slot."""
    grid = allowed.grid
    cells = grid.tone_ok[:, :, None, None] & grid.hour_ok[:, None, None, :]
    return np.argwhere(np.broadcast_to(cells, grid.shape))


def _removed(situation: Situation, allowed: Permitted, actions: Integers) -> list[list[str]]:
    """Return the ids of the rules that take each contact of the only customer away."""
    grid = allowed.grid
    channel, tone, day, hour = actions.T
    slot = day * len(grid.hours) + hour
    verdicts = {rule.id: rule.verdict(situation) for rule in RULES}
    taken = {rule: np.zeros(len(actions), dtype=bool) for rule in verdicts}
    quiet = {r: v.asked_from for r, v in verdicts.items() if v.asked_from is not None}
    # Nothing can be asked for on a day on which every invoice is quiet, each by one rule or other.
    nothing = day < np.maximum.reduce(list(quiet.values())).min()
    for rule, verdict in verdicts.items():
        if rule in quiet:
            taken[rule] |= nothing & (day < quiet[rule].max())
        if verdict.channel_off is not None:
            taken[rule] |= verdict.channel_off[0, channel]
        if verdict.day_off is not None:
            taken[rule] |= verdict.day_off[0, day]
        if verdict.channel_day_off is not None:
            taken[rule] |= verdict.channel_day_off[0, channel, day]
        if verdict.not_before is not None:
            taken[rule] |= slot < situation.first_slots(verdict.not_before)[0]
        if verdict.channel_not_before is not None:
            free = [situation.first_slots(column)[0] for column in verdict.channel_not_before.T]
            taken[rule] |= slot < np.array(free, dtype=np.int64)[channel]
        if verdict.calm is not None:
            taken[rule] |= ~allowed.tones(np.zeros(1, dtype=np.int64))[0][channel, tone]
    unwished = allowed.law.unwelcome[allowed.law.group[0]][channel, hour]
    taken["wished_times"] |= unwished
    left = allowed.hours(np.zeros(1, dtype=np.int64))[0][channel, hour]
    taken["law_days"] |= ~left & ~unwished
    now = np.array([situation.now], dtype=np.int64)
    taken["hours_passed"] |= slot < situation.first_slots(now)[0]
    return [[rule for rule, flags in taken.items() if flags[i]] for i in range(len(actions))]


def _paid(
    found: Candidates,
    allowed: Permitted,
    actions: Integers,
    strength: Array,
    model: Model,
    policy: Policy,
) -> Array:
    """Return the share of what each contact asks for that is paid within the outcome window."""
    names, window = model.effect.design.channels, policy.outcome_window_days
    numbers = np.array([names.index(c) if c in names else -1 for c in allowed.grid.channels])
    curve = model.effect.curves.curves[numbers[actions[:, 0]]].astype(np.float32)
    day, about = actions[:, 2], asked(found, allowed)
    balance = found.invoices["balance"].cast(pl.Float64).to_numpy().clip(0.0)
    own = found.claims.over(window)
    # What is decided about: the invoices asked for, or all of them on a day when none is.
    counted = about | ~about.any(axis=0)
    paid, total = np.zeros(len(actions)), np.zeros(len(actions))
    for m, owed in enumerate(balance):
        weight = owed * counted[m, day]
        path = np.broadcast_to(own[m], (len(actions), own.shape[1]))
        sent = np.where(about[m, day], day, -1)
        paid += weight * paid_within(path, strength, curve, sent, window)
        total += weight
    return paid / np.maximum(total, 1e-9)


def _gain(
    found: Candidates, allowed: Permitted, actions: Integers, model: Model, policy: Policy
) -> Array:
    """Return what each contact gains over waiting."""
    channel, tone, day, hour = actions.T
    first = np.zeros(len(actions), dtype=int)
    best_tone = found.tone[0, channel]
    best_hour = found.hours(first, channel, day, allowed.first_day)
    by_tone, by_hour = found.by_tone[0, channel], found.by_hour[0, channel]
    harm, each = found.harm_by_tone[0, channel], np.arange(len(actions))
    stronger = by_tone[each, tone] - by_tone[each, best_tone]
    stronger += by_hour[each, hour] - by_hour[each, best_hour]
    more_harm = harm[each, tone] - harm[each, best_tone]
    best = gains(found, allowed, model, policy)[0, channel, day]
    return np.asarray(best + found.stake[0] * stronger - more_harm)
