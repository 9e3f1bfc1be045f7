"""What every candidate would do for every customer: strength by channel, tone, day and hour.

A customer's candidates are weighed for all the invoices that one contact would cover. Tone and
hour act through strength alone, so the best of each is found first for every channel, and only
channel and day are left to be weighed in money.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.features.build import Snapshot
from tenor.engine.frames import Tables
from tenor.engine.policy.actions import Grid, Integers, local_days
from tenor.engine.policy.permitted import Permitted
from tenor.engine.policy.policyfile import Policy
from tenor.engine.policy.worth import AHEAD, Claims, Reach
from tenor.engine.predictors.effect import EffectPredictor, answer_table
from tenor.engine.predictors.effect_design import CHANNELS, stage_of
from tenor.engine.predictors.intensity import POINT
from tenor.engine.predictors.model import Model

Array = NDArray[np.float64]

# A complaint or an opt-out puts this share of a relationship's stated value at stake (a house
# rule, open to the organisation through the values it states in `customer_value`).
RELATION_AT_STAKE = 0.1
# The best of many candidates is in part the luckiest, and what a contact gains now is in part taken
# from the ones after it. In simulated worlds decisions that believed all of it brought hardly more
# and spent half as much again.
BELIEVED = 0.6
NO_HOUR = -np.inf


@dataclass(frozen=True, eq=False)
class Candidates:
    """The candidates of N customers with M invoices over the grid (C, T, D, H).

    `invoices` are the rows of `Permitted.invoices` with what a contact can cover: `row` of the
    customer, `from_day`, `covered` (same currency, not left out). `claims` [M] as `worth` reads
    them. `strength` [N, C, D] is that of the best tone and hour; `tone` [N, C], `hour_first`
    and `hour_later` [N, C] are the numbers of those, on the first permitted day and on others.
    `price` [N, C] is the cost of a contact with what its harm is expected to cost, `harm` [N, C]
    the latter alone and `harm_by_tone` [N, C, T] that of every tone. `override` [N, C, T] is how
    often people change such a contact. `stake` [N] is roughly what one unit of strength is worth.
    `states` [N, ...] and `answers` [N, C] are the customer's.
    """

    invoices: pl.DataFrame
    claims: Claims
    strength: Array
    tone: Integers
    hour_first: Integers
    hour_later: Integers
    price: Array
    harm: Array
    harm_by_tone: Array
    stake: Array
    states: Array
    answers: Array
    earlier: Array
    by_tone: Array
    by_hour: Array
    by_channel: Array
    override: Array

    def strength_of(self, rows: Integers, actions: Integers, first_day: Integers) -> Array:
        """Return the strength of other actions [n, 4] (channel, tone, day, hour) of customers."""
        channel, tone, day, hour = actions.T
        base = self.strength[rows, channel, day] - self._chosen(rows, channel, day, first_day)
        return np.asarray(
            base + self.by_tone[rows, channel, tone] + self.by_hour[rows, channel, hour]
        )

    def override_of(self, actions: Integers) -> Array:
        """Return how often people change contacts like these actions [N, 4]; 0 for waiting [N]."""
        some = np.flatnonzero(actions[:, 0] >= 0)
        found = np.zeros(len(actions))
        found[some] = self.override[some, actions[some, 0], actions[some, 1]]
        return found

    def _chosen(
        self, rows: Integers, channel: Integers, day: Integers, first_day: Integers
    ) -> Array:
        hour = self.hours(rows, channel, day, first_day)
        tone = self.tone[rows, channel]
        return np.asarray(self.by_tone[rows, channel, tone] + self.by_hour[rows, channel, hour])

    def hours(
        self, rows: Integers, channel: Integers, day: Integers, first_day: Integers
    ) -> Integers:
        """Return the best hour's number for these customers, channels and days."""
        is_first = day == first_day[rows]
        return np.where(is_first, self.hour_first[rows, channel], self.hour_later[rows, channel])


