"""Open a release, say why, and ask others for their word."""

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
from tenor.platform.governance.models import PolicyVersion, PredictorVersion
from tenor.platform.governance.queries import live_policy_version, live_predictor
from tenor.platform.releases.models import Release
from tenor.platform.releases.passing import OPEN, locked, named, pass_on
from tenor.platform.releases.passing import note as note_passage
from tenor.platform.releases.proof import failed, is_stale

State = Release.State
_TITLE, _NOTE = 120, 500


def open_release(
    actor: Actor,
    *,
    title: str,
    note: str = "",
    policy: int | None = None,
    predictor: int | None = None,
) -> Release:
    """Open a release of rules (by their number), of a predictor (by its row), or of both.

    Its evidence is then gathered in the background; nothing is asked of anybody yet.
    """
    actor.need(Right.RULES)
    if not title.strip():
        raise Invalid(_("Give it a name by which the others know it."), field="title")
    rule_row = _policy(actor, policy) if policy is not None else None
    model = _predictor(actor, predictor) if predictor is not None else None
    if rule_row is None and model is None:
        raise Invalid(_("A release changes the rules, the predictor, or both."), field="policy")
    with transaction.atomic():
        release = make(actor, title=title, note=note, policy=rule_row, predictor=model)
        gather_evidence(actor, release)
    return release


def make(
    actor: Actor,
    *,
    title: str,
    note: str = "",
    policy: PolicyVersion | None = None,
    predictor: PredictorVersion | None = None,
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
        policy=policy,
        predictor=predictor,
        recipe=recipe,
        automatic=automatic,
        author_id=actor.user_id,
        author_name=actor.name,
        made_at=clock.now(organisation),
        shadow_days=preferences_of(organisation).shadow_days,
    )
    release.organisation = organisation
    note_passage(
        actor, release, "", release.note, title=release.title, automatic=automatic,
        policy=policy.number if policy else None,
        predictor=predictor.version if predictor else None,
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
        raise Refused(_("Its rules were changed since: have the evidence gathered anew."))
    wrong = failed(release.evidence)
    if wrong:
        raise Refused(
            _("It does not pass: %(checks)s. What fails a check cannot be released.")
            % {"checks": ", ".join(wrong)}
        )
    if release.policy is not None and release.policy.state == PolicyVersion.State.DRAFT:
        rules.submit_policy(actor, number=release.policy.number, note=because)
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
