"""Groups of customers that a judgement is broken down by: how they pay, how much, who and where."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

import polars as pl

from tenor.engine.features.build import Snapshot, build
from tenor.engine.features.segments import segment
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states

BEHAVIOUR, AMOUNT = "how they pay", "amount owed"
# Fixed, so that a group means the same in every report and every month.
BANDS = (50.0, 250.0, 1000.0, 5000.0)
# Columns of customers that are groups by themselves, with the word for each.
TRAITS = {"kind": "kind", "country": "country"}
UNKNOWN = "not known"


def segments_at(
    tables: Tables, as_of: datetime, *, snapshot: Snapshot | None = None
) -> pl.DataFrame:
    """Return `customer_id` and a column of names for each way to group, as known at `as_of`.

    Who has an open invoice has a row. The columns are `how they pay` (`features.segments`),
    `amount owed` (in all, in the customer's largest currency), and `kind` and `country` where
    anybody has one. `snapshot`, of the same facts and instant, saves building it again.
    """
    known = tables.known_at(as_of).in_order()
    rows = (snapshot or build(known, as_of)).rows
    habits = rows.with_columns(segment(rows).alias(BEHAVIOUR)).unique(
        "customer_id", keep="first", maintain_order=True
    )
    traits = [t for t in TRAITS if known.customers[t].null_count() < known.customers.height]
    return (
        habits.select("customer_id", BEHAVIOUR)
        .join(_owed(known, as_of), on="customer_id", how="left", maintain_order="left")
        .with_columns(pl.col(AMOUNT).fill_null(UNKNOWN))
        .join(
            known.customers.select("customer_id", *(pl.col(t).alias(TRAITS[t]) for t in traits)),
            on="customer_id",
            how="left",
            maintain_order="left",
        )
        .with_columns(pl.col(TRAITS[t]).fill_null(UNKNOWN) for t in traits)
        .sort("customer_id")
    )


def groups(rows: pl.DataFrame, columns: list[str]) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """Yield (way to group, group, its rows) for each group of each column; bands from below."""
    bands = band_names()
    for column in columns:
        names = rows[column].fill_null(UNKNOWN).unique().sort().to_list()
        for name in sorted(names, key=lambda n: bands.index(n) if n in bands else -1):
            yield column, name, rows.filter(pl.col(column).fill_null(UNKNOWN) == name)


def band_names() -> list[str]:
    """Name the bands of amounts, from the smallest."""
    middle = [f"{low:,.0f} to {high:,.0f}" for low, high in pairwise(BANDS)]
    return [f"under {BANDS[0]:,.0f}", *middle, f"{BANDS[-1]:,.0f} and more"]


def _owed(known: Tables, as_of: datetime) -> pl.DataFrame:
    """Return `customer_id` and the band of what is owed in the currency that most is owed in."""
    still_open = invoice_states(known, as_of).filter("is_open")
    return (
        still_open.group_by("customer_id", "currency")
        .agg(pl.col("balance").cast(pl.Float64).sum())
        .sort("customer_id", "balance", "currency", descending=[False, True, False])
        .unique("customer_id", keep="first", maintain_order=True)
        .select(
            "customer_id",
            pl.sum_horizontal(pl.col("balance") >= low for low in BANDS)
            .replace_strict(dict(enumerate(band_names())), return_dtype=pl.String)
            .alias(AMOUNT),
        )
    )
