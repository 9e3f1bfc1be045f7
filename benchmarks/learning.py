"""Learning while deciding: what exploring costs in a year, and what it teaches.

    python -m benchmarks.learning                                   one small world
    python -m benchmarks.learning --customers 1000 --seeds 21,22,23 --every 2 --refit 30

Every way of exploring plays the same year of the same world with the same luck, from a history of
which few steps were left to chance, and learns anew every so many days. Value while learning: what
invoices due in the year brought, in euro each, less than the greedy one. Afterwards: what was known
in the end is frozen and decides without chance, from the beginning of the year again (where asked
for). Regret: what
the clairvoyant, who knows the truth, brought more while the other was learning. Given up: the
expected loss that the decisions carried. Slope: what a chosen contact truly adds to the chance of
payment within 14 days, regressed on what was foretold (1 is right); among ways: the same for what
each way adds beside the other ways of the same customer, which is what a choice rests on. Behind
each figure stands its standard error over the worlds.
"""

import argparse
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import isfinite
from pathlib import Path
from statistics import mean, stdev
from time import perf_counter

import numpy as np
import polars as pl

from benchmarks.foretold import of_choices, of_ways
from benchmarks.rivals.clairvoyant import clairvoyant
from tenor.engine.decision import decide
from tenor.engine.frames import Tables
from tenor.engine.policy.policyfile import Policy, read_policy
from tenor.engine.policy.sections import Exploration
from tenor.engine.predictors.model import Model, fit
from tenor.engine.simulation import Decider, Outcome, World, WorldConfig, play, play_knowing

POLICY = Path(__file__).parents[1] / "examples" / "policy.toml"
WAYS: dict[str, Exploration] = {
    "greedy": Exploration(share=0.0),
    "1% evenly": Exploration(share=0.01, draws=0.0),
    "1%, half drawn": Exploration(share=0.01, draws=0.5),
    "10%, half drawn": Exploration(share=0.10, draws=0.5),
    "Thompson alone": Exploration(share=1.0, draws=1.0),
}
GREEDY, CLAIRVOYANT = "greedy", "clairvoyant"


@dataclass
class Lesson:
    """What a way of exploring saw: models, what it gave up, foretold and true gains."""

    model: Model | None = None
    given_up: float = 0.0
    chosen: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))
    ways: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))


@dataclass(frozen=True)
class Line:
    """One way in one world: euro an invoice while learning and afterwards, and what it saw."""

    way: str
    seed: int
    during: float
    after: float
    given_up: float
    slope: float
    among_ways: float
    ratio: float
    seconds: float


def main() -> None:
    """Play every way in every world, and print them beside each other."""
    args = _arguments()
    names = args.only.split(",") if args.only else list(WAYS)
    tasks = [(args, seed, name) for seed in args.seeds for name in [*names, CLAIRVOYANT]]
    lines: list[Line] = []
    with ProcessPoolExecutor(args.processes) as pool:
        for line in pool.map(_learn, tasks):
            lines.append(line)
            print(line, file=sys.stderr, flush=True)
    print(
        f"{args.customers:,} customers, {len(args.seeds)} worlds, {args.days} days decided every "
        f"{args.every}, learned anew every {args.refit}; {args.randomised:.0%} of the history's "
        "steps left to chance"
    )
    print(
        f"{'':18}{'while learning':>16}{'afterwards':>16}{'regret':>16}{'given up':>10}"
        f"{'slope':>14}{'among ways':>14}{'ratio':>14}"
    )
    for name in names:
        print(_row(name, lines))


def _learn(task: tuple[argparse.Namespace, int, str]) -> Line:
    """Play a year in one way, then the same year again with what was known in the end."""
    args, seed, name = task
    start, policy = perf_counter(), read_policy(args.policy)
    world = World(WorldConfig(customers=args.customers, randomised=args.randomised), seed)
    world.play_ladder(args.history)
    nothing = float("nan")
    if name == CLAIRVOYANT:
        best = play_knowing(
            world, clairvoyant(policy), policy=policy, days=args.days, every=args.every
        )
        worth = _worth(best, policy)
        took = perf_counter() - start
        return Line(name, seed, worth, worth, 0.0, nothing, nothing, nothing, took)
    own, lesson = replace(policy, exploration=WAYS[name]), Lesson()
    year = play_knowing(
        world, _learning(own, lesson, args.refit), policy=own, days=args.days, every=args.every
    )
    after = nothing
    if args.afterwards:
        still = replace(policy, exploration=Exploration(share=0.0))
        known = play(world, _frozen(still, lesson), policy=still, days=args.days, every=args.every)
        after = _worth(known, policy)
    return Line(
        name,
        seed,
        _worth(year, policy),
        after,
        lesson.given_up,
        _slope(lesson.chosen),
        _slope(lesson.ways),
        float(np.mean(lesson.chosen[1]) / np.mean(lesson.chosen[0])),
        perf_counter() - start,
    )


