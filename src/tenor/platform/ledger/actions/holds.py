"""Let steps towards a customer, or about one invoice, rest for a time."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.engine.events import Kind
from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import Right
from tenor.platform.events.actions import record
from tenor.platform.ledger import holding
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
    channel: str = "",
) -> Hold:
    """Let the steps that the law stops for `reason` rest until `ends_at`, for all or one invoice.

    A day is meant with that day included. Without an end it lasts as long as the law gives such a
    hold, else until somebody lifts it. `channel` is the one that a wrong address closes.
    """
    actor.need(Right.WORK)
    choice_of(reason, Hold.Reason, field="reason")
    note = text_of(note, field="note", most=500)
    channel = text_of(channel, field="channel", most=40)
    organisation = actor.organisation
    now, today = clock.now(organisation), clock.today(organisation)
    end = _end_given(organisation, ends_at, now)
    with transaction.atomic():
        customer = locked_customer(actor, key=customer_key)
        pack = holding.packs_of(organisation)(customer.country)
        meaning = holding.meaning_of(reason, pack=pack, day=today)
        if end is None:
            end = _after(organisation, holding.longest_of(reason, pack=pack, start=today))
        invoice = locked_invoices(actor, customer, [invoice_key])[0] if invoice_key else None
        hold: Hold = Hold.objects.of(organisation).create(
            customer=customer, invoice=invoice, reason=reason, note=note, starts_at=now,
            ends_at=end, by=actor.name, channel=channel if meaning.on_a_channel else "",
        )  # fmt: skip
        record(
            organisation, Kind.HOLD_STARTED, key=f"tenor:hold:{hold.pk}:started", at=now,
            customer_key=customer.key, invoice_key=invoice_key or "",
            detail=_told(hold, meaning.code),
        )  # fmt: skip
        audit.record(
            actor, "hold.start", f"customer:{customer.key}",
            after={"hold": hold.pk, "invoice": invoice_key or None, "reason": reason,
                   "code": meaning.code, "ends_at": end, "note": note},
        )  # fmt: skip
    return hold


def _end_given(
    organisation: Organisation, ends_at: datetime | date | None, now: datetime
) -> datetime | None:
    """Return the instant at which a hold ends as somebody wants it; nothing where nobody said."""
    if isinstance(ends_at, datetime):
        end: datetime | None = instant_of(ends_at, field="ends_at")
    else:
        end = _after(organisation, ends_at)
    if end is not None and end <= now:
        raise Invalid(_("A hold ends later than now."), field="ends_at")
    return end


def _after(organisation: Organisation, last: date | None) -> datetime | None:
    return None if last is None else end_of(organisation, last) + timedelta(microseconds=1)


def _told(hold: Hold, code: str) -> dict[str, str]:
    """Return what the engine is told: the code by which the packs know it, its channel, its end."""
    detail = {"reason": str(hold.reason), "code": code}
    if hold.channel:
        detail["channel"] = hold.channel
    if hold.ends_at is not None:
        # The engine counts in whole days: the last one on which nothing is asked.
        last = hold.ends_at - timedelta(microseconds=1)
        detail["until"] = last.astimezone(clock.zone(hold.organisation)).date().isoformat()
    return detail


def lift_hold(actor: Actor, *, hold_id: int, note: str = "") -> Hold:
    """End a hold now; one that ended already stays as it is.

    Only who sits at a desk that the law names may lift it: a breathing space is not ended by who
    wants the money.
    """
    note = text_of(note, field="note", most=500)
    with transaction.atomic():
        hold: Hold = row_for(
            actor, Hold, pk=hold_id, related=("customer", "invoice__customer"), lock=True
        )
        now = clock.now(actor.organisation)
        if hold.lifted_at is not None or (hold.ends_at is not None and hold.ends_at <= now):
            return hold
        _refuse_other_desks(actor, hold)
        end_hold(actor, hold, at=now)
        audit.record(
            actor, "hold.lift", f"customer:{hold.customer.key}",
            before={"hold": hold.pk, "ends_at": hold.ends_at},
            after={"lifted_at": now, "note": note},
        )  # fmt: skip
    return hold


def _refuse_other_desks(actor: Actor, hold: Hold) -> None:
    pack = holding.packs_of(actor.organisation)(hold.customer.country)
    today = clock.today(actor.organisation)
    if holding.may_lift(actor, hold, pack=pack, day=today):
        return
    actor.need(Right.WORK)
    rule = holding.meaning_of(hold.reason, pack=pack, day=today).rule
    raise Refused(
        _("This hold is not yours to lift: it ends when %(ends)s, or by: %(desks)s.")
        % {"ends": rule.ends, "desks": ", ".join(rule.lift)}
    )


def end_hold(actor: Actor, hold: Hold, *, at: datetime) -> None:
    """Mark a hold as ended, and tell the engine."""
    hold.lifted_at = at
    hold.save(update_fields=["lifted_at"])
    record(
        actor.organisation, Kind.HOLD_ENDED, key=f"tenor:hold:{hold.pk}:ended", at=at,
        customer_key=hold.customer.key,
        invoice_key=hold.invoice.key if hold.invoice else "",
    )  # fmt: skip
