"""One row of the ledger for somebody who asks for it by its key or number."""

from collections.abc import Sequence

from tenor.platform.core import clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.roles import Right
from tenor.platform.ledger.models import (
    Customer,
    Hold,
    Invoice,
    LegalNotice,
    Payment,
    Plan,
    Promise,
)

# Of an invoice, what no list of a customer's shows.
_UNSHOWN = ("attributes", "lineage", "created_at", "updated_at")


def customer_for(actor: Actor, key: str) -> Customer:
    """Return a customer by its key."""
    actor.need(Right.SEE)
    row: Customer = row_for(actor, Customer, key=key, related=("organisation", "owner"))
    return row


def invoice_for(actor: Actor, key: str) -> Invoice:
    """Return an invoice by its key, with its customer."""
    actor.need(Right.SEE)
    row: Invoice = row_for(actor, Invoice, key=key, related=("customer",))
    return row


def payment_for(actor: Actor, key: str) -> Payment:
    """Return a payment by its key, with its customer."""
    actor.need(Right.SEE)
    row: Payment = row_for(actor, Payment, key=key, related=("customer",))
    return row


def hold_for(actor: Actor, number: int) -> Hold:
    """Return a hold by its number."""
    actor.need(Right.SEE)
    row: Hold = row_for(actor, Hold, pk=number, related=("customer", "invoice"))
    return row


def promise_for(actor: Actor, number: int) -> Promise:
    """Return a promise by its number."""
    actor.need(Right.SEE)
    row: Promise = row_for(actor, Promise, pk=number, related=("customer",))
    return row


def plan_for(actor: Actor, number: int) -> Plan:
    """Return a plan by its number."""
    actor.need(Right.SEE)
    row: Plan = row_for(actor, Plan, pk=number, related=("customer",))
    return row


def notice_for(actor: Actor, number: int) -> LegalNotice:
    """Return a notice by its number."""
    actor.need(Right.SEE)
    row: LegalNotice = row_for(actor, LegalNotice, pk=number, related=("customer",))
    return row


def notices_of(customer: Customer) -> list[LegalNotice]:
    """Return the notices that a customer was sent, newest first."""
    return list(LegalNotice.objects.of(customer.organisation_id).filter(customer=customer))


def plans_of(customer: Customer) -> list[Plan]:
    """Return a customer's payment plans, those that ended too, newest first."""
    rows = Plan.objects.of(customer.organisation_id).filter(customer=customer)
    return list(rows.prefetch_related("instalments", "covered__invoice"))


def promises_of(customer: Customer) -> list[Promise]:
    """Return what a customer promised, decided or not, newest first."""
    return list(Promise.objects.of(customer.organisation_id).filter(customer=customer))


def open_invoices_of(customer: Customer) -> list[Invoice]:
    """Return what a customer owes, the longest due first."""
    rows = Invoice.objects.of(customer.organisation_id).filter(
        customer=customer, is_open=True, balance__gt=0
    )
    # Ten thousand of one customer are read without what a page does not show.
    invoices = list(rows.defer(*_UNSHOWN).order_by("due_on", "pk"))
    for invoice in invoices:
        invoice.customer = customer
    return invoices


def invoices_of(customer: Customer, *, related: Sequence[str] = ()) -> list[Invoice]:
    """Return a customer's invoices, the open ones first, the longest due of them first.

    Each says how many days it is overdue (`days_overdue`, negative before its day).
    """
    today = clock.today(customer.organisation)
    rows = Invoice.objects.of(customer.organisation_id).filter(customer=customer)
    invoices = list(rows.select_related(*related).order_by("-is_open", "due_on", "pk"))
    for invoice in invoices:
        invoice.customer = customer
        invoice.days_overdue = (today - invoice.due_on).days
    return invoices
