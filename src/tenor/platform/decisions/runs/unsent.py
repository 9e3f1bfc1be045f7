"""What was approved and due, and never went out: said loudly, never swallowed."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Decision, Run
from tenor.platform.decisions.runs.signals import Noticed, notice_now

State = Decision.State
# The sender comes by every minute: what is this late does not go by itself.
LATE = timedelta(hours=2)


@dataclass(frozen=True)
class Yesterday:
    """Of the plans before this one: contacts that went out, and that were due and did not."""

    went: int = 0
    unsent: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


def yesterday_of(run: Run) -> Yesterday:
    """Look at what earlier plans left, before this one decides anew."""
    earlier = Decision.objects.of(run.organisation_id).filter(run__day__lt=run.day)
    latest = earlier.order_by("-run__day").values_list("run_id", flat=True).first()
    if latest is None:
        return Yesterday()
    went = earlier.filter(run_id=latest, state=State.HANDED_OVER).count()
    return Yesterday(went, _due(earlier, clock.now(run.organisation)).count())


def notice_unsent(organisation: Organisation) -> int:
    """Put up a signal where approved contacts are long due; return how many contacts."""
    now = clock.now(organisation)
    rows = Decision.objects.of(organisation).filter(run__day=clock.today(organisation))
    count = int(_due(rows, now - LATE).count())
    if count:
        notice_now(organisation, Noticed("unsent", "danger", {"count": count}))
    return count


def _due(rows: Any, now: datetime) -> Any:
    """Return the approved contacts whose moment has passed and that nothing was made of."""
    return rows.filter(state=State.APPROVED, send_at__lte=now).exclude(channel="")
