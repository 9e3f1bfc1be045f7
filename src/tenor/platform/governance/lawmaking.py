"""Draft an organisation's own reading of the law, submit it, and let somebody else sign for it."""

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from tenor.engine.law.library import shipped
from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Forbidden, Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.governance import law
from tenor.platform.governance.lawtext import NewRow, begin, with_row
from tenor.platform.governance.models import LawExtension

State = LawExtension.State
_LONGEST = 200_000  # characters: more than the longest shipped pack


def draft_law(
    actor: Actor, *, text: str, note: str = "", number: int | None = None
) -> LawExtension:
    """Keep `text` as a draft: a new one, or instead of the actor's own draft `number`.

    A text that cannot be read is refused with every place and what to do about it.
    """
    actor.need(Right.RULES)
    extends = _extends(text)
    with transaction.atomic():
        if number is None:
            version: LawExtension = LawExtension.objects.of(actor.organisation).create(
                number=_next_number(actor),
                jurisdiction=extends,
                text=text,
                note=note.strip(),
                drafted_by_id=actor.user_id,
                drafted_at=clock.now(actor.organisation),
            )
            audit.record(actor, "law.draft", _subject(version), after={"text": text})
            return version
        version = _own(actor, number, State.DRAFT)
        before = {"text": version.text}
        version.jurisdiction, version.text = extends, text
        version.note = note.strip() or version.note
        version.save(update_fields=["jurisdiction", "text", "note"])
        audit.record(actor, "law.draft", _subject(version), before=before, after={"text": text})
    return version


def change_value(
    actor: Actor, *, jurisdiction: str, section: str, name: str, row: NewRow
) -> LawExtension:
    """Let one provision say something else from a day on, in a draft of the actor's.

    In the draft that the actor has for the pack; else in a new one, begun from what is in force.
    """
    actor.need(Right.RULES)
    pack = shipped().get(jurisdiction)
    provision = pack.find(section, name) if pack is not None else None
    if provision is None:
        raise Invalid(_("There is no such provision."), field="name")
    if not row.source.strip():
        raise Invalid(_("Say where this comes from: a source, or your own decision."),
                      field="source")  # fmt: skip
    draft = law.law_draft_of(actor, jurisdiction)
    live = {found.jurisdiction: found for found in law.live_extensions(actor.organisation)}
    basis = draft or live.get(jurisdiction)
    organisation = actor.organisation
    text = basis.text if basis else begin(
        jurisdiction, organisation.slug, clock.today(organisation)
    )  # fmt: skip
    changed = with_row(text, provision, row)
    return draft_law(actor, text=changed, number=draft.number if draft else None)


def submit_law(actor: Actor, *, number: int, note: str) -> LawExtension:
    """Ask somebody else to put the actor's own draft in force; the note says why."""
    actor.need(Right.RULES)
    if not note.strip():
        raise Invalid(_("Say in a few words what this changes and why."), field="note")
    with transaction.atomic():
        version = _own(actor, number, State.DRAFT)
        found = law.check_law(version.text)
        _refuse_broken(found)
        if not found.alters:
            raise Refused(_("This draft changes nothing: its values are those of the pack."))
        version.state, version.note = State.SUBMITTED, note.strip()
        version.submitted_at = clock.now(actor.organisation)
        version.save(update_fields=["state", "note", "submitted_at"])
        audit.record(actor, "law.submit", _subject(version), after={"note": version.note})
    return version


def withdraw_law(actor: Actor, *, number: int) -> LawExtension:
    """Take the actor's own version back: a submitted one is a draft again, a draft is set aside."""
    actor.need(Right.RULES)
    with transaction.atomic():
        version = _own(actor, number, State.SUBMITTED, State.DRAFT)
        before = version.state
        version.state = State.DRAFT if before == State.SUBMITTED else State.RETIRED
        version.submitted_at = None
        version.save(update_fields=["state", "submitted_at"])
        audit.record(actor, "law.withdraw", _subject(version),
                     before={"state": before}, after={"state": version.state})  # fmt: skip
    return version


def approve_law(actor: Actor, *, number: int, because: str = "") -> LawExtension:
    """Put a submitted version in force and retire the one before it: two people, four eyes.

    What is not simply stricter than the shipped pack is approved only by somebody who may sign for
    the law, with a reason.
    """
    with transaction.atomic():
        version = _to_decide(actor, number)
        found = law.check_law(version.text)
        _refuse_broken(found)
        if found.to_sign:
            _need_to_sign(actor)
            _need_reason(because)
        version.signed_off = bool(found.to_sign)
        _take_the_place(actor, version, "law.approve", found, because)
    return version


