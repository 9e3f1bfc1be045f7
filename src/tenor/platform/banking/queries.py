"""What can be asked of the bank's files and lines."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Count, Q, Sum

from tenor.platform.banking import returning
from tenor.platform.banking.models import BankFile, Line, Posting, Statement
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import Right
from tenor.platform.ledger.models import Customer, Invoice
from tenor.platform.ledger.queries import Page

_NOTHING = Decimal(0)
_SHOWN = 50
# Of one statement: a page of it.
STATEMENT_LINES = 200
_FOUND = 20
_AT_ONCE = 500


@dataclass(frozen=True)
class Share:
    """A part of a proposal or booking: for this invoice, or (without one) as credit."""

    amount: Decimal
    invoice: Invoice | None = None
    customer: Customer | None = None


@dataclass(frozen=True)
class Shown:
    """A proposal as a person sees it: its place, whose it is, and what speaks for it."""

    nth: int
    score: int
    basis: str
    evidence: Sequence[str]
    customers: Sequence[Customer]
    shares: Sequence[Share]
    left: Decimal = _NOTHING
    credit: Decimal = _NOTHING
    discount: Decimal = _NOTHING
    payment: str = ""
    day: str = ""


@dataclass
class Account:
    """A statement as an accountant reads it: opening, lines, closing, and whether they agree."""

    row: Statement
    lines: list[Line] = field(default_factory=list)
    total: Decimal = _NOTHING
    count: int = 0
    next: str = ""

    @property
    def difference(self) -> Decimal | None:
        """Return what the closing balance says less than opening and lines make."""
        if self.row.opening is None or self.row.closing is None:
            return None
        found: Decimal = self.row.opening + self.total - self.row.closing
        return found


def files(organisation: Organisation, limit: int = 20) -> list[BankFile]:
    """Return the files that were taken in last."""
    return list(BankFile.objects.of(organisation)[:limit])


def file_for(actor: Actor, number: int) -> BankFile:
    """Return a file."""
    actor.need(Right.MONEY)
    row: BankFile = row_for(actor, BankFile, pk=number)
    return row


def outcome_of(file: BankFile) -> dict[str, int]:
    """Return how many of a file's lines are in which state."""
    rows = Line.objects.of(file.organisation_id).filter(statement__file=file).order_by()
    return dict(rows.values_list("state").annotate(count=Count("pk")))


def statements_of(file: BankFile) -> list[Statement]:
    """Return the statements of a file."""
    return list(Statement.objects.of(file.organisation_id).filter(file=file).order_by("place"))


def counts(organisation: Organisation) -> dict[str, int]:
    """Return how many lines are in which state."""
    rows = Line.objects.of(organisation).order_by()
    return dict(rows.values_list("state").annotate(count=Count("pk")))


def waiting_money(organisation: Organisation) -> list[tuple[str, Decimal, int]]:
    """Return by currency how much waits in how many lines."""
    rows = Line.objects.of(organisation).filter(state=Line.State.WAITING, is_credit=True)
    found = rows.order_by("currency").values_list("currency")
    return list(found.annotate(amount=Sum("amount"), lines=Count("pk")))


def lines(
    organisation: Organisation, *, state: str = Line.State.WAITING, search: str = "",
    after: str = "",
) -> Page[Line]:  # fmt: skip
    """Return lines, a page at a time: of those that wait the surest proposals first."""
    rows = Line.objects.of(organisation).select_related("statement")
    if state:
        rows = rows.filter(state=state)
    if search.strip():
        rows = rows.filter(_said(search.strip()))
    first = ("-score",) if state == Line.State.WAITING else ()
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    found = list(rows.order_by(*first, "-booked_on", "-pk")[start : start + _SHOWN + 1])
    following = str(start + _SHOWN) if len(found) > _SHOWN else ""
    return Page(found[:_SHOWN], following)


def line_for(actor: Actor, number: int) -> Line:
    """Return a line with its statement."""
    actor.need(Right.MONEY)
    row: Line = row_for(actor, Line, pk=number, related=("statement",))
    return row


