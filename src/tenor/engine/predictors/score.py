"""Scores: for every open invoice the chance of payment, the expected day, a grade and reasons."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.features.build import Snapshot, build
from tenor.engine.features.catalogue import phrase
from tenor.engine.features.segments import segment
from tenor.engine.features.unpaid import why_unpaid
from tenor.engine.frames import Tables
from tenor.engine.predictors.model import Model
from tenor.engine.predictors.payment import EDGES, STARTS

Array = NDArray[np.float64]

# A grade always means the same chance of being paid within 60 days, whatever the portfolio.
GRADES = (("A", 0.95), ("B", 0.85), ("C", 0.65), ("D", 0.40), ("E", 0.0))
REASONS = 3
# A contribution smaller than this (logit) moves a chance by about a percentage point: not a reason.
LEAST = 0.05

SCHEMA: dict[str, pl.DataType] = {
    "invoice_id": pl.String(),
    "p_paid_7d": pl.Float64(),
    "p_paid_30d": pl.Float64(),
    "p_paid_60d": pl.Float64(),
    "expected_paid_on": pl.Date(),
    "p_escalated": pl.Float64(),
    "risk": pl.String(),
    "reasons": pl.List(pl.String),
    "segment": pl.String(),
    "why_unpaid": pl.String(),
    "why_evidence": pl.String(),
    "model_version": pl.String(),
}

NUMBERS = (
    "invoice_id",
    "p_paid_7d",
    "p_paid_30d",
    "p_paid_60d",
    "expected_paid_on",
    "p_escalated",
    "risk",
)


@dataclass(frozen=True, eq=False)
class Foretold:
    """What a model says of every open invoice, for whoever needs it more than once.

    `paid` and `escalated` [rows, stretches] as in `PaymentPredictor.predict`, a row each of
    `snapshot.rows`.
    """

    snapshot: Snapshot
    paid: Array
    escalated: Array


def foretell(tables: Tables, *, as_of: datetime, model: Model) -> Foretold:
    """Work out the chances of every invoice that is open at `as_of` (aware)."""
    snapshot = build(tables.known_at(as_of).in_order(), as_of)
    if snapshot.rows.is_empty():
        none = np.zeros((0, len(EDGES)))
        return Foretold(snapshot, none, none)
    return Foretold(snapshot, *model.payment.predict(snapshot.rows))


def score(
    tables: Tables,
    *,
    as_of: datetime,
    model: Model,
    explained: pl.Series | None = None,
    foretold: Foretold | None = None,
) -> pl.DataFrame:
    """Return a row an invoice that is open at `as_of`, sorted by `invoice_id`.

    Reasons take most of the time: `explained` (invoice ids) asks for those of these alone, and
    the others get none. `foretold`, of the same facts and model, saves working it out again.

    Columns as in `SCHEMA`: those of `chances`; `reasons`, what raises or lowers the chance most,
    in plain words; `segment` as in `features.segments`; `why_unpaid` and `why_evidence`, for
    overdue invoices, as in `features.unpaid`.
    """
    tables = tables.known_at(as_of).in_order()
    foretold = foretold or foretell(tables, as_of=as_of, model=model)
    rows = foretold.snapshot.rows
    if rows.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    why = rows.select("customer_id", "days_overdue").join(
        why_unpaid(tables, as_of), on="customer_id", how="left", maintain_order="left"
    )
    overdue = pl.col("days_overdue") > 0
    why = why.select(why=pl.when(overdue).then("why"), evidence=pl.when(overdue).then("evidence"))
    return (
        _chances(foretold)
        .with_columns(
            reasons=_reasons_of(rows, model, explained),
            segment=segment(rows),
            why_unpaid=why["why"],
            why_evidence=why["evidence"],
            model_version=pl.lit(model.version),
        )
        .select([pl.col(c).cast(t) for c, t in SCHEMA.items()])
    )


def chances(tables: Tables, *, as_of: datetime, model: Model) -> pl.DataFrame:
    """Return the numbers of `score` without its words: a row an open invoice.

    Chances of being paid within 7, 30 and 60 days of `as_of` and of being escalated within 200,
    under the way of working that the model has seen; `expected_paid_on`, the day by which payment
    is as likely as not, given that it comes; `risk` A (best) to E by `GRADES`.
    """
    foretold = foretell(tables, as_of=as_of, model=model)
    rows = foretold.snapshot.rows
    if rows.is_empty():
        return pl.DataFrame(schema={c: SCHEMA[c] for c in NUMBERS})
    return _chances(foretold)


def _chances(foretold: Foretold) -> pl.DataFrame:
    rows, paid, escalated = foretold.snapshot.rows, foretold.paid, foretold.escalated
    within = {h: paid[:, EDGES.index(h)].round(6) for h in (7, 30, 60)}
    days = np.floor(_median_day(paid) * 86_400e6).astype(np.int64)
    names = [name for name, _ in GRADES]
    grade = np.select([within[60] >= least for _, least in GRADES], names, names[-1])
    return pl.DataFrame(
        {
            "invoice_id": rows["invoice_id"],
            **{f"p_paid_{h}d": p for h, p in within.items()},
            "expected_paid_on": pl.Series(days).cast(pl.Duration("us")) + foretold.snapshot.as_of,
            "p_escalated": escalated[:, -1].round(6),
            "risk": grade,
        }
    ).select([pl.col(c).cast(SCHEMA[c]) for c in NUMBERS])


def _median_day(paid: Array) -> Array:
    """Return the day [rows] by which half of the chance of payment is used up."""
    half = 0.5 * paid[:, -1:]
    stretch = (paid < half).sum(axis=1)
    stretch = np.minimum(stretch, len(EDGES) - 1)
    before = np.concatenate([np.zeros((len(paid), 1)), paid], axis=1)
    rows = np.arange(len(paid))
    low, high = before[rows, stretch], before[rows, stretch + 1]
    share = (half[:, 0] - low) / np.maximum(high - low, 1e-12)
    start, end = np.array(STARTS)[stretch], np.array(EDGES)[stretch]
    return np.asarray(start + np.clip(share, 0.0, 1.0) * (end - start))


def _reasons_of(rows: pl.DataFrame, model: Model, explained: pl.Series | None) -> pl.Series:
    """Return the reasons of each row; none for those that nobody asks about."""
    if explained is None:
        return pl.Series(_reasons(rows, model), dtype=pl.List(pl.String))
    asked = rows["invoice_id"].is_in(explained.implode()).to_list()
    found = iter(_reasons(rows.filter(pl.Series(asked, dtype=pl.Boolean)), model))
    return pl.Series([next(found) if a else [] for a in asked], dtype=pl.List(pl.String))


def _reasons(rows: pl.DataFrame, model: Model) -> list[list[str]]:
    """Return the strongest reasons of each row, strongest first."""
    columns = model.payment.encoding.columns
    parts = model.payment.contributions(rows)
    order = np.argsort(-np.abs(parts), axis=1, kind="stable")[:, :REASONS]
    values = {c: rows[c].to_list() if c in rows.columns else [None] * rows.height for c in columns}
    found = []
    for i in range(rows.height):
        said = []
        for j in order[i].tolist():
            part = parts[i, j]
            if abs(part) >= LEAST:
                direction = "raises" if part > 0 else "lowers"
                said.append(f"{phrase(columns[j], values[columns[j]][i])} ({direction} the chance)")
        found.append(said)
    return found
