"""Were groups treated alike in the past that would be learned from?

A predictor learns from what people did after they were contacted. Where one group was pressed or
handed over more than others who owed alike, it would learn that group's fate from its treatment.
The same rows show what was done to prevent debt: reminders in time, plans, help offered.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

import polars as pl

from tenor.engine.events import Kind
from tenor.engine.fairness.audit import Audit, compared
from tenor.engine.fairness.findings import Limits, limits_on
from tenor.engine.fairness.groups import groups_of
from tenor.engine.fairness.rows import GROUNDS, Pressing, following, with_stratum
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states

MONTH = timedelta(days=30)
MONTHS = 12
# Paid so long after the due date counts as late in what is known of somebody's past.
_LATE = timedelta(days=14)
# Who has few invoices behind them is taken to be as late as others, with this weight.
_PRIOR = 2.0
HELPFUL_TONES = ("empathetic",)


def history_bias(
    tables: Tables,
    *,
    as_of: datetime,
    groups: pl.DataFrame | None = None,
    months: int = MONTHS,
    pressing: Pressing | None = None,
    helpful_tones: Collection[str] = HELPFUL_TONES,
    limits: Limits | None = None,
    looks: float = 1.0,
) -> Audit:
    """Compare how groups were treated in the months before `as_of` (aware).

    Every customer with an open invoice at the beginning of each thirty days is a row; risk is how
    often they had paid late by then, so that no predictor has a say in it.

    Parameters
    ----------
    groups : as for `audit`; without it the protected columns of `tables.customers`.
    months : how many times thirty days to look back.
    pressing, helpful_tones : which contacts press, and which open with help.
    looks : how many such comparisons share one chance of a false alarm.
    """
    known = tables.known_at(as_of)
    chosen = groups_of(known.customers) if groups is None else groups
    rows = history_rows(
        known, as_of=as_of, months=months, pressing=pressing, helpful_tones=helpful_tones
    )
    limits = limits or limits_on(as_of.date())
    return compared(rows, chosen, as_of=as_of, limits=limits, looks=looks)


def history_rows(
    tables: Tables,
    *,
    as_of: datetime,
    months: int = MONTHS,
    pressing: Pressing | None = None,
    helpful_tones: Collection[str] = HELPFUL_TONES,
) -> pl.DataFrame:
    """Return a row a customer who owed and thirty days, as `audit.compared` takes them.

    `customer_id, stratum, contacted, pressed, escalated, offered, charged, complained` (of those
    contacted), `helped` (of those contacted), `reminded_early` (of those with an invoice falling
    due in the thirty days), and `proposed` where the facts name offers of plans.
    """
    known = tables.known_at(as_of)
    starts = [as_of - MONTH * (k + 1) for k in range(months)]
    parts = [part for start in starts if (part := _owing(known, start)).height]
    if not parts:
        return pl.DataFrame(schema={"customer_id": pl.String, "stratum": pl.Int64})
    rows = with_stratum(pl.concat(parts), known, risk="lateness").select(
        "customer_id", "start", "stratum", "falls_due", *GROUNDS
    )
    for name, when in _happened(known, pressing or Pressing(), helpful_tones).items():
        hit = rows.join(when, on="customer_id").filter(
            (pl.col("at") > pl.col("start")) & (pl.col("at") <= pl.col("start") + MONTH)
        )
        marks = hit.select("customer_id", "start", pl.lit(1.0).alias(name)).unique()
        rows = rows.join(marks, on=["customer_id", "start"], how="left", maintain_order="left")
    rows = rows.with_columns(
        pl.exclude("customer_id", "start", "stratum", "falls_due", *GROUNDS).fill_null(0.0)
    )
    asked = pl.col("contacted") > 0
    return rows.with_columns(
        complained=pl.when(asked).then("complained"),
        helped=pl.when(asked).then("helped"),
        reminded_early=pl.when("falls_due").then("reminded_early"),
    ).drop("start", "falls_due")


def _owing(known: Tables, start: datetime) -> pl.DataFrame:
    """Return who owes at `start`: amount, days overdue, how late they used to be."""
    states = invoice_states(known, start)
    due = pl.col("due_on").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    settled = states.filter(pl.col("settled_at").is_not_null())
    late = (settled["settled_at"] - settled.select(due).to_series()) > _LATE
    usual = float(late.mean() or 0.0) if len(late) else 0.0  # type: ignore[arg-type]
    past = (
        settled.with_columns(late=late)
        .group_by("customer_id")
        .agg(lateness=(pl.col("late").sum() + _PRIOR * usual) / (pl.len() + _PRIOR))
    )
    soon = pl.col("days_overdue").is_between(-MONTH.days, 0)
    return (
        states.filter("is_open")
        .group_by("customer_id")
        .agg(
            amount=pl.col("balance").sum().cast(pl.Float64),
            days_overdue=pl.col("days_overdue").max(),
            falls_due=soon.any(),
        )
        .join(past, on="customer_id", how="left")
        .sort("customer_id")
        .with_columns(
            lateness=pl.col("lateness").fill_null(usual),
            start=pl.lit(start).cast(pl.Datetime("us", "UTC")),
        )
    )


def _happened(
    known: Tables, pressing: Pressing, helpful_tones: Collection[str]
) -> dict[str, pl.DataFrame]:
    """Return when each thing was done to whom, by name: frames of `customer_id, at`."""
    contacts = known.contacts.select("customer_id", "invoice_ids", "channel", "tone", at="sent_at")
    who, at = "customer_id", "at"
    dues = known.invoices.select("invoice_id", "due_on")
    early = (
        contacts.explode("invoice_ids")
        .join(dues, left_on="invoice_ids", right_on="invoice_id")
        .filter(pl.col(at).dt.date() <= pl.col("due_on"))
    )
    handed = known.events.filter(pl.col("kind") == Kind.ESCALATED)
    follows = following(known) | {"escalated": handed.select(who, "invoice_id", at)}
    helpful = pl.col("tone").is_in(list(helpful_tones)).fill_null(False)
    found = {
        "contacted": contacts.select(who, at),
        "pressed": contacts.filter(pressing.holds()).select(who, at),
        "helped": contacts.filter(helpful).select(who, at),
        "reminded_early": early.select(who, at),
    }
    owners = known.invoices.select("invoice_id", owner=who)
    for name, events in follows.items():
        named = events.join(owners, on="invoice_id", how="left")
        found[name] = named.select(pl.coalesce(who, "owner").alias(who), at).drop_nulls()
    return found
