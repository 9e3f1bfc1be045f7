"""Tell what happened, in batches: read with msgspec, since a thousand rows come at once."""

from typing import Annotated, Any

import msgspec
from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Query, Schema

from tenor.platform.api.door import Door
from tenor.platform.api.guard import Caller, reading, writing
from tenor.platform.api.paging import Page, Paging, decoded, encoded, link, wrong_cursor
from tenor.platform.api.problems import Problem
from tenor.platform.api.values import Instant, Moment, Text40, Text200
from tenor.platform.core.roles import Scope
from tenor.platform.events.actions import record_many
from tenor.platform.events.arrivals import Counts, PostedEvent, Unfit
from tenor.platform.events.queries import Place, listed

MOST = 1_000
door = Door(tags=["events"])


class NewEvent(Schema):
    """One thing that happened. Told again under the same key, it counts once."""

    key: str = Field(
        min_length=1, max_length=200, description="Of your own: told twice, it counts once."
    )
    kind: str = Field(
        min_length=1,
        max_length=40,
        description="What happened; a kind that Tenor gives no meaning is kept, and counted.",
        examples=["opened"],
    )
    at: Instant = Field(description="When it happened, with its offset.")
    customer_key: str = Field("", max_length=200, description="Whom it is about: this, …")
    invoice_key: str = Field("", max_length=200, description="… or this, or both.")
    contact_key: str = Field("", max_length=200, description="The message it answers.")
    detail: dict[str, Any] | None = Field(None, description="More about it, up to 8 KB.")


class Rejected(Schema):
    """A row that was turned away."""

    index: int = Field(description="Its place in the batch, from 0.")
    reason: str


class EventCounts(Schema):
    """What became of a batch: the counts add up to its rows."""

    accepted: int = Field(description="New, and kept.", examples=[998])
    duplicate: int = Field(description="Known by their key, or twice in the batch.", examples=[1])
    rejected: list[Rejected] = Field(description="Turned away, each with its reason.")
    unknown_kinds: dict[str, int] = Field(description="Kinds without a meaning to Tenor: kept.")


class Event(Schema):
    """One thing that happened, as it is kept."""

    key: str
    kind: str
    at: Moment
    received_at: Moment = Field(description="When Tenor learned of it.")
    customer_key: str
    invoice_key: str
    contact_key: str
    detail: dict[str, Any]
    source: str


class Events(Page):
    """A page of events, what happened last first."""

    items: list[Event]


class EventFilter(Paging):
    """Which events are asked for."""

    customer_key: Text200 = Field("", description="Only of this customer.")
    invoice_key: Text200 = Field("", description="Only of this invoice.")
    kind: Text40 = Field("", description="Only of this kind.")


_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["events"],
                "additionalProperties": False,
                "properties": {
                    "events": {
                        "type": "array",
                        "maxItems": MOST,
                        "items": NewEvent.model_json_schema() | {"additionalProperties": False},
                    }
                },
            }
        }
    },
}


@door.post(
    "/events",
    auth=writing(Scope.EVENTS),
    response=EventCounts,
    summary="Tell what happened",
    openapi_extra={"requestBody": _BODY},
)
def record_events(request: Caller) -> HttpResponse:
    """Keep up to 1,000 events in one transaction, late ones and in any order.

    A row that cannot be kept is turned away with its place and reason; the others are kept.
    """
    counts = record_many(request.auth.organisation, _read(request.body), source="api")
    return HttpResponse(msgspec.json.encode(_told(counts)), content_type="application/json")


@door.get("/events", auth=reading(Scope.EVENTS), response=Events, summary="List events")
def list_events(request: Caller, asked: Annotated[EventFilter, Query()]) -> dict[str, Any]:
    """Return what happened, the latest first."""
    rows, after = listed(
        request.auth.organisation,
        customer_key=asked.customer_key,
        invoice_key=asked.invoice_key,
        kind=asked.kind,
        after=_place(asked.cursor),
        limit=asked.limit,
    )
    items = [
        {
            "key": row.key,
            "kind": row.kind,
            "at": row.at.isoformat(),
            "received_at": row.received_at.isoformat(),
            "customer_key": row.customer_key,
            "invoice_key": row.invoice_key,
            "contact_key": row.contact_key,
            "detail": msgspec.json.decode(row.detail) if row.detail else {},
            "source": row.source,
        }
        for row in rows
    ]
    place = after and (after.at.isoformat(), after.number)
    return {"items": items, "next": link(request, encoded(place))}


class _Batch(msgspec.Struct, forbid_unknown_fields=True):
    events: list[PostedEvent]


class _Loose(msgspec.Struct, forbid_unknown_fields=True):
    """A batch whose rows are looked at one by one, once one of them is known to be wrong."""

    events: list[msgspec.Raw]


_batch = msgspec.json.Decoder(_Batch)
_loose = msgspec.json.Decoder(_Loose)
_one = msgspec.json.Decoder(PostedEvent)


def _read(body: bytes) -> list[PostedEvent | Unfit]:
    try:
        return _bounded(_batch.decode(body).events)
    except msgspec.ValidationError:
        try:
            rows = _loose.decode(body).events
        except msgspec.ValidationError as error:
            raise Problem(422, str(error), code="invalid") from None
        return [_read_one(row) for row in _bounded(rows)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Problem(400, _("The body is no JSON.")) from None


def _read_one(row: msgspec.Raw) -> PostedEvent | Unfit:
    try:
        return _one.decode(row)
    except (msgspec.ValidationError, UnicodeDecodeError) as error:
        return Unfit(str(error))


def _bounded(rows: list[Any]) -> list[Any]:
    if len(rows) > MOST:
        raise Problem(
            422, _("At most %(most)s events are taken at once.") % {"most": MOST}, code="too_many"
        )
    return rows


def _told(counts: Counts) -> dict[str, Any]:
    rejected = [{"index": index, "reason": reason} for index, reason in counts.rejected]
    return {
        "accepted": counts.accepted,
        "duplicate": counts.duplicate,
        "rejected": rejected,
        "unknown_kinds": counts.unknown_kinds,
    }


def _place(cursor: str) -> Place | None:
    after = decoded(cursor)
    if after is None:
        return None
    try:
        return Place.read(*after)
    except (TypeError, ValueError, OverflowError):
        raise wrong_cursor() from None
