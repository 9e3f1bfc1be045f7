"""What the ledger holds about a person, and how it goes: details, agreements, books, consents."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Max

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.core.personal import Holding, by_year, rows_of
from tenor.platform.ledger import documents
from tenor.platform.ledger.models import (
    Allocation,
    Consent,
    ContactPoint,
    Customer,
    Dispute,
    Entry,
    Exposure,
    Hold,
    Invoice,
    InvoiceDocument,
    InvoiceLine,
    LegalNotice,
    Note,
    Payment,
    PaymentReference,
    Plan,
    Promise,
    ProtectedTraits,
)

DETAILS, NOTES, AGREEMENTS, CONSENTS = "details", "notes", "agreements", "consents"
BOOKS, NOTICES = "books", "notices"


def export(organisation: Organisation, key: str) -> dict[str, list[dict[str, Any]]]:
    """Return all that the ledger holds about a customer."""
    of = _of(organisation, key)
    return {
        "customer": rows_of(
            Customer.objects.of(organisation).filter(key=key), "key", "name", "kind", "country",
            "language", "timezone", "contact_hours", "contact_days", "attributes", "lineage",
            "created_at", "updated_at",
        ),
        "protected": rows_of(of(ProtectedTraits), "traits", "source", "at"),
        "contact_points": rows_of(
            of(ContactPoint), "kind", "value", "is_primary", "bounced_at", "bounced_because"
        ),
        "consents": rows_of(of(Consent), "channel", "granted", "at", "source"),
        "invoices": rows_of(
            of(Invoice), "key", "number", "amount", "currency", "issued_on", "due_on", "total",
            "paid", "balance", "settled_at", "closed_as", "attributes",
        ),
        "invoice_lines": rows_of(
            of(InvoiceLine, "invoice__"), "invoice__key", "position", "text", "quantity", "amount"
        ),
        "documents": rows_of(
            of(InvoiceDocument, "invoice__"), "invoice__key", "name", "size", "sha256", "put_at"
        ),
        "entries": rows_of(
            of(Entry, "invoice__"), "invoice__key", "kind", "amount", "at", "text"
        ),
        "payments": rows_of(
            of(Payment), "key", "amount", "currency", "paid_at", "method", "reference", "source",
            "reversed_at", "refunded",
        ),
        "holds": rows_of(
            of(Hold), "reason", "invoice__key", "note", "starts_at", "ends_at", "lifted_at"
        ),
        "disputes": rows_of(
            of(Dispute, "invoice__"), "invoice__key", "reason", "note", "opened_at", "resolved_at",
            "outcome", "answer",
        ),
        "promises": rows_of(
            of(Promise), "amount", "currency", "made_at", "promised_on", "state", "note"
        ),
        "plans": rows_of(of(Plan), "amount", "currency", "agreed_at", "state", "note"),
        "payment_references": rows_of(of(PaymentReference), "reference", "invoice_keys"),
        "notes": rows_of(of(Note), "at", "text"),
        "notices": rows_of(
            of(LegalNotice), "kind", "invoice_keys", "sent_on", "channel", "received_on",
            "evidence", "bounced", "costs",
        ),
    }  # fmt: skip


def holdings(organisation: Organisation, key: str) -> list[Holding]:
    """Return which rows the ledger has about a customer."""
    of = _of(organisation, key)
    customer = Customer.objects.of(organisation).get(key=key)
    last = last_activity(organisation, key)
    owing = owes(organisation, key)
    details = of(ContactPoint).count() + of(PaymentReference).count() + _own_words(customer)
    agreements = sum(rows.count() for rows in _agreements(organisation, key))
    counts = [
        Holding(DETAILS, "customer details", details, last, is_claim=owing),
        Holding(NOTES, "case history", of(Note).count(), last, is_claim=owing),
        Holding(AGREEMENTS, "promise", agreements, last, is_claim=owing),
        Holding(CONSENTS, "consent", of(Consent).count(), last),
    ]
    years: dict[int, list[_Group]] = defaultdict(list)
    for group in _groups(organisation, key):
        years[group.year].append(group)
    counts += [
        Holding(
            BOOKS, "invoice", sum(g.count for g in groups), date(year, 12, 31), year,
            any(g.is_open for g in groups),
        )
        for year, groups in sorted(years.items())
    ]  # fmt: skip
    letters = by_year(of(LegalNotice).values_list("sent_on", flat=True))
    counts += [
        Holding(NOTICES, "letter", count, last, year, owing)
        for year, (count, last) in letters.items()
    ]
    return [one for one in counts if one.count]


def erase(organisation: Organisation, key: str, *, part: str, year: int | None = None) -> int:
    """Remove a part of what the ledger holds; of the books those of a year that nobody owes."""
    of = _of(organisation, key)
    if part == DETAILS:
        return _erase_details(organisation, key)
    if part == NOTES:
        return int(of(Note).delete()[0])
    if part == CONSENTS:
        return int(of(Consent).delete()[0])
    if part == NOTICES:
        return int(of(LegalNotice).filter(sent_on__year=year).delete()[0])
    if part == AGREEMENTS:
        return sum(int(rows.delete()[0]) for rows in _agreements(organisation, key))
    groups = [g for g in _groups(organisation, key) if g.year == year and not g.is_open]
    return _erase_books(organisation, groups)


def forget(organisation: Organisation, key: str) -> bool:
    """Remove the customer's own row where no invoice and no payment needs it any more."""
    rows = Customer.objects.of(organisation).filter(key=key)
    of = _of(organisation, key)
    if of(Invoice).exists() or of(Payment).exists() or not rows.exists():
        return False
    rows.delete()
    return True


