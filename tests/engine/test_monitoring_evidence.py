"""How surprising a series is: exact against slow ways, and honest however often one looks."""

from datetime import UTC, date, datetime, timedelta
from math import exp, inf, log, sqrt

import numpy as np
import polars as pl
import pytest

from tenor.engine.monitoring.checks import Check, Panel, State, Unit, judged
from tenor.engine.monitoring.drift import psi
from tenor.engine.monitoring.evidence import NOTHING, evidence, normal_of_t, surprises
from tenor.engine.monitoring.weeks import count_check, share_check

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def slow_looks(z: np.ndarray) -> float:
    """The sum of e-values from every beginning, by numerical integration over the size."""
    grid = np.linspace(0.0, 40.0, 400_001)
    total = 0.0
    for start in range(len(z)):
        s, v = float(z[start:].sum()), float(len(z) - start)
        prior = 2.0 * np.exp(-0.5 * 0.2 * grid**2) * sqrt(0.2 / (2.0 * np.pi))
        for sign in (1, -1):
            total += 0.5 * float(
                np.trapezoid(prior * np.exp(grid * sign * s - grid**2 * v / 2.0), grid)
            )
    return total


def test_the_sum_of_evidence_is_the_integral_it_stands_for() -> None:
    z = np.array([0.3, -0.8, 1.9, 2.4, 0.7])
    assert exp(evidence(z).log_looks) == pytest.approx(slow_looks(z), rel=1e-5)


@pytest.mark.parametrize(
    ("t", "freedom", "normal"), [(2.228, 10, 1.960), (4.587, 10, 3.291), (1.0, 200, 0.9975)]
)
def test_students_deviation_becomes_the_normal_one_as_rare(
    t: float, freedom: float, normal: float
) -> None:
    assert normal_of_t(t, freedom) == pytest.approx(normal, abs=0.01)
    assert normal_of_t(-t, freedom) == pytest.approx(-normal, abs=0.01)


def test_a_quiet_series_looked_at_every_week_alarms_less_than_promised() -> None:
    rng = np.random.default_rng(5)
    limit, runs, weeks = log(300.0), 40, 100
    first = []
    for _ in range(runs):
        z = rng.normal(size=weeks)
        alarmed = [w for w in range(1, weeks + 1) if evidence(z[:w]).log_looks >= limit]
        first.append(alarmed[0] if alarmed else inf)
    # An alarm in 300 looks on average: in a hundred, about a third at the very most.
    assert sum(f <= weeks for f in first) / runs <= 1 / 3


def test_a_change_is_found_with_its_beginning_and_its_direction() -> None:
    rng = np.random.default_rng(6)
    z = np.concatenate([rng.normal(size=30), rng.normal(size=4) - 4.0])
    found = evidence(z)
    assert found.log_looks > log(10_000)
    assert (found.direction, found.weeks, found.is_on) == (-1, 4, True)
    over = evidence(np.append(z, 0.0))
    assert not over.is_on


def test_one_side_alone_and_no_weeks_at_all() -> None:
    falling = np.full(5, -4.0)
    assert evidence(falling, side=1).log_looks < log(10)
    assert evidence(falling, side=-1).log_looks > log(10_000)
    assert evidence(np.array([])) == NOTHING


def test_what_varied_before_is_no_surprise() -> None:
    rng = np.random.default_rng(7)
    calm, wild = rng.normal(0, 1, 40), rng.normal(0, 5, 40)
    calm[-1] = wild[-1] = 6.0
    assert surprises(calm, usual=1.0)[-1] > 4.0
    assert abs(surprises(wild, usual=1.0)[-1]) < 2.0
    assert np.isnan(surprises(calm, usual=1.0)[:6]).all()


def test_surprises_of_quiet_weeks_are_standard_deviations() -> None:
    rng = np.random.default_rng(8)
    z = np.concatenate([surprises(rng.normal(3, 2, 60), usual=2.0)[12:] for _ in range(60)])
    assert abs(z.mean()) < 0.06
    assert z.std() == pytest.approx(0.95, abs=0.12)


def test_the_stability_index_is_the_textbooks_less_what_samples_differ_by() -> None:
    now, before = np.array([30.0, 70.0]), np.array([500.0, 500.0])
    p, q = np.array([30.5, 70.5]) / 101.0, np.array([500.5, 500.5]) / 1001.0
    textbook = float(((p - q) * np.log(p / q)).sum())
    assert psi(now, before) == pytest.approx(textbook - (1 / 100 + 1 / 1000))
    assert psi(np.zeros(3), before) == 0.0


def test_small_samples_of_the_same_people_move_nothing_on_average() -> None:
    rng = np.random.default_rng(9)
    shares = np.full(8, 1 / 8)
    drawn = [
        psi(rng.multinomial(60, shares).astype(float), rng.multinomial(800, shares).astype(float))
        for _ in range(400)
    ]
    # Uncorrected it would be 7 (1/60 + 1/800) = 0.125 and look like a drift.
    assert float(np.mean(drawn)) < 0.05


def check(code: str, panel: Panel, looks: float, **more: object) -> Check:
    return Check(code, panel, "x", Unit.SHARE, log_looks=log(looks), **more)  # type: ignore[arg-type]


def test_the_budget_is_shared_by_families_and_within_them() -> None:
    year = 365.0
    alone = check("pace", Panel.WORLD, 2 * 2 * year)
    crowd = [check(f"f{n}", Panel.DRIFT, 2 * 2 * year) for n in range(50)]
    states = {c.code: c.state for c in judged([alone, *crowd], years=2.0)}
    assert states["pace"] is State.ALARM
    assert states["f0"] is State.WELL
    loud = check("f0", Panel.DRIFT, 2 * 2 * year * 50)
    assert judged([alone, loud, *crowd[1:]], years=2.0)[1].state is State.ALARM


def test_what_is_over_or_unknown_is_no_alarm() -> None:
    over = check("a", Panel.WORLD, 1e9, is_on=False)
    untold = check("b", Panel.WORLD, 1e9, known=False)
    assert [c.state for c in judged([over, untold])] == [State.WELL, State.UNKNOWN]


def days_with(rows: list[int]) -> pl.Series:
    """So many rows on each of the days before Monday, oldest first."""
    every = [
        MONDAY.date() - timedelta(days=len(rows) - n) for n, k in enumerate(rows) for _ in range(k)
    ]
    return pl.Series(every, dtype=pl.Date)


def test_counts_go_by_whole_weeks_before_the_day_that_is_not_over() -> None:
    days = days_with([3] * 70)
    today = pl.Series([MONDAY.date()] * 50, dtype=pl.Date)
    found = count_check("volume", "invoices", pl.concat([days, today]), MONDAY)
    assert found.value == 21.0
    assert found.past[-1] == (date(2026, 3, 1), 21.0)
    assert found.log_looks < log(10)


def test_half_of_a_small_source_is_watched_from_the_second_week_on() -> None:
    def after(days: int) -> Check:
        return count_check("volume", "invoices", days_with([8] * 140 + [4] * days), MONDAY)

    assert judged([after(10)])[0].state is State.WATCH
    assert judged([after(14)])[0].state is State.ALARM
    assert after(42).since == date(2026, 1, 19)
    # As one of some hundred checks it is an alarm before the third week is over.
    assert after(21).log_looks > log(5 * 365 * 7 * 14)


def test_a_share_needs_a_past() -> None:
    frame = pl.DataFrame({"day": days_with([5] * 30)}).with_columns(value=pl.lit(False))
    assert not share_check("missing", "x", frame, MONDAY, panel=Panel.QUALITY).known
