"""What it brings: paying, handing over, complaints and cost, by week, beside the control group.

Two kinds of figures stand together. Leading ones show within days (still unpaid a week after
the due day, complaints a week); lagging ones need a month (paid within thirty days, days late).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from tenor.engine.events import Kind
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states
from tenor.engine.monitoring.checks import Check, Panel, Unit, unknown
from tenor.engine.monitoring.evidence import LEAST_WEEKS, WINDOW, Floats, evidence, surprises
from tenor.engine.monitoring.weeks import WEEKS, end_of, week_of

TREATED, CONTROL = "treated", "control"
_FEWEST = 5


@dataclass(frozen=True)
class Measure:
    """A figure of a week: what it counts in, which way is worse, and by how much it varies.

    `after` is how many days after the due day it is known; None: it is known in its own week.
    `usual` is the standard deviation between quiet weeks, before any was seen. `leading` ones
    show trouble before the money does.
    """

    name: str
    unit: Unit
    worse: int
    after: int | None
    usual: float
    leading: bool


MEASURES = (
    Measure("late_7d", Unit.SHARE, +1, 7, 0.05, True),
    Measure("complaints", Unit.SHARE, +1, None, 0.01, True),
    Measure("paid_30d", Unit.SHARE, -1, 30, 0.04, False),
    Measure("days_late", Unit.DAYS, +1, 30, 1.0, False),
    Measure("escalated", Unit.SHARE, +1, None, 0.01, False),
    Measure("cost", Unit.MONEY, +1, None, 0.10, False),
)


def outcomes(tables: Tables, *, as_of: datetime, arms: pl.DataFrame | None = None) -> list[Check]:
    """Check the outcomes of the weeks against their own past and against the control group.

    Parameters
    ----------
    arms : `customer_id, arm` with "treated" and "control"; who is in neither is left out of the
        comparison. Without it there is none.

    Returns
    -------
    Two checks a measure: `outcome` (all customers, against their own past) and, with arms,
    `against_control` (treated less control; an alarm means: worse than the fixed ladder).
    """
    known = tables.known_at(as_of)
    by_customer = weekly(known, as_of=as_of)
    if arms is not None:
        both = arms.filter(pl.col("arm").is_in([TREATED, CONTROL]))
        by_customer = by_customer.join(both, on="customer_id", how="left")
    found = []
    for measure in MEASURES:
        mine = by_customer.filter(pl.col("measure") == measure.name)
        found.append(_against_past(measure, mine, as_of))
        if arms is not None:
            found.append(_against_control(measure, mine, as_of))
    return found


def weekly(known: Tables, *, as_of: datetime) -> pl.DataFrame:
    """Return `measure, week, customer_id, value`: what each customer's week came to.

    `week` as in `weeks.week_of`, of the due day (measures known later) or of the calendar.
    """
    states = invoice_states(known, as_of)
    parts = [
        *(_of_due(m, states, as_of) for m in MEASURES if m.after is not None),
        *_of_calendar(known, states, as_of),
    ]
    return pl.concat(parts)


def _of_due(measure: Measure, states: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Return a measure of the invoices that fell due long enough ago, by week of the due day."""
    after = measure.after or 0
    due = pl.col("due_on").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    late = (pl.col("settled_at") - due).dt.total_seconds() / 86_400
    unpaid = late.is_null() | (late > after)
    value = {
        "late_7d": unpaid.cast(pl.Float64),
        "paid_30d": (~unpaid).cast(pl.Float64),
        # Longer ones count as thirty, so that a week is known when thirty days are over.
        "days_late": late.fill_null(float(after)).clip(0.0, float(after)),
    }[measure.name]
    told_on = as_of - timedelta(days=after)
    return (
        states.with_columns(value=value, week=week_of(pl.col("due_on"), told_on))
        .filter(pl.col("week").is_not_null())
        .group_by("week", "customer_id")
        .agg(pl.col("value").mean())
        .select(pl.lit(measure.name).alias("measure"), "week", "customer_id", "value")
    )


def _of_calendar(known: Tables, states: pl.DataFrame, as_of: datetime) -> Iterator[pl.DataFrame]:
    """Yield what happened in each week to each customer who owed something in it."""
    owing = _owing(states, as_of)
    cost = known.contacts.select(
        "customer_id", day=pl.col("sent_at").dt.date(), value=pl.col("cost").fill_null(0.0)
    )
    invoices = known.invoices.select("invoice_id", of="customer_id")
    events = known.events.join(invoices, on="invoice_id", how="left").select(
        "kind", customer_id=pl.coalesce("customer_id", "of"), day=pl.col("at").dt.date(),
        value=pl.lit(1.0),
    )  # fmt: skip
    for name, rows in (
        ("complaints", events.filter(pl.col("kind") == Kind.COMPLAINED)),
        ("escalated", events.filter(pl.col("kind") == Kind.ESCALATED)),
        ("cost", cost),
    ):
        happened = (
            rows.select("customer_id", "value", week=week_of(pl.col("day"), as_of))
            .drop_nulls()
            .group_by("week", "customer_id")
            .agg(pl.col("value").sum())
        )
        yield owing.join(happened, on=["week", "customer_id"], how="left").select(
            pl.lit(name).alias("measure"), "week", "customer_id", pl.col("value").fill_null(0.0)
        )


