"""What offers hold about a person: what was offered to them, and what became of it."""

from typing import Any

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.core.personal import Holding, by_year, rows_of
from tenor.platform.offers.models import Offer

OFFERS = "offers"


def export(organisation: Organisation, key: str) -> dict[str, list[dict[str, Any]]]:
    """Return every offer that was made to a customer, with the chances that it rests on."""
    return {
        "offers": rows_of(
            _of(organisation, key), "made_at", "kind", "state", "owed", "asked", "currency",
            "until", "instalments", "chance", "expected_gain", "given_away", "because",
            "accepted_at", "note",
        )
    }  # fmt: skip


def holdings(organisation: Organisation, key: str) -> list[Holding]:
    """Return which offers were made to a customer, by year."""
    zone = clock.zone(organisation)
    made = _of(organisation, key).values_list("made_at", flat=True)
    years = by_year(at.astimezone(zone).date() for at in made)
    return [Holding(OFFERS, "decision", count, last, year) for year, (count, last) in years.items()]


def erase(organisation: Organisation, key: str, *, part: str, year: int | None = None) -> int:
    """Remove the offers of a year, or all of them; the books keep what was booked."""
    zone = clock.zone(organisation)
    rows = _of(organisation, key).values_list("pk", "made_at")
    numbers = [pk for pk, at in rows if year in (None, at.astimezone(zone).year)]
    return int(Offer.objects.of(organisation).filter(pk__in=numbers).delete()[0])


def _of(organisation: Organisation, key: str) -> Any:
    return Offer.objects.of(organisation).filter(customer__key=key).order_by("pk")
