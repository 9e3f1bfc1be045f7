"""What wording holds about a person: the links to their page."""

from typing import Any

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.core.personal import Holding, rows_of
from tenor.platform.wording.models import PageLink

LINKS = "links"


def export(organisation: Organisation, key: str) -> dict[str, list[dict[str, Any]]]:
    """Return which links a customer was given, and until when each opened their page."""
    return {"page_links": rows_of(_of(organisation, key), "channel", "made_at", "expires_at")}


def holdings(organisation: Organisation, key: str) -> list[Holding]:
    """Return how many links there are to a customer's page."""
    zone = clock.zone(organisation)
    made = [
        at.astimezone(zone).date()
        for at in _of(organisation, key).values_list("made_at", flat=True)
    ]
    return [Holding(LINKS, "message", len(made), max(made))] if made else []


def erase(organisation: Organisation, key: str, *, part: str, year: int | None = None) -> int:
    """Remove the links: none opens anything afterwards."""
    return int(_of(organisation, key).delete()[0])


def _of(organisation: Organisation, key: str) -> Any:
    return PageLink.objects.of(organisation).filter(customer__key=key).order_by("pk")
