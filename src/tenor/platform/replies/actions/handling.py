"""Deal with replies: say whose one is, that it is dealt with, or that it is not after all."""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from tenor.engine.events import Kind
from tenor.engine.law.contact.replies import Wish
from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor, system
from tenor.platform.core.errors import Invalid
from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import Right
from tenor.platform.decisions.models import Task
from tenor.platform.events.actions import record
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Customer, Hold
from tenor.platform.replies.actions.consents import opt_out
from tenor.platform.replies.models import Reply

State = Reply.State
_AT_ONCE = 500
# So many words are a wish by themselves; in a longer text it may be wider than the channel.
_FEW_WORDS = 4


def open_task(actor: Actor, reply: Reply, customer: Customer) -> None:
    """Put a reply on the worklist, with its first words; once."""
    now = clock.now(actor.organisation)
    Task.objects.of(actor.organisation).get_or_create(
        key=_task_key(reply),
        defaults={
            "customer": customer, "kind": Task.Kind.REPLY, "value": _at_stake(customer),
            "due_at": now, "created_at": now,
            "facts": {
                "reason": "reply", "reply": reply.pk, "channel": reply.channel,
                "wish": str(reply.wish), "words": reply.text[:300],
            },
        },
    )  # fmt: skip


def is_to_be_read_first(reply: Reply) -> bool:
    """Say whether nothing may go out before somebody has read a reply."""
    if reply.wish == Wish.REVOKE:
        return len(reply.text.split()) > _FEW_WORDS
    return reply.wish == Wish.REVIEW


def pause(actor: Actor, customer: Customer) -> int:
    """Let everything rest until a person has read a reply; return the number of the hold."""
    with translation.override(actor.organisation.language):
        note = _("A reply waits to be read.")
    hold = ledger.start_hold(
        actor, customer_key=customer.key, reason=Hold.Reason.INTERNAL, note=note
    )
    return int(hold.pk)


def assign(actor: Actor, *, reply_id: int, customer_key: str) -> Reply:
    """Say whose a reply is. What rested on it for others goes on; what it asks for is followed."""
    actor.need(Right.WORK)
    with transaction.atomic():
        reply = _locked(actor, reply_id)
        customer: Customer | None = (
            Customer.objects.of(actor.organisation).filter(key=customer_key.strip()).first()
        )
        if customer is None:
            raise Invalid(
                _("There is no customer %(key)s.") % {"key": customer_key}, field="customer"
            )
        if reply.customer_id == customer.pk:
            return reply
        before = reply.customer
        reply.customer, reply.matched_by = customer, Reply.Matched.PERSON
        reply.save(update_fields=["customer", "matched_by"])
        _free_others(actor, reply, customer)
        audit.record(
            actor, "reply.assign", f"customer:{customer.key}",
            before={"customer": before.key if before else None},
            after={"reply": reply.pk, "customer": customer.key},
        )  # fmt: skip
        record(
            actor.organisation, Kind.REPLIED, key=f"tenor:reply:{reply.key}:{customer.pk}",
            at=reply.received_at, customer_key=customer.key,
            detail={"channel": reply.channel, "wish": str(reply.wish)},
        )  # fmt: skip
        if reply.wish == Wish.REVOKE:
            opt_out(
                actor, customer, reply.channel, key=f"{reply.key}:{customer.pk}", source="reply"
            )
        if reply.state == State.NEW:
            open_task(actor, reply, customer)
            Task.objects.of(actor.organisation).filter(key=_task_key(reply)).update(
                customer=customer
            )
            if is_to_be_read_first(reply) and not reply.holds:
                reply.holds = [pause(actor, customer)]
                reply.save(update_fields=["holds"])
    return reply


def handle(actor: Actor, *, reply_id: int, note: str = "") -> Reply:
    """Say that a reply is dealt with: its case is closed, and what waited for it goes on."""
    actor.need(Right.WORK)
    with transaction.atomic():
        reply = _locked(actor, reply_id)
        if reply.state == State.HANDLED:
            return reply
        _close(actor, reply)
        _finish_task(actor, reply, note)
        audit.record(
            actor, "reply.handle", _subject(reply), before={"state": "new"},
            after={"reply": reply.pk, "state": "handled", "note": note[:500]},
        )  # fmt: skip
    return reply


