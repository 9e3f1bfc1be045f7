"""Draft rules, submit them, and let somebody else put them in force."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from tenor.engine.errors import PolicyError
from tenor.engine.features.segments import SEGMENTS
from tenor.engine.policy.policyfile import Policy, parse_policy
from tenor.platform.core import audit, clock, jobs
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Forbidden, Invalid, Refused
from tenor.platform.core.models import Job
from tenor.platform.core.roles import Right
from tenor.platform.governance import queries
from tenor.platform.governance.defaults import default_policy
from tenor.platform.governance.models import PolicyVersion, SegmentStrategy
from tenor.platform.governance.segments import changed_policy

State = PolicyVersion.State
_LONGEST = 100_000  # characters: far above what rules need, far below what hurts


def put_default_in_force(actor: Actor, *, text: str = "") -> PolicyVersion:
    """Give an organisation without rules some to begin with; else change nothing.

    Those of `text`, or cautious ones that suit most.
    """
    organisation = actor.organisation
    text = text or default_policy(organisation.currency, organisation.country)
    read(text)
    with transaction.atomic():
        found = queries.live_policy_version(actor.organisation)
        if found is not None:
            return found
        now = clock.now(actor.organisation)
        version: PolicyVersion = PolicyVersion.objects.of(actor.organisation).create(
            number=_next_number(actor),
            text=text,
            note=_("The rules to begin with"),
            state=State.LIVE,
            drafted_at=now,
            submitted_at=now,
            decided_at=now,
        )
        audit.record(actor, "policy.begin", _subject(version), after={"text": version.text})
    return version


def draft_policy(
    actor: Actor, *, text: str, note: str = "", number: int | None = None
) -> PolicyVersion:
    """Keep `text` as a draft: a new one, or instead of the actor's own draft `number`.

    A text that the engine cannot read is refused with every place and the nearest key.
    """
    actor.need(Right.RULES)
    read(text)
    with transaction.atomic():
        if number is None:
            version = _new_draft(actor, text, note)
            audit.record(actor, "policy.draft", _subject(version), after={"text": text})
            return version
        version = _own(actor, number, State.DRAFT)
        before = {"text": version.text, "note": version.note}
        if version.text != text:
            version.dry_run = {}
        version.text, version.note = text, note.strip() or version.note
        version.save(update_fields=["text", "note", "dry_run"])
        audit.record(actor, "policy.draft", _subject(version), before=before,
                     after={"text": text, "note": version.note})  # fmt: skip
    return version


def submit_policy(actor: Actor, *, number: int, note: str) -> PolicyVersion:
    """Ask somebody else to put the actor's own draft in force; the note says why."""
    actor.need(Right.RULES)
    if not note.strip():
        raise Invalid(_("Say in a few words what this changes and why."), field="note")
    with transaction.atomic():
        version = _own(actor, number, State.DRAFT)
        live = queries.live_policy_version(actor.organisation)
        if live is not None and read(version.text).version == read(live.text).version:
            raise Refused(_("This draft changes nothing: its values are those in force."))
        version.state, version.note = State.SUBMITTED, note.strip()
        version.submitted_at = clock.now(actor.organisation)
        version.save(update_fields=["state", "note", "submitted_at"])
        audit.record(actor, "policy.submit", _subject(version), after={"note": version.note})
    return version


def withdraw_policy(actor: Actor, *, number: int) -> PolicyVersion:
    """Take the actor's own version back: a submitted one is a draft again, a draft is set aside."""
    actor.need(Right.RULES)
    with transaction.atomic():
        version = _own(actor, number, State.SUBMITTED, State.DRAFT)
        before = version.state
        version.state = State.DRAFT if before == State.SUBMITTED else State.RETIRED
        version.submitted_at = None
        version.save(update_fields=["state", "submitted_at"])
        audit.record(actor, "policy.withdraw", _subject(version),
                     before={"state": before}, after={"state": version.state})  # fmt: skip
    return version


def approve_policy(actor: Actor, *, number: int, because: str = "") -> PolicyVersion:
    """Put a submitted version in force and retire the one before it: four eyes, two people."""
    with transaction.atomic():
        version = _to_decide(actor, number)
        live = queries.live_policy_version(actor.organisation)
        if live is not None:
            live.state = State.RETIRED
            live.save(update_fields=["state"])
        _decide(actor, version, State.LIVE, because)
        before = None if live is None else {"number": live.number, "text": live.text}
        audit.record(actor, "policy.approve", _subject(version), before=before,
                     after={"number": version.number, "text": version.text})  # fmt: skip
    return version


def reject_policy(actor: Actor, *, number: int, because: str) -> PolicyVersion:
    """Turn a submitted version down, with the reason for the one who wrote it."""
    if not because.strip():
        raise Invalid(_("Say why, so that the next draft can be better."), field="because")
    with transaction.atomic():
        version = _to_decide(actor, number)
        _decide(actor, version, State.REJECTED, because)
        audit.record(actor, "policy.reject", _subject(version), after={"because": because.strip()})
    return version


def put_in_force(actor: Actor, version: PolicyVersion, *, because: str) -> None:
    """Put a version in force whose approvals were asked for elsewhere; the one before it rests."""
    with transaction.atomic():
        live = queries.live_policy_version(actor.organisation)
        if live is not None and live.pk == version.pk:
            return
        if live is not None:
            live.state = State.RETIRED
            live.save(update_fields=["state"])
        _decide(actor, version, State.LIVE, because)
        audit.record(actor, "policy.put_in_force", _subject(version),
                     before=live and {"number": live.number, "text": live.text},
                     after={"number": version.number, "text": version.text})  # fmt: skip


