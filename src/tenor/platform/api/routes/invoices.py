"""Invoices: what is asked, what is owed, and everything that changes it."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Field, Query, Status
from pydantic import Base64Bytes

from tenor.platform.api.door import Door, Given
from tenor.platform.api.guard import Caller, reading, writing
from tenor.platform.api.paging import Page, Paging, link, place
from tenor.platform.api.routes.agreements import (
    Dispute,
    DisputeOutcome,
    DisputeReason,
    Hold,
    HoldReason,
    Promise,
    hold_of,
)
from tenor.platform.api.values import (
    Amount,
    Attributes,
    Currency,
    Day,
    Instant,
    Key,
    Moment,
    Needed300,
    Shown,
    Sum,
    Text100,
    Text200,
    Text300,
    Text500,
    Text5000,
)
from tenor.platform.core.clock import today
from tenor.platform.core.roles import Scope
from tenor.platform.decisions.actions import look_after
from tenor.platform.ledger import actions, queries
from tenor.platform.ledger.told import News

door = Door(tags=["invoices"])
# Three bytes are written as four signs; the ledger says how many bytes a document has at most.
MOST_BASE64 = 14_000_000


class NewLine(Given):
    """A line of an invoice."""

    text: Text500
    amount: Amount
    quantity: Amount = Decimal(1)


class NewInvoice(Given):
    """An invoice. Told again with another amount, currency, day or customer it is refused."""

    customer_key: Key
    amount: Amount = Field(description="What it asks, tax included.")
    currency: Currency
    issued_on: Day
    due_on: Day
    number: Text100 | None = Field(None, description="As the customer knows it.")
    lines: list[NewLine] | None = Field(None, max_length=1000)
    attributes: Attributes | None = None


class Invoice(Shown):
    """An invoice. `balance` is `total` less what was paid; `total` is `amount` and its entries."""

    key: str
    customer_key: str
    number: str
    amount: Sum
    currency: str
    issued_on: date
    due_on: date
    days_overdue: int = Field(description="Below nothing: so many days until it is due.")
    total: Sum
    paid: Sum
    balance: Sum
    is_open: bool
    settled_at: Moment | None = None
    closed_as: Literal["", "escalated", "written_off"]
    closed_at: Moment | None = None
    attributes: dict[str, Any]


class Line(Shown):
    """A line of an invoice."""

    text: str
    quantity: Sum
    amount: Sum


class Entry(Shown):
    """A change of what an invoice asks: more, or less where the amount is below nothing."""

    key: str
    kind: Literal["credit_note", "fee", "interest", "correction", "write_off"]
    amount: Sum
    at: Moment
    text: str


class Part(Shown):
    """A part of a payment that went to the invoice; below nothing: it was taken back."""

    payment_key: str
    amount: Sum
    at: Moment


class Document(Shown):
    """The PDF of an invoice, as it is kept."""

    name: str
    size: int
    sha256: str
    put_at: Moment


class InvoiceDetail(Invoice):
    """An invoice with what changed it and what is agreed about it."""

    lines: list[Line]
    entries: list[Entry]
    payments: list[Part]
    holds: list[Hold]
    disputes: list[Dispute]
    promises: list[Promise]
    document: Document | None = Field(None, description="The PDF that the customer can download.")


class Invoices(Page):
    """A page of invoices: open ones in the order of their due dates, else the newest first."""

    items: list[Invoice]


class InvoiceFilter(Paging):
    """Which invoices are asked for."""

    customer_key: Text200 = Field("", description="Only of this customer.")
    search: Text200 = Field("", description="In key and number.")
    only: Literal["", "open", "overdue"] = Field("", description="Only these.")


class NewCredit(Given):
    """A credit note."""

    amount: Amount | None = Field(None, description="None: all that the invoice asks.")
    key: Text200 = Field("", description="Of your own: told twice, it counts once.")
    text: Text300 = ""
    at: Instant | None = None


class NewDocument(Given):
    """The PDF of an invoice."""

    content: Base64Bytes = Field(
        max_length=MOST_BASE64, description="The file, as base64; at most 10 megabytes of it."
    )
    name: Text200 = Field("", description="As its reader saves it; empty: the invoice's number.")


class NewWriteOff(Given):
    """Why nothing more is asked."""

    reason: Needed300


class NewHold(Given):
    """Leave an invoice alone for a time."""

    reason: HoldReason
    ends_at: Instant | Day | None = Field(
        None,
        description="An instant, or the last day; none: as long as the law gives, or until lifted.",
    )
    note: Text500 = ""


class NewDispute(Given):
    """What the customer objects to."""

    reason: DisputeReason
    note: Text5000 = ""


class Resolution(Given):
    """How a dispute ended."""

    outcome: DisputeOutcome
    answer: Text5000 = ""


class NewPromise(Given):
    """A customer's word to pay."""

    promised_on: Day
    amount: Amount | None = Field(None, description="None: all that is owed.")
    note: Text500 = ""


