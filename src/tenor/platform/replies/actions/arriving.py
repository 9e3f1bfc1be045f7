"""Take in what somebody wrote: once, matched, its files put away, its wish followed at once."""

from django.db import transaction

from tenor.engine.events import Kind
from tenor.engine.law.contact.replies import Wish, classify
from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor, system
from tenor.platform.core.models import Organisation
from tenor.platform.events.actions import record
from tenor.platform.ledger.holding import packs_of
from tenor.platform.ledger.models import Customer
from tenor.platform.replies import files
from tenor.platform.replies.actions.consents import opt_in, opt_out
from tenor.platform.replies.actions.handling import is_to_be_read_first, open_task, pause
from tenor.platform.replies.actions.news import hear
from tenor.platform.replies.matching import Match, match
from tenor.platform.replies.mime import Incoming
from tenor.platform.replies.models import Attachment, Reply
from tenor.platform.replies.news import Became, News
from tenor.platform.replies.reports import Report

# An old letter in a new one is not looked through for wishes.
_MOST_READ = 5_000


def take_in(organisation: Organisation, incoming: Incoming) -> Reply | None:
    """Take in something that somebody wrote; return it, or nothing where it was a report.

    Taken in again, however it comes, it is the same one and nothing follows twice. A report on a
    message of ours is followed as news. What a machine wrote is kept, and is no reply.
    """
    if incoming.report is not None and _is_ours(organisation, incoming.report):
        return None
    rows = Reply.objects.of(organisation)
    kept = [(files.look_at(given), given.content) for given in incoming.files]
    for looked, content in kept:
        if not looked.refused:
            files.keep(organisation.pk, content, looked.sha256)
    with transaction.atomic():
        found = match(organisation, incoming)
        reply, is_new = rows.get_or_create(
            key=incoming.key, defaults=_values(organisation, incoming, found)
        )
        if not is_new:
            same: Reply = reply
            return same
        _attach(organisation, reply, [looked for looked, _content in kept])
        if reply.automatic:
            reply.state, reply.handled_at = Reply.State.HANDLED, reply.received_at
            reply.save(update_fields=["state", "handled_at"])
        else:
            _follow(system(organisation), reply, found)
    made: Reply = reply
    return made


def follow_match(actor: Actor, reply: Reply, customer: Customer) -> None:
    """Do what follows from a reply once it is known whose it is."""
    _replied(reply, customer)
    open_task(actor, reply, customer)


def _is_ours(organisation: Organisation, report: Report) -> bool:
    """Follow a report about a message of ours; say whether it was one."""
    if not report.numbers:
        return False
    news = News(
        Became(report.kind), "mailbox", numbers=report.numbers, recipient=report.recipient,
        because=report.because, key=report.kind,
    )  # fmt: skip
    hear(organisation, "email", news)
    return True


def _values(organisation: Organisation, incoming: Incoming, found: Match) -> dict[str, object]:
    customer = found.customer or (found.candidates[0] if found.candidates else None)
    wish = Wish.NONE if incoming.automatic else _wish(organisation, customer, incoming.text)
    return {
        "channel": incoming.channel,
        "provider": incoming.provider,
        "message_number": incoming.message_number,
        "sender": incoming.sender,
        "sender_name": incoming.sender_name,
        "subject": incoming.subject,
        "text": incoming.text,
        "whole": incoming.whole,
        "automatic": incoming.automatic,
        "received_at": clock.now(organisation),
        "customer": found.customer,
        "message": found.message,
        "matched_by": found.by,
        "wish": wish,
    }


def _wish(organisation: Organisation, customer: Customer | None, text: str) -> Wish:
    """Return what a text asks for, by the law of who wrote it, in their language."""
    country = customer.country if customer else ""
    language = customer.language if customer else ""
    pack = packs_of(organisation)(country)
    return classify(pack, text[:_MOST_READ], language, on=clock.today(organisation)).wish


def _attach(organisation: Organisation, reply: Reply, looked: list[files.Looked]) -> None:
    Attachment.objects.of(organisation).bulk_create(
        Attachment(
            reply=reply, name=one.name, type=one.type, size=one.size, sha256=one.sha256,
            refused=one.refused,
            file="" if one.refused else files.place_of(organisation.pk, one.sha256),
        )
        for one in looked
    )  # fmt: skip


def _follow(actor: Actor, reply: Reply, found: Match) -> None:
    """Follow what a reply asks for: for all who may have written it, until somebody knows."""
    # An invoice's number can be known to others: what it names is paused, and nothing is ended.
    sure = found.by != Reply.Matched.INVOICE or len(found.candidates) > 1
    pausing = is_to_be_read_first(reply) or (reply.wish == Wish.REVOKE and not sure)
    if reply.wish == Wish.REVOKE and sure:
        for customer in found.candidates:
            _revoke(actor, reply, customer)
    elif reply.wish == Wish.OPT_IN and found.customer is not None and sure:
        opt_in(actor, found.customer, reply.channel, key=reply.key, source="reply")
    elif reply.wish == Wish.HELP:
        reply.answer = "due"
    if pausing:
        reply.holds = [pause(actor, customer) for customer in found.candidates]
    reply.save(update_fields=["answer", "holds"])
    if found.customer is not None:
        follow_match(actor, reply, found.customer)


def _revoke(actor: Actor, reply: Reply, customer: Customer) -> None:
    opt_out(
        actor, customer, reply.channel, key=f"{reply.key}:{customer.pk}", source="reply",
        contact_key=reply.message.key if reply.message else "",
    )  # fmt: skip


def _replied(reply: Reply, customer: Customer) -> None:
    record(
        reply.organisation, Kind.REPLIED, key=f"tenor:reply:{reply.key}", at=reply.received_at,
        customer_key=customer.key, contact_key=reply.message.key if reply.message else "",
        detail={"channel": reply.channel, "wish": str(reply.wish)},
    )  # fmt: skip
    audit.record(
        system(reply.organisation), "reply.take_in", f"customer:{customer.key}",
        after={"reply": reply.pk, "channel": reply.channel, "matched_by": reply.matched_by,
               "wish": str(reply.wish)},
    )  # fmt: skip
