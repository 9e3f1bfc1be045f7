"""Write many rows of the ledger at once: copied in, without a statement each."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, models

from tenor.platform.core.clock import real_now
from tenor.platform.core.fields import UNITS, AmountField
from tenor.platform.core.models import Organisation
from tenor.platform.ledger.balances import AT_ONCE
from tenor.platform.ledger.models import Customer

# Beyond so many keys it is quicker to read all of an organisation's rows.
MANY = 20 * AT_ONCE


@dataclass
class Counts:
    """What became of a batch; `refused` has the place of each row in it (from 0) and why."""

    new: int = 0
    changed: int = 0
    same: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def lock_customers(organisation: Organisation, numbers: Collection[int]) -> None:
    """Hold the locks of these customers until the transaction ends, taken in one order."""
    rows = Customer.objects.of(organisation).select_for_update(no_key=True).order_by("pk")
    for some in parts(numbers):
        held = rows if some is None else rows.filter(pk__in=some)
        len(held.values_list("pk", flat=True))


def by_key(
    rows: "models.QuerySet[Any]", keys: Collection[Any], *, name: str = "key"
) -> Iterator[Any]:
    """Yield the rows whose key is one of `keys`."""
    for some in parts(keys):
        yield from rows if some is None else rows.filter(**{f"{name}__in": some})


def parts(keys: Collection[Any]) -> Iterator[list[Any] | None]:
    """Yield keys in parts that fit in a statement; None, for all rows, where there are many."""
    if len(keys) > MANY:
        yield None
        return
    ordered = sorted(keys)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]


def insert(rows: Sequence[models.Model]) -> None:
    """Add new rows of one table; after many, let the database look again how its rows lie."""
    if not rows:
        return
    _add(rows)
    if len(rows) >= AT_ONCE:
        # Without it, SQLite (never) and PostgreSQL (later) would learn how many rows a customer
        # has, and read all of an organisation's instead of theirs.
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {rows[0]._meta.db_table}")


def _add(rows: Sequence[models.Model]) -> None:
    fields: list[Any] = [f for f in rows[0]._meta.concrete_fields if not f.primary_key]
    _stamp(rows, fields, is_new=True)
    names = ", ".join(f.column for f in fields)
    into = f"{rows[0]._meta.db_table} ({names})"
    values: Any = zip(*(_column(f, rows) for f in fields), strict=True)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _copy(cursor, into, values)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", values)


def update(rows: Sequence[models.Model], names: Iterable[str]) -> None:
    """Write these fields of rows of one table, found by their numbers."""
    if not rows:
        return
    meta = rows[0]._meta
    fields: list[Any] = [meta.get_field(name) for name in names]
    if any(f.name == "updated_at" for f in meta.concrete_fields):
        fields.append(meta.get_field("updated_at"))
    _stamp(rows, fields, is_new=False)
    columns = [_column(f, rows) for f in fields]
    numbers = [row.pk for row in rows]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _change(cursor, meta.db_table, [f.column for f in fields], numbers, columns)
        else:
            sets = ", ".join(f"{f.column} = %s" for f in fields)
            values: Any = zip(*columns, numbers, strict=True)
            cursor.executemany(f"UPDATE {meta.db_table} SET {sets} WHERE id = %s", values)


def _change(
    cursor: Any, table: str, names: list[str], numbers: list[int], columns: list[list[Any]]
) -> None:
    """Copy the new values beside the table, and take them over in one statement."""
    listed = ", ".join(names)
    cursor.execute(
        f"CREATE TEMPORARY TABLE changed AS SELECT id, {listed} FROM {table} WITH NO DATA"
    )
    _copy(cursor, f"changed (id, {listed})", zip(numbers, *columns, strict=True))
    sets = ", ".join(f"{name} = changed.{name}" for name in names)
    cursor.execute(f"UPDATE {table} SET {sets} FROM changed WHERE {table}.id = changed.id")
    cursor.execute("DROP TABLE changed")


def _stamp(rows: Sequence[Any], fields: Iterable[Any], *, is_new: bool) -> None:
    """Set what Django would set by itself on saving."""
    now = real_now()
    for each in fields:
        if getattr(each, "auto_now", False) or (is_new and getattr(each, "auto_now_add", False)):
            for row in rows:
                setattr(row, each.attname, now)


def _copy(cursor: Any, into: str, rows: Iterable[Sequence[Any]]) -> None:
    with cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _column(each: Any, rows: Sequence[Any]) -> list[Any]:
    prepare = _preparer(each)
    name = each.attname
    if prepare is None:
        return [getattr(row, name) for row in rows]
    return [None if (v := getattr(row, name)) is None else prepare(v) for row in rows]


def _preparer(each: Any) -> Callable[[Any], Any] | None:
    if isinstance(each, AmountField):
        return _units
    if isinstance(each, models.JSONField):
        return _json
    if connection.vendor == "postgresql":
        return None
    if isinstance(each, models.DateTimeField):
        return _instant
    return date.isoformat if isinstance(each, models.DateField) else None


def _units(amount: Decimal) -> int:
    return int(amount * UNITS)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _instant(value: datetime) -> str:
    """Return an instant as Django writes it into SQLite."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
