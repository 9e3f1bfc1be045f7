"""The way of a release after its words were given: shadow, canary, live, and back."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Forbidden, Invalid, Refused
from tenor.platform.core.preferences import preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.decisions.runs.recall import recall
from tenor.platform.releases import canary, parts
from tenor.platform.releases.models import Release
from tenor.platform.releases.passing import locked, note, pass_on
from tenor.platform.releases.signing import (
    LEGAL,
    approve,
    authors_of,
    group_of,
    missing_of,
    standing,
    take_back_own,
)

State = Release.State
ON_TRIAL = (State.SHADOW, State.CANARY)
_LONGEST = 500


def begin_shadow(actor: Actor, *, number: int, because: str = "") -> Release:
    """Let an approved release decide beside the day; nothing is sent from it."""
    actor.need(Right.RELEASE)
    with transaction.atomic():
        release = locked(actor, number, State.APPROVED)
        _need_words(release)
        _need_its_turn(actor, release)
        because = because or _("Its turn has come.")
        parts.note_replaced(release)
        pass_on(actor, release, State.SHADOW, because)
    return release


def begin_canary(actor: Actor, *, number: int, because: str, exception: bool = False) -> Release:
    """Let a release hold for a share of customers, drawn by lot; the others are compared.

    One that decides nothing has no shadow: there would be nothing to see.
    """
    actor.need(Right.RELEASE)
    with transaction.atomic():
        release = locked(actor, number, State.SHADOW, State.APPROVED)
        if release.state == State.APPROVED:
            if parts.decides(release):
                raise Refused(_("What decides begins in shadow."))
            _need_its_turn(actor, release)
            parts.note_replaced(release)
        _need_words(release)
        share = preferences_of(actor.organisation).canary_share
        slug = canary.begin(actor, release, share)
        pass_on(actor, release, State.CANARY, because, exception=exception, experiment=slug,
                share=share, share_since=clock.today(actor.organisation))  # fmt: skip
    return release


def widen(actor: Actor, release: Release, *, share: float, because: str) -> None:
    """Give a canary a larger share; call in a transaction that holds its row."""
    canary.widen(actor, release, share)
    release.share, release.share_since = share, clock.today(actor.organisation)
    release.save(update_fields=["share", "share_since"])
    note(actor, release, release.state, because)


def hold(actor: Actor, release: Release, *, because: str) -> None:
    """Keep a release where it is until a person lets it go on; twice is once."""
    if release.held:
        return
    release.held = because[:_LONGEST]
    release.save(update_fields=["held"])
    note(actor, release, release.state, because)


def let_go_on(actor: Actor, *, number: int, because: str) -> Release:
    """Let a release go on that a rule had stopped, or sign that one has seen what it left open."""
    _signature(actor, because)
    with transaction.atomic():
        release = locked(actor, number, *ON_TRIAL, State.LIVE)
        _not_ones_own(actor, release)
        if not release.held:
            raise Refused(_("Nothing holds this release."))
        release.held = ""
        release.save(update_fields=["held"])
        stopped = release.state != State.LIVE
        note(actor, release, release.state, because.strip(), exception=stopped)
    return release


def skip(actor: Actor, *, number: int, because: str) -> Release:
    """Leave out what is left of a step, by the signature of somebody who answers for the law."""
    actor.need(Right.LAW)
    _signature(actor, because)
    with transaction.atomic():
        release = locked(actor, number, State.APPROVED, *ON_TRIAL)
        _not_ones_own(actor, release)
        _need_words(release)
        if release.state == State.APPROVED and parts.decides(release):
            begin_shadow(actor, number=number)
        if release.state != State.CANARY and parts.can_be_tried(release):
            begin_canary(actor, number=number, because=because.strip(), exception=True)
        else:
            go_live(actor, release, because=because.strip(), exception=True)
    release.refresh_from_db()
    return release


def go_live(actor: Actor, release: Release, *, because: str, exception: bool = False) -> None:
    """Let a release hold for everybody; what it takes the place of rests.

    All or nothing: a crash leaves what was live before, and nothing beside it.
    """
    with transaction.atomic():
        parts.note_replaced(release)
        if release.experiment:
            canary.stop(actor, release, because)
        signed = any(row.group == LEGAL for row in standing(release))
        parts.put_in_force(actor, release, because=because, signed=signed)
        pass_on(actor, release, State.LIVE, because, exception=exception, share=1.0)
        retire_overtaken(actor)


def sign(actor: Actor, *, number: int, because: str, seen: Collection[str] = ()) -> Release:
    """Give one's word; with the last one, what can be tried on nobody goes live at once."""
    with transaction.atomic():
        release = approve(actor, number=number, because=because, seen=seen)
        if release.state == State.APPROVED and not parts.can_be_tried(release):
            go_live(actor, release, because=untried(release))
    return release


def untried(release: Release) -> str:
    """Say why a release goes live without having been tried on a share of customers."""
    if release.law_id is not None:
        return _("Law holds for everybody at once: it is never tried on a share.")
    return _("No predictor decides yet: nobody can be compared, so texts go live when signed.")


def retire_overtaken(actor: Actor) -> None:
    """Retire what is called live of which nothing is in force any more."""
    rows = Release.objects.of(actor.organisation).filter(state=State.LIVE)
    for release in rows.select_for_update(of=("self",)):
        if not parts.is_in_force(release):
            pass_on(actor, release, State.RETIRED, _("Another took its place."))


