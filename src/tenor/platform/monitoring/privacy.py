"""What is watched of a person: the chances foretold of their invoices, until time has shown them.

Sums and counts of weeks are of nobody: erasing a person leaves them, since nobody can be told
from them.
"""

from typing import Any

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.core.personal import Holding, rows_of
from tenor.platform.monitoring.models import Foretold

FORETOLD = "foretold"


def export(organisation: Organisation, key: str) -> dict[str, list[dict[str, Any]]]:
    """Return the chances foretold of a customer's invoices that time has not shown yet."""
    return {
        "foretold": rows_of(
            _of(organisation, key), "invoice__key", "look__at", "look__model_version", "segment",
            "p_paid_7d", "p_paid_30d",
        )
    }  # fmt: skip


def holdings(organisation: Organisation, key: str) -> list[Holding]:
    """Return how many chances are kept about a customer."""
    count = _of(organisation, key).count()
    return [Holding(FORETOLD, "training set", count, clock.today(organisation))] if count else []


def erase(organisation: Organisation, key: str, *, part: str, year: int | None = None) -> int:
    """Remove the chances foretold of a customer's invoices."""
    return int(_of(organisation, key).delete()[0])


def _of(organisation: Organisation, key: str) -> Any:
    rows = Foretold.objects.of(organisation).filter(invoice__customer__key=key)
    return rows.order_by("pk")
