"""From a draft to people: submitted, approved by somebody else, started."""

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Forbidden, Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.experiments.actions.drafting import held, own, subject
from tenor.platform.experiments.models import Arm, Experiment
from tenor.platform.governance.switches import turned_off

State = Experiment.State
_LONGEST = 500


def submit(actor: Actor, *, slug: str) -> Experiment:
    """Ask somebody else to approve the actor's own draft."""
    actor.need(Right.RULES)
    with transaction.atomic():
        experiment = own(actor, slug, State.DRAFT)
        if not experiment.question:
            raise Invalid(_("Say what you want to know."), field="question")
        experiment.state = State.SUBMITTED
        experiment.submitted_at = clock.now(actor.organisation)
        experiment.save(update_fields=["state", "submitted_at"])
        audit.record(actor, "experiment.submit", subject(experiment))
    return experiment


def approve(actor: Actor, *, slug: str, because: str = "") -> Experiment:
    """Let an experiment be started that somebody else drew up: four eyes, two people."""
    return _decided(actor, slug, State.APPROVED, because)


def reject(actor: Actor, *, slug: str, because: str) -> Experiment:
    """Turn an experiment down, with the reason for the one who drew it up."""
    if not because.strip():
        raise Invalid(_("Say why, so that the next draft can be better."), field="because")
    return _decided(actor, slug, State.REJECTED, because)


def start(actor: Actor, *, slug: str) -> Experiment:
    """Let chance draw: from the next plan on, people are decided about by their arm."""
    actor.need(Right.RULES)
    if "experiments" in turned_off(actor.organisation):
        raise Refused(_("Experiments are switched off: switch them on first, under Learning."))
    with transaction.atomic():
        experiment = held(actor, slug, State.APPROVED)
        _refuse_a_second_for_everybody(experiment)
        experiment.state = State.RUNNING
        experiment.started_at = clock.now(actor.organisation)
        experiment.save(update_fields=["state", "started_at"])
        audit.record(actor, "experiment.start", subject(experiment), after=_drawn(experiment))
    return experiment


def _decided(actor: Actor, slug: str, state: str, because: str) -> Experiment:
    actor.need(Right.RULES_APPROVE)
    if actor.user_id is None:
        raise Forbidden(_("A person decides about experiments."))
    with transaction.atomic():
        experiment = held(actor, slug, State.SUBMITTED)
        if experiment.drafted_by_id == actor.user_id:
            raise Forbidden(_("You drew up this experiment: somebody else approves it."))
        experiment.state, experiment.decided_by_id = state, actor.user_id
        experiment.decided_at = clock.now(actor.organisation)
        experiment.decided_because = because.strip()[:_LONGEST]
        fields = ["state", "decided_by", "decided_at", "decided_because"]
        experiment.save(update_fields=fields)
        verb = "approve" if state == State.APPROVED else "reject"
        audit.record(actor, f"experiment.{verb}", subject(experiment),
                     after={"because": experiment.decided_because})  # fmt: skip
    return experiment


def _refuse_a_second_for_everybody(experiment: Experiment) -> None:
    """Refuse where a running experiment leaves nobody: nobody is in two at once."""
    wanted = set(experiment.segments)
    others = Experiment.objects.of(experiment.organisation_id).filter(state=State.RUNNING)
    for other in others.exclude(kind=Experiment.Kind.CANARY):
        theirs = set(other.segments)
        covered = not theirs or (wanted and wanted <= theirs)
        if covered and other.share >= 1.0:
            raise Refused(
                _("%(name)s has everybody who could take part. Wait until it ends, or try both "
                  "things at once in one experiment.") % {"name": other.name}
            )  # fmt: skip


def _drawn(experiment: Experiment) -> dict[str, object]:
    arms = Arm.objects.of(experiment.organisation_id).filter(experiment=experiment)
    return {"salt": experiment.salt, "share": experiment.share,
            "arms": {arm.name: arm.weight for arm in arms}}  # fmt: skip
