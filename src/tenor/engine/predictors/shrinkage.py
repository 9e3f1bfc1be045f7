"""Shrinkage by evidence: ridge regression whose prior scales are learned a group at a time."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# The updates settle within about fifteen rounds; more change no digit that matters.
ROUNDS = 15
# How much the relevance of one state feature may exceed or fall below the average, as variance.
RELEVANCE = (0.02, 30.0)


@dataclass(frozen=True)
class Prior:
    """What is expected of each coefficient before data.

    `groups` [columns] names the group whose scale is learned together; `anchors` [columns] is
    the expected standard deviation, `weights` [columns] the size beside the group's others;
    `features` [columns] is the number of the state feature the coefficient belongs to (-1:
    none), whose relevance is learned across groups; `mean` [columns]; `strength` is how many
    coefficients' worth of evidence an anchor counts for; groups in `free` keep their anchor.
    """

    groups: tuple[str, ...]
    anchors: Array
    weights: Array
    features: NDArray[np.int_]
    mean: Array
    strength: float
    free: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Solution:
    """The posterior: `mean` [columns], Cholesky `factor` of the precision, `scales` by group."""

    mean: Array
    factor: Array
    scales: dict[str, float]


def shrink(gram: Array, moment: Array, prior: Prior) -> Solution:
    """Return the posterior of a Gaussian model with learned prior scales.

    Parameters
    ----------
    gram : [columns, columns], sum of weighted outer products of the columns.
    moment : [columns], the matching sum of columns times residuals at coefficient zero.

    Notes
    -----
    Each group's variance moves towards the squares of its coefficients over their effective
    number (MacKay 1992), with the anchor counted as `strength` further coefficients: without
    the anchor, evidence maximisation runs away on small samples. A feature's relevance is a
    multiplier shared by all groups, learned the same way.
    """
    names = sorted(set(prior.groups))
    index = np.array([names.index(g) for g in prior.groups])
    anchor = np.array([prior.anchors[index == g].max() for g in range(len(names))])
    fixed = np.array([name in prior.free for name in names])
    variance = anchor**2
    count = int(prior.features.max()) + 1
    relevance = np.ones(count)
    mean: Array = prior.mean
    factor: Array = np.eye(len(moment))
    for _ in range(ROUNDS):
        spread = variance[index] * prior.weights**2
        spread = spread * np.where(
            prior.features >= 0, np.append(relevance, 1.0)[prior.features], 1
        )
        precision = 1.0 / spread
        factor = np.asarray(np.linalg.cholesky(gram + np.diag(precision)))
        inverse = np.linalg.inv(factor)
        posterior_variance = np.einsum("ij,ij->j", inverse, inverse)
        mean = np.asarray(inverse.T @ (inverse @ (moment + precision * prior.mean)))
        known = np.clip(1.0 - posterior_variance * precision, 1e-9, 1.0)
        size = (mean - prior.mean) ** 2 / spread
        for g in range(len(names)):
            inside = index == g
            seen, dof = float(size[inside].sum()), float(known[inside].sum())
            ratio = (seen + prior.strength * anchor[g] ** 2 / variance[g]) / (dof + prior.strength)
            if not fixed[g]:
                variance[g] *= ratio
        for f in range(count):
            inside = prior.features == f
            seen, dof = float(size[inside].sum()), float(known[inside].sum())
            ratio = (seen + prior.strength / relevance[f]) / (dof + prior.strength)
            relevance[f] = np.clip(relevance[f] * ratio, *RELEVANCE)
    scales = {name: float(np.sqrt(v)) for name, v in zip(names, variance, strict=True)}
    return Solution(mean, factor, scales)
