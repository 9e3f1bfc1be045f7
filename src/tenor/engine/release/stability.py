"""How far two sets of scores of the same invoices are apart, and how sure that is."""

from math import atanh, sqrt, tanh

import numpy as np
from numpy.typing import ArrayLike

from tenor.engine.evaluate.bootstrap import Floats, cluster_codes, resample_counts
from tenor.engine.evaluate.figures import RESAMPLES, Figure

# Ten bins of equal count in the first set, as the index is commonly worked out.
BINS = 10
# Fewer bins for fewer customers, so that a bin is not empty by chance.
_CUSTOMERS_A_BIN = 15
# With fewer customers nothing is said.
FEWEST_CUSTOMERS = 30
# Two-sided, 95%.
_Z = 1.959964


def psi(before: ArrayLike, after: ArrayLike, *, bins: int = BINS) -> float:
    """Return the population stability index of scores `after` [m] against `before` [n].

    sum over bins of (a - b) ln(a / b), a and b the shares of the two in each bin; bins hold equal
    shares of `before`. 0 where both are alike (Siddiqi, Credit Risk Scorecards, 2006).
    """
    old, new = _binned(before, after, bins)
    return float(_index(old.sum(axis=0)[None], new.sum(axis=0)[None])[0])


def shift(
    before: ArrayLike, after: ArrayLike, clusters: ArrayLike, *, rng: np.random.Generator
) -> Figure | None:
    """Return the stability index of two scores [n] of the same rows, with its interval.

    Rows of a customer (`clusters` [n]) hang together. The index of few cases is too high, and that
    of a resample higher once more: both are taken off, so the interval is that of the basic
    bootstrap (Davison & Hinkley 1997, 5.2). None with fewer than 30 customers.
    """
    codes, customers = cluster_codes(clusters)
    if customers < FEWEST_CUSTOMERS:
        return None
    old, new = _binned(before, after, min(BINS, customers // _CUSTOMERS_A_BIN))
    # A row a customer: how many of their invoices fell into each bin.
    mine = [_summed(x, codes, customers) for x in (old, new)]
    draws = np.concatenate(
        [
            _index(counts @ mine[0], counts @ mine[1])
            for counts in resample_counts(customers, resamples=RESAMPLES, rng=rng)
        ]
    )
    found = float(_index(old.sum(axis=0)[None], new.sum(axis=0)[None])[0])
    low, high = np.quantile(draws, [0.025, 0.975])
    value, lower, upper = (max(0.0, 2.0 * found - float(x)) for x in (draws.mean(), high, low))
    return Figure(value, lower, max(upper, value))


def rank_agreement(first: ArrayLike, second: ArrayLike) -> float:
    """Return Spearman's rank correlation of two scores [n] of the same rows, ties averaged.

    1 where either is the same for every row and so is the other; 0 where only one of them is.
    """
    a, b = _ranks(first), _ranks(second)
    spread = float(a.std() * b.std())
    if spread == 0.0:
        return 1.0 if a.std() == b.std() else 0.0
    return float(((a - a.mean()) * (b - b.mean())).mean() / spread)


def rank_interval(agreement: float, customers: int) -> tuple[float, float]:
    """Return between what a rank correlation over so many customers lies (Bonett & Wright 2000).

    Anything at all with fewer than 30 customers.
    """
    if customers < FEWEST_CUSTOMERS:
        return -1.0, 1.0
    if abs(agreement) >= 1.0:
        return agreement, agreement
    error = _Z * sqrt((1.0 + agreement**2 / 2.0) / (customers - 3))
    return tanh(atanh(agreement) - error), tanh(atanh(agreement) + error)


def _binned(before: ArrayLike, after: ArrayLike, bins: int) -> tuple[Floats, Floats]:
    """Return in which bin [n, bins] each score falls; bins hold equal shares of `before`."""
    old = np.asarray(before, dtype=np.float64)
    new = np.asarray(after, dtype=np.float64)
    edges = np.unique(np.quantile(old, np.linspace(0.0, 1.0, bins + 1)[1:-1]))
    places = np.arange(len(edges) + 1)
    first, second = (
        (np.searchsorted(edges, x, side="left")[:, None] == places).astype(np.float64)
        for x in (old, new)
    )
    return first, second


def _summed(rows: Floats, codes: np.ndarray[tuple[int], np.dtype[np.int64]], count: int) -> Floats:
    return np.stack([np.bincount(codes, weights=c, minlength=count) for c in rows.T], axis=1)


def _index(before: Floats, after: Floats) -> Floats:
    """Return the index of counts [m, bins]; half a case stands for none, or it were infinite."""
    shares = []
    for counts in (before, after):
        whole = counts.sum(axis=1, keepdims=True)
        shares.append(np.maximum(counts / whole, 0.5 / whole))
    b, a = shares
    return np.asarray(((a - b) * np.log(a / b)).sum(axis=1))


def _ranks(values: ArrayLike) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return ranks from 1 up, equal values sharing the mean of theirs."""
    x = np.asarray(values, dtype=np.float64)
    _, which, counts = np.unique(x, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2.0)[which], dtype=np.float64)
