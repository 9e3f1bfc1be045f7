"""What a day's decisions are about: the money, how late it is, when each message goes out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import polars as pl

from tenor.engine.calendar import local_times, zones_of
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states


@dataclass(frozen=True)
class Total:
    """The sum of some decisions; amounts by currency, cost and gain in the policy's."""

    decisions: int
    amounts: tuple[tuple[str, Decimal], ...]
    cost: float
    value: float


def cases_of(decisions: pl.DataFrame, tables: Tables, as_of: datetime) -> pl.DataFrame:
    """Return `decisions` with what each is about.

    Adds `amount` (owed on its invoices, or on all the customer's open ones where it names none),
    `currency`, `days_late` (of the oldest), `local` (the customer's wall clock at `send_at`) and
    `topic` (why, without figures: what to group by).
    """
    states = invoice_states(tables, as_of).filter("is_open")
    about = (
        decisions.select("decision_id", invoice_id="invoice_ids")
        .explode("invoice_id", empty_as_null=True, keep_nulls=True)
        .filter(pl.col("invoice_id").is_not_null())
        .join(states, on="invoice_id", how="inner")
    )
    unnamed = decisions.join(about, on="decision_id", how="anti").select(
        "decision_id", "customer_id"
    )
    columns = ["decision_id", "currency", "balance", "days_overdue"]
    theirs = unnamed.join(states, on="customer_id", how="inner").select(columns)
    sums = (
        pl.concat([about.select(columns), theirs])
        .group_by("decision_id", "currency")
        .agg(amount=pl.col("balance").sum(), days_late=pl.col("days_overdue").max())
        # A request covers one currency; of a customer without one, the larger debt is shown.
        .sort("amount", "currency", descending=[True, False])
        .unique("decision_id", keep="first", maintain_order=True)
    )
    zones = tables.customers.select("customer_id", "timezone", "country")
    with_zone = decisions.join(zones, on="customer_id", how="left", maintain_order="left")
    topics = [
        topic(reasons) if verdict in ("contact", "wait") else review_topic(review)
        for verdict, reasons, review in decisions.select(
            "verdict", "reasons", "review_reason"
        ).rows()
    ]
    return decisions.with_columns(
        local=local_times(decisions["send_at"], zones_of(with_zone)),
        topic=pl.Series(topics, dtype=pl.String),
    ).join(sums, on="decision_id", how="left", maintain_order="left")


def topic(reasons: Sequence[str] | None) -> str:
    """Return what the first reason says, without its figures: what to group by."""
    if reasons is None or not len(reasons):
        return "no reason given"
    return _without_figures(reasons[0])


def review_topic(review_reason: str | None) -> str:
    """Return what the first review reason is about, in a few words."""
    if not review_reason:
        return "no reason given"
    first = _without_figures(review_reason.split(";")[0])
    return next((said for start, said in _REVIEWS if re.search(start, review_reason)), first)


# What a review reason says -> how its group is headed; the first that fits.
_REVIEWS = (
    (r"hand-over|collection", "hand over to collection?"),
    (r"obstacle", "saw the payment page again and again"),
    (r" above ", "a large amount"),
    (r"likely to beat", "unsure whether contact helps"),
    (r"drawn by chance", "drawn by chance, to check the plan"),
)


def _without_figures(text: str) -> str:
    return re.sub(r"\s*\([^)]*\)", "", text).strip() or "no reason given"


def total_of(cases: pl.DataFrame) -> Total:
    """Sum up decisions; the currency with most decisions first."""
    by_currency = (
        cases.filter(pl.col("currency").is_not_null())
        .group_by("currency")
        .agg(pl.len(), pl.col("amount").sum())
        .sort("len", "currency", descending=[True, False])
    )
    return Total(
        cases.height,
        tuple(by_currency.select("currency", "amount").rows()),
        float(cases["cost"].fill_null(0).sum()),
        float(cases["value"].fill_null(0).sum()),
    )
