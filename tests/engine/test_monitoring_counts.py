"""Counts of rows: a halved source, a surge out of nothing, and quiet sources that stay quiet."""

from datetime import UTC, date, datetime, timedelta
from math import exp, log
from statistics import median

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from tenor.engine.events import Kind
from tenor.engine.frames import tables_of
from tenor.engine.monitoring.checks import State, judged
from tenor.engine.monitoring.counts import Rate, evidence_of_counts, rate_before
from tenor.engine.monitoring.freshness import freshness
from tenor.engine.monitoring.weeks import counts

NOW = datetime(2026, 3, 2, tzinfo=UTC)
# What an alarm of one among all checks needs: one false alarm in five years.
ALARM = log(5 * 365 * 7 * 14)
WEEKDAYS = np.array([1.3, 1.2, 1.1, 1.1, 1.0, 0.7, 0.6])


def by_week(days: NDArray[np.int64], until: int) -> NDArray[np.float64]:
    """Return the whole weeks before a day, oldest first."""
    n = min(until // 7, 60)
    return days[until - 7 * n : until].reshape(n, 7).sum(axis=1).astype(np.float64)


def days_until_found(seed: int) -> int | None:
    """Return after how many days half of a source of eight rows a day is missed."""
    rng = np.random.default_rng(seed)
    days = rng.poisson(8.0 * WEEKDAYS[np.arange(350) % 7])
    start = 250 + seed % 7
    days[start:] = rng.binomial(days[start:], 0.5)
    for until in range(start + 1, start + 43):
        found = evidence_of_counts(by_week(days, until))
        if found.is_on and found.log_looks > ALARM:
            return until - start
    return None


def test_a_source_of_eight_rows_a_day_that_halves_is_missed_in_about_three_weeks() -> None:
    delays = [days_until_found(seed) for seed in range(9)]
    known = [delay for delay in delays if delay is not None]
    assert len(known) == len(delays)
    assert median(known) <= 23
    assert max(known) <= 42


@pytest.mark.parametrize("season", [0.0, 0.25])
def test_sources_that_are_quiet_or_follow_the_seasons_raise_nothing(season: float) -> None:
    most = -9.0
    for seed in range(5):
        rng = np.random.default_rng(seed)
        day = np.arange(80 * 7)
        rate = 8.0 * WEEKDAYS[day % 7] * (1 + season * np.sin(2 * np.pi * (day / 365 + seed / 5)))
        days = rng.poisson(rate)
        for until in range(20 * 7, 80 * 7, 6):
            found = evidence_of_counts(by_week(days, until))
            most = max(most, found.log_looks if found.is_on else -9.0)
    assert most < ALARM


def test_without_a_change_a_likelihood_ratio_is_one_on_average() -> None:
    rate = Rate(mean=12.0, own=0.04, weeks=10.0, wandered=0.002)
    shape = 1 / rate.relative_variance(2)
    rng = np.random.default_rng(1)
    # Poisson whose rate itself is drawn: the distribution that the ratios speak of.
    rows = rng.poisson(24.0 * rng.gamma(shape, 1 / shape, 100_000))
    for factor in (0.5, 0.75, 1.6):
        values, times = np.unique(rows, return_counts=True)
        ratios = [exp(float(rate.log_ratios(v, 2, np.array([factor]))[0])) for v in values]
        assert np.average(ratios, weights=times) == pytest.approx(1.0, abs=0.05)


def test_what_has_changed_excuses_nothing() -> None:
    rows = np.array([40.0] * 20 + [20.0] * 4)
    found = evidence_of_counts(rows)
    assert (found.weeks, found.direction, found.is_on) == (4, -1, True)
    assert rate_before(rows, 20).mean == pytest.approx(40.0, rel=0.01)
    assert not evidence_of_counts(np.array([40.0] * 20 + [20.0] * 2 + [40.0] * 3)).is_on


@pytest.mark.parametrize(
    ("last_week", "a_week", "state"),
    [(8, 0, State.ALARM), (15, 1, State.ALARM), (3, 0, State.WELL), (12, 10, State.WELL)],
)
def test_complaints_that_come_in_crowds_are_an_alarm_at_once(
    last_week: int, a_week: int, state: State
) -> None:
    ago = [7 * week + 8 + n % 7 for week in range(12) for n in range(a_week)]
    ago += [1 + n % 6 for n in range(last_week)]
    at = [NOW - timedelta(days=n) for n in ago]
    # Messages have been delivered for months, so complaints could have come.
    kinds = [Kind.COMPLAINED.value] * len(at) + [Kind.DELIVERED.value] * 12
    at += [NOW - timedelta(days=7 * n + 1) for n in range(12)]
    events = pl.DataFrame({"at": at, "kind": kinds, "customer_id": ["C"] * len(at)})
    found = {c.key: c for c in judged(freshness(tables_of(events=events), as_of=NOW))}
    check = found["surge:complained"]
    assert (check.state, check.value) == (state, last_week)
    assert check.facts["before"] == pytest.approx(a_week, abs=0.1)


def test_weeks_are_counted_from_when_rows_could_come() -> None:
    days = pl.Series([date(2026, 2, 28), date(2026, 2, 10)])
    assert counts(days, NOW).tolist() == [0.0, 1.0]
    assert counts(days, NOW, since=date(2026, 1, 20)).tolist() == [0.0, 0.0, 1.0, 0.0, 1.0]
    assert counts(days.head(0), NOW).size == 0
    assert counts(days.head(0), NOW, since=date(2026, 2, 10)).tolist() == [0.0, 0.0]
