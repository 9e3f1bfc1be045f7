"""Begin a payment at the provider, for the person who owes: once, however often they press."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from tenor.engine.events import Kind
from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.currencies import is_payable
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.events.actions import record
from tenor.platform.ledger.locks import locked_customer, locked_invoices
from tenor.platform.ledger.models import Customer, Invoice
from tenor.platform.paying import madeup
from tenor.platform.paying.actions.news import take_in
from tenor.platform.paying.models import Checkout
from tenor.platform.paying.provider import Begun, Method, Order, State, Trouble
from tenor.platform.paying.providers import account_of, keys_of, provider_of

# Pressed again within this, it is the same payment: providers keep a key at least so long.
SAME = timedelta(minutes=30)


def begin_checkout(
    actor: Actor,
    *,
    customer: Customer,
    shares: Mapping[str, Decimal],
    back: str,
    method: str = "",
    language: str = "en",
    contact_key: str = "",
) -> Checkout:
    """Begin a payment of these invoices, each with its share; `address` is where the payer goes.

    `back` is the address to return to, in which `{key}` becomes the payment's key. Refused where an
    invoice is no longer open or asks less than its share: nothing is paid that is not owed.
    """
    actor.need(Right.WORK)
    checkout = _put_down(actor, customer, shares, method, contact_key)
    if checkout.address:
        return checkout
    account = checkout.account
    hook = f"{settings.PUBLIC_URL}/hooks/pay/{account.hook}/"
    order = Order(
        key=checkout.key, amount=checkout.amount, currency=checkout.currency,
        words=_words(actor, checkout), back=back.replace("{key}", checkout.key),
        hook=hook if settings.PUBLIC_URL.startswith("https://") else "", language=language,
        method=Method(method) if method else None,
    )  # fmt: skip
    try:
        begun = provider_of(account).begin(keys_of(account), order)
    except Trouble as trouble:
        _failed(actor, checkout, trouble)
        raise Refused(
            _("The payment could not be begun. Nothing was paid; try again, or pay by transfer.")
        ) from trouble
    return _begun(actor, checkout, begun)


def press(actor: Actor, *, key: str, state: str) -> Checkout:
    """Say what becomes of a payment at the made-up provider; nowhere else."""
    row: Checkout = Checkout.objects.of(actor.organisation).get(
        key=key, account__provider=madeup.NAME
    )
    if row.state in (State.OPEN, State.PENDING):
        row.made_up = State(state)
        row.save(update_fields=["made_up"])
    return take_in(actor, row)


def _put_down(
    actor: Actor, customer: Customer, shares: Mapping[str, Decimal], method: str, contact_key: str
) -> Checkout:
    organisation = actor.organisation
    if method and method not in list(Method):
        raise Invalid(_("Choose how to pay."), field="method")
    with transaction.atomic():
        customer = locked_customer(actor, pk=customer.pk)
        invoices = locked_invoices(actor, customer, list(shares))
        currency = _checked(invoices, shares)
        account = account_of(organisation)
        if account is None or not provider_of(account).takes(currency):
            raise Refused(_("Pay this by transfer."))
        told = {key: f"{amount:f}" for key, amount in sorted(shares.items())}
        now = clock.now(organisation)
        rows = Checkout.objects.of(organisation).filter(
            customer=customer, account=account, method=method, state=State.OPEN,
            begun_at__gt=now - SAME, shares=told,
        )  # fmt: skip
        found: Checkout | None = rows.order_by("-pk").first()
        if found is not None and (found.until is None or found.until > now):
            return found
        made: Checkout = Checkout.objects.of(organisation).create(
            account=account, customer=customer, key=secrets.token_hex(16), shares=told,
            amount=sum(shares.values(), Decimal(0)), currency=currency, method=method,
            contact_key=contact_key, begun_at=now,
        )  # fmt: skip
    return made


def _checked(invoices: list[Invoice], shares: Mapping[str, Decimal]) -> str:
    currencies = {invoice.currency for invoice in invoices}
    if len(currencies) != 1:
        raise Invalid(_("Choose at least one invoice, all in one currency."), field="invoices")
    currency = currencies.pop()
    for invoice in invoices:
        part = shares[invoice.key]
        if not is_payable(part, currency):
            raise Invalid(_("This amount cannot be paid."), field="amount")
        if not invoice.is_open or part > invoice.balance:
            raise Refused(
                _("Of invoice %(number)s %(left)s is open now. Look at the amount again.")
                % {"number": invoice, "left": f"{max(invoice.balance, 0):.2f} {currency}"}
            )
    return currency


def _begun(actor: Actor, checkout: Checkout, begun: Begun) -> Checkout:
    """Keep that it was begun, and tell it once: a second try that works, after one that failed."""
    with transaction.atomic():
        rows = Checkout.objects.of(actor.organisation).select_for_update(of=("self",))
        is_first = not rows.get(pk=checkout.pk).address
        checkout.reference, checkout.address = begun.reference, begun.address
        checkout.until, checkout.reason = begun.until, ""
        checkout.save(update_fields=["reference", "address", "until", "reason"])
        if is_first:
            _tell(actor, checkout)
    return checkout


def _tell(actor: Actor, checkout: Checkout) -> None:
    detail = {
        "provider": checkout.account.provider, "method": checkout.method,
        "amount": f"{checkout.amount:f}", "currency": checkout.currency,
    }  # fmt: skip
    for key in checkout.shares:
        record(
            actor.organisation, Kind.PAYMENT_STARTED, at=checkout.begun_at,
            key=f"tenor:checkout:{checkout.pk}:{key}:started"[:200],
            customer_key=checkout.customer.key, invoice_key=key, contact_key=checkout.contact_key,
            detail=detail,
        )  # fmt: skip
    audit.record(
        actor, "checkout.begin", f"customer:{checkout.customer.key}",
        after={"checkout": checkout.pk, **detail, "invoices": checkout.shares},
    )  # fmt: skip


def _failed(actor: Actor, checkout: Checkout, trouble: Trouble) -> None:
    """Keep why it could not be begun, and tell it once: the person met an obstacle."""
    checkout.reason = str(trouble)[:200]
    checkout.save(update_fields=["reason"])
    record(
        actor.organisation, Kind.PAYMENT_FAILED, at=clock.now(actor.organisation),
        key=f"tenor:checkout:{checkout.pk}:not_begun", customer_key=checkout.customer.key,
        contact_key=checkout.contact_key,
        detail={"reason": "provider_unavailable", "method": checkout.method},
    )  # fmt: skip


def _words(actor: Actor, checkout: Checkout) -> str:
    """Return what stands on the payer's statement: who is paid, for which invoices."""
    rows = Invoice.objects.of(actor.organisation).filter(
        customer=checkout.customer, key__in=checkout.shares
    )
    numbers = ", ".join(str(invoice) for invoice in rows.order_by("due_on", "pk"))
    return f"{' '.join(actor.organisation.name.split())} {numbers}"
