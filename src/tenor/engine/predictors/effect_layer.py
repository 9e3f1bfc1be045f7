"""The effect layer: a Bayesian logistic layer that learns what an action adds to a known baseline.

    logit P(y = 1 | x, a) = base(x) + c . phi(x) + sum_k A_k(a) (w_k . phi(x)) + B(a) . v

with A the single modes of the action, B their interplay, phi the state and c a correction of
the baseline. What is learned from are sufficient statistics of fixed size: new data are added,
old data forgotten by multiplying, a person erased by subtracting. Prior scales are learned from
the data a group of effects at a time, anchored at expectations so that few data cannot run away.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tenor.engine.predictors.action_space import ActionSpace
from tenor.engine.predictors.shrinkage import Prior, shrink

Array = NDArray[np.float64]
Floats = NDArray[np.float32]
Ints = NDArray[np.int_]

# Rows turned into columns at a time: 8,192 x about 1,100 columns in float32 is 36 MB, whatever
# the number of rows; larger buffers are no faster.
BATCH = 8_192
# Rows scored at a time: one block of 64 x 4,200 scores stays in a core's second-level cache.
BLOCK = 64


@dataclass(frozen=True)
class Statistics:
    """All that the layer keeps of the rows it has seen: fixed size, additive.

    `gram` [columns, columns] and `moment` [columns] are those of weighted least squares at the
    point where the logistic function was made linear; `rows` counts the rows.
    """

    gram: Array
    moment: Array
    rows: float

    def __add__(self, other: Statistics) -> Statistics:
        return Statistics(
            self.gram + other.gram, self.moment + other.moment, self.rows + other.rows
        )

    def __sub__(self, other: Statistics) -> Statistics:
        return Statistics(
            self.gram - other.gram, self.moment - other.moment, self.rows - other.rows
        )

    def __mul__(self, share: float) -> Statistics:
        """Forget: keep `share` (0 to 1) of the evidence."""
        return Statistics(self.gram * share, self.moment * share, self.rows * share)


@dataclass(frozen=True)
class EffectLayer:
    """What can be learned: an action space and the number of state features.

    `features` counts the columns of phi without the constant, which is added here.
    """

    space: ActionSpace
    features: int

    @property
    def width(self) -> int:
        """Columns of phi with the constant."""
        return self.features + 1

    @property
    def columns(self) -> int:
        """Number of coefficients: correction, single modes by state, interplay."""
        return self.width * (1 + len(self.space.mode_groups)) + len(self.space.pair_groups)

    def prior(self) -> Prior:
        """Return what is expected of every coefficient before data."""
        space, width = self.space, self.width
        groups = ["baseline"] * width
        anchors, weights, features = [1.0] * width, [1.0] * width, [-1] * width
        for name, weight in zip(space.mode_groups, space.mode_weights, strict=True):
            population = space.mean_scale if name == "mean" else space.scales.population
            groups += [name] + [f"{name} by person"] * self.features
            anchors += [population] + [space.scales.personal] * self.features
            weights += [weight] * width
            features += [-1, *range(self.features)]
        pairs = space.pair_groups
        return Prior(
            groups=tuple(groups + pairs),
            anchors=np.array(anchors + [space.scales.pair] * len(pairs)),
            weights=np.array(weights + [1.0] * len(pairs)),
            features=np.array(features + [-1] * len(pairs)),
            mean=np.zeros(self.columns),
            strength=space.scales.strength,
            free=frozenset({"baseline"}),
        )

    def empty(self) -> Statistics:
        """Return the statistics of no rows."""
        n = self.columns
        return Statistics(np.zeros((n, n)), np.zeros(n), 0.0)

    def statistics(
        self,
        phi: NDArray[np.floating],
        actions: Ints,
        y: NDArray[np.floating],
        base_logit: NDArray[np.floating],
        *,
        gram_every: int = 1,
    ) -> Statistics:
        """Sum up rows into statistics.

        Parameters
        ----------
        phi : [n, features], standardised state, missing as 0.
        actions : [n, factors], level numbers.
        y : [n], 0 or 1.
        base_logit : [n], logit of the baseline chance without knowledge of the action.
        gram_every : use every so-many-th row for the Gram matrix (weighted up) and all rows for
            the moments; more than 1 saves most of the time at no measured loss beyond a few
            hundred thousand rows.
        """
        n = self.columns
        gram, moment = np.zeros((n, n)), np.zeros(n)
        for start in range(0, len(y), BATCH):
            rows = slice(start, start + BATCH)
            design = self.design(phi[rows], actions[rows])
            chance = 1.0 / (1.0 + np.exp(-base_logit[rows].astype(np.float64)))
            moment += design.T @ (y[rows] - chance).astype(np.float32)
            kept = slice((-start) % gram_every, None, gram_every)
            weight = np.sqrt(chance[kept] * (1.0 - chance[kept]) * gram_every)
            weighted = design[kept] * weight.astype(np.float32)[:, None]
            gram += weighted.T @ weighted
        return Statistics(gram, moment, float(len(y)))

    def stream(self, batches: Iterable[tuple[Floats, Ints, Floats, Floats]]) -> Statistics:
        """Sum up batches of (phi, actions, y, base_logit); memory does not grow with the rows."""
        total = self.empty()
        for batch in batches:
            total = total + self.statistics(*batch)
        return total

    def design(self, phi: NDArray[np.floating], actions: Ints) -> Floats:
        """Return the columns [n, columns] of rows in state `phi` under `actions`."""
        state = _with_constant(phi)
        modes = self.space.modes(actions).astype(np.float32)
        personal = (modes[:, :, None] * state[:, None, :]).reshape(len(state), -1)
        pairs = self.space.pair_modes(actions).astype(np.float32)
        return np.concatenate([state, personal, pairs], axis=1)

    def solve(self, statistics: Statistics, prior: Prior | None = None) -> Posterior:
        """Learn the effects from `statistics`, with the prior scales learned along."""
        solution = shrink(statistics.gram, statistics.moment, prior or self.prior())
        return Posterior(self, solution.mean, solution.factor, solution.scales)


@dataclass(frozen=True)
class Posterior:
    """What the layer knows after data: mean and uncertainty of every coefficient.

    `factor` is the Cholesky factor of the posterior precision; `scales` the learned prior
    standard deviation of each group of effects.
    """

    layer: EffectLayer
    mean: Array
    factor: Array
    scales: dict[str, float]

    def mode_strengths(self, phi: NDArray[np.floating]) -> Floats:
        """Return what each single mode adds for each row of `phi`: [n, modes]."""
        width, modes = self.layer.width, len(self.layer.space.mode_groups)
        table = self.mean[width : width * (1 + modes)].reshape(modes, width)
        return _with_constant(phi) @ table.T.astype(np.float32)

    def scores(self, phi: NDArray[np.floating]) -> Floats:
        """Return what each action adds on the logit scale: [n, actions]."""
        return self.mode_strengths(phi) @ self._table + self._pair_row

    def best(
        self, phi: NDArray[np.floating], mask: NDArray[np.bool_] | None = None
    ) -> tuple[Ints, Floats]:
        """Return the best action [n, factors] of each row and what it adds [n].

        `mask` [n, actions] or [actions] marks the permitted actions; a row without any gets
        action numbers of -1 and an addition of minus infinity.
        """
        strengths = self.mode_strengths(phi)
        table, pair_row = self._table, self._pair_row
        if mask is not None and mask.ndim == 1:
            pair_row = np.where(mask, pair_row, -np.inf).astype(np.float32)
        n = len(strengths)
        choice, gain = np.empty(n, dtype=np.int_), np.empty(n, dtype=np.float32)
        buffer = np.empty((BLOCK, table.shape[1]), dtype=np.float32)
        for start in range(0, n, BLOCK):
            block = strengths[start : start + BLOCK]
            scores = np.matmul(block, table, out=buffer[: len(block)])
            scores += pair_row
            if mask is not None and mask.ndim == 2:
                scores[~mask[start : start + BLOCK]] = -np.inf
            best = scores.argmax(axis=1)
            choice[start : start + BLOCK] = best
            gain[start : start + BLOCK] = scores[np.arange(len(block)), best]
        actions = self.layer.space.every_action[choice]
        actions[~np.isfinite(gain)] = -1
        return actions, gain

    def spread(self, phi: NDArray[np.floating], actions: Ints) -> Array:
        """Return the standard deviation [n] of what `actions` add, on the logit scale."""
        design = self.layer.design(phi, actions)
        design[:, : self.layer.width] = 0.0
        return deviation(self.factor, design)

    def draw(self, rng: np.random.Generator, temper: float = 1.0) -> Posterior:
        """Return one possible truth drawn from the posterior, its spread times `temper`."""
        noise = np.linalg.solve(self.factor.T, rng.standard_normal(len(self.mean)))
        return replace(self, mean=self.mean + temper * noise)

    @property
    def _table(self) -> Floats:
        space = self.layer.space
        return np.ascontiguousarray(space.modes(space.every_action).T, dtype=np.float32)

    @property
    def _pair_row(self) -> Floats:
        space = self.layer.space
        pairs = len(space.pair_groups)
        if not pairs:
            return np.zeros(space.size, dtype=np.float32)
        return (space.pair_modes(space.every_action) @ self.mean[-pairs:]).astype(np.float32)


def deviation(factor: Array, design: NDArray[np.floating], inverse: Floats | None = None) -> Array:
    """Return the standard deviation [n] of `design` [n, columns] times the coefficients.

    `inverse` is that of `factor`, where it is at hand.
    """
    if inverse is None:
        inverse = np.linalg.inv(factor).astype(np.float32)
    spread = np.empty(len(design))
    for start in range(0, len(design), BATCH):
        part = design[start : start + BATCH].astype(np.float32) @ inverse.T
        spread[start : start + BATCH] = np.sqrt((part**2).sum(axis=1))
    return spread


def _with_constant(phi: NDArray[np.floating]) -> Floats:
    constant = np.ones((len(phi), 1), dtype=np.float32)
    return np.concatenate([constant, phi.astype(np.float32, copy=False)], axis=1)
