"""Decisions: how good and how fast is the choice among 4,200 ways to contact, against peers.

    python -m benchmarks.decisions                       20k and 200k rows, 2 seeds: minutes
    python -m benchmarks.decisions --sizes 20000,200000,1000000 --seeds 0,1,2,3,4

Share = (value of the choice - value of the logged policy) / (oracle - logged policy), with exact
probabilities on fresh states. Decisions a second: choosing among all 4,200 for each open
invoice, state given; no rules, no capacity, no reasons. Slow deciders are measured on fewer
states (column), their share carries the sampling error of those.
"""

import argparse
from collections import defaultdict
from dataclasses import dataclass
from math import isnan
from statistics import median
from time import perf_counter

import numpy as np

from benchmarks.peers import LEARNERS, Learner, fit_effect_layer
from benchmarks.problems.single_shot import (
    ACTIONS,
    EVERY,
    Log,
    Problem,
    Reference,
    reference,
)

STATES = 4_000
# Enough for a second or so of the fast deciders.
STATES_FOR_SPEED = 60_000


@dataclass(frozen=True)
class Result:
    """One learner on one world: its share of the gap, fit seconds, decisions a second.

    Speed is not-a-number where everybody gets the same answer.
    """

    share: float
    fit_seconds: float
    decisions_per_second: float


def main() -> None:
    """Run and print everything side by side."""
    args = _arguments()
    results: dict[tuple[int, str], list[Result]] = defaultdict(list)
    for seed in args.seeds:
        problem = Problem(seed)
        truth = reference(problem, STATES, np.random.default_rng([seed, 1]))
        print(_world(seed, problem, truth), flush=True)
        for size in args.sizes:
            log = problem.log(size, np.random.default_rng([seed, 2]))
            for learner in _chosen(args.only):
                found = measure(learner, log, truth, problem)
                results[size, learner.name].append(found)
                print(f"  {size:>9,} rows  {_row(learner.name, [found])}", flush=True)
    _summary(results, args.sizes, _chosen(args.only))
    print(agreement())


def measure(learner: Learner, log: Log, truth: Reference, problem: Problem) -> Result:
    """Fit on the log, then choose for the reference's states and measure value and speed."""
    start = perf_counter()
    choose = learner.fit(log)
    fit_seconds = perf_counter() - start
    share = truth.share(choose(truth.x[: learner.states]))
    if not learner.personal:
        return Result(share, fit_seconds, float("nan"))
    fast = learner.states == STATES
    x = problem.states(STATES_FOR_SPEED, np.random.default_rng(0)) if fast else truth.x
    x = x if fast else x[: learner.states]
    start = perf_counter()
    choose(x)
    return Result(share, fit_seconds, len(x) / (perf_counter() - start))


def agreement(states: int = 2_000) -> str:
    """Compare the layer's choice with brute force in double precision over every action."""
    problem = Problem(0)
    log = problem.log(20_000, np.random.default_rng(5))
    posterior, phi = fit_effect_layer(log)
    x = problem.states(states, np.random.default_rng(6))
    chosen, gain = posterior.best(phi(x))
    layer = posterior.layer
    equal, worst = 0, 0.0
    for state, action, found in zip(phi(x), chosen, gain, strict=True):
        design = layer.design(np.tile(state, (ACTIONS, 1)), EVERY).astype(np.float64)
        design[:, : layer.width] = 0.0
        scores = design @ posterior.mean
        equal += bool(np.array_equal(EVERY[scores.argmax()], action))
        worst = max(worst, abs(float(found) - float(scores.max())))
    return (
        f"\nThe layer's choice equals brute force over all {ACTIONS:,} actions in {equal:,} of "
        f"{states:,} states; its score is off by at most {worst:.1e}."
    )


def _world(seed: int, problem: Problem, truth: Reference) -> str:
    logged, oracle = truth.logged.mean(), truth.chances.max(axis=1).mean()
    fixed = truth.share(np.tile(truth.best_fixed, (STATES, 1)))
    additive = truth.share(problem.best_additive(truth.x))
    return (
        f"seed {seed}: logged policy {logged:.4f}, oracle {oracle:.4f} (x {oracle / logged:.2f}); "
        f"ceilings: best fixed {fixed:.2f}, additive truth {additive:.2f} of the gap"
    )


def _row(name: str, found: list[Result]) -> str:
    speed = median(r.decisions_per_second for r in found)
    decided = "one answer for all" if isnan(speed) else f"{speed:12,.0f} decisions/s"
    return (
        f"{name:<32} share {median(r.share for r in found):6.3f}   "
        f"fit {median(r.fit_seconds for r in found):7.1f} s   "
        f"{decided}"
    )


def _summary(
    results: dict[tuple[int, str], list[Result]], sizes: list[int], learners: list[Learner]
) -> None:
    ours = LEARNERS[0].name
    print("\nMedians over seeds; x = our decisions a second over the learner's")
    for size in sizes:
        print(f"{size:,} logged rows")
        for learner in learners:
            found = results[size, learner.name]
            ratio = ""
            if results[size, ours] and learner.name != ours and learner.personal:
                mine = median(r.decisions_per_second for r in results[size, ours])
                other = median(r.decisions_per_second for r in found)
                ratio = f"  x {mine / other:,.3g}"
            print(f"  {_row(learner.name, found)}{ratio}")


def _chosen(only: str) -> list[Learner]:
    return [learner for learner in LEARNERS if only.lower() in learner.name.lower()]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    numbers = {"type": lambda text: [int(part) for part in text.split(",")]}
    parser.add_argument("--sizes", default=[20_000, 200_000], **numbers)
    parser.add_argument("--seeds", default=[0, 1], **numbers)
    parser.add_argument("--only", default="", help="only learners whose name holds this")
    return parser.parse_args()


if __name__ == "__main__":
    main()
