"""A customer objects to one invoice; the others go on."""

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.engine.events import Kind
from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Refused
from tenor.platform.core.roles import Right
from tenor.platform.events.actions import record
from tenor.platform.ledger.locks import locked_invoice
from tenor.platform.ledger.models import Dispute
from tenor.platform.ledger.values import choice_of, text_of


def open_dispute(actor: Actor, *, invoice_key: str, reason: str, note: str = "") -> Dispute:
    """Note that a customer objects to an invoice; nothing is asked for it until resolved."""
    actor.need(Right.WORK)
    choice_of(reason, Dispute.Reason, field="reason")
    note = text_of(note, field="note", most=5000)
    now = clock.now(actor.organisation)
    with transaction.atomic():
        invoice = locked_invoice(actor, key=invoice_key)
        disputes = Dispute.objects.of(actor.organisation)
        if disputes.filter(invoice=invoice, resolved_at=None).exists():
            raise Refused(_("Invoice %(key)s is disputed already.") % {"key": invoice.key})
        dispute: Dispute = disputes.create(
            invoice=invoice, reason=reason, note=note, opened_at=now, by=actor.name
        )
        record(
            actor.organisation, Kind.DISPUTED, key=f"tenor:dispute:{dispute.pk}:opened", at=now,
            customer_key=invoice.customer.key, invoice_key=invoice.key,
            detail={"reason": reason, "amount": f"{invoice.balance:f}"},
        )  # fmt: skip
        audit.record(
            actor, "dispute.open", f"invoice:{invoice.key}",
            after={"dispute": dispute.pk, "reason": reason, "note": note},
        )  # fmt: skip
    return dispute


def resolve_dispute(actor: Actor, *, invoice_key: str, outcome: str, answer: str = "") -> Dispute:
    """End the dispute of an invoice; a credit note, where one is due, is an action of its own."""
    actor.need(Right.WORK)
    choice_of(outcome, Dispute.Outcome, field="outcome")
    answer = text_of(answer, field="answer", most=5000)
    now = clock.now(actor.organisation)
    with transaction.atomic():
        invoice = locked_invoice(actor, key=invoice_key)
        rows = Dispute.objects.of(actor.organisation).filter(invoice=invoice, resolved_at=None)
        dispute: Dispute | None = rows.first()
        if dispute is None:
            raise Refused(_("Invoice %(key)s is not disputed.") % {"key": invoice.key})
        dispute.resolved_at, dispute.outcome, dispute.answer = now, outcome, answer
        dispute.save(update_fields=["resolved_at", "outcome", "answer"])
        record(
            actor.organisation, Kind.DISPUTE_RESOLVED, at=now,
            key=f"tenor:dispute:{dispute.pk}:resolved",
            customer_key=invoice.customer.key, invoice_key=invoice.key,
            detail={"outcome": outcome},
        )  # fmt: skip
        audit.record(
            actor, "dispute.resolve", f"invoice:{invoice.key}",
            before={"dispute": dispute.pk, "reason": dispute.reason},
            after={"outcome": outcome, "answer": answer},
        )  # fmt: skip
    return dispute
