"""An organisation's own texts: drafted by one person, put in force by another, kept for good."""

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Forbidden, Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.experiments.queries import texts_tried
from tenor.platform.wording.draft import LANGUAGES, TONES, Form, Kind
from tenor.platform.wording.linter import Finding, Level
from tenor.platform.wording.models import Template
from tenor.platform.wording.queries import findings_of

State = Template.State
_LONGEST = 10_000
_OPEN = (State.DRAFT, State.SUBMITTED)


def draft(
    actor: Actor,
    *,
    kind: str,
    form: str,
    tone: str,
    language: str,
    body: str,
    subject: str = "",
    note: str = "",
) -> Template:
    """Keep a text as the draft of its place: a new version, or instead of the draft that is there.

    A draft may have faults, so that work is not lost; they keep it from being submitted.
    """
    actor.need(Right.RULES)
    place = _place(kind, form, tone, language)
    words = _words(body, subject, form)
    rows = Template.objects.of(actor.organisation)
    with transaction.atomic():
        row = rows.select_for_update().filter(**place, state__in=_OPEN).first()
        if row is not None and row.state == State.SUBMITTED:
            raise Refused(_("A version of this text waits for approval: withdraw it first."))
        before = None if row is None else {"subject": row.subject, "body": row.body}
        if row is None:
            row = Template(
                organisation=actor.organisation, number=_next_number(actor, place), **place
            )
        row.subject, row.body = words
        row.note = note.strip()[:500] or row.note
        row.drafted_by, row.drafted_at = actor.name, clock.now(actor.organisation)
        row.save()
        if before != {"subject": row.subject, "body": row.body}:
            audit.record(
                actor, "text.draft", named(row), before=before,
                after={"subject": row.subject, "body": row.body},
            )  # fmt: skip
    return row


def submit(actor: Actor, *, number: int, note: str = "") -> Template:
    """Ask somebody else to put a draft in force; refused with every fault that it has."""
    actor.need(Right.RULES)
    if actor.user_id is None:
        raise Forbidden(_("A person submits a text."))
    with transaction.atomic():
        row = _locked(actor, number, State.DRAFT)
        faults = [one for one in findings_of(row) if one.level is Level.ERROR]
        if faults:
            raise Invalid(_sentence(faults[0]), field=faults[0].part)
        row.state, row.submitted_by_id = State.SUBMITTED, actor.user_id
        row.submitted_at = clock.now(actor.organisation)
        row.note = note.strip()[:500] or row.note
        row.save()
        audit.record(actor, "text.submit", named(row), after={"note": row.note})
    return row


def withdraw(actor: Actor, *, number: int) -> Template:
    """Make a submitted text a draft again."""
    actor.need(Right.RULES)
    with transaction.atomic():
        row = _locked(actor, number, State.SUBMITTED)
        _refuse_tried(actor, row)
        row.state, row.submitted_by, row.submitted_at = State.DRAFT, None, None
        row.save()
        audit.record(actor, "text.withdraw", named(row), before={"state": State.SUBMITTED})
    return row


def approve(actor: Actor, *, number: int) -> Template:
    """Put a submitted text in force and retire the one before it: two people, never one."""
    with transaction.atomic():
        row = _to_decide(actor, number)
        faults = [one for one in findings_of(row) if one.level is Level.ERROR]
        if faults:
            # The lists or the law may have changed since it was submitted.
            raise Invalid(_sentence(faults[0]), field=faults[0].part)
        _take_the_place(actor, row, "text.approve")
    return row


def put_in_force(actor: Actor, row: Template, *, because: str) -> None:
    """Put a version in force whose approvals were asked for elsewhere; the one before it rests.

    One that was in force before comes back as it was; another with a fault is refused.
    """
    with transaction.atomic():
        found: Template = row_for(actor, Template, pk=row.pk, lock=True)
        if found.state == State.LIVE:
            return
        faults = [one for one in findings_of(found) if one.level is Level.ERROR]
        if faults and found.state != State.RETIRED:
            raise Refused(_sentence(faults[0]))
        _take_the_place(actor, found, "text.put_in_force", because)


def take_out(actor: Actor, row: Template, *, because: str) -> None:
    """Take a text out of use that had no own text before it: the built-in one speaks."""
    row.state = State.RETIRED
    row.save(update_fields=["state"])
    audit.record(actor, "text.retire", named(row), before={"state": State.LIVE},
                 after={"because": because})  # fmt: skip


def reject(actor: Actor, *, number: int, because: str) -> Template:
    """Give a submitted text back to its writer as a draft, with the reason."""
    if not because.strip():
        raise Invalid(_("Say why, so that the next draft can be better."), field="because")
    with transaction.atomic():
        row = _to_decide(actor, number)
        _refuse_tried(actor, row)
        row.note = because.strip()[:500]
        _decide(actor, row, State.DRAFT)
        audit.record(actor, "text.reject", named(row), after={"because": row.note})
    return row