def _owing(states: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Return `week, customer_id`: who had an invoice open in which week."""
    ended = pl.min_horizontal(
        pl.col("settled_at").dt.date(), pl.col("closed_at").dt.date()
    ).fill_null(as_of.date() - timedelta(days=1))
    today = pl.lit(as_of.date())
    spans = states.select(
        "customer_id",
        first=((today - pl.col("issued_on")).dt.total_days() - 1) // 7,
        last=(today - ended).dt.total_days().sub(1).clip(0) // 7,
    ).with_columns(pl.col("first").clip(None, WEEKS - 1))
    return (
        spans.filter(pl.col("first") >= pl.col("last"))
        .select("customer_id", week=pl.int_ranges("last", pl.col("first") + 1))
        .explode("week")
        .unique()
        .sort("week", "customer_id")
    )


def _by_week(mine: pl.DataFrame) -> pl.DataFrame:
    """Return `week, rows, value, noise`, oldest first: customers' mean and its variance."""
    return (
        mine.group_by("week")
        .agg(
            rows=pl.len(),
            mean=pl.col("value").mean(),
            noise=pl.col("value").var().fill_null(0.0) / pl.len(),
        )
        .filter(pl.col("rows") >= _FEWEST)
        .sort("week", descending=True)
    )


def _against_past(measure: Measure, mine: pl.DataFrame, as_of: datetime) -> Check:
    weeks = _by_week(mine)
    if weeks.height <= LEAST_WEEKS or weeks["week"][-1] > 0:
        return unknown(
            "outcome", Panel.OUTCOMES, measure.name, measure.unit, "too few weeks",
            weeks=weeks.height, leading=measure.leading,
        )  # fmt: skip
    mean, noise = weeks["mean"].to_numpy(), weeks["noise"].to_numpy()
    found = evidence(surprises(mean, noise, usual=measure.usual), side=measure.worse)
    return _measured("outcome", measure, weeks, mean, noise, found.log_looks, as_of,
                     weeks_on=found.weeks, is_on=found.is_on, centre=None)  # fmt: skip


def _against_control(measure: Measure, mine: pl.DataFrame, as_of: datetime) -> Check:
    """Hold treated against control: is it worse than leaving people to the fixed ladder?"""
    both = _by_week(mine.filter(pl.col("arm") == TREATED)).join(
        _by_week(mine.filter(pl.col("arm") == CONTROL)), on="week", suffix="_control"
    )
    code = "against_control"
    if both.height < LEAST_WEEKS or both["week"][-1] > 0:
        return unknown(
            code, Panel.OUTCOMES, measure.name, measure.unit, "too few in the control group",
            weeks=both.height, leading=measure.leading,
        )  # fmt: skip
    apart = (both["mean"] - both["mean_control"]).to_numpy()
    noise = (both["noise"] + both["noise_control"]).to_numpy()
    # A handful of customers who all did the same vary more than they show.
    noise = np.maximum(noise, 0.5 * float(noise.mean())) + 1e-12
    # Both groups meet the same weeks: what is left beyond chance is small.
    found = evidence(apart, noise + (measure.usual / 4) ** 2, side=measure.worse)
    return _measured(code, measure, both, apart, noise, found.log_looks, as_of,
                     weeks_on=found.weeks, is_on=found.is_on, centre=0.0)  # fmt: skip


def _measured(
    code: str,
    measure: Measure,
    weeks: pl.DataFrame,
    values: Floats,
    noise: Floats,
    log_looks: float,
    as_of: datetime,
    *,
    weeks_on: int,
    is_on: bool,
    centre: float | None,
) -> Check:
    past = values[-1 - WINDOW : -1]
    middle = float(past.mean()) if centre is None else centre
    spread = float(past.var()) if centre is None else 0.0
    reach = 2.6 * float(np.sqrt(max(spread, float(noise[-1])) + measure.usual**2 / 8))
    after = measure.after or 0
    days = [end_of(int(w), as_of - timedelta(days=after)) for w in weeks["week"]]
    facts = {
        "before": middle,
        "leading": measure.leading,
        "worse": measure.worse,
        "customers": int(weeks["rows"][-1]),
        # Weeks together say more than the last one: the mean of the last eight.
        "mean": float(values[-8:].mean()),
        "reach": 2.0 * float(np.sqrt(noise[-8:].sum())) / len(values[-8:]),
    }
    if "mean_control" in weeks.columns:
        facts["control"] = float(weeks["mean_control"][-8:].mean())  # type: ignore[arg-type]
        facts["treated"] = float(weeks["mean"][-8:].mean())  # type: ignore[arg-type]
    return Check(
        code,
        Panel.OUTCOMES,
        measure.name,
        measure.unit,
        value=float(values[-1]),
        low=middle - reach if centre is not None else max(middle - reach, 0.0),
        high=min(middle + reach, 1.0) if measure.unit is Unit.SHARE else middle + reach,
        log_looks=log_looks,
        since=days[max(len(days) - weeks_on, 0)] - timedelta(days=6),
        is_on=is_on,
        facts=facts,
        past=tuple((d, float(v)) for d, v in zip(days, values, strict=True))[-WINDOW:],
    )
