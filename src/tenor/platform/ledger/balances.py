"""The kept folds: what an invoice asks, what was paid on it, and what a customer owes in all.

The rule of what counts as settled is the engine's (`engine.ledger`); a test holds both equal.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection

from tenor.engine.ledger import TOLERANCE_MOST, TOLERANCE_PERCENT
from tenor.platform.ledger.models import Allocation, Entry, Invoice
from tenor.platform.ledger.values import start_of

NOTHING = Decimal("0.0000")
Change = tuple[datetime, Decimal]
FOLDED = ("total", "paid", "balance", "settled_at", "is_open", "closed_as", "closed_at")


@dataclass(frozen=True)
class Standing:
    """Where an invoice stands after all its entries and allocations."""

    total: Decimal
    paid: Decimal
    settled_at: datetime | None

    @property
    def balance(self) -> Decimal:
        """Return what is owed, small rests included."""
        return self.total - self.paid


def is_nothing(rest: Decimal, total: Decimal) -> bool:
    """Say whether a rest of an invoice of this total counts as nothing."""
    return rest <= TOLERANCE_MOST and rest * 100 <= total * TOLERANCE_PERCENT


def standing_of(
    amount: Decimal, issued_on: date, entries: Iterable[Change], allocations: Iterable[Change]
) -> Standing:
    """Fold an invoice's changes, in whatever order they were told, into where it stands.

    `settled_at` is the first instant after which nothing more was owed and that stayed so.
    """
    issued_at = start_of(issued_on)
    # Of one instant, changes of what is asked come before money, and what asks more before what
    # asks less: as the engine reads them.
    steps = sorted(
        [(max(at, issued_at), 0, -change) for at, change in entries]
        + [(at, 1, paid) for at, paid in allocations]
    )
    # Money that came before the invoice's first day counts against its first total.
    total, paid, settled_at = amount, NOTHING, None
    for at, is_money, change in steps:
        if is_money:
            paid += change
        else:
            total -= change
        if not is_nothing(total - paid, total):
            settled_at = None
        elif settled_at is None:
            settled_at = at
    return Standing(total, paid, settled_at)


def fold(invoice: Invoice) -> Standing:
    """Fold one invoice from its rows, whatever its kept figures say."""
    entries = Entry.objects.of(invoice.organisation_id).filter(invoice=invoice)
    allocations = Allocation.objects.of(invoice.organisation_id).filter(invoice=invoice)
    return standing_of(
        invoice.amount,
        invoice.issued_on,
        list(entries.values_list("at", "amount")),
        list(allocations.values_list("at", "amount")),
    )


def renew(invoices: Collection[Invoice]) -> None:
    """Fold these invoices of one organisation again and keep what comes out; then their sums.

    The caller holds the locks of their customers.
    """
    if not invoices:
        return
    refold(invoices)
    for invoice in invoices:
        invoice.save(update_fields=[*FOLDED, "updated_at"])
    renew_exposures(
        next(iter(invoices)).organisation_id, {invoice.customer_id for invoice in invoices}
    )


def refold(invoices: Collection[Invoice]) -> None:
    """Fold these invoices of one organisation again, without saving them yet."""
    organisation = next(iter(invoices)).organisation_id
    entries = _changes(Entry, organisation, invoices)
    allocations = _changes(Allocation, organisation, invoices)
    for invoice in invoices:
        keep(
            invoice,
            standing_of(
                invoice.amount, invoice.issued_on, entries[invoice.pk], allocations[invoice.pk]
            ),
        )


def keep(invoice: Invoice, standing: Standing) -> None:
    """Set the kept figures of an invoice (not saved yet)."""
    invoice.total, invoice.paid = standing.total, standing.paid
    invoice.balance, invoice.settled_at = standing.balance, standing.settled_at
    invoice.is_open = standing.settled_at is None and not invoice.closed_as


def renew_exposures(organisation: int, customers: Collection[int] | None) -> None:
    """Sum again what these customers (None: all) owe on open invoices, a row a currency."""
    with connection.cursor() as cursor:
        for some in [None] if customers is None else _parts(customers):
            only = "" if some is None else f"AND customer_id IN ({', '.join(['%s'] * len(some))})"
            cursor.execute(f"{_FORGET} {only}", [None, organisation, *(some or ())])
            cursor.execute(
                f"{_SUM} {only} GROUP BY customer_id, currency {_INSTEAD}",
                [organisation, organisation, *(some or ())],
            )


_FORGET = """
UPDATE ledger_exposure SET open_amount = 0, open_count = 0, oldest_due_on = %s
WHERE organisation_id = %s AND open_count > 0
"""
_SUM = """
INSERT INTO ledger_exposure
    (organisation_id, customer_id, currency, open_amount, open_count, oldest_due_on)
SELECT %s, customer_id, currency, SUM(balance), COUNT(*), MIN(due_on)
FROM ledger_invoice WHERE organisation_id = %s AND is_open
"""
_INSTEAD = """
ON CONFLICT (customer_id, currency) DO UPDATE SET open_amount = excluded.open_amount,
    open_count = excluded.open_count, oldest_due_on = excluded.oldest_due_on
"""
# A database takes so many values in one statement.
AT_ONCE = 500


def _parts(numbers: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(numbers)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]


def _changes(
    table: type[Entry] | type[Allocation], organisation: int, invoices: Collection[Invoice]
) -> dict[int, list[Change]]:
    found: dict[int, list[Change]] = defaultdict(list)
    rows = table.objects.of(organisation).order_by()
    for some in _parts([invoice.pk for invoice in invoices]):
        changes = rows.filter(invoice__in=some).values_list("invoice_id", "at", "amount")
        for number, at, amount in changes:
            found[number].append((at, amount))
    return found
