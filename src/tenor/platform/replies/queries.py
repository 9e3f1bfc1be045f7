"""Reads of replies: the inbox, one of them, those of a customer, their files; and the mailbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import Right
from tenor.platform.ledger.models import Consent, Customer
from tenor.platform.ledger.queries.pages import Order, Page, page_of
from tenor.platform.outreach.models import ChannelAccount, Message
from tenor.platform.replies import files
from tenor.platform.replies.actions.consents import CHANNELS, OPEN_TRACKING
from tenor.platform.replies.actions.mailboxes import IMAP, INBOUND
from tenor.platform.replies.matching import customers_at
from tenor.platform.replies.models import Attachment, Mailbox, Reply

ONLY = ("", "unmatched", "automatic", "handled")
_NEWEST = Order("received_at", descending=True)
_MOST = 200


@dataclass(frozen=True)
class Said:
    """What a customer said of a channel; `granted` None: nothing."""

    channel: str
    granted: bool | None
    at: Any = None
    source: str = ""


@dataclass(frozen=True)
class ReadFrom:
    """The mailbox that replies come from, without its password."""

    host: str
    user: str
    folder: str
    port: int
    security: str
    looked_at: Any
    error: str


def inbox(
    organisation: Organisation, *, only: str = "", after: str = "", limit: int = 50
) -> Page[Reply]:
    """Return replies, newest first: those to deal with, or the unmatched, automatic or handled."""
    rows = Reply.objects.of(organisation).select_related("customer", "message")
    if only == "automatic":
        rows = rows.filter(automatic=True)
    elif only == "handled":
        rows = rows.filter(automatic=False, state=Reply.State.HANDLED)
    else:
        rows = rows.filter(state=Reply.State.NEW)
        if only == "unmatched":
            rows = rows.filter(customer=None)
    found, following = page_of(
        rows.prefetch_related("attachments"), _NEWEST, after=after, limit=limit
    )
    return Page(found, following)


def counts(organisation: Organisation) -> dict[str, int]:
    """Return how many replies wait, and of how many nobody knows whose they are."""
    rows = Reply.objects.of(organisation).filter(state=Reply.State.NEW)
    return {"new": rows.count(), "unmatched": rows.filter(customer=None).count()}


def reply_for(actor: Actor, number: int) -> Reply:
    """Return a reply of the actor's organisation, or refuse."""
    actor.need(Right.SEE)
    found: Reply = row_for(actor, Reply, related=("customer", "message"), pk=number)
    found.organisation = actor.organisation
    return found


def may_have_written(reply: Reply) -> list[Customer]:
    """Return the customers that can be reached at the sender's address or number."""
    return customers_at(reply.organisation, reply.channel, reply.sender)


def attachments_of(reply: Reply) -> list[Attachment]:
    """Return the files that came with a reply, refused ones too."""
    return list(Attachment.objects.of(reply.organisation_id).filter(reply=reply))


def attachment_for(actor: Actor, number: int) -> tuple[Attachment, Path | None]:
    """Return a file of a reply, and where its bytes are; nothing where they are not kept."""
    actor.need(Right.SEE)
    found: Attachment = row_for(actor, Attachment, related=("reply",), pk=number)
    path = files.path_of(found.file) if found.file else None
    return found, path if path is not None and path.is_file() else None


def replies_of(customer: Customer, limit: int = _MOST) -> Sequence[Reply]:
    """Return what a customer wrote, newest first, with its files."""
    rows = Reply.objects.of(customer.organisation_id).filter(customer=customer)
    return list(rows.prefetch_related("attachments")[:limit])


def consents_of(customer: Customer) -> list[Said]:
    """Return what a customer said of each channel, and of being watched."""
    rows = Consent.objects.of(customer.organisation_id).filter(customer=customer)
    told = {row.channel: row for row in rows}
    return [
        Said(name, told[name].granted, told[name].at, told[name].source)
        if name in told
        else Said(name, None)
        for name in (*CHANNELS, OPEN_TRACKING)
    ]


def message_called(organisation: Organisation, key: str) -> Message | None:
    """Return the message of this key, with its customer; nothing where there is none."""
    rows = Message.objects.of(organisation).filter(key=key).select_related("customer")
    found: Message | None = rows.first() if key else None
    return found


def mailbox_of(organisation: Organisation) -> ReadFrom | None:
    """Return the mailbox that is read, and how the last look went; nothing where none is."""
    account = (
        ChannelAccount.objects.of(organisation)
        .filter(channel=INBOUND, provider=IMAP, is_active=True)
        .first()
    )
    if account is None:
        return None
    box = Mailbox.objects.of(organisation).filter(account=account).first()
    told = account.settings
    return ReadFrom(
        told["host"], told["user"], told["folder"], int(told["port"]), told["security"],
        box.looked_at if box else None, box.error if box else "",
    )  # fmt: skip
