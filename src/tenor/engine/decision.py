"""The whole decision, from facts to who is contacted how and when, in one function."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.features.build import Population, Snapshot, build
from tenor.engine.frames import INSTANT, Tables
from tenor.engine.policy import capacity, explore, gate
from tenor.engine.policy.actions import Integers, send_at
from tenor.engine.policy.candidates import Candidates, candidates
from tenor.engine.policy.explain import reasons
from tenor.engine.policy.gain import asked, gains
from tenor.engine.policy.permitted import ESCALATE_AFTER, Permitted, permitted
from tenor.engine.policy.policyfile import Policy
from tenor.engine.policy.worth import paid_within
from tenor.engine.predictors.effect_design import Told
from tenor.engine.predictors.model import Model

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

SCHEMA: dict[str, pl.DataType] = {
    "decision_id": pl.String(),
    "customer_id": pl.String(),
    "invoice_ids": pl.List(pl.String),
    "decided_at": INSTANT,
    "verdict": pl.String(),
    "channel": pl.String(),
    "tone": pl.String(),
    "send_at": INSTANT,
    "propensity": pl.Float64(),
    "explored": pl.Boolean(),
    "p_paid": pl.Float64(),
    "p_paid_wait": pl.Float64(),
    "cost": pl.Float64(),
    "value": pl.Float64(),
    "review_reason": pl.String(),
    "reasons": pl.List(pl.String),
    "rules": pl.List(pl.String),
    "candidates": pl.Int64(),
    "model_version": pl.String(),
    "policy_version": pl.String(),
}


def decide(
    tables: Tables,
    *,
    as_of: datetime,
    model: Model,
    policy: Policy,
    seed: int = 0,
    look_ahead: bool = True,
    customers: Sequence[str] | None = None,
    population: Population | None = None,
) -> pl.DataFrame:
    """Return today's decision for every customer with an open invoice.

    Parameters
    ----------
    tables : the six tables; facts later than `as_of` are not looked at.
    as_of : aware; the instant of deciding.
    seed : of exploration and of the drawn reviews; same facts, model, policy, instant and seed
        give the same rows.
    look_ahead : weigh what can still be done after a contact (False: the greedy comparison).
    customers : decide about these alone, and let them have all capacity; the facts about the
        others still say what is usual.
    population : what is usual, from `features.build.population_of` on the whole portfolio; then
        `tables` may hold a few customers alone (with all their facts), and no time goes into the
        others. The decisions are the same.

    Returns
    -------
    One row a customer, sorted by `customer_id`, with the columns of `SCHEMA` (the contract's
    "Decisions out").
    """
    known = everything = tables.known_at(as_of).in_order()
    if customers is not None:
        known = everything.of_customers(pl.Series(customers, dtype=pl.String))
    allowed = permitted(known, as_of=as_of, policy=policy)
    if allowed.customers.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    snapshot = build(known if population else everything, as_of, population).of_customers(
        allowed.customers["customer_id"]
    )
    found = candidates(model, known, snapshot, allowed, policy)
    allowed = _open(found, allowed)
    gain = gains(found, allowed, model, policy, look_ahead=look_ahead)
    gain = np.where(allowed.channel_day, gain, -np.inf)
    chosen = _choose(gain, found, allowed, known, policy, seed)
    effects = _effects(chosen, gain, found, allowed, model, policy)
    return _rows(chosen, effects, found, allowed, snapshot, known, model, policy, seed)


@dataclass(frozen=True, eq=False)
class _Chosen:
    """The action of each customer [N, 4] (channel, tone, day, hour; -1 to wait), and its chance.

    `best_gain` is the most that any permitted contact gains over waiting, `full` whether that
    one gave way to somebody to whom people's time matters more.
    """

    actions: Integers
    explored: Flags
    propensity: Array
    best_gain: Array
    full: Flags
    counts: Integers


@dataclass(frozen=True, eq=False)
class _Effects:
    """What the chosen actions are expected to do, per customer [N]."""

    p_paid: Array
    p_paid_wait: Array
    cost: Array
    value: Array
    p_better: Array
    covered: Flags
    amount: pl.Series


def _choose(
    gain: Array, found: Candidates, allowed: Permitted, known: Tables, policy: Policy, seed: int
) -> _Chosen:
    """Choose for everybody within capacity; a few at random, with the chance of it known."""
    count, days = len(gain), allowed.grid.days
    used = dict(
        known.contacts.filter(pl.col("sent_at").dt.date() == allowed.as_of.date())
        .group_by("channel")
        .len()
        .iter_rows()
    )
    bounds = capacity.bounds_of(policy, days, used)
    choice, _ = capacity.assign(gain, bounds)
    channel, day = np.where(choice >= 0, np.divmod(choice, max(days, 1)), -1)
    rows = np.flatnonzero(choice >= 0)
    actions = np.full((count, 4), -1, dtype=np.int64)
    actions[rows, 0], actions[rows, 2] = channel[rows], day[rows]
    actions[rows, 1] = found.tone[rows, channel[rows]]
    actions[rows, 3] = found.hours(rows, channel[rows], day[rows], allowed.first_day)
    best = gain.reshape(count, -1).max(axis=1, initial=-np.inf)
    full = (choice < 0) & (best > 0.0)
    greedy = actions.copy()
    chancy = _open_to_chance(allowed, policy)
    share = np.where(allowed.unexplored, 0.0, explore.shares(chancy, policy.exploration))
    counts = explore.count_allowed(chancy)
    tried = explore.explored(
        allowed.customers["customer_id"], share=share, seed=seed, as_of=allowed.as_of
    )
    tried &= counts > 0
    if tried.any():
        actions[tried] = explore.draw_allowed(chancy, np.flatnonzero(tried), seed=seed)
    chance = explore.propensity(
        share=share,
        allowed=counts,
        greedy=(actions == greedy).all(axis=1),
        contact=actions[:, 0] >= 0,
    )
    return _Chosen(actions, tried, chance, best, full, explore.count_allowed(allowed))


def _open(found: Candidates, allowed: Permitted) -> Permitted:
    """Leave open only days on which an invoice that a contact covers may be asked for.

    Who is about to be handed over is not contacted, and takes nobody's place.
    """
    row = found.invoices["row"].to_numpy()
    some = np.zeros((len(allowed.channel_day), allowed.grid.days), dtype=bool)
    np.logical_or.at(some, row, asked(found, allowed))
    some &= ~allowed.escalate[:, None]
    return replace(allowed, channel_day=allowed.channel_day & some[:, None, :])


def _open_to_chance(allowed: Permitted, policy: Policy) -> Permitted:
    """Keep people's time out of what is drawn at random: it goes where it changes most."""
    unbounded = [
        c.capacity_per_day is None and c.capacity_per_week is None for c in policy.channels
    ]
    kept = np.array(unbounded, dtype=bool)[None, :, None]
    return replace(allowed, channel_day=allowed.channel_day & kept)


