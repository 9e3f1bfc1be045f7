"""The difference between two arms, made more exact by what was foretold before they began.

What a customer would have done anyway is known in part: the payment predictor foretold it, and
their history shows it. Taking that part out removes noise that has nothing to do with the arm
(CUPED: Deng, Xu, Kohavi & Walker 2013). A straight line is fitted in each arm apart and both are
read off at everybody's mean (Lin 2013): right on average in a randomised experiment however badly
the line fits, and in large samples never less exact than the plain difference. Errors are robust
(HC2) and count that everybody's mean was itself drawn.
"""

from dataclasses import dataclass
from math import inf, nan, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor.engine.errors import InputError

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Customers an arm must have for each thing taken into account, or the fit would chase noise.
LEAST_A_COLUMN = 20


@dataclass(frozen=True)
class Adjusted:
    """What the treated arm has over the other, and how exactly it is known.

    `difference` = `treated` - `control`, the arms' means at the same foretold outcome, in the
    outcome's units, each with its standard `error`; `covariance` is that of the two means.
    `saved` in [0, 1) is the share of the plain difference's variance that was removed: 0.5 is
    worth twice the customers. `customers` counts (control, treated).
    """

    difference: float
    error: float
    control: float
    control_error: float
    treated: float
    treated_error: float
    covariance: float
    saved: float
    customers: tuple[int, int]


def adjusted(
    outcome: ArrayLike,
    treated: ArrayLike,
    foretold: ArrayLike | None = None,
    *,
    bounds: tuple[float, float] | None = None,
) -> Adjusted:
    """Return the difference in the mean of an outcome between two arms.

    Parameters
    ----------
    outcome : [n] one a customer, none missing.
    treated : [n] whether the customer is in the arm that is tried.
    foretold : [n] or [n, k] what was known of the customer before the experiment began, such as
        the foretold outcome; NaN where it is missing (the mean and a flag take its place). It
        must not depend on the arm.
    bounds : the least and greatest value an outcome can have. Given, an arm in which all customers
        did the same is not taken for certain: each arm's noise counts two customers more, one at
        each bound (Agresti & Caffo 2000).

    Returns
    -------
    Adjusted; with fewer than two customers in an arm the error is infinite.
    """
    y, t = np.asarray(outcome, dtype=float), np.asarray(treated, dtype=bool)
    if not np.isfinite(y).all():
        raise InputError("an outcome is missing: leave out who has none yet")
    sides = (y[~t], y[t])
    customers = (len(sides[0]), len(sides[1]))
    if min(customers) < 2:
        means = [float(side.mean()) if len(side) else nan for side in sides]
        return Adjusted(means[1] - means[0], inf, means[0], inf, means[1], inf, 0.0, 0.0, customers)
    plain = [float(side.var(ddof=1)) / len(side) for side in sides]
    floor = [_floor(side, bounds) for side in sides]
    columns = _columns(foretold, t)
    if columns.shape[1] == 0:
        means = [float(side.mean()) for side in sides]
        return _told(
            means, [max(p, f) for p, f in zip(plain, floor, strict=True)], 0.0, plain, customers
        )
    fits = [_fit(y[arm], columns[arm]) for arm in (~t, t)]
    drawn = np.atleast_2d(np.cov(columns, rowvar=False)) / len(y)
    slopes = [slope for _, slope, _ in fits]
    # A bounded outcome that nobody varied in leaves the line nothing: the plain noise stands.
    own = [
        variance if p > 0.0 else f
        for (_, _, variance), f, p in zip(fits, floor, plain, strict=True)
    ]
    covariance = float(slopes[0] @ drawn @ slopes[1])
    variances = [v + float(s @ drawn @ s) for v, s in zip(own, slopes, strict=True)]
    return _told([mean for mean, _, _ in fits], variances, covariance, plain, customers)


def _told(
    means: list[float],
    variances: list[float],
    covariance: float,
    plain: list[float],
    customers: tuple[int, int],
) -> Adjusted:
    variance = variances[0] + variances[1] - 2.0 * covariance
    saved = 1.0 - variance / sum(plain) if sum(plain) > 0.0 else 0.0
    return Adjusted(
        difference=means[1] - means[0],
        error=sqrt(variance),
        control=means[0],
        control_error=sqrt(variances[0]),
        treated=means[1],
        treated_error=sqrt(variances[1]),
        covariance=covariance,
        saved=max(saved, 0.0),
        customers=customers,
    )


def _fit(y: Array, columns: Array) -> tuple[float, Array, float]:
    """Return the line's height at columns 0, its slopes, and the height's HC2 variance."""
    design = np.column_stack([np.ones(len(y)), columns])
    inverse = np.linalg.pinv(design.T @ design)
    found = inverse @ (design.T @ y)
    leverage = np.clip(np.einsum("ij,jk,ik->i", design, inverse, design), 0.0, 1.0 - 1e-9)
    moved = (design @ inverse[0]) * (y - design @ found)
    return float(found[0]), found[1:], float(np.sum(moved**2 / (1.0 - leverage)))


def _columns(foretold: ArrayLike | None, treated: Flags) -> Array:
    """Return what may be taken into account [n, k], each with mean 0; none for small arms."""
    if foretold is None:
        return np.empty((len(treated), 0))
    given = np.asarray(foretold, dtype=float)
    given = given[:, None] if given.ndim == 1 else given
    missing = ~np.isfinite(given)
    known = np.where(missing, 0.0, given)
    counts = np.maximum((~missing).sum(axis=0), 1)
    filled = np.where(missing, known.sum(axis=0) / counts, known)
    columns = np.concatenate([filled, missing.astype(float)], axis=1)
    columns = columns - columns.mean(axis=0)
    columns = columns[:, columns.std(axis=0) > 1e-12]
    fits = min(treated.sum(), (~treated).sum()) // LEAST_A_COLUMN
    return np.asarray(columns[:, : int(fits)])


def _floor(side: Array, bounds: tuple[float, float] | None) -> float:
    """Return the variance of the mean of a bounded outcome, with a customer more at each bound."""
    if bounds is None:
        return 0.0
    widened = np.concatenate([side, bounds])
    return float(widened.var(ddof=1)) / len(widened)
