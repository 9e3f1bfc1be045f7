"""What became of contacts: delivered, opened, page visited, payment started, paid."""

from datetime import datetime, timedelta
from typing import Any

import polars as pl

from tenor.engine.events import Kind
from tenor.engine.frames import Tables

WINDOW = timedelta(days=30)
# What somebody does within so many days counts as coming after a contact (not: because of it).
AFTER = timedelta(days=14)
STAGES = ("sent", "delivered", "opened", "visited", "started", "paid")

# A later stage implies the earlier ones: who clicked has opened, also where images were blocked.
_MESSAGE = {
    "delivered": (Kind.DELIVERED, Kind.OPENED, Kind.CLICKED),
    "opened": (Kind.OPENED, Kind.CLICKED),
}
_PERSON = {
    "visited": (Kind.PAGE_VISITED, Kind.PAYMENT_STARTED),
    "started": (Kind.PAYMENT_STARTED,),
}


def funnel(known: Tables, as_of: datetime) -> list[dict[str, Any]]:
    """Return a row a channel: how many contacts of the last thirty days reached each stage.

    `sent` counts contacts; `paid` those after which an invoice they named was paid on within
    fourteen days, so `paid / sent` is the payments a contact.
    """
    sent = known.contacts.filter(pl.col("sent_at") > as_of - WINDOW).select(
        "contact_id", "customer_id", "invoice_ids", "sent_at", "channel"
    )
    if sent.is_empty():
        return []
    flags = [_of_messages(sent, known, kinds, stage) for stage, kinds in _MESSAGE.items()]
    flags += [_of_people(sent, known, kinds, stage) for stage, kinds in _PERSON.items()]
    flags.append(_paid(sent, known))
    for flag in flags:
        sent = sent.join(flag, on="contact_id", how="left", maintain_order="left")
    counts = [pl.col(stage).is_not_null().sum() for stage in STAGES[1:]]
    rows = sent.group_by("channel").agg(pl.len().alias("sent"), *counts).sort("channel")
    return rows.to_dicts()


def _of_messages(
    sent: pl.DataFrame, known: Tables, kinds: tuple[Kind, ...], stage: str
) -> pl.DataFrame:
    told = known.events.filter(pl.col("kind").is_in(kinds) & pl.col("contact_id").is_not_null())
    return (
        told.join(sent, on="contact_id", how="semi")
        .select("contact_id", pl.lit(True).alias(stage))
        .unique("contact_id")
    )


def _of_people(
    sent: pl.DataFrame, known: Tables, kinds: tuple[Kind, ...], stage: str
) -> pl.DataFrame:
    owners = known.invoices.select("invoice_id", owner="customer_id")
    told = (
        known.events.filter(pl.col("kind").is_in(kinds))
        .join(owners, on="invoice_id", how="left")
        .select("at", customer_id=pl.coalesce("customer_id", "owner"))
        .drop_nulls()
    )
    return _within(sent, told, "at", ["customer_id"], stage)


def _paid(sent: pl.DataFrame, known: Tables) -> pl.DataFrame:
    named = sent.select("contact_id", "sent_at", invoice_id="invoice_ids").explode("invoice_id")
    return _within(named, known.payments, "paid_at", ["invoice_id"], "paid")


def _within(
    sent: pl.DataFrame, told: pl.DataFrame, at: str, on: list[str], stage: str
) -> pl.DataFrame:
    """Return the contacts that were followed by one of `told` in time."""
    return (
        sent.select("contact_id", "sent_at", *on)
        .join(told.select(at, *on), on=on, how="inner")
        .filter((pl.col(at) > pl.col("sent_at")) & (pl.col(at) <= pl.col("sent_at") + AFTER))
        .select("contact_id", pl.lit(True).alias(stage))
        .unique("contact_id")
    )
