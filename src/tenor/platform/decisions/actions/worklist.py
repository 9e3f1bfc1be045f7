"""People and their cases: claim one, give it back. Recording how it ended is `outreach.actions`."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from tenor.platform.core import audit
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.clock import now
from tenor.platform.core.errors import Refused
from tenor.platform.core.roles import Right
from tenor.platform.decisions.models import Signal, Task
from tenor.platform.decisions.queries.worklist import next_task


def claim(actor: Actor, *, task: Task | int) -> Task:
    """Take a case on; of two people who do at once, one is refused."""
    actor.need(Right.WORK)
    number = getattr(task, "pk", task)
    found: Task = row_for(actor, Task, related=("customer", "decision"), pk=number)
    if actor.user_id is None:
        raise Refused(_("Only a person takes a case on."))
    free = Task.objects.of(actor.organisation).filter(pk=number, state=Task.State.OPEN)
    free = free.filter(Q(claimed_by=None) | Q(claimed_by_id=actor.user_id))
    with transaction.atomic():
        if not free.update(claimed_by_id=actor.user_id, claimed_at=now(actor.organisation)):
            raise Refused(_("Somebody else has this case, or it is no longer there."))
        if found.claimed_by_id != actor.user_id:
            audit.record(actor, "task.claim", f"task:{found.key}")
    found.refresh_from_db()
    return found


def claim_next(actor: Actor, *, kind: str = "", after: Task | None = None) -> Task | None:
    """Take on the most useful case that is free; nothing where there is none."""
    actor.need(Right.WORK)
    for _attempt in range(20):
        task = next_task(actor, kind=kind, after=after)
        if task is None:
            return None
        try:
            return claim(actor, task=task)
        except Refused:
            continue
    return None


def give_back(actor: Actor, *, task: Task | int) -> Task:
    """Let go of a case that one has claimed; who approves may take it from anybody."""
    actor.need(Right.WORK)
    number = getattr(task, "pk", task)
    found: Task = row_for(actor, Task, related=("customer",), pk=number)
    rows = Task.objects.of(actor.organisation).filter(pk=number, state=Task.State.OPEN)
    if not actor.may(Right.APPROVE):
        rows = rows.filter(claimed_by_id=actor.user_id)
    with transaction.atomic():
        if not rows.exclude(claimed_by=None).update(claimed_by=None, claimed_at=None):
            raise Refused(_("This case is not yours."))
        audit.record(actor, "task.give_back", f"task:{found.key}")
    found.refresh_from_db()
    return found


def see_signal(actor: Actor, *, signal: Signal | int) -> Signal:
    """Put a signal away: somebody has seen it."""
    actor.need(Right.SEE)
    found: Signal = row_for(actor, Signal, pk=getattr(signal, "pk", signal))
    if found.seen_at is None:
        with transaction.atomic():
            found.seen_at, found.seen_by = now(actor.organisation), actor.name[:200]
            found.save(update_fields=["seen_at", "seen_by"])
            audit.record(actor, "signal.see", f"signal:{found.key}")
    return found
