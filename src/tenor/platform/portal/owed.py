"""What a customer owes, as their page shows it: a sum a currency, each invoice with its story."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from tenor.platform.core import clock
from tenor.platform.ledger import queries
from tenor.platform.wording import forms

if TYPE_CHECKING:
    from tenor.platform.ledger.models import Customer, Invoice, InvoiceDocument

# So many on one page: a phone on a slow line waits for no more. The sums are of all.
MOST = 20
_NOTHING = Decimal(0)
# What is booked with words of its own, which say more than its kind does.
_TOLD = frozenset({"fee", "interest", "correction", "credit_note"})


@dataclass(frozen=True)
class Part:
    """One line of what an invoice asks, or of what came off it, written for the reader."""

    words: str
    amount: str
    on: str = ""


@dataclass(frozen=True)
class Claim:
    """An invoice as its reader sees it.

    `mark` says what stands about it: "dispute", "plan", "promise" or nothing. `lines` is what was
    bought, `parts` what was booked since.
    """

    key: str
    number: str
    issued: str
    due: str
    is_overdue: bool
    asked: str
    paid: str
    open: str
    amount: Decimal
    lines: tuple[Part, ...] = ()
    parts: tuple[Part, ...] = ()
    mark: str = ""
    # The number of its PDF; None where there is none.
    document: int | None = None


@dataclass(frozen=True)
class Debt:
    """All that is asked in one currency: what is disputed is not.

    `free` are the invoices that nothing was agreed about; `start` says where the page begins.
    """

    currency: str
    invoices: tuple["Invoice", ...]
    disputed: tuple["Invoice", ...]
    free: tuple["Invoice", ...]
    claims: tuple[Claim, ...]
    language: str
    start: int = 0

    @property
    def amount(self) -> Decimal:
        """Return how much is asked."""
        return summed(self.invoices)

    @property
    def total(self) -> str:
        """Return how much is asked, written for the reader."""
        return self.write(self.amount)

    @property
    def put_aside(self) -> str:
        """Return how much is disputed, written for the reader; empty where nothing is."""
        return self.write(summed(self.disputed)) if self.disputed else ""

    @property
    def due(self) -> str:
        """Return the day by which the first of it should have come."""
        some = self.invoices or self.disputed
        return forms.day(some[0].due_on, self.language)

    @property
    def is_late(self) -> bool:
        """Say whether a day has passed on which money should have come."""
        return any(claim.is_overdue for claim in self.claims if claim.mark != "dispute")

    @property
    def count(self) -> int:
        """Return of how many invoices it is."""
        return len(self.invoices) + len(self.disputed)

    @property
    def first(self) -> int:
        """Return which of the invoices is the first that is shown, from one on."""
        return self.start + 1

    @property
    def last(self) -> int:
        """Return which of the invoices is the last that is shown."""
        return self.start + len(self.claims)

    @property
    def has_more(self) -> bool:
        """Say whether there are more than one page shows."""
        return self.count > len(self.claims)

    def write(self, amount: Decimal) -> str:
        """Write an amount for the reader."""
        return forms.amount(amount, self.currency, self.language)


def summed(invoices: Iterable["Invoice"]) -> Decimal:
    """Return what is open on invoices of one currency."""
    return sum((invoice.balance for invoice in invoices), _NOTHING)


def open_invoices(customer: "Customer") -> list["Invoice"]:
    """Return what a customer owes, the longest due first."""
    return queries.open_invoices_of(customer)


def debts_of(
    customer: "Customer",
    language: str,
    words: Mapping[str, str] | None = None,
    *,
    page: int = 1,
) -> list[Debt]:
    """Return what a customer owes, a currency each, the largest number of invoices first.

    With `words` for the kinds of booking, each of the invoices of the page tells its story; a page
    beyond the last is the last.
    """
    by_currency: dict[str, list[Invoice]] = {}
    for invoice in open_invoices(customer):
        by_currency.setdefault(invoice.currency, []).append(invoice)
    marks = _marks(customer)
    today = clock.today(customer.organisation)
    starts = {name: _start(len(rows), page) for name, rows in by_currency.items()}
    shown = [
        invoice
        for name, rows in by_currency.items()
        for invoice in rows[starts[name] : starts[name] + MOST]
    ]
    drawn = queries.documents_of(shown) if words else {}
    some = sorted(by_currency.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        Debt(
            currency=currency,
            invoices=tuple(i for i in rows if marks.get(i.pk) != "dispute"),
            disputed=tuple(i for i in rows if marks.get(i.pk) == "dispute"),
            free=tuple(i for i in rows if marks.get(i.pk) not in ("dispute", "plan")),
            claims=tuple(
                _claim(invoice, language, words, marks.get(invoice.pk, ""), today, drawn)
                for invoice in rows[starts[currency] : starts[currency] + MOST]
            ),
            language=language,
            start=starts[currency],
        )
        for currency, rows in some
    ]


def _start(count: int, page: int) -> int:
    return min(max(page, 1) - 1, max(count - 1, 0) // MOST) * MOST


def _claim(
    invoice: "Invoice",
    language: str,
    words: Mapping[str, str] | None,
    mark: str,
    today: date,
    drawn: Mapping[int, "InvoiceDocument"],
) -> Claim:
    def write(value: Decimal) -> str:
        return forms.amount(value, invoice.currency, language)

    return Claim(
        key=invoice.key,
        number=str(invoice),
        issued=forms.day(invoice.issued_on, language),
        due=forms.day(invoice.due_on, language),
        is_overdue=invoice.due_on < today,
        asked=write(invoice.amount),
        paid=write(invoice.paid) if invoice.paid else "",
        open=write(invoice.balance),
        amount=invoice.balance,
        lines=tuple(Part(line.text, write(line.amount)) for line in invoice.lines.all())
        if words
        else (),
        parts=tuple(_parts(invoice, language, words)) if words else (),
        mark=mark,
        document=drawn[invoice.pk].pk if invoice.pk in drawn else None,
    )


def _parts(invoice: "Invoice", language: str, words: Mapping[str, str]) -> Sequence[Part]:
    """Return what was booked on an invoice since it was made; nothing is summed up silently."""
    zone = clock.zone(invoice.customer.organisation)
    return [
        Part(
            words=": ".join(
                part
                for part in (words[booking.kind], booking.text if booking.kind in _TOLD else "")
                if part
            ),
            on=forms.day(booking.at.astimezone(zone).date(), language),
            amount=forms.amount(booking.amount, invoice.currency, language),
        )
        for booking in queries.bookings_of(invoice)
    ]


def _marks(customer: "Customer") -> dict[int, str]:
    """Return what stands about each invoice (by its number); the weightiest word counts."""
    standing = queries.situation(customer)
    marks: dict[int, str] = {}
    for promise in standing.promises:
        marks |= {covered.invoice_id: "promise" for covered in promise.covered.all()}
    for plan in standing.plans:
        marks |= {covered.invoice_id: "plan" for covered in plan.covered.all()}
    marks |= {dispute.invoice_id: "dispute" for dispute in standing.disputes}
    return marks
