"""Read what happened: as the engine's tables, and as the history of one customer."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import polars as pl
from django.db import connection
from django.db.models import Count, Max, Q

from tenor.engine.frames import EVENTS, EXTERNAL, INSTANT, conform
from tenor.platform.core.models import Organisation
from tenor.platform.events.models import Event, EventQuerySet, ExternalFigure

_COLUMNS = ("at", "kind", "invoice_key", "customer_key", "contact_key", "detail")
_NAMES = {
    "invoice_key": "invoice_id",
    "customer_key": "customer_id",
    "contact_key": "contact_id",
}
# SQLite and PostgreSQL each take so many values in one statement.
_KEYS_AT_ONCE = 500


def events_frame(
    organisation: Organisation,
    until: datetime,
    customer_keys: Collection[str] | None = None,
    *,
    invoice_keys: Collection[str] = (),
    known_by: datetime | None = None,
) -> pl.DataFrame:
    """Return the engine's `events`: what happened by `until`.

    Parameters
    ----------
    customer_keys : only of these customers; an event that names an invoice alone is found by
        `invoice_keys`. None: of all.
    known_by : leave out what Tenor learned later than this, to see again what it saw then.
    """
    rows = Event.objects.of(organisation).filter(at__lte=until)
    if known_by is not None:
        rows = rows.filter(received_at__lte=known_by)
    parts = [_frame(rows)] if customer_keys is None else _parts(rows, customer_keys, invoice_keys)
    frame = pl.concat(parts) if parts else _empty()
    texts = [pl.col(name).replace("", None) for name in frame.columns if name not in ("at", "kind")]
    return conform(EVENTS, frame.with_columns(texts).rename(_NAMES))


def external_frame(organisation: Organisation, until: datetime) -> pl.DataFrame:
    """Return the engine's `external`: figures from outside known by `until`."""
    rows = ExternalFigure.objects.of(organisation)
    # Figures are only ever added: so many, up to that number, are the same ones.
    size = rows.aggregate(last=Max("pk"), count=Count("pk"))
    frame = _external(organisation.pk, size["last"], size["count"])
    return frame.filter(pl.col("available_on") <= until.astimezone(UTC).date())


@lru_cache(maxsize=8)
def _external(organisation_id: int, _last: int | None, _count: int) -> pl.DataFrame:
    names = ("date", "name", "value", "region", "available_on")
    found = ExternalFigure.objects.of(organisation_id).order_by("pk").values_list(*names)
    schema = {"date": pl.Date, "name": pl.String, "value": pl.Float64, "region": pl.String}
    frame = pl.DataFrame(
        list(found), schema={**schema, "available_on": pl.Date}, orient="row"
    ).with_columns(pl.col("region").replace("", None))
    return conform(EXTERNAL, frame)


def is_told(organisation: Organisation, key: str) -> bool:
    """Say whether the event of this key was told already."""
    return Event.objects.of(organisation).filter(key=key).exists()


def of_customer(
    organisation: Organisation,
    customer_key: str,
    limit: int = 100,
    *,
    invoice_keys: Collection[str] = (),
) -> list[Event]:
    """Return the latest events of a customer (and of these invoices), newest first."""
    about = Q(customer_key=customer_key)
    if invoice_keys:
        about |= Q(invoice_key__in=list(invoice_keys))
    rows = Event.objects.of(organisation).filter(about)
    return list(rows.order_by("-at", "-pk")[:limit])


@dataclass(frozen=True)
class Place:
    """A place in the list of events: behind this one."""

    at: datetime
    number: int

    @classmethod
    def read(cls, at: str, number: int) -> "Place":
        """Return the place that was written as text; raise ValueError or TypeError otherwise."""
        instant = datetime.fromisoformat(at)
        if instant.tzinfo is None or not isinstance(number, int) or not 0 < number < 2**63:
            raise ValueError("no place in a list")
        return cls(instant.astimezone(UTC), number)


def listed(
    organisation: Organisation,
    *,
    customer_key: str = "",
    invoice_key: str = "",
    kind: str = "",
    after: Place | None = None,
    limit: int = 50,
) -> tuple[list[Event], Place | None]:
    """Return events, what happened last first, and the place behind them where more follow."""
    asked = {"customer_key": customer_key, "invoice_key": invoice_key, "kind": kind}
    rows = Event.objects.of(organisation).filter(**{k: v for k, v in asked.items() if v})
    if after is not None:
        rows = rows.filter(Q(at__lt=after.at) | Q(at=after.at, pk__lt=after.number))
    found = list(rows.order_by("-at", "-pk")[: limit + 1])
    more = found[limit - 1] if len(found) > limit else None
    return found[:limit], more and Place(more.at, more.pk)


def _parts(
    rows: EventQuerySet, customer_keys: Collection[str], invoice_keys: Collection[str]
) -> list[pl.DataFrame]:
    parts = []
    customers, invoices = sorted(customer_keys), sorted(invoice_keys)
    for start in range(0, len(customers), _KEYS_AT_ONCE):
        some = customers[start : start + _KEYS_AT_ONCE]
        parts.append(_frame(rows.filter(customer_key__in=some)))
    for start in range(0, len(invoices), _KEYS_AT_ONCE):
        some = invoices[start : start + _KEYS_AT_ONCE]
        # One that names its customer too was found by the customer already.
        parts.append(_frame(rows.filter(invoice_key__in=some, customer_key="")))
    return parts


def _frame(rows: EventQuerySet) -> pl.DataFrame:
    """Return the rows as columns, without making an object of each."""
    sql, params = rows.order_by().values_list(*_COLUMNS).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        columns: list[Any] = list(zip(*cursor.fetchall(), strict=True))
    if not columns:
        return _empty()
    at = pl.Series("at", columns[0])
    if at.dtype == pl.String:
        at = at.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", time_zone="UTC")
    series = [pl.Series(n, v, pl.String) for n, v in zip(_COLUMNS[1:], columns[1:], strict=True)]
    return pl.DataFrame([at.cast(INSTANT), *series])


def _empty() -> pl.DataFrame:
    return pl.DataFrame(schema={"at": INSTANT} | dict.fromkeys(_COLUMNS[1:], pl.String))
