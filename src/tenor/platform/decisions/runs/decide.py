"""Decide for everybody with an open invoice: by the engine, or by the fixed ladder."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from math import floor

import polars as pl

from tenor.engine.decision import SCHEMA, decide
from tenor.engine.experiments.assign import lots
from tenor.engine.features.build import Population, population_of
from tenor.engine.frames import AMOUNT, Tables
from tenor.engine.ledger import invoice_states
from tenor.engine.policy import gate
from tenor.engine.policy.explain import RULE_TEXTS
from tenor.engine.policy.ladder import Step, ladder
from tenor.engine.policy.permitted import permitted
from tenor.engine.policy.policyfile import Policy
from tenor.engine.predictors.model import Model

# What a decision says of somebody who is in no arm, and of somebody who objected to profiling and
# is left to the ladder for that.
TREATED, UNPROFILED = "treated", "unprofiled"
# After the due date: what is sent earlier is prevention.
_OVERDUE = 1


class By(Enum):
    """What decides about those in an arm."""

    LIVE = "live"  # what decides about everybody else
    LEARNED = "learned"  # a predictor and rules of the arm's own
    LADDER = "ladder"  # the fixed ladder
    NOTHING = "nothing"  # nobody is contacted; who is due for handing over is proposed for it


@dataclass(frozen=True)
class Arm:
    """Some customers who are decided about in a way of their own, to be compared with others.

    `experiment` is empty for the standing comparison group. `model`, `policy` and the `policies`
    of segments are those of an arm that decides by `By.LEARNED`; `rungs` may be another ladder than
    the organisation's.
    """

    name: str
    customers: frozenset[str]
    by: By
    experiment: str = ""
    model: Model | None = None
    policy: Policy | None = None
    policies: Mapping[str, Policy] = field(default_factory=dict)
    rungs: Sequence[Step] = ()


@dataclass(frozen=True)
class Way:
    """How a day is decided.

    `model` None leaves everybody to the ladder. `policies` holds the rules of segments for which
    they differ from `policy`; `arms` are the customers for whom another way is tried or kept (each
    in one arm at most), `unprofiled` those for whom nothing learned may choose: the ladder does,
    and nothing is tried out. With the `population` of a whole portfolio the facts may be those of
    a few customers alone.
    """

    as_of: datetime
    seed: int
    model: Model | None
    policy: Policy
    policies: Mapping[str, Policy]
    rungs: Sequence[Step]
    arms: Sequence[Arm] = ()
    prevention: bool = True
    population: Population | None = None
    unprofiled: frozenset[str] = frozenset()

    @property
    def rules(self) -> Policy:
        """Return the rules of everybody, without prevention where that is switched off."""
        return self.kept_to(self.policy)

    def kept_to(self, policy: Policy) -> Policy:
        """Return rules without prevention where that is switched off."""
        if self.prevention:
            return policy
        first = max(policy.limits.first_contact_from_due, _OVERDUE)
        return replace(policy, limits=replace(policy.limits, first_contact_from_due=first))

    def arm_of(self, customer_key: str) -> Arm | None:
        """Return the arm that a customer is in."""
        return next((arm for arm in self.arms if customer_key in arm.customers), None)


@dataclass(frozen=True)
class Group:
    """Customers who are decided about together: by what, and by the rules as they are applied.

    What each was decided with, to the last value: with it the decision can be made again.
    """

    customers: pl.DataFrame
    by: By
    model: Model | None
    policy: Policy
    rungs: Sequence[Step] = ()


def decided(known: Tables, segments: pl.DataFrame, way: Way) -> pl.DataFrame:
    """Return a decision a customer, as the engine's, with what it is about and what a ladder does.

    Parameters
    ----------
    segments : `customer_id, segment` of everybody with an open invoice.

    Returns
    -------
    The columns of `engine.decision.SCHEMA`, and `amount`, `currency`, `days_overdue`, `segment`,
    `ladder_channel`, `ladder_tone`, `arm` ("treated", "unprofiled", or the name of an arm) and
    `experiment` ("" outside of experiments). Sorted by `customer_id`.
    """
    segments = segments.with_columns(
        segment=pl.when(~_unprofiled(way)).then("segment")  # how somebody pays is a profile
    )
    baseline = ladder(known, as_of=way.as_of, policy=way.rules, rungs=way.rungs)
    parts = list(groups(segments, way))
    learned = [part for part in parts if part.by is By.LEARNED]
    if len(learned) > 1 and way.population is None:
        way = replace(way, population=population_of(known, way.as_of))
    rows = [_by_engine(known, part, way) for part in learned]
    for part in parts:
        if part.by is not By.LEARNED:
            room = _room(way.rules, rows, way.as_of)
            rows.append(_by_ladder(known, part, baseline, way, room))
    if not rows:
        return _described(pl.DataFrame(schema=SCHEMA), known, segments, baseline, way)
    return _described(pl.concat(rows).sort("customer_id"), known, segments, baseline, way)


def groups(segments: pl.DataFrame, way: Way) -> Iterator[Group]:
    """Go through those who are decided about together; who is not in one has nothing open.

    Those who are decided about by what was learned come first, and share people's time by their
    number: the ladder has what is left of it.
    """
    left: list[Group] = []
    learned: list[tuple[Model, Policy, pl.DataFrame]] = []
    rest = segments
    for arm in (arm for arm in way.arms if arm.by is not By.LIVE):
        inside = pl.col("customer_id").is_in(list(arm.customers)) & ~_unprofiled(way)
        mine, rest = rest.filter(inside), rest.filter(~inside)
        if mine.is_empty():
            continue
        if arm.by is By.LEARNED and arm.model is not None:
            policy = arm.policy or way.policy
            learned += _by_segment(mine, arm.model, policy, arm.policies, way)
        else:
            by = By.NOTHING if arm.by is By.NOTHING else By.LADDER
            left.append(Group(mine, by, None, way.rules, arm.rungs or way.rungs))
    live = rest if way.model is None else rest.filter(_unprofiled(way))
    if way.model is not None:
        others = rest.filter(~_unprofiled(way))
        learned[:0] = _by_segment(others, way.model, way.policy, way.policies, way)
    if live.height:
        left.append(Group(live, By.LADDER, None, way.rules, way.rungs))
    yield from _shared(learned, way)
    yield from _joined(left)


def _by_segment(
    some: pl.DataFrame, model: Model, policy: Policy, policies: Mapping[str, Policy], way: Way
) -> list[tuple[Model, Policy, pl.DataFrame]]:
    """Part customers by the rules that hold for their segment."""
    own = pl.col("segment").is_in(list(policies)).fill_null(False)
    found = [(model, way.kept_to(policy), some.filter(~own))]
    found += [
        (model, way.kept_to(policies[name]), some.filter(segment=name)) for name in sorted(policies)
    ]
    return [(m, p, group) for m, p, group in found if group.height]


def _shared(learned: Sequence[tuple[Model, Policy, pl.DataFrame]], way: Way) -> Iterator[Group]:
    """Give each group its part of people's time, so that all together stay within it.

    Segments get whole contacts, rounded down. Where arms are compared, chance rounds up or down by
    the day, so that each has its part in the long run however small it is.
    """
    everybody = sum(group.height for _model, _policy, group in learned)
    compared = any(arm.by is By.LEARNED for arm in way.arms)
    day = pl.Series([str(way.seed)])
    chance = float(lots(day, salt="people's time")[0]) if compared else None
    before = 0
    for model, policy, group in learned:
        part = _part(policy, before, before + group.height, everybody, chance)
        before += group.height
        yield Group(group, By.LEARNED, model, part, way.rungs)


def _joined(left: Sequence[Group]) -> Iterator[Group]:
    """Put those together whom the same ladder decides about: people's time goes round once."""
    kinds: dict[tuple[By, tuple[Step, ...]], list[Group]] = {}
    for group in left:
        kinds.setdefault((group.by, tuple(group.rungs)), []).append(group)
    for (by, rungs), some in kinds.items():
        customers = pl.concat([group.customers for group in some]).sort("customer_id")
        yield Group(customers, by, None, some[0].policy, rungs)


