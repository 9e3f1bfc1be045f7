"""What was done to whom, a row a decision, with what may rightly make a difference beside it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from tenor.engine.events import Kind
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states, totals

# Days overdue in which other letters are due by law and habit.
_OVERDUE = (0, 14, 30, 60)
_AMOUNT_BANDS = 3
_RISK_BANDS = 5
_YEAR = 365.0
# What of it is a number, beside the bands it is put in.
GROUNDS = ("ground_amount", "ground_days", "ground_risk")
# Within so many days something counts as following a decision.
WINDOW_DAYS = 14


@dataclass(frozen=True)
class Pressing:
    """Which contacts press: these tones, and these channels whatever their tone."""

    tones: Collection[str] = ("firm", "urgent")
    channels: Collection[str] = ("letter", "call")

    def holds(self) -> pl.Expr:
        """Say of a row with `channel` and `tone` whether it presses."""
        return pl.col("tone").is_in(list(self.tones)).fill_null(False) | pl.col("channel").is_in(
            list(self.channels)
        ).fill_null(False)


def decision_rows(
    decisions: pl.DataFrame,
    tables: Tables,
    *,
    outcomes: pl.DataFrame | None = None,
    pressing: Pressing | None = None,
) -> pl.DataFrame:
    """Return a row a decision: who, what was done (0 or 1, null: not known), and its stratum.

    Parameters
    ----------
    decisions : the contract's "Decisions out", of one day or of several. `amount` and
        `days_overdue` are taken from it where it has them, else worked out from `tables`.
    tables : the facts; looked at up to each decision.
    outcomes : from `outcomes_of`; without it nothing is said of effects.
    pressing : which contacts press.

    Returns
    -------
    `customer_id, stratum, contacted, pressed, escalated, left_alone, reviewed`, and with outcomes
    `paid, complained` (of those contacted), `offered, charged, pressed_though_paying, error` (what
    was foretold of payment less what came), and `proposed` where the facts name offers of plans.
    """
    presses = (pressing or Pressing()).holds()
    contacted = pl.col("verdict").is_in(["contact", "review"]) & pl.col("channel").is_not_null()
    rows = with_stratum(_with_debt(decisions, tables), tables, risk="p_paid_wait").select(
        "decision_id",
        "customer_id",
        "stratum",
        *GROUNDS,
        "p_paid",
        contacted=contacted,
        pressed=contacted & presses,
        escalated=pl.col("verdict") == "escalate",
        left_alone=(pl.col("verdict") == "wait") | ((pl.col("verdict") == "review") & ~contacted),
        reviewed=pl.col("review_reason").fill_null("") != "",
    )
    if outcomes is not None:
        rows = rows.join(outcomes, on="decision_id", how="left", maintain_order="left")
        asked = pl.col("contacted")
        rows = rows.with_columns(
            pressed_though_paying=pl.when("paid").then("pressed"),
            error=pl.when(pl.col("paid").is_not_null()).then(
                pl.col("p_paid") - pl.col("paid").cast(pl.Float64)
            ),
        ).with_columns(
            paid=pl.when(asked).then("paid"), complained=pl.when(asked).then("complained")
        )
    return rows.drop("decision_id", "p_paid").with_columns(pl.col(pl.Boolean).cast(pl.Float64))


def outcomes_of(
    decisions: pl.DataFrame, tables: Tables, *, until: datetime, window_days: int = WINDOW_DAYS
) -> pl.DataFrame:
    """Return what followed each decision within the window; no row where it is not over by `until`.

    `decision_id, paid` (all that it was about was settled), `complained, offered` (a plan was
    agreed), `charged` (the amount of an invoice was raised), and `proposed` (a plan was offered)
    where the facts name any such offer: else nobody knows who had one.
    """
    window = timedelta(days=window_days)
    seen = decisions.filter(pl.col("decided_at") + window <= until).select(
        "decision_id", "customer_id", "decided_at", invoice_id="invoice_ids"
    )
    known = tables.known_at(until)
    asked = seen.explode("invoice_id").drop_nulls("invoice_id")
    ends = invoice_states(known, until).select("invoice_id", "settled_at")
    in_time = (pl.col("settled_at") <= pl.col("decided_at") + window).fill_null(False)
    paid = (
        asked.join(ends, on="invoice_id", how="left")
        .group_by("decision_id")
        .agg(paid=in_time.all())
    )
    found = seen.select("decision_id").join(
        paid, on="decision_id", how="left", maintain_order="left"
    )
    for name, events in following(known).items():
        ids = _followed(seen, asked, events, window)
        found = found.with_columns(pl.col("decision_id").is_in(ids.implode()).alias(name))
    return found


def following(known: Tables) -> dict[str, pl.DataFrame]:
    """Return what may follow a decision, by name: frames of `customer_id, invoice_id, at`."""
    named = {
        "complained": Kind.COMPLAINED,
        "offered": Kind.PLAN_AGREED,
        "proposed": Kind.PLAN_OFFERED,
    }
    found = {
        name: known.events.filter(pl.col("kind") == kind).select("customer_id", "invoice_id", "at")
        for name, kind in named.items()
    }
    if found["proposed"].is_empty():
        del found["proposed"]
    steps = totals(known).sort("invoice_id", "at", maintain_order=True)
    before = pl.col("total").shift().over("invoice_id")
    raised = steps.filter((pl.col("total") > before).fill_null(False))
    none = pl.lit(None, dtype=pl.String)
    return found | {"charged": raised.select("invoice_id", "at", customer_id=none)}


def _followed(
    seen: pl.DataFrame, asked: pl.DataFrame, events: pl.DataFrame, window: timedelta
) -> pl.Series:
    """Return the decisions after which one of these events came, of the customer or an invoice."""
    soon = (pl.col("at") > pl.col("decided_at")) & (pl.col("at") <= pl.col("decided_at") + window)
    of_customer = seen.select("decision_id", "customer_id", "decided_at").join(
        events.filter(pl.col("customer_id").is_not_null()).select("customer_id", "at"),
        on="customer_id",
    )
    of_invoice = asked.select("decision_id", "invoice_id", "decided_at").join(
        events.filter(pl.col("invoice_id").is_not_null()).select("invoice_id", "at"),
        on="invoice_id",
    )
    found = [part.filter(soon)["decision_id"] for part in (of_customer, of_invoice)]
    return pl.concat(found).unique()


def with_stratum(rows: pl.DataFrame, tables: Tables, *, risk: str) -> pl.DataFrame:
    """Add `stratum`: rows of the same kind of customer that owe alike and are as likely to pay.

    Kind of customer; amount in three bands and `risk` in five, each with as many rows; days
    overdue before the due date, up to 14, 30 and 60 days, and beyond. Beside it stand the numbers
    themselves, `GROUNDS`: the amount by its logarithm, days up to a year, and `risk`.
    """
    kinds = tables.customers.select("customer_id", _kind="kind")
    joined = rows.join(kinds, on="customer_id", how="left", maintain_order="left")
    parts = [
        joined["_kind"].fill_null("").rank("dense").cast(pl.Int64).to_numpy(),
        _bands(joined["amount"], _AMOUNT_BANDS),
        np.searchsorted(_OVERDUE, joined["days_overdue"].fill_null(0).to_numpy(), side="left"),
        _bands(joined[risk], _RISK_BANDS),
    ]
    code = np.zeros(joined.height, dtype=np.int64)
    for part in parts:
        code = code * (int(part.max(initial=0)) + 1) + part
    amount = pl.col("amount").cast(pl.Float64).clip(lower_bound=0.0)
    return joined.drop("_kind").with_columns(
        stratum=pl.Series(code),
        ground_amount=amount.log1p(),
        ground_days=pl.col("days_overdue").cast(pl.Float64).clip(-_YEAR, _YEAR),
        ground_risk=pl.col(risk).cast(pl.Float64),
    )


def _bands(values: pl.Series, bands: int) -> np.ndarray:
    """Number the bands of as many rows each; what is missing is a band of its own."""
    numbers = values.cast(pl.Float64).to_numpy().astype(np.float64)
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return np.zeros(len(numbers), dtype=np.int64)
    cuts = np.unique(np.quantile(known, np.arange(1, bands) / bands))
    found = np.searchsorted(cuts, numbers, side="right")
    return np.where(np.isnan(numbers), bands, found)


def _with_debt(decisions: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Add `amount` (of all the decision is about) and `days_overdue` (of the oldest)."""
    if {"amount", "days_overdue"} <= set(decisions.columns):
        return decisions
    parts = []
    for instant in sorted(decisions["decided_at"].unique().to_list()):
        states = invoice_states(tables, instant).select("invoice_id", "balance", "days_overdue")
        mine = decisions.filter(pl.col("decided_at") == instant)
        parts.append(
            mine.select("decision_id", invoice_id="invoice_ids")
            .explode("invoice_id")
            .join(states, on="invoice_id", how="inner")
            .group_by("decision_id")
            .agg(amount=pl.col("balance").sum(), days_overdue=pl.col("days_overdue").max())
        )
    debt = pl.concat(parts) if parts else decisions.select("decision_id").clear()
    if not parts:
        return decisions.with_columns(amount=pl.lit(0.0), days_overdue=pl.lit(0))
    plain = decisions.drop("amount", "days_overdue", strict=False)
    return plain.join(debt, on="decision_id", how="left", maintain_order="left")
