"""The end of an experiment, or of one of its arms: everybody goes back to the live way."""

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Forbidden, Invalid
from tenor.platform.core.roles import Right
from tenor.platform.experiments.actions.drafting import held, subject
from tenor.platform.experiments.models import Arm, Experiment

State = Experiment.State
_LONGEST = 500


def stop(actor: Actor, experiment: Experiment, because: str) -> Experiment:
    """End a running experiment before its time; from the next decision on all are as before."""
    return _end(actor, experiment, State.STOPPED, because)


def finish(actor: Actor, experiment: Experiment, because: str = "") -> Experiment:
    """End a running experiment that has its answer."""
    return _end(actor, experiment, State.FINISHED, because or _("It has run its time."))


def stop_arm(actor: Actor, arm: Arm, *, because: str) -> None:
    """End one arm: its customers go back to the live way, the others go on. Twice is once.

    With the last arm that differs from what is compared with, the experiment ends.
    """
    _need_to_brake(actor)
    if not because.strip():
        raise Invalid(_("Say why it ends, for those who read it later."), field="because")
    with transaction.atomic():
        rows = Arm.objects.of(actor.organisation).filter(pk=arm.pk, stopped_at=None)
        at = clock.now(actor.organisation)
        if not rows.update(stopped_at=at, stopped_because=because[:_LONGEST]):
            return
        arm.stopped_at, arm.stopped_because = at, because[:_LONGEST]
        experiment = arm.experiment
        audit.record(actor, "experiment.stop_arm", subject(experiment),
                     after={"arm": arm.name, "because": because})  # fmt: skip
        others = Arm.objects.of(actor.organisation).filter(experiment=experiment, stopped_at=None)
        gone = arm.is_reference or not others.filter(is_reference=False).exists()
        if gone and experiment.state == State.RUNNING:
            stop(actor, experiment, because)


def _end(actor: Actor, experiment: Experiment, state: str, because: str) -> Experiment:
    _need_to_brake(actor)
    if not because.strip():
        raise Invalid(_("Say why it ends, for those who read it later."), field="because")
    with transaction.atomic():
        found = held(actor, experiment.slug, State.RUNNING)
        found.state, found.ended_at = state, clock.now(actor.organisation)
        found.ended_because, found.ended_by_name = because.strip()[:_LONGEST], actor.name
        fields = ["state", "ended_at", "ended_because", "ended_by_name"]
        found.save(update_fields=fields)
        verb = "stop" if state == State.STOPPED else "finish"
        audit.record(actor, f"experiment.{verb}", subject(found), after={"because": because})
    for name in ("state", *fields[1:]):
        setattr(experiment, name, getattr(found, name))
    return found


def _need_to_brake(actor: Actor) -> None:
    """Whoever draws experiments up, approves them or approves plans may end one."""
    if not any(actor.may(r) for r in (Right.RULES, Right.RULES_APPROVE, Right.APPROVE)):
        raise Forbidden(_("Your role does not include this. Ask an administrator."))