def owes(organisation: Organisation, key: str) -> bool:
    """Say whether the customer still owes something, to us or to whom we handed it over."""
    return any(_is_claim(invoice) for invoice in _of(organisation, key)(Invoice))


def last_activity(organisation: Organisation, key: str) -> date:
    """Return the day on which something was last invoiced, paid, noted or agreed with a customer.

    Today for somebody about whom nothing ever was.
    """
    of = _of(organisation, key)
    found = [
        of(Invoice).aggregate(last=Max("issued_on"))["last"],
        of(Payment).aggregate(last=Max("paid_at"))["last"],
        of(Note).aggregate(last=Max("at"))["last"],
        of(Promise).aggregate(last=Max("made_at"))["last"],
    ]
    zone = clock.zone(organisation)
    days = [d.astimezone(zone).date() if hasattr(d, "astimezone") else d for d in found if d]
    return max(days, default=clock.today(organisation))


def _of(organisation: Organisation, key: str) -> Any:
    def rows(table: Any, way: str = "") -> Any:
        return table.objects.of(organisation).filter(**{f"{way}customer__key": key}).order_by("pk")

    return rows


def _is_claim(invoice: Invoice) -> bool:
    """Say whether an invoice is still owed; what was written off is asked of nobody any more."""
    return invoice.balance > 0 and invoice.closed_as != Invoice.Closed.WRITTEN_OFF


def _agreements(organisation: Organisation, key: str) -> list[Any]:
    """Return promises, plans, answered disputes and holds that ended; what stands is still used."""
    of = _of(organisation, key)
    return [
        of(Promise).exclude(state=Promise.State.OPEN),
        of(Plan).exclude(state=Plan.State.ACTIVE),
        of(Dispute, "invoice__").exclude(resolved_at=None),
        of(Hold).exclude(lifted_at=None),
    ]


def _own_words(customer: Customer) -> int:
    """Count what is known of a customer besides the key and what the law asks for."""
    parts = (
        customer.name, customer.attributes, customer.timezone, customer.contact_hours,
        customer.contact_days,
    )  # fmt: skip
    return sum(bool(part) for part in parts)


