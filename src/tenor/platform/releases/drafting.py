"""Open a release, say why, and ask others for their word."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from tenor.platform.core import audit, clock, jobs
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Forbidden, Invalid, Refused
from tenor.platform.core.models import Job
from tenor.platform.core.preferences import preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.governance import actions as rules
from tenor.platform.governance import lawmaking
from tenor.platform.governance.models import LawExtension, PolicyVersion, PredictorVersion
from tenor.platform.governance.queries import live_policy_version, live_predictor
from tenor.platform.releases.models import CarriedText, Release
from tenor.platform.releases.parts import Parts, carried
from tenor.platform.releases.passing import OPEN, locked, named, pass_on
from tenor.platform.releases.passing import note as note_passage
from tenor.platform.releases.proof import failed, is_stale
from tenor.platform.wording import actions as wording
from tenor.platform.wording.models import Template

State = Release.State
_TITLE, _NOTE = 120, 500


def open_release(
    actor: Actor,
    *,
    title: str,
    note: str = "",
    policy: int | None = None,
    predictor: int | None = None,
    law: int | None = None,
    texts: Collection[int] = (),
) -> Release:
    """Open a release: of rules and of law by their number, of a predictor and of texts by row.

    Its evidence is then gathered in the background; nothing is asked of anybody yet.
    """
    actor.need(Right.RULES)
    if not title.strip():
        raise Invalid(_("Give it a name by which the others know it."), field="title")
    mine = Parts(
        _predictor(actor, predictor) if predictor is not None else None,
        _policy(actor, policy) if policy is not None else None,
        _law(actor, law) if law is not None else None,
        tuple(_text(actor, number) for number in dict.fromkeys(texts)),
    )
    if not mine.names():
        raise Invalid(
            _("A release changes the rules, the predictor, the law or texts."), field="policy"
        )
    if mine.law is not None and (mine.policy or mine.predictor):
        raise Invalid(
            _("Law holds for everybody at once and is never tried on a share: release it apart "
              "from rules and predictor."), field="law",
        )  # fmt: skip
    with transaction.atomic():
        release = make(actor, title=title, note=note, carries=mine)
        gather_evidence(actor, release)
    return release


def make(
    actor: Actor,
    *,
    title: str,
    carries: Parts,
    note: str = "",
    recipe: str = "",
    automatic: bool = False,
) -> Release:
    """Write a release down as a draft; its parts were found to be free for it."""
    organisation = actor.organisation
    highest = Release.objects.of(organisation).aggregate(top=Max("number"))["top"]
    release: Release = Release.objects.of(organisation).create(
        number=(highest or 0) + 1,
        title=title.strip()[:_TITLE],
        note=note.strip()[:_NOTE],
        policy=carries.policy,
        predictor=carries.predictor,
        law=carries.law,
        recipe=recipe,
        automatic=automatic,
        author_id=actor.user_id,
        author_name=actor.name,
        made_at=clock.now(organisation),
        shadow_days=preferences_of(organisation).shadow_days,
    )
    release.organisation = organisation
    for text in carries.texts:
        CarriedText.objects.of(organisation).create(release=release, text=text)
    note_passage(
        actor, release, "", release.note, title=release.title, automatic=automatic,
        **_told(carries),
    )  # fmt: skip
    return release


def gather_evidence(actor: Actor, release: Release) -> Job:
    """Have the evidence of a draft gathered anew, on the facts up to now."""
    actor.need(Right.RULES)
    if release.state != State.DRAFT:
        raise Refused(_("The evidence stays as it was submitted."))
    now = clock.now(actor.organisation).isoformat()
    return jobs.put(
        "release_evidence",
        key=f"evidence:{actor.organisation.pk}:{release.number}:{now[:16]}",
        organisation=actor.organisation,
        number=release.number,
    )


def keep_evidence(actor: Actor, *, number: int, evidence: dict[str, object]) -> None:
    """Keep what was gathered, where the release is still a draft."""
    with transaction.atomic():
        release: Release = row_for(actor, Release, number=number, lock=True)
        if release.state == State.DRAFT:
            release.evidence = evidence
            release.save(update_fields=["evidence"])
            audit.record(actor, "release.evidence", named(release),
                         after={"failed": failed(evidence)})  # fmt: skip


def submit(actor: Actor, *, number: int, note: str) -> Release:
    """Ask the others for their word on one's own draft; a failed check keeps it where it is."""
    actor.need(Right.RULES)
    if not note.strip():
        raise Invalid(_("Say in a few words what this changes and why."), field="note")
    with transaction.atomic():
        release = _own(actor, number, State.DRAFT)
        release.note = note.strip()[:_NOTE]
        release.save(update_fields=["note"])
        hand_in(actor, release, release.note)
    return release


