"""Segments of customers by how they pay: few, with a meaning that does not move with the data."""

import polars as pl

# Who has paid fewer invoices than this cannot be told by habit.
KNOWN_FROM = 3
# Late by more than this many days on average is not carelessness but a habit.
LATE = 5.0
# Delays that vary by more than this many days follow no habit.
IRREGULAR = 14.0
# Who pays on much the same day of the month (0 to 1) waits for it, not for a reminder.
PAY_DAY = 0.6

SEGMENTS = {
    "in collection before": "an earlier invoice was handed over",
    "new": f"fewer than {KNOWN_FROM} invoices paid so far",
    "pay-day payer": "pays on much the same day of the month, after the due date",
    "prompt": "pays by the due date or a few days after",
    "reliably late": f"late by more than {LATE:.0f} days, always about as much",
    "irregular": f"delays vary by more than {IRREGULAR:.0f} days",
}


def segment(rows: pl.DataFrame) -> pl.Series:
    """Return the segment of each row of a snapshot, one of `SEGMENTS`, decided in that order."""
    late = pl.col("usual_delay") > LATE
    return rows.select(
        segment=pl.when(pl.col("past_escalated") > 0)
        .then(pl.lit("in collection before"))
        .when(pl.col("past_settled").fill_null(0.0) < KNOWN_FROM)
        .then(pl.lit("new"))
        .when(late & (pl.col("pay_day_strength") > PAY_DAY))
        .then(pl.lit("pay-day payer"))
        .when(pl.col("delay_spread") > IRREGULAR)
        .then(pl.lit("irregular"))
        .when(late)
        .then(pl.lit("reliably late"))
        .otherwise(pl.lit("prompt"))
    )["segment"]