def request_dry_run(actor: Actor, *, number: int) -> Job:
    """Work out on today's portfolio what a version would change; the answer is kept with it."""
    actor.need(Right.RULES)
    version = queries.version_numbered(actor, number)
    # Once a version, its values and the present instant: asking twice waits for the same answer.
    moment = clock.now(actor.organisation).isoformat()
    digest = read(version.text).version
    key = f"dry-run:{actor.organisation.pk}:{number}:{digest}:{moment[:16]}"
    return jobs.put("dry_run", key=key, organisation=actor.organisation, number=number)


def keep_dry_run(actor: Actor, *, number: int, figures: dict[str, Any]) -> None:
    """Keep what a dry run found, as long as the version's values are still those it ran with."""
    with transaction.atomic():
        version: PolicyVersion = row_for(actor, PolicyVersion, number=number, lock=True)
        if read(version.text).version == figures["version"]:
            version.dry_run = figures
            version.save(update_fields=["dry_run"])


def set_strategy(
    actor: Actor,
    *,
    segment: str,
    automatic: bool,
    automatic_below: str = "",
    skill: str = "",
    policy_changes: dict[str, Any] | None = None,
) -> SegmentStrategy:
    """Say what holds for a segment: whether a person gates it, who works on it, which rules differ.

    Letting a segment go without a person is a matter of approving, not of drafting.
    """
    actor.need(Right.RULES)
    if segment not in SEGMENTS:
        raise Invalid(_("There is no segment %(name)s.") % {"name": segment}, field="segment")
    below = _amount(automatic_below)
    with transaction.atomic():
        found = SegmentStrategy.objects.of(actor.organisation).filter(segment=segment)
        row = found.select_for_update().first()
        before = None if row is None else _strategy(row)
        row = row or SegmentStrategy(organisation=actor.organisation, segment=segment)
        if automatic and (not row.automatic or _wider(below, row.automatic_below)):
            _need_to_automate(actor)
        row.automatic, row.automatic_below, row.skill = automatic, below, skill.strip()
        if policy_changes is not None:
            row.policy_changes = _fitting(actor, policy_changes)
        row.save()
        if before != _strategy(row):
            audit.record(actor, "strategy.set", f"segment:{segment}",
                         before=before, after=_strategy(row))  # fmt: skip
    return row


def read(text: str) -> Policy:
    """Read policy text as the engine does, or refuse with what it said of each place."""
    if len(text) > _LONGEST:
        raise Invalid(_("This text is too long to be rules."), field="text")
    try:
        return parse_policy(text)
    except PolicyError as error:
        raise Invalid(str(error).removeprefix("policy: "), field="text") from None


def _new_draft(actor: Actor, text: str, note: str) -> PolicyVersion:
    draft: PolicyVersion = PolicyVersion.objects.of(actor.organisation).create(
        number=_next_number(actor),
        text=text,
        note=note.strip(),
        drafted_by_id=actor.user_id,
        drafted_at=clock.now(actor.organisation),
    )
    return draft


def _next_number(actor: Actor) -> int:
    highest = PolicyVersion.objects.of(actor.organisation).aggregate(top=Max("number"))["top"]
    return (highest or 0) + 1


def _own(actor: Actor, number: int, *states: str) -> PolicyVersion:
    """Return a version that the actor wrote and that is in one of these states, locked."""
    version: PolicyVersion = row_for(actor, PolicyVersion, number=number, lock=True)
    if version.state not in states:
        raise Refused(
            _("Version %(number)s is %(state)s: this can no longer be done.")
            % {"number": number, "state": version.get_state_display().lower()}
        )
    if version.drafted_by_id != actor.user_id:
        raise Forbidden(_("Somebody else wrote this version: begin a draft of your own from it."))
    return version


def _to_decide(actor: Actor, number: int) -> PolicyVersion:
    """Return a submitted version that the actor may decide about, locked."""
    actor.need(Right.RULES_APPROVE)
    if actor.user_id is None:
        raise Forbidden(_("A person decides about rules."))
    version: PolicyVersion = row_for(actor, PolicyVersion, number=number, lock=True)
    if version.state != State.SUBMITTED:
        raise Refused(_("Version %(number)s waits for nobody's word.") % {"number": number})
    if version.drafted_by_id == actor.user_id:
        raise Forbidden(_("You wrote this version: somebody else approves it."))
    return version


def _decide(actor: Actor, version: PolicyVersion, state: str, because: str) -> None:
    version.state, version.decided_by_id = state, actor.user_id
    version.decided_at, version.decided_because = clock.now(actor.organisation), because.strip()
    version.save(update_fields=["state", "decided_by", "decided_at", "decided_because"])


def _subject(version: PolicyVersion) -> str:
    return f"policy:{version.number}"


def _amount(text: str) -> Decimal | None:
    if not str(text).strip():
        return None
    try:
        amount = Decimal(str(text).strip())
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or not 0 <= amount < Decimal(10**12):
        raise Invalid(_("This is no amount."), field="automatic_below")
    return amount


def _wider(new: Decimal | None, old: Decimal | None) -> bool:
    return old is not None and (new is None or new > old)


def _need_to_automate(actor: Actor) -> None:
    if not (actor.may(Right.APPROVE) or actor.may(Right.RULES_APPROVE)):
        raise Forbidden(_("Letting contacts go without a person asks the right to approve."))


def _fitting(actor: Actor, changes: dict[str, Any]) -> dict[str, Any]:
    """Return the changes where the rules in force can be read with each of them."""
    live = queries.live_policy_version(actor.organisation)
    changed_policy(read(live.text if live else ""), changes)
    return changes


def _strategy(row: SegmentStrategy) -> dict[str, Any]:
    return {
        "automatic": row.automatic,
        "automatic_below": row.automatic_below,
        "skill": row.skill,
        "policy_changes": row.policy_changes,
    }
