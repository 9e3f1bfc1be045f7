"""The canary of a release: an experiment with a small share, and what it showed so far."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from tenor.platform.core.actor import Actor
from tenor.platform.experiments import actions as experiments
from tenor.platform.experiments import queries
from tenor.platform.experiments.models import Experiment
from tenor.platform.releases.models import Release


@dataclass(frozen=True)
class Interval:
    """What the data leave possible, at any day one looks."""

    lower: float
    upper: float


def begin(actor: Actor, release: Release, share: float) -> str:
    """Begin the experiment of a release; return the name by which it is found again."""
    name = _("Release %(number)s: %(title)s") % {"number": release.number, "title": release.title}
    found = experiments.begin_canary(
        actor, name=name[:120], policy=release.policy, predictor=release.predictor, share=share
    )
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
