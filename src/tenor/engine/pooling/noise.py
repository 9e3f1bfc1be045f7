"""Differential privacy of what leaves an organisation: how much noise, and what it costs.

**Unit**: one customer of one organisation, with everything known of them. Adding or removing them
moves a sum by at most the clip (L2), because that is how long a contribution may be.

**Noise**: the discrete Gaussian on the same whole numbers (Canonne, Kamath & Steinke 2020): as
good as the Gaussian, and free of the leaks of rounded floats (Mironov 2012). It is
rho = clip^2 / (2 sigma^2) concentrated differentially private (zCDP).

**Accounting**: the rhos of all that an organisation ever gave add up (Bun & Steinke 2016, lemma
1.7), however each was chosen by what came before; what a sum is worth as (epsilon, delta) is
worked out as in Canonne, Kamath & Steinke, proposition 12.
"""

from collections.abc import Callable
from fractions import Fraction
from math import isqrt, log, log1p, sqrt

import numpy as np
from numpy.typing import NDArray

from tenor.engine.errors import InputError

# A whole number, uniform in [0, n): from the system's source of chance, never from a known seed.
Below = Callable[[int], int]

DELTA = 1e-6


def rho_of(epsilon: float, delta: float = DELTA) -> float:
    """Return the largest rho whose (epsilon, delta) is no worse than asked."""
    if not (epsilon > 0.0 and 0.0 < delta < 1.0):
        raise InputError(f"epsilon is above 0 and delta between 0 and 1, not {epsilon} and {delta}")
    low, high = 0.0, epsilon
    for _ in range(80):
        middle = (low + high) / 2.0
        low, high = (middle, high) if epsilon_of(middle, delta) <= epsilon else (low, middle)
    return low


def epsilon_of(rho: float, delta: float = DELTA) -> float:
    """Return the epsilon that a sum of rhos is worth at this delta.

    The least, over alpha above 1, of rho alpha + log(1 / (alpha delta)) / (alpha - 1)
    + log(1 - 1 / alpha).
    """
    if rho <= 0.0:
        return 0.0
    # The best alpha lies near 1 + sqrt(log(1 / delta) / rho); the bound holds at any.
    around = sqrt(log(1.0 / delta) / rho)
    return min(
        rho * alpha + log(1.0 / (alpha * delta)) / (alpha - 1.0) + log1p(-1.0 / alpha)
        for alpha in (1.0 + around * (0.5 + 0.005 * step) for step in range(300))
    )


def sigma_of(clip: float, rho: float) -> float:
    """Return the standard deviation of the noise, in the units of `clip`."""
    if not rho > 0.0:
        raise InputError("without a budget nothing can be given")
    return clip / sqrt(2.0 * rho)


def noisy(total: NDArray[np.int64], *, sigma: float, below: Below) -> NDArray[np.int64]:
    """Return a sum of whole numbers [n] with independent discrete Gaussian noise on each.

    Parameters
    ----------
    sigma : standard deviation in steps of the grid, above 0.
    below : the source of chance; must be one that nobody can foresee (`secrets.randbelow`).
    """
    square = Fraction(sigma) ** 2
    added = np.array([discrete_gaussian(square, below) for _ in range(len(total))], dtype=np.int64)
    return np.asarray(total + added)


def discrete_gaussian(square: Fraction, below: Below) -> int:
    """Draw a whole number with probability proportional to exp(-x^2 / (2 square)), exactly.

    Algorithm 3 of Canonne, Kamath & Steinke: a discrete Laplace, accepted with the chance that
    makes it Gaussian. No floating point is involved.
    """
    if square <= 0:
        raise InputError("the noise has a variance above 0")
    steps = isqrt(square.numerator // square.denominator) + 1
    while True:
        drawn = _discrete_laplace(steps, below)
        off = (abs(drawn) - square / steps) ** 2 / (2 * square)
        if _came_true(off, below):
            return drawn


def _discrete_laplace(steps: int, below: Below) -> int:
    """Draw a whole number with probability proportional to exp(-|x| / steps) (algorithm 2)."""
    while True:
        rest = below(steps)
        if not _came_true_below_one(Fraction(rest, steps), below):
            continue
        whole = 0
        while _came_true_below_one(Fraction(1), below):
            whole += 1
        size = rest + steps * whole
        if below(2):
            if size:
                return -size
            continue
        return size


def _came_true(power: Fraction, below: Below) -> bool:
    """Return true with chance exp(-power), for power of nought or more (algorithm 1)."""
    while power > 1:
        if not _came_true_below_one(Fraction(1), below):
            return False
        power -= 1
    return _came_true_below_one(power, below)


def _came_true_below_one(power: Fraction, below: Below) -> bool:
    """Return true with chance exp(-power), for power in [0, 1]."""
    count = 1
    while below(power.denominator * count) < power.numerator:
        count += 1
    return count % 2 == 1
