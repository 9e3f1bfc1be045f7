"""The lock of the ledger: a customer's row. Who changes what a customer owes holds it first.

Payments, invoices, entries and allocations of one customer so change one after the other, and two
payments cannot both take the same balance. The audit log's lock comes after it, always.
"""

from typing import Any

from django.utils.translation import gettext as _

from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid
from tenor.platform.ledger.models import Customer, Invoice


def locked_customer(actor: Actor, **by: Any) -> Customer:
    """Return a customer whose ledger nobody else changes until this transaction ends."""
    customer: Customer = row_for(actor, Customer, **by)
    # "No key update" leaves those alone who only add rows that point at the customer.
    rows = Customer.objects.of(actor.organisation).select_for_update(no_key=True)
    locked: Customer = rows.get(pk=customer.pk)
    return locked


def named_customer(actor: Actor, key: str) -> Customer:
    """Return the customer that a payload names, locked; refuse the payload if there is none."""
    if not Customer.objects.of(actor.organisation).filter(key=key).exists():
        raise Invalid(
            _("There is no customer %(key)s. Record the customer first.") % {"key": key},
            field="customer_key",
        )
    return locked_customer(actor, key=key)


def locked_invoice(actor: Actor, **by: Any) -> Invoice:
    """Return an invoice as it is once its customer is locked."""
    found: Invoice = row_for(actor, Invoice, **by)
    customer = locked_customer(actor, pk=found.customer_id)
    invoice: Invoice = row_for(actor, Invoice, pk=found.pk)
    invoice.customer = customer
    return invoice


def locked_invoices(actor: Actor, customer: Customer, keys: list[str]) -> list[Invoice]:
    """Return invoices of one locked customer, in the order of `keys`; refuse what is not theirs."""
    rows = Invoice.objects.of(actor.organisation).filter(customer=customer, key__in=keys)
    found = {invoice.key: invoice for invoice in rows}
    for key in keys:
        if key not in found:
            raise Invalid(
                _("%(key)s is no invoice of this customer.") % {"key": key}, field="invoice_keys"
            )
    invoices = [found[key] for key in dict.fromkeys(keys)]
    for invoice in invoices:
        invoice.customer = customer
    return invoices