def put_in_force(actor: Actor, version: LawExtension, *, because: str, signed: bool) -> None:
    """Put a version in force whose approvals were asked for elsewhere; the one before it rests.

    `signed` by somebody who answers for the law: what is not simply stricter is refused without.
    One that was in force before comes back as it was: what nobody signed for does not hold.
    """
    with transaction.atomic():
        row: LawExtension = row_for(actor, LawExtension, number=version.number, lock=True)
        if row.state == State.LIVE:
            return
        found = law.check_law(row.text)
        _refuse_broken(found)
        if found.to_sign and not signed and row.state != State.RETIRED:
            raise Refused(
                _("This is not simply stricter than the law: a compliance officer signs for it.")
            )
        row.signed_off = row.signed_off or (signed and bool(found.to_sign))
        _take_the_place(actor, row, "law.put_in_force", found, because)


def reject_law(actor: Actor, *, number: int, because: str) -> LawExtension:
    """Turn a submitted version down, with the reason for the one who wrote it."""
    _need_reason(because)
    with transaction.atomic():
        version = _to_decide(actor, number)
        _decide(actor, version, State.REJECTED, because)
        audit.record(actor, "law.reject", _subject(version), after={"because": because.strip()})
    return version


def end_law(actor: Actor, *, number: int, because: str) -> LawExtension:
    """Take a version out of force: the shipped pack alone holds again, with a signature for it."""
    _need_to_sign(actor)
    _need_reason(because)
    with transaction.atomic():
        version: LawExtension = row_for(actor, LawExtension, number=number, lock=True)
        if version.state != State.LIVE:
            raise Refused(_("Version %(number)s is not in force.") % {"number": number})
        version.state = State.RETIRED
        version.save(update_fields=["state"])
        audit.record(actor, "law.end", _subject(version), before={"text": version.text},
                     after={"because": because.strip()})  # fmt: skip
    return version


def _extends(text: str) -> str:
    if len(text) > _LONGEST:
        raise Invalid(_("This text is too long to be a pack."), field="text")
    wrong = law.check_law(text).wrong
    if wrong:
        raise Invalid("\n".join(wrong), field="text")
    return law.extension_of(text).extends


def _refuse_broken(found: law.LawCheck) -> None:
    if found.wrong:
        raise Refused("\n".join(found.wrong))
    if found.failed:
        names = ", ".join(outcome.case.id for outcome in found.failed)
        raise Refused(_("Its own cases fail: %(names)s.") % {"names": names})


def _need_to_sign(actor: Actor) -> None:
    if not actor.may(Right.LAW):
        raise Forbidden(
            _("This is not simply stricter than the law: a compliance officer signs for it.")
        )


def _need_reason(because: str) -> None:
    if not because.strip():
        raise Invalid(_("Say why: the reason is kept with the version."), field="because")


def _next_number(actor: Actor) -> int:
    highest = LawExtension.objects.of(actor.organisation).aggregate(top=Max("number"))["top"]
    return (highest or 0) + 1


def _own(actor: Actor, number: int, *states: str) -> LawExtension:
    version: LawExtension = row_for(actor, LawExtension, number=number, lock=True)
    if version.state not in states:
        raise Refused(
            _("Version %(number)s is %(state)s: this can no longer be done.")
            % {"number": number, "state": version.get_state_display().lower()}
        )
    if version.drafted_by_id != actor.user_id:
        raise Forbidden(_("Somebody else wrote this version: begin a draft of your own from it."))
    return version


def _to_decide(actor: Actor, number: int) -> LawExtension:
    actor.need(Right.RULES_APPROVE)
    if actor.user_id is None:
        raise Forbidden(_("A person decides about the law."))
    version: LawExtension = row_for(actor, LawExtension, number=number, lock=True)
    if version.state != State.SUBMITTED:
        raise Refused(_("Version %(number)s waits for nobody's word.") % {"number": number})
    if version.drafted_by_id == actor.user_id:
        raise Forbidden(_("You wrote this version: somebody else approves it."))
    return version


def _take_the_place(
    actor: Actor, version: LawExtension, verb: str, found: law.LawCheck, because: str
) -> None:
    """Make a version the one in force of its pack, and retire the one before it."""
    live = LawExtension.objects.of(actor.organisation).filter(
        state=State.LIVE, jurisdiction=version.jurisdiction
    )
    before = live.select_for_update().first()
    if before is not None:
        before.state = State.RETIRED
        before.save(update_fields=["state"])
    _decide(actor, version, State.LIVE, because)
    audit.record(
        actor, verb, _subject(version),
        before=None if before is None else {"number": before.number, "text": before.text},
        after={
            "number": version.number, "text": version.text, "because": because.strip(),
            "changes": [f"{c.kind}: {c.provision.id}: {c.words}" for c in found.changes],
        },
    )  # fmt: skip


def _decide(actor: Actor, version: LawExtension, state: str, because: str) -> None:
    version.state, version.decided_by_id = state, actor.user_id
    version.decided_at, version.decided_because = clock.now(actor.organisation), because.strip()
    version.save(
        update_fields=["state", "decided_by", "decided_at", "decided_because", "signed_off"]
    )


def _subject(version: LawExtension) -> str:
    return f"law:{version.number}"
