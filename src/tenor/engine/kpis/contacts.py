"""What contact was made and what it cost, what was promised and kept, and what it upset."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import polars as pl

from tenor.engine.events import PROMISED_DAY, Kind
from tenor.engine.frames import AMOUNT, Tables
from tenor.engine.kpis.ratios import Promise

# A promise without a date counts as given for a week, as collection tools commonly take it.
PROMISE_DAYS = 7
# Money sent on the promised day arrives within the three days that a bank transfer may take.
GRACE_DAYS = 3


@dataclass(frozen=True)
class Channel:
    """The contacts of one channel and what they cost.

    `unpriced` contacts name no cost and count as free in `cost`.
    """

    name: str
    contacts: int
    cost: Decimal
    unpriced: int


def contacts_by_currency(tables: Tables) -> pl.DataFrame:
    """Return every contact once, `currency, on, channel, cost`, with the currency it was about.

    That is the currency of most of its invoices; where it names no known invoice, of most of
    the customer's (ties in alphabetical order); null where the customer has none. `cost` is
    null where the contact names none; it is taken to be in that same currency.
    """
    currencies = tables.invoices.select("invoice_id", "customer_id", "currency")
    named = (
        tables.contacts.select("contact_id", invoice_id="invoice_ids")
        .explode("invoice_id", empty_as_null=True, keep_nulls=True)
        .join(currencies.select("invoice_id", "currency"), on="invoice_id", how="inner")
    )
    of_invoices = _most_frequent(named, "contact_id").rename({"currency": "named"})
    of_customers = _most_frequent(currencies, "customer_id").rename({"currency": "usual"})
    return (
        tables.contacts.join(of_invoices, on="contact_id", how="left", maintain_order="left")
        .join(of_customers, on="customer_id", how="left", maintain_order="left")
        .select(
            currency=pl.coalesce("named", "usual"),
            on=pl.col("sent_at").dt.date(),
            channel="channel",
            cost=pl.col("cost").round(4).cast(AMOUNT),
        )
    )


def _most_frequent(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    return (
        rows.group_by(key, "currency")
        .len()
        .sort("len", "currency", descending=[True, False])
        .unique(key, keep="first", maintain_order=True)
        .select(key, "currency")
    )


def by_channel(contacts: pl.DataFrame) -> tuple[Channel, ...]:
    """Return the channels of `contacts` (rows of `contacts_by_currency`), most used first."""
    rows = (
        contacts.group_by("channel")
        .agg(pl.len(), pl.col("cost").sum(), unpriced=pl.col("cost").null_count())
        .sort("len", "channel", descending=[True, False])
        .rows()
    )
    return tuple(Channel(name, count, cost, unpriced) for name, count, cost, unpriced in rows)


def promises(
    tables: Tables, course: pl.DataFrame, *, since: datetime, as_of: datetime
) -> list[Promise]:
    """Return the promises that fell due after `since` and by `as_of`, each with what came of it.

    A promise falls due on its day (`detail.on`, `.date` …; else a week after it was given) plus
    three days of grace. It is for `detail.amount`, at most what was owed then; without one, for
    all that was owed. `course` are rows of `history.courses`; only promises on invoices in it
    and of something count.
    """
    detail = pl.col("detail")
    days = [
        detail.str.json_path_match(f"$.{key}").str.slice(0, 10).str.to_date(strict=False)
        for key in PROMISED_DAY
    ]
    usual = pl.col("at").dt.date() + pl.duration(days=PROMISE_DAYS)
    deadline = pl.coalesce(*days, usual) + pl.duration(days=GRACE_DAYS + 1)
    given = (
        tables.events.filter((pl.col("kind") == Kind.PROMISED) & pl.col("invoice_id").is_not_null())
        .with_columns(
            promised=detail.str.json_path_match("$.amount").cast(AMOUNT, strict=False),
            deadline=deadline.cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
        )
        .filter((pl.col("deadline") > since) & (pl.col("deadline") <= as_of))
        .with_row_index("promise")
        .select("promise", "invoice_id", "at", "deadline", "promised")
    )
    then = _holding(given, course, "at").filter("is_owing")
    later = _holding(given, course, "deadline").select("promise", paid_later="paid")
    amount = pl.min_horizontal(pl.coalesce("promised", "balance"), "balance")
    rows = (
        then.join(later, on="promise", how="inner")
        .sort("promise")
        .select(amount=amount, paid=(pl.col("paid_later") - pl.col("paid")).cast(AMOUNT))
        .filter(pl.col("amount") > 0)
        .rows()
    )
    return [Promise(amount, max(paid, Decimal(0)), in_time=True) for amount, paid in rows]


def _holding(given: pl.DataFrame, course: pl.DataFrame, moment: str) -> pl.DataFrame:
    """Return each promise with the row of its invoice's course that holds at `moment`."""
    holds = (pl.col("since") <= pl.col(moment)) & (
        pl.col("until").is_null() | (pl.col("until") > pl.col(moment))
    )
    return given.join(course, on="invoice_id", how="inner").filter(holds)


def happened(events: pl.DataFrame, kinds: Sequence[Kind], *, since: date, until: date) -> int:
    """Count the events of `kinds` on days after `since` and up to `until`."""
    day = pl.col("at").dt.date()
    return events.filter(pl.col("kind").is_in(kinds) & (day > since) & (day <= until)).height