def postings_of(line: Line) -> list[Posting]:
    """Return where a line went, also what was undone."""
    rows = Posting.objects.of(line.organisation_id).filter(line=line)
    return list(rows.select_related("customer").order_by("pk"))


def held_by(line: Line) -> list[Customer]:
    """Return whose reminders rest because of a line."""
    rows = Customer.objects.of(line.organisation_id).filter(
        bank_waiting__line=line, bank_waiting__hold__lifted_at=None
    )
    return list(rows.order_by("name", "key"))


def proposals_of(organisation: Organisation, some: Sequence[Line]) -> dict[int, list[Shown]]:
    """Return what is proposed for some lines, with the rows that the proposals name."""
    kept = [one for line in some for one in line.proposals]
    keys = {share[0] for one in kept for share in one.get("shares", ())}
    invoices = _by_key(Invoice.objects.of(organisation).select_related("customer"), keys)
    people = {key for one in kept for key in one["customers"]}
    customers = _by_key(Customer.objects.of(organisation), people)
    return {
        line.pk: [_shown(nth, one, invoices, customers) for nth, one in enumerate(line.proposals)]
        for line in some
    }


def hint_of(line: Line) -> str:
    """Return what to do about a returned debit."""
    return returning.hint_of(line) if line.is_return and not line.is_credit else ""


def open_invoices_found(
    organisation: Organisation, text: str, *, currency: str, customer_keys: Iterable[str] = ()
) -> list[Invoice]:
    """Return open invoices by number, customer or amount; or of these customers."""
    rows = Invoice.objects.of(organisation).select_related("customer")
    rows = rows.filter(balance__gt=0, closed_as="", currency=currency)
    told = Q(customer__key__in=list(customer_keys))
    if text.strip():
        told |= Q(key__iexact=text) | Q(number__iexact=text) | Q(customer__key__iexact=text)
        told |= Q(customer__name__icontains=text)
        amount = _amount(text)
        if amount is not None:
            told |= Q(balance=amount)
    return list(rows.filter(told).order_by("customer__name", "due_on", "pk")[:_FOUND])


def owner_of(actor: Actor, invoice_key: str) -> str:
    """Return the key of the customer whose invoice this is."""
    actor.need(Right.MONEY)
    invoice: Invoice = row_for(actor, Invoice, key=invoice_key, related=("customer",))
    key: str = invoice.customer.key
    return key


def customers_found(organisation: Organisation, text: str) -> list[Customer]:
    """Return customers by number or name, also such as owe nothing: money may be their credit."""
    if not text.strip():
        return []
    rows = Customer.objects.of(organisation)
    told = Q(key__iexact=text) | Q(name__icontains=text) | Q(invoices__number__iexact=text)
    return list(rows.filter(told).distinct().order_by("name", "key")[:_FOUND])


def statement_for(actor: Actor, number: int, *, after: str = "") -> Account:
    """Return a statement with its lines, those that another told first too."""
    actor.need(Right.MONEY)
    row: Statement = row_for(actor, Statement, pk=number, related=("file",))
    rows = _of_statement(row)
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    some = list(rows[start : start + STATEMENT_LINES + 1])
    sums = {
        way: rows.filter(is_credit=way).aggregate(sum=Sum("amount"))["sum"] or _NOTHING
        for way in (True, False)
    }
    found = some[:STATEMENT_LINES]
    _with_postings(found)
    following = str(start + STATEMENT_LINES) if len(some) > STATEMENT_LINES else ""
    return Account(row, found, sums[True] - sums[False], rows.count(), following)


def statements(organisation: Organisation, limit: int = 60) -> list[Statement]:
    """Return the latest statements."""
    rows = Statement.objects.of(organisation).select_related("file")
    return list(rows.order_by("-last_on", "-pk")[:limit])


