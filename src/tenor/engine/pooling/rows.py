"""The days at which somebody could have paid, of one organisation, as the pool looks at them.

A row's content depends on its own customer's facts alone.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.frames import Tables
from tenor.engine.pooling.columns import CHANNELS, TONES
from tenor.engine.predictors.contact_log import ContactLog, contact_log
from tenor.engine.predictors.days import said
from tenor.engine.predictors.history import outcomes

Array = NDArray[np.float64]
Ints = NDArray[np.int_]

LOOK_BACK = 730
EARLIEST, LATEST = -16, 180
# Days after the due day at which another way of paying begins, and shares of a customer's earlier
# invoices that were paid late: the cells in which people left alone are alike enough.
AGES = (-7, -2, 0, 3, 8, 21, 45)
LATE_SHARES = (0.2, 0.6)
HABITS = 2 + len(LATE_SHARES)
CELLS = (len(AGES) + 1) * HABITS
_LATE_AFTER = timedelta(days=3)
_NEVER = 1 << 20
_AT_ONCE = 20_000


@dataclass(frozen=True)
class Rows:
    """Days at risk, customer by customer: all arrays [n].

    `customer` points into `customer_ids`; `cell` is how old the invoice was and how its customer
    pays; `paid` 0 or 1; `last`, `before` are positions in `log` (-1: none acts) with the days
    since in `lag`, `lag_before`. Days on which a contact of another name acts are left out.
    """

    customer_ids: pl.Series
    log: ContactLog
    customer: Ints
    cell: Ints
    paid: Array
    last: Ints
    before: Ints
    lag: Ints
    lag_before: Ints


def days_of(tables: Tables, as_of: datetime) -> Rows:
    """Return all days of the last two years on which an invoice was open, known at `as_of`."""
    known = tables.known_at(as_of)
    midnight = datetime.combine(as_of.astimezone(UTC).date(), time(), tzinfo=UTC)
    invoices = _invoices(known, midnight)
    ids = known.customers["customer_id"].sort()
    log = contact_log(known, midnight, CHANNELS, TONES)
    place = dict(zip(ids.to_list(), range(len(ids)), strict=True))
    owner = invoices["customer_id"].replace_strict(place, default=-1, return_dtype=pl.Int64)
    invoices = invoices.with_columns(owner=owner, code=pl.Series(log.codes(invoices["invoice_id"])))
    # In parts: what is left out, and numbers of twice the length, never stand beside everything.
    parts = [_days(part, log) for part in invoices.iter_slices(_AT_ONCE)]
    if not parts:
        parts = [_days(invoices, log)]
    customer, cell, paid, *said_then = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    return Rows(ids, log, customer, cell, paid.astype(np.float64), *said_then)


def _days(invoices: pl.DataFrame, log: ContactLog) -> tuple[Ints, ...]:
    """Return `customer, cell, paid, last, before, lag, lag_before` of all days of some invoices."""
    first, due, settled, habit, owner, code = (
        invoices[name].to_numpy() for name in ("first", "due", "settled", "habit", "owner", "code")
    )
    count = np.maximum(invoices["last"].to_numpy() - first + 1, 0)
    row = np.repeat(np.arange(len(count)), count)
    step = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    day = first[row] + step
    last, before, lag, lag_before = said(log, code[row], day)
    known_name = np.append(log.channel, 0) >= 0
    kept = np.flatnonzero(known_name[last] & known_name[before])
    row, day = row[kept], day[kept]
    age = np.searchsorted(np.array(AGES), day - due[row], side="right")
    columns = (
        owner[row], age * HABITS + habit[row], day == settled[row],
        last[kept], before[kept], lag[kept], lag_before[kept],
    )  # fmt: skip
    return tuple(column.astype(np.int32) for column in columns)


def _invoices(known: Tables, midnight: datetime) -> pl.DataFrame:
    """Return a row an invoice: `due`, `first`, `last`, `settled` as days from now, and `habit`."""

    def days(column: str) -> pl.Expr:
        whole = pl.col(column).cast(pl.Datetime("us", "UTC")) - pl.lit(midnight)
        return (whole.dt.total_seconds() / 86_400).floor().cast(pl.Int64)

    ended = outcomes(known).select("invoice_id", "settled_at", "closed_at")
    rows = known.invoices.select("invoice_id", "customer_id", "issued_on", "due_on").join(
        ended, on="invoice_id", how="left", maintain_order="left"
    )
    rows = rows.join(habits(rows), on="invoice_id", how="left", maintain_order="left")
    due = pl.col("due_on").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    issued = pl.col("issued_on").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    rows = rows.with_columns(due_at=due, issued_at=issued).with_columns(
        due=days("due_at"), issued=days("issued_at"), settled=days("settled_at"),
        closed=days("closed_at"), habit=pl.col("habit").fill_null(0),
    )  # fmt: skip
    return rows.with_columns(
        first=pl.max_horizontal("issued", pl.col("due") + EARLIEST, pl.lit(-LOOK_BACK)),
        # Today is not over yet; on the day of a hand-over nobody could pay us any more.
        last=pl.min_horizontal("settled", pl.col("closed") - 1, pl.col("due") + LATEST, pl.lit(-1)),
        settled=pl.col("settled").fill_null(_NEVER),
    ).sort("customer_id", "invoice_id")


def habits(rows: pl.DataFrame) -> pl.DataFrame:
    """Return `invoice_id, habit`: how its customer had paid by its issue; 0: nothing is known.

    1 to 3: up to 20%, up to 60%, more of the earlier invoices were paid over three days late.
    `rows` has `customer_id, invoice_id, issued_on, due_on, settled_at`.
    """
    due = pl.col("due_on").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    settled = (
        rows.filter(pl.col("settled_at").is_not_null())
        .select("customer_id", "settled_at", late=(pl.col("settled_at") > due + _LATE_AFTER))
        .sort("customer_id", "settled_at")
        .with_columns(
            share=pl.col("late").cum_sum().over("customer_id")
            / pl.int_range(1, pl.len() + 1).over("customer_id")
        )
        .select("customer_id", "share", at="settled_at")
        .sort("at")
    )
    asked = rows.select(
        "customer_id",
        "invoice_id",
        at=pl.col("issued_on").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
    ).sort("at")
    low, high = LATE_SHARES
    found = asked.join_asof(
        settled, on="at", by="customer_id", strategy="backward", check_sortedness=False
    )
    share = pl.col("share")
    habit = (
        pl.when(share.is_null())
        .then(0)
        .when(share <= low)
        .then(1)
        .when(share <= high)
        .then(2)
        .otherwise(3)
    )
    return found.select("invoice_id", habit=habit.cast(pl.Int64))
