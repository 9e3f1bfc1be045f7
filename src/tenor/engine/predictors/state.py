"""The state of an invoice as a short row of standardised numbers, for what differs by person."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.predictors.encoding import Encoding, matrix_of

Array = NDArray[np.float64]

# What an effect may depend on, beside the organisation's own columns. Few on purpose: every
# column here multiplies every mode of the action.
CHOSEN = (
    "log_balance",
    "open_invoices",
    "past_invoices",
    "mean_delay",
    "late_share",
    "escalated_share",
    "delay_spread",
    "pay_day_strength",
    "answer_rate",
    "visits_unpaid",
    "payment_failed_90d",
    "promise_broken_90d",
    "replied_90d",
)
OWN_PREFIXES = ("customer_", "invoice_", "external_")
MOST_OWN = 24
NAMES_EACH = 6
# Counts and amounts have long tails; beyond three standard deviations they say no more.
FARTHEST = 3.0


@dataclass(frozen=True)
class StateColumns:
    """Which numbers make up the state, each with the mean and spread it is standardised by.

    A column is (source column, name or None): a number, or 1 where the source has that name.
    """

    columns: tuple[tuple[str, str | None], ...]
    mean: Array
    spread: Array

    @property
    def labels(self) -> tuple[str, ...]:
        """A readable name for each number."""
        return tuple(c if name is None else f"{c} = {name}" for c, name in self.columns)

    def matrix(self, rows: pl.DataFrame) -> Array:
        """Return [rows, columns], standardised, missing as 0 (the average)."""
        raw = _raw(self.columns, rows)
        scaled = np.clip((raw - self.mean) / self.spread, -FARTHEST, FARTHEST)
        return np.where(np.isnan(scaled), 0.0, scaled)


def state_columns(rows: pl.DataFrame, encoding: Encoding) -> StateColumns:
    """Choose the state's columns from `rows` and learn their means and spreads."""
    numbers = [c for c in CHOSEN if c in encoding.numbers]
    own: list[tuple[str, str | None]] = []
    for column in encoding.numbers:
        if column.startswith(OWN_PREFIXES) and column != "invoice_contacts":
            own.append((column, None))
    for column, names in encoding.names.items():
        # With two names one says it all; with more, the most frequent ones.
        shown = names[:1] if len(names) == 2 else names[:NAMES_EACH]
        own += [(column, name) for name in shown]
    columns = tuple([(c, None) for c in numbers] + own[:MOST_OWN])
    raw = _raw(columns, rows)
    empty = np.isnan(raw).all(axis=0)
    raw[:, empty] = 0.0
    mean, spread = np.nanmean(raw, axis=0), np.nanstd(raw, axis=0)
    return StateColumns(columns, mean, np.where(spread > 1e-9, spread, 1.0))


def _raw(columns: tuple[tuple[str, str | None], ...], rows: pl.DataFrame) -> Array:
    there = set(rows.columns)
    parts = []
    for j, (column, name) in enumerate(columns):
        if column not in there:
            # As where the row has none: of one customer alone a column may be absent altogether.
            part = pl.lit(None if name is None else 0.0, dtype=pl.Float64)
        elif name is None:
            part = pl.col(column).cast(pl.Float64, strict=False)
        else:
            part = (pl.col(column).cast(pl.String) == name).cast(pl.Float64).fill_null(0.0)
        parts.append(part.alias(str(j)))
    return matrix_of(rows, parts)
