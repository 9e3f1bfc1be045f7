"""Whose word a release needs and has: parts of the house, a person each, never its author."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Forbidden, Invalid, Refused
from tenor.platform.core.models import Membership
from tenor.platform.core.preferences import ANY_SIGNER, preferences_of
from tenor.platform.core.roles import Right, Role
from tenor.platform.releases.models import Approval, Release, Training
from tenor.platform.releases.parts import carried
from tenor.platform.releases.passing import locked, named, pass_on
from tenor.platform.releases.proof import untold

State = Release.State
LEGAL = "legal"
# For which part of the house each role signs; an agent signs for none.
GROUPS = {
    Role.CREDIT_MANAGER: "finance",
    Role.COMPLIANCE: LEGAL,
    Role.ANALYST: "data",
    Role.ADMINISTRATOR: "operations",
}
# A word can be taken back until everybody is decided by it.
_REVOCABLE = (State.SUBMITTED, State.APPROVED, State.SHADOW, State.CANARY)
_LONGEST = 500
_PARTS = ("organisation", "policy", "predictor", "law")


def group_of(actor: Actor) -> str:
    """Return for which part of the house a person signs; nothing where for none."""
    if actor.membership is None or not actor.may(Right.RELEASE):
        return ""
    return GROUPS.get(Role(actor.membership.role), "")


def seal_of(release: Release) -> str:
    """Return the digest of what is signed: the evidence, and each version as it reads."""
    mine = carried(release)
    signed = {
        "evidence": release.evidence,
        "predictor": mine.predictor.version if mine.predictor else "",
        "policy": mine.policy.text if mine.policy else "",
    }
    if mine.law is not None:
        signed["law"] = mine.law.text
    if mine.texts:
        signed["texts"] = [[text.pk, text.subject, text.body] for text in mine.texts]
    text = json.dumps(signed, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def authors_of(release: Release) -> set[int]:
    """Return who may not sign: who opened it, wrote what it carries, or asked for its predictor."""
    mine = carried(release)
    people = {release.author_id, *(text.submitted_by_id for text in mine.texts)}
    people |= {row.drafted_by_id for row in (mine.policy, mine.law) if row is not None}
    if release.predictor_id is not None:
        trainings = Training.objects.of(release.organisation_id)
        asked = trainings.filter(predictor_id=release.predictor_id)
        people |= set(asked.values_list("by_id", flat=True))
    return {number for number in people if number is not None}


def standing(release: Release) -> list[Approval]:
    """Return the words that count: of people who are still what they were, on this evidence."""
    rows = Approval.objects.of(release.organisation_id).filter(release=release, revoked_at=None)
    members = Membership.objects.of(release.organisation_id).filter(is_active=True)
    roles = dict(members.values_list("user_id", "role"))
    seal, authors = seal_of(release), authors_of(release)
    return [
        row
        for row in rows
        if row.by_id in roles
        and row.by_id not in authors
        and GROUPS.get(Role(roles[row.by_id])) == row.group
        and row.seal == seal
    ]


def missing(needed: Sequence[str], signed: Collection[str]) -> tuple[str, ...]:
    """Return whose word is still needed, where these parts of the house have given theirs.

    "any" is met by a part that is not named otherwise and meets no other "any".
    """
    wanted = Counter(needed)
    anybody = wanted.pop(ANY_SIGNER, 0)
    spare = len(set(signed) - set(wanted))
    return (*(g for g in wanted if g not in signed), *[ANY_SIGNER] * max(0, anybody - spare))


def needed_of(release: Release) -> tuple[str, ...]:
    """Return whose word a release needs: as its organisation wishes, and legal's for words and law.

    Who answers for the law signs for what is said to people and for what is lawful, whatever is
    set; theirs counts as one of those of any part.
    """
    needed = list(preferences_of(release.organisation).approvals_needed)
    mine = carried(release)
    if (mine.law is None and not mine.texts) or LEGAL in needed:
        return tuple(needed)
    if ANY_SIGNER in needed:
        needed.remove(ANY_SIGNER)
    return (LEGAL, *needed)


def missing_of(release: Release) -> tuple[str, ...]:
    """Return whose word a release still needs, as its organisation wishes now."""
    return missing(needed_of(release), {row.group for row in standing(release)})


def to_sign(actor: Actor) -> list[Release]:
    """Return the releases that wait for this person's word, the oldest first."""
    if not group_of(actor):
        return []
    rows = Release.objects.of(actor.organisation).filter(state=State.SUBMITTED)
    return [
        release
        for release in rows.select_related(*_PARTS).order_by("number")
        if actor.user_id not in authors_of(release)
        and actor.user_id not in {row.by_id for row in standing(release)}
    ]


