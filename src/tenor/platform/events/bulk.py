"""Add rows to the table of events the fast way: by columns, each key once, exactly counted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from tenor.platform.events.arrivals import Row

_COLUMNS = (
    "organisation_id, key, kind, at, customer_key, invoice_key, contact_key, detail, "
    "received_at, source"
)
_ONE = f"INSERT INTO events_event ({_COLUMNS}) VALUES ({', '.join(['%s'] * 10)})"
_ONCE = "ON CONFLICT (organisation_id, key) DO NOTHING"
# Below this many rows a statement each costs less than a COPY.
_FEW = 12
_INCOMING = """
CREATE TEMPORARY TABLE IF NOT EXISTS events_incoming (
    key text, kind text, at timestamptz, customer_key text, invoice_key text, contact_key text,
    detail text
) ON COMMIT DELETE ROWS
"""
# In the order of the keys: two batches that share keys wait for each other, and never in a ring.
_TAKE_OVER = f"""
INSERT INTO events_event ({_COLUMNS})
SELECT %s, key, kind, at, customer_key, invoice_key, contact_key, detail, %s, %s
FROM events_incoming ORDER BY key COLLATE "C"
{_ONCE} RETURNING id
"""


def add(
    organisation_id: int, rows: Sequence[Row], *, received_at: datetime, source: str
) -> Sequence[int]:
    """Add the rows whose key is new; return the numbers of those that were, in order."""
    if not rows:
        return ()
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            if len(rows) > _FEW:
                return _copy(cursor, organisation_id, rows, received_at, source)
            return _each(cursor, organisation_id, rows, received_at, source)
        return _many(cursor, organisation_id, rows, received_at, source)


def _each(cursor: Any, organisation_id: int, rows: Sequence[Row], *rest: Any) -> list[int]:
    numbers = []
    for row in sorted(rows):
        cursor.execute(f"{_ONE} {_ONCE} RETURNING id", (organisation_id, *row, *rest))
        if (made := cursor.fetchone()) is not None:
            numbers.append(made[0])
    return numbers


def _copy(cursor: Any, organisation_id: int, rows: Sequence[Row], *rest: Any) -> list[int]:
    cursor.execute(_INCOMING)
    with cursor.copy("COPY events_incoming FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    cursor.execute(_TAKE_OVER, (organisation_id, *rest))
    numbers = [number for (number,) in cursor.fetchall()]
    # The transaction may be a long one, with another batch to come.
    cursor.execute("DELETE FROM events_incoming")
    return numbers


def _many(
    cursor: Any, organisation_id: int, rows: Sequence[Row], received_at: datetime, source: str
) -> range:
    """Add on SQLite, which has one writer at a time: what it adds is numbered without a gap."""
    cursor.execute("SELECT COALESCE(MAX(id), 0) FROM events_event")
    before = cursor.fetchone()[0]
    rest = (_text(received_at), source)
    cursor.executemany(
        f"{_ONE} {_ONCE}",
        [(organisation_id, row[0], row[1], _text(row[2]), *row[3:], *rest) for row in rows],
    )
    return range(before + 1, before + 1 + cursor.rowcount)


def _text(instant: datetime) -> str:
    """Return an instant (UTC) as Django writes it into SQLite."""
    return instant.replace(tzinfo=None).isoformat(" ")
