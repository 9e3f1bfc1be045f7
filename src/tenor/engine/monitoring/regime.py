"""Does the world pay otherwise: everybody at once, beyond what the past weeks varied.

A week's payments are held against those that were expected of exactly these invoices a week
before. That ratio moves with chance, with pay days and with the season; a shift of the world
is one that no week before it showed, that lasts, and that most customers share.
"""

from datetime import datetime, timedelta
from math import exp

import numpy as np
import polars as pl

from tenor.engine.monitoring.calibration import by_week
from tenor.engine.monitoring.checks import Check, Panel, Unit, unknown
from tenor.engine.monitoring.evidence import LEAST_WEEKS, WINDOW, Floats, evidence, surprises
from tenor.engine.monitoring.looks import HORIZONS

# By how much the ratio of a week's payments to those expected varies beyond chance (in logs).
_USUAL = 0.10
# Everybody: so many of the customers' invoices are in segments that moved the same way.
_EVERYBODY = 0.6
_HORIZON = HORIZONS[0]


def regime(came: pl.DataFrame, *, as_of: datetime) -> Check:
    """Check whether everybody began to pay sooner or later, given what was foretold of each.

    Parameters
    ----------
    came : `calibration.MATURED`, of one predictor.
    """
    panel = Panel.WORLD
    mine = came.filter(pl.col("horizon") == _HORIZON)
    weeks = by_week(mine)
    if weeks.height <= LEAST_WEEKS:
        return unknown("pace", panel, "everybody", Unit.TIMES, "too few weeks", weeks=weeks.height)
    log_ratio, noise = _ratios(weeks)
    found = evidence(surprises(log_ratio, noise, usual=_USUAL))
    past = log_ratio[-1 - WINDOW : -1]
    middle = float(np.median(past))
    reach = 2.6 * float(np.sqrt(max(past.var(), noise[-1]) + _USUAL**2 / 4))
    start: datetime = weeks["instant"][-max(found.weeks, 1)]
    share = _sharing(mine, start, middle, found.direction)
    return Check(
        "pace",
        panel,
        "everybody",
        Unit.TIMES,
        value=exp(float(log_ratio[-1]) - middle),
        low=exp(-reach),
        high=exp(reach),
        log_looks=found.log_looks,
        since=start.date(),
        is_on=found.is_on and share >= _EVERYBODY,
        facts={
            "direction": found.direction,
            "expected": float(weeks["expected"][-1]),
            "came": float(weeks["observed"][-1]),
            "sharing": share,
        },
        past=tuple(
            (at.date() + timedelta(days=_HORIZON), exp(float(x) - middle))
            for at, x in zip(weeks["instant"], log_ratio, strict=True)
        )[-WINDOW:],
    )


def _ratios(weeks: pl.DataFrame) -> tuple[Floats, Floats]:
    """Return by week the logarithm of payments seen to payments expected, and its variance."""
    seen, expected = weeks["observed"].to_numpy() + 0.5, weeks["expected"].to_numpy() + 0.5
    variance = np.maximum(weeks["variance"].to_numpy(), weeks["chance"].to_numpy())
    return np.log(seen / expected), variance / np.square(expected)


def _sharing(mine: pl.DataFrame, start: datetime, middle: float, direction: int) -> float:
    """Return the share of invoices in segments that moved this way since `start`."""
    parts = (
        mine.filter(pl.col("instant") >= start)
        .group_by("segment")
        .agg(pl.col("rows", "expected", "observed").sum())
    )
    ratio = ((pl.col("observed") + 0.5) / (pl.col("expected") + 0.5)).log() - middle
    same = parts.filter(ratio * direction > 0)["rows"].sum()
    return float(same) / max(float(parts["rows"].sum()), 1.0)
