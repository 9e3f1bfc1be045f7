"""A customer's word to pay by a day."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.engine.events import Kind
from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.preferences import preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.events.actions import record
from tenor.platform.ledger.balances import NOTHING
from tenor.platform.ledger.following import end_of, tell_promise
from tenor.platform.ledger.locks import locked_customer, locked_invoices
from tenor.platform.ledger.models import Customer, Invoice, Plan, Promise, PromiseInvoice
from tenor.platform.ledger.values import amount_of, day_of, text_of


def make_promise(
    actor: Actor,
    *,
    customer_key: str,
    invoice_keys: Sequence[str],
    promised_on: date,
    amount: Decimal | None = None,
    note: str = "",
    source: str = "tenor",
) -> Promise:
    """Take a promise to pay `amount` (else all that is owed on these invoices) by a day.

    A new promise about an invoice takes the place of an open one about it.
    """
    actor.need(Right.WORK)
    day_of(promised_on, field="promised_on")
    organisation = actor.organisation
    now = clock.now(organisation)
    if promised_on < clock.today(organisation):
        raise Invalid(_("A promise is about today or later."), field="promised_on")
    with transaction.atomic():
        customer = locked_customer(actor, key=customer_key)
        invoices = owing(actor, customer, invoice_keys)
        owed = sum((invoice.balance for invoice in invoices), NOTHING)
        amount = owed if amount is None else amount_of(amount)
        if amount > owed:
            raise Invalid(
                _("On these invoices only %(owed)s is owed.") % {"owed": f"{owed:.2f}"},
                field="amount",
            )
        _replace(actor, invoices)
        promise: Promise = Promise.objects.of(organisation).create(
            customer=customer, amount=amount, currency=invoices[0].currency, made_at=now,
            promised_on=promised_on, by=actor.name,
            tolerance_days=preferences_of(organisation).promise_tolerance_days,
            source=text_of(source, field="source", most=40),
            note=text_of(note, field="note", most=500),
        )  # fmt: skip
        _cover(actor, promise, invoices)
        audit.record(
            actor, "promise.make", f"customer:{customer.key}",
            after={"promise": promise.pk, "invoices": [i.key for i in invoices],
                   "amount": amount, "currency": promise.currency, "promised_on": promised_on,
                   "note": promise.note},
        )  # fmt: skip
    return promise


def withdraw_promise(actor: Actor, *, promise_id: int, note: str = "") -> Promise:
    """Take an open promise back: it was misheard, or something else was agreed."""
    actor.need(Right.WORK)
    with transaction.atomic():
        found: Promise = row_for(actor, Promise, pk=promise_id)
        customer = locked_customer(actor, pk=found.customer_id)
        promise: Promise = row_for(actor, Promise, pk=promise_id, lock=True)
        promise.customer = customer
        if promise.state == Promise.State.WITHDRAWN:
            return promise
        if promise.state != Promise.State.OPEN:
            raise Refused(_("This promise is decided already."))
        _withdraw(actor, promise, text_of(note, field="note", most=500))
    return promise


def owing(actor: Actor, customer: Customer, keys: Sequence[str]) -> list[Invoice]:
    """Return invoices of a locked customer that something can be agreed about, of one currency."""
    if not keys:
        raise Invalid(_("Choose at least one invoice."), field="invoice_keys")
    invoices = locked_invoices(actor, customer, list(keys))
    if len({invoice.currency for invoice in invoices}) > 1:
        raise Invalid(_("These invoices are in different currencies."), field="invoice_keys")
    for invoice in invoices:
        if not invoice.is_open:
            raise Refused(_("Invoice %(key)s is not open.") % {"key": invoice.key})
    plans = Plan.objects.of(actor.organisation).filter(state=Plan.State.ACTIVE)
    planned = plans.filter(covered__invoice__in=invoices).exists()
    if planned:
        raise Refused(_("A payment plan covers these invoices already."))
    return invoices


def _replace(actor: Actor, invoices: list[Invoice]) -> None:
    rows = Promise.objects.of(actor.organisation).filter(
        state=Promise.State.OPEN, covered__invoice__in=invoices
    )
    now = clock.now(actor.organisation)
    for promise in rows.select_related("customer").distinct():
        # One whose day is over already is kept or broken, as its payments have it.
        if now <= end_of(actor.organisation, promise.promised_on, promise.tolerance_days):
            _withdraw(actor, promise, "")


def _withdraw(actor: Actor, promise: Promise, note: str) -> None:
    now = clock.now(actor.organisation)
    promise.state, promise.decided_at = Promise.State.WITHDRAWN, now
    promise.save(update_fields=["state", "decided_at"])
    covered = list(promise.covered.select_related("invoice").order_by("pk"))
    tell_promise(actor, promise, covered, at=now, reason="withdrawn")
    audit.record(
        actor, "promise.withdraw", f"customer:{promise.customer.key}",
        before={"promise": promise.pk, "state": "open"},
        after={"state": "withdrawn", "note": note},
    )  # fmt: skip


def _cover(actor: Actor, promise: Promise, invoices: list[Invoice]) -> None:
    """Note what was owed then, and tell the engine of each invoice and its part of the amount."""
    PromiseInvoice.objects.of(actor.organisation).bulk_create(
        PromiseInvoice(promise=promise, invoice=invoice, balance=invoice.balance)
        for invoice in invoices
    )
    left = promise.amount
    for invoice in invoices:
        part = min(left, invoice.balance)
        left -= part
        record(
            actor.organisation, Kind.PROMISED, at=promise.made_at,
            key=f"tenor:promise:{promise.pk}:{invoice.pk}",
            customer_key=promise.customer.key, invoice_key=invoice.key,
            detail={"date": promise.promised_on.isoformat(), "amount": f"{part:f}"},
        )  # fmt: skip
