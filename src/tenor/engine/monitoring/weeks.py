"""Facts by week: the seven whole days before an instant, the seven before these, and so on.

Weeks that end with the day before have the same weekdays in each, on whatever day one looks.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from math import asin, pi, sin, sqrt

import numpy as np
import polars as pl

from tenor.engine.monitoring.arrivals import arrivals
from tenor.engine.monitoring.checks import Check, Panel, Unit, unknown
from tenor.engine.monitoring.counts import evidence_of_counts, rate_before
from tenor.engine.monitoring.evidence import LEAST_WEEKS, WINDOW, Floats, evidence, surprises

# A year and a season of weeks are looked at.
WEEKS = 60
# A week with fewer rows than this says nothing about a share or a mean.
_FEWEST = 8
# Two-sided 99% for the limits that are drawn: the alarm itself weighs weeks together.
_DRAWN = 2.6
_SCALED_SHARES = 0.05


def week_of(days: pl.Expr, as_of: datetime) -> pl.Expr:
    """Return how many weeks ago each day (a date) lies: 0 for the seven days before `as_of`.

    The day of `as_of` itself is not over and is null, and so is what lies too far back.
    """
    ago = (pl.lit(as_of.date()) - days).dt.total_days() - 1
    return pl.when(ago.is_between(0, 7 * WEEKS - 1)).then(ago // 7)


def end_of(week: int, as_of: datetime) -> date:
    """Return the last day of the week that lies `week` weeks back."""
    return as_of.date() - timedelta(days=1 + 7 * week)


def counts(days: pl.Series, as_of: datetime, *, since: date | None = None) -> Floats:
    """Return how many rows each whole week has, oldest first, from the first week with any.

    With `since`, from the first whole week after that day on, whether or not it has any.
    """
    week = pl.DataFrame({"day": days}).select(week=week_of(pl.col("day"), as_of)).drop_nulls()
    span = 0 if since is None else min((as_of.date() - since).days - 1, 7 * WEEKS - 1) // 7 + 1
    if week.is_empty() and span < 1:
        return np.zeros(0)
    found = np.bincount(week["week"].to_numpy(), minlength=span)
    # The first week began somewhere in its middle.
    return np.asarray(found[::-1][1:], dtype=np.float64)


def sums(frame: pl.DataFrame, as_of: datetime) -> tuple[Floats, Floats, Floats, Floats]:
    """Return by week, oldest first: weeks back, rows, mean and variance of `value` by `day`."""
    weeks = (
        frame.select("value", week=week_of(pl.col("day"), as_of))
        .drop_nulls()
        .group_by("week")
        .agg(pl.len().alias("rows"), pl.col("value").mean(), pl.col("value").var().alias("var"))
        .filter(pl.col("rows") >= _FEWEST)
        .sort("week", descending=True)
    )
    week, rows, mean = (weeks[c].to_numpy().astype(np.float64) for c in ("week", "rows", "value"))
    return week, rows, mean, weeks["var"].fill_null(0.0).to_numpy()


def share_check(
    code: str, subject: str, frame: pl.DataFrame, as_of: datetime, *, panel: Panel, side: int = 1
) -> Check:
    """Check the share of rows (`day`, `value` true or false) that are so, against its own past."""
    numbers = frame.with_columns(pl.col("value").cast(pl.Float64))
    week, rows, share, _ = sums(numbers, as_of)
    # On this scale every share varies alike: by 1 / rows.
    scaled = 2.0 * np.arcsin(np.sqrt((share * rows + 0.375) / (rows + 0.75)))
    return series_check(
        code,
        subject,
        as_of,
        week=week,
        values=share,
        scaled=scaled,
        noise=1.0 / np.maximum(rows, 1.0),
        usual=_SCALED_SHARES,
        back=lambda x: sin(min(max(x, 0.0), pi) / 2.0) ** 2,
        panel=panel,
        unit=Unit.SHARE,
        side=side,
    )


def level_check(
    code: str, subject: str, frame: pl.DataFrame, as_of: datetime, *, panel: Panel
) -> Check:
    """Check the size of numbers (`day`, `value` above 0): by which factor it has moved."""
    logs = frame.filter(pl.col("value") > 0).with_columns(pl.col("value").log10())
    week, rows, mean, variance = sums(logs, as_of)
    if not len(week):
        return unknown(code, panel, subject, Unit.MONEY, "too few weeks", weeks=0)
    return series_check(
        code,
        subject,
        as_of,
        week=week,
        values=10.0**mean,
        scaled=mean,
        # A week of two units varies more than any: what is usual is what most weeks vary.
        noise=np.median(variance) / np.maximum(rows, 1.0),
        usual=0.03,
        back=lambda x: float(10.0**x),
        panel=panel,
        unit=Unit.MONEY,
        side=0,
    )


def count_check(
    code: str,
    subject: str,
    days: pl.Series,
    as_of: datetime,
    *,
    side: int = 0,
    since: date | None = None,
) -> Check:
    """Check how many rows a week brings; `since` when they could have come, if before the first.

    Where rows come on a few days a month, each arrival is weighed as a week is elsewhere.
    """
    told = arrivals(days, as_of.date().toordinal())
    rows = counts(days, as_of, since=since)
    ends = [end_of(len(rows) - 1 - n, as_of) for n in range(len(rows))]
    lasting, facts = timedelta(days=6), dict[str, object]()
    if told is not None:
        rows = told.complete(as_of.date().toordinal())
        ends = [date.fromordinal(int(end)) for end in told.ends[: len(rows)]]
        lasting, facts = timedelta(), {"arrivals": True}
    panel, unit = Panel.FRESHNESS, Unit.COUNT
    if len(rows) <= LEAST_WEEKS:
        return unknown(code, panel, subject, unit, "too few weeks", weeks=len(rows))
    found = evidence_of_counts(rows, side=side, each=told is not None)
    # What is usual is what came before the change, where there is one.
    rate = rate_before(rows, len(rows) - (found.weeks if found.is_on else 1))
    reach = rate.reach(_DRAWN)
    return Check(
        code,
        panel,
        subject,
        unit,
        value=float(rows[-1]),
        low=max(rate.mean - reach, 0.0),
        high=rate.mean + reach,
        log_looks=found.log_looks,
        since=ends[-max(found.weeks, 1)] - lasting,
        is_on=found.is_on,
        facts={"before": rate.mean, "direction": found.direction, **facts},
        past=tuple(zip(ends, rows.tolist(), strict=True))[-WINDOW:],
    )


def series_check(
    code: str,
    subject: str,
    as_of: datetime,
    *,
    week: Floats,
    values: Floats,
    scaled: Floats,
    noise: Floats,
    usual: float,
    back: Callable[[float], float],
    panel: Panel,
    unit: Unit,
    side: int,
) -> Check:
    """Check a series of weeks against its own past.

    Parameters
    ----------
    week : [n], how many weeks back each value lies, oldest first; weeks may be missing.
    values, scaled, noise : [n], the values as shown, on a scale on which they vary alike, and
        the variance of chance on that scale; `back` leads from it to the values.
    usual : by how much weeks vary beyond chance on that scale, before any was seen.
    """
    if len(values) <= LEAST_WEEKS or week[-1] > 0:
        return unknown(code, panel, subject, unit, "too few weeks", weeks=len(values))
    found = evidence(surprises(scaled, noise, usual=usual), side=side)
    past = scaled[-1 - WINDOW : -1]
    middle = float(past.mean())
    reach = _DRAWN * sqrt(max(float(past.var()), float(noise[-1])) + usual**2 / len(past))
    start = int(week[max(len(week) - found.weeks, 0)])
    return Check(
        code,
        panel,
        subject,
        unit,
        value=float(values[-1]),
        low=back(middle - reach),
        high=back(middle + reach),
        log_looks=found.log_looks,
        since=end_of(start, as_of) - timedelta(days=6),
        is_on=found.is_on,
        facts={"before": back(middle), "direction": found.direction},
        past=tuple((end_of(int(w), as_of), float(v)) for w, v in zip(week, values, strict=True))[
            -WINDOW:
        ],
    )


def scaled_share(share: float) -> float:
    """Return a share on the scale on which shares vary alike."""
    return 2.0 * asin(sqrt(min(max(share, 0.0), 1.0)))
