"""Work for people: cases in the order of what a person changes most, within the day's capacity."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.clock import now, zone
from tenor.platform.core.models import Membership, Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.decisions.live import live_policy
from tenor.platform.decisions.models import Signal, Task
from tenor.platform.governance.queries import strategies

# The order of the list: what a person is expected to change.
ORDER = ("-value", "pk")


@dataclass(frozen=True)
class Capacity:
    """The day's room for calls: how many fit in all, how many were made, how many are left.

    `per_day` is nothing where the rules set no bound. `minutes` is what one is thought to take.
    """

    per_day: int | None
    done: int
    mine: int
    minutes: int
    minutes_spent: Decimal

    @property
    def left(self) -> int | None:
        """Return how many calls still fit today."""
        return None if self.per_day is None else max(0, self.per_day - self.done)


@dataclass(frozen=True)
class Worklist:
    """What somebody works on, and what is free for them, the most useful first."""

    mine: Sequence[Task]
    free: Sequence[Task]
    counts: dict[str, int]
    others: int
    capacity: Capacity
    after: str = ""


def worklist(
    member: Membership | Actor,
    *,
    kind: str = "",
    skill: str = "",
    everything: bool = False,
    after: str = "",
    limit: int = 50,
) -> Worklist:
    """Return somebody's claimed cases and those they can take on.

    A case that asks for a skill is shown to those who have it (`everything`: to all); one whose
    customer has an owner, to the owner first. `after` is where the page before ended.
    """
    person = _member(member)
    open_tasks = _open(person.organisation)
    mine = list(
        open_tasks.filter(claimed_by_id=person.user_id)
        .select_related("customer", "decision")
        .order_by("claimed_at", "pk")
    )
    free = for_member(open_tasks, person, everything=everything)
    if kind:
        free = free.filter(kind=kind)
    if skill:
        free = free.filter(skill=skill)
    counts = dict(free.order_by().values_list("kind").annotate(n=Count("pk")))
    page = free
    if after:
        value, _sign, number = after.rpartition("_")
        page = page.filter(Q(value__lt=float(value)) | Q(value=float(value), pk__gt=int(number)))
    found = list(page.select_related("customer", "decision").order_by(*ORDER)[: limit + 1])
    more = len(found) > limit
    last = found[limit - 1] if more else None
    taken = open_tasks.exclude(claimed_by=None).exclude(claimed_by_id=person.user_id)
    return Worklist(
        mine=mine,
        free=found[:limit],
        counts=counts,
        others=taken.count(),
        capacity=capacity_of(person),
        after=f"{last.value!r}_{last.pk}" if last else "",
    )


def for_member(tasks: Any, person: Membership, *, everything: bool = False) -> Any:
    """Return the free ones among `tasks` that this person can take on."""
    free = tasks.filter(claimed_by=None)
    if everything:
        return free
    known = [*person.skills, ""]
    nobodys = Q(customer__owner=None) | Q(customer__owner_id=person.user_id)
    return free.filter(nobodys, skill__in=known)


def next_task(
    member: Membership | Actor, *, kind: str = "", after: Task | None = None
) -> Task | None:
    """Return the case to take next: one of their own, then the most useful free one."""
    person = _member(member)
    tasks = _open(person.organisation).select_related("customer", "decision")
    if kind:
        tasks = tasks.filter(kind=kind)
    if after is not None:
        tasks = tasks.exclude(pk=after.pk)
    mine: Task | None = tasks.filter(claimed_by_id=person.user_id).order_by("claimed_at").first()
    found: Task | None = mine or for_member(tasks, person).order_by(*ORDER).first()
    return found


def capacity_of(member: Membership | Actor) -> Capacity:
    """Return how much of today's room for calls is used."""
    person = _member(member)
    organisation = person.organisation
    start = _midnight(organisation)
    done = Task.objects.of(organisation).filter(
        state=Task.State.DONE, done_at__gte=start, kind=Task.Kind.CALL
    )
    mine = done.filter(claimed_by_id=person.user_id)
    bounds = [c.capacity_per_day for c in live_policy(organisation).channels if c.name == "call"]
    return Capacity(
        per_day=bounds[0] if bounds else None,
        done=done.count(),
        mine=mine.count(),
        minutes=preferences_of(organisation).minutes_per_call,
        minutes_spent=mine.aggregate(n=Sum("minutes"))["n"] or Decimal(0),
    )


def task_for(actor: Actor, number: int) -> Task:
    """Return a case of the actor's organisation, or refuse."""
    related = ("customer", "decision", "claimed_by")
    found: Task = row_for(actor, Task, related=related, pk=number)
    return found


def tasks_of(organisation: Organisation, customer_id: int) -> list[Task]:
    """Return the open cases about a customer."""
    rows = _open(organisation).filter(customer_id=customer_id)
    return list(rows.select_related("claimed_by", "decision").order_by(*ORDER))


def signals(organisation: Organisation, *, seen: bool = False, limit: int = 50) -> list[Signal]:
    """Return what Tenor noticed: what nobody put away yet, or everything."""
    rows = Signal.objects.of(organisation)
    if not seen:
        rows = rows.filter(seen_at=None)
    return list(rows.order_by("-at", "-pk")[:limit])


def skills_of(organisation: Organisation) -> list[str]:
    """Return every skill that a person has or a segment asks for."""
    people = Membership.across.filter(organisation=organisation, is_active=True)
    known = {skill for row in people.values_list("skills", flat=True) for skill in row}
    known |= {row.skill for row in strategies(organisation).values() if row.skill}
    return sorted(known)


def _open(organisation: Organisation) -> Any:
    present = now(organisation)
    rows = Task.objects.of(organisation).filter(state=Task.State.OPEN)
    # A call that is wanted at four is not shown the day before.
    return rows.filter(due_at__lte=_midnight(organisation, present) + timedelta(days=1))


def _midnight(organisation: Organisation, at: datetime | None = None) -> datetime:
    local = (at or now(organisation)).astimezone(zone(organisation))
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def _member(member: Membership | Actor) -> Membership:
    if isinstance(member, Membership):
        return member
    if member.membership is None:
        raise TypeError("a worklist is a person's")
    return member.membership
