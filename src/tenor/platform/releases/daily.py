"""What the day does with releases: a canary moves before it decides, a shadow is kept after."""

from collections.abc import Callable

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenor.engine.errors import InputError
from tenor.engine.frames import Tables
from tenor.engine.release.canary import QUESTION, Move
from tenor.platform.core.actor import Actor, system
from tenor.platform.core.errors import Refused
from tenor.platform.core.models import Organisation
from tenor.platform.decisions import live
from tenor.platform.decisions.models import Run
from tenor.platform.governance.models import Switch
from tenor.platform.governance.queries import live_predictor
from tenor.platform.governance.switches import turned_off
from tenor.platform.releases import canary, going, parts, shadow
from tenor.platform.releases.alarms import alarms_of
from tenor.platform.releases.models import Release
from tenor.platform.releases.passing import locked

State = Release.State


def before_deciding(organisation: Organisation) -> None:
    """Widen, finish or roll back the canary by what is known now; the day decides as it then is.

    Safe to repeat: a share that was widened today stays for its days.
    """
    actor = system(organisation)
    with translation.override(organisation.language), transaction.atomic():
        going.retire_overtaken(actor)
        release = _on_trial(actor)
        if release is None or going.fall_back(actor, release):
            return
        if release.state == State.CANARY:
            _move(actor, release)


def after_deciding(run: Run, known: Callable[[], Tables]) -> None:
    """Keep what the release in shadow would have done today; let it, or the next one, go on.

    `known` gives the facts of the run, asked for only where something is in shadow.
    """
    organisation = run.organisation
    actor = system(organisation)
    with translation.override(organisation.language):
        release = going.on_trial(actor)
        if release is not None and release.state == State.SHADOW:
            if _decides_without(organisation):
                return
            try:
                shadow.keep_day(release, run, known)
            except (InputError, OSError) as error:
                _hold(actor, release.number, str(error))
            else:
                _end_shadow(actor, release.number)
        elif release is None:
            _begin_next(actor)


def _move(actor: Actor, release: Release) -> None:
    step = canary.next_move(actor, release)
    if step.move is Move.ROLL_BACK:
        going.roll_back(actor, number=release.number, because=step.because)
        return
    # While people think about what could not be told, it may yet show itself.
    asked = QUESTION in release.held
    if (release.held and not asked) or _waits(actor, release):
        return
    if asked and step.move in (Move.FINISH, Move.WIDEN):
        release.held = ""
        release.save(update_fields=["held"])
    try:
        with transaction.atomic():
            answer = _answered(release) if step.move is Move.ASK else ""
            because = answer or step.because
            if step.move is Move.ASK and not answer:
                going.hold(actor, release, because=because)
            elif step.move is Move.FINISH or (answer and step.share >= 1.0):
                going.go_live(actor, release, because=because, exception=bool(answer))
            elif step.move is Move.WIDEN or answer:
                going.widen(actor, release, share=step.share, because=because)
    except Refused as refused:
        # A release that cannot go on is no reason to leave a day without a plan.
        release.refresh_from_db()
        going.hold(actor, release, because=refused.message)


def _end_shadow(actor: Actor, number: int) -> None:
    """Begin the canary after its days, where nothing was found that a person should see first."""
    with transaction.atomic():
        release = locked(actor, number, State.SHADOW)
        if going.fall_back(actor, release) or release.held:
            return
        days = shadow.days_of(release)
        if len(days) < release.shadow_days or _waits(actor, release):
            return
        found = shadow.surprise(shadow.total_of(days))
        if found and not _was_let_go(release):
            going.hold(actor, release, because=_surprises()[found])
            return
        because = ngettext(
            "%(days)s day in shadow without surprises.",
            "%(days)s days in shadow without surprises.",
            len(days),
        ) % {"days": len(days)}
        try:
            going.begin_canary(actor, number=number, because=because)
        except Refused as refused:
            going.hold(actor, release, because=refused.message)


def _hold(actor: Actor, number: int, because: str) -> None:
    with transaction.atomic():
        going.hold(actor, locked(actor, number, State.SHADOW), because=because)


def _begin_next(actor: Actor) -> None:
    """Let the approved release that has waited longest begin its shadow."""
    rows = Release.objects.of(actor.organisation).filter(state=State.APPROVED)
    for release in rows.order_by("number"):
        with transaction.atomic():
            held = locked(actor, release.number, State.APPROVED)
            if not going.fall_back(actor, held):
                _begin(actor, held)
                return


def _begin(actor: Actor, release: Release) -> None:
    """Let a release begin its trial: in shadow, or at once with a share where nothing is decided.

    What can be tried on nobody (any more) goes live: it was signed for.
    """
    try:
        with transaction.atomic():
            if parts.decides(release):
                going.begin_shadow(actor, number=release.number)
            elif parts.can_be_tried(release):
                because = _("Texts decide nothing: they begin with a share of customers.")
                going.begin_canary(actor, number=release.number, because=because)
            else:
                going.go_live(actor, release, because=going.untried(release))
    except Refused as refused:
        going.hold(actor, release, because=refused.message)


def _waits(actor: Actor, release: Release) -> bool:
    """Say whether a release stays where it is: nobody is in a canary now, or something alarms.

    What people signed for goes on all the same; what goes by itself waits for a person.
    """
    off = turned_off(actor.organisation)
    if Switch.What.EXPERIMENTS in off or _decides_without(actor.organisation):
        return True
    alarm = alarms_of(actor.organisation) if release.automatic else ""
    if alarm:
        going.hold(actor, release, because=alarm)
    return bool(alarm)


def _on_trial(actor: Actor) -> Release | None:
    found = going.on_trial(actor)
    return None if found is None else locked(actor, found.number, State.SHADOW, State.CANARY)


def _answered(release: Release) -> str:
    """Return whose word it was, and why, where people were asked about this share and let it go on.

    A let-go of something else (an alarm) is no answer, nor is one about the share before.
    """
    last = list(release.passages.order_by("-pk")[:2])
    if len(last) < 2 or not last[0].exception or QUESTION not in last[1].because:
        return ""
    return _("%(name)s let it go on: %(because)s") % {
        "name": last[0].by_name, "because": last[0].because,
    }  # fmt: skip


def _decides_without(organisation: Organisation) -> bool:
    """Say whether everybody is left to the ladder, so that there is nothing to compare with."""
    is_off = Switch.What.PREDICTOR in turned_off(organisation)
    return is_off or live.is_unreadable(live_predictor(organisation))


def _was_let_go(release: Release) -> bool:
    """Say whether a person has looked and let it go on since its shadow began."""
    return bool(release.passages.filter(before=State.SHADOW, after=State.SHADOW, exception=True))


def _surprises() -> dict[str, str]:
    return {
        "contacts": _("It would contact half as many people again, or more: look at it first."),
        "cost": _("Its contacts would cost half as much again, or more: look at it first."),
        "hand_overs": _("It would hand half as many people over again, or more: look at it first."),
    }
