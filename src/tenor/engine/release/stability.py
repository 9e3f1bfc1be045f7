"""How far two sets of scores of the same invoices are apart."""

import numpy as np
from numpy.typing import ArrayLike

# Ten bins of equal count in the first set, as the index is commonly worked out.
BINS = 10
# An empty bin would make the index infinite; this share stands in (half a case in a thousand).
_LEAST = 0.0005


def psi(before: ArrayLike, after: ArrayLike, *, bins: int = BINS) -> float:
    """Return the population stability index of scores `after` [m] against `before` [n].

    sum over bins of (a - b) ln(a / b), a and b the shares of the two in each bin; bins hold equal
    shares of `before`. 0 where both are alike (Siddiqi, Credit Risk Scorecards, 2006).
    """
    old = np.asarray(before, dtype=np.float64)
    new = np.asarray(after, dtype=np.float64)
    edges = np.unique(np.quantile(old, np.linspace(0.0, 1.0, bins + 1)[1:-1]))
    count = len(edges) + 1
    shares = [
        np.bincount(np.searchsorted(edges, x, side="left"), minlength=count) / len(x)
        for x in (old, new)
    ]
    b, a = (np.maximum(s, _LEAST) for s in shares)
    return float(((a - b) * np.log(a / b)).sum())


def rank_agreement(first: ArrayLike, second: ArrayLike) -> float:
    """Return Spearman's rank correlation of two scores [n] of the same rows, ties averaged.

    1 where either is the same for every row and so is the other; 0 where only one of them is.
    """
    a, b = _ranks(first), _ranks(second)
    spread = float(a.std() * b.std())
    if spread == 0.0:
        return 1.0 if a.std() == b.std() else 0.0
    return float(((a - a.mean()) * (b - b.mean())).mean() / spread)


def _ranks(values: ArrayLike) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return ranks from 1 up, equal values sharing the mean of theirs."""
    x = np.asarray(values, dtype=np.float64)
    _, which, counts = np.unique(x, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2.0)[which], dtype=np.float64)
