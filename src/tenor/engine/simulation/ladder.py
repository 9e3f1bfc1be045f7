"""The fixed ladder under which a world's history runs, with a share of its steps randomised.

A randomised step draws its day (0 to 3 later), its channel among those the person allows, its
tone and its hour, each evenly, and is logged with the chance of exactly that outcome.
"""

from dataclasses import dataclass

import numpy as np

from tenor.engine.simulation.chance import Draw, Floats, Ints, pick, uniform
from tenor.engine.simulation.config import WorldConfig
from tenor.engine.simulation.customers import Flags
from tenor.engine.simulation.intensity import Laws
from tenor.engine.simulation.record import DAY, Sent
from tenor.engine.simulation.response import may_send
from tenor.engine.simulation.state import State

HOURS = np.arange(8, 20)  # local hours at which a randomised contact may go out
DELAYS = 4  # randomised steps wait 0 … 3 days
RANDOM_LADDER, PLAIN_LADDER = "ladder-random", "ladder"


@dataclass(frozen=True)
class Manner:
    """How each contact is made: channel, tone, local hour, and the chance of just that."""

    channel: Ints
    tone: Ints
    hour: Ints
    propensity: Floats


@dataclass(frozen=True)
class _Lead:
    """The invoice that leads each customer's contact.

    `row` in the state's open invoices, `who` the customers (rising), `step` the rung,
    `randomised` whether it is drawn at random, `ways` how many of the drawn delays lead to today,
    `on_time` whether the step as usual would also come today.
    """

    row: Ints
    who: Ints
    step: Ints
    randomised: Flags
    ways: Ints
    on_time: Flags


def ladder_contacts(laws: Laws, state: State, seed: int, shift: Floats) -> Sent:
    """Return what the ladder sends on the state's day.

    `shift` is the seconds by which each customer's clock is ahead of UTC that day.
    """
    config, day = laws.config, state.day
    lead = _leading(laws, state, seed)
    manner = _manner(laws, state, seed, lead)
    skip = lead.randomised & (uniform(seed, Draw.SKIP, lead.who, day) < config.skipped)
    _climb(state, lead.who, config)
    who, kept, randomised = lead.who[~skip], ~skip, lead.randomised[~skip]
    hour = manner.hour[kept] + uniform(seed, Draw.MINUTE, who, day) * randomised
    link_row, link_invoice = covered_by(state, who, from_due=0)
    logged = config.randomised > 0.0
    return Sent(
        customer=who,
        at=((hour * 3600 - shift[who]) % DAY).astype(np.int64) + day * DAY,
        channel=manner.channel[kept],
        tone=manner.tone[kept],
        propensity=manner.propensity[kept] if logged else np.full(len(who), np.nan),
        cost=np.array([c.cost for c in config.channels])[manner.channel[kept]],
        policy=np.where(randomised, RANDOM_LADDER, PLAIN_LADDER).astype(object),
        link_row=link_row,
        link_invoice=link_invoice,
    )


def covered_by(state: State, who: Ints, *, from_due: int) -> tuple[Ints, Ints]:
    """Pair each customer's place in `who` (rising) with its open invoices due for a contact."""
    open_ = state.open
    due = state.day - open_["due"] >= from_due
    due &= open_["disputed_until"] < state.day
    rows = np.flatnonzero(due & np.isin(open_["customer"], who))
    place = np.searchsorted(who, open_["customer"][rows])
    order = np.lexsort((open_["invoice"][rows], place))
    return place[order], open_["invoice"][rows][order]


def _leading(laws: Laws, state: State, seed: int) -> _Lead:
    """Find whose turn it is: the invoice furthest up the ladder leads, the oldest of equals."""
    config, open_, day = laws.config, state.open, state.day
    rungs = np.array([s.day for s in config.ladder] + [10_000])
    step = np.minimum(open_["step"], len(config.ladder))
    late = day - open_["due"]
    randomised = uniform(seed, Draw.RANDOMISE, open_["invoice"], step) < config.randomised
    wait = pick(uniform(seed, Draw.RANDOM_DAY, open_["invoice"], step), DELAYS)
    wait = np.where(randomised, wait, 0)
    ready = late >= rungs[step] + wait
    ready &= (open_["disputed_until"] < day) & (open_["promise_day"] + 2 < day)
    ready &= day - state.contacted[open_["customer"]] >= config.min_days_between
    row = np.flatnonzero(ready)
    row = row[np.lexsort((open_["invoice"][row], -step[row], open_["customer"][row]))]
    who, first = np.unique(open_["customer"][row], return_index=True)
    row = row[first]
    # A step held up by another contact comes today whatever delay up to today it had drawn.
    past = late[row] - rungs[step[row]]
    held = past > wait[row]
    ways = np.where(held, np.minimum(past, DELAYS - 1) + 1, 1)
    on_time = held | (wait[row] == 0)
    return _Lead(row, who, step[row], randomised[row], ways, on_time)


