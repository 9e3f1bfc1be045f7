"""Record what happened: one thing, many things, figures from outside."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.engine.events import Kind
from tenor.platform.core.clock import now
from tenor.platform.core.errors import Invalid
from tenor.platform.core.models import Organisation
from tenor.platform.events.arrivals import Arrival, Counts, NewEvent, Row, Unfit, row_of, rows_of
from tenor.platform.events.bulk import add
from tenor.platform.events.deliveries import announce
from tenor.platform.events.models import ExternalFigure

_KNOWN = frozenset(Kind)
# As many rows as go to the database at once: enough to be fast, few enough for memory.
_AT_ONCE = 20_000


def record(
    organisation: Organisation,
    kind: str,
    *,
    key: str,
    at: datetime,
    customer_key: str = "",
    invoice_key: str = "",
    contact_key: str = "",
    detail: Mapping[str, Any] | None = None,
    source: str = "tenor",
    received_at: datetime | None = None,
) -> bool:
    """Record one thing that happened; say whether it is new (False: the key was told before)."""
    present = now(organisation)
    event = NewEvent(key, kind, at, customer_key, invoice_key, contact_key, detail)
    try:
        row = row_of(event, now=present)
    except Unfit as error:
        raise Invalid(str(error), field="event") from None
    return _add(organisation, [row], received_at or present, source) == 1


def record_many(
    organisation: Organisation,
    rows: Iterable[Arrival],
    *,
    source: str = "import",
    received_at: datetime | None = None,
) -> Counts:
    """Record events, all in one transaction; count what is new, told before, and turned away.

    A row is a `NewEvent`, or a mapping with its fields. A kind that the engine has no meaning for
    is kept, and counted in `unknown_kinds`. Of several rows with one key the first stands.
    """
    present = now(organisation)
    received_at = received_at or present
    counts = Counts()
    fit = rows_of(rows, now=present, counts=counts)
    with transaction.atomic():
        while part := list(islice(fit, _AT_ONCE)):
            added = _add(organisation, part, received_at, source)
            counts.accepted += added
            counts.duplicate += len(part) - added
            for row in part:
                if row[1] not in _KNOWN:
                    counts.unknown_kinds[row[1]] = counts.unknown_kinds.get(row[1], 0) + 1
    return counts


def _add(organisation: Organisation, rows: list[Row], received_at: datetime, source: str) -> int:
    if len(source) > 40 or "\0" in source:
        raise Invalid(_("The name of the source is too long."), field="source")
    with transaction.atomic():
        added = add(organisation.pk, rows, received_at=received_at.astimezone(UTC), source=source)
        if added.count:
            announce(organisation, added.rows)
    return added.count


@dataclass(frozen=True)
class Figure:
    """A figure from outside: `available_on` is the day from which it was known, if not its own."""

    name: str
    date: dt.date
    value: float
    region: str = ""
    available_on: dt.date | None = None


def record_figures(organisation: Organisation, figures: Iterable[Figure]) -> int:
    """Record figures from outside; return how many are new.

    A figure that was corrected later is another figure, with another day of becoming known.
    """
    rows = [
        ExternalFigure(
            organisation=organisation,
            name=figure.name,
            region=figure.region,
            date=figure.date,
            available_on=figure.available_on or figure.date,
            value=figure.value,
        )
        for figure in figures
    ]
    table = ExternalFigure.objects.of(organisation)
    with transaction.atomic():
        before = table.count()
        table.bulk_create(rows, ignore_conflicts=True, batch_size=5_000)
        return int(table.count() - before)
