"""Intervals that may be looked at every day: their error rate, and the price of looking."""

from math import inf, log, sqrt

import numpy as np
import pytest

from tenor.engine.errors import InputError
from tenor.engine.experiments.planning import Figure, customers_needed
from tenor.engine.experiments.sequential import (
    confidence_sequence,
    interval,
    multiplier,
    reach_at_end,
    spread_for,
)

EXPERIMENTS, LOOKS = 1_500, 150


@pytest.fixture(scope="module")
def steps() -> np.ndarray:
    """Standard normal steps of the difference between two arms: [experiments, looks]."""
    return np.random.default_rng(11).standard_normal((EXPERIMENTS, LOOKS))


def walked(steps: np.ndarray, drift: float) -> tuple[np.ndarray, np.ndarray]:
    """The estimate at each look and its standard error, one unit of information a look."""
    time = np.arange(1, LOOKS + 1)
    return (steps + drift).cumsum(axis=1) / time, 1.0 / np.sqrt(time)


def stopped(estimates: np.ndarray, errors: np.ndarray, tuned_to: float) -> np.ndarray:
    reach = np.array([multiplier(e, tuned_to=tuned_to) for e in errors]) * errors
    return (np.abs(estimates) > reach).any(axis=1)


def test_it_is_the_mixture_of_the_paper() -> None:
    # Theorem 2.2 of the paper: sd sqrt(2 (n r^2 + 1) / (n^2 r^2) log(sqrt(n r^2 + 1) / alpha)).
    n, sd, alpha = 400, 3.0, 0.05
    error = sd / sqrt(n)
    rho = spread_for(0.5) / sd
    paper = sd * sqrt(2 * (n * rho**2 + 1) / (n**2 * rho**2) * log(sqrt(n * rho**2 + 1) / alpha))
    assert multiplier(error, tuned_to=0.5) * error == pytest.approx(paper, rel=1e-12)


def test_looked_at_every_day_it_is_wrong_less_than_one_time_in_twenty(steps: np.ndarray) -> None:
    estimates, errors = walked(steps, drift=0.0)
    # An ordinary interval, looked at as often, excludes nought in two experiments of five.
    naive = (np.abs(estimates) > 1.96 * errors).any(axis=1).mean()
    assert naive > 0.35
    for tuned_to in (0.1, 0.3, 1.0):
        assert stopped(estimates, errors, tuned_to).mean() < 0.05


def test_it_finds_what_it_was_planned_for(steps: np.ndarray) -> None:
    # The planned end is at the last look: there the reach plus .84 errors is the effect.
    effect = (reach_at_end() + 0.8416) / sqrt(LOOKS)
    estimates, errors = walked(steps, drift=effect)
    found = stopped(estimates, errors, effect)
    assert found.mean() > 0.8
    need = customers_needed(
        Figure(0.0, spread=1.0), effect=effect, weights={"a": 1, "b": 1}, control="a"
    )
    # Two arms of half the customers each: the variance of a difference is four times that of one.
    assert need.customers == pytest.approx(4 * LOOKS, rel=0.02)


def test_the_reach_is_least_at_the_planned_end() -> None:
    effect = 0.25
    end = effect / (reach_at_end() + 0.8416)
    at_end = multiplier(end, tuned_to=effect)
    assert at_end == pytest.approx(reach_at_end(), rel=1e-9)
    assert reach_at_end() == pytest.approx(3.035, abs=0.001)
    for factor in (0.2, 0.7, 1.4, 5.0):
        assert multiplier(end * factor, tuned_to=effect) > at_end


def test_bounds_only_move_inwards(steps: np.ndarray) -> None:
    estimates, errors = walked(steps[:50], drift=0.1)
    for row in estimates:
        low, high = confidence_sequence(row, errors, tuned_to=0.2)
        if (low <= 0.1).all() and (high >= 0.1).all():
            assert (np.diff(low) >= 0).all()
            assert (np.diff(high) <= 0).all()
        last = interval(float(row[-1]), float(errors[-1]), tuned_to=0.2)
        assert low[-1] >= last.low or high[-1] <= last.high


def test_where_nothing_is_known_the_interval_is_endless() -> None:
    assert interval(0.0, inf, tuned_to=0.1).low == -inf
    assert interval(0.0, 0.0, tuned_to=0.1).high == inf
    low, high = confidence_sequence([0.0, 0.1], [inf, 0.05], tuned_to=0.1)
    assert (low[0], high[0]) == (-inf, inf)
    assert low[1] < 0.1 < high[1]


def test_a_level_or_an_effect_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        multiplier(0.1, tuned_to=0.1, level=1.0)
    with pytest.raises(InputError, match="above 0"):
        multiplier(0.1, tuned_to=0.0)
