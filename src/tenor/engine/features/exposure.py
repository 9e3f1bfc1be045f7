"""Exposure: what is at stake on an invoice and with its customer."""

from datetime import datetime

import polars as pl

from tenor.engine.frames import Tables


def exposure(known: Tables, states: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Return a row an open invoice: its size, its age and what else the customer owes."""
    del known, as_of  # everything is in the states already
    opened = states.filter("is_open")
    owed = pl.col("balance").cast(pl.Float64)
    overdue = pl.col("days_overdue") > 0
    of_customer = opened.group_by("customer_id").agg(
        open_invoices=pl.len().cast(pl.Float64),
        open_total=owed.sum(),
        overdue_total=owed.filter(overdue).sum(),
        oldest_overdue=pl.col("days_overdue").max().cast(pl.Float64),
    )
    total = pl.col("total").cast(pl.Float64)
    return opened.join(of_customer, on="customer_id", how="left", maintain_order="left").select(
        "invoice_id",
        "customer_id",
        days_overdue=pl.col("days_overdue").cast(pl.Float64),
        term_days=(pl.col("due_on") - pl.col("issued_on")).dt.total_days().cast(pl.Float64),
        log_amount=total.clip(0.01).log(),
        log_balance=owed.clip(0.01).log(),
        paid_share=(1.0 - owed / total.clip(0.01)).clip(0.0, 1.0),
        raised_share=(total / pl.col("amount").cast(pl.Float64).clip(0.01) - 1.0).clip(-1.0, 5.0),
        open_invoices="open_invoices",
        log_open_total=pl.col("open_total").clip(0.01).log(),
        overdue_share=pl.col("overdue_total") / pl.col("open_total").clip(0.01),
        oldest_overdue="oldest_overdue",
    )
