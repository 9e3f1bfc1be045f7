"""What a demonstration is made of, and whether its clock is moving."""

from tenor.platform.core.models import Job, Organisation

# The kind of job that plays days; done in `jobs.demo`, where the day itself is.
KIND = "demo_days"


def under_way(organisation: Organisation) -> Job | None:
    """Return the job that moves the clock on now, nothing where it stands still."""
    rows = Job.objects.filter(organisation=organisation, kind=KIND, state=Job.State.WAITING)
    return rows.order_by("-pk").first()


def last_try(organisation: Organisation) -> Job | None:
    """Return the newest job that moved, moves or should have moved the clock."""
    rows = Job.objects.filter(organisation=organisation, kind=KIND)
    return rows.order_by("-pk").first()
