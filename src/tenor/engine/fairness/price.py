"""What it costs to judge by behaviour alone: quality and worth with and without who people are."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from tenor.engine.decision import decide
from tenor.engine.errors import InputError
from tenor.engine.evaluate.bootstrap import percentiles, resample_counts
from tenor.engine.evaluate.figures import Figure, Score, scores
from tenor.engine.evaluate.logged import LogValue, value_on_contacts
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states, settlements
from tenor.engine.policy.policyfile import Policy
from tenor.engine.predictors.history import Report
from tenor.engine.predictors.model import Model, fit
from tenor.engine.predictors.score import chances

HORIZON = timedelta(days=30)
_WEEK = timedelta(days=7)
_MOST_INSTANTS = 8
_LEVEL = 0.95
_RESAMPLES = 500


@dataclass(frozen=True)
class Price:
    """Both ways side by side, learned at `as_of` and judged by what came after.

    `with_identity` and `behaviour_only` are how well payment within thirty days was foretold, on
    the same `rows`; `auc_price` and `brier_price` what leaving identity out costs (above 0: worse).
    `expected` and `expected_behaviour_only` are what each way foretells that its own decisions of
    that day bring in, a customer, in the policy's currency, and `expected_price` the difference:
    each by its own lights. `logged` and `logged_behaviour_only` are what the log says of each, as
    a share of the amount asked; None where it cannot tell, with `why_not`.
    """

    as_of: datetime
    rows: int
    customers: int
    currency: str
    with_identity: Score
    behaviour_only: Score
    auc_price: Figure
    brier_price: Figure
    expected: Figure
    expected_behaviour_only: Figure
    expected_price: Figure
    logged: LogValue | None
    logged_behaviour_only: LogValue | None
    why_not: str


def price(
    tables: Tables,
    *,
    as_of: datetime,
    policy: Policy,
    full: Model | None = None,
    seed: int = 0,
    report: Report | None = None,
) -> Price:
    """Learn with and without who people are at `as_of` (aware), and compare by what came after.

    Parameters
    ----------
    tables : with at least thirty days after `as_of`.
    full : the predictor with identity, where it was learned at `as_of` already.
    seed : of learning, deciding and resampling.

    Raises
    ------
    InputError
        Fewer than thirty days follow, or nothing was open.
    """
    arrive = policy.days_to_arrive
    if full is None or full.as_of != as_of or full.facts.get("behaviour_only"):
        full = fit(tables, as_of=as_of, days_to_arrive=arrive, seed=seed, report=report)
    blind = fit(
        tables, as_of=as_of, days_to_arrive=arrive, seed=seed, behaviour_only=True, report=report
    )
    rows = _foretold(tables, as_of, full, blind)
    outcome = rows["paid"].cast(pl.Float64).to_numpy()
    people = rows["customer_id"].to_numpy()
    ways = {name: rows[name].to_numpy() for name in ("behaviour only", "with identity")}
    rng = np.random.default_rng(seed)
    (second, first), lead = scores(ways, {}, outcome, people, rng=rng)
    squares = np.square(ways["behaviour only"] - outcome) - np.square(
        ways["with identity"] - outcome
    )
    values = _values(tables, as_of, full, blind, policy, seed)
    logged, logged_blind, why_not = _by_the_log(tables, as_of, full, blind, policy, seed)
    return Price(
        as_of=as_of,
        rows=rows.height,
        customers=rows["customer_id"].n_unique(),
        currency=policy.objective.currency,
        with_identity=first,
        behaviour_only=second,
        auc_price=Figure(-lead.value, -lead.upper, -lead.lower),
        brier_price=_mean(squares, people, rng),
        expected=_mean(values["full"].to_numpy(), values["customer_id"].to_numpy(), rng),
        expected_behaviour_only=_mean(
            values["blind"].to_numpy(), values["customer_id"].to_numpy(), rng
        ),
        expected_price=_mean(
            (values["full"] - values["blind"]).to_numpy(), values["customer_id"].to_numpy(), rng
        ),
        logged=logged,
        logged_behaviour_only=logged_blind,
        why_not=why_not,
    )


def _foretold(tables: Tables, as_of: datetime, full: Model, blind: Model) -> pl.DataFrame:
    """Return a row an open invoice and week: what each foretold, and whether it was paid."""
    ends = [c.max() for c in (tables.payments["paid_at"], tables.contacts["sent_at"]) if len(c)]
    end = max((e for e in ends if isinstance(e, datetime)), default=as_of)
    count = (end - HORIZON - as_of) // _WEEK + 1
    if count < 1:
        raise InputError(
            f"the facts end on {end:%Y-%m-%d}, less than {HORIZON.days} days after "
            f"{as_of:%Y-%m-%d}: what leaving identity out costs shows only later; "
            "give an earlier --as-of"
        )
    step = max(1, -(-count // _MOST_INSTANTS))
    paid = settlements(tables.known_at(end)).select("invoice_id", "settled_at")
    parts = []
    for k in range(0, count, step):
        instant = as_of + _WEEK * k
        past = tables.known_at(instant)
        here = invoice_states(past, instant).filter("is_open").select("invoice_id", "customer_id")
        for name, model in (("with identity", full), ("behaviour only", blind)):
            foretold = chances(past, as_of=instant, model=model)
            column = foretold.select("invoice_id", pl.col("p_paid_30d").alias(name))
            here = here.join(column, on="invoice_id", how="inner", maintain_order="left")
        in_time = (pl.col("settled_at") <= instant + HORIZON).fill_null(False)
        parts.append(
            here.join(paid, on="invoice_id", how="left", maintain_order="left").with_columns(
                paid=in_time
            )
        )
    rows = pl.concat(parts)
    if rows.is_empty() or rows["paid"].n_unique() < 2:
        raise InputError(f"too little was open after {as_of:%Y-%m-%d} to compare by")
    return rows


def _values(
    tables: Tables, as_of: datetime, full: Model, blind: Model, policy: Policy, seed: int
) -> pl.DataFrame:
    found = [
        decide(tables, as_of=as_of, model=model, policy=policy, seed=seed).select(
            "customer_id", pl.col("value").alias(name)
        )
        for name, model in (("full", full), ("blind", blind))
    ]
    return found[0].join(found[1], on="customer_id", how="inner", maintain_order="left")


def _by_the_log(
    tables: Tables, as_of: datetime, full: Model, blind: Model, policy: Policy, seed: int
) -> tuple[LogValue | None, LogValue | None, str]:
    try:
        one, other = (
            value_on_contacts(
                tables, model=m, policy=policy, from_=as_of, rng=np.random.default_rng(seed)
            )
            for m in (full, blind)
        )
    except InputError as error:
        return None, None, str(error)
    return one, other, ""


def _mean(values: np.ndarray, customers: np.ndarray, rng: np.random.Generator) -> Figure:
    """Return the mean a row and the interval that holds 95% of resamples of customers."""
    _, codes = np.unique(customers, return_inverse=True)
    count = int(codes.max()) + 1
    sums = np.bincount(codes, weights=values, minlength=count)
    rows = np.bincount(codes, minlength=count).astype(np.float64)
    blocks = resample_counts(count, resamples=_RESAMPLES, rng=rng)
    drawn = np.concatenate([(block @ sums) / (block @ rows) for block in blocks])
    return Figure(float(values.mean()), *percentiles(drawn, level=_LEVEL))
