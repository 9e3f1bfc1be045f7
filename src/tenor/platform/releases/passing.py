"""Take a release a step further: the row, its passage and the audit log, in one transaction."""

from typing import Any

from django.utils.translation import gettext as _

from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Refused
from tenor.platform.releases.models import Passage, Release

State = Release.State
# Beyond these nothing happens to a release any more, but that it is gone back to.
ENDED = (State.RETIRED, State.REJECTED, State.ROLLED_BACK)
# On its way, and not yet what everybody is decided by.
OPEN = (State.DRAFT, State.SUBMITTED, State.APPROVED, State.SHADOW, State.CANARY)
_VERBS = {
    State.DRAFT: "release.withdraw",
    State.SUBMITTED: "release.submit",
    State.APPROVED: "release.approved",
    State.SHADOW: "release.shadow",
    State.CANARY: "release.canary",
    State.LIVE: "release.live",
    State.RETIRED: "release.retire",
    State.REJECTED: "release.reject",
    State.ROLLED_BACK: "release.roll_back",
}


def named(release: Release) -> str:
    """Return how the audit log names a release."""
    return f"release:{release.number}"


def locked(actor: Actor, number: int, *states: str) -> Release:
    """Return a release in one of these states, held until the transaction ends."""
    release: Release = row_for(actor, Release, number=number, lock=True)
    if release.state not in states:
        raise Refused(
            _("Release %(number)s has gone on meanwhile: look at it again.") % {"number": number}
        )
    return release


def pass_on(
    actor: Actor,
    release: Release,
    after: str,
    because: str,
    *,
    exception: bool = False,
    **changes: Any,
) -> None:
    """Write that a release is now in state `after`; call in the transaction that holds its row.

    `changes` are further fields. `exception` says that a step was left out by this signature.
    """
    before, now = release.state, clock.now(actor.organisation)
    changes |= {"state": after, "held": changes.get("held", "")}
    if after == State.LIVE:
        changes["live_at"], changes["ended_at"] = now, None
    elif after in ENDED:
        changes["ended_at"] = now
    for name, value in changes.items():
        setattr(release, name, value)
    release.save(update_fields=list(changes))
    note(actor, release, before, because, exception=exception)


def note(
    actor: Actor,
    release: Release,
    before: str,
    because: str,
    *,
    exception: bool = False,
    **more: Any,
) -> None:
    """Write down how a release came from `before` to where it is, also where that is the same.

    `before` is empty where it was opened just now; `more` is for the audit log.
    """
    Passage.objects.of(actor.organisation).create(
        release=release, before=before, after=release.state, at=clock.now(actor.organisation),
        by_id=actor.user_id, by_name=actor.name, because=because[:1_000], exception=exception,
    )  # fmt: skip
    audit.record(
        actor, _verb(release, before, exception), named(release), before={"state": before},
        after={"state": release.state, "because": because, "share": release.share, **more},
    )  # fmt: skip


def _verb(release: Release, before: str, exception: bool) -> str:
    if not before:
        return "release.open"
    if exception:
        return "release.exception"
    return "release.change" if before == release.state else _VERBS[State(release.state)]
