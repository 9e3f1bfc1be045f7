"""Take in what a provider says of a payment: booked once, whatever comes twice or out of order.

What a hook says is believed in one thing only: that there may be news. How the payment stands is
asked of the provider, and the books change under the customer's lock.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from tenor.engine.events import Kind
from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor, system
from tenor.platform.core.errors import NotFound
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Task
from tenor.platform.events.actions import record
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.locks import locked_customer
from tenor.platform.ledger.models import Payment
from tenor.platform.ledger.shares import credit_of
from tenor.platform.paying.models import Checkout, ProviderAccount
from tenor.platform.paying.provider import Standing, State, Trouble
from tenor.platform.paying.providers import keys_of, provider_of
from tenor.platform.paying.queries import LONGEST

# What has not ended yet is asked about again after this, for so long after it was begun; what is
# under way for longer is asked about now and then, until it counts as lost.
PAUSE, PATIENCE = timedelta(minutes=3), timedelta(days=3)
LONG_PAUSE = timedelta(hours=1)
_ENDED = {State.FAILED: "failed", State.CANCELLED: "cancelled", State.EXPIRED: "expired"}


def hear(token: str, headers: Mapping[str, str], body: bytes) -> int:
    """Take in what came to the hook called `token`; return of how many payments it told.

    Raises `NotFound` for a hook that there is not, `Forged` for news that is not the provider's,
    and `Trouble` where the provider could not be asked: it then tells it again.
    """
    rows = ProviderAccount.across.select_related("organisation")
    account = rows.filter(hook=token).first() if token else None
    if account is None:
        raise NotFound("There is no such thing here.")
    references = provider_of(account).told(keys_of(account), headers, body)
    found = Checkout.objects.of(account.organisation).filter(
        account=account, reference__in=references
    )
    actor = system(account.organisation, provider_of(account).title)
    for checkout in found:
        take_in(actor, checkout)
    return len(found)


def look_at_open(organisation: Organisation) -> int:
    """Ask about the payments of which no news came; return how many have ended since."""
    now, here = clock.real_now(), clock.now(organisation)
    rows = Checkout.objects.of(organisation).filter(
        Q(begun_at__gt=here - PATIENCE) | Q(begun_at__gt=here - LONGEST, state=State.PENDING),
        state__in=[State.OPEN, State.PENDING],
    )
    ended = 0
    for checkout in rows.exclude(reference="").order_by("looked_at", "pk"):
        pause = PAUSE if checkout.begun_at > here - PATIENCE else LONG_PAUSE
        if checkout.looked_at is not None and checkout.looked_at > now - pause:
            continue
        try:
            after = take_in(system(organisation), checkout)
        except Trouble:
            continue
        ended += after.state not in (State.OPEN, State.PENDING)
    return ended


def take_in(actor: Actor, checkout: Checkout) -> Checkout:
    """Ask how a payment stands and do what follows. Raises `Trouble` where nobody answers."""
    account = checkout.account
    standing = provider_of(account).look(keys_of(account), checkout.reference)
    with transaction.atomic():
        locked_customer(actor, pk=checkout.customer_id)
        rows = Checkout.objects.of(actor.organisation).select_related("customer", "payment")
        row: Checkout = rows.select_for_update(of=("self",)).get(pk=checkout.pk)
        row.looked_at = clock.real_now()
        row.account, row.customer.organisation = account, actor.organisation
        if standing.key == row.key:
            _follow(actor, row, standing)
        row.save()
    return row


def _follow(actor: Actor, row: Checkout, standing: Standing) -> None:
    if standing.method:
        row.method = standing.method[:40]
    if standing.state is State.PAID and row.payment is None:
        row.payment = _book(actor, row, standing)
        row.state, row.reason, row.since = State.PAID, "", row.payment.paid_at
    elif row.payment is None and standing.state != row.state:
        now = clock.now(actor.organisation)
        row.state, row.reason = standing.state, standing.reason[:200]
        row.since = max(row.begun_at, min(standing.at or now, now))
        if standing.state in _ENDED:
            _tell_end(actor, row, standing)
    if row.payment is not None and standing.taken_back > row.taken_back:
        _take_back(actor, row, standing)


def _book(actor: Actor, row: Checkout, standing: Standing) -> Payment:
    """Book the money for what it was meant for; what is not owed any more stays the payer's."""
    paid_at = min(standing.at or clock.now(actor.organisation), clock.now(actor.organisation))
    payment = ledger.record_payment(
        actor,
        key=f"{row.account.provider}:{standing.reference}"[:200],
        amount=standing.amount,
        currency=standing.currency,
        paid_at=paid_at,
        customer_key=row.customer.key,
        shares={key: Decimal(part) for key, part in row.shares.items()},
        method=row.method,
        reference=row.key,
        source=row.account.provider,
    ).row
    if credit_of(payment) > 0:
        _task(actor, row, payment, "paid_too_much", credit_of(payment))
    return payment


def _tell_end(actor: Actor, row: Checkout, standing: Standing) -> None:
    reason = standing.reason or _ENDED[standing.state]
    for key in row.shares:
        record(
            actor.organisation, Kind.PAYMENT_FAILED, at=clock.now(actor.organisation),
            key=f"tenor:checkout:{row.pk}:{key}:{standing.state}"[:200],
            customer_key=row.customer.key, invoice_key=key, contact_key=row.contact_key,
            detail={"reason": reason, "method": row.method, "provider": row.account.provider},
        )  # fmt: skip


def _take_back(actor: Actor, row: Checkout, standing: Standing) -> None:
    """Open again what the payment had settled; a part of that is a person's to book.

    What a person said was paid back is not news; what lay free and was refunded touches no invoice.
    """
    payment = row.payment
    assert payment is not None
    row.taken_back = standing.taken_back
    fresh = standing.taken_back - payment.refunded
    if payment.reversed_at is not None or fresh <= 0:
        return
    if standing.because == "refunded" and fresh <= credit_of(payment):
        ledger.refund_credit(actor, payment_key=payment.key, amount=fresh, reason="refunded")
        return
    if standing.taken_back >= payment.amount:
        ledger.reverse_payment(actor, payment_key=payment.key, reason=standing.because)
        return
    _task(actor, row, payment, "taken_back_in_part", fresh)
    audit.record(
        actor, "checkout.taken_back", f"payment:{payment.key}",
        after={"amount": standing.taken_back, "because": standing.because},
    )  # fmt: skip


def _task(actor: Actor, row: Checkout, payment: Payment, reason: str, amount: Decimal) -> None:
    now = clock.now(actor.organisation)
    Task.objects.of(actor.organisation).get_or_create(
        key=f"refund:{payment.pk}:{reason}:{amount.normalize():f}"[:200],
        defaults={
            "customer": row.customer, "kind": Task.Kind.REFUND, "value": float(amount),
            "facts": {"reason": reason, "amount": f"{amount:f}", "currency": payment.currency,
                      "payment": payment.key, "invoice_keys": sorted(row.shares)},
            "due_at": now, "created_at": now,
        },
    )  # fmt: skip
