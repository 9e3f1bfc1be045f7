"""Stop asking for an invoice though something is owed: write it off, or hand it over."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.engine.events import Kind
from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.events.actions import record
from tenor.platform.ledger.balances import renew
from tenor.platform.ledger.locks import locked_customer, locked_invoice, locked_invoices
from tenor.platform.ledger.models import Invoice
from tenor.platform.ledger.values import instant_of, text_of


def write_off(
    actor: Actor, *, invoice_key: str, reason: str, at: datetime | None = None
) -> Invoice:
    """Give up what is still owed on an invoice; the balance stays known, nobody asks for it."""
    actor.need(Right.MONEY)
    reason = text_of(reason, field="reason", most=300, needed=True)
    with transaction.atomic():
        invoice = locked_invoice(actor, key=invoice_key)
        _close(actor, invoice, Invoice.Closed.WRITTEN_OFF, {"reason": reason}, at)
    return invoice


def escalate(
    actor: Actor,
    *,
    invoice_keys: Sequence[str],
    to: str = "",
    reason: str = "",
    at: datetime | None = None,
) -> list[Invoice]:
    """Hand invoices of one customer over to collection; nothing is asked by us afterwards."""
    actor.need(Right.MONEY)
    keys = list(invoice_keys)
    if not keys:
        raise Invalid(_("Choose at least one invoice."), field="invoice_keys")
    told = {
        "to": text_of(to, field="to", most=200),
        "reason": text_of(reason, field="reason", most=300),
    }
    with transaction.atomic():
        first: Invoice = row_for(actor, Invoice, key=keys[0])
        customer = locked_customer(actor, pk=first.customer_id)
        invoices = locked_invoices(actor, customer, keys)
        for invoice in invoices:
            _close(actor, invoice, Invoice.Closed.ESCALATED, told, at)
    return invoices


_KINDS = {
    Invoice.Closed.WRITTEN_OFF: (Kind.WRITTEN_OFF, "invoice.write_off"),
    Invoice.Closed.ESCALATED: (Kind.ESCALATED, "invoice.escalate"),
}


def _close(
    actor: Actor, invoice: Invoice, closed: Invoice.Closed, told: dict[str, str],
    at: datetime | None,
) -> None:  # fmt: skip
    """Close an invoice; what is closed in this way already stays as it is."""
    if invoice.closed_as == closed:
        return
    if invoice.settled_at is not None:
        raise Refused(_("Invoice %(key)s is paid already.") % {"key": invoice.key})
    kind, verb = _KINDS[closed]
    moment = clock.now(actor.organisation) if at is None else instant_of(at)
    before = {"closed_as": invoice.closed_as, "balance": invoice.balance}
    invoice.closed_as = closed
    # From the first closing on nothing is asked: writing off what was handed over keeps the day.
    invoice.closed_at = min(invoice.closed_at or moment, moment)
    renew([invoice])
    record(
        actor.organisation, kind, key=f"tenor:invoice:{invoice.pk}:{closed}", at=moment,
        customer_key=invoice.customer.key, invoice_key=invoice.key,
        detail={**told, "amount": f"{invoice.balance:f}"},
    )  # fmt: skip
    audit.record(
        actor, verb, f"invoice:{invoice.key}", before=before,
        after={"closed_as": str(closed), "balance": invoice.balance, **told},
    )  # fmt: skip
