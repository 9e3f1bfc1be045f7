"""How old the receivables are, and what becomes of each age: buckets, recovery, roll rates."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import polars as pl

from tenor.engine.frames import AMOUNT
from tenor.engine.kpis.history import standing
from tenor.engine.kpis.ratios import Figure, roll_rate, share_pct

# Thirty-day buckets, the due day itself being current; each with its last day past due.
_UPPER = {"current": 0, "1-30": 30, "31-60": 60, "61-90": 90}
BUCKETS = (*_UPPER, "90+")
RECOVERY_DAYS = 30


@dataclass(frozen=True)
class Bucket:
    """What stands in one age, and how that age has been paid before.

    `recovered_pct`: of what stood in the bucket at past month ends, the share paid in the
    following 30 days. `rolled_pct`: what stands in the next bucket a month later, of what stood
    in this one (amounts of different invoices may meet; the usual warning).
    """

    name: str
    invoices: int
    amount: Decimal
    share_pct: Figure
    stood: Decimal
    recovered: Decimal
    recovered_pct: Figure
    rolled_pct: Figure | None


def days_past_due(due_on: date, as_of: date) -> int:
    """Return the days since the due day; 0 on it, negative before."""
    return (as_of - due_on).days


def ageing_bucket(days: int) -> str:
    """Name the bucket of an invoice so many days past due."""
    return next((name for name, upper in _UPPER.items() if days <= upper), BUCKETS[-1])


def bucket_expr(days: pl.Expr) -> pl.Expr:
    """Name the bucket of each row by its days past due (an expression of `BUCKETS`)."""
    chosen = pl.lit(BUCKETS[-1])
    for name, upper in reversed(_UPPER.items()):
        chosen = pl.when(days <= upper).then(pl.lit(name)).otherwise(chosen)
    return chosen


def open_by_bucket(course: pl.DataFrame, at: datetime) -> dict[str, tuple[int, Decimal]]:
    """Return bucket -> (open invoices, amount owed) at `at`, every bucket named."""
    rows = (
        standing(course, at)
        .filter("is_open")
        .group_by(bucket=bucket_expr(pl.col("days_past_due")))
        .agg(pl.len(), pl.col("balance").sum())
        .rows()
    )
    found = {name: (count, amount) for name, count, amount in rows}
    return {name: found.get(name, (0, Decimal(0))) for name in BUCKETS}


def recovered_by_bucket(
    course: pl.DataFrame, moments: list[datetime], days: int = RECOVERY_DAYS
) -> dict[str, tuple[Decimal, Decimal]]:
    """Return bucket -> (stood there, paid within `days` after), summed over `moments`.

    A cohort: the same invoices are looked at twice. What is paid counts at most what stood.
    """
    stood = dict.fromkeys(BUCKETS, Decimal(0))
    came = dict.fromkeys(BUCKETS, Decimal(0))
    for moment in moments:
        then = standing(course, moment).filter("is_open")
        later = standing(course, moment + timedelta(days=days)).select(
            "invoice_id", paid_later="paid"
        )
        paid = (pl.col("paid_later") - pl.col("paid")).cast(AMOUNT)
        rows = (
            then.join(later, on="invoice_id", how="left")
            .with_columns(
                came=pl.min_horizontal(pl.max_horizontal(paid, pl.lit(0, AMOUNT)), "balance")
            )
            .group_by(bucket=bucket_expr(pl.col("days_past_due")))
            .agg(pl.col("balance").sum(), pl.col("came").sum())
            .rows()
        )
        for name, balance, amount in rows:
            stood[name] += balance
            came[name] += amount
    return {name: (stood[name], came[name]) for name in BUCKETS}


def rolled(month_ends: list[dict[str, tuple[int, Decimal]]]) -> dict[str, Figure]:
    """Return bucket -> roll rate into the next one, over consecutive month ends (oldest first)."""
    rates = {}
    for here, after in pairwise(BUCKETS):
        pairs = list(pairwise(month_ends))
        now = sum((later[after][1] for _, later in pairs), Decimal(0))
        before = sum((earlier[here][1] for earlier, _ in pairs), Decimal(0))
        rates[here] = roll_rate(now, before)
    return rates


def ageing(course: pl.DataFrame, as_of: datetime, month_ends: list[datetime]) -> tuple[Bucket, ...]:
    """Return the buckets at `as_of`; recovery and rolling are measured at `month_ends`.

    `month_ends` are oldest first; those whose following 30 days are not over at `as_of` count
    for rolling only.
    """
    now = open_by_bucket(course, as_of)
    total = sum((amount for _, amount in now.values()), Decimal(0))
    complete = [m for m in month_ends if m + timedelta(days=RECOVERY_DAYS) <= as_of]
    recovery = recovered_by_bucket(course, complete)
    rates = rolled([open_by_bucket(course, m) for m in month_ends])
    return tuple(
        Bucket(
            name=name,
            invoices=now[name][0],
            amount=now[name][1],
            share_pct=share_pct(now[name][1], total),
            stood=recovery[name][0],
            recovered=recovery[name][1],
            recovered_pct=share_pct(recovery[name][1], recovery[name][0]),
            rolled_pct=rates.get(name),
        )
        for name in BUCKETS
    )
