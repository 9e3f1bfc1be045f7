"""The kinds of jobs, each a few lines: load, call, put down what follows."""

from datetime import timedelta

from django.db import connection

from tenor.platform.core import clock, jobs
from tenor.platform.core.actor import system
from tenor.platform.core.jobs import Claim, task
from tenor.platform.core.models import Job
from tenor.platform.decisions.runs import refresh, unsent
from tenor.platform.jobs import sending
from tenor.platform.jobs.day import run_day
from tenor.platform.ledger.actions import settle_agreements
from tenor.platform.monitoring.actions import watch as watch_all
from tenor.platform.outreach.batches import close_due
from tenor.platform.paying.actions import look_at_open
from tenor.platform.privacy import actions as privacy
from tenor.platform.privacy import expiry
from tenor.platform.replies import actions as coming_back
from tenor.platform.replies import mailbox

# Done work is kept so long, for those who wonder what happened.
_KEPT = timedelta(days=30)


@task("day")
def day(claim: Claim) -> None:
    """Do the organisation's day, or what is left of it."""
    run_day(claim.organisation)


@task("watch")
def watch(claim: Claim) -> None:
    """Look whether facts, chances, outcomes or the world have moved."""
    watch_all(claim.organisation)


@task("send")
def send(claim: Claim) -> None:
    """Make messages of what was approved meanwhile, and send those whose moment has come."""
    sending.send_all_due(claim.organisation)


@task("listen")
def listen(claim: Claim) -> None:
    """Look for customers who did something telling since the last time."""
    seen = refresh.seen_since(claim.organisation, claim.job.payload.get("after"))
    Job.objects.filter(pk=claim.job.pk).update(payload={"after": seen.until})
    for customer_key, event in seen.customers:
        jobs.put(
            "refresh",
            key=f"refresh:{claim.organisation.pk}:{event}:{customer_key}"[:200],
            organisation=claim.organisation,
            customer=customer_key,
        )


@task("refresh")
def decide_again(claim: Claim) -> None:
    """Decide anew about one customer who did something telling."""
    refresh.decide_again(claim.organisation, claim.job.payload["customer"])


@task("replies")
def replies(claim: Claim) -> None:
    """Read the mailbox, follow news that had to wait, and answer who asks who writes."""
    organisation = claim.organisation
    mailbox.poll(organisation)
    coming_back.apply_waiting(organisation)
    coming_back.settle_done(organisation)
    coming_back.answer_due(organisation)


@task("erase")
def erase(claim: Claim) -> None:
    """Carry out the erasure of a person that somebody ordered, or what is left of it."""
    number = claim.job.payload["request"]
    privacy.go_on(system(claim.organisation), request_id=number, report=claim.progress)


@task("letters")
def letters(claim: Claim) -> None:
    """Close the batch of letters that is open."""
    close_due(claim.organisation)


@task("settle")
def settle(claim: Claim) -> None:
    """End what is over, see what was kept or missed, and say what is late in going out."""
    settle_agreements(system(claim.organisation))
    unsent.notice_unsent(claim.organisation)
    sending.say_if_silent(claim.organisation)


@task("checkouts")
def checkouts(claim: Claim) -> None:
    """Ask about payments that were begun and of which no news came."""
    look_at_open(claim.organisation)


@task("expire")
def expire(claim: Claim) -> None:
    """Remove personal data that nothing keeps any longer."""
    expiry.expire(claim.organisation)


@task("tidy")
def tidy(claim: Claim) -> None:
    """Forget work that was done long ago; let SQLite look again at how its rows lie."""
    Job.objects.filter(state=Job.State.DONE, finished_at__lt=clock.real_now() - _KEPT).delete()
    if connection.vendor == "sqlite":  # PostgreSQL does so by itself
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA optimize")