def _erase_details(organisation: Organisation, key: str) -> int:
    of = _of(organisation, key)
    customer = Customer.objects.of(organisation).select_for_update().get(key=key)
    gone = (ContactPoint, PaymentReference, ProtectedTraits)
    count = sum(int(of(table).delete()[0]) for table in gone)
    count += _own_words(customer)
    customer.name = customer.timezone = customer.contact_hours = customer.contact_days = ""
    customer.attributes, customer.lineage, customer.owner = {}, {}, None
    customer.save()
    for invoice in of(Invoice).exclude(attributes={}):
        invoice.attributes, invoice.lineage = {}, {}
        invoice.save(update_fields=["attributes", "lineage", "updated_at"])
    return count


@dataclass
class _Group:
    """Invoices and payments that hang together; they go together, so that the books stay whole."""

    invoices: set[int] = field(default_factory=set)
    payments: set[int] = field(default_factory=set)
    year: int = 0
    is_open: bool = False

    @property
    def count(self) -> int:
        return len(self.invoices) + len(self.payments)


def _groups(organisation: Organisation, key: str) -> list[_Group]:
    of = _of(organisation, key)
    zone = clock.zone(organisation)
    invoices = {i.pk: i for i in of(Invoice)}
    links = Allocation.objects.of(organisation).filter(invoice__in=invoices)
    pairs = set(links.values_list("invoice_id", "payment_id"))
    payments = {p.pk: p for p in of(Payment)} | {
        p.pk: p
        for p in Payment.objects.of(organisation).filter(pk__in={payment for _i, payment in pairs})
    }
    groups = []
    for some, money in _joined(invoices, payments, pairs):
        days = [invoices[i].issued_on for i in some]
        days += [payments[p].paid_at.astimezone(zone).date() for p in money]
        is_open = any(_is_claim(invoices[i]) for i in some)
        groups.append(_Group(some, money, max(days).year, is_open))
    return groups


def _joined(
    invoices: Iterable[int], payments: Iterable[int], pairs: set[tuple[int, int]]
) -> list[tuple[set[int], set[int]]]:
    """Return the sets of invoices and payments that allocations hold together."""
    of_invoice, of_payment = defaultdict(set), defaultdict(set)
    for invoice, payment in pairs:
        of_invoice[invoice].add(payment)
        of_payment[payment].add(invoice)
    found, seen = [], set()
    waiting = [("invoice", i) for i in invoices] + [("payment", p) for p in payments]
    for start in waiting:
        if start in seen:
            continue
        seen.add(start)
        group: tuple[set[int], set[int]] = (set(), set())
        edge = [start]
        while edge:
            kind, number = edge.pop()
            group[kind == "payment"].add(number)
            if kind == "invoice":
                following = {("payment", p) for p in of_invoice[number]}
            else:
                following = {("invoice", i) for i in of_payment[number]}
            edge += following - seen
            seen |= following
        found.append(group)
    return found


def _erase_books(organisation: Organisation, groups: list[_Group]) -> int:
    invoices = {number for group in groups for number in group.invoices}
    payments = {number for group in groups for number in group.payments}
    Allocation.objects.of(organisation).filter(payment__in=payments).delete()
    entries = Entry.objects.of(organisation).filter(invoice__in=invoices)
    entries.exclude(reverses=None).delete()
    entries.delete()
    Payment.objects.of(organisation).filter(pk__in=payments).delete()
    customers = set(
        Invoice.objects.of(organisation).filter(pk__in=invoices).values_list("customer", flat=True)
    )
    drawn = InvoiceDocument.objects.of(organisation).filter(invoice__in=invoices)
    # Bytes do not come back when a transaction is undone.
    transaction.on_commit(partial(documents.forget, list(drawn.values_list("file", flat=True))))
    Invoice.objects.of(organisation).filter(pk__in=invoices).delete()
    Exposure.objects.of(organisation).filter(customer__in=customers, open_count=0).delete()
    return len(invoices) + len(payments)
