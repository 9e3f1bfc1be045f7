"""What a policy that never ran would have earned, from the log of one that did.

Every estimator turns the log into `Terms`; `estimates` turns terms into values with their
standard errors and intervals over customers. Symbols: r reward, a logged action, x state,
p(a|x) the logging policy, t(a|x) the target policy, w = t(a|x)/p(a|x), q(x,a) a prediction
of the reward that must come from other rows than those it corrects (else DR is biased).

DM, IPS, SNIPS, DR, SNDR, Switch-DR and DRos equal the reference library obp 0.5.7 to 1e-12
(tests/engine/golden). Which one to trust is told in docs/concepts/off-policy.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor.engine.evaluate.bootstrap import Floats, cluster_codes, percentiles, resample_counts

LEVEL = 0.95
RESAMPLES = 1000


@dataclass(frozen=True)
class Terms:
    """An estimator, row by row: value = mean(predicted) + sum(corrected) / sum(base).

    `predicted`, `corrected` and `base` are [n], in units of reward, reward and 1. `base` is 1
    in a row unless the estimator is self-normalised; then it is the weight.
    """

    predicted: Floats
    corrected: Floats
    base: Floats

    def value(self) -> float:
        """Return the estimated value of the target policy, in units of reward a row.

        Where the log shares nothing with the target (base sums to 0) nothing is corrected.
        """
        return float(self.predicted.mean() + self._ratio())

    def influence(self) -> Floats:
        """Return what each row moves the value by, [n], with mean 0 (delta method)."""
        moved = self.corrected - self._ratio() * self.base
        mean = self.base.mean() or 1.0
        return np.asarray(self.predicted - self.predicted.mean() + moved / mean)

    def _ratio(self) -> float:
        base = float(self.base.sum())
        return float(self.corrected.sum()) / base if base else 0.0


@dataclass(frozen=True)
class Estimate:
    """A value with its noise: units of reward a row; the interval holds `LEVEL` of resamples."""

    name: str
    value: float
    standard_error: float
    lower: float
    upper: float


def estimates(
    named: Mapping[str, Terms],
    *,
    clusters: ArrayLike,
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> tuple[Estimate, ...]:
    """Sum terms up to values with clustered standard errors and bootstrap intervals.

    Parameters
    ----------
    named : name -> Terms
        All over the same rows; every estimator sees the same resamples.
    clusters : array [n]
        The customer of each row: rows of one customer share luck and are drawn together.
    rng : numpy Generator
        The only source of chance; the same state gives the same intervals.
    resamples, level
        How many bootstrap draws, and the share of them inside the interval.
    """
    codes, count = cluster_codes(clusters)
    parts = [part for terms in named.values() for part in _parts(terms)]
    sums = np.stack([_by_cluster(codes, count, part) for part in parts], axis=1)
    blocks = resample_counts(count, resamples=resamples, rng=rng)
    drawn = np.concatenate([counts @ sums for counts in blocks]).reshape(resamples, len(named), 4)
    found = []
    for position, (name, terms) in enumerate(named.items()):
        lower, upper = percentiles(_value_of_sums(drawn[:, position]), level=level)
        error = clustered_error(terms.influence(), codes, count)
        found.append(Estimate(name, terms.value(), error, lower, upper))
    return tuple(found)


def clustered_error(influence: Floats, codes: NDArray[np.int64], count: int) -> float:
    """Return the standard error of a mean whose rows [n] hang together within clusters.

    sqrt(C/(C-1) * sum_c (sum of influence in c)^2) / n (Liang & Zeger 1986); infinite for one
    cluster, from which no noise can be told.
    """
    if count < 2:
        return float("inf")
    totals = _by_cluster(codes, count, influence)
    return float(np.sqrt(count / (count - 1) * np.square(totals).sum()) / len(influence))


def difference(terms: Terms, reward: ArrayLike) -> Terms:
    """Return the terms of (target - logging policy), paired row by row on the same log.

    `reward` [n] is what the logging policy earned; pairing removes the noise both share.
    """
    return Terms(terms.predicted - _floats(reward), terms.corrected, terms.base)


def direct_method(q_target: ArrayLike) -> Terms:
    """Believe the predictions: mean of q_target, where q_target = sum_a t(a|x) q(x,a), [n].

    A diagnostic only: its interval knows nothing of the model's error.
    """
    return _unscaled(_floats(q_target), np.zeros(np.shape(q_target)))


def ips(reward: ArrayLike, weight: ArrayLike, *, clip: float = np.inf) -> Terms:
    """Reweigh the rewards: mean of min(w, clip) r (Horvitz & Thompson 1952).

    Unbiased without clipping wherever the log could have chosen what the target chooses.
    """
    corrected = np.minimum(_floats(weight), clip) * _floats(reward)
    return _unscaled(np.zeros(len(corrected)), corrected)


def snips(reward: ArrayLike, weight: ArrayLike) -> Terms:
    """Reweigh and divide by the weights' own sum: sum w r / sum w (Swaminathan & Joachims 2015)."""
    weight = _floats(weight)
    return Terms(np.zeros(len(weight)), weight * _floats(reward), weight)


