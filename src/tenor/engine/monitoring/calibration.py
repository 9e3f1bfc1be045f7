"""Does what was foretold come true, as time shows it: overall and for each segment.

Every week's chances are held against what happened within 7 and 30 days, once these days are
over; what time has not shown yet is left out, whatever happened meanwhile: to count only the
payments that were already seen would flatter. Sums of a week are what is kept of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from tenor.engine.frames import Tables
from tenor.engine.monitoring.checks import Check, Panel, Unit, unknown
from tenor.engine.monitoring.evidence import WINDOW, evidence
from tenor.engine.monitoring.looks import HORIZONS, Look
from tenor.engine.predictors.history import outcomes, unit_hash

EVERYBODY = ""
# Off by less than this on average is good enough to decide by.
TOLERATED = 0.05
# By how much a week is off beyond chance although nothing is wrong: the weather of paying.
_USUAL = 0.04
# An invoice is open for weeks: of each only every fifth look is judged over 30 days, so that
# the same fate is not counted again and again.
_LOTS = {7: 1, 30: 5}
_BINS = 10
_FEWEST, _FEWEST_WEEKS = 20, 4

MATURED = {
    "instant": pl.Datetime("us", "UTC"),
    "horizon": pl.Int64(),
    "segment": pl.String(),
    "bin": pl.Int64(),
    "rows": pl.Int64(),
    "expected": pl.Float64(),
    "observed": pl.Float64(),
    "variance": pl.Float64(),
}


@dataclass(frozen=True)
class Part:
    """Chances of about the same size: how many, what they said, what came true."""

    rows: int
    said: float
    came_true: float


def matured(foretold: pl.DataFrame, tables: Tables, *, as_of: datetime) -> pl.DataFrame:
    """Return what became of what was foretold, as far as time has shown it by `as_of`.

    Parameters
    ----------
    foretold : as in `Look`, of any number of instants.
    tables : facts up to `as_of`, of at least the invoices foretold of.

    Returns
    -------
    `MATURED`: a row an instant, horizon, segment and tenth of chances: how many invoices, how
    many payments were expected and came, and the variance of their difference. Customers are
    drawn together: whoever owes five invoices is one surprise, not five.
    """
    ends = outcomes(tables.known_at(as_of))
    paid = pl.col("settled_at")
    in_time = pl.col("closed_at").is_null() | (paid <= pl.col("closed_at"))
    rows = foretold.join(ends, on="invoice_id", how="left", maintain_order="left").with_columns(
        paid_at=pl.when(in_time).then(paid)
    )
    parts = []
    for horizon in HORIZONS:
        over = pl.col("instant") + timedelta(days=horizon)
        seen = rows.filter(over <= as_of).with_columns(
            said=pl.col(f"p_paid_{horizon}d"),
            true=(pl.col("paid_at") <= over).fill_null(False).cast(pl.Float64),
        )
        parts.append(_summed(_lot(seen, horizon), horizon))
    return pl.concat(parts)


def _lot(rows: pl.DataFrame, horizon: int) -> pl.DataFrame:
    """Keep each invoice at every so many looks alone, another set of them at each look."""
    lots = _LOTS[horizon]
    if lots == 1 or rows.is_empty():
        return rows
    own = (unit_hash(rows["invoice_id"], "lots") * lots).astype(np.int64)
    week = rows["instant"].dt.epoch("d").to_numpy() // 7
    return rows.filter(pl.Series((own + week) % lots == 0))


def _summed(rows: pl.DataFrame, horizon: int) -> pl.DataFrame:
    if rows.is_empty():
        return pl.DataFrame(schema=MATURED)
    key = ["instant", "segment"]
    # The square of a customer's own surprise, shared out over the rows it is made of.
    off = pl.col("true") - pl.col("said")
    tenth = (pl.col("said") * _BINS).floor().clip(0, _BINS - 1).cast(pl.Int64)
    whole = off.sum().over(*key, "customer_id")
    return (
        rows.with_columns(bin=tenth, part=off * whole)
        .group_by(*key, "bin")
        .agg(
            rows=pl.len().cast(pl.Int64),
            expected=pl.col("said").sum(),
            observed=pl.col("true").sum(),
            variance=pl.col("part").sum(),
        )
        .with_columns(horizon=pl.lit(horizon, dtype=pl.Int64))
        .select([pl.col(c).cast(t) for c, t in MATURED.items()])
        .sort("instant", "horizon", "segment", "bin")
    )


def matured_looks(looks: Iterable[Look], tables: Tables, *, as_of: datetime) -> pl.DataFrame:
    """Return what became of all that these looks foretold."""
    frames = [look.foretold for look in looks]
    if not frames:
        return pl.DataFrame(schema=MATURED)
    return matured(pl.concat(frames), tables, as_of=as_of)


def calibration(came: pl.DataFrame, *, as_of: datetime) -> list[Check]:
    """Check whether chances came true, overall and for each segment (subject: its name).

    Parameters
    ----------
    came : `MATURED`, of one predictor.
    """
    mine = came.filter(pl.col("horizon") == HORIZONS[-1])
    segments = sorted(mine["segment"].unique().to_list())
    found = [_check(EVERYBODY, mine, as_of)]
    if len(segments) > 1:
        found += [_check(s, mine.filter(pl.col("segment") == s), as_of) for s in segments]
    return found


def _check(subject: str, came: pl.DataFrame, as_of: datetime) -> Check:
    """Hold the weeks' sums against what was expected of them, beyond what is tolerated."""
    code, panel = "calibration", Panel.ACCURACY
    weeks = by_week(came).filter(pl.col("rows") >= _FEWEST / 4)
    if weeks.height < _FEWEST_WEEKS or weeks["rows"].sum() < _FEWEST:
        return unknown(code, panel, subject, Unit.POINTS, "too few matured", weeks=weeks.height)
    rows, off = weeks["rows"].to_numpy().astype(float), weeks["off"].to_numpy()
    # Where a week's few customers happened to agree, their own spread says too little.
    least = 0.5 * weeks["chance"].to_numpy()
    variance = np.maximum(weeks["variance"].to_numpy(), least) + np.square(_USUAL * rows)
    found = evidence(off, variance, slack=TOLERATED * rows)
    latest = weeks.tail(max(found.weeks, 4))
    count = float(latest["rows"].sum())
    share = {n: float(latest[n].sum()) / count for n in ("expected", "observed")}
    reach = 2.0 * float(np.sqrt(variance[-latest.height :].sum())) / count
    value = share["observed"] - share["expected"]
    return Check(
        code,
        panel,
        subject,
        Unit.POINTS,
        value=value,
        low=-TOLERATED,
        high=TOLERATED,
        log_looks=found.log_looks,
        since=weeks["instant"][-found.weeks].date() if found.weeks else None,
        is_on=found.is_on or abs(value) > TOLERATED + reach,
        facts={
            "said": share["expected"],
            "came_true": share["observed"],
            "reach": reach,
            "rows": int(count),
            "days": HORIZONS[-1],
            "direction": found.direction,
        },
        past=tuple(
            (at.date(), float(o / n)) for at, o, n in zip(weeks["instant"], off, rows, strict=True)
        )[-WINDOW:],
    )


def by_week(came: pl.DataFrame) -> pl.DataFrame:
    """Return `instant, rows, expected, observed, off, variance, chance`, oldest first.

    `chance` is the variance that independent payments with these chances would have.
    """
    said = pl.col("expected") / pl.col("rows")
    return (
        came.with_columns(chance=pl.col("rows") * said * (1.0 - said))
        .group_by("instant")
        .agg(pl.col("rows", "expected", "observed", "variance", "chance").sum())
        .with_columns(off=pl.col("observed") - pl.col("expected"))
        .sort("instant")
    )


def reliability(came: pl.DataFrame, *, horizon: int = HORIZONS[-1]) -> Sequence[Part]:
    """Return what chances of each size came to, lowest first: for a picture."""
    parts = (
        came.filter(pl.col("horizon") == horizon)
        .group_by("bin")
        .agg(pl.col("rows", "expected", "observed").sum())
        .filter(pl.col("rows") > 0)
        .sort("bin")
    )
    return [
        Part(int(n), float(e / n), float(o / n))
        for n, e, o in parts.select("rows", "expected", "observed").iter_rows()
    ]
