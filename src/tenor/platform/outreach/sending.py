"""Send what is due: claim a message, ask again, hand it over, write down what came of it.

A message is claimed by compare-and-set, in the transaction that asks again; the claim is kept
before anything is handed over. Whoever finds a claim whose time has run out knows that a worker
died with it: a channel that writes to the outside leaves it unclear, and a person finds out.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from tenor.platform.core import clock
from tenor.platform.core.actor import Actor, system
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Decision
from tenor.platform.decisions.queries.permission import Answer, Ask, answers, policies_for
from tenor.platform.outreach import outcomes
from tenor.platform.outreach.asking import (
    PASSING,
    About,
    Standing,
    closed,
    lock_customers,
    standing,
)
from tenor.platform.outreach.channels import channel_of, simulated
from tenor.platform.outreach.channels.contract import Channel, NotSent, Parcel, Send, Unclear
from tenor.platform.outreach.disclosures import lacking
from tenor.platform.outreach.models import Message
from tenor.platform.outreach.outcomes import Sent
from tenor.platform.outreach.planning import (
    due_decisions,
    plan_messages,
    put_out_calls,
    put_out_hand_overs,
)
from tenor.platform.outreach.words import Text, text_of

State = Message.State

# A worker that has not reported after this long is taken for dead; the machine's own clock.
LEASE = timedelta(minutes=5)
# Asked of the rules together.
TOGETHER = 200
# What is written of a message when it goes out.
_WRITTEN = (
    "state", "sent_at", "refusal", "attempts", "language", "subject", "body", "invoice_keys",
    "amount", "address", "template",
)  # fmt: skip


def send_due(organisation: Organisation, now: datetime | None = None, limit: int = 1_000) -> Sent:
    """Send what is due at `now` (the organisation's clock if not given), at most `limit` messages.

    Several workers may do this at once, and any of them may die at any moment: no message goes
    out twice, and none is lost. Call it again while `sent` reaches the limit.
    """
    done = Sent(closed=closed(organisation))
    if done.closed:
        return done
    now = now or clock.now(organisation)
    actor = system(organisation)
    done.unclear += resolve_dead(actor)
    decisions = due_decisions(actor, now, limit)
    done.planned = len(plan_messages(actor, decisions)) if decisions else 0
    done.calls = put_out_calls(actor, now, _tomorrow(organisation, now), limit)
    done.handed_over = put_out_hand_overs(actor, now, limit)
    due = Message.objects.of(organisation).filter(state=State.PLANNED, send_at__lte=now)
    found = due.select_related("customer", "decision__run")
    by_channel: dict[str, list[Message]] = defaultdict(list)
    met: set[int] = set()
    for message in found.order_by("send_at", "pk")[:limit]:
        # Of two to one customer the second is asked about when the first has gone out.
        if message.customer_id not in met:
            met.add(message.customer_id)
            by_channel[message.channel].append(message)
    for name, some in by_channel.items():
        channel = channel_of(organisation, name)
        if channel is None:
            for message in some:
                outcomes.cancel(actor, message, "no_channel", done)
            continue
        with channel.opened(organisation) as send:
            for start in range(0, len(some), TOGETHER):
                done.closed = done.closed or closed(organisation)
                if done.closed:
                    return done
                _send(actor, channel, send, some[start : start + TOGETHER], now, done)
    return done


def resolve_dead(actor: Actor) -> int:
    """Mark what a dead worker was handing over as unclear, with a task for a person."""
    rows = Message.objects.of(actor.organisation).filter(
        state=State.SENDING, lease_until__lt=clock.real_now()
    )
    count = 0
    for message in rows.select_related("customer", "decision"):
        with transaction.atomic():
            count += outcomes.unclear(actor, message, "unclear")
    return count


def _send(
    actor: Actor,
    channel: Channel,
    send: Send,
    messages: Sequence[Message],
    now: datetime,
    done: Sent,
) -> None:
    if channel.atomic:
        _send_together(actor, channel, send, messages, now, done)
        return
    permitted = _rules(actor.organisation, messages, now)
    for message in messages:
        if reason := closed(actor.organisation):
            done.closed = reason
            return
        taken = _claim(actor, channel, message, permitted[message.pk], now, done)
        if taken is not None:
            _hand_over(actor, channel, send, message, taken, done)


def _rules(
    organisation: Organisation, messages: Sequence[Message], now: datetime
) -> dict[int, Answer]:
    """Ask the engine's rules about each message: what forbids it now, and what it may ask for."""
    segments = {m.pk: m.decision.segment if m.decision else "" for m in messages}
    policies = policies_for(organisation, set(segments.values()))
    groups: dict[tuple[datetime, str], list[Message]] = defaultdict(list)
    for message in messages:
        rules = policies[segments[message.pk]].version
        groups[_instant(organisation, message, now), rules].append(message)
    found: dict[int, Answer] = {}
    for (at, _version), some in groups.items():
        asks = [Ask(m.customer.key, m.channel, at, m.invoice_keys, m.tone) for m in some]
        policy = policies[segments[some[0].pk]]
        said = answers(organisation, asks, as_of=at, policy=policy)
        found |= {m.pk: answer for m, answer in zip(some, said, strict=True)}
    return found


def _instant(organisation: Organisation, message: Message, now: datetime) -> datetime:
    """Return when a message counts as sent: a made-up clock jumps over the hours in between."""
    return min(now, message.send_at) if organisation.synthetic else now


def _claim(
    actor: Actor,
    channel: Channel,
    message: Message,
    answer: Answer,
    now: datetime,
    done: Sent,
) -> Parcel | None:
    """Take the message and ask again, in one transaction; nothing where it does not go out."""
    with transaction.atomic():
        lock_customers(actor, [message.customer_id])
        if not _take(actor, message):
            return None
        left = standing(actor.organisation, [_about(message, channel)], now)[0]
        if not _fit(actor, message, left, answer, now, done):
            return None
        if not _discloses(actor, message, left, now, done):
            return None
        if not _keep(actor, message):
            outcomes.cancel(actor, message, "not_approved", done)
            return None
        parcel = _filled(actor, message, left, _text(actor, message, left, now))
        message.save()
        return parcel


def _take(actor: Actor, message: Message) -> bool:
    rows = Message.objects.of(actor.organisation).filter(pk=message.pk, state=State.PLANNED)
    lease = clock.real_now() + LEASE
    taken = rows.update(state=State.SENDING, lease_until=lease, attempts=message.attempts + 1)
    if taken:
        message.state, message.attempts, message.lease_until = (
            State.SENDING, message.attempts + 1, lease,
        )  # fmt: skip
    return bool(taken)


def _fit(
    actor: Actor, message: Message, left: Standing, answer: Answer, now: datetime, done: Sent
) -> bool:
    """Say whether it may go out; else write down why not, or until when it waits."""
    lasting = [code for code in answer.refusals if code not in PASSING]
    # An invoice whose turn has not come yet is left out; the rest goes on.
    left.invoices = [i for i in left.invoices if i.key in answer.invoice_keys]
    reason = left.refusal or (lasting[0] if lasting else "")
    if reason:
        outcomes.cancel(actor, message, reason, done)
    elif answer.refusals:
        outcomes.postpone(actor, message, answer.refusals[0], now, done)
    return not answer.refusals and not reason


def _keep(actor: Actor, message: Message) -> bool:
    """Make the decision one that has gone out: from here on nobody can take it back."""
    if message.decision is None:
        return True
    approved = Decision.objects.of(actor.organisation).filter(
        pk=message.decision.pk, state=Decision.State.APPROVED
    )
    message.decision.refresh_from_db(fields=["text"])
    return bool(approved.update(state=Decision.State.HANDED_OVER))


def _text(actor: Actor, message: Message, left: Standing, now: datetime) -> Text:
    """Return the message in words, about what is owed at this moment."""
    organisation = actor.organisation
    return text_of(
        organisation,
        message.customer,
        left.invoices,
        tone=message.tone,
        on=now.astimezone(clock.zone(organisation)).date(),
        own_words=message.decision.text if message.decision else "",
    )


def _discloses(actor: Actor, message: Message, left: Standing, now: datetime, done: Sent) -> bool:
    """Say whether its text has all that the law asks for; else it does not go out."""
    text = _text(actor, message, left, now)
    on = now.astimezone(clock.zone(actor.organisation)).date()
    if lacking(actor.organisation, message.customer, text, channel=message.channel, on=on):
        outcomes.cancel(actor, message, "disclosures", done)
        return False
    return True


def _filled(actor: Actor, message: Message, left: Standing, text: Text) -> Parcel:
    """Put the words into the message, and into what is handed over."""
    organisation = actor.organisation
    message.language, message.subject, message.body = text.language, text.subject, text.body
    message.invoice_keys = [invoice.key for invoice in left.invoices]
    message.amount = sum(invoice.balance for invoice in left.invoices)
    message.address = left.address or simulated.ADDRESS
    message.template = text.template
    return Parcel(
        key=f"{organisation.slug}.{message.key}",
        to=left.address,
        subject=text.subject,
        body=text.body,
        sender_name=" ".join(organisation.name.split()),
        language=text.language,
    )


def _hand_over(
    actor: Actor, channel: Channel, send: Send, message: Message, parcel: Parcel, done: Sent
) -> None:
    """Hand over what was claimed, and write down what came of it."""
    try:
        receipt = send(parcel)
    except Unclear as error:
        with transaction.atomic():
            done.unclear += outcomes.unclear(actor, message, str(error))
    except NotSent as error:
        with transaction.atomic():
            outcomes.not_sent(actor, message, error, done)
    else:
        with transaction.atomic():
            outcomes.went_out(message, receipt, clock.now(actor.organisation), done)


def _send_together(
    actor: Actor,
    channel: Channel,
    send: Send,
    messages: Sequence[Message],
    now: datetime,
    done: Sent,
) -> None:
    """Send many at once over a channel that is our own database: all of it is one transaction."""
    organisation = actor.organisation
    rows = Message.objects.of(organisation)
    decisions = Decision.objects.of(organisation)
    with transaction.atomic():
        lock_customers(actor, [message.customer_id for message in messages])
        held = rows.filter(pk__in=[m.pk for m in messages], state=State.PLANNED)
        mine = set(held.select_for_update().values_list("pk", flat=True))
        some = [message for message in messages if message.pk in mine]
        numbers = [message.decision_id for message in some if message.decision_id]
        # Held until the end: what is approved here nobody takes back in between.
        list(decisions.filter(pk__in=numbers).select_for_update().values_list("pk"))
        permitted = _rules(organisation, some, now)
        abouts = [_about(message, channel) for message in some]
        gone = []
        for message, left in zip(some, standing(organisation, abouts, now), strict=True):
            at = _instant(organisation, message, now)
            fits = _fit(actor, message, left, permitted[message.pk], now, done)
            if fits and _discloses(actor, message, left, at, done):
                send(_filled(actor, message, left, _text(actor, message, left, at)))
                message.state, message.sent_at, message.refusal = State.SENT, at, ""
                message.attempts += 1
                message.save(update_fields=_WRITTEN)
                gone.append(message)
        out = [message.decision_id for message in gone]
        decisions.filter(pk__in=out).update(state=Decision.State.HANDED_OVER)
        done.sent += len(gone)


def _about(message: Message, channel: Channel) -> About:
    return About(
        message.customer_id, message.invoice_keys, message.currency, message.channel,
        channel.point, message.decision_id, message.key, message.tone,
    )  # fmt: skip


def _tomorrow(organisation: Organisation, now: datetime) -> datetime:
    local = now.astimezone(clock.zone(organisation))
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
