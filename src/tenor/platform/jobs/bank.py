"""Take in bank files and look at their lines: a few at once, many in the background."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tenor.platform.banking import actions
from tenor.platform.banking.inbox import pick_up
from tenor.platform.core.actor import Actor, system
from tenor.platform.core.jobs import Claim, put, task
from tenor.platform.core.models import Job

if TYPE_CHECKING:
    from tenor.platform.banking.models import BankFile

# Up to so many lines the person waits for it; more are looked at in the background.
_AT_ONCE = 200


def take_in(
    actor: Actor, files: Sequence[tuple[str, bytes]], *, accept_difference: bool = False
) -> list["BankFile"]:
    """Take in files, and look at their lines now or in the background."""
    taken = actions.take_upload(actor, files=files, accept_difference=accept_difference)
    numbers = [file.pk for file in taken]
    if sum(file.lines - file.known for file in taken) <= _AT_ONCE:
        actions.look_at_lines(actor, files=numbers)
    else:
        key = f"bank.look:{numbers[-1]}"
        put("bank.look", key=key, organisation=actor.organisation, files=numbers)
    return taken


@task("bank.look")
def _look_later(claim: Claim) -> None:
    files = claim.job.payload.get("files", [])
    actions.look_at_lines(system(claim.organisation), files=files, progress=claim.progress)


@task("bank")
def _look_again(claim: Claim) -> None:
    """Take in what lies in the folder, and look again at what waits for an invoice that came."""
    actor = system(claim.organisation)
    pick_up(claim.organisation, lambda name, content: take_in(actor, [(name, content)]))
    actions.look_at_lines(actor)


def progress_of(file: "BankFile") -> dict[str, Any]:
    """Return how far the lines that came last are looked at: `{"done", "of", "text"}`."""
    rows = Job.objects.filter(kind="bank.look", organisation=file.organisation_id)
    job = rows.order_by("-pk").first()
    return job.progress if job else {}
