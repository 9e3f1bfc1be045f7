"""Move the clock of a demonstration on."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit, jobs
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, NotFound, Refused
from tenor.platform.core.models import Job
from tenor.platform.core.roles import Right
from tenor.platform.demo import queries
from tenor.platform.demo.world import world_of

# So many days at most in one go: each is planned, sent, paid and planned anew.
MOST_DAYS = 7


def next_day(actor: Actor, *, days: int = 1, approve: bool = False) -> Job:
    """Let the made-up world live on for so many days, in the background.

    Each day what was approved goes out, the payers react, their facts come in, and the next day
    is planned. With `approve` each day's plan is approved as it stands, but for what the rules
    want a person to see.
    """
    actor.need(Right.SEE)
    if approve:
        actor.need(Right.APPROVE)
    organisation = actor.organisation
    row = world_of(organisation) if organisation.synthetic else None
    if row is None:
        raise NotFound(_("Only a made-up organisation has a clock that can be moved."))
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(_("One to seven days at a time."), field="days")
    with transaction.atomic():
        if queries.under_way(organisation) is not None:
            raise Refused(_("The clock is moving already."))
        until = row.played_to + timedelta(days=days)
        job = jobs.put(
            queries.KIND,
            key=f"{queries.KIND}:{organisation.pk}:{row.played_to.date()}:{days}",
            organisation=organisation,
            until=until.isoformat(),
            days=days,
            approve=approve,
        )
        audit.record(actor, "demo.next_day", f"organisation:{organisation.slug}",
                     before={"day": row.played_to.date()},
                     after={"day": until.date(), "approve": approve})  # fmt: skip
    return job
