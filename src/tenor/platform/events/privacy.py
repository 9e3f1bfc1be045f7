"""What events tell about a person, and how they go: behaviour soon, the rest with the case."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from tenor.engine.events import Kind
from tenor.platform.core.models import Organisation
from tenor.platform.core.personal import Holding, by_year, rows_of
from tenor.platform.events.models import Event

BEHAVIOUR, HISTORY = "behaviour", "history"
# What somebody did with a message or a page: the law of telemetry, not that of the case.
_BEHAVIOUR = (
    Kind.DELIVERED, Kind.BOUNCED, Kind.OPENED, Kind.CLICKED, Kind.PAGE_VISITED,
    Kind.PAYMENT_STARTED, Kind.RATED,
)  # fmt: skip
_AT_ONCE = 5_000


def export(
    organisation: Organisation, key: str, invoice_keys: Collection[str] = ()
) -> dict[str, list[dict[str, Any]]]:
    """Return every event about a customer and these invoices."""
    rows = _about(organisation, key, invoice_keys).order_by("at", "pk")
    fields = ("at", "received_at", "kind", "invoice_key", "contact_key", "detail", "source")
    return {"events": rows_of(rows, *fields)}


def holdings(
    organisation: Organisation, key: str, invoice_keys: Collection[str] = ()
) -> list[Holding]:
    """Return which events there are about a customer: behaviour by year, and what else happened."""
    rows = _about(organisation, key, invoice_keys)
    days = (at.date() for at in _part(rows, BEHAVIOUR).values_list("at", flat=True))
    found = [
        Holding(BEHAVIOUR, "behaviour event", count, last, year)
        for year, (count, last) in by_year(days).items()
    ]
    other = _part(rows, HISTORY).order_by("-at").values_list("at", flat=True)
    last_at = other.first()
    if last_at is not None:
        found.append(Holding(HISTORY, "case history", other.count(), last_at.date()))
    return found


def erase(
    organisation: Organisation,
    key: str,
    invoice_keys: Collection[str] = (),
    *,
    part: str,
    year: int | None = None,
) -> int:
    """Remove events of a part (of a year): no predictor learns from them any more."""
    rows = _part(_about(organisation, key, invoice_keys), part)
    return _remove(rows.filter(at__year=year) if year else rows)


def expire(organisation: Organisation, before: datetime) -> int:
    """Remove what anybody did with messages and pages before an instant; say how many events."""
    rows = _part(Event.across.filter(organisation=organisation), BEHAVIOUR)
    return _remove(rows.filter(at__lt=before))


def _about(organisation: Organisation, key: str, invoice_keys: Collection[str]) -> Any:
    theirs = Q(customer_key=key) | Q(invoice_key__in=list(invoice_keys))
    # The table's own manager refuses every removal: this is the one place where it may happen.
    return Event.across.filter(theirs, organisation=organisation)


def _part(rows: Any, part: str) -> Any:
    if part == BEHAVIOUR:
        return rows.filter(kind__in=_BEHAVIOUR)
    return rows.exclude(kind__in=_BEHAVIOUR)


def _remove(rows: Any) -> int:
    """Remove rows a few thousand at a time, with their deliveries to webhooks."""
    count = 0
    while numbers := list(rows.order_by("pk").values_list("pk", flat=True)[:_AT_ONCE]):
        with transaction.atomic():
            Event.across.filter(pk__in=numbers).delete()
        count += len(numbers)
    return count
