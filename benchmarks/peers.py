"""The learners compared on the one-contact problem: each is fitted on a log, then chooses actions.

Settings of the peers are those recommended for problems of this kind; none was searched for here.
"""

from collections.abc import Callable
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from benchmarks.problems.single_shot import ACTIONS, EVERY, NUMBERS, SHAPE, Array, Ints, Log
from tenor.engine.predictors.action_space import contact_grid
from tenor.engine.predictors.effect_layer import EffectLayer, Posterior

Choose = Callable[[Array], Ints]


@dataclass(frozen=True)
class Learner:
    """A way to learn: `fit` turns a log into a function from states [n, 30] to actions [n, 4].

    `states` is how many states its decisions are measured on; slow deciders get few. Who gives
    everybody the same answer decides nothing a person, so `personal` ones alone have a speed.
    """

    name: str
    fit: Callable[[Log], Choose]
    states: int
    personal: bool = True


# Ours: boosted trees without actions as the baseline, the effect layer on top.

# From here on a bend in every number pays for its columns.
ROWS_FOR_BENDS = 500_000
# Rows beyond this many add nothing to the curvature that can be measured.
ROWS_FOR_GRAM = 400_000


def effect_layer(log: Log) -> Choose:
    """Fit the effect layer as the engine does and choose among all actions."""
    posterior, phi = fit_effect_layer(log)
    return lambda x: posterior.best(phi(x))[0]


