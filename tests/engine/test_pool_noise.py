"""The noise of a pool: as large as it says, of the right shape, and its cost added up rightly."""

from fractions import Fraction
from math import exp, sqrt

import numpy as np
import pytest

from tenor.engine.errors import InputError
from tenor.engine.pooling.noise import (
    discrete_gaussian,
    epsilon_of,
    noisy,
    rho_of,
    sigma_of,
)


def below_of(seed: int) -> object:
    rng = np.random.default_rng(seed)

    def below(n: int) -> int:
        # Wide enough for any whole number: the engine's own chance comes from the system.
        return int.from_bytes(rng.bytes(n.bit_length() // 8 + 9)) % n

    return below


def test_the_noise_has_the_spread_it_says() -> None:
    drawn = noisy(np.zeros(1_500, dtype=np.int64), sigma=1_000.0, below=below_of(1))  # type: ignore[arg-type]
    assert abs(drawn.mean()) < 4 * 1_000 / sqrt(1_500)
    assert drawn.std() == pytest.approx(1_000.0, rel=0.07)
    assert np.mean(np.abs(drawn) < 1_960) == pytest.approx(0.95, abs=0.025)


def test_the_noise_is_the_discrete_gaussian() -> None:
    below = below_of(2)
    square = Fraction(9, 4)
    drawn = np.array([discrete_gaussian(square, below) for _ in range(2_500)])  # type: ignore[arg-type]
    places = np.arange(-4, 5)
    weight = np.array([exp(-(x**2) / (2 * 2.25)) for x in range(-40, 41)])
    expected = np.array([exp(-(x**2) / (2 * 2.25)) for x in places]) / weight.sum()
    seen = np.array([(drawn == x).mean() for x in places])
    assert np.abs(seen - expected).max() < 4 * sqrt(0.25 / 2_500)


def test_noise_is_what_the_privacy_asked_for_takes() -> None:
    # rho = clip^2 / (2 sigma^2), the definition.
    assert sigma_of(3.0, 0.02) == pytest.approx(3.0 / sqrt(0.04))
    for epsilon in (0.1, 1.0, 4.0):
        rho = rho_of(epsilon)
        assert epsilon_of(rho) == pytest.approx(epsilon, rel=1e-9)
        # Better than the simple bound of Bun & Steinke, and not by a miracle.
        simple = rho + 2 * sqrt(rho * np.log(1e6))
        assert 0.7 * simple < epsilon < simple


def test_a_gaussian_of_that_size_is_as_private_as_is_said() -> None:
    """Beside the exact figure for the Gaussian (Balle & Wang 2018, theorem 8)."""
    from statistics import NormalDist

    phi = NormalDist().cdf
    for epsilon in (0.5, 1.0, 3.0):
        sigma = sigma_of(1.0, rho_of(epsilon))
        mu = 1.0 / sigma
        delta = phi(mu / 2 - epsilon / mu) - exp(epsilon) * phi(-mu / 2 - epsilon / mu)
        assert 0 < delta < 1e-6
        assert delta > 1e-8


def test_what_is_given_again_and_again_adds_up() -> None:
    rho = rho_of(1.0)
    assert epsilon_of(4 * rho) < 4.0
    assert epsilon_of(4 * rho) > 2.0
    assert epsilon_of(0.0) == 0.0


def test_a_budget_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="epsilon is above 0"):
        rho_of(0.0)
    with pytest.raises(InputError, match="without a budget"):
        sigma_of(1.0, 0.0)
