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
from tenor.platform.ledger.holding import PRESSING
from tenor.platform.outreach import costs, kinds, outcomes, windows
from tenor.platform.outreach.asking import lock_customers, standing
from tenor.platform.outreach.channels import channel_of
from tenor.platform.outreach.channels.contract import Channel, NotSent, Send, Unclear
from tenor.platform.outreach.claiming import (
    Batch,
    Closed,
    about,
    claim,
    fill,
    fit,
    in_hand,
    keep_content,
    worded,
)
from tenor.platform.outreach.models import Message
from tenor.platform.outreach.outcomes import Sent
from tenor.platform.outreach.planning import (
    due_decisions,
    plan_messages,
    put_out_calls,
    put_out_hand_overs,
    put_out_unreachable,
)
from tenor.platform.outreach.saying import Said, Voice
from tenor.platform.outreach.stops import CHANNEL_STOPPED, closed, stopped_channels

State = Message.State

# Asked of the rules together.
TOGETHER = 200
# What was asked of the rules is true for so long: after that a round leaves the rest to the next,
# which asks anew, so that a slow server moves nothing out of its permitted hours.
FRESH = timedelta(minutes=1)
# Set and filed in one transaction: the books wait for no more letters than this.
FILED_TOGETHER = 50
# What is written of a message when it goes out.
_WRITTEN = (
    "state", "sent_at", "refusal", "attempts", "kind", "language", "subject", "body",
    "invoice_keys", "amount", "address", "template", "version", "reference", "facts", "provider",
    "provider_key",
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
    put_out_unreachable(actor, now, limit)
    voice = Voice(organisation)
    for name, some in _due(organisation, now, limit).items():
        channel = channel_of(organisation, name)
        if channel is None:
            for message in some:
                outcomes.cancel(actor, message, "no_channel", done)
            continue
        with channel.opened(organisation) as send:
            count = TOGETHER
            if channel.atomic and not organisation.synthetic:
                count = FILED_TOGETHER
            for start in range(0, len(some), count):
                together = some[start : start + count]
                if not _send(actor, channel, send, voice, together, now, done):
                    return done
    return done


def resolve_dead(actor: Actor) -> int:
    """Mark what a dead worker was handing over as unclear, with a task for a person."""
    rows = Message.objects.of(actor.organisation).filter(
        state=State.SENDING, lease_until__lt=clock.real_now()
    )
    count = 0
    for message in rows.select_related("customer", "decision"):
        message.organisation = actor.organisation
        with transaction.atomic():
            count += outcomes.unclear(actor, message, "unclear")
    return count


def _due(organisation: Organisation, now: datetime, limit: int) -> dict[str, list[Message]]:
    """Return the messages whose moment has come, by channel; one a customer at a time."""
    due = Message.objects.of(organisation).filter(state=State.PLANNED, send_at__lte=now)
    # What waits for a channel that is switched off keeps nobody else waiting.
    due = due.exclude(channel__in=stopped_channels(organisation))
    found: dict[str, list[Message]] = defaultdict(list)
    met: set[int] = set()
    for message in due.select_related("customer", "decision").order_by("send_at", "pk")[:limit]:
        message.organisation = message.customer.organisation = organisation
        # Of two to one customer the second is asked about when the first has gone out.
        if message.customer_id not in met:
            met.add(message.customer_id)
            found[message.channel].append(message)
    return found


def _send(
    actor: Actor,
    channel: Channel,
    send: Send,
    voice: Voice,
    messages: Sequence[Message],
    now: datetime,
    done: Sent,
) -> bool:
    """Send these; say whether others may follow."""
    if channel.atomic:
        _send_together(actor, channel, send, voice, messages, now, done)
        return not done.closed
    batch = _batch(actor.organisation, channel, voice, messages, now)
    asked_at = clock.real_now()
    for message in messages:
        if clock.real_now() - asked_at > FRESH:
            return False
        try:
            said = claim(actor, batch, message, now, done)
        except Closed as error:
            _close(error.reason, done)
            break
        if said is not None:
            _hand_over(actor, batch, send, message, said, done)
    return not done.closed


def _close(reason: str, done: Sent) -> None:
    """Keep why sending ended; a channel that is off ends nothing but itself."""
    if reason != CHANNEL_STOPPED:
        done.closed = reason


def _batch(
    organisation: Organisation,
    channel: Channel,
    voice: Voice,
    messages: Sequence[Message],
    now: datetime,
) -> Batch:
    """Read once what is needed for all of them."""
    today = now.astimezone(clock.zone(organisation)).date()
    # What was sent is read before the rules are asked: what comes in between is asked about anew.
    past = kinds.past_of(organisation, {message.customer_id for message in messages})
    return Batch(
        channel=channel,
        voice=voice,
        past=past,
        permitted=_rules(organisation, messages, now),
        ask=_rules,
        prices=costs.price_list(organisation, today),
    )


def _rules(
    organisation: Organisation, messages: Sequence[Message], now: datetime
) -> dict[int, Answer]:
    """Ask the engine's rules about each message: what forbids it now, and what it may ask for.

    What asks for nothing counts in no cap: of it, only the hours and the opt-outs are asked.
    """
    segments = {m.pk: m.decision.segment if m.decision else "" for m in messages}
    policies = policies_for(organisation, set(segments.values()))
    found: dict[int, Answer] = {}
    groups: dict[tuple[datetime, str], list[Message]] = defaultdict(list)
    for message in messages:
        policy = policies[segments[message.pk]]
        at = _instant(organisation, message, now)
        if kinds.asks(message.kind):
            groups[at, policy.version].append(message)
        else:
            found[message.pk] = windows.telling(policy, message, at)
    for (at, _version), some in groups.items():
        asks = [Ask(m.customer.key, m.channel, at, m.invoice_keys, _tone(m)) for m in some]
        policy = policies[segments[some[0].pk]]
        said = answers(organisation, asks, as_of=at, policy=policy)
        found |= {m.pk: answer for m, answer in zip(some, said, strict=True)}
    return found


def _tone(message: Message) -> str:
    """Return the tone that the rules are asked about; a person's letter may have one of its own."""
    return message.tone if message.decision_id or message.tone in PRESSING else ""


def _instant(organisation: Organisation, message: Message, now: datetime) -> datetime:
    """Return when a message counts as sent: a made-up clock jumps over the hours in between."""
    return min(now, message.send_at) if organisation.synthetic else now


def _hand_over(
    actor: Actor, batch: Batch, send: Send, message: Message, said: Said, done: Sent
) -> None:
    """Hand over what was claimed, and write down what came of it."""
    try:
        receipt = send(said.parcel)
    except Unclear as error:
        with transaction.atomic():
            done.unclear += outcomes.unclear(actor, message, str(error), said.charges)
    except NotSent as error:
        with transaction.atomic():
            outcomes.not_sent(actor, message, error, done)
    else:
        with transaction.atomic():
            at = clock.now(actor.organisation)
            outcomes.went_out(actor, message, receipt, at, done, batch.prices)


def _send_together(
    actor: Actor,
    channel: Channel,
    send: Send,
    voice: Voice,
    messages: Sequence[Message],
    now: datetime,
    done: Sent,
) -> None:
    """Send many at once over a channel that is our own database: all of it is one transaction."""
    organisation = actor.organisation
    rows = Message.objects.of(organisation)
    decisions = Decision.objects.of(organisation)
    with transaction.atomic():
        if reason := closed(organisation, messages[0].channel):
            _close(reason, done)
            return
        lock_customers(actor, [message.customer_id for message in messages])
        held = rows.filter(pk__in=[m.pk for m in messages], state=State.PLANNED)
        mine = set(held.select_for_update().values_list("pk", flat=True))
        busy = in_hand(actor, messages)
        some = [m for m in messages if m.pk in mine and m.customer_id not in busy]
        numbers = [message.decision_id for message in some if message.decision_id]
        # Held until the end: what is approved here nobody takes back in between.
        list(decisions.filter(pk__in=numbers).select_for_update().values_list("pk"))
        batch = _batch(organisation, channel, voice, some, now)
        asked = standing(organisation, [about(message, channel) for message in some], now)
        out = []
        for message, left in zip(some, asked, strict=True):
            at = _instant(organisation, message, now)
            if not fit(actor, message, left, batch.permitted.get(message.pk), now, done):
                continue
            said = worded(actor, batch, message, left, at, done)
            if said is None:
                continue
            fill(message, left, said)
            message.attempts += 1
            message.save(update_fields=_WRITTEN)
            keep_content(message, said)
            receipt = send(said.parcel)
            outcomes.went_out(actor, message, receipt, at, done, batch.prices)
            out.append(message.decision_id)
        decisions.filter(pk__in=out).update(state=Decision.State.HANDED_OVER)


def _tomorrow(organisation: Organisation, now: datetime) -> datetime:
    local = now.astimezone(clock.zone(organisation))
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
