"""How old the open invoices are, a currency at a time, in the engine's buckets."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum

from tenor.engine.kpis.ageing import BUCKETS, ageing_bucket
from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.ledger.balances import NOTHING
from tenor.platform.ledger.models import Invoice

# The first and the last day late of each bucket.
_DAYS: dict[str, tuple[int | None, int | None]] = {
    "current": (None, 0),
    "1-30": (1, 30),
    "31-60": (31, 60),
    "61-90": (61, 90),
    "90+": (91, None),
}


@dataclass
class Bucket:
    """What stands in one age."""

    name: str
    invoices: int = 0
    amount: Decimal = NOTHING


@dataclass(frozen=True)
class Ageing:
    """The open invoices of one currency by age; today is not overdue."""

    currency: str
    buckets: tuple[Bucket, ...]

    @property
    def amount(self) -> Decimal:
        """Return what is open."""
        return sum((bucket.amount for bucket in self.buckets), NOTHING)

    @property
    def overdue(self) -> Decimal:
        """Return what is open and past its day."""
        return sum((bucket.amount for bucket in self.buckets[1:]), NOTHING)

    @property
    def invoices(self) -> int:
        """Return how many are open."""
        return sum(bucket.invoices for bucket in self.buckets)


def ageing(organisation: Organisation) -> list[Ageing]:
    """Return the ageing of each currency, the organisation's own first, then by name."""
    today = clock.today(organisation)
    rows = (
        Invoice.objects.of(organisation)
        .filter(is_open=True)
        .order_by()
        .values_list("currency", "due_on")
        .annotate(count=Count("pk"), amount=Sum("balance"))
    )
    found: dict[str, dict[str, Bucket]] = {}
    for currency, due_on, count, amount in rows:
        buckets = found.setdefault(currency, {name: Bucket(name) for name in BUCKETS})
        bucket = buckets[ageing_bucket((today - due_on).days)]
        bucket.invoices += count
        bucket.amount += amount
    order = sorted(found, key=lambda currency: (currency != organisation.currency, currency))
    return [Ageing(currency, tuple(found[currency].values())) for currency in order]


def aged(bucket: str, today: date) -> Q:
    """Return what tells the invoices of a bucket from the others, by their due day."""
    first, last = _DAYS[bucket]
    found = Q()
    if first is not None:
        found &= Q(due_on__lte=today - timedelta(days=first))
    if last is not None:
        found &= Q(due_on__gte=today - timedelta(days=last))
    return found
