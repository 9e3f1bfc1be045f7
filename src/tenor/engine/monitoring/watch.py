"""Look at everything once: all checks as of an instant, judged together, and their alarms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from tenor.engine.frames import Tables
from tenor.engine.monitoring.alarms import Alarm, alarms
from tenor.engine.monitoring.calibration import calibration, matured_looks
from tenor.engine.monitoring.checks import YEARS, Check, Panel, judged
from tenor.engine.monitoring.decay import decay, with_outcome
from tenor.engine.monitoring.drift import drift
from tenor.engine.monitoring.freshness import freshness
from tenor.engine.monitoring.looks import Edges, Look
from tenor.engine.monitoring.outcomes import outcomes
from tenor.engine.monitoring.quality import quality
from tenor.engine.monitoring.regime import regime


@dataclass(frozen=True)
class Watch:
    """Everything that was looked at as of an instant."""

    at: datetime
    checks: tuple[Check, ...]
    alarms: tuple[Alarm, ...]


def watch(
    tables: Tables,
    *,
    as_of: datetime,
    looks: Sequence[Look] = (),
    edges: Edges | None = None,
    came: pl.DataFrame | None = None,
    arms: pl.DataFrame | None = None,
    decisions: pl.DataFrame | None = None,
    arrivals: pl.DataFrame | None = None,
    years: float = YEARS,
) -> Watch:
    """Check facts, features, chances, contacts, outcomes and the world as of `as_of`.

    Parameters
    ----------
    looks, edges : weekly looks of one predictor and what they were counted by; without them
        nothing is said of drift.
    came : `calibration.MATURED`; worked out from `looks` where it is not given.
    arms : as in `outcomes`.
    decisions : `decay.KEPT`; without them nothing is said of contacts.
    arrivals : as in `freshness`.
    years : all checks together raise a false alarm once in so many years at most.

    The same input gives the same answer, and nothing later than `as_of` has a say in it.
    """
    known = tables.known_at(as_of)
    checks: list[Check] = [
        *freshness(known, as_of=as_of, arrivals=arrivals),
        *quality(known, as_of=as_of),
        *outcomes(known, as_of=as_of, arms=arms),
    ]
    if looks and edges is not None:
        checks += drift(looks, edges=edges)
    if came is None and looks:
        came = matured_looks(looks, known, as_of=as_of)
    if came is not None:
        checks += [*calibration(came, as_of=as_of), regime(came, as_of=as_of)]
    if decisions is not None and decisions.height:
        checks += decay(with_outcome(decisions, known, as_of=as_of), as_of=as_of)
    found = judged(checks, years=years)
    return Watch(as_of, found, alarms(found))


def watch_world(came: pl.DataFrame, *, as_of: datetime, years: float = YEARS) -> Watch:
    """Check the world alone, by the same budget of false alarms as when everything is checked.

    For who is about to decide: whether everybody pays otherwise must be known before.

    Parameters
    ----------
    came : `calibration.MATURED`, of one predictor.
    """
    found = judged([regime(came, as_of=as_of)], years=years, families=len(Panel))
    return Watch(as_of, found, alarms(found))
