"""Let a case leave the house: only with every point of the list met, and signed by a person."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Refused
from tenor.platform.core.roles import Right
from tenor.platform.decisions.facts import contacts_of
from tenor.platform.decisions.hand_over_file import zipped
from tenor.platform.decisions.law import case_of
from tenor.platform.decisions.models import Decision, HandOver, Task
from tenor.platform.decisions.queries.hand_over import Checked, checklist_of, invoices_named
from tenor.platform.events.queries import of_customer
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.locks import locked_customer
from tenor.platform.ledger.models import Customer, Entry, Invoice, LegalNotice
from tenor.platform.ledger.queries import statement
from tenor.platform.ledger.values import choice_of, text_of

_EVENTS = 500


def sign(
    actor: Actor,
    *,
    customer_key: str,
    invoice_keys: Collection[str],
    route: str,
    to: str,
    name: str,
    reason: str,
    registered: bool = False,
    mandate: bool = False,
) -> HandOver:
    """Hand invoices of a customer over, with the file of all evidence.

    Refused while a point of the list is not met, and to programs: a person signs, by name. The
    list is gone through again here, on the facts as they are now. `registered` and `mandate` are
    what the signer vouches for of the agency.
    """
    actor.need(Right.APPROVE)
    actor.need(Right.MONEY)
    if actor.user_id is None:
        raise Refused(_("A person signs a hand-over."))
    choice_of(route, HandOver.Route, field="route")
    to = text_of(to, field="to", most=200, needed=True)
    name = text_of(name, field="name", most=200, needed=True)
    reason = text_of(reason, field="reason", most=300, needed=True)
    customer: Customer = row_for(actor, Customer, key=customer_key)
    with transaction.atomic():
        customer = locked_customer(actor, pk=customer.pk)
        customer.organisation = actor.organisation
        invoices = invoices_named(customer, invoice_keys)
        checked = checklist_of(
            customer, invoices, route=route, registered=registered, mandate=mandate
        )
        _refuse_unmet(checked)
        owed: Any = sum((invoice.balance for invoice in invoices), Decimal(0))
        row = HandOver(
            customer=customer, decision=_decision(customer), route=route, to=to, reason=reason,
            invoice_keys=[invoice.key for invoice in invoices], currency=invoices[0].currency,
            amount=owed,
            checklist=[_plain(one) for one in checked], signed_by_id=actor.user_id,
            signed_name=name, signed_at=clock.now(actor.organisation),
            organisation=actor.organisation,
        )  # fmt: skip
        row.file, row.digest = zipped(_about(row, customer, invoices), get_language() or "en")
        row.save()
        ledger.escalate(actor, invoice_keys=row.invoice_keys, to=to, reason=reason)
        _close_tasks(actor, customer, reason)
        audit.record(
            actor, "hand_over.sign", f"customer:{customer.key}",
            after={"hand_over": row.pk, "route": route, "to": to, "signed": name,
                   "invoices": row.invoice_keys, "amount": row.amount, "digest": row.digest,
                   "reason": reason},
        )  # fmt: skip
    return row


def _plain(one: Checked) -> dict[str, Any]:
    return {**asdict(one), "since": one.since and one.since.isoformat()}


def _refuse_unmet(checked: Sequence[Checked]) -> None:
    unmet = [one.text for one in checked if not one.met]
    if unmet:
        raise Refused(
            _("This cannot be handed over yet. Still to be done: %(list)s")
            % {"list": "; ".join(unmet)}
        )


def _decision(customer: Customer) -> Decision | None:
    """Return the decision that a person approved, where one stands behind this hand-over."""
    rows = Decision.objects.of(customer.organisation_id).filter(
        customer=customer, verdict="escalate", state=Decision.State.HANDED_OVER
    )
    found: Decision | None = rows.order_by("-decided_at", "-pk").first()
    return found


def _close_tasks(actor: Actor, customer: Customer, reason: str) -> None:
    Task.objects.of(actor.organisation).filter(
        customer=customer, kind=Task.Kind.HAND_OVER, state=Task.State.OPEN
    ).update(
        state=Task.State.DONE, outcome="done", note=reason, claimed_by_id=actor.user_id,
        done_at=clock.now(actor.organisation),
    )  # fmt: skip


def _about(row: HandOver, customer: Customer, invoices: Sequence[Invoice]) -> dict[str, Any]:
    """Gather the file: who owes what and why, what was sent and said, the list, the signature."""
    organisation = customer.organisation
    now = row.signed_at
    contacts = contacts_of(organisation, now, [customer.key]).sort("sent_at")
    decision = row.decision
    pack = case_of(customer, invoice_keys=row.invoice_keys).pack
    return {
        "case": {
            "creditor": organisation.name, "customer": str(customer), "number": customer.key,
            "kind": customer.kind, "country": customer.country, "language": customer.language,
            "law": f"{pack.name}, {pack.version}", "route": row.route, "to": row.to,
            "amount": row.amount, "currency": row.currency,
        },
        "checklist": row.checklist,
        "invoices": [_invoice(invoice) for invoice in invoices],
        "statement": [
            {"day": line.at, "what": line.text, "amount": line.amount, "balance": line.balance}
            for line in statement(customer, row.currency)
        ],
        "notices": [_notice(one) for one in _notices(customer, row.invoice_keys)],
        "contacts": contacts.select("sent_at", "channel", "tone", "invoice_ids").to_dicts(),
        "events": [
            {"at": event.at, "what": event.kind, "invoice": event.invoice_key,
             "detail": event.detail}
            for event in reversed(of_customer(organisation, customer.key, _EVENTS))
        ],
        "decision": None if decision is None else {
            "decided_at": decision.decided_at, "reasons": decision.reasons,
            "approved_by": str(decision.decided_by or ""), "approved_at": decision.changed_at,
        },
        "signature": {"name": row.signed_name, "reason": row.reason, "at": row.signed_at},
    }  # fmt: skip


def _invoice(invoice: Invoice) -> dict[str, Any]:
    entries = Entry.objects.of(invoice.organisation_id).filter(invoice=invoice).order_by("at")
    return {
        "invoice": invoice.number or invoice.key, "issued_on": invoice.issued_on,
        "due_on": invoice.due_on, "amount": invoice.amount, "in_all": invoice.total,
        "paid": invoice.paid, "open": invoice.balance,
        "changes": [
            {"day": entry.at.date(), "kind": entry.kind, "amount": entry.amount,
             "text": entry.text}
            for entry in entries
        ],
    }  # fmt: skip


def _notices(customer: Customer, keys: Collection[str]) -> list[LegalNotice]:
    rows = LegalNotice.objects.of(customer.organisation_id).filter(customer=customer)
    return [row for row in rows.order_by("sent_on", "pk") if set(row.invoice_keys) & set(keys)]


def _notice(notice: LegalNotice) -> dict[str, Any]:
    return {
        "kind": notice.kind, "sent_on": notice.sent_on, "channel": notice.channel,
        "received_on": notice.received_on, "evidence": notice.evidence,
        "came_back": notice.bounced, "costs": notice.costs, "invoices": notice.invoice_keys,
        "contains": notice.contains,
    }  # fmt: skip
