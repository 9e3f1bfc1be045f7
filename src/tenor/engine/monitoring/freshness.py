"""Do the facts come: a source that fell silent, a hole, news that arrives late, too few or many."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from math import log

import numpy as np
import polars as pl

from tenor.engine.events import Kind
from tenor.engine.frames import Tables
from tenor.engine.monitoring.arrivals import CLOSE, Arrivals, arrivals
from tenor.engine.monitoring.checks import Check, Panel, Unit, unknown
from tenor.engine.monitoring.weeks import WEEKS, count_check, series_check, sums, week_of

# How far back the rhythm of a source is looked for, and on how many days it must have spoken.
_RHYTHM_DAYS = 91
_FEWEST_DAYS = 10
# Public holidays and the like: no source speaks on every day of its kind with more certainty.
_NEVER_SURER = 0.02
_HOLES_WITHIN = 14
# A source that has said nothing for more than a year has ended.
_ENDED_DAYS = 400
# Kinds of event that come within so long after the first one were there from the beginning.
_SETTLING_DAYS = 28
# What customers and banks do, counted by week, besides the sources themselves.
COUNTED = (
    Kind.PAYMENT_FAILED,
    Kind.BOUNCED,
    Kind.COMPLAINED,
    Kind.OPTED_OUT,
    Kind.DISPUTED,
)


def freshness(
    tables: Tables, *, as_of: datetime, arrivals: pl.DataFrame | None = None
) -> list[Check]:
    """Check that facts come as they used to.

    Parameters
    ----------
    tables : facts up to `as_of`; the day of `as_of` is not over and is left out.
    arrivals : columns `source, at, received_at` (instants): when things happened and when they
        were told. Without it nothing is said about delays.
    """
    sources = {
        "payments": tables.payments["paid_at"].dt.date(),
        "invoices": tables.invoices["issued_on"],
        "events": tables.events["at"].dt.date(),
    }
    # Of those that answer a message there are as many as are sent: that is our own doing.
    counted = {**sources, "events": _of_themselves(tables, as_of)["at"].dt.date()}
    found: list[Check] = []
    for name, days in sources.items():
        found += [silence(name, days, as_of), count_check("volume", name, counted[name], as_of)]
    begun: date | None = sources["events"].min()  # type: ignore[assignment]
    for kind in COUNTED:
        days = tables.events.filter(pl.col("kind") == kind)["at"].dt.date()
        if days.len():
            # What never happened before counts as none, not as unknown.
            found.append(count_check("surge", kind.value, days, as_of, side=1, since=begun))
    found.append(count_check("volume", "customers", _heard_of(tables, as_of), as_of))
    return found + list(_delays(arrivals, as_of))


def _of_themselves(tables: Tables, as_of: datetime) -> pl.DataFrame:
    """Return the events that answer no message, of kinds that were there all the time looked at.

    A kind that began in between (plans that were first offered, holds that were first kept) would
    make more of every week since.
    """
    events = tables.events
    looked_at = pl.lit(as_of - timedelta(weeks=WEEKS)).cast(events["at"].dtype)
    begun = pl.max_horizontal(pl.col("at").min(), looked_at)
    known = pl.col("at").min().over("kind") - begun < timedelta(days=_SETTLING_DAYS)
    return events.filter(pl.col("contact_id").is_null() & known)


def _heard_of(tables: Tables, as_of: datetime) -> pl.Series:
    """Return a day for each customer and week in which anything is known of them."""
    owners = tables.invoices.select("invoice_id", of="customer_id")
    paid = tables.payments.join(owners, on="invoice_id", how="inner")
    told = _of_themselves(tables, as_of).join(owners, on="invoice_id", how="left")
    rows = pl.concat(
        [
            tables.invoices.select("customer_id", day="issued_on"),
            paid.select(customer_id="of", day=pl.col("paid_at").dt.date()),
            told.select(pl.coalesce("customer_id", "of"), day=pl.col("at").dt.date()),
        ]
    ).with_columns(week=week_of(pl.col("day"), as_of))
    return rows.drop_nulls().group_by("customer_id", "week").agg(pl.col("day").min())["day"]


def silence(name: str, days: pl.Series, as_of: datetime) -> Check:
    """Check how long a source has been silent, or was in a hole of the last two weeks.

    The chance of a silent day is that of its weekday in the last three months, never below that
    of a holiday; the chance of a silence is the product over its days. Where rows come on a few
    days a month, it is that of so long a time between two arrivals.
    """
    today = as_of.date()
    told = arrivals(days, today.toordinal())
    if told is not None:
        return _since_last(name, told, today)
    ever = days.filter(days < today).unique().sort()
    if not ever.len() or (today - ever[-1]).days > _ENDED_DAYS:
        return unknown("silent", Panel.FRESHNESS, name, Unit.DAYS, "no rhythm", days=0)
    # The rhythm is that of the time in which it spoke, however long it has been silent since.
    last: date = ever[-1]
    first = last - timedelta(days=_RHYTHM_DAYS - 1)
    spoke = set(ever.filter(ever >= first).to_list())
    if len(spoke) < _FEWEST_DAYS:
        return unknown("silent", Panel.FRESHNESS, name, Unit.DAYS, "no rhythm", days=len(spoke))
    every = [first + timedelta(days=n) for n in range((today - first).days)]
    quiet = _quiet_by_weekday([day for day in every if day <= last], spoke)
    runs = _silences(every, spoke)
    usual = max((len(run) for run in runs if run[-1] < last), default=0)
    now = [day for day in every if day > last]
    hole = max(
        (run for run in runs if (today - run[-1]).days <= _HOLES_WITHIN and run[-1] < last),
        key=lambda run: _looks(run, quiet),
        default=[],
    )
    worst = max((now, hole), key=lambda run: _looks(run, quiet))
    return Check(
        "silent",
        Panel.FRESHNESS,
        name,
        Unit.DAYS,
        value=float(len(worst)),
        low=0.0,
        high=float(usual),
        log_looks=_looks(worst, quiet) if len(worst) > usual else 0.0,
        since=worst[0] if worst else None,
        facts={
            "last": last.isoformat(),
            "usual": usual,
            "days": len(worst),
            "hole": worst is not now,
        },
    )


def _since_last(name: str, told: Arrivals, today: date) -> Check:
    """Check how long it is since the last arrival of a source that comes a few days a month."""
    last = date.fromordinal(int(told.ends[-1]))
    silent, usual = (today - last).days - 1, told.usual
    # Within what was silent before, nothing is said; a bank holiday moves an arrival as well.
    beyond = silent > usual + CLOSE
    return Check(
        "silent",
        Panel.FRESHNESS,
        name,
        Unit.DAYS,
        value=float(silent),
        low=0.0,
        high=float(usual),
        log_looks=told.log_looks(silent) if beyond else 0.0,
        since=last + timedelta(days=1),
        facts={"last": last.isoformat(), "usual": usual, "days": silent, "hole": False},
    )


def _quiet_by_weekday(every: list[date], spoke: set[date]) -> dict[int, float]:
    """Return the logarithm of the chance that nothing comes on each day of the week."""
    found = {}
    for weekday in range(7):
        mine = [day for day in every if day.weekday() == weekday]
        silent = sum(day not in spoke for day in mine)
        chance = (silent + 0.5) / (len(mine) + 1.0)
        found[weekday] = log(max(chance, _NEVER_SURER))
    return found


def _silences(every: list[date], spoke: set[date]) -> list[list[date]]:
    """Return the runs of days without anything, in order; the last one may be going on."""
    runs: list[list[date]] = [[]]
    for day in every:
        if day in spoke:
            runs.append([])
        else:
            runs[-1].append(day)
    return [run for run in runs if run]


def _looks(run: list[date], quiet: dict[int, float]) -> float:
    return -sum(quiet[day.weekday()] for day in run)


def _delays(arrivals: pl.DataFrame | None, as_of: datetime) -> Iterator[Check]:
    """Check how long after it happened each source tells a thing."""
    if arrivals is None:
        return
    lag = (pl.col("received_at") - pl.col("at")).dt.total_seconds() / 86_400
    told = arrivals.select("source", day=pl.col("received_at").dt.date(), value=lag.clip(0.01))
    for source in sorted(told["source"].unique().to_list()):
        mine = told.filter(pl.col("source") == source).with_columns(pl.col("value").log10())
        week, rows, mean, variance = sums(mine, as_of)
        yield series_check(
            "late",
            source,
            as_of,
            week=week,
            values=10.0**mean,
            scaled=mean,
            noise=variance / np.maximum(rows, 1.0),
            usual=0.15,
            back=lambda x: float(10.0**x),
            panel=Panel.FRESHNESS,
            unit=Unit.DAYS,
            side=1,
        )
