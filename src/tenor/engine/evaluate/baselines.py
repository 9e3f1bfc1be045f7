"""What a credit manager knows without a model: the customer's own past, and the average.

A predictor that does not beat these adds nothing; every figure of quality stands beside them.
"""

from datetime import UTC, datetime

import polars as pl

from tenor.engine.frames import Tables
from tenor.engine.predictors.history import outcomes

# In microseconds.
_DAY = 86_400e6
# A customer's latest invoices that are looked at one by one, and all customers' together: enough
# for a share to the percent, and a bound for the largest customers.
MOST_OWN = 200
MOST_PAST = 50_000


def past_invoices(known: Tables, as_of: datetime) -> pl.DataFrame:
    """Return each invoice's course in days relative to `as_of`, from facts known then.

    Columns: `invoice_id, customer_id, issued, due` (days, negative = before), `settled` (null
    while open or if it was closed first) and `ended` (settled, closed or 0 while still open).
    """
    return (
        known.invoices.select(
            "invoice_id",
            "customer_id",
            issued=_days(pl.col("issued_on"), as_of),
            due=_days(pl.col("due_on"), as_of),
        )
        .join(outcomes(known), on="invoice_id", how="left", maintain_order="left")
        .with_columns(_days(pl.col("settled_at"), as_of), _days(pl.col("closed_at"), as_of))
        .with_columns(
            settled=pl.when(
                pl.col("closed_at").is_null() | (pl.col("settled_at") <= pl.col("closed_at"))
            ).then("settled_at")
        )
        .with_columns(ended=pl.coalesce("settled", "closed_at", pl.lit(0.0)))
        .select("invoice_id", "customer_id", "issued", "due", "settled", "ended")
        .sort("invoice_id")  # sums of floats then do not depend on the order of the rows
    )


def own_shares(past: pl.DataFrame, horizon_days: int) -> tuple[pl.DataFrame, float]:
    """Return `customer_id, own_share` and the same share over all customers.

    Of all days on which an invoice of the customer was open, and which lie at least the horizon
    back, the share after which it was paid within the horizon: exactly the question asked of the
    predictor, answered from the own past. Customers without such a day have no row.
    """
    last = pl.lit(-float(horizon_days))
    open_days = (pl.min_horizontal("ended", last) - pl.col("issued")).clip(0)
    paid_from = pl.max_horizontal("issued", pl.col("settled") - horizon_days)
    paid_days = (pl.min_horizontal("settled", last) - paid_from).clip(0)
    paid = pl.when(pl.col("settled").is_not_null()).then(paid_days).otherwise(0.0)
    days = past.select("customer_id", open=open_days, paid=paid)
    total = days.select(pl.col("open", "paid").sum()).row(0)
    shares = (
        days.group_by("customer_id", maintain_order=True)
        .agg(pl.col("open").sum(), pl.col("paid").sum())
        .filter(pl.col("open") > 0)
        .select("customer_id", own_share=pl.col("paid") / pl.col("open"))
    )
    return shares, total[1] / total[0] if total[0] else 0.5


