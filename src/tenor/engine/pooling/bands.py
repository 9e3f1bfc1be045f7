"""What a training set tells of an invoice, in bands: each column at several widths."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states
from tenor.engine.pooling.rows import habits

NONE = "none"
EVERY = "all alike"
# Columns of customers that hold where somebody lives, under the names that systems give them.
_PLACES = ("postcode", "postal_code", "zip", "zipcode", "zip_code")
# Invoices younger than this may still end either way.
_RIPE = timedelta(days=60)


@dataclass(frozen=True)
class Banded:
    """A column at several widths, the finest first; `words` say how wide each is."""

    name: str
    levels: tuple[pl.Series, ...]
    words: tuple[str, ...]


def lessons(tables: Tables, as_of: datetime) -> pl.DataFrame:
    """Return a row an invoice that is ripe at `as_of`: whose it is and what is told of it, exact.

    Columns: `customer_id, invoice_id`, then `kind, country, language, place` (empty where the
    tables have none), `amount, issued, terms` (days), `habit` (how its customer had paid before),
    `contacts` (how many), `first_channel, first_tone, first_after` (days from the due day) and
    `ended` (days from the due day to payment; empty where unpaid), `handed_over`.
    """
    known = tables.known_at(as_of)
    states = invoice_states(known, as_of).filter(pl.col("due_on") <= (as_of - _RIPE).date())
    customers = known.customers
    place = next((name for name in _PLACES if name in customers.columns), None)
    who = customers.select(
        "customer_id",
        *(_text(customers, name) for name in ("kind", "country", "language")),
        _text(customers, place, "place"),
    )
    habit = habits(states.select("customer_id", "invoice_id", "issued_on", "due_on", "settled_at"))
    due = pl.col("due_on").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return (
        states.join(who, on="customer_id", how="left", maintain_order="left")
        .join(habit, on="invoice_id", how="left", maintain_order="left")
        .join(_contacts(known), on="invoice_id", how="left", maintain_order="left")
        .select(
            "customer_id",
            "invoice_id",
            "kind",
            "country",
            "language",
            "place",
            amount=pl.col("amount").cast(pl.Float64),
            issued=pl.col("issued_on"),
            terms=(pl.col("due_on") - pl.col("issued_on")).dt.total_days(),
            habit=pl.col("habit").fill_null(0),
            contacts=pl.col("contacts").fill_null(0).cast(pl.Int64),
            first_channel=pl.col("first_channel"),
            first_tone=pl.col("first_tone"),
            first_after=(pl.col("first_at") - due).dt.total_days(),
            ended=(pl.col("settled_at") - due).dt.total_days(),
            handed_over=pl.col("closed_at").is_not_null(),
        )
        .sort("invoice_id")
    )


def banded(told: pl.DataFrame, name: str) -> Banded:
    """Return a column of `lessons` at its widths; the last is always the same for everybody."""
    widths = _WIDTHS.get(name, (("as it is", _as_it_is),))
    levels = [band(told[name]).cast(pl.String).fill_null(NONE).alias(name) for _, band in widths]
    alike = pl.Series(name, [EVERY] * told.height, dtype=pl.String)
    return Banded(name, (*levels, alike), (*(words for words, _ in widths), EVERY))


def recoded(told: pl.DataFrame, levels: Mapping[str, str]) -> pl.DataFrame:
    """Return `lessons` in the bands of a training set, by its `levels`: what attackers can do."""
    found = []
    for name, words in levels.items():
        column = banded(told, name)
        found.append(column.levels[column.words.index(words)])
    return told.select("customer_id", "invoice_id").with_columns(found)


def _as_it_is(values: pl.Series) -> pl.Series:
    return values


def _cut(breaks: Sequence[float], labels: Sequence[str]) -> Callable[[pl.Series], pl.Series]:
    """Cut at the breaks: a value belongs to the first label whose break it does not exceed."""

    def band(values: pl.Series) -> pl.Series:
        numbers = values.cast(pl.Float64).to_numpy()
        which = np.searchsorted(np.array(breaks, dtype=float), numbers, side="left")
        known = np.array(labels, dtype=object)[np.minimum(which, len(labels) - 1)]
        known[np.isnan(numbers)] = None
        return pl.Series(values.name, known.tolist(), dtype=pl.String)

    return band


def _amounts(parts: int) -> Callable[[pl.Series], pl.Series]:
    """Cut amounts at round numbers, so that the band says nothing of who else is in the set."""
    breaks = {
        7: (25, 50, 100, 250, 1_000, 5_000),
        4: (50, 250, 1_000),
        2: (250,),
    }[parts]
    return _cut(breaks, [f"to {b}" for b in breaks] + [f"above {breaks[-1]}"])


def _quarter(values: pl.Series) -> pl.Series:
    year, quarter = values.dt.year(), values.dt.quarter()
    return year.cast(pl.String) + "-Q" + quarter.cast(pl.String)


def _head(letters: int) -> Callable[[pl.Series], pl.Series]:
    return lambda values: values.cast(pl.String).str.slice(0, letters)


_WIDTHS: dict[str, tuple[tuple[str, Callable[[pl.Series], pl.Series]], ...]] = {
    "place": (("first two characters", _head(2)), ("first character", _head(1))),
    "amount": (
        ("seven bands", _amounts(7)),
        ("four bands", _amounts(4)),
        ("two bands", _amounts(2)),
    ),
    "issued": (
        ("quarter", _quarter),
        ("year", lambda v: v.dt.year()),
    ),
    "terms": (("to 14, to 30, longer", _cut((14, 30), ("to 14", "to 30", "longer"))),),
    "habit": (
        ("as it is", _as_it_is),
        ("late or not", lambda v: (v >= 2).cast(pl.Int8)),
    ),
    "contacts": (
        ("0, 1, 2 to 3, more", _cut((0, 1, 3), ("0", "1", "2 to 3", "more"))),
        ("some or none", lambda v: v > 0),
    ),
    "first_after": (
        ("before, to 7, later", _cut((-1, 7), ("before", "to 7", "later"))),
        ("before or after", _cut((-1,), ("before", "after"))),
    ),
    "ended": (
        (
            "in time, to 7, to 30, to 60, later",
            _cut((0, 7, 30, 60), ("in time", "to 7", "to 30", "to 60", "later")),
        ),
        ("to 30 or later", _cut((30,), ("to 30", "later"))),
    ),
}


def _contacts(known: Tables) -> pl.DataFrame:
    """Return how often an invoice was asked for and how first: a row an invoice."""
    return (
        known.contacts.sort("sent_at", "contact_id")
        .select("sent_at", "channel", "tone", invoice_id="invoice_ids")
        .explode("invoice_id")
        .drop_nulls("invoice_id")
        .group_by("invoice_id", maintain_order=True)
        .agg(
            contacts=pl.len(),
            first_channel=pl.col("channel").first(),
            first_tone=pl.col("tone").first(),
            first_at=pl.col("sent_at").first(),
        )
    )


def _text(customers: pl.DataFrame, name: str | None, called: str | None = None) -> pl.Expr:
    if name is None or name not in customers.columns:
        return pl.lit(None, dtype=pl.String).alias(called or name or "")
    return pl.col(name).cast(pl.String).alias(called or name)
