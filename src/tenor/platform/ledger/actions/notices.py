"""Keep the letters that the law asks for, with what shows that they arrived."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid
from tenor.platform.core.roles import Right
from tenor.platform.events.actions import record
from tenor.platform.ledger.locks import locked_customer, locked_invoices
from tenor.platform.ledger.models import LegalNotice
from tenor.platform.ledger.told import News, Told
from tenor.platform.ledger.values import amount_of, day_of, start_of, text_of

# A kind of event of our own: the engine counts it as one it gives no meaning.
NOTICE_SENT = "notice_sent"


def record_notice(
    actor: Actor,
    *,
    customer_key: str,
    invoice_keys: Sequence[str],
    kind: str,
    sent_on: date,
    channel: str,
    key: str = "",
    received_on: date | None = None,
    evidence: str = "",
    bounced: bool = False,
    contains: Iterable[str] = (),
    costs: Decimal | None = None,
) -> Told[LegalNotice]:
    """Keep a notice that was sent; told again under its key it changes nothing.

    A receipt needs its evidence: without it the law of the channel presumes a day.
    """
    actor.need(Right.WORK)
    if not invoice_keys:
        raise Invalid(_("Choose at least one invoice."), field="invoice_keys")
    sent_on = day_of(sent_on, field="sent_on")
    _checked_receipt(actor, sent_on, received_on, evidence)
    values = {
        "kind": text_of(kind, field="kind", most=60, needed=True),
        "channel": text_of(channel, field="channel", most=40, needed=True),
        "evidence": text_of(evidence, field="evidence", most=500),
        "costs": None if costs is None else amount_of(costs, field="costs"),
        "contains": sorted({text_of(name, field="contains", most=60) for name in contains}),
        "sent_on": sent_on, "received_on": received_on, "bounced": bounced,
    }  # fmt: skip
    rows = LegalNotice.objects.of(actor.organisation)
    with transaction.atomic():
        customer = locked_customer(actor, key=customer_key)
        keys = [invoice.key for invoice in locked_invoices(actor, customer, list(invoice_keys))]
        own = f"tenor:notice:{customer.pk}:{values['kind']}:{sent_on}:{','.join(sorted(keys))}"
        notice, new = rows.get_or_create(
            key=text_of(key, field="key", most=200) or own[:200],
            defaults={"customer": customer, "invoice_keys": keys, "by": actor.name, **values},
        )
        if not new:
            return Told(notice, News.SAME)
        record(
            actor.organisation, NOTICE_SENT, key=f"tenor:notice:{notice.pk}", at=start_of(sent_on),
            customer_key=customer.key, invoice_key=keys[0] if len(keys) == 1 else "",
            detail={"kind": notice.kind, "channel": notice.channel, "invoices": keys},
        )  # fmt: skip
        audit.record(
            actor, "notice.record", f"customer:{customer.key}",
            after={"notice": notice.pk, "invoices": keys, **values},
        )  # fmt: skip
    return Told(notice, News.NEW)


def record_receipt(
    actor: Actor,
    *,
    notice_id: int,
    received_on: date | None = None,
    evidence: str = "",
    bounced: bool = False,
) -> LegalNotice:
    """Keep when a notice arrived and what shows it, or that it came back."""
    actor.need(Right.WORK)
    with transaction.atomic():
        notice: LegalNotice = row_for(actor, LegalNotice, pk=notice_id, related=("customer",))
        _checked_receipt(actor, notice.sent_on, received_on, evidence)
        before = {"received_on": notice.received_on, "evidence": notice.evidence}
        notice.received_on, notice.bounced = received_on, bounced
        notice.evidence = text_of(evidence, field="evidence", most=500)
        notice.save(update_fields=["received_on", "evidence", "bounced"])
        audit.record(
            actor, "notice.receipt", f"customer:{notice.customer.key}", before=before,
            after={"notice": notice.pk, "received_on": received_on, "evidence": notice.evidence,
                   "bounced": bounced},
        )  # fmt: skip
    return notice


def _checked_receipt(
    actor: Actor, sent_on: date, received_on: date | None, evidence: str
) -> None:  # fmt: skip
    today = clock.today(actor.organisation)
    if sent_on > today:
        raise Invalid(_("A notice was sent today or before."), field="sent_on")
    if received_on is None:
        return
    if not sent_on <= day_of(received_on, field="received_on") <= today:
        raise Invalid(_("It arrives after it was sent, and not later than today."),
                      field="received_on")  # fmt: skip
    if not evidence.strip():
        raise Invalid(_("Say what shows that it arrived."), field="evidence")
