"""What is tried, what was, and what came of it."""

from collections import Counter
from datetime import datetime
from typing import Any

from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.models import Organisation
from tenor.platform.experiments.models import Arm as Arm
from tenor.platform.experiments.models import Assignment
from tenor.platform.experiments.models import Experiment as Experiment
from tenor.platform.experiments.models import Look as Look

State = Experiment.State


def experiments(organisation: Organisation) -> list[Experiment]:
    """Return every experiment with its arms, the newest first."""
    rows = Experiment.objects.of(organisation).prefetch_related("arms")
    return list(rows.select_related("drafted_by", "decided_by"))


def running(organisation: Organisation) -> list[Experiment]:
    """Return the experiments that decide about people today, those that began first, first."""
    rows = Experiment.objects.of(organisation).filter(state=State.RUNNING)
    return list(rows.prefetch_related("arms__policy", "arms__predictor").order_by("started_at"))


def experiment_called(actor: Actor, slug: str) -> Experiment:
    """Return an experiment by its name for programs, or refuse."""
    found: Experiment = row_for(
        actor, Experiment, slug=slug, related=("organisation", "drafted_by", "decided_by")
    )
    return found


def arms_of(experiment: Experiment) -> list[Arm]:
    """Return the arms in the order in which they were drawn up."""
    rows = Arm.objects.of(experiment.organisation_id).filter(experiment=experiment)
    return list(rows.select_related("policy", "predictor"))


def results_of(experiment: Experiment) -> list[Look]:
    """Return what each day showed, the first day first."""
    return list(Look.objects.of(experiment.organisation_id).filter(experiment=experiment))


def last_look(experiment: Experiment) -> Look | None:
    """Return what the latest day showed."""
    rows = Look.objects.of(experiment.organisation_id).filter(experiment=experiment)
    found: Look | None = rows.order_by("-day").first()
    return found


def sizes(experiment: Experiment) -> dict[str, int]:
    """Return how many customers are in each arm, by its name."""
    rows = Assignment.objects.of(experiment.organisation_id).filter(experiment=experiment)
    return dict(Counter(rows.values_list("arm__name", flat=True)))


def arm_of(organisation: Organisation, customer_key: str) -> dict[str, Any] | None:
    """Return in which arm of a running experiment a customer is."""
    rows = Assignment.objects.of(organisation).filter(
        customer__key=customer_key, experiment__state=State.RUNNING, left_at=None
    )
    found = rows.select_related("experiment", "arm").first()
    if found is None:
        return None
    return {"experiment": found.experiment, "arm": found.arm, "since": found.since}


def texts_tried(organisation: Organisation) -> dict[tuple[str, str], tuple[int, ...]]:
    """Return the texts that arms of running experiments have, by experiment and arm."""
    rows = Arm.objects.of(organisation).filter(experiment__state=State.RUNNING, stopped_at=None)
    found = rows.exclude(texts=[]).values_list("experiment__slug", "name", "texts")
    return {(slug, name): tuple(numbers) for slug, name, numbers in found}


def is_waiting_for_outcomes(experiment: Experiment, at: datetime) -> bool:
    """Say whether nobody new comes in and the last outcomes are awaited."""
    started: datetime | None = experiment.started_at
    return started is not None and (at - started).days >= experiment.days
