"""Rows for the platform's tests, made as people and programs make them: through actions."""

from dataclasses import fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from cast import NOW, Cast
from tenor.platform.core.models import Membership
from tenor.platform.ledger import actions
from tenor.platform.ledger.models import Customer, Invoice, Payment

TODAY = NOW.date()


def customer(cast: Cast, key: str = "C1", *, email: str | None = None, **values: Any) -> Customer:
    """Make a consumer in the Netherlands: `customer(cast, "C1", name="Ann")`.

    An e-mail address is made up from the key; `email=""` gives none.
    """
    usual = {"name": f"Customer {key}", "kind": "consumer", "country": "NL", "language": "nl"}
    row = actions.record_customer(cast.system, key=key, **{**usual, **values}).row
    address = f"{key.lower()}@example.org" if email is None else email
    if address:
        actions.add_contact_point(cast.system, customer_key=key, kind="email", value=address)
    return row


def invoice(
    cast: Cast,
    key: str = "F1",
    *,
    customer: str = "C1",
    amount: str | Decimal = "100",
    currency: str = "EUR",
    due_on: date = TODAY - timedelta(days=10),
    issued_on: date | None = None,
    **values: Any,
) -> Invoice:
    """Make an invoice, issued thirty days before it is due, and its customer where needed."""
    _known(cast, customer)
    return actions.record_invoice(
        cast.system,
        key=key,
        customer_key=customer,
        amount=Decimal(amount),
        currency=currency,
        issued_on=issued_on or due_on - timedelta(days=30),
        due_on=due_on,
        **values,
    ).row


def payment(
    cast: Cast,
    key: str = "P1",
    *,
    amount: str | Decimal = "100",
    currency: str = "EUR",
    invoice: str | None = None,
    customer: str | None = None,
    paid_at: datetime = NOW,
    **values: Any,
) -> Payment:
    """Make a payment on an invoice, or of a customer, at the cast's present."""
    return actions.record_payment(
        cast.system,
        key=key,
        amount=Decimal(amount),
        currency=currency,
        paid_at=paid_at,
        invoice_key=invoice,
        customer_key=customer,
        **values,
    ).row


def at(cast: Cast, moment: datetime) -> None:
    """Move the organisation's clock to `moment`."""
    people = [getattr(cast, field.name) for field in fields(cast) if field.type is Membership]
    for organisation in [cast.organisation, *(p.organisation for p in people)]:
        if organisation.pk == cast.organisation.pk:
            organisation.clock_at = moment
    cast.organisation.save(update_fields=["clock_at"])


def _known(cast: Cast, key: str) -> None:
    if not Customer.objects.of(cast.organisation).filter(key=key).exists():
        customer(cast, key)
