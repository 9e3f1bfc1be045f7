"""Decide for everybody with an open invoice: by the engine, or by the fixed ladder."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from tenor.engine.decision import SCHEMA, decide
from tenor.engine.features.build import Population
from tenor.engine.frames import AMOUNT, Tables
from tenor.engine.ledger import invoice_states
from tenor.engine.policy import gate
from tenor.engine.policy.explain import RULE_TEXTS
from tenor.engine.policy.ladder import Step, ladder
from tenor.engine.policy.permitted import permitted
from tenor.engine.policy.policyfile import Policy
from tenor.engine.predictors.model import Model

# After the due date: what is sent earlier is prevention.
_OVERDUE = 1


@dataclass(frozen=True)
class Way:
    """How a day is decided.

    `model` None leaves everybody to the ladder. `policies` holds the rules of segments for which
    they differ from `policy`; `control` are the customers who are left to the ladder, `unprofiled`
    those for whom nothing learned may choose: the ladder does, and nothing is tried out. With the
    `population` of a whole portfolio the facts may be those of a few customers alone.
    """

    as_of: datetime
    seed: int
    model: Model | None
    policy: Policy
    policies: Mapping[str, Policy]
    rungs: Sequence[Step]
    control: frozenset[str]
    prevention: bool = True
    population: Population | None = None
    unprofiled: frozenset[str] = frozenset()

    @property
    def rules(self) -> Policy:
        """Return the rules of everybody, without prevention where that is switched off."""
        return self._of(self.policy)

    def rules_of(self, segment: str) -> Policy:
        """Return the rules of a segment."""
        return self._of(self.policies.get(segment, self.policy))

    def _of(self, policy: Policy) -> Policy:
        if self.prevention:
            return policy
        first = max(policy.limits.first_contact_from_due, _OVERDUE)
        return replace(policy, limits=replace(policy.limits, first_contact_from_due=first))


def decided(known: Tables, segments: pl.DataFrame, way: Way) -> pl.DataFrame:
    """Return a decision a customer, as the engine's, with what it is about and what a ladder does.

    Parameters
    ----------
    segments : `customer_id, segment` of everybody with an open invoice.

    Returns
    -------
    The columns of `engine.decision.SCHEMA`, and `amount`, `currency`, `days_overdue`, `segment`,
    `ladder_channel`, `ladder_tone`, `arm` ("treated", "control", or "unprofiled"). Sorted by
    `customer_id`.
    """
    segments = segments.with_columns(
        segment=pl.when(~_unprofiled(way)).then("segment")  # how somebody pays is a profile
    )
    baseline = ladder(known, as_of=way.as_of, policy=way.rules, rungs=way.rungs)
    control = pl.col("customer_id").is_in([*way.control, *way.unprofiled])
    treated = segments if way.model is None else segments.filter(~control)
    rows = []
    if way.model is not None and treated.height:
        rows.append(_by_engine(known, treated, way, way.model))
    left = segments if way.model is None else segments.filter(control)
    if left.height:
        room = _room(way.rules, rows, way.as_of)
        rows.append(_by_ladder(known, left, baseline, way, room))
    if not rows:
        return _described(pl.DataFrame(schema=SCHEMA), known, segments, baseline, way)
    return _described(pl.concat(rows).sort("customer_id"), known, segments, baseline, way)


def _by_engine(known: Tables, treated: pl.DataFrame, way: Way, model: Model) -> pl.DataFrame:
    """Decide by what was learned; segments with rules of their own get their part of capacity."""
    own = pl.col("segment").is_in(list(way.policies))
    groups = [(way.rules, treated.filter(~own))]
    groups += [(way.rules_of(name), treated.filter(segment=name)) for name in sorted(way.policies)]
    found = []
    for policy, group in groups:
        if group.is_empty():
            continue
        found.append(
            decide(
                known,
                as_of=way.as_of,
                model=model,
                policy=_part(policy, group.height, treated.height),
                seed=way.seed,
                customers=group["customer_id"].to_list(),
                population=way.population,
            )
        )
    return pl.concat(found)


def _part(policy: Policy, some: int, everybody: int) -> Policy:
    """Give a group of customers its part of people's time, so that all together stay within it."""
    if some == everybody:
        return policy

    def part(capacity: int | None) -> int | None:
        return None if capacity is None else capacity * some // everybody

    return replace(
        policy,
        channels=tuple(
            replace(
                channel,
                capacity_per_day=part(channel.capacity_per_day),
                capacity_per_week=part(channel.capacity_per_week),
            )
            for channel in policy.channels
        ),
    )


def _room(policy: Policy, planned: Sequence[pl.DataFrame], as_of: datetime) -> dict[str, int]:
    """Return how many contacts of each bounded channel are left today, after those planned."""
    room = {c.name: c.capacity_per_day for c in policy.channels if c.capacity_per_day is not None}
    for rows in planned:
        today = rows.filter(pl.col("send_at").dt.date() == as_of.date())
        for channel, count in today.group_by("channel").len().iter_rows():
            if channel in room:
                room[channel] = max(0, room[channel] - count)
    return room