def fit_effect_layer(log: Log) -> tuple[Posterior, Callable[[Array], NDArray[np.float32]]]:
    """Return the posterior of the effects and the function from states to its features."""
    mean, spread = log.x.mean(axis=0), log.x.std(axis=0)
    bends = len(log.x) >= ROWS_FOR_BENDS

    def phi(x: Array) -> NDArray[np.float32]:
        standard = ((x - mean) / spread).astype(np.float32)
        if not bends:
            return standard
        bent = np.maximum(standard[:, :NUMBERS], 0.0) - np.float32(0.4)
        return np.concatenate([standard, bent / np.float32(0.58)], axis=1)

    layer = EffectLayer(contact_grid(*SHAPE), NUMBERS + 10 + (NUMBERS if bends else 0))
    every = max(1, len(log.x) // ROWS_FOR_GRAM)
    statistics = layer.statistics(
        phi(log.x), log.actions, log.paid, baseline_logit(log), gram_every=every
    )
    return layer.solve(statistics), phi


def baseline_logit(log: Log) -> Array:
    """Return the logit of being paid whatever the action, from the other half's trees."""
    half = np.arange(len(log.x)) % 2 == 0
    logit = np.empty(len(log.x))
    for side in (half, ~half):
        trees = _trees(log.x[side], log.paid[side], rounds=120, leaves=31)
        logit[~side] = trees.predict(log.x[~side], raw_score=True, num_threads=2)
    return logit


def best_for_all(log: Log) -> Choose:
    """Learn the one combination that is best for everybody: no personalising."""
    nothing = np.zeros((len(log.x), 0), dtype=np.float32)
    layer = EffectLayer(contact_grid(*SHAPE), 0)
    posterior = layer.solve(layer.statistics(nothing, log.actions, log.paid, baseline_logit(log)))
    best = posterior.best(nothing[:1])[0]
    return lambda x: np.repeat(best, len(x), axis=0)


# Peers.


def tree_s_learner(log: Log) -> Choose:
    """Boosted trees over state and action together; every one of the 4,200 actions is scored."""
    n = len(log.x)
    rounds, leaves = (100, 15) if n < 100_000 else (300, 15) if n < 500_000 else (1000, 15)
    trees = _trees(np.column_stack([log.x, log.actions]), log.paid, rounds=rounds, leaves=leaves)

    def choose(x: Array) -> Ints:
        best = np.empty(len(x), dtype=np.int64)
        for i, state in enumerate(x):
            rows = np.column_stack([np.tile(state, (ACTIONS, 1)), EVERY])
            best[i] = trees.predict(rows, raw_score=True, num_threads=2).argmax()
        return EVERY[best]

    return choose


def logistic_per_factor(log: Log) -> Choose:
    """One ridge logistic regression on the state for each level of each factor, each on its own."""
    x, mean, spread = log.x, log.x.mean(axis=0), log.x.std(axis=0)
    standard = np.column_stack([np.ones(len(x)), (x - mean) / spread])
    tables = [
        np.stack(
            [
                _ridge_logistic(standard[log.actions[:, f] == k], log.paid[log.actions[:, f] == k])
                for k in range(levels)
            ],
            axis=1,
        )
        for f, levels in enumerate(SHAPE)
    ]

    def choose(x: Array) -> Ints:
        rows = np.column_stack([np.ones(len(x)), (x - mean) / spread])
        return np.stack([(rows @ t).argmax(axis=1) for t in tables], axis=1)

    return choose


def vowpal_wabbit(log: Log) -> Choose:
    """Vowpal Wabbit, logistic, state x each factor; every action's line is scored."""
    return _vowpal(log, by_factor=False)


def vowpal_wabbit_by_factor(log: Log) -> Choose:
    """The same model asked cleverly: it is a sum over factors, so 36 lines a state are enough."""
    return _vowpal(log, by_factor=True)


def _vowpal(log: Log, *, by_factor: bool) -> Choose:
    from vowpalwabbit import Workspace  # only where the bench packages are installed

    model = Workspace("--loss_function logistic -b 20 -q sc -q st -q sd -q sh --quiet")
    numbers = _vowpal_state(log.x)
    for label, state, action in zip(log.paid, numbers, log.actions, strict=True):
        model.learn(f"{1 if label else -1} {state} {_vowpal_action(action)}")
    everything = [_vowpal_action(a) for a in EVERY]
    letters = "ctdh"
    single = [[f"|{letters[f]} {k}" for k in range(levels)] for f, levels in enumerate(SHAPE)]

    def choose(x: Array) -> Ints:
        if by_factor:
            return np.array(
                [
                    [
                        int(np.argmax([model.predict(f"{s} {a}") for a in levels]))
                        for levels in single
                    ]
                    for s in _vowpal_state(x)
                ]
            )
        best = [
            np.argmax([model.predict(f"{s} {a}") for a in everything]) for s in _vowpal_state(x)
        ]
        return EVERY[np.array(best)]

    return choose


def _vowpal_state(x: Array) -> list[str]:
    return ["|s " + " ".join(f"{j}:{v:.4g}" for j, v in enumerate(row)) for row in x]


def _vowpal_action(action: Ints) -> str:
    channel, tone, day, hour = action
    return f"|c {channel} |t {tone} |d {day} |h {hour}"


def _trees(rows: Array, paid: Array, *, rounds: int, leaves: int) -> lgb.Booster:
    settings = {
        "objective": "binary",
        "num_leaves": leaves,
        "learning_rate": 0.05,
        "min_data_in_leaf": 200,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 2,
        "verbosity": -1,
    }
    return lgb.train(settings, lgb.Dataset(rows, paid), num_boost_round=rounds)


def _ridge_logistic(x: Array, y: Array, ridge: float = 100.0) -> Array:
    """Return the coefficients of a logistic regression, the constant unshrunk (C = 0.01)."""
    found = np.zeros(x.shape[1])
    penalty = np.full(x.shape[1], ridge)
    penalty[0] = 1e-6
    for _ in range(6):
        chance = 1.0 / (1.0 + np.exp(-(x @ found)))
        weight = chance * (1.0 - chance)
        gram = (x * weight[:, None]).T @ x + np.diag(penalty)
        found = found + np.linalg.solve(gram, x.T @ (y - chance) - penalty * found)
    return found


LEARNERS = (
    Learner("effect layer (ours)", effect_layer, 4_000),
    Learner("best combination for all (ours)", best_for_all, 4_000, personal=False),
    Learner("LightGBM S-learner", tree_s_learner, 400),
    Learner("Vowpal Wabbit, all actions", vowpal_wabbit, 40),
    Learner("Vowpal Wabbit, by factor", vowpal_wabbit_by_factor, 1_000),
    Learner("logistic per factor", logistic_per_factor, 4_000),
)
