"""Contacts that another system made, so that they count: nobody is reminded by two at once."""

from typing import Annotated, Any

from ninja import Field

from tenor.platform.api.door import Door, Given
from tenor.platform.api.guard import Caller, writing
from tenor.platform.api.values import Instant, Key, Shown, Text40
from tenor.platform.core.roles import Scope
from tenor.platform.outreach.actions import tell_contacts
from tenor.platform.outreach.foreign import NewContact

MOST = 1_000
door = Door(tags=["contacts"])


class ForeignContact(Given):
    """A message or call of another system. Told again under the same key, it counts once."""

    key: Key = Field(description="Of your own: told twice, it counts once.")
    customer_key: Key
    channel: Annotated[str, Field(min_length=1, max_length=40, examples=["email"])]
    sent_at: Instant = Field(description="When it was sent, with its offset.")
    invoice_keys: list[Key] = Field(default_factory=list, max_length=1_000)
    kind: Text40 = Field(
        "", description="What it was, as Tenor names it.", examples=["second_reminder"]
    )
    tone: Text40 = ""


class Contacts(Given):
    """A batch of contacts."""

    contacts: list[ForeignContact] = Field(max_length=MOST)


class RejectedContact(Shown):
    """A row that was turned away."""

    index: int = Field(description="Its place in the batch, from 0.")
    reason: str


class ContactsTold(Shown):
    """What became of a batch: the counts add up to its rows."""

    accepted: int
    duplicate: int = Field(description="Known by their key, or twice in the batch.")
    rejected: list[RejectedContact]


@door.post(
    "/contacts",
    auth=writing(Scope.EVENTS),
    response=ContactsTold,
    operation_id="tell_contacts",
    summary="Tell of contacts that another system made",
)
def tell_contacts_of_others(request: Caller, told: Contacts) -> dict[str, Any]:
    """Keep contacts that your ERP or an agency made: the customer waits like after one of ours.

    A row that cannot be kept is turned away with its place and reason; the others are kept.
    """
    rows = [
        NewContact(
            key=one.key, customer_key=one.customer_key, channel=one.channel, sent_at=one.sent_at,
            invoice_keys=one.invoice_keys, kind=one.kind, tone=one.tone,
        )
        for one in told.contacts
    ]  # fmt: skip
    counts = tell_contacts(request.auth, rows)
    rejected = [{"index": index, "reason": reason} for index, reason in counts.rejected]
    return {"accepted": counts.accepted, "duplicate": counts.duplicate, "rejected": rejected}
