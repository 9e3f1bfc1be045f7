"""What every invoice asked and had received at every moment, and what was billed and collected.

`ledger` says what is owed at one instant; the portfolio's figures need the same at many month
ends, so the whole course is folded once here and read many times.
"""

import calendar
from datetime import UTC, date, datetime, timedelta

import polars as pl

from tenor.engine.events import Kind
from tenor.engine.frames import AMOUNT, Tables
from tenor.engine.ledger import is_nothing, totals

_NOTHING = pl.lit(0, dtype=AMOUNT)


def midnight(day: date) -> datetime:
    """Return the first instant of `day`, UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def month_end(day: date) -> datetime:
    """Return the last instant of the month of `day`, UTC."""
    last = calendar.monthrange(day.year, day.month)[1]
    return midnight(day.replace(day=last)) + timedelta(days=1, microseconds=-1)


def month_before(day: date) -> date:
    """Return the last day of the month before that of `day`."""
    return day.replace(day=1) - timedelta(days=1)


def courses(tables: Tables) -> pl.DataFrame:
    """Return the course of every invoice: a row from each change to the next.

    Columns: `invoice_id, currency, issued_on, due_on`, `since` and `until` (the row holds from
    `since` up to but not including `until`; null: still), `total`, `paid`, `balance` (amounts in
    the invoice's currency), `is_owing` (more than the tolerance is owed), `escalated_at`,
    `written_off_at` (null if not). At any instant the rows agree with `ledger.invoice_states`.
    """
    invoices = tables.invoices.select("invoice_id", "currency", "issued_on", "due_on")
    paid = tables.payments.select(
        "invoice_id", at="paid_at", total=pl.lit(None, dtype=AMOUNT), paid="amount"
    ).join(invoices.select("invoice_id"), on="invoice_id", how="semi")
    issued = pl.col("issued_on").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return (
        pl.concat([totals(tables).with_columns(paid=_NOTHING), paid])
        .sort("invoice_id", "at", maintain_order=True)
        .with_columns(
            pl.col("total").forward_fill().backward_fill().over("invoice_id"),
            pl.col("paid").cum_sum().over("invoice_id").cast(AMOUNT),
            until=pl.col("at").shift(-1).over("invoice_id"),
        )
        .join(invoices, on="invoice_id", how="inner", maintain_order="left")
        .join(_endings(tables.events), on="invoice_id", how="left", maintain_order="left")
        .with_columns(
            since=pl.max_horizontal("at", issued), balance=pl.col("total") - pl.col("paid")
        )
        .with_columns(
            is_owing=~is_nothing(pl.col("balance"), pl.col("total")),
        )
        .filter(pl.col("until").is_null() | (pl.col("since") < pl.col("until")))
        .drop("at")
    )


def _endings(events: pl.DataFrame) -> pl.DataFrame:
    """Return `invoice_id, escalated_at, written_off_at`: the first of each."""
    named = events.filter(pl.col("invoice_id").is_not_null())

    def first(kind: Kind) -> pl.Expr:
        return pl.col("at").filter(pl.col("kind") == kind).min()

    return (
        named.filter(pl.col("kind").is_in([Kind.ESCALATED, Kind.WRITTEN_OFF]))
        .group_by("invoice_id")
        .agg(escalated_at=first(Kind.ESCALATED), written_off_at=first(Kind.WRITTEN_OFF))
    )


def closed_at() -> pl.Expr:
    """Return when an invoice of `courses` ceased to be ours to collect (null: not)."""
    return pl.min_horizontal("escalated_at", "written_off_at")


def standing(course: pl.DataFrame, at: datetime) -> pl.DataFrame:
    """Return the rows of `courses` that hold at `at`, one an invoice issued by then.

    Adds `days_past_due` (the due day itself is 0) and `is_open`: owed, and neither handed over
    nor written off by then.
    """
    holds = (pl.col("since") <= at) & (pl.col("until").is_null() | (pl.col("until") > at))
    gone = (closed_at() <= at).fill_null(False)
    return course.filter(holds).with_columns(
        is_open=pl.col("is_owing") & ~gone,
        days_past_due=(pl.lit(at.date()) - pl.col("due_on")).dt.total_days(),
    )


def settled(course: pl.DataFrame) -> pl.DataFrame:
    """Return one row an invoice with `settled_at`: since when nothing is owed (null: owing).

    Columns: `invoice_id, currency, issued_on, due_on, escalated_at, written_off_at, settled_at`
    and the latest `total`, `paid` and `balance`.
    """
    owing_after = pl.col("is_owing").reverse().cum_sum().reverse().over("invoice_id")
    return (
        course.with_columns(owing_after=owing_after)
        .group_by("invoice_id", maintain_order=True)
        .agg(
            pl.col(
                "currency", "issued_on", "due_on", "escalated_at", "written_off_at",
                "total", "paid", "balance",
            ).last(),
            settled_at=pl.col("since").filter(pl.col("owing_after") == 0).first(),
        )
    )  # fmt: skip


def billing(tables: Tables) -> pl.DataFrame:
    """Return what was billed: `currency, on, amount`, a row an invoice and later change of it.

    A change of amount counts on its own day by its difference, so that net sales of any period
    are the sum of its rows.
    """
    before = pl.col("total").shift(1).over("invoice_id").fill_null(_NOTHING)
    return (
        totals(tables)
        .with_columns(amount=(pl.col("total") - before).cast(AMOUNT))
        .join(tables.invoices.select("invoice_id", "currency"), on="invoice_id", how="inner")
        .select("currency", on=pl.col("at").dt.date(), amount="amount")
    )


def collections(tables: Tables) -> pl.DataFrame:
    """Return what was received on known invoices: `currency, on, amount`, a row a payment."""
    return tables.payments.join(
        tables.invoices.select("invoice_id", "currency"), on="invoice_id", how="inner"
    ).select("currency", on=pl.col("paid_at").dt.date(), amount="amount")