def _effects(
    chosen: _Chosen,
    gain: Array,
    found: Candidates,
    allowed: Permitted,
    model: Model,
    policy: Policy,
) -> _Effects:
    """Return the expected outcome of each chosen action, and of waiting instead."""
    count, window = len(chosen.actions), policy.outcome_window_days
    rows = np.flatnonzero(chosen.actions[:, 0] >= 0)
    strength = np.zeros(count)
    strength[rows] = found.strength_of(rows, chosen.actions[rows], allowed.first_day)
    row = found.invoices["row"].to_numpy()
    day = chosen.actions[row, 2]
    in_reach = found.invoices["covered"].to_numpy()
    asked = in_reach & (day >= 0) & (found.invoices["from_day"].to_numpy() <= day)
    none = np.full(len(row), -1)
    names = model.effect.design.channels
    numbers = np.array([names.index(c) if c in names else -1 for c in allowed.grid.channels] + [-1])
    curve = model.effect.curves.curves[numbers[chosen.actions[row, 0]]].astype(np.float32)
    logit = found.claims.logit
    if window > logit.shape[1]:
        logit = np.concatenate([logit, np.repeat(logit[:, -1:], window - logit.shape[1], 1)], 1)
    paid = paid_within(logit, strength[row], curve, np.where(asked, day, -1), window)
    alone = paid_within(logit, strength[row], curve, none, window)
    # What is decided about: the invoices asked for, or all that could be asked for when waiting.
    about = np.where((day >= 0), asked, in_reach)
    about = np.where(np.bincount(row, weights=about, minlength=count)[row] > 0, about, True)
    balance = found.invoices["balance"].cast(pl.Float64).to_numpy().clip(0.0)
    weight = balance * about
    total = np.maximum(np.bincount(row, weights=weight, minlength=count), 1e-9)
    cost, price, value, spread = np.zeros(count), np.zeros(count), np.zeros(count), np.ones(count)
    if len(rows):
        channel, sent_on = chosen.actions[rows, 0], chosen.actions[rows, 2]
        cost[rows] = np.array([c.cost for c in policy.channels])[channel]
        price[rows] = found.price[rows, channel]
        # What the best tone and hour would earn, in proportion to the strength of those chosen.
        best = found.strength[rows, channel, sent_on]
        part = np.where(np.abs(best) > 1e-6, strength[rows] / np.where(best == 0, 1.0, best), 1.0)
        earned = gain[rows, channel, sent_on] + price[rows]
        value[rows] = earned * np.clip(part, -2.0, 2.0) - price[rows]
        spread[rows] = _spread(found, rows, chosen.actions[rows], allowed, model)
    return _Effects(
        np.bincount(row, weights=paid * weight, minlength=count) / total,
        np.bincount(row, weights=alone * weight, minlength=count) / total,
        cost,
        value,
        _better(value, price, strength, spread),
        about.astype(bool),
        pl.Series(np.bincount(row, weights=weight, minlength=count)),
    )