def _by_ladder(
    known: Tables, left: pl.DataFrame, baseline: pl.DataFrame, way: Way, room: Mapping[str, int]
) -> pl.DataFrame:
    """Decide as the fixed ladder does, within what people's time is left."""
    mine = known.of_customers(left["customer_id"])
    allowed = permitted(mine, as_of=way.as_of, policy=way.rules)
    turn = baseline.join(left, on="customer_id", how="semi")
    place = pl.int_range(pl.len()).over("channel")
    space = pl.col("channel").replace_strict(dict(room), default=None, return_dtype=pl.Int64)
    turn = turn.filter(space.is_null() | (place < space))
    everything = allowed.invoices.group_by("customer_id").agg(all_ids=pl.col("invoice_id"))
    costs = {c.name: c.cost for c in way.rules.channels}
    rungs = sorted(way.rungs, key=lambda step: step.day)
    draft = (
        allowed.customers.select("customer_id", "rules", "waiting")
        .join(turn, on="customer_id", how="left", maintain_order="left")
        .join(everything, on="customer_id", how="left", maintain_order="left")
        .with_columns(
            pl.col("verdict").fill_null("wait"),
            pl.coalesce("invoice_ids", "all_ids").alias("invoice_ids"),
            cost=pl.col("channel").replace_strict(costs, default=0.0, return_dtype=pl.Float64),
            explored=pl.lit(False),
            p_better=pl.lit(None, dtype=pl.Float64),
        )
        .with_columns(
            rules=pl.when(pl.col("verdict") == "wait").then("waiting").otherwise("rules"),
            reasons=_ladder_reasons(rungs),
        )
    )
    draft = draft.join(_amounts(draft, known, way.as_of), on="customer_id", how="left")
    reviews = gate.reviews(draft, mine, as_of=way.as_of, policy=way.rules, seed=way.seed)
    draft = draft.with_columns(review_reason=reviews["review_reason"])
    return _as_decisions(draft, way)


def _ladder_reasons(rungs: Sequence[Step]) -> pl.Expr:
    """Say in words what the ladder does with each, and the rule that keeps it from doing more."""
    days = dict(enumerate(step.day for step in rungs))
    day = pl.col("rung").replace_strict(days, default=None, return_dtype=pl.Int64)
    rule = pl.col("waiting").list.first().replace_strict(RULE_TEXTS, default=None)
    kept_by = pl.when(pl.col("verdict") == "wait").then(rule)
    handed = pl.col("verdict") == "escalate"
    text = pl.coalesce(
        pl.when(handed).then(pl.lit("fixed ladder: due for handing over")),
        pl.format("fixed ladder: its step of day {}", day),
        pl.lit("fixed ladder: no step today"),
    )
    return pl.concat_list(kept_by, text).list.drop_nulls()


def _as_decisions(draft: pl.DataFrame, way: Way) -> pl.DataFrame:
    held = pl.col("review_reason").is_not_null() & (pl.col("verdict") == "contact")
    key = f"{way.as_of.isoformat()}|ladder|{way.rules.version}|{way.seed}|"
    ids = [
        hashlib.sha256((key + customer).encode()).hexdigest()[:16]
        for customer in draft["customer_id"].to_list()
    ]
    return draft.with_columns(
        decision_id=pl.Series(ids, dtype=pl.String),
        decided_at=pl.lit(way.as_of),
        verdict=pl.when(held).then(pl.lit("review")).otherwise("verdict"),
        propensity=pl.lit(1.0),
        p_paid=pl.lit(None, dtype=pl.Float64),
        p_paid_wait=pl.lit(None, dtype=pl.Float64),
        value=pl.lit(0.0),
        candidates=pl.lit(0),
        model_version=pl.lit("ladder"),
        policy_version=pl.lit(way.rules.version),
    ).select([pl.col(c).cast(t) for c, t in SCHEMA.items()])


def _amounts(rows: pl.DataFrame, known: Tables, as_of: datetime) -> pl.DataFrame:
    """Return what each decision is about: `customer_id, amount, currency, days_overdue`.

    A request keeps to one currency; of somebody who is left alone, the one that is owed most.
    """
    states = invoice_states(known, as_of).select(
        "invoice_id", "currency", "balance", "days_overdue"
    )
    return (
        rows.select("customer_id", invoice_id="invoice_ids")
        .explode("invoice_id")
        .join(states, on="invoice_id", how="inner")
        .group_by("customer_id", "currency")
        .agg(
            amount=pl.col("balance").sum().cast(AMOUNT),
            days_overdue=pl.col("days_overdue").max(),
        )
        .sort("customer_id", "amount", "currency", descending=[False, True, False])
        .unique("customer_id", keep="first", maintain_order=True)
    )


def _described(
    rows: pl.DataFrame, known: Tables, segments: pl.DataFrame, baseline: pl.DataFrame, way: Way
) -> pl.DataFrame:
    """Add what each decision is about, who it is about, and what the ladder would do."""
    steps = baseline.select("customer_id", ladder_channel="channel", ladder_tone="tone")
    control = pl.col("customer_id").is_in(list(way.control))
    for part in (_amounts(rows, known, way.as_of), segments, steps):
        rows = rows.join(part, on="customer_id", how="left", maintain_order="left")
    return rows.with_columns(
        arm=pl.when(_unprofiled(way))
        .then(pl.lit("unprofiled"))
        .when(control)
        .then(pl.lit("control"))
        .otherwise(pl.lit("treated"))
    )


def _unprofiled(way: Way) -> pl.Expr:
    return pl.col("customer_id").is_in(list(way.unprofiled))