def candidates(
    model: Model, tables: Tables, snapshot: Snapshot, permitted: Permitted, policy: Policy
) -> Candidates:
    """Work out what every permitted contact would add, and what it would cost."""
    invoices, order = _covering(snapshot, permitted, tables)
    count = permitted.customers.height
    row = invoices["row"].to_numpy()
    share = _shares(invoices, row, count)
    own = model.effect.paths(tables, snapshot, AHEAD)[order]
    claims = _claims(invoices, own, policy)
    states = _by_customer(model.effect.states(snapshot.rows)[order], row, share, count)
    channels = tuple(permitted.grid.channels)
    answers = _by_customer(answer_table(snapshot, channels)[order], row, share, count)
    earlier = permitted.customers["contacts_30d"].to_numpy().astype(np.float64)
    days = np.arange(permitted.grid.days)
    stage = stage_of(invoices["days_overdue"].to_numpy()[:, None] + days[None, :])
    timing = _by_customer(model.effect.stage_strengths()[stage], row, share, count)
    parts = parts_of(model.effect, permitted.grid, weekdays_of(permitted), states, answers, earlier)
    harm = _harm(model, permitted.grid, earlier, _relation(tables, permitted), policy)
    override, excess = _judged(model, permitted.grid, states)
    harm = harm + policy.judgement.cost_of_override * excess
    at_stake = BELIEVED * _stake(claims) * invoices["covered"].to_numpy()
    stake: Array = np.bincount(row, weights=at_stake, minlength=count).astype(np.float64)
    tone = _best_tone(parts.by_tone, harm, stake, permitted)
    hour_first, hour_later = _best_hours(parts.by_hour, permitted)
    who = np.arange(count)[:, None]
    what = np.arange(len(channels))[None, :]
    chosen_tone = parts.by_tone[who, what, tone]
    first = days[None, :] == permitted.first_day[:, None]
    hours = np.where(
        first[:, None, :],
        parts.by_hour[who, what, hour_first][:, :, None],
        parts.by_hour[who, what, hour_later][:, :, None],
    )
    strength = (parts.by_channel + chosen_tone)[:, :, None] + hours
    strength = strength + (parts.weekday + timing)[:, None, :]
    chosen_harm = harm[who, what, tone]
    cost = np.array([c.cost for c in policy.channels])
    return Candidates(
        invoices,
        claims,
        strength,
        tone,
        hour_first,
        hour_later,
        cost[None, :] + chosen_harm,
        chosen_harm,
        harm,
        stake,
        states,
        answers,
        earlier,
        parts.by_tone,
        parts.by_hour,
        parts.by_channel,
        override,
    )