def reopen(actor: Actor, *, reply_id: int) -> Reply:
    """Say that a reply is not dealt with after all."""
    actor.need(Right.WORK)
    with transaction.atomic():
        reply = _locked(actor, reply_id)
        if reply.state == State.NEW:
            return reply
        reply.state, reply.handled_by, reply.handled_at = State.NEW, "", None
        reply.save(update_fields=["state", "handled_by", "handled_at"])
        rows = Task.objects.of(actor.organisation).filter(key=_task_key(reply))
        rows.update(state=Task.State.OPEN, done_at=None, outcome="")
        if reply.customer is not None:
            open_task(actor, reply, reply.customer)
        audit.record(
            actor, "reply.reopen", _subject(reply), before={"state": "handled"},
            after={"reply": reply.pk, "state": "new"},
        )  # fmt: skip
    return reply


def settle_done(organisation: Organisation) -> int:
    """Close replies whose case somebody finished on the worklist; return how many."""
    waiting = Reply.objects.of(organisation).filter(state=State.NEW).exclude(customer=None)
    keys = {_task_key(reply): reply.pk for reply in waiting.only("pk")[:_AT_ONCE]}
    done = Task.objects.of(organisation).filter(key__in=list(keys), state=Task.State.DONE)
    count = 0
    for task in done.select_related("claimed_by"):
        with transaction.atomic():
            reply = _locked(system(organisation), keys[task.key])
            if reply.state == State.NEW:
                name = str(task.claimed_by) if task.claimed_by else ""
                _close(system(organisation), reply, by=name)
                count += 1
    return count


def _locked(actor: Actor, reply_id: int) -> Reply:
    reply: Reply = row_for(actor, Reply, related=("customer", "message"), lock=True, pk=reply_id)
    reply.organisation = actor.organisation
    return reply


def _close(actor: Actor, reply: Reply, by: str = "") -> None:
    _lift(actor, reply, reply.holds)
    reply.state, reply.holds = State.HANDLED, []
    reply.handled_by = (by or actor.name)[:200]
    reply.handled_at = clock.now(actor.organisation)
    reply.save(update_fields=["state", "holds", "handled_by", "handled_at"])


def _lift(actor: Actor, reply: Reply, holds: list[int]) -> None:
    for number in holds:
        if Hold.objects.of(actor.organisation).filter(pk=number).exists():
            # The pause was ours: it ends with the fact that somebody has read the reply.
            ledger.lift_hold(
                system(actor.organisation, actor.name), hold_id=number, note="The reply was read."
            )


def _free_others(actor: Actor, reply: Reply, customer: Customer) -> None:
    rows = Hold.objects.of(actor.organisation).filter(pk__in=reply.holds)
    of_others = list(rows.exclude(customer=customer).values_list("pk", flat=True))
    _lift(actor, reply, of_others)
    reply.holds = [number for number in reply.holds if number not in of_others]
    reply.save(update_fields=["holds"])


def _finish_task(actor: Actor, reply: Reply, note: str) -> None:
    rows = Task.objects.of(actor.organisation).filter(key=_task_key(reply), state=Task.State.OPEN)
    rows.update(
        state=Task.State.DONE, outcome="done", note=note[:500], claimed_by_id=actor.user_id,
        done_at=clock.now(actor.organisation),
    )  # fmt: skip


def _at_stake(customer: Customer) -> float:
    """Return what hangs on the answer: what is open in the organisation's own currency."""
    rows: Any = customer.exposures.filter(currency=customer.organisation.currency)
    return float(sum(rows.values_list("open_amount", flat=True), Decimal(0)))


def _task_key(reply: Reply) -> str:
    return f"reply:{reply.pk}"


def _subject(reply: Reply) -> str:
    return f"customer:{reply.customer.key}" if reply.customer else f"reply:{reply.pk}"