def _spread(
    found: Candidates, rows: Integers, actions: Integers, allowed: Permitted, model: Model
) -> Array:
    """Return how uncertain the strength of each chosen contact is, as a standard deviation."""
    names, tones = model.effect.design.channels, model.effect.design.tones
    grid = allowed.grid
    channel = np.array([names.index(c) if c in names else -1 for c in grid.channels] + [-1])
    tone = np.array([tones.index(t) if t in tones else -1 for t in grid.tones] + [-1])
    hours = np.array([*grid.hours, 0])
    told = Told(
        channel[actions[:, 0]],
        tone[actions[:, 1]],
        hours[actions[:, 3]],
        np.full(len(rows), 2),
        np.full(len(rows), -1),
        found.earlier[rows],
        found.answers[rows, actions[:, 0]],
    )
    return model.effect.spread(found.states[rows], told)


def _better(value: Array, spent: Array, strength: Array, spread: Array) -> Array:
    """Return the probability that the contact is worth more than waiting.

    Its worth grows about linearly with its strength, so it is the probability that the true
    strength exceeds the one at which the contact just earns what it costs.
    """
    earned = value + spent
    slope = np.where(np.abs(strength) > 1e-6, earned / np.where(strength == 0, 1.0, strength), 0.0)
    needed = np.where(slope > 1e-9, spent / np.maximum(slope, 1e-9), np.inf)
    z = np.clip((strength - needed) / np.maximum(spread, 1e-6), -8.0, 8.0)
    return _normal(np.where(np.isfinite(z), z, -8.0))


def _normal(z: Array) -> Array:
    """Return the standard normal distribution function, to five decimals (Bowling 2009)."""
    return np.asarray(1.0 / (1.0 + np.exp(-0.07056 * z**3 - 1.5976 * z)))


def _rows(
    chosen: _Chosen,
    effects: _Effects,
    found: Candidates,
    allowed: Permitted,
    snapshot: Snapshot,
    known: Tables,
    model: Model,
    policy: Policy,
    seed: int,
) -> pl.DataFrame:
    """Put the decisions together: verdict, words and everything needed to replay them."""
    draft = _draft(chosen, effects, found, allowed, snapshot)
    reviews = gate.reviews(draft, known, as_of=allowed.as_of, policy=policy, seed=seed)
    draft = draft.with_columns(
        review_reason=reviews["review_reason"],
        obstacle=reviews["obstacle"],
        evidence=reviews["evidence"],
        is_escalation=pl.col("verdict") == "escalate",
    )
    held = pl.col("review_reason").is_not_null() & (pl.col("verdict") != "escalate")
    draft = draft.with_columns(verdict=pl.when(held).then(pl.lit("review")).otherwise("verdict"))
    model_version, policy_version = model.version, policy.version
    key = f"{allowed.as_of.isoformat()}|{model_version}|{policy_version}|{seed}|"
    ids = [
        hashlib.sha256((key + customer).encode()).hexdigest()[:16]
        for customer in draft["customer_id"].to_list()
    ]
    return draft.with_columns(
        decision_id=pl.Series(ids),
        decided_at=pl.lit(allowed.as_of).cast(INSTANT),
        reasons=reasons(draft),
        model_version=pl.lit(model_version),
        policy_version=pl.lit(policy_version),
    ).select([pl.col(c).cast(t) for c, t in SCHEMA.items()])


