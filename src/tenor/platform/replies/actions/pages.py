"""Take in what somebody wrote on their own page: once, with its files, put before a person."""

import hashlib
from collections.abc import Sequence

from django.db import transaction

from tenor.engine.events import Kind
from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid
from tenor.platform.core.roles import Right
from tenor.platform.events.actions import record
from tenor.platform.ledger.locks import locked_customer
from tenor.platform.ledger.models import Customer
from tenor.platform.ledger.values import text_of
from tenor.platform.replies import files
from tenor.platform.replies.actions.handling import open_task
from tenor.platform.replies.models import Attachment, Reply

CHANNEL = "page"
_LONGEST = 5_000


def write_on_page(
    actor: Actor,
    customer: Customer,
    *,
    subject: str,
    text: str,
    given: Sequence[files.Given] = (),
    contact_key: str = "",
) -> Reply:
    """Keep what a customer wrote, and put it on the worklist.

    The same words with the same files on one day are one message, however often they are sent. A
    file that is not kept (`files.look_at`) is refused before anything is written down.
    """
    actor.need(Right.WORK)
    text = text_of(text, field="text", most=_LONGEST)
    subject = text_of(subject, field="subject", most=300)
    looked = [(files.look_at(one), one.content) for one in given]
    for one, _content in looked:
        if one.refused:
            raise Invalid(one.refused, field="file")
    now = clock.now(actor.organisation)
    said = "\0".join(
        [str(customer.pk), f"{now:%Y%m%d}", subject, text, *(one.sha256 for one, _c in looked)]
    )
    for one, content in looked:
        files.keep(actor.organisation.pk, content, one.sha256)
    with transaction.atomic():
        row = locked_customer(actor, pk=customer.pk)
        reply: Reply
        reply, is_new = Reply.objects.of(actor.organisation).get_or_create(
            key=f"page:{hashlib.sha256(said.encode()).hexdigest()}",
            defaults={
                "channel": CHANNEL, "provider": CHANNEL, "sender": row.key[:200],
                "sender_name": str(row)[:200], "subject": subject, "text": text, "whole": text,
                "received_at": now, "customer": row, "matched_by": Reply.Matched.TOKEN,
            },
        )  # fmt: skip
        if is_new:
            _follow(actor, reply, row, [one for one, _content in looked], contact_key)
    return reply


def _follow(
    actor: Actor, reply: Reply, customer: Customer, looked: list[files.Looked], contact_key: str
) -> None:
    Attachment.objects.of(actor.organisation).bulk_create(
        Attachment(
            reply=reply, name=one.name, type=one.type, size=one.size, sha256=one.sha256,
            file=files.place_of(actor.organisation.pk, one.sha256),
        )
        for one in looked
    )  # fmt: skip
    record(
        actor.organisation, Kind.REPLIED, key=f"tenor:reply:{reply.key}", at=reply.received_at,
        customer_key=customer.key, contact_key=contact_key, detail={"channel": CHANNEL},
    )  # fmt: skip
    audit.record(
        actor, "reply.write", f"customer:{customer.key}",
        after={"reply": reply.pk, "channel": CHANNEL, "files": len(looked)},
    )  # fmt: skip
    open_task(actor, reply, customer)
