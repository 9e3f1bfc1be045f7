"""A made-up problem whose truth is known: one contact, 4,200 ways to make it, paid or not.

30 state features (20 numbers, 10 flags of which opened, clicked, visited are nested), channel x
tone x day x hour = 5 x 5 x 14 x 12 actions. The log was written by a policy that chooses each
factor by a softmax that depends on the state, so weights are known and uneven. Effects are
small (0.05 to 0.10 logit a factor) and differ between people through ten hidden traits that are
not linear in the features; the best day and hour move with the person; there are interplays
of two factors and a residual of three that nothing could learn. It follows the problem that
the design was measured on (docs/decisions/0003-effect-layer.md), made anew.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

SHAPE = (5, 5, 14, 12)
ACTIONS = int(np.prod(SHAPE))
EVERY = np.stack(np.unravel_index(np.arange(ACTIONS), SHAPE), axis=1)
NUMBERS, FLAGS, TRAITS = 20, 10, 10
FEATURES = NUMBERS + FLAGS
BASE_RATE = 0.25
# The size of everything, as standard deviation of the logit.
BASELINE = 0.8
POPULATION = 0.039
PERSONAL = 0.066
PAIRS = 0.013
RESIDUAL = 0.012
LOGGING = 0.30
# States at a time where all actions of a state are formed.
BLOCK = 250


@dataclass(frozen=True)
class Log:
    """Logged contacts: state [n, 30], actions [n, 4] as level numbers, paid [n] (0 or 1), and the
    probability of each part of the action [n, 4]; their product is the propensity."""

    x: Array
    actions: Ints
    paid: Array
    propensities: Array


@dataclass(frozen=True)
class Problem:
    """One world; another seed is another world of the same kind."""

    seed: int

    @cached_property
    def _truth(self) -> "_Truth":
        return _Truth.drawn(self.seed)

    def states(self, n: int, rng: np.random.Generator) -> Array:
        """Draw states [n, 30]: numbers of mean 0 and deviation 1 (some skewed), then flags."""
        mixed = rng.normal(size=(n, NUMBERS)) @ self._truth.mixing
        skewed = np.arange(NUMBERS) % 4 == 3
        numbers = np.where(skewed, (np.exp(0.6 * mixed) - 1.1972) / 0.7900, mixed)
        chance = _logistic(mixed[:, :FLAGS] @ self._truth.flag_mixing + self._truth.flag_shift)
        flags = rng.random((n, FLAGS)) < chance
        flags[:, 1] &= flags[:, 0]  # clicked only if opened
        flags[:, 2] &= flags[:, 1]  # visited only if clicked
        return np.concatenate([numbers, flags.astype(float)], axis=1)

    def log(self, n: int, rng: np.random.Generator) -> Log:
        """Draw `n` logged contacts."""
        x = self.states(n, rng)
        actions = np.empty((n, len(SHAPE)), dtype=np.int64)
        propensities = np.empty((n, len(SHAPE)))
        for f, chances in enumerate(self.logging(x)):
            drawn = (rng.random(n)[:, None] > np.cumsum(chances, axis=1)).sum(axis=1)
            actions[:, f] = np.minimum(drawn, SHAPE[f] - 1)
            propensities[:, f] = chances[np.arange(n), actions[:, f]]
        chance = _logistic(self.logit(x, actions))
        return Log(x, actions, (rng.random(n) < chance).astype(float), propensities)

    def logging(self, x: Array) -> list[Array]:
        """Return the logging policy's chances of each factor's levels: one [n, levels] a factor."""
        return [_softmax(x @ slope + level) for slope, level in self._truth.logging]

    def logit(self, x: Array, actions: Ints) -> Array:
        """Return the true logit [n] of being paid in state `x` after `actions` [n, 4]."""
        truth, rows = self._truth, np.arange(len(x))
        traits = truth.traits(x)
        total = truth.baseline(x)
        for f, effects in enumerate(truth.effects(traits)):
            total = total + effects[rows, actions[:, f]]
        a, b, c, d = actions.T
        moved = 1.0 + 0.5 * traits[:, 0]
        return np.asarray(total + moved * truth.pairs[a, b, c, d] + truth.residual[a, b, c, d])

    def chances(self, x: Array) -> Array:
        """Return the true chance of being paid for every action: [n, 4200]; n small."""
        truth = self._truth
        traits = truth.traits(x)
        z = truth.baseline(x)[:, None, None, None, None] + truth.residual
        z = z + (1.0 + 0.5 * traits[:, 0])[:, None, None, None, None] * truth.pairs
        for f, effects in enumerate(truth.effects(traits)):
            shape = [len(x), 1, 1, 1, 1]
            shape[f + 1] = SHAPE[f]
            z = z + effects.reshape(shape)
        return np.asarray(_logistic(z.reshape(len(x), ACTIONS)))

    def best_additive(self, x: Array) -> Ints:
        """Return the best actions [n, 4] for one who knows every factor but no interplay."""
        effects = self._truth.effects(self._truth.traits(x))
        return np.stack([e.argmax(axis=1) for e in effects], axis=1)


@dataclass(frozen=True)
class Reference:
    """What policies are measured by, on given states: exact values, no sampling of outcomes.

    `chances` [n, 4200] of being paid, `logged` [n] what the logging policy reaches.
    """

    x: Array
    chances: Array
    logged: Array

    def share(self, actions: Ints) -> float:
        """Return the share of the gap from the logging policy to the oracle that `actions` close.

        `actions` [k, 4] are for the first k states; the gap is that of the same k states.
        """
        k = len(actions)
        flat = np.ravel_multi_index(tuple(actions.T), SHAPE)
        gained = self.chances[np.arange(k), flat].mean() - self.logged[:k].mean()
        possible = self.chances[:k].max(axis=1).mean() - self.logged[:k].mean()
        return float(gained / possible)

    @property
    def best_fixed(self) -> Ints:
        """The one combination [4] that is best for all together."""
        return np.asarray(EVERY[self.chances.mean(axis=0).argmax()])


def reference(problem: Problem, n: int, rng: np.random.Generator) -> Reference:
    """Draw `n` states and work out the truth for every action in them (33 kB a state)."""
    x = problem.states(n, rng)
    chances, logged = np.empty((n, ACTIONS)), np.empty(n)
    for i in range(0, n, BLOCK):
        block = slice(i, i + BLOCK)
        chances[block] = problem.chances(x[block])
        cube = chances[block].reshape(-1, *SHAPE)
        for j, (a, b, c, d) in enumerate(zip(*problem.logging(x[block]), strict=True)):
            logged[i + j] = cube[j] @ d @ c @ b @ a
    return Reference(x, chances, logged)


@dataclass(frozen=True)
class _Truth:
    """The hidden parameters of one world."""

    mixing: Array
    flag_mixing: Array
    flag_shift: Array
    index: Array
    bends: Array
    shift: float
    directions: Array
    pickers: Ints
    thresholds: Array
    scale: tuple[Array, Array]
    population: tuple[Array, ...]
    personal: tuple[Array, ...]
    peaks: Array
    pairs: Array
    residual: Array
    logging: tuple[tuple[Array, Array], ...]

    @staticmethod
    def drawn(seed: int) -> "_Truth":
        """Draw a world, then set its base rate and the traits' scale on 20,000 states."""
        rng = np.random.default_rng([seed, 42])
        mixing = _rotation(rng, NUMBERS) @ np.diag(rng.uniform(0.5, 1.4, NUMBERS))
        mixing /= np.sqrt((mixing**2).sum(axis=0))
        raw = _Truth(
            mixing=mixing,
            flag_mixing=rng.normal(scale=0.8, size=(FLAGS, FLAGS)),
            flag_shift=rng.uniform(-1.5, 0.5, FLAGS),
            index=rng.normal(size=FEATURES) / np.sqrt(FEATURES),
            bends=rng.normal(size=(FEATURES, 3)) / np.sqrt(FEATURES),
            shift=0.0,
            directions=rng.normal(size=(FEATURES, 4)) / np.sqrt(FEATURES),
            pickers=rng.integers(0, NUMBERS, size=(6, 2)),
            thresholds=rng.normal(scale=0.5, size=(6, 2)),
            scale=(np.zeros(TRAITS), np.ones(TRAITS)),
            population=tuple(_smoothed(rng.normal(size=k), k) * POPULATION for k in SHAPE),
            personal=tuple(
                np.stack([_smoothed(rng.normal(size=k), k) for _ in range(TRAITS)])
                * PERSONAL
                / np.sqrt(TRAITS)
                for k in SHAPE
            ),
            peaks=rng.normal(size=(2, TRAITS)) / np.sqrt(TRAITS),
            pairs=_interplay(rng),
            residual=rng.normal(scale=RESIDUAL, size=SHAPE[:3])[..., None] * np.ones(SHAPE[3]),
            logging=tuple(
                (
                    rng.normal(scale=LOGGING / np.sqrt(FEATURES), size=(FEATURES, k)),
                    rng.normal(scale=LOGGING, size=k),
                )
                for k in SHAPE
            ),
        )
        return raw._settled(seed, rng)

    def _settled(self, seed: int, rng: np.random.Generator) -> "_Truth":
        """Return the same world with traits of mean 0 and deviation 1 and the right base rate."""
        problem = Problem(seed)
        problem.__dict__["_truth"] = self
        x = problem.states(20_000, rng)
        traits = self.traits(x)
        settled = replace(self, scale=(traits.mean(axis=0), traits.std(axis=0)))
        baseline = settled.baseline(x)
        low, high = -6.0, 6.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (
                (low, middle) if _logistic(baseline + middle).mean() > BASE_RATE else (middle, high)
            )
        return replace(settled, shift=low)

    def baseline(self, x: Array) -> Array:
        """Return the logit [n] of being paid whatever the action."""
        bent = np.tanh(x @ self.bends)
        plain = x @ self.index + bent[:, 0] * bent[:, 1] + 0.7 * np.abs(bent[:, 2])
        return np.asarray(BASELINE * plain + self.shift)

    def traits(self, x: Array) -> Array:
        """Return the hidden traits [n, 10]: four indices, three conjunctions, three gated flags."""
        single = np.tanh(1.5 * x @ self.directions)
        above = x[:, self.pickers] > self.thresholds
        both = (above[:, :3, 0] & above[:, :3, 1]).astype(float)
        flagged = x[:, NUMBERS + 3 : NUMBERS + 6] * above[:, 3:, 0]
        raw = np.concatenate([single, both, flagged], axis=1)
        return np.asarray((raw - self.scale[0]) / self.scale[1])

    def effects(self, traits: Array) -> list[Array]:
        """Return what each level of each factor adds: [n, levels] a factor."""
        parts = [m + traits @ w for m, w in zip(self.population, self.personal, strict=True)]
        # The best day and hour move with the person: a bump around a personal peak.
        for f, peak in zip((2, 3), self.peaks, strict=True):
            levels = SHAPE[f]
            centre = levels * (0.5 + 0.2 * np.tanh(traits @ peak))
            away = (np.arange(levels) - centre[:, None]) / (0.18 * levels)
            bump = np.exp(-0.5 * away**2)
            parts[f] = parts[f] + 1.5 * POPULATION * (bump - bump.mean(axis=1, keepdims=True))
        return parts


def _interplay(rng: np.random.Generator) -> Array:
    """Return the interplay of every two factors, summed: [5, 5, 14, 12], deviation `PAIRS` each."""
    total = np.zeros(SHAPE)
    for f in range(len(SHAPE)):
        for g in range(f + 1, len(SHAPE)):
            left = _smoothed(rng.normal(size=SHAPE[f]), SHAPE[f])
            right = _smoothed(rng.normal(size=SHAPE[g]), SHAPE[g])
            shape = [1, 1, 1, 1]
            shape[f], shape[g] = SHAPE[f], SHAPE[g]
            total += PAIRS * np.outer(left, right).reshape(shape)
    return total


def _smoothed(values: Array, levels: int) -> Array:
    """Return `values` with mean 0 and deviation 1, smoothed where the levels have an order."""
    if levels > 5:
        near = np.exp(-0.5 * ((np.arange(levels)[:, None] - np.arange(levels)) / 1.5) ** 2)
        values = near @ values
    centred = values - values.mean()
    return np.asarray(centred / centred.std())


def _rotation(rng: np.random.Generator, size: int) -> Array:
    return np.asarray(np.linalg.qr(rng.normal(size=(size, size)))[0])


def _softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))


def _logistic(z: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-z)))
