"""What is odd in the facts although every row can be read: doubles, impossible dates, gaps."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl

from tenor.engine.events import Kind
from tenor.engine.frames import AMOUNT, INVOICES, Tables

# Systems that had no date wrote 1900-01-01 or 1970-01-01; nothing older than this is collected.
_OLDEST = date(1990, 1, 1)
_FAR_DAYS = 3 * 365
# A rest or surplus this small is rounding (the ledger forgives the same share).
_ROUNDING = 0.01
_STALE_DAYS = 60
_EXAMPLES = 3
# Columns that only some sources have: an empty one tells nothing.
_MOSTLY_EMPTY = 0.9


@dataclass(frozen=True)
class Finding:
    """One thing that is odd in a table.

    `code` names the kind for programs, `text` says it in words, `rows` counts the rows it
    concerns (0: the table as a whole), `examples` names a few of them by their key.
    """

    code: str
    table: str
    text: str
    rows: int = 0
    examples: tuple[str, ...] = ()


def findings(tables: Tables, *, today: date) -> list[Finding]:
    """Return what is odd in `tables`, table by table; `today` is what dates are held against."""
    invoices = _with_highest_total(tables)
    found = [
        *_doubles(tables),
        *_impossible_dates(tables, today),
        *_before_the_invoice(tables),
        *_against_amounts(tables, invoices),
        *_contacts(tables, invoices),
        *_gaps(credible(tables, today=today)),
    ]
    return sorted(found, key=lambda f: list(_ORDER).index(f.table))


_ORDER = ("customers", "invoices", "payments", "contacts", "events", "external")


def _of_rows(
    code: str, table: str, rows: pl.DataFrame, key: str, text: str, noun: str = "row"
) -> Iterator[Finding]:
    """Yield a finding about `rows` if there are any; `{n}` in `text` becomes how many `noun`s."""
    if rows.is_empty():
        return
    examples = rows[key].cast(pl.String).drop_nulls().unique(maintain_order=True).head(_EXAMPLES)
    counted = f"{rows.height:,} {noun}" + ("" if rows.height == 1 else "s")
    yield Finding(code, table, text.format(n=counted), rows.height, tuple(examples.to_list()))


def _doubles(tables: Tables) -> Iterator[Finding]:
    same_invoice = ["customer_id", "amount", "currency", "issued_on", "due_on"]
    yield from _of_rows(
        "invoices_alike",
        "invoices",
        tables.invoices.filter(~pl.struct(same_invoice).is_first_distinct()),
        "invoice_id",
        "{n} like another invoice of the same customer, amount and days: entered twice?",
    )
    yield from _of_rows(
        "payments_alike",
        "payments",
        tables.payments.filter(~pl.struct("invoice_id", "paid_at", "amount").is_first_distinct()),
        "invoice_id",
        "{n} like another payment of the same invoice, moment and amount: booked twice?",
    )
    yield from _of_rows(
        "contacts_alike",
        "contacts",
        tables.contacts.filter(~pl.struct("customer_id", "sent_at", "channel").is_first_distinct()),
        "contact_id",
        "{n} like another contact with the same customer, moment and channel",
    )
    yield from _of_rows(
        "events_alike",
        "events",
        # Rows of millions of events are compared by their hash: 64 bits hardly ever clash.
        tables.events.filter(~tables.events.hash_rows(seed=0).is_first_distinct()),
        "invoice_id",
        "{n} exactly like another event: delivered twice?",
    )


def _impossible_dates(tables: Tables, today: date) -> Iterator[Finding]:
    invoices, later = tables.invoices, today + timedelta(days=_FAR_DAYS)
    yield from _of_rows(
        "due_before_issued",
        "invoices",
        invoices.filter(pl.col("due_on") < pl.col("issued_on")),
        "invoice_id",
        "{n} due before issued",
    )
    old = (pl.col("issued_on") < _OLDEST) | (pl.col("due_on") < _OLDEST)
    yield from _of_rows(
        "very_old",
        "invoices",
        invoices.filter(old),
        "invoice_id",
        f"{{n}} with a date before {_OLDEST.year}: a stand-in for a date that was missing?",
    )
    yield from _of_rows(
        "issued_in_future",
        "invoices",
        invoices.filter(pl.col("issued_on") > today),
        "invoice_id",
        f"{{n}} issued after {today}",
    )
    yield from _of_rows(
        "due_far_away",
        "invoices",
        invoices.filter(pl.col("due_on") > later),
        "invoice_id",
        f"{{n}} due after {later}, years from now",
    )
    for table, frame in tables:
        column = table.known_from
        if table is INVOICES or table.name == "external" or column is None:
            continue
        day = pl.col(column).dt.date()
        key = table.key or "invoice_id"
        yield from _of_rows(
            "in_future", table.name, frame.filter(day > today), key, f"{{n}} dated after {today}"
        )
        yield from _of_rows(
            "very_old",
            table.name,
            frame.filter(day < _OLDEST),
            key,
            f"{{n}} dated before {_OLDEST.year}",
        )


def _before_the_invoice(tables: Tables) -> Iterator[Finding]:
    issued = tables.invoices.select("invoice_id", "issued_on")
    # A day of grace: midnight in the customer's zone may be the day before in UTC.
    first_day = pl.col("issued_on") - pl.duration(days=1)
    named = tables.contacts.explode("invoice_ids").rename({"invoice_ids": "invoice_id"})
    for code, table, frame, column, text in (
        ("payment_before_issue", "payments", tables.payments, "paid_at", "paid"),
        ("contact_before_issue", "contacts", named, "sent_at", "sent"),
        ("event_before_issue", "events", tables.events, "at", "that happened"),
    ):
        early = frame.join(issued, on="invoice_id", how="inner", maintain_order="left").filter(
            pl.col(column).dt.date() < first_day
        )
        yield from _of_rows(
            code, table, early, "invoice_id", f"{{n}} {text} before the invoice was issued"
        )


def _with_highest_total(tables: Tables) -> pl.DataFrame:
    """Return `invoice_id, customer_id, highest, settled_at` over all facts.

    `highest` is the most the invoice ever asked, `settled_at` when that much had been paid.
    """
    changes = tables.events.filter(pl.col("kind") == Kind.AMOUNT_CHANGED).select(
        "invoice_id",
        changed=pl.col("detail").str.json_path_match("$.amount").cast(AMOUNT, strict=False),
    )
    highest = tables.invoices.select("invoice_id", "customer_id", "amount").join(
        changes.group_by("invoice_id").agg(pl.col("changed").max()),
        on="invoice_id",
        how="left",
        maintain_order="left",
    )
    highest = highest.select(
        "invoice_id", "customer_id", highest=pl.max_horizontal("amount", "changed")
    )
    running = tables.payments.sort("paid_at", maintain_order=True).with_columns(
        paid=pl.col("amount").cast(pl.Float64).cum_sum().over("invoice_id")
    )
    enough = running.join(highest, on="invoice_id", how="inner", maintain_order="left").filter(
        pl.col("paid") >= pl.col("highest").cast(pl.Float64) * (1 - _ROUNDING)
    )
    settled = enough.group_by("invoice_id").agg(settled_at=pl.col("paid_at").min())
    return highest.join(settled, on="invoice_id", how="left", maintain_order="left")


def _against_amounts(tables: Tables, invoices: pl.DataFrame) -> Iterator[Finding]:
    paid = tables.payments.group_by("invoice_id").agg(paid=pl.col("amount").cast(pl.Float64).sum())
    over = invoices.join(paid, on="invoice_id", how="inner", maintain_order="left").filter(
        pl.col("paid") > pl.col("highest").cast(pl.Float64) * (1 + _ROUNDING)
    )
    surplus = float((over["paid"] - over["highest"].cast(pl.Float64)).sum())
    yield from _of_rows(
        "paid_too_much",
        "payments",
        over,
        "invoice_id",
        f"more paid than was ever asked on {{n}} ({surplus:,.2f} in all)",
        "invoice",
    )
    yield from _of_rows(
        "payment_of_nothing",
        "payments",
        tables.payments.filter(pl.col("amount") == 0),
        "invoice_id",
        "{n} of amount 0",
    )


def _contacts(tables: Tables, invoices: pl.DataFrame) -> Iterator[Finding]:
    named = (
        tables.contacts.select("contact_id", "sent_at", "invoice_ids", contacted="customer_id")
        .explode("invoice_ids")
        .rename({"invoice_ids": "invoice_id"})
        .join(invoices, on="invoice_id", how="inner", maintain_order="left")
    )
    after = named.group_by("contact_id", maintain_order=True).agg(
        all_paid=(pl.col("settled_at") < pl.col("sent_at")).fill_null(False).all()
    )
    yield from _of_rows(
        "contact_after_payment",
        "contacts",
        after.filter("all_paid"),
        "contact_id",
        "{n} sent although everything they name had been paid",
    )
    others = named.filter(pl.col("customer_id") != pl.col("contacted"))
    yield from _of_rows(
        "contact_of_another",
        "contacts",
        others.unique("contact_id", maintain_order=True),
        "contact_id",
        "{n} that name an invoice of another customer",
    )


def credible(tables: Tables, *, today: date) -> Tables:
    """Return the facts with possible dates: one stand-in of 1900 must not span a century."""
    frames = {}
    for table, frame in tables:
        if table.known_from and table.name != "external":
            day = pl.col(table.known_from).cast(pl.Date)
            frames[table.name] = frame.filter(day.is_between(_OLDEST, today))
    return tables.with_(**frames)


def _gaps(tables: Tables) -> Iterator[Finding]:
    """Find what a source that was never joined, or stopped, leaves behind."""
    for name, lost in (
        ("payments", "nothing can be learned"),
        ("contacts", "what a contact changes cannot be learned"),
        ("events", "clicks, visits, promises and disputes cannot be used"),
    ):
        if getattr(tables, name).is_empty():
            yield Finding("no_rows", name, f"no rows: {lost}")
    if tables.invoices.is_empty():
        return
    yield from _quiet_months(tables)
    yield from _one_ended(tables)
    for column, lost in (
        ("tone", "what the tone changes cannot be learned"),
        ("propensity", "the chance of each contact will be estimated from the data"),
    ):
        frame = tables.contacts
        if frame.height and frame[column].null_count() >= _MOSTLY_EMPTY * frame.height:
            share = frame[column].null_count() / frame.height
            yield Finding("mostly_empty", "contacts", f"{column} empty in {share:.0%}: {lost}")
    yield from _unknown_kinds(tables)


def _quiet_months(tables: Tables) -> Iterator[Finding]:
    for table, frame, column in (
        ("invoices", tables.invoices, "issued_on"),
        ("payments", tables.payments, "paid_at"),
    ):
        months = frame[column].cast(pl.Date).dt.truncate("1mo").unique().sort()
        if months.len() < 2:
            continue
        every = pl.date_range(months[0], months[-1], "1mo", eager=True)
        quiet = every.filter(~every.is_in(months.implode()))
        if quiet.len():
            shown = [f"{month:%Y-%m}" for month in quiet.head(_EXAMPLES).to_list()]
            text = f"{quiet.len():,} months in between without any row: an export with holes?"
            yield Finding("quiet_months", table, text, 0, tuple(shown))


def _one_ended(tables: Tables) -> Iterator[Finding]:
    """Compare the period of each table with that of the invoices: feeds start late or stop."""
    first, last = _span(tables.invoices["issued_on"])
    for table, frame in tables:
        if table.name not in ("payments", "contacts", "events") or frame.is_empty():
            continue
        begins, ends = _span(frame[str(table.known_from)].cast(pl.Date))
        if begins > first + timedelta(days=_STALE_DAYS):
            yield Finding("starts_late", table.name, f"begin on {begins}, the invoices on {first}")
        if ends < last - timedelta(days=_STALE_DAYS):
            yield Finding("stops_early", table.name, f"end on {ends}, the invoices on {last}")


def _span(days: pl.Series) -> tuple[date, date]:
    """Return the first and the last of some days."""
    ordered = days.sort()
    return ordered[0], ordered[-1]


def _unknown_kinds(tables: Tables) -> Iterator[Finding]:
    unknown = tables.events.filter(~pl.col("kind").is_in([str(kind) for kind in Kind]))
    if unknown.height:
        kinds = unknown["kind"].value_counts(sort=True)["kind"].head(_EXAMPLES)
        yield from (
            replace(finding, examples=tuple(kinds.to_list()))
            for finding in _of_rows(
                "unknown_kind", "events", unknown, "kind", "{n} of unknown kinds: kept, not used"
            )
        )
