"""Sources that come on a few pay days a month: half of one, none of one, and quiet years."""

from datetime import UTC, date, datetime, timedelta
from math import log

import numpy as np
import polars as pl
import pytest

from tenor.engine.monitoring.arrivals import Arrivals, arrivals
from tenor.engine.monitoring.checks import Check
from tenor.engine.monitoring.freshness import silence
from tenor.engine.monitoring.weeks import count_check
from tenor.engine.monitoring.words import what_changed

# What an alarm of one among all checks needs: one false alarm in five years.
ALARM = log(5 * 365 * 7 * 14)
FIRST, FAULT = date(2024, 1, 1), date(2025, 6, 10)


def statements(seed: int, rows: float, *, until: date = date(2026, 3, 1)) -> pl.Series:
    """A day a row: of the 1st, 15th and 25th, on the next working day, a tenth a day later."""
    rng = np.random.default_rng(seed)
    days: list[date] = []
    for n in range((until - FIRST).days):
        day = FIRST + timedelta(days=n)
        if day.day in (1, 15, 25):
            came = day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
            count = int(rng.poisson(rows))
            days += [came] * (count - count // 10) + [came + timedelta(days=1)] * (count // 10)
    return pl.Series("day", days)


def alarms(days: pl.Series, on: date) -> list[Check]:
    now = datetime(on.year, on.month, on.day, tzinfo=UTC)
    known = days.filter(days < on)
    checks = [silence("payments", known, now), count_check("volume", "payments", known, now)]
    return [c for c in checks if c.log_looks > ALARM and c.is_on]


def found_after(days: pl.Series) -> tuple[int, Check]:
    for n in range(1, 100):
        found = alarms(days, FAULT + timedelta(days=n))
        if found:
            return n, found[0]
    raise AssertionError("never found")


@pytest.mark.parametrize(("rows", "within"), [(40.0, 60), (400.0, 40)])
def test_half_of_the_statements_is_found_by_how_many_rows_each_brings(
    rows: float, within: int
) -> None:
    days = statements(1, rows)
    half = days.filter((days < FAULT) | pl.Series(np.arange(len(days)) % 2 == 0))
    after, check = found_after(half)
    assert (check.code, check.facts["direction"]) == ("volume", -1)
    assert check.value == pytest.approx(rows / 2, rel=0.35)
    assert check.facts["before"] == pytest.approx(rows, rel=0.1)
    assert "at a time" in what_changed(check)
    assert after <= within


def test_statements_that_stop_are_found_by_how_long_it_is_since_the_last() -> None:
    days = statements(2, 40.0)
    after, check = found_after(days.filter(days < FAULT))
    assert check.code == "silent"
    # The 1st was a Sunday; the last rows came on Tuesday.
    assert check.facts["last"] == "2025-06-03"
    assert after <= 32


def test_two_quiet_years_of_statements_raise_nothing() -> None:
    for seed in (3, 4):
        days = statements(seed, 40.0)
        for n in range(420, 780, 4):
            assert not alarms(days, FIRST + timedelta(days=n))


def test_one_arrival_of_twice_as_many_rows_is_none_until_the_next_is_so_too() -> None:
    days = statements(5, 400.0, until=FAULT)
    twice = [date(2025, 6, 15)] * 800
    once = pl.concat([days, pl.Series("day", twice)])
    assert not alarms(once, date(2025, 6, 21))
    again = pl.concat([once, pl.Series("day", [date(2025, 6, 25)] * 800)])
    assert [c.code for c in alarms(again, date(2025, 6, 30))] == ["volume"]


def test_sources_that_speak_all_the_time_or_seldom_are_told_by_weeks() -> None:
    today = date(2026, 3, 1)
    rng = np.random.default_rng(6)
    every = [FIRST + timedelta(days=n) for n in range(790)]
    working = pl.Series("day", [d for d in every if d.weekday() < 5 for _ in range(8)])
    mondays = pl.Series("day", [d for d in every if d.weekday() == 0 for _ in range(30)])
    seldom = pl.Series("day", [d for d in every if rng.random() < 0.1])
    for days in (working, mondays, seldom, seldom.head(0)):
        assert arrivals(days, today.toordinal()) is None
    assert arrivals(statements(7, 40.0), today.toordinal()) is not None


def test_how_rare_a_silence_is_is_the_tail_of_a_gamma_distribution() -> None:
    gaps = np.array([14.0, 10.0, 6.0, 14.0, 10.0, 7.0, 13.0, 11.0, 5.0, 16.0])
    starts = 700_000.0 + np.concatenate([[0.0], np.cumsum(gaps)])
    told = Arrivals(starts, starts, np.full(11, 40.0))
    shape = 0.7 * gaps.mean() ** 2 / gaps.var(ddof=1)
    draws = np.random.default_rng(8).gamma(shape, gaps.mean() / shape, 2_000_000)
    for silent in (15, 25, 30):
        assert told.log_looks(silent) == pytest.approx(-log((draws > silent).mean()), abs=0.05)
    assert told.usual == 15
