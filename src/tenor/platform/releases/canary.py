"""The canary of a release: an experiment with a small share, and what it showed so far."""

from typing import Any

from django.utils.translation import gettext as _

from tenor.engine.experiments.sequential import Interval
from tenor.engine.release.canary import Move, Rule, Step, next_step
from tenor.platform.core import clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.preferences import preferences_of
from tenor.platform.experiments import actions as experiments
from tenor.platform.experiments import queries
from tenor.platform.experiments.models import Experiment
from tenor.platform.releases.models import Release
from tenor.platform.releases.parts import carried

# What a canary is judged by, each as the new version less the one in force, a customer.
MONEY, COMPLAINTS = "collected_net", "complained"


def begin(actor: Actor, release: Release, share: float) -> str:
    """Begin the experiment of a release; return the name by which it is found again."""
    name = _("Release %(number)s: %(title)s") % {"number": release.number, "title": release.title}
    found = experiments.begin_canary(
        actor, name=name[:120], policy=release.policy, predictor=release.predictor,
        texts=tuple(text.pk for text in carried(release).texts), share=share,
    )  # fmt: skip
    return found.slug


def widen(actor: Actor, release: Release, share: float) -> None:
    """Give the release a larger share of the customers; who had it keeps it."""
    experiments.widen(actor, experiment_of(actor, release), share)


def stop(actor: Actor, release: Release, because: str) -> None:
    """End the experiment: from the next decision on nobody is in it. Twice is once."""
    found = experiment_of(actor, release)
    if found.state == Experiment.State.RUNNING:
        experiments.stop(actor, found, because)


def experiment_of(actor: Actor, release: Release) -> Experiment:
    """Return the experiment of a release."""
    return queries.experiment_called(actor, release.experiment)


def next_move(actor: Actor, release: Release) -> Step:
    """Say what the rule makes of what a canary has shown so far.

    An experiment that was ended, by a guard or a person, ends the canary.
    """
    experiment = experiment_of(actor, release)
    if experiment.state != Experiment.State.RUNNING:
        return Step(Move.ROLL_BACK, 0.0, experiment.ended_because)
    found = _shown(experiment)
    since = release.share_since or clock.today(actor.organisation)
    return next_step(
        interval_of(found, MONEY),
        interval_of(found, COMPLAINTS),
        share=release.share,
        days=(clock.today(actor.organisation) - since).days,
        rule=rule_of(actor),
    )


def shown(actor: Actor, release: Release) -> dict[str, Any]:
    """Return what the canary showed on the latest day, in figures."""
    return _shown(experiment_of(actor, release))


def _shown(experiment: Experiment) -> dict[str, Any]:
    look = queries.last_look(experiment)
    return {} if look is None else dict(look.figures)


def rule_of(actor: Actor) -> Rule:
    """Return the rule by which a canary moves: it begins with the share that was set."""
    first = preferences_of(actor.organisation).canary_share
    usual = Rule()
    return Rule(steps=(first, *(share for share in usual.steps if share > first)))


def interval_of(figures: dict[str, Any], outcome: str) -> Interval | None:
    """Return between what an outcome differs, as of any day; nothing where nothing is known yet."""
    for compared in figures.get("comparisons", []):
        daily = compared["daily"] if compared["outcome"] == outcome else None
        if daily and daily["low"] is not None and daily["high"] is not None:
            return Interval(daily["low"], daily["high"])
    return None
