"""The engine's table of contacts, straight from the messages that went out."""

import json
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

import polars as pl
from django.db import connection
from django.db.models import Max, Q, Value
from django.db.models.functions import Coalesce, NullIf

from tenor.engine.frames import CONTACTS, INSTANT, conform
from tenor.platform.core.models import Organisation
from tenor.platform.outreach.kinds import QUIET
from tenor.platform.outreach.models import Message

_COLUMNS = (
    "key", "customer__key", "invoice_keys", "sent_at", "channel", "tone", "about", "propensity",
    "cost", "policy",
)  # fmt: skip
# To the engine a contact's template is what it is about; what others sent has only their word.
_ABOUT = Coalesce(NullIf("kind", Value("")), "template")
_NAMES = (
    "contact_id", "customer_id", "invoice_ids", "sent_at", "channel", "tone", "template",
    "propensity", "cost", "policy",
)  # fmt: skip
# What may have arrived counts as a contact: rather one reminder too few.
_WENT_OUT = (Message.State.SENT, Message.State.UNCLEAR)
_KEYS_AT_ONCE = 500


def contacts_frame(
    organisation: Organisation, until: datetime, customer_keys: Collection[str] | None = None
) -> pl.DataFrame:
    """Return the engine's `contacts`: what went out by `until`, to these customers or to all.

    What asks for nothing (thanks, what was agreed) is no contact.
    """
    rows = Message.objects.of(organisation).filter(sent_at__lte=until, state__in=_WENT_OUT)
    rows = rows.exclude(kind__in=QUIET)
    parts = [_frame(part) for part in _parts(rows, customer_keys)]
    frame = pl.concat(parts) if parts else _empty()
    absent = [pl.col(name).replace("", None) for name in ("tone", "template", "policy")]
    keys = pl.col("invoice_ids").str.json_decode(pl.List(pl.String))
    drawn = pl.concat([_no_draws(), *(_drawn(part) for part in _parts(rows, customer_keys))])
    frame = frame.with_columns(keys, *absent).join(
        drawn, on="contact_id", how="left", maintain_order="left"
    )
    return conform(CONTACTS, frame)


def _drawn(rows: Any) -> pl.DataFrame:
    """Return how chance chose the contacts that it chose, few of all: what was open, and how.

    Who judges another policy by the log needs it; a decision that a person changed has none.
    """
    found = rows.filter(propensity__isnull=False, decision__explored=True).values_list(
        "key", "decision__factors", "decision__eligible"
    )
    drawn = [
        (
            key,
            *(factors.get(part) for part in ("channel", "tone", "time")),
            json.dumps(eligible, separators=(",", ":"), ensure_ascii=False) if eligible else None,
            factors.get("by"),
        )
        for key, factors, eligible in found
    ]
    return pl.DataFrame(drawn, schema=_no_draws().schema, orient="row")


def _no_draws() -> pl.DataFrame:
    schema: dict[str, pl.DataType] = {"contact_id": pl.String()}
    for part in ("channel", "tone", "time"):
        schema[f"propensity_{part}"] = pl.Float64()
    return pl.DataFrame(schema=schema | {"eligible": pl.String(), "explored_by": pl.String()})


def contacted_since(
    organisation: Organisation, customer_key: str, number: int, at: datetime
) -> bool:
    """Say whether a contact with a customer was told after that number, or went out after `at`."""
    rows = Message.objects.of(organisation).filter(customer__key=customer_key, state__in=_WENT_OUT)
    return bool(rows.filter(Q(pk__gt=number) | Q(sent_at__gt=at)).exists())


def last_contact(organisation: Organisation) -> int:
    """Return the number of the contact that was told last; 0 where there is none."""
    return int(Message.objects.of(organisation).aggregate(last=Max("pk"))["last"] or 0)


def _parts(rows: Any, customer_keys: Collection[str] | None) -> Iterator[Any]:
    if customer_keys is None:
        yield rows
        return
    keys = sorted(customer_keys)
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        yield rows.filter(customer__key__in=keys[start : start + _KEYS_AT_ONCE])


def _frame(rows: Any) -> pl.DataFrame:
    """Return the rows as columns, without making an object of each."""
    columns_of = rows.order_by().annotate(about=_ABOUT).values_list(*_COLUMNS)
    sql, params = columns_of.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        columns: list[Any] = list(zip(*cursor.fetchall(), strict=True))
    if not columns:
        return _empty()
    schema = _empty().schema
    series = [
        _instants(values) if name == "sent_at" else pl.Series(name, values, schema[name])
        for name, values in zip(_NAMES, columns, strict=True)
    ]
    return pl.DataFrame(series)


def _instants(values: Any) -> pl.Series:
    found = pl.Series("sent_at", values)
    if found.dtype == pl.String:
        found = found.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", time_zone="UTC")
    return found.cast(INSTANT)


def _empty() -> pl.DataFrame:
    texts = dict.fromkeys(_NAMES, pl.String())
    numbers = dict.fromkeys(("propensity", "cost"), pl.Float64())
    return pl.DataFrame(schema=texts | numbers | {"sent_at": INSTANT})
