"""What paying holds about a person: the payments that they began at a provider."""

from typing import Any

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.core.personal import Holding, by_year, rows_of
from tenor.platform.paying.models import Checkout

CHECKOUTS = "checkouts"


def export(organisation: Organisation, key: str) -> dict[str, list[dict[str, Any]]]:
    """Return every payment that a customer began, and what became of it."""
    return {
        "checkouts": rows_of(
            _of(organisation, key), "begun_at", "amount", "currency", "method", "state", "reason",
            "shares",
        )
    }  # fmt: skip


def holdings(organisation: Organisation, key: str) -> list[Holding]:
    """Return which payments a customer began, by year."""
    zone = clock.zone(organisation)
    begun = _of(organisation, key).values_list("begun_at", flat=True)
    years = by_year(at.astimezone(zone).date() for at in begun)
    return [
        Holding(CHECKOUTS, "payment", count, last, year) for year, (count, last) in years.items()
    ]


def erase(organisation: Organisation, key: str, *, part: str, year: int | None = None) -> int:
    """Remove the payments that were begun in a year, or all of them; the books keep their own."""
    zone = clock.zone(organisation)
    rows = _of(organisation, key).values_list("pk", "begun_at")
    numbers = [pk for pk, at in rows if year in (None, at.astimezone(zone).year)]
    return int(Checkout.objects.of(organisation).filter(pk__in=numbers).delete()[0])


def _of(organisation: Organisation, key: str) -> Any:
    return Checkout.objects.of(organisation).filter(customer__key=key).order_by("pk")
