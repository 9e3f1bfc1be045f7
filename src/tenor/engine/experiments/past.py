"""What an organisation's own past says of a figure: how it lies, varies, and how customers come."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

import numpy as np
import polars as pl

from tenor.engine.errors import InputError
from tenor.engine.events import Kind as Event
from tenor.engine.experiments.planning import Figure
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states

# Known so many days after an invoice fell due; what is not paid by then counts as so long.
RIPENS = {"paid_30d": 30, "days_to_pay": 60, "escalated": 90}
# An experiment usually takes about a quarter; the year before it tells who pays how.
_WINDOW = timedelta(weeks=12)
_YEAR = timedelta(days=365)
_FEW = 20
# What falls due so soon is looked at with what is due.
_SOON = timedelta(days=14)


@dataclass(frozen=True)
class Past:
    """A figure as it was: `customers` had an invoice in `weeks`, so many `a_week` new ones."""

    figure: Figure
    customers: int
    weeks: int
    a_week: float
    ripens: int


def past(tables: Tables, *, as_of: datetime, outcome: str) -> Past:
    """Return how the outcome lay in the last twelve weeks that are ripe at `as_of`.

    Parameters
    ----------
    outcome : one of `RIPENS`: share of invoices paid within 30 days of the due day, days from due
        day to payment (0 to 60), or share handed over within 90 days.

    Raises
    ------
    InputError
        An outcome without a past, or too few customers in it.
    """
    if outcome not in RIPENS:
        raise InputError(f"{outcome!r} has no past here; choose from {', '.join(RIPENS)}")
    ripens = RIPENS[outcome]
    rows = _figures(tables, as_of, outcome, ripens)
    until = (as_of - timedelta(days=ripens)).date()
    start = until - _WINDOW
    recent = rows.filter((pl.col("due_on") > start) & (pl.col("due_on") <= until))
    before = rows.filter((pl.col("due_on") <= start) & (pl.col("due_on") > start - _YEAR))
    each = _by_customer(recent)
    if each.height < _FEW:
        raise InputError(
            f"only {each.height} customers had an invoice in the twelve weeks up to {until}: give "
            "the figures yourself"
        )
    count = each["count"].to_numpy().astype(float)
    figure = Figure(
        usual=float(each["value"].to_numpy().mean()),
        spread=None if outcome != "days_to_pay" else float(recent["value"].to_numpy().std()) or 1.0,
        invoices=float(count.mean()),
        vary=float(count.std() / count.mean()),
        alike=alike(recent["customer_id"], recent["value"]),
        foretold=_foretold(each, _by_customer(before)),
    )
    weeks = _WINDOW.days // 7
    return Past(figure, each.height, weeks, each.height / weeks, ripens)


def foretold_by(tables: Tables, expected: pl.DataFrame, *, at: datetime, as_of: datetime) -> float:
    """Return how closely a predictor foretold who would pay, over customers, in [0, 1).

    The correlation, at an instant thirty days or more before `as_of`, of the mean chance of each
    customer's invoices that were due or would be within two weeks, with the share of them that
    was paid within thirty days; 0 where too few customers owed anything.

    Parameters
    ----------
    expected : `invoice_id, p_paid_30d` of the invoices that were open at `at`.
    """
    days = timedelta(days=RIPENS["paid_30d"])
    if at + days > as_of:
        raise InputError(
            f"what was foretold on {at:%Y-%m-%d} is known from {at + days:%Y-%m-%d} on"
        )
    states = invoice_states(tables, as_of).select(
        "invoice_id", "customer_id", "due_on", "settled_at"
    )
    paid = pl.col("settled_at").is_not_null() & (pl.col("settled_at") <= at + days)
    each = (
        expected.join(states, on="invoice_id")
        .filter(pl.col("due_on") <= (at + _SOON).date())
        .group_by("customer_id")
        .agg(expected=pl.col("p_paid_30d").mean(), came=paid.cast(pl.Float64).mean())
    )
    if each.height < _FEW:
        return 0.0
    foretold, came = each["expected"].to_numpy(), each["came"].to_numpy()
    if foretold.std() == 0.0 or came.std() == 0.0:
        return 0.0
    return min(max(float(np.corrcoef(foretold, came)[0, 1]), 0.0), 0.99)


def alike(customers: pl.Series, values: pl.Series) -> float:
    """Return the intraclass correlation of values [n] within customers, in [0, 1].

    The estimator by analysis of variance for groups of unequal size (Donner 1986).
    """
    rows = pl.DataFrame({"customer": customers, "value": values.cast(pl.Float64)})
    groups = rows.group_by("customer").agg(
        n=pl.len(), mean=pl.col("value").mean(), within=pl.col("value").var(ddof=0) * pl.len()
    )
    n = groups["n"].to_numpy().astype(float)
    total, k = n.sum(), len(n)
    if total <= k or k < 2:
        return 0.0
    mean = float(rows["value"].to_numpy().mean())
    between = float((n * (groups["mean"].to_numpy() - mean) ** 2).sum()) / (k - 1)
    within = float(groups["within"].to_numpy().sum()) / (total - k)
    usual = (total - float((n**2).sum()) / total) / (k - 1)
    spread = between + (usual - 1.0) * within
    return float(np.clip((between - within) / spread, 0.0, 1.0)) if spread > 0.0 else 0.0


def _figures(tables: Tables, as_of: datetime, outcome: str, ripens: int) -> pl.DataFrame:
    """Return `customer_id, due_on, value` of every invoice that is ripe."""
    known = tables.known_at(as_of)
    due = pl.col("due_on").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    late = (pl.coalesce("settled_at", pl.lit(as_of)) - due).dt.total_seconds() / 86_400
    states = invoice_states(known, as_of).filter(
        pl.col("due_on") <= (as_of - timedelta(days=ripens)).date()
    )
    if outcome == "escalated":
        handed = known.events.filter(
            (pl.col("kind") == Event.ESCALATED) & pl.col("invoice_id").is_not_null()
        ).group_by("invoice_id").agg(handed_at=pl.col("at").min())  # fmt: skip
        states = states.join(handed, on="invoice_id", how="left", maintain_order="left")
        within = (pl.col("handed_at") - due).dt.total_seconds() <= ripens * 86_400
        value = within.fill_null(False)
    elif outcome == "paid_30d":
        value = pl.col("settled_at").is_not_null() & (late <= ripens)
    else:
        value = late.clip(0.0, float(ripens))
    return states.select("customer_id", "due_on", value=value.cast(pl.Float64))


def _by_customer(rows: pl.DataFrame) -> pl.DataFrame:
    return (
        rows.group_by("customer_id")
        .agg(value=pl.col("value").mean(), count=pl.len())
        .sort("customer_id")
    )


def _foretold(each: pl.DataFrame, before: pl.DataFrame) -> float:
    """Return how closely a customer's own past foretells them, over all customers, in [0, 1)."""
    both = each.join(before, on="customer_id", suffix="_before")
    if both.height < _FEW:
        return 0.0
    here, there = both["value"].to_numpy(), both["value_before"].to_numpy()
    if here.std() == 0.0 or there.std() == 0.0:
        return 0.0
    found = max(float(np.corrcoef(here, there)[0, 1]), 0.0)
    # Who has no past is foretold by nothing.
    return min(found * sqrt(both.height / each.height), 0.99)