def reach_of(
    found: Candidates, model: Model, policy: Policy, *, count: int
) -> tuple[Reach, NDArray[np.int_]]:
    """Return the contacts as `worth` reads them, an invoice at a time, and each one's customer."""
    row = found.invoices["row"].to_numpy()
    covered = np.maximum(
        np.bincount(row, weights=found.invoices["covered"].to_numpy(), minlength=count), 1
    )
    names = model.effect.design.channels
    numbers = [names.index(c.name) if c.name in names else -1 for c in policy.channels]
    curves = model.effect.curves.curves[numbers] if numbers else np.zeros((0, 14))
    unbounded = [
        c.capacity_per_day is None and c.capacity_per_week is None for c in policy.channels
    ]
    # As many contacts as the month allows, spread evenly, is how far apart plans put them.
    most = max(policy.limits.max_contacts_30d, 1)
    gap = int(np.clip(max(policy.limits.min_days_between, -(-30 // most)), 1, 14))
    return Reach(
        found.strength[row].astype(np.float32),
        curves.astype(np.float32),
        (found.price[row] / covered[row, None]).astype(np.float32),
        np.array(unbounded, dtype=bool),
        gap,
    ), row


@dataclass(frozen=True)
class Parts:
    """Strengths by channel [N, C], tone [N, C, T], hour [N, C, H] and day [N, D]."""

    by_channel: Array
    by_tone: Array
    by_hour: Array
    weekday: Array


def weekdays_of(permitted: Permitted) -> Integers:
    """Return the weekday, Monday 0, of each day of each customer's plan: [N, D]."""
    # The epoch, 1970-01-01, was a Thursday: weekday 3.
    local = local_days(permitted.as_of, permitted.customers["zone"]).astype(np.int64)
    return np.asarray((local[:, None] + np.arange(permitted.grid.days)[None, :] + 3) % 7)


def parts_of(
    effect: EffectPredictor,
    grid: Grid,
    weekdays: Integers,
    states: Array,
    answers: Array,
    earlier: Array,
) -> Parts:
    """Return the parts of which strengths are summed, for customers in these states."""
    design = effect.design
    channel_number = _numbers(grid.channels, design.channels)
    tone_number = _numbers(grid.tones, design.tones)
    modes = effect.mode_strengths(states, earlier)
    ends = np.cumsum([1, *(f.modes for f in design.factors)])
    channel, tone, hour = (
        modes[:, a:b] @ design.level_modes(f, level).T
        for f, a, b, level in zip(
            design.factors,
            ends[:-1],
            ends[1:],
            (channel_number, tone_number, np.array(grid.hours, dtype=np.int_)),
            strict=True,
        )
    )
    weekday, by_tone, by_hour, answering = effect.shared_strengths()
    # A channel that was never used is the average one, moved by what trials say of its name.
    unseen = [
        CHANNELS.get(c, 0.0) if n < 0 else 0.0
        for c, n in zip(grid.channels, channel_number, strict=True)
    ]
    return Parts(
        modes[:, :1] + channel + np.array(unseen)[None, :] + answering * answers,
        tone[:, None, :] + by_tone[channel_number][:, tone_number][None],
        hour[:, None, :] + by_hour[channel_number][:, list(grid.hours)][None],
        weekday[weekdays],
    )


def _numbers(names: tuple[str, ...], known: tuple[str, ...]) -> NDArray[np.int_]:
    return np.array([known.index(n) if n in known else -1 for n in names], dtype=np.int_)


def _covering(
    snapshot: Snapshot, permitted: Permitted, tables: Tables
) -> tuple[pl.DataFrame, NDArray[np.int_]]:
    """Return the invoices with what a contact can cover, and their places in the snapshot.

    A request never mixes currencies: it covers the one in which the customer owes most, of those
    in which anything may be asked for within the plan.
    """
    currency = tables.invoices.lazy().select("invoice_id", "currency")
    place = snapshot.rows.lazy().select("invoice_id").with_row_index("place")
    invoices = (
        permitted.invoices.lazy()
        .join(currency, on="invoice_id", how="left", maintain_order="left")
        .join(place, on="invoice_id", how="inner", maintain_order="left")
        .collect()
    )
    possible = pl.col("left_out").is_null()
    owed = pl.col("balance").cast(pl.Float64)
    largest = (
        invoices.filter(possible)
        .group_by("row", "currency")
        .agg(total=owed.sum(), soon=(pl.col("from_day") < permitted.grid.days).any())
        .sort("row", "soon", "total", "currency", descending=[False, True, True, False])
        .unique("row", keep="first", maintain_order=True)
        .select("row", main="currency")
    )
    invoices = (
        invoices.lazy()
        .join(largest.lazy(), on="row", how="left", maintain_order="left")
        .with_columns(covered=(possible & (pl.col("currency") == pl.col("main"))).fill_null(False))
        .collect()
    )
    return invoices, invoices["place"].to_numpy().astype(np.int_)


def _shares(invoices: pl.DataFrame, row: NDArray[np.int_], count: int) -> Array:
    """Return each invoice's share of its customer: by balance among what can be covered."""
    weight = invoices["balance"].cast(pl.Float64).to_numpy().clip(0.01)
    weight = weight * np.where(invoices["covered"].to_numpy(), 1.0, 1e-6)
    return np.asarray(weight / np.bincount(row, weights=weight, minlength=count)[row])


def _by_customer(values: Array, row: NDArray[np.int_], share: Array, count: int) -> Array:
    columns = [
        np.bincount(row, weights=values[:, j] * share, minlength=count)
        for j in range(values.shape[1])
    ]
    return np.stack(columns, axis=1) if columns else np.zeros((count, 0))


def _claims(invoices: pl.DataFrame, own: Array, policy: Policy) -> Claims:
    """Return what staying open costs: a day's part of the payment's worth, and capital.

    A payment within the outcome window is worth `value_of_payment`. Decisions are made anew every
    day, so that the window moves along: over all of them the worth falls evenly, to nothing at
    twice the window (docs/decisions/0004-worth-of-time.md).
    """
    aim = policy.objective
    balance = invoices["balance"].cast(pl.Float64).to_numpy()
    capital = aim.value_per_day_earlier * balance
    spread_over = max(2 * policy.outcome_window_days, AHEAD)
    day = aim.value_of_payment / spread_over + capital
    left = np.maximum(policy.limits.escalate_after - invoices["days_overdue"].to_numpy(), 1.0)
    return Claims(
        own.astype(np.float32),
        day.astype(np.float32),
        capital.astype(np.float32),
        left.astype(np.float32),
        np.full(len(day), aim.cost_of_escalation, dtype=np.float32),
    )


def _stake(claims: Claims) -> Array:
    """Return roughly what one point of strength is worth on each invoice [M]."""
    pace = np.maximum(claims.own.mean(axis=1), 1e-4)
    waiting = np.minimum(np.minimum(1.0 / pace, claims.days_left), AHEAD)
    cost = claims.day_cost * waiting + claims.loss * np.exp(-pace * claims.days_left)
    # A contact acts as if for about three days at its peak.
    return np.asarray(3.0 * POINT * cost)


def _relation(tables: Tables, permitted: Permitted) -> Array:
    """Return what each customer's relationship is said to be worth [N], 0 where not said."""
    said = permitted.customers.select("customer_id").join(
        tables.customers.select("customer_id", "customer_value"),
        on="customer_id",
        how="left",
        maintain_order="left",
    )["customer_value"]
    return said.fill_null(0.0).to_numpy().clip(0.0)


def _harm(model: Model, grid: Grid, earlier: Array, relation: Array, policy: Policy) -> Array:
    """Return what complaints and opt-outs are expected to cost [N, C, T]."""
    aim = policy.objective
    harm = np.zeros((len(earlier), len(grid.channels), len(grid.tones)))
    for c, channel in enumerate(grid.channels):
        for t, tone in enumerate(grid.tones):
            complaint = model.complaint.chance(channel, tone, earlier)
            opt_out = model.opt_out.chance(channel, tone, earlier)
            harm[:, c, t] = complaint * aim.cost_of_complaint + opt_out * aim.cost_of_opt_out
            harm[:, c, t] += (complaint + opt_out) * RELATION_AT_STAKE * relation
    return harm


def _judged(model: Model, grid: Grid, states: Array) -> tuple[Array, Array]:
    """Return how often people change such a contact, and by how much above average [N, C, T]."""
    shape = (len(states), len(grid.channels), len(grid.tones))
    override, excess = np.zeros(shape), np.zeros(shape)
    if model.judgement.reviews:
        for c, channel in enumerate(grid.channels):
            for t, tone in enumerate(grid.tones):
                override[:, c, t] = model.judgement.chance(channel, tone, states)
                excess[:, c, t] = model.judgement.excess(channel, tone, states)
    return override, excess


def _best_tone(by_tone: Array, harm: Array, stake: Array, permitted: Permitted) -> Integers:
    worth = by_tone * stake[:, None, None] - harm
    worth = np.where(permitted.tones(np.arange(len(worth))), worth, -np.inf)
    return worth.argmax(axis=2) if worth.size else np.zeros(worth.shape[:2], dtype=np.int64)


def _best_hours(by_hour: Array, permitted: Permitted) -> tuple[Integers, Integers]:
    """Return the best hour's number [N, C] on the first permitted day, and on later days."""
    if not by_hour.size:
        none = np.zeros(by_hour.shape[:2], dtype=np.int64)
        return none, none
    allowed = permitted.hours(np.arange(len(by_hour)))
    later = np.where(allowed, by_hour, NO_HOUR).argmax(axis=2)
    slots = np.arange(by_hour.shape[2])
    begun = slots[None, :] >= permitted.first_hour[:, None]
    first = np.where(allowed & begun[:, None, :], by_hour, NO_HOUR).argmax(axis=2)
    return first, later
