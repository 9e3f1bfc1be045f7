"""Add rows to the table of events the fast way: by columns, each key once, exactly counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

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


@dataclass(frozen=True)
class Added:
    """How many rows were new, and how these are found in this transaction."""

    count: int
    rows: Q


def add(organisation_id: int, rows: Sequence[Row], *, received_at: datetime, source: str) -> Added:
    """Add the rows whose key is new, in the transaction of the caller."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            way = _copy if len(rows) > _FEW else _each
            numbers = way(cursor, organisation_id, rows, received_at, source)
            return Added(len(numbers), Q(pk__in=numbers))
        return _many(cursor, organisation_id, rows, received_at, source)


def _each(cursor: Any, organisation_id: int, rows: Sequence[Row], *rest: Any) -> list[int]:
    numbers = []
    for row in sorted(rows):
        cursor.execute(f"{_ONE} {_ONCE} RETURNING id", (organisation_id, *row, *rest))
        numbers += [number for (number,) in cursor.fetchall()]
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
) -> Added:
    """Add on SQLite, which has one writer at a time: what is new has the numbers above."""
    cursor.execute("SELECT COALESCE(MAX(id), 0) FROM events_event")
    before = cursor.fetchone()[0]
    rest = (_text(received_at), source)
    cursor.executemany(
        f"{_ONE} {_ONCE}",
        [(organisation_id, row[0], row[1], _text(row[2]), *row[3:], *rest) for row in rows],
    )
    return Added(cursor.rowcount, Q(pk__gt=before))


def _text(instant: datetime) -> str:
    """Return an instant (UTC) as Django writes it into SQLite."""
    return instant.replace(tzinfo=None).isoformat(" ")
