"""Payments: money that arrived, where it went, and money that was taken back."""

from typing import Annotated, Any

from ninja import Field, Query, Status

from tenor.platform.api.door import Door, Given
from tenor.platform.api.guard import Caller, reading, writing
from tenor.platform.api.paging import Page, Paging, decoded, encoded, link, wrong_cursor
from tenor.platform.api.values import (
    Amount,
    Currency,
    Instant,
    Key,
    Moment,
    Shown,
    Sum,
    Text40,
    Text200,
    Text300,
)
from tenor.platform.core.roles import Scope
from tenor.platform.ledger import actions, queries
from tenor.platform.ledger.queries.receipts import payments
from tenor.platform.ledger.told import News

door = Door(tags=["payments"])


class NewPayment(Given):
    """Money that arrived. Told again with another amount, time or customer it is refused."""

    key: Key
    amount: Amount
    currency: Currency
    paid_at: Instant
    customer_key: Key | None = Field(None, description="Whose it is, where that is known.")
    invoice_key: Key | None = Field(None, description="What it is for, where that is known.")
    method: Text40 = Field("", examples=["sepa_direct_debit"])
    reference: Text300 = ""


class Share(Shown):
    """A part of a payment that went to an invoice; below nothing: it was taken back."""

    invoice_key: str
    amount: Sum
    at: Moment


class Payment(Shown):
    """Money that arrived; what went to no invoice and not back is the customer's credit."""

    key: str
    customer_key: str | None = None
    amount: Sum
    allocated: Sum
    refunded: Sum
    currency: str
    paid_at: Moment
    method: str
    reference: str
    reversed_at: Moment | None = None
    reversed_because: str


class PaymentDetail(Payment):
    """A payment with where it went."""

    shares: list[Share]


class Payments(Page):
    """A page of payments, the latest first."""

    items: list[Payment]


class PaymentFilter(Paging):
    """Which payments are asked for."""

    customer_key: Text200 = Field("", description="Only of this customer.")


class Reversal(Given):
    """Why money was taken back."""

    reason: Text200 = Field("", examples=["AM04"])
    at: Instant | None = None


class Shares(Given):
    """Where a payment goes: invoice keys to amounts; none: the oldest invoices first."""

    shares: dict[Key, Amount] | None = Field(None, max_length=500)


@door.get("/payments", auth=reading(Scope.PAYMENTS), response=Payments, summary="List payments")
def list_payments(request: Caller, asked: Annotated[PaymentFilter, Query()]) -> dict[str, Any]:
    """Return payments, a page at a time."""
    after = decoded(asked.cursor)
    if after is not None and not isinstance(after, str):
        raise wrong_cursor()
    page = payments(
        request.auth.organisation,
        customer_key=asked.customer_key,
        after=after or "",
        limit=asked.limit,
    )
    return {
        "items": [_payment_of(row) for row in page.rows],
        "next": link(request, encoded(page.next or None)),
    }


@door.post(
    "/payments",
    auth=writing(Scope.PAYMENTS),
    response={200: PaymentDetail, 201: PaymentDetail},
    summary="Record a payment",
)
def record_payment(request: Caller, given: NewPayment) -> Status[Any]:
    """Record money that arrived (201), or tell it again (200): it counts once.

    It goes to the invoice it names; what is left to the customer's oldest open invoices of its
    currency; what is left then stays the customer's credit.
    """
    told = actions.record_payment(request.auth, source="api", **given.model_dump())
    return Status(201 if told.news == News.NEW else 200, _found(request, given.key))


@door.post(
    "/payments/{path:key}/reverse",
    auth=writing(Scope.PAYMENTS),
    response=PaymentDetail,
    summary="Reverse a payment",
)
def reverse_payment(request: Caller, key: Key, given: Reversal) -> dict[str, Any]:
    """Take a payment back: a returned debit, a charge-back. What it paid is open again."""
    actions.reverse_payment(request.auth, payment_key=key, reason=given.reason, at=given.at)
    return _found(request, key)


@door.post(
    "/payments/{path:key}/allocate",
    auth=writing(Scope.PAYMENTS),
    response=PaymentDetail,
    summary="Allocate a payment",
)
def allocate(request: Caller, key: Key, given: Shares) -> dict[str, Any]:
    """Let what is left of a payment count for these invoices."""
    actions.allocate(request.auth, payment_key=key, shares=given.shares)
    return _found(request, key)


@door.get(
    "/payments/{path:key}",
    auth=reading(Scope.PAYMENTS),
    response=PaymentDetail,
    summary="Get a payment",
)
def get_payment(request: Caller, key: Key) -> dict[str, Any]:
    """Return one payment with where it went."""
    return _found(request, key)


def _payment_of(row: Any) -> dict[str, Any]:
    names = (
        "key", "amount", "allocated", "refunded", "currency", "paid_at", "method", "reference",
        "reversed_at", "reversed_because",
    )  # fmt: skip
    shown = {name: getattr(row, name) for name in names}
    return {**shown, "customer_key": row.customer.key if row.customer else None}


def _found(request: Caller, key: str) -> dict[str, Any]:
    row = queries.payment_for(request.auth, key)
    parts = row.allocations.select_related("invoice").order_by("at", "pk")
    shares = [
        {"invoice_key": part.invoice.key, "amount": part.amount, "at": part.at} for part in parts
    ]
    return {**_payment_of(row), "shares": shares}
