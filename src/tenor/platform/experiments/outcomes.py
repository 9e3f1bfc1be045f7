"""What became of everybody in an experiment: money, and how they felt treated.

A customer counts where chance put them, whatever happened since. What they pay is looked at once
their own days are over; complaints, opting out and the like count as soon as they are known, in
all arms alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from tenor.engine.events import Kind
from tenor.engine.experiments.outcomes import KNOWN, Better, Outcome
from tenor.engine.experiments.outcomes import Kind as What
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states
from tenor.platform.experiments.models import Assignment, Experiment

PAID = "paid_30d"
# What tells early what will be paid late: money says nothing for weeks.
REACTED = Outcome("reacted", What.SHARE, Better.HIGHER, 0.03)
COST = Outcome("cost", What.SUM, Better.LOWER)
OUTCOMES: tuple[Outcome, ...] = (
    KNOWN[PAID],
    KNOWN["days_to_pay"],
    KNOWN["collected_net"],
    COST,
    KNOWN["escalated"],
    REACTED,
    KNOWN["complained"],
    KNOWN["opted_out"],
    KNOWN["rated"],
)
_ANSWERS = (Kind.CLICKED, Kind.PAGE_VISITED, Kind.PAYMENT_STARTED, Kind.REPLIED, Kind.PROMISED)
_SIGNS = {
    "escalated": (Kind.ESCALATED,),
    "complained": (Kind.COMPLAINED,),
    "opted_out": (Kind.OPTED_OUT,),
    "reacted": _ANSWERS,
}
_INSTANT = pl.Datetime("us", "UTC")


@dataclass(frozen=True)
class Seen:
    """What the facts of a day say of everybody: read once for all experiments.

    `invoices` (`invoice_id, settled_at`), `payments`, `contacts` (`key, at, cost`) and `signs`
    (`key, at, kind, detail`: events that an outcome counts, each with its customer).
    """

    as_of: datetime
    invoices: pl.DataFrame
    payments: pl.DataFrame
    contacts: pl.DataFrame
    signs: pl.DataFrame


def seen(known: Tables, as_of: datetime) -> Seen:
    """Return what was known at `as_of`, as outcomes ask for it."""
    owners = known.invoices.select("invoice_id", owner="customer_id")
    counted = [Kind.RATED, *(kind for kinds in _SIGNS.values() for kind in kinds)]
    signs = (
        known.events.filter(pl.col("kind").is_in(counted))
        .join(owners, on="invoice_id", how="left")
        .select("at", "kind", "detail", key=pl.coalesce("customer_id", "owner"))
        .drop_nulls("key")
    )
    return Seen(
        as_of=as_of,
        invoices=invoice_states(known, as_of).select("invoice_id", "settled_at"),
        payments=known.payments.select("invoice_id", "paid_at", "amount"),
        contacts=known.contacts.select("cost", key="customer_id", at="sent_at"),
        signs=signs,
    )


def outcome_rows(experiment: Experiment, facts: Seen, arms: Sequence[str]) -> pl.DataFrame:
    """Return a row a customer in one of `arms`: what was drawn, their arm, and each outcome.

    Columns: `customer_id` (what was drawn: the customer or the group), `arm`, a column a factor,
    the names of `OUTCOMES`, and `expected_paid_30d`. An outcome that is not known yet is empty.
    """
    people = _people(experiment, facts.as_of, arms)
    signs = facts.signs.join(people.select("key", "since", "end"), on="key", how="inner").filter(
        pl.col("at").is_between("since", "end")
    )
    for part in (
        _money(people, facts),
        _contacts(people, facts),
        *(_sign(signs, name, kinds) for name, kinds in _SIGNS.items()),
        _ratings(signs),
    ):
        people = people.join(part, on="key", how="left", maintain_order="left")
    money = ("paid_30d", "days_to_pay", "collected_net")
    ripe = pl.col("end") <= facts.as_of
    net = pl.col("collected") - pl.col("cost").fill_null(0.0)
    return people.with_columns(collected_net=net).select(
        pl.col("unit").alias("customer_id"),
        "arm",
        *[factor["name"] for factor in experiment.factors],
        *(pl.when(ripe).then(name).alias(name) for name in money),
        pl.col("cost").fill_null(0.0),
        *(pl.col(name).fill_null(0.0) for name in _SIGNS),
        "rated",
        pl.col("expected").alias("expected_paid_30d"),
    )


def _people(experiment: Experiment, as_of: datetime, arms: Sequence[str]) -> pl.DataFrame:
    rows = Assignment.objects.of(experiment.organisation_id).filter(
        experiment=experiment, left_at=None, arm__name__in=arms, since__lte=as_of
    )
    names = ("customer__key", "unit", "arm__name", "since", "invoice_keys", "expected")
    schema: dict[str, Any] = {
        "key": pl.String, "unit": pl.String, "arm": pl.String, "since": _INSTANT,
        "invoice_ids": pl.List(pl.String), "expected": pl.Float64,
    }  # fmt: skip
    found = pl.DataFrame(
        list(rows.order_by("pk").values_list(*names)), schema=schema, orient="row"
    ).with_columns(end=pl.col("since") + timedelta(days=experiment.outcome_days))
    for factor in experiment.factors:
        levels = {arm.name: arm.levels.get(factor["name"]) for arm in experiment.arms.all()}
        level = pl.col("arm").replace_strict(levels, default=None, return_dtype=pl.String)
        found = found.with_columns(level.alias(factor["name"]))
    return found


def _money(people: pl.DataFrame, facts: Seen) -> pl.DataFrame:
    """Return `key, paid_30d, days_to_pay, collected` by the end of each customer's days.

    Of the invoices that were due, or soon to be, when the customer came in: the share that was
    paid, the mean days until then (an open one: all the days), and what came in for them.
    """
    about = people.select("key", "since", "end", invoice_id="invoice_ids").explode("invoice_id")
    about = about.drop_nulls("invoice_id").join(facts.invoices, on="invoice_id", how="inner")
    in_time = pl.col("settled_at").is_not_null() & (pl.col("settled_at") <= pl.col("end"))
    until = pl.when(in_time).then("settled_at").otherwise("end")
    took = (until - pl.col("since")).dt.total_seconds() / 86_400
    paid = about.group_by("key").agg(
        paid_30d=in_time.cast(pl.Float64).mean(), days_to_pay=took.clip(0.0).mean()
    )
    came = (
        facts.payments.join(about, on="invoice_id", how="inner")
        .filter(pl.col("paid_at").is_between("since", "end"))
        .group_by("key")
        .agg(collected=pl.col("amount").cast(pl.Float64).sum())
    )
    return paid.join(came, on="key", how="left").with_columns(pl.col("collected").fill_null(0.0))


def _contacts(people: pl.DataFrame, facts: Seen) -> pl.DataFrame:
    """Return `key, cost`: what the contacts of each customer's days cost."""
    inside = pl.col("at").is_between("since", "end")
    return (
        facts.contacts.join(people.select("key", "since", "end"), on="key", how="inner")
        .filter(inside)
        .group_by("key")
        .agg(pl.col("cost").fill_null(0.0).sum())
    )


def _sign(signs: pl.DataFrame, name: str, kinds: Sequence[Kind]) -> pl.DataFrame:
    """Return `key` and 1 for each customer of whom one of these events came in their days."""
    told = signs.filter(pl.col("kind").is_in(kinds))
    return told.select("key", pl.lit(1.0).alias(name)).unique("key")


def _ratings(signs: pl.DataFrame) -> pl.DataFrame:
    """Return `key, rated`: the mean of the marks, 1 to 5, that each customer gave."""
    score = pl.col("detail").str.json_path_match("$.score").cast(pl.Float64, strict=False)
    told = signs.filter(pl.col("kind") == Kind.RATED)
    return told.group_by("key").agg(rated=score.mean())
