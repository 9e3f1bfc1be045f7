"""Leave a customer, or one invoice, alone for a time."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.engine.events import Kind
from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid
from tenor.platform.core.roles import Right
from tenor.platform.events.actions import record
from tenor.platform.ledger.following import end_of
from tenor.platform.ledger.locks import locked_customer, locked_invoices
from tenor.platform.ledger.models import Hold
from tenor.platform.ledger.values import choice_of, instant_of, text_of


def start_hold(
    actor: Actor,
    *,
    customer_key: str,
    reason: str,
    invoice_key: str | None = None,
    ends_at: datetime | date | None = None,
    note: str = "",
) -> Hold:
    """Leave a customer alone, or one invoice of theirs, until `ends_at`.

    A day is meant with that day included; without an end it lasts until somebody lifts it.
    """
    actor.need(Right.WORK)
    choice_of(reason, Hold.Reason, field="reason")
    note = text_of(note, field="note", most=500)
    organisation = actor.organisation
    now = clock.now(organisation)
    if isinstance(ends_at, datetime):
        ends_at = instant_of(ends_at, field="ends_at")
    elif ends_at is not None:
        ends_at = end_of(organisation, ends_at) + timedelta(microseconds=1)
    if ends_at is not None and ends_at <= now:
        raise Invalid(_("A hold ends later than now."), field="ends_at")
    with transaction.atomic():
        customer = locked_customer(actor, key=customer_key)
        invoice = locked_invoices(actor, customer, [invoice_key])[0] if invoice_key else None
        hold: Hold = Hold.objects.of(organisation).create(
            customer=customer, invoice=invoice, reason=reason, note=note, starts_at=now,
            ends_at=ends_at, by=actor.name,
        )  # fmt: skip
        detail = {"reason": reason}
        if ends_at is not None:
            # The engine counts in whole days: the last one on which nothing is asked.
            last = ends_at - timedelta(microseconds=1)
            detail["until"] = last.astimezone(clock.zone(organisation)).date().isoformat()
        record(
            organisation, Kind.HOLD_STARTED, key=f"tenor:hold:{hold.pk}:started", at=now,
            customer_key=customer.key, invoice_key=invoice_key or "", detail=detail,
        )  # fmt: skip
        audit.record(
            actor, "hold.start", f"customer:{customer.key}",
            after={"hold": hold.pk, "invoice": invoice_key or None, "reason": reason,
                   "ends_at": ends_at, "note": note},
        )  # fmt: skip
    return hold


def lift_hold(actor: Actor, *, hold_id: int, note: str = "") -> Hold:
    """End a hold now; one that ended already stays as it is."""
    actor.need(Right.WORK)
    note = text_of(note, field="note", most=500)
    with transaction.atomic():
        hold: Hold = row_for(
            actor, Hold, pk=hold_id, related=("customer", "invoice__customer"), lock=True
        )
        now = clock.now(actor.organisation)
        if hold.lifted_at is not None or (hold.ends_at is not None and hold.ends_at <= now):
            return hold
        end_hold(actor, hold, at=now)
        audit.record(
            actor, "hold.lift", f"customer:{hold.customer.key}",
            before={"hold": hold.pk, "ends_at": hold.ends_at},
            after={"lifted_at": now, "note": note},
        )  # fmt: skip
    return hold


def end_hold(actor: Actor, hold: Hold, *, at: datetime) -> None:
    """Mark a hold as ended, and tell the engine."""
    hold.lifted_at = at
    hold.save(update_fields=["lifted_at"])
    record(
        actor.organisation, Kind.HOLD_ENDED, key=f"tenor:hold:{hold.pk}:ended", at=at,
        customer_key=hold.customer.key,
        invoice_key=hold.invoice.key if hold.invoice else "",
    )  # fmt: skip
