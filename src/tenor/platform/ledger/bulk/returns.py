"""Take money back as an import tells it: a payment that was returned, a part that was freed."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db.models import F, Q
from django.utils.translation import gettext as _

from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Refused
from tenor.platform.ledger.actions.payments import take_money_back
from tenor.platform.ledger.balances import NOTHING
from tenor.platform.ledger.following import follow_money
from tenor.platform.ledger.models import Invoice, Payment
from tenor.platform.ledger.shares import balance_out, give, taken_from


def take_back(
    actor: Actor, *, payment_key: str, parts: Iterable[tuple[str, Decimal]], at: datetime
) -> bool:
    """Take back what `parts` (invoice key, amount; minus is back) say; say whether it was news.

    Without `payment_key` it is the latest payment of that amount on that invoice.
    """
    targets: dict[str, Decimal] = defaultdict(lambda: NOTHING)
    for invoice_key, amount in parts:
        targets[invoice_key] += amount
    payment = _known(actor, payment_key) if payment_key else _like(actor, targets, at)
    if payment.reversed_at is not None:
        return False
    if not payment_key or sum(targets.values(), NOTHING) == 0:
        take_money_back(actor, payment_key=payment.key, reason="", at=at)
        return True
    return _free(actor, payment, targets, at)


def _known(actor: Actor, key: str) -> Payment:
    found: Payment | None = Payment.objects.of(actor.organisation).filter(key=key).first()
    if found is None:
        raise Refused(_("There is no payment %(key)s to take back.") % {"key": key})
    return found


def _like(actor: Actor, targets: dict[str, Decimal], at: datetime) -> Payment:
    """Return the payment that a row without a name takes back, also if that was done before."""
    ((invoice_key, amount),) = targets.items()
    found: Payment | None = (
        Payment.objects.of(actor.organisation)
        .filter(amount=-amount, paid_at__lte=at, allocations__invoice__key=invoice_key)
        .filter(Q(reversed_at=None) | Q(reversed_at=at))
        # What was taken back at this very instant is what is told again.
        .order_by(F("reversed_at").desc(nulls_last=True), "-paid_at", "-pk")
        .first()
    )
    if found is None:
        raise Refused(
            _("No payment of %(amount)s on %(invoice)s is known that could be taken back.")
            % {"amount": f"{-amount:.2f}", "invoice": invoice_key}
        )
    return found


def _free(actor: Actor, payment: Payment, targets: dict[str, Decimal], at: datetime) -> bool:
    """Take from invoices what they have of a payment beyond what is told of them."""
    shares = taken_from(payment)
    rows = Invoice.objects.of(actor.organisation).filter(pk__in=shares, key__in=targets)
    met = []
    for invoice in rows.select_related("customer").order_by("pk"):
        beyond = shares[invoice.pk] - max(targets[invoice.key], NOTHING)
        moment = max(at, payment.paid_at)
        taken = payment.allocations.filter(invoice=invoice, amount__lt=0, at=moment)
        if beyond > 0 and not taken.exists():
            give(payment, invoice, -beyond, at=moment)
            met.append(invoice)
    if not met:
        return False
    payment.save(update_fields=["allocated"])
    balance_out(met, at=at, more={})
    follow_money(actor, met)
    return True
