"""Read rows of the database as columns, without making an object of each.

PostgreSQL copies them out as text that is read in one go; SQLite hands over plain values. What a
database has as a day or an instant comes as text on both, and is read here.
"""

import io
from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import Any

import msgspec
import polars as pl
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast

from tenor.engine.frames import AMOUNT, INSTANT
from tenor.platform.core.fields import UNITS

# SQLite and PostgreSQL each take so many values in one statement.
KEYS_AT_ONCE = 500
_DAY = r"^\d{4}-\d{2}-\d{2}$"


class Sort(StrEnum):
    """What a column of the database holds."""

    TEXT = "text"
    WHOLE = "whole number"
    AMOUNT = "amount in ten-thousandths"
    FLAG = "true or false"
    DAY = "day"
    INSTANT = "instant"


_RAW = {Sort.WHOLE: pl.Int64, Sort.AMOUNT: pl.Int64, Sort.FLAG: pl.String}


def frame_of(rows: "QuerySet[Any]", **columns: tuple[str, Sort]) -> pl.DataFrame:
    """Return `rows` as a frame: each column by its name, from which field, and of what sort."""
    texts = {
        f"_{name}": Cast(field, TextField())
        for name, (field, sort) in columns.items()
        if sort not in _RAW or sort is Sort.FLAG
    }
    plain = {
        f"_{name}": F(field) for name, (field, _sort) in columns.items() if f"_{name}" not in texts
    }
    query = rows.order_by().annotate(**texts, **plain).values_list(*(f"_{n}" for n in columns))
    schema = {name: _RAW.get(sort, pl.String) for name, (_field, sort) in columns.items()}
    try:
        sql, values = query.query.sql_with_params()
    except EmptyResultSet:
        return _in_types(pl.DataFrame(schema=schema), columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            raw = _copied(cursor, sql, values, schema)
        else:
            cursor.execute(sql, values)
            raw = _fetched(cursor.fetchall(), schema)
    return _in_types(raw, columns)


def in_parts(keys: Collection[Any] | None) -> Iterator[list[Any] | None]:
    """Yield keys in parts that fit in a statement; None, for all rows, as it is."""
    if keys is None:
        yield None
        return
    ordered = sorted(keys)
    for start in range(0, max(len(ordered), 1), KEYS_AT_ONCE):
        yield ordered[start : start + KEYS_AT_ONCE]


def widened(frame: pl.DataFrame, column: str, taken: Collection[str]) -> pl.DataFrame:
    """Return `frame` with a column of JSON objects taken apart into one column a name.

    A column is of flags, of whole numbers, of numbers, of days, or of texts where its values
    are of several sorts. Names that are `taken` are the contract's own and left out.
    """
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    texts = frame[column]
    places = {text: place for place, text in enumerate(texts.unique(maintain_order=True))}
    objects = [decode(text) if text else {} for text in places]
    names = sorted({name for found in objects for name in found} - {*taken, *frame.columns})
    if not names:
        return frame.drop(column)
    values = pl.DataFrame([_typed(name, [o.get(name) for o in objects]) for name in names])
    if len(places) == frame.height:
        return pl.concat([frame.drop(column), values], how="horizontal")
    place = texts.replace_strict(places, return_dtype=pl.UInt32)
    return pl.concat([frame.drop(column), values[place]], how="horizontal")


def _in_types(raw: pl.DataFrame, columns: dict[str, tuple[str, Sort]]) -> pl.DataFrame:
    return raw.select(_read(name, sort) for name, (_field, sort) in columns.items())


def _typed(name: str, values: list[Any]) -> pl.Series:
    sorts = {type(value) for value in values} - {type(None)}
    if sorts == {bool}:
        return pl.Series(name, values, pl.Boolean)
    if sorts == {int}:
        return pl.Series(name, values, pl.Int64)
    if sorts and sorts <= {int, float}:
        return pl.Series(name, values, pl.Float64, strict=False)
    texts = [v if v is None or isinstance(v, str) else _text(v) for v in values]
    found = pl.Series(name, texts, pl.String)
    if texts and found.str.contains(_DAY).all() and found.null_count() < len(found):
        days = found.str.to_date("%Y-%m-%d", strict=False)
        return days if days.null_count() == found.null_count() else found
    return found


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _fetched(rows: list[Any], schema: dict[str, Any]) -> pl.DataFrame:
    if not rows:
        return pl.DataFrame(schema=schema)
    columns = zip(schema.items(), zip(*rows, strict=True), strict=True)
    return pl.DataFrame([pl.Series(name, found, dtype) for (name, dtype), found in columns])


def _copied(cursor: Any, sql: str, values: Any, schema: dict[str, Any]) -> pl.DataFrame:
    with cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv)", values) as copy:
        text = b"".join(copy)
    if not text:
        return pl.DataFrame(schema=schema)
    return pl.read_csv(io.BytesIO(text), has_header=False, new_columns=list(schema), schema=schema)


def _read(name: str, sort: Sort) -> pl.Expr:
    column = pl.col(name)
    if sort is Sort.TEXT:
        return column.replace("", None)
    if sort is Sort.AMOUNT:
        return (column.cast(AMOUNT) / UNITS).cast(AMOUNT)
    if sort is Sort.FLAG:
        return column.is_in(["1", "t", "true"])
    if sort is Sort.DAY:
        return column.str.to_date("%Y-%m-%d")
    if sort is Sort.INSTANT:
        # In UTC on both; PostgreSQL says so at the end.
        plain = column.str.strip_suffix("+00")
        return plain.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us").dt.replace_time_zone(
            "UTC"
        ).cast(INSTANT)  # fmt: skip
    return column
