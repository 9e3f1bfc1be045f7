"""Bring in customers, with where they can be reached and what they allow."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import polars as pl

from tenor.engine.frames import CONSENT_PREFIX
from tenor.platform.core import clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Refused
from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import Right
from tenor.platform.ledger import protected
from tenor.platform.ledger.actions.customers import PARTS, checked_parts, checked_point, take
from tenor.platform.ledger.bulk.writing import Counts, by_key, insert, lock_customers, update
from tenor.platform.ledger.models import Consent, ContactPoint, Customer
from tenor.platform.ledger.values import attributes_of, text_of

POINTS = ("email", "mobile", "phone", "postal", "push")


def upsert_customers(actor: Actor, frame: pl.DataFrame, *, source: str = "import") -> Counts:
    """Bring in customers: new ones, and what is new about known ones.

    Parameters
    ----------
    frame : the contract's `customers`, and where they are there `name` and the contact points
        `email`, `mobile`, `phone`, `postal`, `push`. An empty cell says nothing.
    """
    actor.need(Right.IMPORT)
    counts = Counts()
    free = _free_columns(frame)
    told = {"source": source, "at": clock.now(actor.organisation).isoformat()}
    rows = dict(_rows(frame, free, counts))
    lock_customers(actor.organisation, _numbers(actor.organisation, list(rows)))
    known = {row.key: row for row in by_key(Customer.objects.of(actor.organisation), rows.keys())}
    new, changed = [], []
    traits = {}
    for key, (_place, parts, attributes) in rows.items():
        row = known.get(key)
        if is_new := row is None:
            row = known[key] = Customer(organisation=actor.organisation, key=key)
        others, traits[key] = protected.apart(attributes)
        _before, after = take(row, parts, others)
        row.lineage |= dict.fromkeys(after, told)
        if is_new:
            new.append(row)
        elif after:
            changed.append(row)
    insert(new)
    update(changed, [*PARTS, "attributes", "lineage"])
    everybody = Customer.objects.of(actor.organisation).values_list("key", "pk")
    found = dict(by_key(everybody, rows.keys()))
    owners = {place: found[key] for key, (place, _parts, _attributes) in rows.items()}
    also = _reach(actor.organisation, frame, owners, counts)
    also |= protected.keep(
        actor.organisation, {found[key]: told for key, told in traits.items()}, source=source
    )
    also |= _allow(actor.organisation, frame, owners, source, clock.now(actor.organisation))
    numbers = {found[row.key] for row in new}
    counts.new = len(new)
    counts.changed = len(({row.pk for row in changed} | also) - numbers)
    counts.same = len(rows) - counts.new - counts.changed
    counts.refused.sort()
    return counts


def _rows(
    frame: pl.DataFrame, free: list[str], counts: Counts
) -> Iterator[tuple[str, tuple[int, dict[str, str], dict[str, Any]]]]:
    """Yield key, place, parts and attributes of each row that may be kept; the last of a key."""
    parts = [part for part in PARTS if part in frame.columns]
    checked: dict[tuple[Any, ...], dict[str, str]] = {}
    texts = frame.select(pl.col("customer_id", *parts).cast(pl.String)).rows()
    others = frame.select(free).rows() if free else [()] * frame.height
    for place, ((key, *given), content) in enumerate(zip(texts, others, strict=True)):
        try:
            key = text_of(key, field="key", most=200, needed=True)
            # Names differ, the rest repeats: what was found right once is right again.
            rest = tuple(given)
            if rest not in checked:
                checked[rest] = checked_parts(dict(zip(parts, given, strict=True)))
            attributes = attributes_of(
                {n: plain(v) for n, v in zip(free, content, strict=True) if v is not None}
            )
        except Refused as refused:
            counts.refused.append((place, refused.message))
            continue
        yield key, (place, checked[rest], attributes)


def _free_columns(frame: pl.DataFrame) -> list[str]:
    own = {"customer_id", *PARTS, *POINTS}
    return [c for c in frame.columns if c not in own and not c.startswith(CONSENT_PREFIX)]


def plain(value: Any) -> Any:
    """Return a value as JSON holds it: days and instants as ISO text."""
    return value if isinstance(value, bool | int | float | str) else str(value)


def _numbers(organisation: Organisation, keys: list[str]) -> list[int]:
    return list(by_key(Customer.objects.of(organisation).values_list("pk", flat=True), keys))


def _reach(
    organisation: Organisation, frame: pl.DataFrame, owners: dict[int, int], counts: Counts
) -> set[int]:
    """Note where customers can be reached; return whose places are new."""
    kinds = [kind for kind in POINTS if kind in frame.columns]
    if not kinds:
        return set()
    there: set[tuple[int, str, str]] = set()
    primary: set[tuple[int, str]] = set()
    rows = ContactPoint.objects.of(organisation).values_list(
        "customer_id", "kind", "value", "is_primary"
    )
    for number, kind, value, is_primary in by_key(rows, set(owners.values()), name="customer_id"):
        there.add((number, kind, value))
        if is_primary:
            primary.add((number, kind))
    new = []
    for kind in kinds:
        values = frame[kind].cast(pl.String).to_list()
        for place, number in owners.items():
            if not values[place]:
                continue
            try:
                value = checked_point(kind, values[place])
            except Refused as refused:
                counts.refused.append((place, refused.message))
                continue
            if (number, kind, value) in there:
                continue
            there.add((number, kind, value))
            new.append(
                ContactPoint(
                    organisation=organisation, customer_id=number, kind=kind, value=value,
                    is_primary=(number, kind) not in primary,
                )
            )  # fmt: skip
            primary.add((number, kind))
    insert(new)
    return {point.customer_id for point in new}


def _allow(
    organisation: Organisation,
    frame: pl.DataFrame,
    owners: dict[int, int],
    source: str,
    now: datetime,
) -> set[int]:
    """Keep what customers allow; return whose word is new."""
    columns = [c for c in frame.columns if c.startswith(CONSENT_PREFIX)]
    if not columns:
        return set()
    rows = Consent.objects.of(organisation)
    kept = {
        (row.customer_id, row.channel): row
        for row in by_key(rows, set(owners.values()), name="customer_id")
    }
    new, changed = [], []
    for column in columns:
        channel = column.removeprefix(CONSENT_PREFIX)
        values = frame[column].cast(pl.Boolean).to_list()
        for place, number in owners.items():
            granted = values[place]
            if granted is None:
                continue
            row = kept.get((number, channel))
            if row is None:
                row = Consent(organisation=organisation, customer_id=number, channel=channel)
                new.append(row)
            elif row.granted != granted:
                changed.append(row)
            else:
                continue
            row.granted, row.at, row.source = granted, now, source[:60]
    insert(new)
    update(changed, ["granted", "at", "source"])
    return {row.customer_id for row in (*new, *changed)}