def _refuse_tried(actor: Actor, row: Template) -> None:
    """Refuse to open a text to change that a running experiment sends: it would be another one."""
    for (slug, _arm), numbers in texts_tried(actor.organisation).items():
        if row.pk in numbers:
            raise Refused(
                _("The experiment %(name)s sends this text: end it first, under Learning.")
                % {"name": slug}
            )


def retire(actor: Actor, *, number: int) -> Template:
    """Take a text out of use: a draft is set aside, and for a live one the built-in text speaks."""
    actor.need(Right.RULES)
    with transaction.atomic():
        row = _locked(actor, number, State.DRAFT, State.LIVE)
        if row.state == State.LIVE:
            actor.need(Right.RULES_APPROVE)
        before, row.state = row.state, State.RETIRED
        row.save(update_fields=["state"])
        audit.record(actor, "text.retire", named(row), before={"state": before})
    return row


def restore(actor: Actor, *, number: int) -> Template:
    """Begin a new draft with the words of a version that is out of use."""
    actor.need(Right.RULES)
    old: Template = row_for(actor, Template, pk=number)
    return draft(
        actor, kind=old.kind, form=old.form, tone=old.tone, language=old.language,
        subject=old.subject, body=old.body,
        note=_("As version %(number)s") % {"number": old.number},
    )  # fmt: skip


def named(row: Template) -> str:
    """Return how the audit log names a version."""
    return f"text:{row.kind}/{row.form}/{row.tone}/{row.language}:{row.number}"


def _place(kind: str, form: str, tone: str, language: str) -> dict[str, str]:
    for name, value, known in (
        ("kind", kind, list(Kind)), ("form", form, list(Form)), ("tone", tone, TONES),
        ("language", language, LANGUAGES),
    ):  # fmt: skip
        if value not in known:
            raise Invalid(_("There is no %(what)s.") % {"what": value}, field=name)
    return {"kind": str(kind), "form": str(form), "tone": tone, "language": language}


def _words(body: str, subject: str, form: str) -> tuple[str, str]:
    text = "\n".join(line.rstrip() for line in body.replace("\r\n", "\n").strip().splitlines())
    head = " ".join(subject.split())
    if not text:
        raise Invalid(_("Write what the message says."), field="body")
    if len(text) > _LONGEST:
        raise Invalid(_("This is too long."), field="body")
    if form == Form.LONG and not head:
        raise Invalid(_("An e-mail has a subject."), field="subject")
    if len(head) > 300:
        raise Invalid(_("This is too long."), field="subject")
    return head, text


def _next_number(actor: Actor, place: dict[str, str]) -> int:
    rows = Template.objects.of(actor.organisation).filter(**place)
    return (rows.aggregate(top=Max("number"))["top"] or 0) + 1


def _locked(actor: Actor, number: int, *states: str) -> Template:
    row: Template = row_for(actor, Template, pk=number, lock=True)
    if row.state not in states:
        raise Refused(_("This version is no longer one for which that can be done."))
    return row


def _to_decide(actor: Actor, number: int) -> Template:
    actor.need(Right.RULES_APPROVE)
    if actor.user_id is None:
        raise Forbidden(_("A person decides about texts."))
    row = _locked(actor, number, State.SUBMITTED)
    if row.submitted_by_id == actor.user_id:
        raise Forbidden(_("You submitted this text: somebody else approves it."))
    return row


def _take_the_place(actor: Actor, row: Template, verb: str, because: str = "") -> None:
    """Make a version the one in use at its place, and retire the one before it."""
    rows = Template.objects.of(actor.organisation).select_for_update()
    before = rows.filter(
        kind=row.kind, form=row.form, tone=row.tone, language=row.language, state=State.LIVE
    ).first()
    if before is not None:
        before.state = State.RETIRED
        before.save(update_fields=["state"])
    _decide(actor, row, State.LIVE)
    audit.record(
        actor, verb, named(row),
        before=None if before is None else {"number": before.number, "body": before.body},
        after={
            "number": row.number, "subject": row.subject, "body": row.body, "because": because,
        },
    )  # fmt: skip


def _decide(actor: Actor, row: Template, state: str) -> None:
    row.state, row.decided_by_id = state, actor.user_id
    row.decided_at = clock.now(actor.organisation)
    row.save()


def _sentence(finding: Finding) -> str:
    return _("Line %(line)s, “%(words)s”: %(meaning)s") % {
        "line": finding.line, "words": finding.words, "meaning": finding.meaning,
    }  # fmt: skip
