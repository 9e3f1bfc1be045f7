"""The whole decision, from facts to who is contacted how and when, in one function."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.features.build import Population, Snapshot, build
from tenor.engine.frames import INSTANT, Tables
from tenor.engine.policy import gate
from tenor.engine.policy.actions import Integers, send_at
from tenor.engine.policy.candidates import Candidates, candidates
from tenor.engine.policy.choice import Chosen, choose
from tenor.engine.policy.explain import reasons
from tenor.engine.policy.gain import asked, gains
from tenor.engine.policy.outcome import Outcome, outcome_of
from tenor.engine.policy.permitted import ESCALATE_AFTER, Permitted, permitted
from tenor.engine.policy.policyfile import Policy
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
    "propensity_channel": pl.Float64(),
    "propensity_tone": pl.Float64(),
    "propensity_time": pl.Float64(),
    "eligible": pl.String(),
    "explored_by": pl.String(),
    "expected_loss": pl.Float64(),
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
    chosen = choose(gain, found, allowed, known, model, policy, seed)
    effects = outcome_of(chosen.actions, gain, found, allowed, model, policy)
    return _rows(chosen, effects, found, allowed, snapshot, known, model, policy, seed)


def _open(found: Candidates, allowed: Permitted) -> Permitted:
    """Leave open only days on which an invoice that a contact covers may be asked for.

    Who is about to be handed over is not contacted, and takes nobody's place.
    """
    row = found.invoices["row"].to_numpy()
    some = np.zeros((len(allowed.channel_day), allowed.grid.days), dtype=bool)
    np.logical_or.at(some, row, asked(found, allowed))
    some &= ~allowed.escalate[:, None]
    return replace(allowed, channel_day=allowed.channel_day & some[:, None, :])


def _rows(
    chosen: Chosen,
    effects: Outcome,
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
    chosen: Chosen, effects: Outcome, found: Candidates, allowed: Permitted, snapshot: Snapshot
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
        explored=chosen.explored_by.is_not_null(),
        p_paid=pl.Series(np.where(contacted, effects.p_paid, effects.p_paid_wait)).round(6),
        p_paid_wait=pl.Series(effects.p_paid_wait).round(6),
        cost=pl.Series(np.where(contacted, effects.cost, 0.0)).round(4),
        value=pl.Series(np.where(contacted, effects.value, 0.0)).round(4),
        p_better=pl.Series(np.where(contacted, effects.p_better, 1.0)),
        p_override=pl.Series(found.override_of(actions)),
        candidates=pl.Series(chosen.counts),
        capacity_taken=pl.Series(chosen.full),
        **{
            f"propensity_{name}": pl.Series(np.where(escalated, 1.0, chance))
            for name, chance in chosen.factors.items()
        },
        eligible=chosen.eligible,
        explored_by=chosen.explored_by,
        expected_loss=pl.Series(chosen.expected_loss).round(6),
    ).with_columns(send_at=pl.when(some).then("send_at"))
    return _with_case(draft, effects, found, allowed, snapshot, actions)


def _with_case(
    draft: pl.DataFrame,
    effects: Outcome,
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