@door.get("/invoices", auth=reading(Scope.INVOICES), response=Invoices, summary="List invoices")
def list_invoices(request: Caller, asked: Annotated[InvoiceFilter, Query()]) -> dict[str, Any]:
    """Return invoices, a page at a time."""
    page = queries.invoices(
        request.auth.organisation,
        search=asked.search,
        only=asked.only,
        customer_key=asked.customer_key,
        after=place(asked.cursor),
        limit=asked.limit,
    )
    rows: list[Any] = page.rows
    items = [_invoice_of(row, row.days_overdue) for row in rows]
    return {"items": items, "next": link(request, page.next)}


@door.post(
    "/invoices/{path:key}/credits",
    auth=writing(Scope.INVOICES),
    response={200: InvoiceDetail, 201: InvoiceDetail},
    summary="Credit an invoice",
)
def credit_invoice(request: Caller, key: Key, given: NewCredit) -> Status[Any]:
    """Ask less for an invoice; money that it no longer needs becomes the customer's credit."""
    told = actions.credit_invoice(request.auth, invoice_key=key, **given.model_dump())
    return Status(201 if told.news == News.NEW else 200, _found(request, key))


@door.post(
    "/invoices/{path:key}/write-off",
    auth=writing(Scope.INVOICES),
    response=InvoiceDetail,
    summary="Write an invoice off",
)
def write_off(request: Caller, key: Key, given: NewWriteOff) -> dict[str, Any]:
    """Give up what is still owed; the balance stays known, nobody asks for it."""
    actions.write_off(request.auth, invoice_key=key, reason=given.reason)
    return _found(request, key)


@door.post(
    "/invoices/{path:key}/hold",
    auth=writing(Scope.INVOICES),
    response={201: Hold},
    summary="Leave an invoice alone",
)
def hold_invoice(request: Caller, key: Key, given: NewHold) -> Status[Any]:
    """Ask nothing for an invoice until the hold ends."""
    customer = queries.invoice_for(request.auth, key).customer
    hold = actions.start_hold(
        request.auth,
        customer_key=customer.key,
        invoice_key=key,
        reason=given.reason,
        ends_at=given.ends_at,
        note=given.note,
    )
    look_after(request.auth, hold)
    return Status(201, hold_of(hold))


@door.post(
    "/invoices/{path:key}/dispute",
    auth=writing(Scope.INVOICES),
    response={201: Dispute},
    summary="Open a dispute",
)
def open_dispute(request: Caller, key: Key, given: NewDispute) -> Status[Any]:
    """Note that a customer objects: nothing is asked for it until that is resolved."""
    found = actions.open_dispute(
        request.auth, invoice_key=key, reason=given.reason, note=given.note
    )
    return Status(201, found)