def _by_engine(known: Tables, group: Group, way: Way) -> pl.DataFrame:
    assert group.model is not None
    return decide(
        known,
        as_of=way.as_of,
        model=group.model,
        policy=group.policy,
        seed=way.seed,
        customers=group.customers["customer_id"].to_list(),
        population=way.population,
    )


def _part(policy: Policy, start: int, end: int, everybody: int, chance: float | None) -> Policy:
    """Give a group of customers, from one place to another in the row, its part of what is scarce:
    of people's time, and of what exploring may cost."""
    if end - start == everybody:
        return policy

    def part(capacity: int | None) -> int | None:
        if capacity is None or chance is None:
            return None if capacity is None else capacity * (end - start) // everybody
        until, before = (floor(capacity * at / everybody + chance) for at in (end, start))
        return until - before

    price = policy.exploration.price_per_day
    own = None if price is None else price * (end - start) / everybody
    return replace(
        policy,
        exploration=replace(policy.exploration, price_per_day=own),
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
    known: Tables, group: Group, baseline: pl.DataFrame, way: Way, room: Mapping[str, int]
) -> pl.DataFrame:
    """Decide as the fixed ladder does, within what people's time is left; or ask nobody."""
    left = group.customers
    mine = known.of_customers(left["customer_id"])
    allowed = permitted(mine, as_of=way.as_of, policy=way.rules)
    if tuple(group.rungs) != tuple(way.rungs):
        baseline = ladder(mine, as_of=way.as_of, policy=way.rules, rungs=group.rungs)
    turn = baseline.join(left, on="customer_id", how="semi")
    if group.by is By.NOTHING:
        turn = turn.filter(pl.col("verdict") == "escalate")
    place = pl.int_range(pl.len()).over("channel")
    space = pl.col("channel").replace_strict(dict(room), default=None, return_dtype=pl.Int64)
    turn = turn.filter(space.is_null() | (place < space))
    everything = allowed.invoices.group_by("customer_id").agg(all_ids=pl.col("invoice_id"))
    costs = {c.name: c.cost for c in way.rules.channels}
    rungs = sorted(group.rungs, key=lambda step: step.day)
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
            reasons=_alone_reasons() if group.by is By.NOTHING else _ladder_reasons(rungs),
        )
    )
    draft = draft.join(amounts(draft, known, way.as_of), on="customer_id", how="left")
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


