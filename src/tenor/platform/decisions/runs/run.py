"""The run of a day: begin it or take it up again, move it on from step to step."""

import hashlib
from datetime import date
from typing import Any

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Run
from tenor.platform.decisions.queries.standing import seen_now
from tenor.platform.governance import queries

__all__ = ["Overtaken", "Run", "Step", "begin", "move_on", "note_error", "previous_of", "seed_of"]

Step = Run.Step
ORDER = tuple(Step)
_MOST = 32_767


class Overtaken(RuntimeError):
    """Another process has moved this run on: what was worked out here is thrown away."""


def begin(organisation: Organisation) -> Run:
    """Return today's run, made where there is none yet.

    Versions and seed are set once, so that a run that is taken up again decides as it would have.
    """
    today = clock.today(organisation)
    runs = Run.objects.of(organisation)
    found = runs.select_related("predictor", "policy").filter(day=today).first()
    if found is None:
        now = clock.now(organisation)
        found, _ = runs.get_or_create(
            day=today,
            defaults={
                "as_of": now,
                "started_at": now,
                "seed": seed_of(organisation, today),
                "seen": seen_now(organisation),
                "predictor": queries.live_predictor(organisation),
                "policy": queries.live_policy_version(organisation),
                "missed_days": _missed(organisation, today),
            },
        )
    run: Run = found
    run.organisation = organisation
    return run


def seed_of(organisation: Organisation, day: date) -> int:
    """Return the seed of a day: another each day and organisation, and always the same."""
    text = f"{organisation.slug}|{day.isoformat()}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) >> 1


def move_on(run: Run, **changes: Any) -> None:
    """Move the run on to its next step, first of all in the transaction of what the step writes.

    The row is then locked for whoever has begun the same step: one of them is `Overtaken`.
    """
    following = ORDER[ORDER.index(Step(run.step)) + 1]
    rows = Run.objects.of(run.organisation_id).filter(pk=run.pk, step=run.step)
    if not rows.update(step=following, **changes):
        raise Overtaken(f"run {run.pk} is beyond {run.step}")
    run.step = following
    for name, value in changes.items():
        setattr(run, name, value)


def note_error(run: Run, error: Exception) -> None:
    """Keep with the run why it stopped, for those who look at it; the log has the rest."""
    text = f"{type(error).__name__}: {error}"[:2000]
    Run.objects.of(run.organisation_id).filter(pk=run.pk).update(error=text)


def previous_of(run: Run) -> Run | None:
    """Return the latest finished run before this one."""
    rows = Run.objects.of(run.organisation_id).filter(day__lt=run.day, step=Step.DONE)
    found: Run | None = rows.order_by("-day").first()
    return found


def _missed(organisation: Organisation, today: date) -> int:
    """Return how many days since the last finished run had none."""
    done = Run.objects.of(organisation).filter(day__lt=today, step=Step.DONE)
    last = done.order_by("-day").values_list("day", flat=True).first()
    return 0 if last is None else min((today - last).days - 1, _MOST)
