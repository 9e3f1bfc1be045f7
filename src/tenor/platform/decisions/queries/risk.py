"""How sure the open money is: what stands in each class of risk, as the last run scored it."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Avg, Count, Sum

from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Score


@dataclass(frozen=True)
class Exposed:
    """Open invoices of one class: how many, what is open, the mean chance of payment in time."""

    risk: str
    invoices: int
    amount: Decimal
    p_paid_30d: float
    p_paid_60d: float


def exposure(organisation: Organisation, currency: str) -> list[Exposed]:
    """Return what is open in each class of risk, the surest first; nothing without a predictor."""
    rows = (
        Score.objects.of(organisation)
        .filter(invoice__is_open=True, invoice__currency=currency)
        .order_by("risk")
        .values_list("risk")
        .annotate(
            n=Count("pk"), owed=Sum("invoice__balance"),
            soon=Avg("p_paid_30d"), later=Avg("p_paid_60d"),
        )
    )  # fmt: skip
    return [Exposed(*row) for row in rows]