def doubly_robust(
    reward: ArrayLike, weight: ArrayLike, q_logged: ArrayLike, q_target: ArrayLike
) -> Terms:
    """Predict and correct: mean of q_target + w (r - q_logged) (Dudík, Langford & Li 2011).

    Right on average if either the propensities or the predictions are right.

    Parameters
    ----------
    reward, weight : array [n]
        r and w of the logged rows. With `additive_weights` in place of w this is PI-DR.
    q_logged, q_target : array [n]
        q(x, a) of the logged action, and sum_a t(a|x) q(x,a).
    """
    corrected = _floats(weight) * (_floats(reward) - _floats(q_logged))
    return _unscaled(_floats(q_target), corrected)


def self_normalised_doubly_robust(
    reward: ArrayLike, weight: ArrayLike, q_logged: ArrayLike, q_target: ArrayLike
) -> Terms:
    """Predict and correct by a weighted mean: q_target + sum w (r - q) / sum w (SNDR)."""
    weight = _floats(weight)
    corrected = weight * (_floats(reward) - _floats(q_logged))
    return Terms(_floats(q_target), corrected, weight)


def switch_doubly_robust(
    reward: ArrayLike, weight: ArrayLike, q_logged: ArrayLike, q_target: ArrayLike, *, most: float
) -> Terms:
    """Correct only where w <= most, else believe q (Wang, Agarwal & Dudík 2017)."""
    weight = _floats(weight)
    return doubly_robust(reward, np.where(weight <= most, weight, 0.0), q_logged, q_target)


def shrunk_doubly_robust(
    reward: ArrayLike,
    weight: ArrayLike,
    q_logged: ArrayLike,
    q_target: ArrayLike,
    *,
    shrinkage: float,
) -> Terms:
    """Correct with w shrunk to s w / (w^2 + s), s = shrinkage >= 0 (DRos; Su et al. 2020).

    s = 0 gives the direct method, s infinite gives DR.
    """
    weight = _floats(weight)
    if np.isinf(shrinkage):
        return doubly_robust(reward, weight, q_logged, q_target)
    # Without shrinkage and weight both 0 this would be 0/0; nothing is corrected then.
    below = np.where(shrinkage + weight > 0, np.square(weight) + shrinkage, 1.0)
    return doubly_robust(reward, shrinkage * weight / below, q_logged, q_target)


def with_controls(terms: Terms, controls: ArrayLike) -> Terms:
    """Take out what known-mean quantities explain (Vlassis et al. 2021, for PI weights).

    Parameters
    ----------
    controls : array [n] or [n, k]
        Quantities with mean 0 under the log, such as w - 1 or each factor's weight less 1.
        Subtracted with the coefficients that minimise the variance (least squares on the same
        rows, so a bias of order k/n). Only for estimators that are not self-normalised.
    """
    known = _floats(controls).reshape(len(terms.corrected), -1)
    total = terms.predicted + terms.corrected
    centred = known - known.mean(axis=0)
    coefficients = np.linalg.lstsq(centred, total - total.mean(), rcond=None)[0]
    return Terms(terms.predicted, terms.corrected - known @ coefficients, terms.base)


def _parts(terms: Terms) -> tuple[Floats, Floats, Floats, Floats]:
    return terms.predicted, terms.corrected, terms.base, np.ones(len(terms.predicted))


def _value_of_sums(sums: Floats) -> Floats:
    """Return the value for sums [b, 4] of predicted, corrected, base and rows."""
    drawn = sums[:, 2] != 0
    ratio = np.where(drawn, sums[:, 1], 0.0) / np.where(drawn, sums[:, 2], 1.0)
    return np.asarray(sums[:, 0] / sums[:, 3] + ratio)


def _by_cluster(codes: NDArray[np.int64], count: int, values: Floats) -> Floats:
    return np.bincount(codes, weights=values, minlength=count).astype(np.float64)


def _unscaled(predicted: Floats, corrected: Floats) -> Terms:
    return Terms(predicted, corrected, np.ones(len(corrected)))


def _floats(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64)
