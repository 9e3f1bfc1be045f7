"""Turn feature rows into numbers: which columns, and the codes of their names, fixed at fit."""

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
        height = rows.height
        result = np.full((height, len(self.columns)), np.nan)
        for j, column in enumerate(self.numbers):
            if column in rows.columns:
                values = rows[column].cast(pl.Float64, strict=False)
                result[:, j] = values.fill_null(float("nan")).to_numpy()
        for j, (column, known) in enumerate(self.names.items(), start=len(self.numbers)):
            if column in rows.columns:
                codes = dict(zip(known, range(len(known)), strict=True))
                values = rows[column].cast(pl.String)
                coded = values.replace_strict(codes, default=len(known), return_dtype=pl.Float64)
                coded = coded.to_frame("c").select(
                    pl.when(values.is_null()).then(None).otherwise(pl.col("c")).alias("c")
                )["c"]
                result[:, j] = coded.fill_null(float("nan")).to_numpy()
        return result


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
