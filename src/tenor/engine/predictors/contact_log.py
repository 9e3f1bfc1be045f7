"""The contacts as arrays to look up by invoice and day: what was last said, and when."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.calendar import local_times, zones_of
from tenor.engine.frames import Tables

Array = NDArray[np.float64]
Ints = NDArray[np.int_]

# Days are numbered from the reference instant; this many on either side fit beside each other.
_FAR = 1 << 20


@dataclass(frozen=True)
class ContactLog:
    """Every (invoice, contact) in order of invoice and day.

    All arrays have one element a pair: `key` orders them; `day` is the 24-hour day counted from
    the reference instant; `channel` and `tone` are numbers of the vocabularies (-1: not known);
    `hour` and `weekday` (0 Monday) are local to the customer; `overdue` is how many days after
    the due date it was sent; `earlier` how many contacts the customer had in the 30 days before.
    """

    invoices: dict[str, int]
    key: Ints
    day: Ints
    channel: Ints
    tone: Ints
    hour: Ints
    weekday: Ints
    overdue: Ints
    earlier: Array

    def codes(self, invoice_ids: pl.Series) -> Ints:
        """Return the number of each invoice, -1 for one that was never contacted."""
        mapped = invoice_ids.replace_strict(self.invoices, default=-1, return_dtype=pl.Int64)
        return mapped.to_numpy().astype(np.int_)

    def latest(self, code: Ints, day: Ints) -> tuple[Ints, Ints]:
        """Return the positions of the last and the last but one contact up to `day` (-1: none)."""
        at = np.searchsorted(self.key, code * (2 * _FAR) + _FAR + day, side="right") - 1
        return self._owned(at, code), self._owned(at - 1, code)

    def _owned(self, at: Ints, code: Ints) -> Ints:
        if not len(self.key):
            return np.full(len(code), -1)
        inside = (at >= 0) & (code >= 0) & (self.key[np.maximum(at, 0)] // (2 * _FAR) == code)
        return np.where(inside, at, -1)


def contact_log(
    known: Tables, reference: datetime, channels: tuple[str, ...], tones: tuple[str, ...]
) -> ContactLog:
    """Return the log of `known.contacts`, with days counted from `reference`."""
    rows = _asked(known, reference, channels, tones)
    ids = rows["invoice_ids"].unique().sort()
    invoices = {i: k for k, i in enumerate(ids.to_list())}
    code = rows["invoice_ids"].replace_strict(invoices, default=-1, return_dtype=pl.Int64)
    key = code.to_numpy() * (2 * _FAR) + _FAR + rows["day"].to_numpy()
    order = np.argsort(key, kind="stable")

    def ints(column: str) -> Ints:
        return rows[column].to_numpy()[order].astype(np.int_)

    return ContactLog(
        invoices,
        key[order].astype(np.int_),
        ints("day"),
        ints("channel"),
        ints("tone"),
        ints("hour"),
        ints("weekday"),
        ints("overdue"),
        rows["earlier"].to_numpy()[order].astype(np.float64),
    )


def _asked(
    known: Tables, reference: datetime, channels: tuple[str, ...], tones: tuple[str, ...]
) -> pl.DataFrame:
    """Return a row for each contact and invoice that it asked for, with everything as numbers.

    Columns: invoice_ids (one id), earlier, sent_at, day, channel, tone, hour, weekday, due_on,
    overdue; hour and weekday at the customer's place.
    """
    contacts = known.contacts.sort("sent_at", "contact_id")
    contacts = contacts.with_columns(earlier=_earlier(contacts))
    zones = known.customers.select("customer_id", zone=zones_of(known.customers))
    contacts = (
        contacts.lazy()
        .join(zones.lazy(), on="customer_id", how="left", maintain_order="left")
        .with_columns(pl.col("zone").fill_null("UTC"))
        .collect()
    )
    local = local_times(contacts["sent_at"], contacts["zone"])
    number = {c: i for i, c in enumerate(channels)}
    tone_number = {t: i for i, t in enumerate(tones)}
    return (
        contacts.lazy()
        .select(
            "invoice_ids",
            "earlier",
            "sent_at",
            day=((pl.col("sent_at") - reference).dt.total_seconds() / 86_400)
            .floor()
            .cast(pl.Int64),
            channel=pl.col("channel").replace_strict(number, default=-1, return_dtype=pl.Int64),
            tone=pl.col("tone").replace_strict(tone_number, default=-1, return_dtype=pl.Int64),
        )
        .with_columns(
            hour=local.dt.hour().cast(pl.Int64), weekday=local.dt.weekday().cast(pl.Int64) - 1
        )
        .explode("invoice_ids")
        .drop_nulls("invoice_ids")
        .join(
            known.invoices.lazy().select(invoice_ids="invoice_id", due_on="due_on"),
            on="invoice_ids",
            how="left",
            maintain_order="left",
        )
        .with_columns(
            overdue=(pl.col("sent_at").dt.date() - pl.col("due_on")).dt.total_days().fill_null(0)
        )
        .collect()
    )


def _earlier(contacts: pl.DataFrame) -> pl.Series:
    """Count for each contact those of the same customer in the 30 days before it."""
    if contacts.is_empty():
        return pl.Series("earlier", [], dtype=pl.Float64)
    order = contacts.with_row_index("_row").sort("customer_id", "sent_at", "_row")
    customer = order["customer_id"].rank("dense").to_numpy().astype(np.float64)
    seconds = order["sent_at"].dt.epoch("s").to_numpy().astype(np.float64)
    # One increasing line: customers far apart, time within a customer.
    line = customer * 1e11 + seconds
    first = np.searchsorted(line, line - 30 * 86_400, side="left")
    earlier = np.empty(len(line))
    earlier[order["_row"].to_numpy()] = np.arange(len(line)) - first
    return pl.Series("earlier", earlier)