def roll_back(actor: Actor, *, number: int, because: str) -> Release:
    """Go back to what was before a release, at once; on trial, it ends and what is live stays.

    What was planned with it today and has not gone out lapses: nothing more is sent from it. Texts
    and law plan nothing: what goes out is said and checked as they stand then.
    """
    _brake(actor, because)
    with transaction.atomic():
        release = locked(actor, number, State.LIVE, *ON_TRIAL)
        _need_to_change_law(actor, release)
        was_live = release.state == State.LIVE
        if release.experiment and not was_live:
            canary.stop(actor, release, because)
        if was_live:
            parts.restore(actor, release, because=because.strip())
        pass_on(actor, release, State.ROLLED_BACK, because.strip(), share=0.0)
        if was_live:
            _revive(actor, release)
            _recall(release)
        elif release.experiment:
            recall(actor.organisation, experiment=release.experiment)
    return release


def go_back_to(actor: Actor, *, number: int, because: str) -> Release:
    """Put an earlier release in force again, at once: what everybody was decided by before."""
    _brake(actor, because)
    with transaction.atomic():
        release = locked(actor, number, State.RETIRED, State.ROLLED_BACK)
        if release.live_at is None:
            raise Refused(_("This release was never live: there is nothing to go back to."))
        _need_to_change_law(actor, release)
        current = Release.objects.of(actor.organisation).filter(state=State.LIVE)
        for other in current.select_for_update(of=("self",)):
            if parts.overlap(other, release):
                pass_on(actor, other, State.ROLLED_BACK, because.strip(), share=0.0)
        go_live(actor, release, because=because.strip())
        _recall(release)
    return release


def revoke(actor: Actor, *, number: int, because: str) -> Release:
    """Take one's word back, with a reason; what it carried waits for words again."""
    with transaction.atomic():
        release = take_back_own(actor, number=number, because=because)
        fall_back(actor, release)
    return release


def fall_back(actor: Actor, release: Release) -> bool:
    """Bring a release whose words no longer suffice back to where words are asked for.

    Say whether it had to. Call in a transaction that holds its row.
    """
    if release.state == State.SUBMITTED or release.automatic or not missing_of(release):
        return False
    experiment = release.experiment
    if experiment:
        canary.stop(actor, release, _("The words that carried it no longer suffice."))
    pass_on(actor, release, State.SUBMITTED, _("The words that carried it no longer suffice."),
            experiment="", share=0.0, share_since=None)  # fmt: skip
    if experiment:
        recall(actor.organisation, experiment=experiment)
    return True


def on_trial(actor: Actor) -> Release | None:
    """Return the release that is in shadow or canary, if there is one."""
    rows = Release.objects.of(actor.organisation).filter(state__in=ON_TRIAL)
    found: Release | None = rows.first()
    return found


def _revive(actor: Actor, release: Release) -> None:
    """Call the latest releases live again whose parts were put back."""
    rows = Release.objects.of(actor.organisation).exclude(live_at=None).exclude(pk=release.pk)
    rows = rows.filter(state__in=(State.RETIRED, State.ROLLED_BACK))
    back = parts.replaced(release).names()
    for earlier in rows.order_by("-live_at").select_for_update(of=("self",)):
        mine = parts.carried(earlier).names() & back
        if mine:
            back -= mine
            pass_on(actor, earlier, State.LIVE, _("Release %(number)s was rolled back.")
                    % {"number": release.number}, share=1.0)  # fmt: skip


def _recall(release: Release) -> None:
    """Take back what was planned and has not gone out, where a release has planned it."""
    if parts.decides(release):
        recall(release.organisation)


def _need_words(release: Release) -> None:
    if not release.automatic and missing_of(release):
        raise Refused(_("Not every word that is needed stands: somebody took theirs back or left."))


def _need_its_turn(actor: Actor, release: Release) -> None:
    """Refuse a trial beside another one, and one of what cannot be tried so."""
    if not parts.can_be_tried(release):
        raise Refused(_("This cannot be tried on a share of customers."))
    other = on_trial(actor)
    if other is not None:
        raise Refused(
            _("Release %(number)s is on trial: one at a time, so that each is compared with "
              "what is live.") % {"number": other.number}
        )  # fmt: skip


def _signature(actor: Actor, because: str) -> None:
    actor.need(Right.RELEASE)
    if actor.user_id is None or not group_of(actor):
        raise Forbidden(_("A person signs for this."))
    if not because.strip():
        raise Invalid(_("Say why: it stands in the record."), field="because")


def _not_ones_own(actor: Actor, release: Release) -> None:
    if actor.user_id in authors_of(release):
        raise Forbidden(_("This is your own work: somebody else signs for an exception."))


def _need_to_change_law(actor: Actor, release: Release) -> None:
    """Whoever takes the organisation's law out of force answers for it, in a hurry too."""
    if release.law_id is not None:
        actor.need(Right.LAW)


def _brake(actor: Actor, because: str) -> None:
    """Whoever signs for releases may stop them too, and so may whoever approves rules."""
    if not actor.may(Right.RULES_APPROVE):
        actor.need(Right.RELEASE)
    if not because.strip():
        raise Invalid(_("Say why: it stands in the record."), field="because")