def statement_csv(actor: Actor, number: int) -> Iterator[str]:
    """Write a statement as CSV: opening, each line with where it went, closing."""
    actor.need(Right.MONEY)
    row: Statement = row_for(actor, Statement, pk=number)
    yield _csv(
        "day", "amount", "currency", "name", "account", "text", "reference", "end_to_end_id",
        "state", "customer", "payment", "invoices",
    )  # fmt: skip
    if row.opening is not None:
        yield _csv(row.first_on, f"{row.opening:.2f}", row.currency, "opening balance")
    rows = _of_statement(row)
    for start in range(0, rows.count(), _AT_ONCE):
        some = list(rows[start : start + _AT_ONCE])
        _with_postings(some)
        for line in some:
            yield from _csv_of(line)
    if row.closing is not None:
        yield _csv(row.last_on, f"{row.closing:.2f}", row.currency, "closing balance")


def _csv_of(line: Line) -> Iterator[str]:
    """Write a line; of one that went to several customers a row each, that make its amount."""
    told = (line.name, line.account, line.text, line.reference, line.end_to_end_id)
    postings = [p for p in line.shown_postings if p.undone_at is None]  # type: ignore[attr-defined]
    if line.state != Line.State.BOOKED or not postings:
        payment = " ".join(p.payment_key for p in postings)
        customer = " ".join(p.customer.key for p in postings if p.customer)
        yield _csv(
            line.booked_on, f"{line.signed:.2f}", line.currency, *told, line.state, customer,
            payment, "",
        )  # fmt: skip
        return
    for posting in postings:
        shares = " ".join(f"{key}={Decimal(amount):.2f}" for key, amount in posting.shares)
        yield _csv(
            line.booked_on, f"{posting.amount:.2f}", line.currency, *told, line.state,
            posting.customer.key if posting.customer else "", posting.payment_key, shares,
        )  # fmt: skip


def _csv(*cells: Any) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_harmless(str(cell)) for cell in cells])
    return out.getvalue()


def _harmless(cell: str) -> str:
    """Keep a payer's text from being read as a formula; amounts stay amounts."""
    is_amount = cell[:1] == "-" and cell[1:2].isdigit()
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") and not is_amount else cell


def _of_statement(row: Statement) -> Any:
    rows = Line.objects.of(row.organisation_id)
    return rows.filter(Q(statement=row) | Q(pk__in=row.known_lines)).order_by(
        "booked_on", "place", "key"
    )


def _with_postings(some: Sequence[Line]) -> None:
    """Give each line where it went, as `shown_postings`."""
    if not some:
        return
    rows = Posting.objects.of(some[0].organisation_id).filter(line__in=[line.pk for line in some])
    found: dict[int, list[Posting]] = {}
    for posting in rows.select_related("customer").order_by("pk"):
        found.setdefault(posting.line_id, []).append(posting)
    for line in some:
        line.shown_postings = found.get(line.pk, [])  # type: ignore[attr-defined]


def _shown(
    nth: int, one: dict[str, Any], invoices: dict[str, Any], customers: dict[str, Any]
) -> Shown:
    shares = [
        Share(Decimal(amount), invoices.get(key), customers.get(customer))
        for key, amount, customer in one.get("shares", ())
    ]
    discount = sum((Decimal(amount) for _, amount in one.get("discounts", ())), _NOTHING)
    return Shown(
        nth=nth, score=one["score"], basis=one["basis"], evidence=one.get("evidence", ()),
        customers=[customers[key] for key in one["customers"] if key in customers],
        shares=shares, left=Decimal(one.get("left", "0")), credit=Decimal(one.get("credit", "0")),
        discount=discount, payment=one.get("payment", ""), day=one.get("day", ""),
    )  # fmt: skip


def _by_key(rows: Any, keys: Iterable[str]) -> dict[str, Any]:
    wanted = sorted(keys)
    found: dict[str, Any] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        found |= {row.key: row for row in rows.filter(key__in=wanted[start : start + _AT_ONCE])}
    return found


def _said(text: str) -> Q:
    told = Q(name__icontains=text) | Q(text__icontains=text) | Q(reference__icontains=text)
    told |= Q(account__icontains=text.replace(" ", "")) | Q(end_to_end_id__icontains=text)
    amount = _amount(text)
    return told if amount is None else told | Q(amount=amount)


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    fits = amount.is_finite() and _NOTHING < amount < Decimal(10) ** 12
    return amount if fits and amount == round(amount, 4) else None