def hand_in(actor: Actor, release: Release, because: str) -> None:
    """Submit a draft whose evidence passes; call in a transaction that holds its row."""
    if not release.evidence:
        raise Refused(_("The evidence is still being gathered: nothing can be decided without."))
    if is_stale(release):
        raise Refused(_("What it carries was changed since: have the evidence gathered anew."))
    wrong = failed(release.evidence)
    if wrong:
        raise Refused(
            _("It does not pass: %(checks)s. What fails a check cannot be released.")
            % {"checks": ", ".join(wrong)}
        )
    mine = carried(release)
    if mine.policy is not None and mine.policy.state == PolicyVersion.State.DRAFT:
        rules.submit_policy(actor, number=mine.policy.number, note=because)
    if mine.law is not None and mine.law.state == LawExtension.State.DRAFT:
        lawmaking.submit_law(actor, number=mine.law.number, note=because)
    for text in mine.texts:
        if text.state == Template.State.DRAFT:
            wording.submit(actor, number=text.pk, note=because)
    pass_on(actor, release, State.SUBMITTED, because)


def withdraw(actor: Actor, *, number: int) -> Release:
    """Take one's own release back: a submitted one is a draft again, a draft is set aside."""
    actor.need(Right.RULES)
    with transaction.atomic():
        release = _own(actor, number, State.DRAFT, State.SUBMITTED, State.APPROVED)
        after = State.RETIRED if release.state == State.DRAFT else State.DRAFT
        pass_on(actor, release, after, _("Taken back by its author."))
    return release


def _own(actor: Actor, number: int, *states: str) -> Release:
    """Return a release that the actor opened (or Tenor did, by the timetable), held."""
    release = locked(actor, number, *states)
    if release.author_id is not None and release.author_id != actor.user_id:
        raise Forbidden(_("Somebody else opened this release."))
    return release


def _policy(actor: Actor, number: int) -> PolicyVersion:
    version: PolicyVersion = row_for(actor, PolicyVersion, number=number)
    states = (PolicyVersion.State.DRAFT, PolicyVersion.State.SUBMITTED)
    if version.state not in states:
        raise Refused(_("Version %(number)s is no draft.") % {"number": number})
    if version.state == PolicyVersion.State.DRAFT and version.drafted_by_id != actor.user_id:
        raise Forbidden(_("Somebody else is drafting these rules."))
    if Release.objects.of(actor.organisation).filter(policy=version, state__in=OPEN).exists():
        raise Refused(_("There is a release of these rules already."))
    live = live_policy_version(actor.organisation)
    if live is not None and rules.read(version.text).version == rules.read(live.text).version:
        raise Refused(_("This draft changes nothing: its values are those in force."))
    return version


def _law(actor: Actor, number: int) -> LawExtension:
    version: LawExtension = row_for(actor, LawExtension, number=number)
    if version.state not in (LawExtension.State.DRAFT, LawExtension.State.SUBMITTED):
        raise Refused(_("Version %(number)s is no draft.") % {"number": number})
    if version.state == LawExtension.State.DRAFT and version.drafted_by_id != actor.user_id:
        raise Forbidden(_("Somebody else is drafting this law."))
    if Release.objects.of(actor.organisation).filter(law=version, state__in=OPEN).exists():
        raise Refused(_("There is a release of this law already."))
    return version


def _text(actor: Actor, number: int) -> Template:
    row: Template = row_for(actor, Template, pk=number)
    if row.state not in (Template.State.DRAFT, Template.State.SUBMITTED):
        raise Refused(_("Version %(number)s is no draft.") % {"number": row.number})
    rows = CarriedText.objects.of(actor.organisation).filter(text=row, release__state__in=OPEN)
    if rows.exists():
        raise Refused(_("There is a release of this text already."))
    return row


def _told(carries: Parts) -> dict[str, Any]:
    """Return what a release carries as the audit log names it."""
    told: dict[str, Any] = {
        "policy": carries.policy.number if carries.policy else None,
        "predictor": carries.predictor.version if carries.predictor else None,
    }
    if carries.law is not None:
        told["law"] = carries.law.number
    if carries.texts:
        told["texts"] = [wording.named(text) for text in carries.texts]
    return told


def _predictor(actor: Actor, number: int) -> PredictorVersion:
    row: PredictorVersion = row_for(actor, PredictorVersion, pk=number)
    live = live_predictor(actor.organisation)
    if live is not None and live.pk == row.pk:
        raise Refused(_("This predictor is in force already."))
    if row.state != PredictorVersion.State.FITTED:
        raise Refused(_("This predictor was in force before: go back to its release instead."))
    if Release.objects.of(actor.organisation).filter(predictor=row, state__in=OPEN).exists():
        raise Refused(_("There is a release of this predictor already."))
    return row
