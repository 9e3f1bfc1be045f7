"""Off-policy values: how near the estimators come on a problem whose truth is known.

    python -m benchmarks.offpolicy                     2 worlds, 10 logs of 50,000 rows each
    python -m benchmarks.offpolicy --seeds 0,1,2 --logs 10 --rows 50000

The target is the effect layer's choice among 4,200 actions, learned on a log of its own, as are
the predictions. Every estimate is compared with the exact value of the target.
"""

import argparse
from collections import defaultdict
from time import perf_counter

import numpy as np
import polars as pl

from benchmarks.peers import Log, fit_effect_layer
from benchmarks.problems.single_shot import Array, Ints, Problem
from tenor.engine.evaluate.offpolicy import Estimate
from tenor.engine.evaluate.overlap import Finding
from tenor.engine.evaluate.value import value_of
from tenor.engine.predictors.trees import grow, raw_score

FACTORS = ("channel", "tone", "day", "hour")
LEARNED_ON = 50_000
STATES_FOR_TRUTH = 200_000


def main() -> None:
    """Judge the same target on many logs and print error, bias, coverage and verdicts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", default="0,1")
    parser.add_argument("--logs", type=int, default=10)
    parser.add_argument("--rows", type=int, default=50_000)
    args = parser.parse_args()
    found: dict[str, list[tuple[Estimate, float]]] = defaultdict(list)
    findings: list[Finding] = []
    start = perf_counter()
    for seed in (int(s) for s in args.seeds.split(",")):
        world = _World(seed)
        print(
            f"seed {seed}: logged policy {world.logged:.4f}, target {world.truth:.4f}", flush=True
        )
        for k in range(args.logs):
            log = world.problem.log(args.rows, np.random.default_rng([seed, 3, k]))
            logged, target = world.frames(log)
            value = value_of(
                logged, target, rng=np.random.default_rng([seed, 4, k]), factors=FACTORS
            )
            findings.append(value.verdict.finding)
            for estimate in value.estimates:
                found[estimate.name].append((estimate, world.truth))
            found["gain"].append((value.gain, world.truth - world.logged))
    _print(found, findings, args.rows)
    print(f"{perf_counter() - start:.0f} s")


class _World:
    """A problem, a target learned on it, and the target's exact value."""

    def __init__(self, seed: int) -> None:
        self.problem = Problem(seed)
        log = self.problem.log(LEARNED_ON, np.random.default_rng([seed, 2]))
        self.posterior, self.phi = fit_effect_layer(log)
        self.trees = grow(log.x, log.paid, objective="binary", rounds=120, seed=0)
        x = self.problem.states(STATES_FOR_TRUTH, np.random.default_rng([seed, 1]))
        self.truth = float(_chance(self.problem.logit(x, self.choose(x))).mean())
        drawn = self.problem.log(STATES_FOR_TRUTH, np.random.default_rng([seed, 5]))
        self.logged = float(_chance(self.problem.logit(drawn.x, drawn.actions)).mean())

    def choose(self, x: Array) -> Ints:
        """Return the target's actions."""
        return self.posterior.best(self.phi(x))[0]

    def predicted(self, x: Array, actions: Ints) -> Array:
        """Return the predicted chance of payment after these actions."""
        layer, logit = self.posterior.layer, raw_score(self.trees, x)
        for start in range(0, len(x), 8_192):
            rows = slice(start, start + 8_192)
            design = layer.design(self.phi(x[rows]), actions[rows])
            logit[rows] += design @ self.posterior.mean.astype(np.float32)
        return _chance(logit)

    def frames(self, log: Log) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the log and what the target would have done, as `value_of` takes them."""
        chosen = self.choose(log.x)
        same = (chosen == log.actions).astype(float)
        ids = pl.Series("decision_id", np.arange(len(log.paid)))
        logged = pl.DataFrame(
            {
                "decision_id": ids,
                "customer_id": ids,
                "reward": log.paid,
                "propensity": log.propensities.prod(axis=1),
                **{f"propensity_{f}": log.propensities[:, k] for k, f in enumerate(FACTORS)},
            }
        )
        target = pl.DataFrame(
            {
                "decision_id": ids,
                "probability": same.prod(axis=1),
                **{f"probability_{f}": same[:, k] for k, f in enumerate(FACTORS)},
                "q_logged": self.predicted(log.x, log.actions),
                "q_target": self.predicted(log.x, chosen),
            }
        )
        return logged, target


def _print(
    found: dict[str, list[tuple[Estimate, float]]], findings: list[Finding], rows: int
) -> None:
    print(f"\n{len(findings)} logs of {rows:,} rows; 95% intervals by bootstrap over customers")
    print(f"{'':<18} {'RMSE':>7} {'bias':>8} {'mean SE':>8} {'interval holds truth':>21}")
    for name, pairs in found.items():
        errors = np.array([e.value - truth for e, truth in pairs])
        held = np.mean([e.lower <= truth <= e.upper for e, truth in pairs])
        error = np.mean([e.standard_error for e, _ in pairs])
        rmse = np.sqrt(np.mean(errors**2))
        print(f"{name:<18} {rmse:7.4f} {errors.mean():+8.4f} {error:8.4f} {held:21.0%}")
    counts = ", ".join(f"{f} {findings.count(f)}" for f in dict.fromkeys(findings))
    print(f"Verdicts: {counts}")


def _chance(logit: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-logit)))


if __name__ == "__main__":
    main()
