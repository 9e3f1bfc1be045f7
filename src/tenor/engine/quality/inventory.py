"""What data there is: rows, period and gaps of each table and column."""

import polars as pl

from tenor.engine.frames import Table, Tables

# Columns of which an empty cell says something too, or is the usual case.
_MAY_BE_EMPTY = frozenset(
    {
        ("events", "customer_id"), ("events", "invoice_id"),
        ("customers", "contact_hours"), ("customers", "contact_days"),
        ("contacts", "propensity_channel"), ("contacts", "propensity_tone"),
        ("contacts", "propensity_time"), ("contacts", "eligible"), ("contacts", "explored_by"),
    }
)  # fmt: skip


def inventory(tables: Tables) -> pl.DataFrame:
    """Return one row a table: `table, rows, first, last` (the days its facts span, or null)."""
    return pl.DataFrame(
        [_spanned(table, frame) for table, frame in tables],
        schema={"table": pl.String, "rows": pl.Int64, "first": pl.Date, "last": pl.Date},
        orient="row",
    )


def _spanned(table: Table, frame: pl.DataFrame) -> tuple[object, ...]:
    if table.known_from is None or frame.is_empty():
        return (table.name, frame.height, None, None)
    days = frame[table.known_from].cast(pl.Date)
    return (table.name, frame.height, days.min(), days.max())


def missing_values(tables: Tables) -> pl.DataFrame:
    """Return `table, column, missing, share` for each column with empty values, by table.

    Tables without rows are left away, and so is the customer of an event that names its invoice
    and the other way round, and when customers want to be reached: most never say it.
    """
    rows = [
        (table.name, column, missing, missing / frame.height)
        for table, frame in tables
        if frame.height
        for column in frame.columns
        if (missing := frame[column].null_count()) and (table.name, column) not in _MAY_BE_EMPTY
    ]
    schema = {
        "table": pl.String,
        "column": pl.String,
        "missing": pl.Int64,
        "share": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")