def _climb(state: State, who: Ints, config: WorldConfig) -> None:
    """Move every invoice of these customers that has reached its next rung up by one."""
    open_ = state.open
    rungs = np.array([s.day for s in config.ladder] + [10_000])
    reached = state.day - open_["due"] >= rungs[np.minimum(open_["step"], len(config.ladder))]
    open_["step"] += reached & np.isin(open_["customer"], who)


def _manner(laws: Laws, state: State, seed: int, lead: _Lead) -> Manner:
    """Choose how each contact is made, within the day's capacity for calls."""
    config = laws.config
    channels = np.arange(len(config.channels))
    allowed = may_send(laws, state, lead.who[:, None], channels[None, :])
    manner = _choose(config, state.day, seed, lead, allowed)
    call = np.array([c.medium == "call" for c in config.channels])
    calls = call[manner.channel]
    if calls.sum() <= config.calls_a_day:
        return manner
    # Customers are taken in random order; whoever comes after the last call chooses without.
    order = np.argsort(uniform(seed, Draw.ORDER, lead.who, state.day))
    late = np.zeros(len(lead.who), dtype=np.bool_)
    late[order] = np.cumsum(calls[order]) - calls[order] >= config.calls_a_day
    other = _choose(config, state.day, seed, lead, allowed & ~call)
    return Manner(
        channel=np.where(late, other.channel, manner.channel),
        tone=np.where(late, other.tone, manner.tone),
        hour=np.where(late, other.hour, manner.hour),
        propensity=np.where(late, other.propensity, manner.propensity),
    )


def _choose(config: WorldConfig, day: int, seed: int, lead: _Lead, allowed: Flags) -> Manner:
    usual, usual_tone = _usual(config, lead, allowed)
    count = np.maximum(allowed.sum(axis=1), 1)
    nth = (uniform(seed, Draw.RANDOM_CHANNEL, lead.who, day) * count).astype(np.int64)
    ranked = np.argsort(~allowed, axis=1, kind="stable")
    drawn = ranked[np.arange(len(nth)), nth]
    drawn_tone = pick(uniform(seed, Draw.RANDOM_TONE, lead.who, day), len(config.tones))
    drawn_hour = HOURS[pick(uniform(seed, Draw.RANDOM_HOUR, lead.who, day), len(HOURS))]
    channel = np.where(lead.randomised, drawn, usual)
    tone = np.where(lead.randomised, drawn_tone, usual_tone)
    hour = np.where(lead.randomised, drawn_hour, config.ladder_hour)
    combinations = count * len(config.tones) * len(HOURS) * DELAYS
    by_chance = config.randomised * (1.0 - config.skipped) * lead.ways / combinations
    as_usual = (channel == usual) & (tone == usual_tone) & (hour == config.ladder_hour)
    by_rule = (1.0 - config.randomised) * (as_usual & lead.on_time)
    return Manner(channel, tone, hour, by_chance + by_rule)


def _usual(config: WorldConfig, lead: _Lead, allowed: Flags) -> tuple[Ints, Ints]:
    """Return channel and tone of each rung; a letter where the channel may not be used."""
    names, tones = config.channel_names, config.tone_names
    usual = np.array([names.index(s.channel) for s in config.ladder], dtype=np.int64)[lead.step]
    tone = np.array([tones.index(s.tone) for s in config.ladder], dtype=np.int64)[lead.step]
    post = next((i for i, c in enumerate(config.channels) if c.medium == "letter"), 0)
    return np.where(allowed[np.arange(len(usual)), usual], usual, post), tone
