"""Small simulated worlds for the tests of learning and deciding, and changes to their facts."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache

import numpy as np
import polars as pl

from tenor.engine.frames import AMOUNT, INSTANT, Tables
from tenor.engine.policy.policyfile import Policy, parse_policy
from tenor.engine.simulation import World, WorldConfig

HISTORY_DAYS = 240
LATER_DAYS = 60
DAYS_TO_ARRIVE = {"letter": 2.0}
POLICY = """
[channels.email]
cost = 0.02
[channels.sms]
cost = 0.07
[channels.letter]
cost = 1.10
days_to_arrive = 2
[channels.call]
cost = 4.50
capacity_per_day = 2
days = "Mon-Fri"
hours = "09:00-17:00"
"""


def policy_of(text: str = "") -> Policy:
    """The four channels of the simulated worlds, and what else `text` says."""
    return parse_policy(POLICY + text)


@cache
def lived(
    customers: int = 500,
    seed: int = 1,
    *,
    randomised: float = 0.5,
    days: int = HISTORY_DAYS,
    later: int = LATER_DAYS,
) -> tuple[World, Tables]:
    """A world as it stood after `days` days, and the facts of `later` days more.

    Nobody plays on with the world that is returned.
    """
    world = World(WorldConfig(customers=customers, randomised=randomised), seed)
    world.play_ladder(days)
    then = world.copy()
    world.play_ladder(later)
    return then, world.tables()


def tiny() -> tuple[datetime, Tables]:
    """The facts of a few dozen customers, and an instant with forty more days after it."""
    then, tables = lived(90, seed=3, days=90, later=40)
    return then.today, tables


def shuffled(tables: Tables, seed: int) -> Tables:
    """The same facts with the rows of every table in another order."""
    rng = np.random.default_rng(seed)
    return tables.with_(**{t.name: f[rng.permutation(f.height)] for t, f in tables})


def assert_same_tables(left: Tables, right: Tables) -> None:
    for (table, frame), (_, other) in zip(left, right, strict=True):
        assert frame.equals(other), table.name


# What may happen to the facts after an instant. None of it may be seen at the instant.


def later_deleted(tables: Tables, as_of: datetime) -> Tables:
    """Nothing happened after `as_of`."""
    day = as_of.date()
    available = pl.coalesce("available_on", "date")
    return tables.with_(
        invoices=tables.invoices.filter(pl.col("issued_on") <= day),
        payments=tables.payments.filter(pl.col("paid_at") <= as_of),
        contacts=tables.contacts.filter(pl.col("sent_at") <= as_of),
        events=tables.events.filter(pl.col("at") <= as_of),
        external=tables.external.filter(available <= day),
    )


def later_shifted(tables: Tables, as_of: datetime) -> Tables:
    """All that came after `as_of` comes nine days and some hours later still."""
    day, by = as_of.date(), timedelta(days=9, hours=5)

    def moved(column: str) -> pl.Expr:
        return (
            pl.when(pl.col(column) > as_of)
            .then(pl.col(column) + by)
            .otherwise(pl.col(column))
            .alias(column)
        )

    late = pl.col("issued_on") > day
    known_late = pl.coalesce("available_on", "date") > day
    return tables.with_(
        invoices=tables.invoices.with_columns(
            pl.when(late).then(pl.col(c).dt.offset_by("9d")).otherwise(c).alias(c)
            for c in ("issued_on", "due_on")
        ),
        payments=tables.payments.with_columns(moved("paid_at")),
        contacts=tables.contacts.with_columns(moved("sent_at")),
        events=tables.events.with_columns(moved("at")),
        external=tables.external.with_columns(
            available_on=pl.when(known_late)
            .then(pl.coalesce("available_on", "date").dt.offset_by("9d"))
            .otherwise("available_on")
        ),
    )


def later_changed(tables: Tables, as_of: datetime) -> Tables:
    """All that came after `as_of` says something else: amounts, channels, kinds, values."""
    day = as_of.date()
    late_issue, late_payment = pl.col("issued_on") > day, pl.col("paid_at") > as_of
    late_contact, late_event = pl.col("sent_at") > as_of, pl.col("at") > as_of
    late_value = pl.coalesce("available_on", "date") > day

    return tables.with_(
        invoices=tables.invoices.with_columns(
            amount=pl.when(late_issue).then(pl.lit(Decimal(7))).otherwise("amount").cast(AMOUNT),
        ),
        payments=tables.payments.with_columns(
            amount=pl.when(late_payment).then(pl.lit(Decimal(3))).otherwise("amount").cast(AMOUNT),
            method=pl.when(late_payment).then(pl.lit("barter")).otherwise("method"),
        ),
        contacts=tables.contacts.with_columns(
            channel=pl.when(late_contact).then(pl.lit("drone")).otherwise("channel"),
            tone=pl.when(late_contact).then(pl.lit("rude")).otherwise("tone"),
        ),
        events=tables.events.with_columns(
            kind=pl.when(late_event).then(pl.lit("complained")).otherwise("kind"),
        ),
        external=tables.external.with_columns(
            value=pl.when(late_value).then(pl.col("value") - 1000.0).otherwise("value"),
        ),
    )


def later_invented(tables: Tables, as_of: datetime) -> Tables:
    """After `as_of` everybody paid, was contacted, complained; strangers came; a series began."""
    soon = as_of + timedelta(microseconds=1)
    at = pl.lit(soon).cast(INSTANT)
    invoices, customers = tables.invoices, tables.customers
    others = customers.head(20).with_columns(
        customer_id=pl.lit("new ") + pl.col("customer_id"), country=pl.lit("JP")
    )
    issued = invoices.head(40).with_columns(
        invoice_id=pl.lit("new ") + pl.col("invoice_id"),
        customer_id=pl.lit("new ") + customers["customer_id"][0],
        issued_on=pl.lit((as_of + timedelta(days=1)).date()),
        due_on=pl.lit((as_of + timedelta(days=2)).date()),
    )
    paid = invoices.select("invoice_id", paid_at=at, amount="amount")
    sent = customers.select(
        contact_id=pl.lit("new ") + pl.col("customer_id"),
        customer_id="customer_id",
        invoice_ids=pl.concat_list(pl.lit(invoices["invoice_id"][0])),
        sent_at=at,
        channel=pl.lit("drone"),
    )
    said = customers.select(at=at, kind=pl.lit("complained"), customer_id="customer_id")
    values = pl.DataFrame(
        {
            "date": [as_of.date(), as_of.date() - timedelta(days=90)],
            "name": ["index", "strangeness"],
            "value": [999.0, 999.0],
            "available_on": [(as_of + timedelta(days=1)).date()] * 2,
        }
    )
    more = {
        "customers": others,
        "invoices": issued,
        "payments": paid,
        "contacts": sent,
        "events": said,
        "external": values,
    }
    return tables.with_(**{t.name: pl.concat([f, more[t.name]], how="diagonal") for t, f in tables})


LATER = {
    "deleted": later_deleted,
    "shifted": later_shifted,
    "changed": later_changed,
    "invented": later_invented,
}
