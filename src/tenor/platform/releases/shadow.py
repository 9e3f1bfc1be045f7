"""Decide a day once more with a release, on the same facts, and keep how it differs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import polars as pl

from tenor.engine.frames import Tables
from tenor.engine.release.shadow import Difference, compare, difference_of, total
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.live import model_of
from tenor.platform.decisions.models import Run
from tenor.platform.decisions.runs.arms import plan_for
from tenor.platform.decisions.runs.decide import Way, decided
from tenor.platform.decisions.runs.scores import segments_of
from tenor.platform.governance.models import PolicyVersion, PredictorVersion
from tenor.platform.releases.models import Release, ShadowDay

# More contacts or cost than this many times those of today, and a person looks first.
_SURPRISING = 1.5
# Below so many contacts a day a factor says nothing.
_FEW = 20


def keep_day(release: Release, run: Run, known: Callable[[], Tables]) -> ShadowDay:
    """Keep what a release would have done on the day of `run`; a day is compared once.

    `known` gives the facts of the run, asked for only where they are needed.
    """
    rows = ShadowDay.objects.of(release.organisation_id).filter(release=release, day=run.day)
    found: ShadowDay | None = rows.first()
    if found is None:
        live = (run.predictor, run.policy)
        figures = difference(
            run.organisation, known(), run.as_of, run.seed, live=live,
            candidate=parts_of(release, *live),
        )  # fmt: skip
        found, _ = rows.get_or_create(
            release=release, day=run.day, defaults={"figures": figures.as_dict()}
        )
    day: ShadowDay = found
    return day


def parts_of(
    release: Release, predictor: PredictorVersion | None, policy: PolicyVersion | None
) -> tuple[PredictorVersion | None, PolicyVersion | None]:
    """Return with what a release decides, where else these are in force."""
    return release.predictor or predictor, release.policy or policy


def difference(
    organisation: Organisation,
    known: Tables,
    as_of: datetime,
    seed: int,
    *,
    live: tuple[PredictorVersion | None, PolicyVersion | None],
    candidate: tuple[PredictorVersion | None, PolicyVersion | None],
) -> Difference:
    """Decide about everybody in both ways as of one instant; return how they differ, in counts.

    Chance draws alike in both, and experiments are left out: only the versions differ.
    """
    model_of(candidate[0])  # a candidate that cannot be read is no candidate: ModelError
    segments = segments_of(known, as_of)

    def way(versions: tuple[PredictorVersion | None, PolicyVersion | None]) -> Way:
        found = plan_for(
            organisation, segments, as_of=as_of, seed=seed, predictor=versions[0],
            policy=versions[1],
        ).way  # fmt: skip
        return replace(found, arms=tuple(arm for arm in found.arms if not arm.experiment))

    ways = [way(live), way(candidate)]
    before, after = (decided(known, segments, one) for one in ways)
    room = {c.name: c.capacity_per_day for c in ways[1].rules.channels}
    return compare(
        before,
        after,
        segments=segments.with_columns(pl.col("segment").cast(pl.String)),
        capacity={name: number for name, number in room.items() if number is not None},
    )


def days_of(release: Release) -> list[ShadowDay]:
    """Return the days on which a release was compared, the first one first."""
    return list(ShadowDay.objects.of(release.organisation_id).filter(release=release))


def total_of(days: list[ShadowDay]) -> Difference:
    """Return the differences of several days in one."""
    return total(difference_of(day.figures) for day in days)


def surprise(found: Difference) -> str:
    """Name what a person should look at before anybody is contacted by it; nothing where nothing.

    "contacts", "cost" or "hand_overs": far more of them than today.
    """
    if found.candidate.escalate > max(found.days, _SURPRISING * found.live.escalate):
        return "hand_overs"
    contacts = (sum(found.live.channels.values()), sum(found.candidate.channels.values()))
    if contacts[1] > max(_FEW * found.days, _SURPRISING * contacts[0]):
        return "contacts"
    if contacts[1] > _FEW * found.days and found.candidate.cost > _SURPRISING * found.live.cost:
        return "cost"
    return ""
