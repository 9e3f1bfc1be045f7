"""Figures of quality with their intervals, from resampling whole customers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenor.engine.evaluate.bootstrap import Floats, cluster_codes, percentiles, resample_counts
from tenor.engine.evaluate.metrics import (
    best_accuracy,
    brier,
    calibration_bins,
    log_loss,
    ranking,
)

LEVEL = 0.95
RESAMPLES = 200
# Row weights held at once while resampling; 4 million numbers are 32 MB a temporary.
_MOST_WEIGHTS = 4_000_000


@dataclass(frozen=True)
class Figure:
    """A figure and the interval that holds 95% of its resamples (nan where it is undefined)."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Bin:
    """Rows with about the same prediction: mean prediction against the share that came true."""

    lowest: float
    highest: float
    rows: int
    predicted: float
    observed: Figure


@dataclass(frozen=True)
class Probability:
    """How good predictions are as chances, not only as an order.

    `bias` is mean prediction less observed share (calibration in the large);
    `calibration_error` the mean distance of the bins in `reliability` (ECE); `accuracy` the
    share of rows right at a threshold of one half, `best_accuracy` at `best_threshold`, which is
    chosen on the same rows and so flatters a little.
    """

    brier: Figure
    log_loss: Figure
    bias: Figure
    calibration_error: Figure
    accuracy: float
    best_accuracy: float
    best_threshold: float
    reliability: tuple[Bin, ...]


@dataclass(frozen=True)
class Score:
    """One predictor's figures; `probability` is None where it only ranks."""

    name: str
    auc: Figure
    probability: Probability | None


def scores(
    chances: Mapping[str, Floats],
    rankings: Mapping[str, Floats],
    outcome: Floats,
    customers: NDArray[np.generic],
    *,
    rng: np.random.Generator,
) -> tuple[tuple[Score, ...], Figure]:
    """Judge predictors on the same rows and resamples.

    Parameters
    ----------
    chances : name -> predicted chances [n]; the first is the predictor judged, "own history" and
        others stand beside it.
    rankings : name -> numbers [n] that only rank.
    outcome : [n], 0 or 1.
    customers : [n], who each row belongs to: drawn together.

    Returns
    -------
    A score a predictor, and by how much the first one's AUC exceeds the best of the others.
    """
    codes, count = cluster_codes(customers)
    tables = {name: _Table.of(p, outcome, codes, count) for name, p in chances.items()}
    sorted_once = {n: ranking(p, outcome) for n, p in {**chances, **rankings}.items()}
    aucs: dict[str, list[Floats]] = {name: [] for name in sorted_once}
    sums: dict[str, list[Floats]] = {name: [] for name in tables}
    for counts in _blocks(resample_counts(count, resamples=RESAMPLES, rng=rng), len(outcome)):
        weights = counts[:, codes]
        for name, order in sorted_once.items():
            aucs[name].append(order.auc(weights))
        for name, table in tables.items():
            sums[name].append(counts @ table.sums)
    once = np.ones((1, len(outcome)))
    values = {name: float(order.auc(once)[0]) for name, order in sorted_once.items()}
    drawn = {name: np.concatenate(parts) for name, parts in aucs.items()}
    found = tuple(
        Score(
            name,
            _figure(values[name], drawn[name]),
            _probability(chances[name], outcome, tables[name], np.concatenate(sums[name]))
            if name in chances
            else None,
        )
        for name in sorted_once
    )
    first, *others = sorted_once
    rival = max(others, key=lambda name: values[name])
    return found, _figure(values[first] - values[rival], drawn[first] - drawn[rival])


def _blocks(counts: Iterator[Floats], rows: int) -> Iterator[Floats]:
    """Cut blocks [b, clusters] so small that b x rows weights fit in the buffer."""
    most = max(1, _MOST_WEIGHTS // max(rows, 1))
    for block in counts:
        for start in range(0, len(block), most):
            yield block[start : start + most]


@dataclass(frozen=True)
class _Table:
    """Sums by customer [clusters, 4 + 3 bins]: rows, errors, then rows, predicted, observed a bin.

    Whatever is an average of rows follows from these sums for any resample of customers.
    """

    sums: Floats
    bins: int
    bin_of: NDArray[np.int64]

    @staticmethod
    def of(predicted: Floats, outcome: Floats, codes: NDArray[np.int64], clusters: int) -> "_Table":
        raw = calibration_bins(predicted)
        bin_of = np.unique(raw, return_inverse=True)[1].astype(np.int64)
        bins = int(bin_of.max()) + 1
        ones = np.ones(len(outcome))
        plain = [ones, brier(predicted, outcome), log_loss(predicted, outcome), predicted - outcome]
        columns = [np.bincount(codes, weights=v, minlength=clusters) for v in plain]
        cell = codes * bins + bin_of
        for v in (ones, predicted, outcome):
            by_cell = np.bincount(cell, weights=v, minlength=clusters * bins)
            columns.extend(by_cell.reshape(clusters, bins).T)
        return _Table(np.stack(columns, axis=1), bins, bin_of)

    def figures(self, totals: Floats) -> Floats:
        """Return [b, 4 + bins]: Brier, log loss, bias, calibration error, observed a bin."""
        rows, errors = totals[:, :1], totals[:, 1:4]
        by_bin = totals[:, 4:].reshape(len(totals), 3, self.bins)
        size = np.where(by_bin[:, 0] > 0, by_bin[:, 0], 1.0)
        gap = np.abs(by_bin[:, 1] - by_bin[:, 2]).sum(axis=1, keepdims=True) / rows
        return np.concatenate([errors / rows, gap, by_bin[:, 2] / size], axis=1)


def _probability(predicted: Floats, outcome: Floats, table: _Table, drawn: Floats) -> Probability:
    values = table.figures(table.sums.sum(axis=0, keepdims=True))[0]
    draws = table.figures(drawn)
    figures = [_figure(float(v), draws[:, k]) for k, v in enumerate(values)]
    best, threshold = best_accuracy(predicted, outcome)
    reliability = []
    for b in range(table.bins):
        inside = predicted[table.bin_of == b]
        reliability.append(
            Bin(
                float(inside.min()),
                float(inside.max()),
                len(inside),
                float(inside.mean()),
                figures[4 + b],
            )
        )
    return Probability(
        brier=figures[0],
        log_loss=figures[1],
        bias=figures[2],
        calibration_error=figures[3],
        accuracy=float(((predicted > 0.5) == (outcome > 0.5)).mean()),
        best_accuracy=best,
        best_threshold=threshold,
        reliability=tuple(reliability),
    )


def _figure(value: float, draws: Floats) -> Figure:
    defined = draws[np.isfinite(draws)]
    if not len(defined) or not np.isfinite(value):
        return Figure(value, float("nan"), float("nan"))
    return Figure(value, *percentiles(defined, level=LEVEL))
