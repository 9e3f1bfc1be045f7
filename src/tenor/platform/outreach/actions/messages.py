"""Plan a message, stop it, and say what became of one that nobody was sure of."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.clock import now
from tenor.platform.core.errors import Refused
from tenor.platform.core.roles import Right
from tenor.platform.decisions.models import Decision, Task
from tenor.platform.outreach.models import Message
from tenor.platform.outreach.planning import plan_messages

State = Message.State


def plan_message(actor: Actor, decision: Decision) -> Message:
    """Put down the message of an approved decision; planned twice, it is the same one."""
    actor.need(Right.WORK)
    found: Decision = row_for(actor, Decision, related=("run__policy",), pk=decision.pk)
    if found.state != Decision.State.APPROVED or not found.channel or found.send_at is None:
        raise Refused(_("Only an approved contact becomes a message."))
    return plan_messages(actor, [found])[0]


def cancel_messages(
    actor: Actor, *, messages: Iterable[Message | int], reason: str = "not_approved"
) -> int:
    """Stop messages that are planned and not under way; return how many were stopped."""
    actor.need(Right.APPROVE)
    numbers = [getattr(message, "pk", message) for message in messages]
    rows = Message.objects.of(actor.organisation).filter(pk__in=numbers, state=State.PLANNED)
    with transaction.atomic():
        keys = sorted(rows.select_for_update().values_list("key", flat=True))
        stopped: int = rows.update(state=State.CANCELLED, refusal=reason)
        if stopped:
            audit.record(
                actor, "message.cancel", f"message:{keys[0]}" if stopped == 1 else "messages",
                after={"count": stopped, "reason": reason, "messages": keys[:200]},
            )  # fmt: skip
    return stopped


def resolve_unclear(
    actor: Actor, *, message: Message | int, arrived: bool, note: str = ""
) -> Message:
    """Say whether an unclear message arrived. One that did not is never sent again by itself."""
    actor.need(Right.WORK)
    with transaction.atomic():
        found: Message = row_for(
            actor, Message, related=("customer",), lock=True, pk=getattr(message, "pk", message)
        )
        if found.state != State.UNCLEAR:
            raise Refused(_("This message is no longer unclear."))
        if arrived:
            found.state, found.refusal = State.SENT, ""
        else:
            # It was no contact after all: the next plan may ask again.
            found.state, found.sent_at, found.cost = State.FAILED, None, 0.0
        found.save(update_fields=["state", "sent_at", "cost", "refusal"])
        tasks = Task.objects.of(actor.organisation).filter(
            key=f"unclear:{found.key}", state=Task.State.OPEN
        )
        tasks.update(
            state=Task.State.DONE, outcome="done", note=note[:500],
            claimed_by_id=actor.user_id, done_at=now(actor.organisation),
        )  # fmt: skip
        audit.record(
            actor, "message.resolve", f"message:{found.key}",
            before={"state": "unclear"}, after={"state": found.state, "note": note},
        )  # fmt: skip
    return found
