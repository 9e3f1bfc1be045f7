"""The look of the day: what each running experiment shows, kept; an arm that harms is stopped.

The intervals may be looked at every day, so the look is taken before the day decides: who is in an
arm that a guard stops is decided about as everybody else on that same day.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

import polars as pl
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from tenor.engine.experiments.guards import Guard, Watch, watched
from tenor.engine.experiments.guards import State as Guarded
from tenor.engine.experiments.outcomes import KNOWN
from tenor.engine.experiments.results import Results, results
from tenor.engine.frames import Tables
from tenor.platform.core import clock
from tenor.platform.core.actor import Actor, system
from tenor.platform.core.models import Organisation
from tenor.platform.experiments import actions
from tenor.platform.experiments.drawing import shares
from tenor.platform.experiments.models import Arm, Experiment
from tenor.platform.experiments.outcomes import OUTCOMES, PAID, Seen, outcome_rows, seen
from tenor.platform.experiments.queries import running
from tenor.platform.experiments.words import guard_words

_HALF = 0.5


@dataclass(frozen=True)
class Stopped:
    """An arm that a guard stopped, and what it had crossed."""

    experiment: Experiment
    arm: Arm
    watch: Watch


def look(organisation: Organisation, known: Tables, as_of: datetime) -> list[Stopped]:
    """Look at every running experiment; keep what it shows, stop what harms, end what is over."""
    actor, stopped = system(organisation), []
    experiments = running(organisation)
    if not experiments:
        return []
    facts = seen(known, as_of)
    with translation.override(organisation.language):
        for experiment in experiments:
            experiment.organisation = organisation
            with transaction.atomic():
                stopped += _look(actor, experiment, facts)
    return stopped


def _look(actor: Actor, experiment: Experiment, facts: Seen) -> list[Stopped]:
    as_of = facts.as_of
    arms = {arm.name: arm for arm in experiment.arms.all() if arm.stopped_at is None}
    reference = next((arm for arm in arms.values() if arm.is_reference), None)
    rows = outcome_rows(experiment, facts, list(arms))
    there = rows["arm"].unique().to_list()
    if reference is None or reference.name not in there or len(there) < 2:
        return []
    found = _results(experiment, rows, reference, arms)
    states = watched(found, _guards(experiment))
    figures = _figures(experiment, rows, found, states)
    day = as_of.astimezone(clock.zone(actor.organisation)).date()
    actions.keep_look(actor, experiment, day=day, at=as_of, figures=figures)
    stopped = []
    for watch in states:
        arm = arms[watch.arm]
        if watch.state is Guarded.CROSSED and arm.stopped_at is None:
            arm.experiment = experiment
            actions.stop_arm(actor, arm, because=guard_words(watch))
            stopped.append(Stopped(experiment, arm, watch))
    if experiment.state == Experiment.State.RUNNING and is_over(experiment, as_of):
        actions.finish(actor, experiment, _("Everybody in it has had their days."))
    return stopped


def is_over(experiment: Experiment, at: datetime) -> bool:
    """Say whether the outcome of the last who came in is known; a canary ends with its release."""
    if experiment.kind == Experiment.Kind.CANARY:
        return False
    length = timedelta(days=experiment.days + experiment.outcome_days)
    started: datetime | None = experiment.started_at
    return started is not None and at >= started + length


def _results(
    experiment: Experiment, rows: pl.DataFrame, reference: Arm, arms: Mapping[str, Arm]
) -> Results:
    told = [outcome for outcome in OUTCOMES if rows[outcome.name].drop_nulls().len()]
    # Once an arm was stopped, or a canary has the larger half, the shares are no longer those
    # that were drawn for.
    whole = len(arms) == experiment.arms.count() and not (
        experiment.kind == Experiment.Kind.CANARY and experiment.share > _HALF
    )
    return results(
        rows,
        told,
        control=reference.name,
        weights=shares(experiment, list(arms.values())) if whole else None,
        factors=[factor["name"] for factor in experiment.factors] if whole else [],
    )


def _guards(experiment: Experiment) -> list[Guard]:
    return [Guard(KNOWN[name], most) for name, most in experiment.guards.items() if most > 0.0]


def _figures(
    experiment: Experiment, rows: pl.DataFrame, found: Results, states: tuple[Watch, ...]
) -> dict[str, Any]:
    ripe = rows.filter(pl.col(PAID).is_not_null()).group_by("arm").len()
    figures: dict[str, Any] = plain(asdict(found))
    return {
        **figures,
        "ripe": dict(ripe.iter_rows()),
        "guards": plain([asdict(watch) for watch in states]),
        "share": experiment.share,
    }


def plain(value: Any) -> Any:
    """Return figures as JSON holds them: what is not finite is nothing."""
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float):
        return value if isfinite(value) else None
    return value
