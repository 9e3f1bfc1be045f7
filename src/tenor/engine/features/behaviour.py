"""Behaviour: what people did with the payment requests they got."""

from datetime import datetime

import polars as pl

from tenor.engine.events import SPANS, Kind
from tenor.engine.frames import Tables, received

COUNTED = (
    Kind.OPENED,
    Kind.CLICKED,
    Kind.PAGE_VISITED,
    Kind.PAYMENT_STARTED,
    Kind.PAYMENT_FAILED,
    Kind.REPLIED,
    Kind.PROMISED,
    Kind.PROMISE_BROKEN,
    Kind.DISPUTED,
    Kind.COMPLAINED,
    Kind.BOUNCED,
    Kind.PLAN_BROKEN,
)
# The kinds whose recency says something beyond their number.
RECENT = (Kind.CLICKED, Kind.PAGE_VISITED, Kind.PAYMENT_FAILED, Kind.REPLIED)


def behaviour(known: Tables, as_of: datetime) -> pl.DataFrame:
    """Return a row a customer with events: counts of the last 90 days and days since the latest.

    Also whether something is under way: a promise, a plan, a dispute or a hold that nothing has
    ended yet.
    """
    events = with_customer(known)
    days_ago = (pl.lit(as_of) - pl.col("at")).dt.total_seconds() / 86_400
    kind = pl.col("kind")
    counts = {f"{k}_90d": ((kind == k) & (days_ago <= 90)).sum().cast(pl.Float64) for k in COUNTED}
    since = {f"days_since_{k}": days_ago.filter(kind == k).min() for k in RECENT}
    never = pl.lit(datetime.min.replace(tzinfo=as_of.tzinfo))
    spans = {
        f"{start}_now": (
            pl.col("at").filter(kind == start).max()
            > pl.col("at").filter(kind == end).max().fill_null(never)
        )
        .fill_null(False)
        .cast(pl.Float64)
        for start, end in SPANS.items()
    }
    return events.group_by("customer_id").agg(
        **counts,
        **since,
        **spans,
        days_since_event=days_ago.min(),
    )


def visits_unpaid(known: Tables) -> pl.DataFrame:
    """Return `customer_id, visits_unpaid`: page visits since the last payment."""
    last_paid = (
        received(known.payments)
        .lazy()
        .join(
            known.invoices.lazy().select("invoice_id", "customer_id"),
            on="invoice_id",
            how="inner",
        )
        .group_by("customer_id")
        .agg(last_paid=pl.col("paid_at").max())
    )
    visits = with_customer(known).lazy().filter(pl.col("kind") == Kind.PAGE_VISITED)
    return (
        visits.join(last_paid, on="customer_id", how="left")
        .filter(pl.col("last_paid").is_null() | (pl.col("at") > pl.col("last_paid")))
        .group_by("customer_id")
        .agg(visits_unpaid=pl.len().cast(pl.Float64))
        .collect()
    )


def with_customer(known: Tables) -> pl.DataFrame:
    """Return the events with the customer filled in from the invoice where only that is given."""
    if known.events["customer_id"].null_count() == 0:
        return known.events
    owners = known.invoices.lazy().select("invoice_id", _owner="customer_id")
    return (
        known.events.lazy()
        .join(owners, on="invoice_id", how="left", maintain_order="left")
        .with_columns(customer_id=pl.coalesce("customer_id", "_owner"))
        .drop("_owner")
        .filter(pl.col("customer_id").is_not_null())
        .collect()
    )
