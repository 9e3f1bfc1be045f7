"""Rows of a table as they are gathered, column by column, and the types they get."""

from dataclasses import dataclass, field

import polars as pl

from tenor.engine.frames import AMOUNT, Table
from tenor.engine.store import columns


@dataclass
class Rows:
    """Rows of one table, column by column."""

    table: Table
    values: dict[str, list[object]] = field(default_factory=dict)

    def add(self, **row: object) -> None:
        """Add one row; every row names the same columns."""
        for name, value in row.items():
            self.values.setdefault(name, []).append(value)

    def frame(self) -> pl.DataFrame:
        """Return the rows in the contract's types; other columns as texts."""
        if not self.values:
            return self.table.empty()
        series = []
        for name, values in self.values.items():
            column = self.table.column(name)
            if column is None or column.type.dtype in (pl.Float64, AMOUNT):
                texts = pl.Series(name, values, dtype=pl.String)
                series.append(texts if column is None else texts.cast(column.type.dtype))
            else:
                series.append(pl.Series(name, values, dtype=column.type.dtype))
        absent = [
            pl.lit(None, dtype=c.type.dtype).alias(c.name)
            for c in self.table.columns
            if c.name not in self.values
        ]
        order = [c.name for c in self.table.columns]
        order += [name for name in self.values if name not in order]
        return pl.DataFrame(series).with_columns(absent).select(order)


def typed(frame: pl.DataFrame, table: Table, codes: tuple[str, ...]) -> pl.DataFrame:
    """Give the columns that the mapping adds the type of their values; codes stay texts."""
    free = [c for c in frame.columns if table.column(c) is None and c not in codes]
    inferred = {c: columns.infer(frame[c]) for c in free}
    return frame.with_columns(
        [parsed.values.alias(c) for c, parsed in inferred.items() if not parsed.bad.height]
    )