def _learning(policy: Policy, lesson: Lesson, refit: int) -> Callable[[World], Decider]:
    def of(world: World) -> Decider:
        fitted: list[datetime] = []

        def decider(tables: Tables, now: datetime) -> pl.DataFrame:
            if not fitted or now - fitted[-1] >= timedelta(days=refit):
                arrival = policy.days_to_arrive
                lesson.model = fit(tables, as_of=now, days_to_arrive=arrival, seed=0)
                fitted[:] = [now]
                _add(lesson.ways, of_ways(world, tables, now, lesson.model, policy))
            assert lesson.model is not None
            found = decide(tables, as_of=now, model=lesson.model, policy=policy)
            lesson.given_up += float(found["expected_loss"].sum())
            _add(lesson.chosen, of_choices(world, found, now))
            return found

        return decider

    return of


def _frozen(policy: Policy, lesson: Lesson) -> Decider:
    def decider(tables: Tables, now: datetime) -> pl.DataFrame:
        assert lesson.model is not None
        return decide(tables, as_of=now, model=lesson.model, policy=policy)

    return decider


def _add(kept: tuple[list[float], list[float]], new: tuple[list[float], list[float]]) -> None:
    for old, more in zip(kept, new, strict=True):
        old.extend(more)


def _slope(pairs: tuple[list[float], list[float]]) -> float:
    """Return the slope of the true gain on the foretold one."""
    foretold, true = (np.array(side) for side in pairs)
    return float(np.polyfit(foretold, true, 1)[0]) if len(foretold) > 2 else float("nan")


def _worth(found: Outcome, policy: Policy) -> float:
    """Return what an invoice brought, in euro, by the policy's own objective."""
    aim = policy.objective
    spent = found.cost + aim.cost_of_complaint * found.complaints
    spent += aim.cost_of_opt_out * found.opt_outs
    paid = aim.value_of_payment * found.paid_30 - aim.cost_of_escalation * found.escalated
    return paid - spent / max(found.invoices, 1)


def _row(name: str, lines: list[Line]) -> str:
    def of(way: str) -> list[Line]:
        return sorted((line for line in lines if line.way == way), key=lambda line: line.seed)

    own, greedy, best = of(name), of(GREEDY) or of(name), of(CLAIRVOYANT)
    columns = [
        _with_error([a.during - b.during for a, b in zip(own, greedy, strict=True)], "+.2f"),
        _with_error([a.after - b.after for a, b in zip(own, greedy, strict=True)], "+.2f"),
        _with_error([b.during - a.during for a, b in zip(own, best, strict=True)], ".2f"),
    ]
    slopes = [
        _with_error([getattr(line, column) for line in own], ".2f")
        for column in ("slope", "among_ways", "ratio")
    ]
    given_up = mean(line.given_up for line in own)
    return (
        f"{name:18}"
        + "".join(f"{text:>16}" for text in columns)
        + f"{given_up:>10,.0f}"
        + "".join(f"{text:>14}" for text in slopes)
    )


def _with_error(values: list[float], form: str) -> str:
    """Return the mean of a figure over the worlds, and its standard error."""
    if not all(isfinite(value) for value in values):
        return "-"
    if len(values) < 2:
        return format(mean(values), form)
    return f"{mean(values):{form}} ± {stdev(values) / len(values) ** 0.5:.2f}"


def _arguments() -> argparse.Namespace:
    def numbers(text: str) -> list[int]:
        return [int(part) for part in text.split(",")]

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=250)
    parser.add_argument("--seeds", type=numbers, default=[21])
    parser.add_argument("--randomised", type=float, default=0.05, help="of the history's steps")
    parser.add_argument("--history", type=int, default=240, help="days before")
    parser.add_argument("--days", type=int, default=360)
    parser.add_argument("--every", type=int, default=5, help="days between decisions")
    parser.add_argument("--refit", type=int, default=60, help="days between learnings")
    parser.add_argument("--only", default="", help=f"ways, by comma, of: {', '.join(WAYS)}")
    parser.add_argument("--afterwards", action="store_true", help="play what was known in the end")
    parser.add_argument("--processes", type=int, default=2, help="played side by side")
    parser.add_argument("--policy", type=Path, default=POLICY)
    return parser.parse_args()


if __name__ == "__main__":
    main()