def _draft(
    chosen: _Chosen, effects: _Effects, found: Candidates, allowed: Permitted, snapshot: Snapshot
) -> pl.DataFrame:
    grid, actions = allowed.grid, chosen.actions
    escalated = allowed.escalate
    contacted = (actions[:, 0] >= 0) & ~escalated
    when = (
        send_at(
            grid,
            as_of=allowed.as_of,
            zones=allowed.customers["zone"],
            day=np.maximum(actions[:, 2], 0),
            hour=np.maximum(actions[:, 3], 0),
        )
        if grid.hours
        else pl.Series([None] * len(actions), dtype=INSTANT)
    )
    channels = pl.Series([*grid.channels, None], dtype=pl.String)
    tones = pl.Series([*grid.tones, None], dtype=pl.String)
    verdict = np.where(escalated, "escalate", np.where(contacted, "contact", "wait"))
    some = pl.Series(contacted)
    draft = allowed.customers.with_columns(
        verdict=pl.Series(verdict),
        channel=channels.gather(np.where(contacted, actions[:, 0], len(grid.channels))),
        tone=tones.gather(np.where(contacted, actions[:, 1], len(grid.tones))),
        day=pl.Series(actions[:, 2]),
        send_at=when,
        propensity=pl.Series(np.where(escalated, 1.0, chosen.propensity)),
        explored=pl.Series(chosen.explored & ~escalated),
        p_paid=pl.Series(np.where(contacted, effects.p_paid, effects.p_paid_wait)).round(6),
        p_paid_wait=pl.Series(effects.p_paid_wait).round(6),
        cost=pl.Series(np.where(contacted, effects.cost, 0.0)).round(4),
        value=pl.Series(np.where(contacted, effects.value, 0.0)).round(4),
        p_better=pl.Series(np.where(contacted, effects.p_better, 1.0)),
        p_override=pl.Series(found.override_of(actions)),
        candidates=pl.Series(chosen.counts),
        capacity_taken=pl.Series(chosen.full),
    ).with_columns(send_at=pl.when(some).then("send_at"))
    return _with_case(draft, effects, found, allowed, snapshot, actions)


def _with_case(
    draft: pl.DataFrame,
    effects: _Effects,
    found: Candidates,
    allowed: Permitted,
    snapshot: Snapshot,
    actions: Integers,
) -> pl.DataFrame:
    """Add what each decision is about: its invoices, amount, and the customer's situation."""
    row = found.invoices["row"].to_numpy()
    handed = found.invoices["escalate"].to_numpy()
    about = np.where(allowed.escalate[row], handed, effects.covered)
    cases = (
        found.invoices.filter(pl.Series(about))
        .group_by("row", maintain_order=True)
        .agg(
            invoice_ids=pl.col("invoice_id"),
            amount=pl.col("balance").sum(),
            days_overdue=pl.col("days_overdue").max().cast(pl.Float64),
        )
    )
    habits = snapshot.rows.unique("customer_id", keep="first", maintain_order=True).select(
        "customer_id", "usual_delay", "past_settled", "visits_unpaid", "contacts"
    )
    padded = np.concatenate([found.answers, np.zeros((len(actions), 1))], axis=1)
    answers = padded[np.arange(len(actions)), actions[:, 0]]
    return (
        draft.with_row_index("row")
        .with_columns(
            pl.col("row").cast(pl.Int64),
            answers_here=pl.Series(answers),
        )
        .join(
            cases.with_columns(pl.col("row").cast(pl.Int64)),
            on="row",
            how="left",
            maintain_order="left",
        )
        .join(habits, on="customer_id", how="left", maintain_order="left")
    )


__all__ = ["ESCALATE_AFTER", "SCHEMA", "decide"]
