"""What was booked on one invoice: what it asks more or less, and the money that went to it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tenor.platform.ledger.models import Allocation, Entry, Invoice


@dataclass(frozen=True)
class Booking:
    """A change of the balance: plus is asked, minus was paid or credited; what is left after it.

    `entry_key` is empty for money, and for what cannot be taken back: a reversal, or what has one.
    """

    at: datetime
    kind: str
    amount: Decimal
    balance: Decimal
    text: str = ""
    entry_key: str = ""
    payment_key: str = ""


def bookings_of(invoice: Invoice) -> list[Booking]:
    """Return everything that was booked on an invoice after it was made, the oldest first."""
    own = invoice.organisation_id
    entries = (
        Entry.objects.of(own).filter(invoice=invoice).select_related("reverses", "reversed_by")
    )
    shares = Allocation.objects.of(own).filter(invoice=invoice).select_related("payment")
    rows = sorted([*entries, *shares], key=lambda row: (row.at, row.created_at))
    balance, booked = invoice.amount, []
    for row in rows:
        if isinstance(row, Entry):
            balance += row.amount
            back = row.reverses_id is not None or hasattr(row, "reversed_by")
            booked.append(
                Booking(row.at, row.kind, row.amount, balance, row.text, "" if back else row.key)
            )
        else:
            balance -= row.amount
            kind = "payment" if row.amount > 0 else "payment_back"
            payment = row.payment
            text = payment.reference or payment.method
            booked.append(
                Booking(row.at, kind, -row.amount, balance, text, payment_key=payment.key)
            )
    return booked
