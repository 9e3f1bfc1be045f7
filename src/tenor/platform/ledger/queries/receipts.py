"""The list of payments as they came in, the latest first."""

from datetime import UTC, datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from tenor.platform.core.errors import Invalid
from tenor.platform.core.models import Organisation
from tenor.platform.ledger.models import Payment
from tenor.platform.ledger.queries.pages import Page


def payments(
    organisation: Organisation, *, customer_key: str = "", after: str = "", limit: int = 50
) -> Page[Payment]:
    """Return payments with their customers, a page at a time."""
    rows = Payment.objects.of(organisation).select_related("customer")
    if customer_key:
        rows = rows.filter(customer__key=customer_key)
    if after:
        rows = rows.filter(_beyond(after))
    found = list(rows.order_by("-paid_at", "-pk")[: limit + 1])
    if len(found) <= limit:
        return Page(found)
    last = found[limit - 1]
    return Page(found[:limit], f"{last.paid_at.astimezone(UTC).isoformat()}_{last.pk}")


def _beyond(after: str) -> Q:
    text, _sign, number = after.rpartition("_")
    try:
        at, last = datetime.fromisoformat(text), int(number)
        if at.tzinfo is None or not 0 < last < 2**63:
            raise ValueError
    except ValueError:
        raise Invalid(_("This place in the list is none."), field="after") from None
    return Q(paid_at__lte=at) & (Q(paid_at__lt=at) | Q(pk__lt=last))
