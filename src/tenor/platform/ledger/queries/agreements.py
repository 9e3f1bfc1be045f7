"""What was agreed with customers, and what was charged to them: counted for reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from tenor.platform.core.models import Organisation
from tenor.platform.ledger.models import Dispute, Entry, Hold, Plan, Promise

# Holds that give room to somebody who is in difficulty.
HARDSHIP = (Hold.Reason.HARDSHIP, Hold.Reason.BREATHING_SPACE, Hold.Reason.REPRESENTED)


@dataclass(frozen=True)
class Agreed:
    """Since a day: holds by reason, plans and promises by what became of them, disputes by outcome.

    `promised` sums promises by (currency, state); `charged` fees and interest by currency and
    kind, those that were taken back left out. An open dispute has the outcome "".
    """

    holds: dict[str, int]
    plans: dict[str, int]
    promises: dict[str, int]
    promised: Sequence[tuple[str, str, Decimal]]
    disputes: dict[str, int]
    charged: Sequence[tuple[str, str, int, Decimal]]

    @property
    def hardship(self) -> int:
        """Return how many holds gave room to somebody in difficulty."""
        return sum(self.holds.get(reason, 0) for reason in HARDSHIP)


def agreed(organisation: Organisation, since: datetime) -> Agreed:
    """Count what was agreed, claimed and charged from `since` (aware) on."""
    holds = Hold.objects.of(organisation).filter(starts_at__gte=since)
    plans = Plan.objects.of(organisation).filter(agreed_at__gte=since)
    promises = Promise.objects.of(organisation).filter(made_at__gte=since)
    disputes = Dispute.objects.of(organisation).filter(opened_at__gte=since)
    entries = Entry.objects.of(organisation).filter(
        at__gte=since, kind__in=[Entry.Kind.FEE, Entry.Kind.INTEREST],
        reverses=None, reversed_by=None,
    )  # fmt: skip
    return Agreed(
        holds=_counted(holds, "reason"),
        plans=_counted(plans, "state"),
        promises=_counted(promises, "state"),
        promised=list(
            promises.order_by().values_list("currency", "state").annotate(sum=Sum("amount"))
        ),
        disputes=_counted(disputes, "outcome"),
        charged=list(
            entries.order_by()
            .values_list("invoice__currency", "kind")
            .annotate(n=Count("pk"), sum=Sum("amount"))
        ),
    )


def _counted(rows: Any, column: str) -> dict[str, int]:
    return dict(rows.order_by().values_list(column).annotate(n=Count("pk")))