def held_up(actor: Actor) -> list[Release]:
    """Return the releases that a rule has stopped and that this person may let go on."""
    if not group_of(actor):
        return []
    return list(Release.objects.of(actor.organisation).exclude(held="").order_by("number"))


def approve(actor: Actor, *, number: int, because: str, seen: Collection[str] = ()) -> Release:
    """Give one's word for a submitted release, with a reason; the last one needed approves it.

    `seen` names the checks that have no answer: whoever signs has to have seen them.
    """
    group = _signer(actor)
    because = _reason(because, _("Say in a few words what you looked at."))
    with transaction.atomic():
        release = locked(actor, number, State.SUBMITTED)
        if actor.user_id in authors_of(release):
            raise Forbidden(_("This is your own work: somebody else gives their word for it."))
        open_ = _need_seen(release, seen)
        rows = Approval.objects.of(actor.organisation).filter(release=release, by_id=actor.user_id)
        mine = rows.filter(revoked_at=None).first()
        if mine is not None and mine in standing(release):
            raise Refused(_("You have given your word for this release already."))
        if mine is not None:
            # Given in another role, or on other evidence: it counts for nothing any more.
            _take_back(actor, mine, _("Given anew."))
        row = Approval.objects.of(actor.organisation).create(
            release=release, by_id=actor.user_id, by_name=actor.name, group=group,
            because=because, at=clock.now(actor.organisation), seal=seal_of(release), seen=open_,
        )  # fmt: skip
        audit.record(
            actor, "release.approve", named(release),
            after={"group": group, "because": because, "seal": row.seal, "seen": open_},
        )  # fmt: skip
        if not missing_of(release):
            pass_on(actor, release, State.APPROVED, _("Every word that is needed has been given."))
    return release


def take_back_own(actor: Actor, *, number: int, because: str) -> Release:
    """Take one's word back, with a reason; call in a transaction."""
    actor.need(Right.RELEASE)
    because = _reason(because, _("Say why, for the others who signed."))
    release = locked(actor, number, *_REVOCABLE)
    rows = Approval.objects.of(actor.organisation).filter(release=release, revoked_at=None)
    mine = rows.filter(by_id=actor.user_id).first()
    if mine is None:
        raise Refused(_("You have given no word for this release."))
    _take_back(actor, mine, because)
    return release


def reject(actor: Actor, *, number: int, because: str) -> Release:
    """Turn a submitted release down, with the reason for whoever made it."""
    _signer(actor)
    because = _reason(because, _("Say why, so that the next one can be better."))
    with transaction.atomic():
        release = locked(actor, number, State.SUBMITTED, State.APPROVED)
        if actor.user_id in authors_of(release):
            raise Forbidden(_("This is your own work: somebody else decides about it."))
        pass_on(actor, release, State.REJECTED, because)
    return release


def _take_back(actor: Actor, row: Approval, because: str) -> None:
    row.revoked_at, row.revoked_because = clock.now(actor.organisation), because
    row.save(update_fields=["revoked_at", "revoked_because"])
    audit.record(actor, "release.revoke", named(row.release),
                 before={"group": row.group}, after={"because": because})  # fmt: skip


def _signer(actor: Actor) -> str:
    """Return for which part of the house the actor signs, or refuse."""
    actor.need(Right.RELEASE)
    group = group_of(actor)
    if actor.user_id is None or not group:
        raise Forbidden(_("A person of finance, legal, data or operations signs for releases."))
    return group


def _need_seen(release: Release, seen: Collection[str]) -> list[str]:
    """Return the checks without an answer; refuse a word of somebody who did not see them."""
    open_ = untold(release.evidence)
    missed = [name for name in open_ if name not in seen]
    if missed:
        raise Invalid(
            _("Say that you have seen what your facts cannot tell: %(names)s.")
            % {"names": ", ".join(missed)},
            field="seen",
        )
    return open_


def _reason(because: str, otherwise: str) -> str:
    if not because.strip():
        raise Invalid(otherwise, field="because")
    return because.strip()[:_LONGEST]
