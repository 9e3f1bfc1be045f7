"""How good predicted chances are: ranking, sharpness, calibration; weighted for resampling."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenor.engine.evaluate.bootstrap import Floats

# Log loss is infinite for a certainty that fails; a chance is read as no surer than this.
SUREST = 1e-6


@dataclass(frozen=True)
class Ranking:
    """Predictions sorted once, so that the AUC of many resamples costs no further sorting.

    `order` [n] sorts the rows by prediction; `starts` marks where each group of ties begins;
    `outcome` [n] is in sorted order.
    """

    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    outcome: Floats

    def auc(self, weights: Floats) -> Floats:
        """Return the area under the ROC curve for row weights [b, n]: [b].

        The chance that a row with outcome 1 is ranked above one with outcome 0, ties counting
        half (Mann-Whitney). Not-a-number where a resample holds only one outcome.
        """
        sorted_weights = weights[:, self.order]
        ones = np.add.reduceat(sorted_weights * self.outcome, self.starts, axis=1)
        zeros = np.add.reduceat(sorted_weights * (1.0 - self.outcome), self.starts, axis=1)
        below = np.cumsum(zeros, axis=1) - zeros
        pairs = ones.sum(axis=1) * zeros.sum(axis=1)
        wins = (ones * (below + 0.5 * zeros)).sum(axis=1)
        return np.asarray(np.where(pairs > 0, wins / np.where(pairs > 0, pairs, 1.0), np.nan))


def ranking(predicted: Floats, outcome: Floats) -> Ranking:
    """Sort predictions [n] (higher = likelier) with their outcomes [n] in {0, 1}."""
    order = np.argsort(predicted, kind="stable")
    ordered = predicted[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    return Ranking(order, starts, outcome[order].astype(np.float64))


def auc(predicted: Floats, outcome: Floats) -> float:
    """Return the exact area under the ROC curve of predictions [n] for outcomes [n] in {0, 1}.

    Example
    -------
    >>> auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0.0, 0.0, 1.0, 1.0]))
    0.75
    """
    return float(ranking(predicted, outcome).auc(np.ones((1, len(outcome))))[0])


def brier(predicted: Floats, outcome: Floats) -> Floats:
    """Return each row's squared error [n]; its mean is the Brier score."""
    return np.asarray(np.square(predicted - outcome))


def log_loss(predicted: Floats, outcome: Floats) -> Floats:
    """Return each row's surprise [n] in nats; its mean is the log loss."""
    sure = np.clip(predicted, SUREST, 1.0 - SUREST)
    return np.asarray(-np.log(np.where(outcome > 0.5, sure, 1.0 - sure)))


def calibration_bins(predicted: Floats, *, most: int = 10) -> NDArray[np.int64]:
    """Return the bin of each row [n]: at most `most` bins of about equal count, ties together."""
    edges = np.unique(np.quantile(predicted, np.linspace(0, 1, most + 1)[1:-1]))
    return np.searchsorted(edges, predicted, side="left").astype(np.int64)


def best_accuracy(predicted: Floats, outcome: Floats) -> tuple[float, float]:
    """Return (share of rows right at the best threshold, that threshold); positive is above it.

    The threshold is chosen on the same rows, so the share flatters a little.
    """
    order = np.argsort(-predicted, kind="stable")
    ordered, ones = predicted[order], outcome[order].astype(np.float64)
    right = np.r_[0.0, np.cumsum(2.0 * ones - 1.0)] + (len(ones) - ones.sum())
    # Only between different predictions can a threshold stand.
    possible = np.r_[True, ordered[1:] != ordered[:-1], True]
    best = int(np.argmax(np.where(possible, right, -1.0)))
    threshold = ordered[best] if best < len(ordered) else -np.inf
    return float(right[best] / len(ones)), float(threshold)


def concordance(predicted_days: Floats, days: Floats, seen: NDArray[np.bool_]) -> float:
    """Return Harrell's C: how often of two invoices the one expected earlier was paid earlier.

    Parameters
    ----------
    predicted_days, days : array [n]
        Expected and actual days from the instant, both read as whole days; where not `seen` the
        payment had not come by `days` (censored). Pairs that ended on the same day tell nothing;
        equal expectations count half. Exact, by counting on a grid of days.
    """
    time, expected = (_dense(d) for d in (days, predicted_days))
    grid = np.zeros((2, int(time.max()) + 1, int(expected.max()) + 1))
    np.add.at(grid, (seen.astype(int), time, expected), 1.0)
    censored, paid = grid
    # At risk when a payment comes: everything that ends later, and what is cut off the same day.
    everything = paid + censored
    later = np.cumsum(everything[::-1], axis=0)[::-1] - everything + censored
    above = np.cumsum(later[:, ::-1], axis=1)[:, ::-1] - later
    pairs = float((paid * later.sum(axis=1, keepdims=True)).sum())
    wins = float((paid * (above + 0.5 * later)).sum())
    return wins / pairs if pairs else float("nan")


def _dense(days: Floats) -> NDArray[np.int64]:
    """Number the distinct whole days from 0 up, in order."""
    return np.unique(np.floor(days), return_inverse=True)[1].astype(np.int64)