@door.post(
    "/invoices/{path:key}/dispute/resolve",
    auth=writing(Scope.INVOICES),
    response=Dispute,
    summary="Resolve a dispute",
)
def resolve_dispute(request: Caller, key: Key, given: Resolution) -> Any:
    """End the dispute of an invoice; a credit note, where one is due, comes apart from it."""
    return actions.resolve_dispute(
        request.auth, invoice_key=key, outcome=given.outcome, answer=given.answer
    )


@door.post(
    "/invoices/{path:key}/promise",
    auth=writing(Scope.INVOICES),
    response={201: Promise},
    summary="Take a promise",
)
def make_promise(request: Caller, key: Key, given: NewPromise) -> Status[Any]:
    """Take a customer's word: reminders wait until its day and a little longer."""
    customer = queries.invoice_for(request.auth, key).customer
    promise = actions.make_promise(
        request.auth,
        customer_key=customer.key,
        invoice_keys=[key],
        promised_on=given.promised_on,
        amount=given.amount,
        note=given.note,
        source="api",
    )
    return Status(201, promise)


@door.put(
    "/invoices/{path:key}/document",
    auth=writing(Scope.INVOICES),
    response={200: Document, 201: Document},
    summary="Put the document of an invoice",
)
def put_document(request: Caller, key: Key, given: NewDocument) -> Status[Any]:
    """Keep the PDF of an invoice, in place of the one it has: its customer can download it."""
    told = actions.put_document(
        request.auth, invoice_key=key, content=given.content, name=given.name, source="api"
    )
    return Status(201 if told.news == News.NEW else 200, told.row)


@door.delete(
    "/invoices/{path:key}/document",
    auth=writing(Scope.INVOICES),
    response={204: None},
    summary="Take the document of an invoice back",
)
def remove_document(request: Caller, key: Key) -> Status[Any]:
    """Remove the PDF of an invoice."""
    actions.remove_document(request.auth, invoice_key=key)
    return Status(204, None)


@door.get(
    "/invoices/{path:key}",
    auth=reading(Scope.INVOICES),
    response=InvoiceDetail,
    summary="Get an invoice",
)
def get_invoice(request: Caller, key: Key) -> dict[str, Any]:
    """Return one invoice with its balance and all that made it."""
    return _found(request, key)


@door.put(
    "/invoices/{path:key}",
    auth=writing(Scope.INVOICES),
    response={200: InvoiceDetail, 201: InvoiceDetail},
    summary="Record an invoice",
)
def put_invoice(request: Caller, key: Key, given: NewInvoice) -> Status[Any]:
    """Make an invoice known (201), or say what is new about one (200)."""
    told = actions.record_invoice(request.auth, key=key, source="api", **given.model_dump())
    return Status(201 if told.news == News.NEW else 200, _found(request, key))


def _invoice_of(row: Any, days_overdue: int) -> dict[str, Any]:
    names = (
        "key", "number", "amount", "currency", "issued_on", "due_on", "total", "paid", "balance",
        "is_open", "settled_at", "closed_as", "closed_at", "attributes",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in names},
        "customer_key": row.customer.key,
        "days_overdue": days_overdue,
    }


def _found(request: Caller, key: str) -> dict[str, Any]:
    row = queries.invoice_for(request.auth, key)
    parts = row.allocations.select_related("payment").order_by("at", "pk")
    promised = row.promised.select_related("promise").order_by("pk")
    holds = row.holds.select_related("customer", "invoice").order_by("pk")
    return {
        **_invoice_of(row, (today(request.auth.organisation) - row.due_on).days),
        "lines": list(row.lines.all()),
        "entries": list(row.entries.order_by("at", "pk")),
        "payments": [
            {"payment_key": part.payment.key, "amount": part.amount, "at": part.at}
            for part in parts
        ],
        "holds": [hold_of(hold) for hold in holds],
        "disputes": list(row.disputes.order_by("pk")),
        "promises": [covered.promise for covered in promised],
        "document": queries.documents_of([row]).get(row.pk),
    }
