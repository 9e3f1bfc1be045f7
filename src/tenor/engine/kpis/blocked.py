"""What is disputed or on hold at an instant: owed, but not ours to chase for the time being."""

from datetime import datetime

import polars as pl

from tenor.engine.events import SPANS, Kind
from tenor.engine.frames import Tables


def blocked(tables: Tables, at: datetime) -> pl.Series:
    """Return the ids of the invoices that are disputed or on hold at `at`.

    A dispute or hold said of an invoice ends with the next `dispute_resolved` or `hold_ended` of
    that invoice or its customer; one said of a customer (an event without an invoice) holds for
    all that customer's invoices and ends with an end said of the customer. A hold ends by itself
    after the date `detail.until`.
    """
    known = tables.events.filter(pl.col("at") <= at)
    found = [_standing(tables, known, kind, at) for kind in (Kind.DISPUTED, Kind.HOLD_STARTED)]
    return pl.concat(found).unique().sort()


def _standing(tables: Tables, known: pl.DataFrame, kind: Kind, at: datetime) -> pl.Series:
    owners = tables.invoices.select("invoice_id", owner="customer_id")
    said = known.filter(pl.col("kind").is_in([kind, SPANS[kind]])).join(
        owners, on="invoice_id", how="left"
    )
    said = said.select(
        "at",
        "invoice_id",
        customer_id=pl.coalesce("customer_id", "owner"),
        starts=pl.col("kind") == kind,
        until=pl.col("detail")
        .str.json_path_match("$.until")
        .str.slice(0, 10)
        .str.to_date(strict=False),
    )
    ends = said.filter(~pl.col("starts"))
    customer_end = (
        ends.filter(pl.col("invoice_id").is_null())
        .group_by("customer_id")
        .agg(customer_end=pl.col("at").max())
    )
    invoice_end = (
        ends.drop_nulls("invoice_id").group_by("invoice_id").agg(invoice_end=pl.col("at").max())
    )
    running = pl.col("until").is_null() | (pl.col("until") >= at.date())
    begun = said.filter(pl.col("starts") & running).join(customer_end, on="customer_id", how="left")
    own = begun.drop_nulls("invoice_id").join(invoice_end, on="invoice_id", how="left")
    end = pl.max_horizontal("invoice_end", "customer_end")
    own = own.filter(end.is_null() | (pl.col("at") > end))
    whole = begun.filter(pl.col("invoice_id").is_null()).filter(
        pl.col("customer_end").is_null() | (pl.col("at") > pl.col("customer_end"))
    )
    issued = pl.col("issued_on")
    theirs = tables.invoices.join(
        whole.group_by("customer_id").agg(since=pl.col("at").max()), on="customer_id", how="inner"
    )
    # A dispute of a customer is about what was issued by then; a hold about later invoices too.
    theirs = theirs.filter((kind == Kind.HOLD_STARTED) | (issued <= pl.col("since").dt.date()))
    return pl.concat([own["invoice_id"], theirs["invoice_id"]])
