"""The portfolio month by month, and the share of each month's billing that stays unpaid."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import polars as pl

from tenor.engine.kpis import ratios
from tenor.engine.kpis.history import closed_at, month_before, month_end, standing
from tenor.engine.kpis.periods import (
    TREND_MONTHS,
    count_back,
    dso_days,
    effectiveness,
    flow,
    total,
)
from tenor.engine.kpis.ratios import Figure

# The usual age at which unpaid billing counts as at risk.
AT_RISK_DAYS = 90


@dataclass(frozen=True)
class TrendMonth:
    """One month: its flows, and the balances and days at its end (`until` in the running month)."""

    month: date
    until: date
    is_complete: bool
    billed: Decimal
    collected: Decimal
    receivables: Decimal
    overdue: Decimal
    overdue_pct: Figure
    dso: Figure
    count_back_dso: Figure
    best_possible_dso: Figure
    average_days_delinquent: Figure
    cei_pct: Figure
    contacts: int
    contact_cost: Decimal
    handed_over: int


@dataclass(frozen=True)
class Cohort:
    """The invoices of one month, and how much of them was unpaid 90 days after their issue."""

    month: date
    invoices: int
    billed: Decimal
    unpaid: Decimal
    unpaid_pct: Figure


def early_warning(course: pl.DataFrame, as_of: datetime) -> tuple[Cohort, ...]:
    """Return the months whose every invoice is 90 days old at `as_of`, oldest first, at most 24.

    An invoice handed over by then is unpaid. `billed` is what the invoices asked on that day.
    """
    oldest_missing = as_of.date() - timedelta(days=AT_RISK_DAYS)
    # A month is complete once its last day is 90 days old.
    last = month_before(oldest_missing + timedelta(days=1))
    first = last
    for _ in range(TREND_MONTHS - 1):
        first = month_before(first)
    looked = pl.col("issued_on").cast(pl.Datetime("us")).dt.replace_time_zone("UTC") + pl.duration(
        days=AT_RISK_DAYS
    )
    rows = (
        course.filter(
            (pl.col("issued_on") >= first.replace(day=1))
            & (pl.col("issued_on") <= last)
            & (pl.col("since") <= looked)
            & (pl.col("until").is_null() | (pl.col("until") > looked))
        )
        .group_by(month=pl.col("issued_on").dt.truncate("1mo"))
        .agg(
            pl.len(),
            pl.col("total").sum(),
            unpaid=pl.col("balance").filter("is_owing").sum(),
        )
        .sort("month")
        .rows()
    )
    return tuple(
        Cohort(month, count, asked, unpaid, ratios.share_pct(unpaid, asked))
        for month, count, asked, unpaid in rows
    )


def trend(
    course: pl.DataFrame,
    billed: pl.DataFrame,
    collected: pl.DataFrame,
    contacts: pl.DataFrame,
    moments: list[datetime],
) -> tuple[TrendMonth, ...]:
    """Return a row a moment of `moments` (month ends, the last one may lie within its month)."""
    if not moments:
        return ()
    first = course["issued_on"].min()
    assert isinstance(first, date)
    closed = course.unique("invoice_id", keep="last", maintain_order=True)
    return tuple(_month(at, first, course, billed, collected, contacts, closed) for at in moments)


def _month(
    at: datetime,
    first: date,
    course: pl.DataFrame,
    billed: pl.DataFrame,
    collected: pl.DataFrame,
    contacts: pl.DataFrame,
    closed: pl.DataFrame,
) -> TrendMonth:
    day = at.date()
    now = standing(course, at).filter("is_open")
    receivables = total(now["balance"])
    overdue = total(now.filter(pl.col("days_past_due") > 0)["balance"])
    days = dso_days(first, day)
    sales = flow(billed, day, days)
    dso = ratios.dso_simple(receivables, sales, days)
    best = ratios.best_possible_dso(receivables - overdue, sales, days)
    in_month = (pl.col("on") >= day.replace(day=1)) & (pl.col("on") <= day)
    made = contacts.filter(in_month)
    start = month_end(month_before(day))
    return TrendMonth(
        month=day.replace(day=1),
        until=day,
        is_complete=at == month_end(day),
        billed=total(billed.filter(in_month)["amount"]),
        collected=total(collected.filter(in_month)["amount"]),
        receivables=receivables,
        overdue=overdue,
        overdue_pct=ratios.share_pct(overdue, receivables),
        dso=dso,
        count_back_dso=count_back(receivables, billed, day, first).dso,
        best_possible_dso=best,
        average_days_delinquent=ratios.average_days_delinquent(dso, best),
        cei_pct=effectiveness(course, billed, start, at),
        contacts=made.height,
        contact_cost=total(made["cost"]),
        handed_over=closed.filter((closed_at() > start) & (closed_at() <= at)).height,
    )
