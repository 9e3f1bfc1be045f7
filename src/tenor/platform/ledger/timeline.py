"""What happened in a customer's ledger, as facts with a time: money, agreements, notes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from tenor.platform.ledger.models import (
    Allocation,
    Customer,
    Dispute,
    Entry,
    Hold,
    Note,
    Payment,
    Plan,
    Promise,
)


@dataclass(frozen=True)
class LedgerFact:
    """One thing that happened: a code, its instant, and what the words about it need."""

    code: str
    at: datetime
    by: str = ""
    amount: Decimal | None = None
    currency: str = ""
    text: str = ""
    about: dict[str, Any] = field(default_factory=dict)


def ledger_facts(customer: Customer) -> list[LedgerFact]:
    """Return everything in the ledger that happened with a customer, newest first."""
    found = [*_invoices(customer), *_money(customer), *_agreements(customer), *_notes(customer)]
    return sorted(found, key=lambda fact: fact.at, reverse=True)


def _invoices(customer: Customer) -> Iterator[LedgerFact]:
    for row in customer.invoices.all():
        at = datetime.combine(row.issued_on, time(), tzinfo=UTC)
        about = {"invoice": str(row), "due_on": row.due_on}
        yield LedgerFact("invoice", at, amount=row.amount, currency=row.currency, about=about)
        if row.closed_at and row.closed_as == "escalated":
            yield LedgerFact("escalated", row.closed_at, about=about)
    entries = Entry.objects.of(customer.organisation_id).filter(invoice__customer=customer)
    for row in entries.select_related("invoice"):
        about = {"invoice": str(row.invoice), "kind": row.kind}
        currency = row.invoice.currency
        yield LedgerFact(row.kind, row.at, "", row.amount, currency, row.text, about)


def _money(customer: Customer) -> Iterator[LedgerFact]:
    shares: dict[int, list[str]] = {}
    rows = Allocation.objects.of(customer.organisation_id).filter(
        payment__customer=customer, amount__gt=0
    )
    for payment_id, number, key in rows.values_list(
        "payment_id", "invoice__number", "invoice__key"
    ):
        shares.setdefault(payment_id, []).append(number or key)
    for row in Payment.objects.of(customer.organisation_id).filter(customer=customer):
        about = {"invoices": shares.get(row.pk, []), "method": row.method, "key": row.key}
        yield LedgerFact("payment", row.paid_at, "", row.amount, row.currency, "", about)
        if row.reversed_at:
            why = row.reversed_because
            yield LedgerFact("reversed", row.reversed_at, "", row.amount, row.currency, why, about)


def _agreements(customer: Customer) -> Iterator[LedgerFact]:
    own = customer.organisation_id
    for row in Hold.objects.of(own).filter(customer=customer).select_related("invoice"):
        about = {"reason": row.reason, "until": row.ends_at, "invoice": row.invoice}
        yield LedgerFact("hold", row.starts_at, row.by, text=row.note, about=about)
        if row.lifted_at:
            yield LedgerFact("hold_lifted", row.lifted_at, about=about)
    disputes = Dispute.objects.of(own).filter(invoice__customer=customer)
    for row in disputes.select_related("invoice"):
        about = {"reason": row.reason, "invoice": str(row.invoice), "outcome": row.outcome}
        yield LedgerFact("dispute", row.opened_at, row.by, text=row.note, about=about)
        if row.resolved_at:
            yield LedgerFact("dispute_resolved", row.resolved_at, text=row.answer, about=about)
    for row in Promise.objects.of(own).filter(customer=customer):
        about = {"on": row.promised_on}
        money = {"amount": row.amount, "currency": row.currency, "about": about}
        yield LedgerFact("promise", row.made_at, row.by, text=row.note, **money)
        if row.decided_at:
            yield LedgerFact(f"promise_{row.state}", row.decided_at, **money)
    for row in Plan.objects.of(own).filter(customer=customer).prefetch_related("instalments"):
        about = {"instalments": len(row.instalments.all())}
        money = {"amount": row.amount, "currency": row.currency, "about": about}
        yield LedgerFact("plan", row.agreed_at, row.by, text=row.note, **money)
        if row.decided_at:
            yield LedgerFact(f"plan_{row.state}", row.decided_at, **money)


def _notes(customer: Customer) -> Iterator[LedgerFact]:
    for row in Note.objects.of(customer.organisation_id).filter(customer=customer):
        yield LedgerFact("note", row.at, row.by, text=row.text)
