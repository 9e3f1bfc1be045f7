"""Read requests and what is held about a customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tenor.platform.core import clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.models import Job, Organisation
from tenor.platform.decisions.models import Decision
from tenor.platform.decisions.replay import forgetting
from tenor.platform.ledger.models import Customer
from tenor.platform.privacy import erasing
from tenor.platform.privacy.models import Kept, RightsRequest

KINDS: tuple[str, ...] = tuple(RightsRequest.Kind.values)
# What is due within a week is due soon.
SOON = timedelta(days=7)


@dataclass(frozen=True)
class Due:
    """A request in the list, and how its term stands: "overdue", "soon", "open", or "answered"."""

    request: RightsRequest
    days_left: int
    term: str


def requests(organisation: Organisation, *, answered: bool = False) -> list[Due]:
    """Return the requests that wait, those that are due first at the top; or the answered ones."""
    rows = RightsRequest.objects.of(organisation).select_related("customer", "decision")
    waiting = rows.filter(state=RightsRequest.State.OPEN)
    found = rows.exclude(pk__in=waiting).order_by("-decided_at")[:200] if answered else waiting
    today = clock.today(organisation)
    return [due(row, today) for row in found]


def due(row: RightsRequest, today: date) -> Due:
    """Say how the term of a request stands on a day."""
    left = (row.answer_by - today).days
    if row.state != RightsRequest.State.OPEN:
        return Due(row, left, "answered")
    if left < 0:
        return Due(row, left, "overdue")
    return Due(row, left, "soon" if left <= SOON.days else "open")


@dataclass(frozen=True)
class Erasing:
    """How far an erasure is: `done` of so many days; whether anything is at work on it."""

    done: int
    of: int
    at_work: bool


def erasing_of(row: RightsRequest) -> Erasing | None:
    """Return how far an erasure is that has begun and is not done."""
    if row.state != RightsRequest.State.OPEN or row.erasing_since is None or row.customer is None:
        return None
    of = int(row.erasing.get("of", 0))
    left = len(forgetting.runs_with(row.organisation, row.customer.key))
    waiting = Job.objects.filter(
        organisation=row.organisation_id, kind="erase", state=Job.State.WAITING,
        payload__request=row.pk,
    )  # fmt: skip
    return Erasing(max(of - left, 0), max(of, left), waiting.exists())


def overdue_count(organisation: Organisation) -> int:
    """Return how many requests should have been answered before today."""
    rows = RightsRequest.objects.of(organisation).filter(state=RightsRequest.State.OPEN)
    return int(rows.filter(answer_by__lt=clock.today(organisation)).count())


def request_for(actor: Actor, request_id: int) -> RightsRequest:
    """Return a request of the actor's organisation."""
    row: RightsRequest = row_for(
        actor, RightsRequest, pk=request_id, related=("customer", "decision", "hold", "task")
    )
    return row


def request_of_task(actor: Actor, task_id: int) -> RightsRequest | None:
    """Return the request that a case of the worklist is about."""
    rows = RightsRequest.objects.of(actor.organisation).filter(task_id=task_id)
    found: RightsRequest | None = rows.select_related("customer", "decision").first()
    return found


def may_look_again(actor: Actor, row: RightsRequest) -> bool:
    """Say whether the actor had no part in the decision that a request is about."""
    return actor.user_id is not None and actor.user_id not in row.deciders


def requests_of(organisation: Organisation, customer: Customer) -> list[Due]:
    """Return the requests of a customer, the latest first."""
    today = clock.today(organisation)
    rows = RightsRequest.objects.of(organisation).filter(customer=customer)
    return [due(row, today) for row in rows.select_related("decision").order_by("-received_at")]


def lines_of(organisation: Organisation, customer: Customer) -> list[erasing.Line]:
    """Return what is held about a customer, and what erasure would do with it today."""
    return erasing.lines_of(organisation, customer)


def kept_of(row: RightsRequest) -> Sequence[Kept]:
    """Return what outlived an erasure, those that go first at the top."""
    return list(row.kept.order_by("ended_at", "until", "pk"))


def decisions_of(organisation: Organisation, customer: Customer) -> list[Decision]:
    """Return the latest decisions about a customer, which a person may be asked to look at."""
    rows = Decision.objects.of(organisation).filter(customer=customer)
    return list(rows.order_by("-decided_at", "-pk")[:10])
