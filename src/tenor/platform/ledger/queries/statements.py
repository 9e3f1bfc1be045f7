"""The statement of a customer: every booking of one currency, with the balance after it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal

from django.utils.functional import Promise as Text
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenor.platform.core import clock
from tenor.platform.ledger.balances import NOTHING
from tenor.platform.ledger.models import Customer, Entry, Invoice, Payment

_ENTRIES: dict[str, "Text | str"] = {
    Entry.Kind.CREDIT_NOTE: gettext_lazy("Credit note on %(invoice)s"),
    Entry.Kind.FEE: gettext_lazy("Fee on %(invoice)s"),
    Entry.Kind.INTEREST: gettext_lazy("Interest on %(invoice)s"),
    Entry.Kind.CORRECTION: gettext_lazy("Correction of %(invoice)s"),
    Entry.Kind.WRITE_OFF: gettext_lazy("Written off on %(invoice)s"),
}


@dataclass(frozen=True)
class Line:
    """A booking: plus is asked, minus was paid or credited. A balance below nothing is credit."""

    at: date
    text: str
    amount: Decimal
    balance: Decimal
    invoice_key: str = ""
    payment_key: str = ""


@dataclass(frozen=True)
class _Booking:
    moment: datetime
    at: date
    text: str
    amount: Decimal
    invoice_key: str = ""
    payment_key: str = ""


def statement(customer: Customer, currency: str) -> list[Line]:
    """Return a customer's bookings in one currency, the oldest first, each with what is owed then.

    The last balance is what all invoices ask less all money that came, credit included.
    """
    bookings = sorted(_bookings(customer, currency), key=lambda booking: booking.moment)
    balance, lines = NOTHING, []
    for b in bookings:
        balance += b.amount
        lines.append(Line(b.at, b.text, b.amount, balance, b.invoice_key, b.payment_key))
    return lines


def statements_of(customer: Customer) -> list[tuple[str, list[Line]]]:
    """Return the statement of each currency that something was booked in."""
    own = customer.organisation_id
    invoices = Invoice.objects.of(own).filter(customer=customer).order_by()
    payments = Payment.objects.of(own).filter(customer=customer).order_by()
    currencies = {
        currency
        for rows in (invoices, payments)
        for currency in rows.values_list("currency", flat=True).distinct()
    }
    return [(currency, statement(customer, currency)) for currency in sorted(currencies)]


def _bookings(customer: Customer, currency: str) -> Iterator[_Booking]:
    own, zone = customer.organisation_id, clock.zone(customer.organisation)
    invoices = Invoice.objects.of(own).filter(customer=customer, currency=currency)
    for row in sorted(invoices.order_by(), key=lambda row: row.pk):
        issued_at = datetime.combine(row.issued_on, time(), UTC)
        text = _("Invoice %(invoice)s") % {"invoice": row}
        yield _Booking(issued_at, row.issued_on, text, row.amount, row.key)
    entries = Entry.objects.of(own).filter(invoice__customer=customer, invoice__currency=currency)
    for row in sorted(entries.select_related("invoice").order_by(), key=lambda row: row.pk):
        text = str(_ENTRIES[row.kind]) % {"invoice": row.invoice}
        if row.reverses_id is not None:
            text = _("Taken back: %(entry)s") % {"entry": text}
        yield _Booking(row.at, row.at.astimezone(zone).date(), text, row.amount, row.invoice.key)
    payments = Payment.objects.of(own).filter(customer=customer, currency=currency)
    for row in sorted(payments.order_by(), key=lambda row: row.pk):
        day = row.paid_at.astimezone(zone).date()
        yield _Booking(row.paid_at, day, _("Payment"), -row.amount, payment_key=row.key)
        if row.reversed_at is not None:
            day = row.reversed_at.astimezone(zone).date()
            yield _Booking(
                row.reversed_at, day, _("Payment taken back"), row.amount, payment_key=row.key
            )
