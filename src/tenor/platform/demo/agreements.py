"""A few agreements of the kind that people make, which the made-up world has none of."""

from datetime import timedelta
from decimal import Decimal

from tenor.platform.core import clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import TenorError
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Invoice

_PLANS, _HOLDS = 6, 5
_REASONS = ("hardship", "agreed", "represented", "internal", "breathing_space")
_INSTALMENTS = 3
_LEAST = Decimal(90)


def make_some(actor: Actor) -> int:
    """Agree some payment plans and hold some customers; return how many agreements were made."""
    today = clock.today(actor.organisation)
    late = Invoice.objects.of(actor.organisation).filter(
        is_open=True, due_on__lt=today - timedelta(days=15), balance__gte=_LEAST
    )
    found = list(late.select_related("customer").order_by("due_on", "key")[:200])
    # Spread over those that are late, one a customer.
    chosen = list({i.customer_id: i for i in found[:: max(1, len(found) // 30)]}.values())
    made = 0
    for place, invoice in enumerate(chosen):
        if made == _PLANS + _HOLDS:
            break
        try:
            if made < _PLANS:
                _plan(actor, invoice)
            else:
                _hold(actor, invoice, _REASONS[made % len(_REASONS)], days=7 + place)
        except TenorError:
            continue
        made += 1
    return made


def _plan(actor: Actor, invoice: Invoice) -> None:
    """Spread what is owed over the months to come: whole cents, and parts that sum."""
    today = clock.today(actor.organisation)
    part = (invoice.balance / _INSTALMENTS).quantize(Decimal("0.01"))
    amounts = [part] * (_INSTALMENTS - 1)
    amounts.append(invoice.balance - sum(amounts))
    ledger.agree_plan(
        actor,
        customer_key=invoice.customer.key,
        invoice_keys=[invoice.key],
        instalments=[
            (today + timedelta(days=10 + 30 * n), amount) for n, amount in enumerate(amounts)
        ],
        note="Agreed on the phone: three parts, after pay day.",
    )


def _hold(actor: Actor, invoice: Invoice, reason: str, *, days: int) -> None:
    ledger.start_hold(
        actor,
        customer_key=invoice.customer.key,
        reason=reason,
        ends_at=clock.now(actor.organisation) + timedelta(days=days),
        note="Asked for some time.",
    )
