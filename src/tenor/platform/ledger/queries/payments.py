"""Payments as people look for them: by the bank's number, a reference, or the exact amount."""

from decimal import Decimal, InvalidOperation

from django.db.models import Q

from tenor.platform.core.models import Organisation
from tenor.platform.ledger.models import Payment

# A reference is looked for in the latest payments: no index helps to find a part of a text.
_LATEST = 5_000
# More than any payment.
_MOST = 10**12


def payments_found(organisation: Organisation, text: str, limit: int = 10) -> list[Payment]:
    """Return payments whose key or amount is `text`, or whose reference has it; newest first."""
    rows = Payment.objects.of(organisation).select_related("customer")
    exact = Q(key=text)
    amount = _amount(text)
    if amount is not None:
        exact |= Q(amount=amount)
    found = list(rows.filter(exact).order_by("-paid_at")[:limit])
    if len(found) < limit:
        latest = Payment.objects.of(organisation).order_by("-paid_at").values("pk")[:_LATEST]
        some = rows.filter(pk__in=latest, reference__icontains=text)
        known = {payment.pk for payment in found}
        found += [row for row in some.order_by("-paid_at")[:limit] if row.pk not in known]
    return found[:limit]


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    # The size comes first: rounding a number of a million digits is refused by Python.
    fits = amount.is_finite() and 0 < amount < _MOST
    return amount if fits and amount == round(amount, 4) else None
