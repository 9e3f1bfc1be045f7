"""Build the features of every open invoice as of an instant, from nothing later than it."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from tenor.engine.features.behaviour import behaviour, visits_unpaid
from tenor.engine.features.contact import (
    Answering,
    answer_rates,
    answering,
    answering_of,
    answers,
    contact_history,
    invoice_contacts,
)
from tenor.engine.features.exposure import exposure
from tenor.engine.features.external import Outer, external, outer_of
from tenor.engine.features.payment import (
    Ages,
    Habits,
    ages_of,
    habits_of,
    pay_days,
    payment_habits,
    same_age,
)
from tenor.engine.frames import CUSTOMERS, INVOICES, Tables, feature_columns
from tenor.engine.ledger import invoice_states

KEYS = ("invoice_id", "customer_id")
# Contract columns of customers that are features too (the zone follows from the country).
CUSTOMER_TRAITS = ("kind", "country", "language")


@dataclass(frozen=True)
class Snapshot:
    """What was known at one instant.

    `rows` has a row an open invoice, sorted by `invoice_id`: the keys, numbers as Float64 and
    names as String; a missing value means that nothing of the kind had happened. `answer_rates`
    (`customer_id, channel, rate`) says which channels each customer answers to.
    """

    as_of: datetime
    rows: pl.DataFrame
    answer_rates: pl.DataFrame

    def of_customers(self, customers: pl.Series) -> "Snapshot":
        """Return what was known of these customers (their ids)."""
        own = pl.col("customer_id").is_in(customers.implode())
        return Snapshot(self.as_of, self.rows.filter(own), self.answer_rates.filter(own))


@dataclass(frozen=True, eq=False)
class Population:
    """What the features of one customer need to know of all others, as of an instant."""

    as_of: datetime
    habits: Habits
    ages: Ages
    answering: Answering
    outer: Outer


def population_of(tables: Tables, as_of: datetime) -> Population:
    """Return the population's figures at `as_of` (aware), from nothing later.

    They move slowly: kept for a day, they let one customer be looked at alone.
    """
    known = tables.known_at(as_of)
    states = invoice_states(known, as_of)
    return Population(
        as_of,
        habits_of(states, as_of),
        ages_of(states, as_of),
        answering_of(answers(known, as_of)),
        outer_of(known, as_of),
    )


def build(tables: Tables, as_of: datetime, population: Population | None = None) -> Snapshot:
    """Return the features of every invoice that is open at `as_of` (aware).

    Facts later than `as_of` have no influence whatever. See `catalogue` for what each column is.
    With the `population` of a whole portfolio, `tables` may hold some of its customers only
    (each with all their facts; the external table is not looked at): their rows are the same.
    """
    known = tables.known_at(as_of)
    states = invoice_states(known, as_of)
    rows = exposure(known, states, as_of)
    answered = answers(known, as_of)
    usual = population.answering if population else answering_of(answered)
    habits, ages = (population.habits, population.ages) if population else (None, None)
    by_customer = (
        payment_habits(known, states, as_of, habits),
        pay_days(known, as_of),
        contact_history(known, as_of),
        behaviour(known, as_of),
        visits_unpaid(known),
        answering(answered, usual),
        external(known, population.outer if population else outer_of(known, as_of)),
        _traits(known),
    )
    joined = rows.lazy()
    for part in by_customer:
        joined = joined.join(part.lazy(), on="customer_id", how="left", maintain_order="left")
    by_invoice = [invoice_contacts(known), same_age(states, as_of, ages)]
    free = feature_columns(INVOICES, known.invoices)
    if free:
        by_invoice.append(
            known.invoices.select(
                "invoice_id", *[_free(known.invoices, c, "invoice") for c in free]
            )
        )
    for part in by_invoice:
        joined = joined.join(part.lazy(), on="invoice_id", how="left", maintain_order="left")
    rows = _filled(joined.collect()).sort("invoice_id").rechunk()
    return Snapshot(as_of, rows, answer_rates(answered, usual))


def _traits(known: Tables) -> pl.DataFrame:
    """Return the customers' own columns that may be features, prefixed so that none collides."""
    free = feature_columns(CUSTOMERS, known.customers)
    traits = [_free(known.customers, c, "customer") for c in (*CUSTOMER_TRAITS, *free)]
    return known.customers.select("customer_id", *traits)


def _free(frame: pl.DataFrame, column: str, table: str) -> pl.Expr:
    """Return a free column as a number where it is one, else as text."""
    dtype = frame[column].dtype
    value = pl.col(column)
    if dtype == pl.Date or dtype == pl.Datetime:
        # A date is told by how long ago it was in days, from a fixed day: an order, not a clock.
        value = value.cast(pl.Datetime("us")).dt.epoch("d").cast(pl.Float64)
    elif dtype.is_numeric() or dtype == pl.Boolean:
        value = value.cast(pl.Float64)
    else:
        value = value.cast(pl.String)
    return value.alias(f"{table}_{column}")


def _filled(rows: pl.DataFrame) -> pl.DataFrame:
    """Fill counts with 0 where nothing happened; recencies and values stay missing."""
    counts = [
        c
        for c in rows.columns
        if c.endswith(("_90d", "_30d", "_now"))
        or c
        in (
            "contacts",
            "invoice_contacts",
            "visits_unpaid",
            "payments",
            "past_invoices",
            "past_settled",
            "past_escalated",
        )
    ]
    numbers = [c for c in rows.columns if rows[c].dtype == pl.Float64]
    return rows.with_columns(pl.col(counts).fill_null(0.0)).with_columns(
        pl.col(numbers).fill_nan(None)
    )
