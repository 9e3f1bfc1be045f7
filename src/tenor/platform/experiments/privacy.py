"""What experiments hold about a person: which way of working chance drew for them."""

from typing import Any

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.core.personal import Holding, rows_of
from tenor.platform.experiments.models import Assignment

ASSIGNMENTS = "assignments"


def export(organisation: Organisation, key: str) -> dict[str, list[dict[str, Any]]]:
    """Return the experiments in which a customer was, and how they were decided about."""
    return {
        "experiments": rows_of(
            _of(organisation, key), "experiment__name", "arm__label", "unit", "since",
            "invoice_keys", "owed", "expected", "left_at",
        )
    }  # fmt: skip


def holdings(organisation: Organisation, key: str) -> list[Holding]:
    """Return how many experiments a customer was in."""
    rows = _of(organisation, key)
    latest = rows.order_by("-since").values_list("since", flat=True).first()
    if latest is None:
        return []
    day = latest.astimezone(clock.zone(organisation)).date()
    return [Holding(ASSIGNMENTS, "decision", rows.count(), day)]


def erase(organisation: Organisation, key: str, *, part: str, year: int | None = None) -> int:
    """Take a customer out of every experiment; what a day showed holds counts and no names."""
    return int(_of(organisation, key).delete()[0])


def _of(organisation: Organisation, key: str) -> Any:
    return Assignment.objects.of(organisation).filter(customer__key=key).order_by("pk")
