"""Holds, disputes and promises: what is agreed or claimed, and its end."""

from datetime import date
from typing import Any, Literal

from ninja import Field

from tenor.platform.api.door import Door, Given
from tenor.platform.api.guard import Caller, writing
from tenor.platform.api.values import Moment, Number, Shown, Sum, Text500
from tenor.platform.core.roles import Scope
from tenor.platform.ledger import actions

door = Door(tags=["agreements"])

HoldReason = Literal[
    "agreed",
    "complaint",
    "hardship",
    "breathing_space",
    "insolvency",
    "deceased",
    "represented",
    "unmatched_money",
    "internal",
    "vulnerable",
    "debt_help",
    "minor",
    "guardian",
    "fraud_victim",
    "wrong_address",
    "payment_pending",
    "objection_21",
]
DisputeReason = Literal[
    "not_received", "wrong_amount", "already_paid", "not_ordered", "quality", "cancelled", "other"
]
DisputeOutcome = Literal["upheld", "partly", "rejected", "withdrawn"]


class Hold(Shown):
    """A time in which some steps towards a customer, or about one invoice, rest."""

    id: int
    customer_key: str
    invoice_key: str | None = Field(None, description="None: all of the customer's invoices.")
    reason: HoldReason
    note: str
    starts_at: Moment
    ends_at: Moment | None = None
    lifted_at: Moment | None = None


class Dispute(Shown):
    """A customer's objection to one invoice."""

    id: int
    reason: DisputeReason
    note: str
    opened_at: Moment
    resolved_at: Moment | None = None
    outcome: DisputeOutcome | Literal[""]
    answer: str


class Promise(Shown):
    """A customer's word to pay by a day."""

    id: int
    amount: Sum
    currency: str
    made_at: Moment
    promised_on: date
    tolerance_days: int
    state: Literal["open", "kept", "broken", "withdrawn"]
    note: str


class Closing(Given):
    """A word on why."""

    note: Text500 = ""


@door.post(
    "/holds/{number}/lift",
    auth=writing(Scope.INVOICES),
    response=Hold,
    summary="Lift a hold",
)
def lift_hold(request: Caller, number: Number, given: Closing) -> Any:
    """End a hold now; one that ended already stays as it is.

    Refused where the law leaves it to others than those who work on cases.
    """
    return hold_of(actions.lift_hold(request.auth, hold_id=number, note=given.note))


@door.post(
    "/promises/{number}/withdraw",
    auth=writing(Scope.INVOICES),
    response=Promise,
    summary="Withdraw a promise",
)
def withdraw_promise(request: Caller, number: Number, given: Closing) -> Any:
    """Take an open promise back: it was misheard, or something else was agreed."""
    return actions.withdraw_promise(request.auth, promise_id=number, note=given.note)


def hold_of(row: Any) -> dict[str, Any]:
    """Return a hold as programs see one."""
    names = ("id", "reason", "note", "starts_at", "ends_at", "lifted_at")
    return {
        **{name: getattr(row, name) for name in names},
        "customer_key": row.customer.key,
        "invoice_key": row.invoice.key if row.invoice else None,
    }