def own_shares_at_age(
    past: pl.DataFrame, open_invoices: pl.DataFrame, horizon_days: int
) -> pl.DataFrame:
    """Return `invoice_id, own_at_age`: the own past of invoices that were as late as this one.

    Of the customer's past invoices that were still open as many days after (or before) their due
    date as this one is now, at least the horizon ago, the share paid within the horizon from
    then. Where the customer has none, that of all customers' invoices. The toughest answer
    without a model: it knows the customer and the age.
    """
    terms = past.select(
        "customer_id",
        "issued",
        due=pl.col("due"),
        opened=pl.col("issued") - pl.col("due"),
        paid=pl.col("settled") - pl.col("due"),
        until=pl.col("ended") - pl.col("due"),
    )
    now = open_invoices.select("invoice_id", "customer_id", late=-pl.col("due"))
    latest = (
        terms.sort("issued", descending=True, maintain_order=True)
        .group_by("customer_id", maintain_order=True)
        .head(MOST_OWN)
    )
    own = (
        now.join(latest, on="customer_id", how="inner", maintain_order="left")
        .filter(*_at_risk(pl.col("late"), horizon_days))
        .group_by("invoice_id", maintain_order=True)
        .agg(own_at_age=_paid_within(pl.col("late"), horizon_days).mean())
    )
    some = terms.gather_every(max(1, -(-terms.height // MOST_PAST)))
    ages = now.select(age=pl.col("late").floor()).unique(maintain_order=True)["age"]
    by_age = pl.DataFrame(
        {"age": ages, "all_at_age": [_share_at(some, age, horizon_days) for age in ages]},
        schema={"age": pl.Float64, "all_at_age": pl.Float64},
    )
    return (
        now.with_columns(age=pl.col("late").floor())
        .join(own, on="invoice_id", how="left", maintain_order="left")
        .join(by_age, on="age", how="left", maintain_order="left")
        .select("invoice_id", own_at_age=pl.coalesce("own_at_age", "all_at_age"))
    )


def _at_risk(late: pl.Expr, horizon_days: int) -> list[pl.Expr]:
    """Choose invoices that were open at this lateness, at least the horizon ago."""
    return [
        pl.col("opened") <= late,
        pl.col("until") > late,
        pl.col("due") + late + horizon_days <= 0,
    ]


def _paid_within(late: pl.Expr, horizon_days: int) -> pl.Expr:
    return (pl.col("paid") <= late + horizon_days).fill_null(False).cast(pl.Float64)


def _share_at(terms: pl.DataFrame, age: float, horizon_days: int) -> float:
    """Return the share of all invoices open at this age that was paid within the horizon."""
    seen = terms.filter(*_at_risk(pl.lit(age), horizon_days))
    share = seen.select(_paid_within(pl.lit(age), horizon_days).mean()).item()
    return 0.5 if share is None else float(share)


def own_punctuality(past: pl.DataFrame) -> tuple[pl.DataFrame, float]:
    """Return `customer_id, own_punctual` and the same over all customers.

    The share of due invoices that were settled by their due date: one less the own late rate.
    """
    # The due day itself counts as in time, so an invoice is late from a day after it.
    due = past.filter(pl.col("due") + 1 <= 0).with_columns(
        punctual=(pl.col("settled") < pl.col("due") + 1).fill_null(False).cast(pl.Float64)
    )
    shares = due.group_by("customer_id", maintain_order=True).agg(
        own_punctual=pl.col("punctual").mean()
    )
    overall = due["punctual"].mean() if due.height else 0.5
    return shares, float(overall)  # type: ignore[arg-type]


def own_delays(past: pl.DataFrame) -> tuple[pl.DataFrame, float]:
    """Return `customer_id, own_delay` (median days from due date to payment) and that of all."""
    paid = past.filter(pl.col("settled").is_not_null()).with_columns(
        delay=pl.col("settled") - pl.col("due")
    )
    shares = paid.group_by("customer_id", maintain_order=True).agg(
        own_delay=pl.col("delay").median()
    )
    overall = paid["delay"].median() if paid.height else 0.0
    return shares, float(overall)  # type: ignore[arg-type]


def baselines(
    known: Tables, open_invoices: pl.DataFrame, as_of: datetime, horizons: tuple[int, ...]
) -> pl.DataFrame:
    """Return `open_invoices` (invoice_id, customer_id, due_on) with what the past alone says.

    Adds `own_<h>d`, `own_at_age_<h>d` and `base_<h>d` (chance of payment within h days) for each
    horizon, `punctual` (for ranking only) and `own_paid_days` (days from `as_of` to the
    expected payment, at least 0). Where a customer has no past, the average over all stands in.
    """
    past = past_invoices(known, as_of)
    rows = open_invoices.select("invoice_id", "customer_id", "due_on")
    current = past.join(rows, on="invoice_id", how="semi", maintain_order="left")
    for h in horizons:
        own = own_shares(past, h)
        at_age = own_shares_at_age(past, current, h).rename({"own_at_age": f"own_at_age_{h}d"})
        rows = (
            _added(rows, own, f"own_{h}d")
            .with_columns(pl.lit(own[1]).alias(f"base_{h}d"))
            .join(at_age, on="invoice_id", how="left", maintain_order="left")
        )
    rows = _added(rows, own_punctuality(past), "punctual")
    rows = _added(rows, own_delays(past), "own_delay")
    expected = (_days(pl.col("due_on"), as_of) + pl.col("own_delay")).clip(0)
    return rows.with_columns(own_paid_days=expected).drop("own_delay", "due_on")


def _added(rows: pl.DataFrame, own: tuple[pl.DataFrame, float], name: str) -> pl.DataFrame:
    """Add what each customer's past says under `name`, and the average where it says nothing."""
    shares, overall = own
    column = shares.rename({shares.columns[1]: name})
    joined = rows.join(column, on="customer_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col(name).fill_null(overall))


def _days(column: pl.Expr, as_of: datetime) -> pl.Expr:
    """Return days from `as_of` to a date or UTC instant, with fractions."""
    start = pl.lit(as_of.astimezone(UTC).replace(tzinfo=None), dtype=pl.Datetime("us"))
    passed = column.cast(pl.Datetime("us")) - start
    return passed.dt.total_microseconds().cast(pl.Float64) / _DAY
