"""Webhooks: addresses that are told what happens, and what became of each telling."""

from typing import Annotated, Any, Literal

from ninja import Field, Query, Status

from tenor.platform.api.door import Door, Given
from tenor.platform.api.guard import Caller, reading, writing
from tenor.platform.api.paging import Page, Paging, encoded, link, number_after
from tenor.platform.api.values import Moment, Needed40, Needed500, Number, Shown
from tenor.platform.core.roles import Scope
from tenor.platform.events import webhooks

door = Door(tags=["webhooks"])


class NewWebhook(Given):
    """An address that is told what happens."""

    url: Needed500 = Field(description="https://, outside this network.")
    kinds: list[Needed40] = Field(
        [], max_length=50, description="Kinds of event; none: all.", examples=[["promised"]]
    )


class Webhook(Shown):
    """An address that is told what happens."""

    id: int
    url: str
    kinds: list[str]
    created_at: Moment
    created_by: str


class NewSecret(Webhook):
    """A webhook that was just registered, with the secret that signs: it is not shown again."""

    secret: str = Field(
        description="Signs each delivery: Tenor-Signature is v1= and the HMAC-SHA256 (hexadecimal) "
        "of Tenor-Timestamp, a point and the body."
    )


class Webhooks(Shown):
    """All addresses that are told."""

    items: list[Webhook]


class Delivery(Shown):
    """One event on its way to one webhook."""

    id: int
    event_key: str
    kind: str
    state: Literal["waiting", "delivered", "given_up"]
    attempts: int
    next_at: Moment | None = Field(None, description="When it is tried next.")
    status: int | None = Field(None, description="What the last try was answered with.")
    error: str
    delivered_at: Moment | None = None


class Deliveries(Page):
    """A page of deliveries, the latest first."""

    items: list[Delivery]


@door.get("/webhooks", auth=reading(Scope.WEBHOOKS), response=Webhooks, summary="List webhooks")
def list_webhooks(request: Caller) -> dict[str, Any]:
    """Return the addresses that are told."""
    return {"items": list(webhooks.webhooks(request.auth))}


@door.post(
    "/webhooks",
    auth=writing(Scope.WEBHOOKS),
    response={201: NewSecret},
    summary="Register a webhook",
)
def register_webhook(request: Caller, given: NewWebhook) -> Status[Any]:
    """Tell this address from now on what happens; keep the secret, it is shown this once."""
    hook, secret = webhooks.register(request.auth, url=given.url, kinds=given.kinds)
    names = ("id", "url", "kinds", "created_at", "created_by")
    return Status(201, {name: getattr(hook, name) for name in names} | {"secret": secret})


@door.delete(
    "/webhooks/{number}",
    auth=writing(Scope.WEBHOOKS),
    response={204: None},
    summary="Remove a webhook",
)
def remove_webhook(request: Caller, number: Number) -> Status[Any]:
    """Tell this address nothing more."""
    webhooks.remove(request.auth, webhook_id=number)
    return Status(204, None)


@door.get(
    "/webhooks/{number}/deliveries",
    auth=reading(Scope.WEBHOOKS),
    response=Deliveries,
    summary="List deliveries",
)
def list_deliveries(
    request: Caller, number: Number, asked: Annotated[Paging, Query()]
) -> dict[str, Any]:
    """Return what this address was told, the latest first."""
    rows, after = webhooks.deliveries_of(
        request.auth, webhook_id=number, after=number_after(asked.cursor), limit=asked.limit
    )
    return {"items": [_shown(row) for row in rows], "next": link(request, encoded(after))}


@door.post(
    "/webhooks/{number}/deliveries/{delivery}/redeliver",
    auth=writing(Scope.WEBHOOKS),
    response=Delivery,
    summary="Deliver once more",
)
def redeliver(request: Caller, number: Number, delivery: Number) -> dict[str, Any]:
    """Tell the address this event once more, from the first try on."""
    return _shown(webhooks.redeliver(request.auth, webhook_id=number, delivery_id=delivery))


def _shown(row: Any) -> dict[str, Any]:
    names = ("id", "state", "attempts", "status", "error", "delivered_at")
    return {
        **{name: getattr(row, name) for name in names},
        "event_key": row.event.key,
        "kind": row.event.kind,
        "next_at": row.next_at if row.state == "waiting" else None,
    }
