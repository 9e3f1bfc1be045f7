"""Would somebody be treated otherwise if they were somebody else? One column changed at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

import numpy as np
import polars as pl

from tenor.engine.decision import decide
from tenor.engine.errors import InputError
from tenor.engine.fairness.contrast import wilson
from tenor.engine.fairness.findings import Limits, limits_on
from tenor.engine.features.build import Population, population_of
from tenor.engine.frames import CUSTOMERS, PROTECTED_PREFIX, Tables, feature_columns
from tenor.engine.law.rights.fairness import flips
from tenor.engine.policy.policyfile import Policy
from tenor.engine.predictors.model import Model

PAIRS = 200
# What is compared: whether, how and in which tone; the hour may follow from a place's clock.
_DECIDED = ("verdict", "channel", "tone")


@dataclass(frozen=True)
class Swap:
    """What changed when `column` alone was given another customer's value.

    Of so many `pairs`, `changed` were decided otherwise: `rate` of them, with a 95% interval.
    `passes` follows the limit of the law's pack; None without any pair.
    """

    column: str
    pairs: int
    changed: int
    rate: float
    lower: float
    upper: float
    limit: float
    passes: bool | None

    @property
    def protected(self) -> bool:
        """Say whether it is a protected attribute, which nothing may depend on at all."""
        return self.column.startswith(PROTECTED_PREFIX)


def swappable(tables: Tables) -> list[str]:
    """Name the columns of customers that say who somebody is: protected, language, their own.

    Kind and country are left out: the law itself asks that they be treated otherwise.
    """
    columns = tables.customers.columns
    protected = [c for c in columns if c.startswith(PROTECTED_PREFIX)]
    free = feature_columns(CUSTOMERS, tables.customers)
    told = [c for c in ("language",) if tables.customers[c].drop_nulls().n_unique() > 1]
    return [*protected, *told, *free]


def swap(
    tables: Tables,
    *,
    as_of: datetime,
    model: Model,
    policy: Policy,
    columns: Sequence[str] | None = None,
    pairs: int = PAIRS,
    seed: int = 0,
    limits: Limits | None = None,
) -> tuple[Swap, ...]:
    """Give a sample of customers another's value in each column, and decide about them again.

    Parameters
    ----------
    columns : of `customers`; without it `swappable(tables)`.
    pairs : how many customers are tried a column, at most.
    seed : of the sample, of who swaps with whom, and of deciding.
    """
    known = tables.known_at(as_of)
    chosen = swappable(known) if columns is None else list(columns)
    missing = [c for c in chosen if c not in known.customers.columns]
    if missing:
        raise InputError(f"customers have no column {missing[0]!r} to swap")
    within = limits or limits_on(as_of.date())
    usual = population_of(known, as_of)
    # Where people's time is bounded or chance draws, a decision hangs on those about others too:
    # here each stands by itself.
    policy = replace(
        policy,
        review=replace(policy.review, sample=0.0),
        exploration=replace(policy.exploration, share=0.0),
        channels=tuple(
            replace(c, capacity_per_day=None, capacity_per_week=None) for c in policy.channels
        ),
    )
    rng = np.random.default_rng(seed)
    debtors = known.invoices["customer_id"].unique().sort()
    sample = debtors.gather(np.sort(rng.permutation(len(debtors))[: 2 * pairs]))
    before = _decided(known, sample, as_of, model, policy, usual, seed)
    found = []
    for column in chosen:
        ids = before["customer_id"].gather(np.sort(rng.permutation(before.height)[:pairs]))
        changed, count = _changed(
            known, column, ids, before, as_of, model, policy, usual, seed, rng
        )
        found.append(_judged(column, count, changed, within))
    return tuple(found)


def _changed(
    known: Tables, column: str, ids: pl.Series, before: pl.DataFrame, as_of: datetime,
    model: Model, policy: Policy, usual: Population, seed: int, rng: np.random.Generator,
) -> tuple[int, int]:  # fmt: skip
    customers = known.customers
    values = customers[column].drop_nulls()
    if values.n_unique() < 2:
        return 0, 0
    other = values.gather(rng.integers(len(values), size=customers.height))
    mine = pl.col("customer_id").is_in(ids.implode())
    altered = customers.with_columns(_other=other).with_columns(
        pl.when(mine).then("_other").otherwise(column).alias(column)
    )
    # Who drew their own value again is not a pair.
    drew = altered.filter(mine & customers[column].ne_missing(altered[column]))["customer_id"]
    if drew.is_empty():
        return 0, 0
    swapped = known.with_(customers=altered.drop("_other"))
    after = _decided(swapped, drew, as_of, model, policy, usual, seed)
    both = before.join(after, on="customer_id", suffix="_after")
    differs = pl.any_horizontal([pl.col(c).ne_missing(pl.col(f"{c}_after")) for c in _DECIDED])
    return both.filter(differs).height, both.height


def _decided(
    known: Tables, ids: pl.Series, as_of: datetime, model: Model, policy: Policy,
    usual: Population, seed: int,
) -> pl.DataFrame:  # fmt: skip
    decisions = decide(
        known, as_of=as_of, model=model, policy=policy, seed=seed, customers=ids.to_list(),
        population=usual,
    )  # fmt: skip
    return decisions.select("customer_id", *_DECIDED)


def _judged(column: str, pairs: int, changed: int, within: Limits) -> Swap:
    limit = within.most_flips / 100
    if not pairs:
        return Swap(column, 0, 0, float("nan"), float("nan"), float("nan"), limit, None)
    said = flips(pairs, changed, within.counterfactual)
    rate = float(said.rate_percent / Fraction(100))
    lower, upper = wilson(rate, pairs)
    return Swap(column, pairs, changed, rate, lower, upper, limit, said.passes)