def _alone_reasons() -> pl.Expr:
    """Say why nobody is contacted whom the rules would let be."""
    rule = pl.col("waiting").list.first().replace_strict(RULE_TEXTS, default=None)
    kept_by = pl.when(pl.col("verdict") == "wait").then(rule)
    handed = pl.col("verdict") == "escalate"
    text = (
        pl.when(handed)
        .then(pl.lit("fixed ladder: due for handing over"))
        .otherwise(pl.lit("comparison: nobody is contacted in this group"))
    )
    return pl.concat_list(kept_by, text).list.drop_nulls()


def _as_decisions(draft: pl.DataFrame, way: Way) -> pl.DataFrame:
    held = pl.col("review_reason").is_not_null() & (pl.col("verdict") == "contact")
    key = f"{way.as_of.isoformat()}|ladder|{way.rules.version}|{way.seed}|"
    ids = [
        hashlib.sha256((key + customer).encode()).hexdigest()[:16]
        for customer in draft["customer_id"].to_list()
    ]
    draft = draft.with_columns(
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
    )
    # What only the engine knows of its own choice stays empty.
    unknown = [pl.lit(None).alias(name) for name in SCHEMA if name not in draft.columns]
    return draft.with_columns(unknown).select([pl.col(c).cast(t) for c, t in SCHEMA.items()])


def amounts(rows: pl.DataFrame, known: Tables, as_of: datetime) -> pl.DataFrame:
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
    for part in (amounts(rows, known, way.as_of), segments, steps, _arms(way)):
        rows = rows.join(part, on="customer_id", how="left", maintain_order="left")
    return rows.with_columns(
        arm=pl.when(_unprofiled(way)).then(pl.lit(UNPROFILED)).otherwise("arm").fill_null(TREATED),
        experiment=pl.when(~_unprofiled(way)).then("experiment").fill_null(""),
    )


def _arms(way: Way) -> pl.DataFrame:
    """Return who is in which arm: `customer_id, arm, experiment`."""
    schema = {"customer_id": pl.String, "arm": pl.String, "experiment": pl.String}
    found = [(key, arm.name, arm.experiment) for arm in way.arms for key in arm.customers]
    return pl.DataFrame(found, schema=schema, orient="row")


def _unprofiled(way: Way) -> pl.Expr:
    return pl.col("customer_id").is_in(list(way.unprofiled))
