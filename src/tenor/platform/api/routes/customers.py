"""Customers: who is invoiced, where they can be reached, what they allow."""

from datetime import date
from typing import Annotated, Any, Literal

from ninja import Field, Query, Status

from tenor.platform.api.door import Door, Given
from tenor.platform.api.guard import Caller, reading, writing
from tenor.platform.api.paging import Page, Paging, link, place
from tenor.platform.api.routes.agreements import Hold, HoldReason, hold_of
from tenor.platform.api.values import (
    Attributes,
    Day,
    Instant,
    Key,
    Moment,
    Needed40,
    Needed500,
    Shown,
    Sum,
    Text40,
    Text60,
    Text100,
    Text200,
    Text500,
)
from tenor.platform.core.roles import Scope
from tenor.platform.decisions.actions import look_after
from tenor.platform.ledger import actions, queries
from tenor.platform.ledger.told import News

door = Door(tags=["customers"])

Kind = Literal["consumer", "business"]
PointKind = Literal["email", "mobile", "phone", "postal", "push"]


class NewCustomer(Given):
    """What is told of a customer; a part that is left out stays as it is."""

    name: Text200 | None = Field(None, examples=["Jansen Bouw B.V."])
    kind: Kind | Literal[""] | None = Field(None, description="Whom the law sees in them.")
    country: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] | None = Field(
        None, description="ISO 3166 code.", examples=["NL"]
    )
    language: Text40 | None = Field(None, examples=["nl"])
    timezone: Text100 | None = Field(None, examples=["Europe/Amsterdam"])
    attributes: Attributes | None = None


class Exposure(Shown):
    """What a customer owes in one currency."""

    currency: str
    open_amount: Sum
    open_count: int = Field(description="How many invoices are open.")
    oldest_due_on: date | None = None


class Customer(Shown):
    """A customer."""

    key: str
    name: str
    kind: Kind | Literal[""]
    country: str
    language: str
    timezone: str
    attributes: dict[str, Any]
    exposures: list[Exposure] = Field(description="What they owe, a sum a currency.")
    created_at: Moment
    updated_at: Moment


class ContactPoint(Shown):
    """A place where a customer can be reached."""

    kind: PointKind
    value: str
    is_primary: bool
    bounced_at: Moment | None = Field(None, description="Since when messages come back.")


class Consent(Shown):
    """Whether a customer allows a channel; without one, the rules' default holds."""

    channel: str
    granted: bool
    at: Moment
    source: str


class CustomerDetail(Customer):
    """A customer with where they can be reached and what they allow."""

    contact_points: list[ContactPoint]
    consents: list[Consent]


class Customers(Page):
    """A page of customers, in the order of their names."""

    items: list[Customer]


class CustomerFilter(Paging):
    """Which customers are asked for."""

    search: Text200 = Field("", description="In key, name and address.")


class NewContactPoint(Given):
    """A place where a customer can be reached."""

    kind: PointKind
    value: Needed500 = Field(examples=["ann@example.org"])
    is_primary: bool = Field(False, strict=True, description="The one to use of its kind.")


class NewConsent(Given):
    """A customer's word on a channel."""

    granted: bool = Field(strict=True)
    source: Text60 = Field("", description="Where it was given.", examples=["portal"])


class NewCustomerHold(Given):
    """Leave a customer alone for a time."""

    reason: HoldReason
    ends_at: Instant | Day | None = Field(
        None, description="An instant, or the last day; none: until it is lifted."
    )
    note: Text500 = ""


@door.get("/customers", auth=reading(Scope.CUSTOMERS), response=Customers, summary="List customers")
def list_customers(request: Caller, asked: Annotated[CustomerFilter, Query()]) -> dict[str, Any]:
    """Return customers, a page at a time."""
    page = queries.customers(
        request.auth.organisation,
        search=asked.search,
        after=place(asked.cursor),
        limit=asked.limit,
    )
    return {
        "items": [_customer_of(row, getattr(row, "owed", [])) for row in page.rows],
        "next": link(request, page.next),
    }


@door.post(
    "/customers/{path:key}/contact-points",
    auth=writing(Scope.CUSTOMERS),
    response={200: ContactPoint, 201: ContactPoint},
    summary="Add a contact point",
)
def add_contact_point(request: Caller, key: Key, given: NewContactPoint) -> Status[Any]:
    """Note where a customer can be reached; told again, it is the same one."""
    queries.customer_for(request.auth, key)
    told = actions.add_contact_point(
        request.auth,
        customer_key=key,
        kind=given.kind,
        value=given.value,
        is_primary=given.is_primary,
    )
    return Status(201 if told.news == News.NEW else 200, told.row)


@door.put(
    "/customers/{path:key}/consents/{channel}",
    auth=writing(Scope.CUSTOMERS),
    response=Consent,
    summary="Set a consent",
)
def set_consent(
    request: Caller,
    key: Key,
    channel: Needed40,
    given: NewConsent,
) -> Any:
    """Keep whether a customer allows a channel (or `open_tracking`)."""
    queries.customer_for(request.auth, key)
    return actions.set_consent(
        request.auth,
        customer_key=key,
        channel=channel,
        granted=given.granted,
        source=given.source,
    ).row


@door.post(
    "/customers/{path:key}/holds",
    auth=writing(Scope.CUSTOMERS),
    response={201: Hold},
    summary="Leave a customer alone",
)
def hold_customer(request: Caller, key: Key, given: NewCustomerHold) -> Status[Any]:
    """Ask nothing of a customer until the hold ends."""
    hold = actions.start_hold(
        request.auth,
        customer_key=key,
        reason=given.reason,
        ends_at=given.ends_at,
        note=given.note,
    )
    look_after(request.auth, hold)
    return Status(201, hold_of(hold))


@door.get(
    "/customers/{path:key}",
    auth=reading(Scope.CUSTOMERS),
    response=CustomerDetail,
    summary="Get a customer",
)
def get_customer(request: Caller, key: Key) -> dict[str, Any]:
    """Return one customer."""
    return _detail_of(queries.customer_for(request.auth, key))


@door.put(
    "/customers/{path:key}",
    auth=writing(Scope.CUSTOMERS),
    response={200: CustomerDetail, 201: CustomerDetail},
    summary="Record a customer",
)
def put_customer(request: Caller, key: Key, given: NewCustomer) -> Status[Any]:
    """Make a customer known (201), or say what is new about one (200)."""
    told = actions.record_customer(request.auth, key=key, source="api", **given.model_dump())
    row = queries.customer_for(request.auth, key)
    return Status(201 if told.news == News.NEW else 200, _detail_of(row))


def _customer_of(row: Any, exposures: list[Any]) -> dict[str, Any]:
    names = ("key", "name", "kind", "country", "language", "timezone", "attributes")
    shown = {name: getattr(row, name) for name in (*names, "created_at", "updated_at")}
    return {**shown, "exposures": exposures}


def _detail_of(row: Any) -> dict[str, Any]:
    return {
        **_customer_of(row, list(row.exposures.filter(open_count__gt=0).order_by("currency"))),
        "contact_points": list(row.contact_points.order_by("kind", "pk")),
        "consents": list(row.consents.order_by("channel")),
    }
