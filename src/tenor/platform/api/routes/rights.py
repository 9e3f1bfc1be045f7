"""Requests of people about their own data: taken in by programs, answered by people."""

from datetime import date
from typing import Any, Literal

from ninja import Field, Status

from tenor.platform.api.door import Door, Given
from tenor.platform.api.guard import Caller, reading, writing
from tenor.platform.api.values import Instant, Key, Moment, Shown, Text40, Text100, Text5000
from tenor.platform.core.roles import Scope
from tenor.platform.ledger.queries import customer_for
from tenor.platform.privacy import actions, queries

door = Door(tags=["customers"])

RequestKind = Literal["access", "erasure", "objection", "rectification", "human_review"]


class NewDataRequest(Given):
    """What a person asks about their own data."""

    kind: RequestKind
    received_at: Instant | None = Field(None, description="None: now. The term runs from here.")
    through: Text40 = Field("api", description="How it came: letter, email, phone, portal.")
    words: Text5000 = Field("", description="In their own words.")
    decision_key: Text100 = Field(
        "", description="For human_review: which decision; empty: the latest."
    )


class DataRequest(Shown):
    """A request, the day by which the law wants an answer, and the answer."""

    id: int
    kind: RequestKind
    received_at: Moment
    answer_by: date
    state: Literal["open", "granted", "partly", "refused"]
    answer: str
    decided_at: Moment | None = None


@door.post(
    "/customers/{path:key}/data-requests",
    auth=writing(Scope.CUSTOMERS),
    response={201: DataRequest},
    summary="Take in a request about personal data",
)
def take_data_request(request: Caller, key: Key, given: NewDataRequest) -> Status[Any]:
    """Take a request in; profiling stops at once where it is objected to. A person answers it."""
    row = actions.record_request(request.auth, customer_key=key, **given.model_dump())
    return Status(201, row)


@door.get(
    "/customers/{path:key}/data-requests",
    auth=reading(Scope.CUSTOMERS),
    response=list[DataRequest],
    summary="List a customer's requests about personal data",
)
def list_data_requests(request: Caller, key: Key) -> Any:
    """Return the requests of one customer, the latest first."""
    customer = customer_for(request.auth, key)
    found = queries.requests_of(request.auth.organisation, customer)
    return [due.request for due in found]
