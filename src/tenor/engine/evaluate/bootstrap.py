"""Resampling whole customers: the noise of a figure when rows of one customer hang together."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Resamples drawn at once: bounds the memory to this many numbers a cluster.
_BLOCK = 50


def cluster_codes(clusters: ArrayLike) -> tuple[Ints, int]:
    """Number the clusters: `(code of each row, how many clusters)`.

    Parameters
    ----------
    clusters : array [n]
        Any labels, such as customer ids; rows with the same label are drawn together.
    """
    labels, codes = np.unique(np.asarray(clusters), return_inverse=True)
    return codes.astype(np.int64), len(labels)


def resample_counts(clusters: int, *, resamples: int, rng: np.random.Generator) -> Iterator[Floats]:
    """Yield blocks [b, clusters]: how often each cluster is drawn in each of `resamples` draws.

    Clusters are drawn with replacement, as many as there are (Davison & Hinkley 1997, 3.8).
    """
    for start in range(0, resamples, _BLOCK):
        size = min(_BLOCK, resamples - start)
        drawn = [rng.integers(clusters, size=clusters) for _ in range(size)]
        yield np.stack([np.bincount(d, minlength=clusters) for d in drawn]).astype(np.float64)


def percentiles(draws: ArrayLike, *, level: float) -> tuple[float, float]:
    """Return the two-sided percentile interval of `draws` [b] that holds a share `level`."""
    low, high = np.quantile(np.asarray(draws, dtype=float), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
