"""Answer, once, somebody who asks who writes to them."""

import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path

from django.db import transaction

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.outreach.channels import channel_of
from tenor.platform.outreach.channels.contract import NotSent, Parcel, Receipt, Unclear
from tenor.platform.outreach.models import Message
from tenor.platform.outreach.stops import closed
from tenor.platform.replies.models import Reply

_TEXTS = Path(__file__).parent.parent / "help.toml"
_USUAL = "en"
# An answer that could not go for so long would only puzzle.
_PATIENCE = timedelta(days=1)
# As long as a worker may take to hand it over.
_LEASE = timedelta(minutes=5)
_AT_ONCE = 50


def answer_due(organisation: Organisation) -> int:
    """Answer those who asked for help; return how many answers left. Each goes at most once."""
    if closed(organisation):
        return 0
    sent = 0
    since = clock.now(organisation) - _PATIENCE
    rows = Reply.objects.of(organisation).filter(answer="due", received_at__gte=since)
    for reply in rows.exclude(customer=None).select_related("customer")[:_AT_ONCE]:
        if closed(organisation, reply.channel):
            continue
        reply.organisation = organisation
        message = _claimed(reply)
        if message is not None:
            sent += _hand_over(organisation, message, reply)
    return sent


def words_for(organisation: Organisation, channel: str, language: str) -> tuple[str, str, str]:
    """Return language, subject and text of the answer."""
    texts = _texts()
    wanted = (language[:2].lower(), organisation.language[:2])
    chosen = next((one for one in wanted if one in texts), _USUAL)
    words, settings = texts[chosen], preferences_of(organisation)
    ways = [way for way in (settings.phone, settings.reply_email, settings.website) if way]
    contact = words["contact"].format(ways=words["or"].join(ways)) if ways else ""
    stop = words["stop_sms"] if channel == "sms" else ""
    text = words["text"].format(organisation=organisation.name, contact=contact, stop=stop)
    return chosen, words["subject"].format(organisation=organisation.name), text.strip()


@transaction.atomic
def _claimed(reply: Reply) -> Message | None:
    """Write the answer down as being sent, before it is: whoever dies now sends it never twice."""
    organisation, customer = reply.organisation, reply.customer
    rows = Reply.objects.of(organisation).filter(pk=reply.pk, answer="due")
    if not rows.update(answer="sent") or customer is None:
        return None
    language, subject, text = words_for(organisation, reply.channel, customer.language)
    now = clock.now(organisation)
    made: Message = Message.objects.of(organisation).create(
        customer=customer, key=f"help.{reply.pk}", channel=reply.channel, kind="help",
        template="help", language=language, address=reply.sender, subject=subject, body=text,
        state=Message.State.SENDING, send_at=now, lease_until=clock.real_now() + _LEASE,
    )  # fmt: skip
    return made


def _hand_over(organisation: Organisation, message: Message, reply: Reply) -> bool:
    channel = channel_of(organisation, message.channel)
    if channel is None:
        return _ended(message, Message.State.FAILED, "no_channel")
    parcel = Parcel(
        key=message.key, to=message.address, subject=message.subject, body=message.body,
        sender_name=organisation.name, language=message.language,
        reply_to=preferences_of(organisation).reply_email,
    )  # fmt: skip
    try:
        with channel.opened(organisation) as send:
            receipt = send(parcel)
    except NotSent as error:
        return _ended(message, Message.State.FAILED, str(error))
    except Unclear as error:
        message.sent_at = clock.now(organisation)
        return _ended(message, Message.State.UNCLEAR, str(error))
    message.sent_at = clock.now(organisation)
    return _ended(message, Message.State.SENT, "", receipt)


def _ended(message: Message, state: str, because: str, receipt: Receipt | None = None) -> bool:
    message.state, message.lease_until, message.refusal = state, None, because[:300]
    if receipt is not None:
        message.provider, message.provider_key = receipt.provider, receipt.reference[:300]
    message.save()
    return state == Message.State.SENT


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(_TEXTS.read_text(encoding="utf-8"))
