"""Turn feature rows into numbers: which columns, and the codes of their names, fixed at fit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.features.build import KEYS

# Names beyond the most frequent ones are one "other": a tree cannot learn from a handful of rows.
MOST_NAMES = 60
# Sums over all of the past grow for everybody with the years: a model that read them as virtues
# of a payer would find everybody better the longer the history is.
GROWING = ("payments", "contacts", "past_settled", "past_escalated")


@dataclass(frozen=True)
class Encoding:
    """The columns a predictor reads, in order; `names` gives the codes of text columns."""

    numbers: tuple[str, ...]
    names: dict[str, tuple[str, ...]]

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, numbers first."""
        return self.numbers + tuple(self.names)

    def matrix(self, rows: pl.DataFrame) -> NDArray[np.float64]:
        """Return [rows, columns]; missing is not-a-number, an unknown name the code after all."""
        there = set(rows.columns)
        numbers = [
            pl.col(column).cast(pl.Float64, strict=False) if column in there else _MISSING
            for column in self.numbers
        ]
        codes = [
            _code(column, known) if column in there else _MISSING
            for column, known in self.names.items()
        ]
        # One selection for all columns: for a single customer the calls are what takes time.
        parts = [part.alias(str(j)) for j, part in enumerate([*numbers, *codes])]
        return matrix_of(rows, parts)


_MISSING = pl.lit(None, dtype=pl.Float64)


def matrix_of(rows: pl.DataFrame, columns: Sequence[pl.Expr]) -> NDArray[np.float64]:
    """Return these columns of numbers as [rows, columns], missing as not-a-number."""
    matrix = np.empty((rows.height, len(columns)))
    # The first column is real, so that columns of one value have as many rows.
    filled = [column.fill_null(float("nan")) for column in columns]
    found = rows.select(pl.int_range(pl.len()).alias("row"), *filled)
    for j, values in enumerate(found.get_columns()[1:]):
        matrix[:, j] = values.to_numpy()
    return matrix


def _code(column: str, known: tuple[str, ...]) -> pl.Expr:
    """Return the number of a name; an unknown one comes after all, a missing one is null."""
    text = pl.col(column).cast(pl.String)
    codes = dict(zip(known, range(len(known)), strict=True))
    coded = text.replace_strict(codes, default=len(known), return_dtype=pl.Float64)
    return pl.when(text.is_not_null()).then(coded)


def encoding_of(rows: pl.DataFrame, leave_out: tuple[str, ...] = ()) -> Encoding:
    """Decide from `rows` which columns to read: those that vary, without keys and `leave_out`."""
    skipped = {*KEYS, "instant", *leave_out}
    numbers, names = [], {}
    for column in rows.columns:
        if column in skipped:
            continue
        values = rows[column]
        if values.dtype == pl.String:
            counts = (
                values.drop_nulls().value_counts().sort(["count", column], descending=[True, False])
            )
            if counts.height > 1:
                names[column] = tuple(counts[column].head(MOST_NAMES).to_list())
        elif values.n_unique() > 1:
            numbers.append(column)
    return Encoding(tuple(numbers), names)
