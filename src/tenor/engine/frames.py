"""The tables of facts: which columns each has, of which type and unit, and what is known when.

This is the one place that says what a table looks like. `store` reads and writes directories
of them; everything above works on the `Tables` defined here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import polars as pl

INSTANT = pl.Datetime("us", "UTC")
# Four decimals hold every ISO 4217 currency (the finest, CLF, has four); 38 digits never overflow.
AMOUNT = pl.Decimal(38, 4)


class Type(StrEnum):
    """The type of a column, with the polars type it has once read."""

    TEXT = "text"
    TEXTS = "list of texts"
    AMOUNT = "amount"
    NUMBER = "number"
    FLAG = "true or false"
    DATE = "date"
    INSTANT = "timestamp"
    JSON = "JSON object"

    @property
    def dtype(self) -> pl.DataType:
        """The polars type that a column of this type has in memory."""
        return _DTYPES[self]


_DTYPES: dict[Type, pl.DataType] = {
    Type.TEXT: pl.String(),
    Type.TEXTS: pl.List(pl.String),
    Type.AMOUNT: AMOUNT,
    Type.NUMBER: pl.Float64(),
    Type.FLAG: pl.Boolean(),
    Type.DATE: pl.Date(),
    Type.INSTANT: INSTANT,
    Type.JSON: pl.String(),
}


@dataclass(frozen=True)
class Column:
    """One column of a table: its name, its type and whether a row can do without it."""

    name: str
    type: Type
    required: bool = False


@dataclass(frozen=True)
class Table:
    """One table of facts.

    `key` is the column that must be unique and present, if there is one. `known_from` is the
    column from which on a row is known (None: always). `free_columns` says whether columns
    beyond the listed ones are kept (as features, `protected_*` or `ref_*`).
    """

    name: str
    columns: tuple[Column, ...]
    key: str | None = None
    known_from: str | None = None
    free_columns: bool = False

    def column(self, name: str) -> Column | None:
        """Return the column called `name`, or None where the contract names no such column."""
        return next((c for c in self.columns if c.name == name), None)

    def empty(self) -> pl.DataFrame:
        """Return this table with its columns and no rows."""
        return pl.DataFrame(schema={c.name: c.type.dtype for c in self.columns})


def _columns(required: dict[str, Type], optional: dict[str, Type]) -> tuple[Column, ...]:
    return tuple(
        [Column(n, t, required=True) for n, t in required.items()]
        + [Column(n, t) for n, t in optional.items()]
    )


_T = Type
CUSTOMERS = Table(
    "customers",
    _columns(
        {"customer_id": _T.TEXT},
        {
            "kind": _T.TEXT,
            "country": _T.TEXT,
            "language": _T.TEXT,
            "timezone": _T.TEXT,
            "customer_value": _T.NUMBER,
            "contact_hours": _T.TEXT,
            "contact_days": _T.TEXT,
        },
    ),
    key="customer_id",
    free_columns=True,
)
INVOICES = Table(
    "invoices",
    _columns(
        {
            "invoice_id": _T.TEXT,
            "customer_id": _T.TEXT,
            "amount": _T.AMOUNT,
            "currency": _T.TEXT,
            "issued_on": _T.DATE,
            "due_on": _T.DATE,
        },
        {},
    ),
    key="invoice_id",
    known_from="issued_on",
    free_columns=True,
)
PAYMENTS = Table(
    "payments",
    _columns(
        {"invoice_id": _T.TEXT, "paid_at": _T.INSTANT, "amount": _T.AMOUNT},
        {"payment_id": _T.TEXT, "method": _T.TEXT},
    ),
    known_from="paid_at",
)
CONTACTS = Table(
    "contacts",
    _columns(
        {
            "contact_id": _T.TEXT,
            "customer_id": _T.TEXT,
            "invoice_ids": _T.TEXTS,
            "sent_at": _T.INSTANT,
            "channel": _T.TEXT,
        },
        {
            "tone": _T.TEXT,
            "template": _T.TEXT,
            "propensity": _T.NUMBER,
            "cost": _T.NUMBER,
            "policy": _T.TEXT,
            "propensity_channel": _T.NUMBER,
            "propensity_tone": _T.NUMBER,
            "propensity_time": _T.NUMBER,
            "eligible": _T.JSON,
            "explored_by": _T.TEXT,
        },
    ),
    key="contact_id",
    known_from="sent_at",
)
EVENTS = Table(
    "events",
    _columns(
        {"at": _T.INSTANT, "kind": _T.TEXT},
        {
            "invoice_id": _T.TEXT,
            "customer_id": _T.TEXT,
            "contact_id": _T.TEXT,
            "detail": _T.JSON,
        },
    ),
    known_from="at",
)
EXTERNAL = Table(
    "external",
    _columns(
        {"date": _T.DATE, "name": _T.TEXT, "value": _T.NUMBER},
        {"region": _T.TEXT, "available_on": _T.DATE},
    ),
    known_from="date",
)

# By what each table's rows are put in order: its key, or time and all that tells rows apart.
_ORDER = {
    "customers": ["customer_id"],
    "invoices": ["invoice_id"],
    "payments": ["invoice_id", "paid_at", "amount", "payment_id"],
    "contacts": ["sent_at", "contact_id"],
    "events": ["at", "kind", "invoice_id", "customer_id", "contact_id", "detail"],
    "external": ["name", "region", "date", "available_on", "value"],
}
TABLES = {t.name: t for t in (CUSTOMERS, INVOICES, PAYMENTS, CONTACTS, EVENTS, EXTERNAL)}
CONSENT_PREFIX = "consent_"
REACH_PREFIX = "reach_"
PROTECTED_PREFIX = "protected_"
REFERENCE_PREFIX = "ref_"


@dataclass(frozen=True)
class Tables:
    """The six tables in memory, each with at least its contract columns in their types.

    Absent optional columns are present and empty (null), so that code above never asks.
    `until` is the instant after which nothing is in them, where that is known.
    """

    customers: pl.DataFrame
    invoices: pl.DataFrame
    payments: pl.DataFrame
    contacts: pl.DataFrame
    events: pl.DataFrame
    external: pl.DataFrame
    until: datetime | None = field(default=None, init=False)
    # What was folded from these facts and is asked for again; never part of what they say.
    folded: dict[str, pl.DataFrame] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def __iter__(self) -> Iterator[tuple[Table, pl.DataFrame]]:
        """Go through the tables as (what the contract says, the rows)."""
        for name, table in TABLES.items():
            yield table, getattr(self, name)

    def known_at(self, as_of: datetime) -> "Tables":
        """Return the facts that were known at `as_of` (aware), and nothing later.

        Customers carry no time of their own: those are kept who have an invoice, a contact or
        an event by then, so that a later customer cannot colour a population figure.
        """
        if as_of.tzinfo is None:
            raise ValueError("as_of must be an aware datetime")
        if self.until is not None and self.until <= as_of:
            return self
        payments = self.payments.filter(pl.col("paid_at") <= as_of)
        contacts = self.contacts.filter(pl.col("sent_at") <= as_of)
        events = self.events.filter(pl.col("at") <= as_of)
        invoices = self.invoices.filter(
            pl.col("issued_on").cast(pl.Datetime("us")).dt.replace_time_zone("UTC") <= as_of
        )
        available = pl.coalesce("available_on", "date").cast(pl.Datetime("us"))
        external = self.external.filter(available.dt.replace_time_zone("UTC") <= as_of)
        seen = pl.concat([t["customer_id"] for t in (invoices, contacts, events)]).unique()
        customers = self.customers.filter(pl.col("customer_id").is_in(seen.implode()))
        known = Tables(customers, invoices, payments, contacts, events, external)
        object.__setattr__(known, "until", as_of)
        return known

    def in_order(self) -> "Tables":
        """Return the same facts, each table in one order, whatever order its rows came in.

        Sums of floats follow the order of the rows: without this, the same facts in another order
        could differ in a last digit.
        """
        ordered = [
            frame.lazy().sort(_ORDER[table.name], maintain_order=True) for table, frame in self
        ]
        tables = Tables(*pl.collect_all(ordered))
        object.__setattr__(tables, "until", self.until)
        return tables

    def of_customers(self, customers: pl.Series) -> "Tables":
        """Return the facts about these customers (their ids), and what is true for all."""
        ids = customers.implode()
        own = pl.col("customer_id").is_in(ids).fill_null(False)
        invoices = self.invoices.filter(own)
        of_theirs = pl.col("invoice_id").is_in(invoices["invoice_id"].implode()).fill_null(False)
        tables = self.with_(
            customers=self.customers.filter(own),
            invoices=invoices,
            payments=self.payments.filter(of_theirs),
            contacts=self.contacts.filter(own),
            events=self.events.filter(own | of_theirs),
        )
        object.__setattr__(tables, "until", self.until)
        return tables

    def with_(self, **frames: pl.DataFrame) -> "Tables":
        """Return the same tables with some of them replaced."""
        changed: dict[str, Any] = dict(frames)
        return replace(self, **changed)


def received(payments: pl.DataFrame) -> pl.DataFrame:
    """Return the payments that brought money in: not repayments, nor debits that came back.

    What is owed follows from all of them; what people did, from these.
    """
    return payments.filter(pl.col("amount") > 0)


def empty_tables() -> Tables:
    """Return six empty tables."""
    return Tables(*(table.empty() for table in TABLES.values()))


def conform(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Return `frame` with every contract column present, in its type and in the contract's order.

    For frames that code has made: a value that does not fit its type raises. Files are read by
    `store`, which reports such values row by row instead.
    """
    missing = [
        pl.lit(None, dtype=c.type.dtype).alias(c.name)
        for c in table.columns
        if c.name not in frame.columns
    ]
    present = [pl.col(c.name).cast(c.type.dtype) for c in table.columns if c.name in frame.columns]
    others = [c for c in frame.columns if table.column(c) is None] if table.free_columns else []
    order = [c.name for c in table.columns] + others
    return frame.with_columns(present + missing).select(order)


def tables_of(**frames: pl.DataFrame) -> Tables:
    """Build `Tables` from frames made in code; those not given are empty.

    Example
    -------
    >>> tables_of(customers=pl.DataFrame({"customer_id": ["C1"]})).customers.height
    1
    """
    return Tables(
        *(
            conform(table, frames[name]) if name in frames else table.empty()
            for name, table in TABLES.items()
        )
    )


def feature_columns(table: Table, frame: pl.DataFrame) -> list[str]:
    """Name the free columns that may be features: not protected, reference, consent or reach."""
    barred = (PROTECTED_PREFIX, REFERENCE_PREFIX, CONSENT_PREFIX, REACH_PREFIX)
    return [c for c in frame.columns if table.column(c) is None and not c.startswith(barred)]
