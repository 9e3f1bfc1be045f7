"""Flows and balances of a period: what was billed, what stood, how well it was collected."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import polars as pl

from tenor.engine.kpis.history import closed_at, month_before, month_end, standing
from tenor.engine.kpis.ratios import CountBack, Figure, Month, cei, dso_countback

# A quarter for balances (the usual base of a DSO), a year for flows (it holds every season).
QUARTER_DAYS = 90
YEAR_DAYS = 365
# How far the trend looks back: two years show whether a season returns.
TREND_MONTHS = 24


def total(amounts: pl.Series) -> Decimal:
    """Return the exact sum of amounts; 0 where there are none."""
    found = amounts.sum()
    return found if isinstance(found, Decimal) else Decimal(found)


def last_days(day: date, days: int) -> pl.Expr:
    """Select the rows whose `on` lies within the last `days` days up to and including `day`."""
    return (pl.col("on") > day - timedelta(days=days)) & (pl.col("on") <= day)


def flow(rows: pl.DataFrame, day: date, days: int) -> Decimal:
    """Return the sum of `amount` over the last `days` days up to and including `day`."""
    return total(rows.filter(last_days(day, days))["amount"])


def dso_days(first_issued_on: date, day: date) -> int:
    """Return how many days of sales a DSO at `day` rests on: a quarter, or all there are."""
    return min(QUARTER_DAYS, (day - first_issued_on).days + 1)


def month_ends(first: date, as_of: datetime) -> list[datetime]:
    """Return the month ends since `first`, at most 24, oldest first; the last is `as_of`."""
    moments = [as_of]
    day = month_before(as_of.date())
    while day >= first and len(moments) < TREND_MONTHS:
        moments.append(month_end(day))
        day = month_before(day)
    return moments[::-1]


def count_back(
    receivables: Decimal, billed: pl.DataFrame, day: date, first_issued_on: date
) -> CountBack:
    """Return the count-back DSO at `day` over calendar months; the running one counts to `day`."""
    rows = (
        billed.filter(pl.col("on") <= day)
        .group_by(month=pl.col("on").dt.truncate("1mo"))
        .agg(pl.col("amount").sum())
        .rows()
    )
    sales: dict[date, Decimal] = dict(rows)
    months, last = [], day
    while last >= first_issued_on.replace(day=1):
        months.append(Month(sales.get(last.replace(day=1), Decimal(0)), last.day))
        last = month_before(last)
    return dso_countback(receivables, months)


def effectiveness(
    course: pl.DataFrame, billed: pl.DataFrame, start: datetime, end: datetime
) -> Figure:
    """Return the collection effectiveness index over (start, end].

    What was handed over or written off in the period counts as not collected: it is added back
    to the ending total, or giving up would look like success.
    """
    before = standing(course, start).filter("is_open")
    after = standing(course, end)
    still_open = after.filter("is_open")
    given_up = after.filter(pl.col("is_owing") & (closed_at() > start) & (closed_at() <= end))
    sold = billed.filter((pl.col("on") > start.date()) & (pl.col("on") <= end.date()))
    return cei(
        beginning_receivables=total(before["balance"]),
        credit_sales=total(sold["amount"]),
        ending_total=total(still_open["balance"]) + total(given_up["balance"]),
        ending_current=total(still_open.filter(pl.col("days_past_due") <= 0)["balance"]),
    )
