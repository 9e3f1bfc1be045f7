"""Closed loop: what each policy achieves in worlds whose truth is known, against plain rules.

    python -m benchmarks.closed_loop                                     quick: one small world
    python -m benchmarks.closed_loop --customers 4000 --seeds 11,12,13 --randomised 1,0.3,0

Every policy plays the same 150 days of the same world, from the same history and with the same
luck, under the limits, costs and capacities of examples/policy.toml. Share: how much of the gap
from the fixed ladder to the clairvoyant it closes, in payments within 30 days of the due date, in
mean days to payment, and in hand-overs. Cost is against the ladder's; complaints are counted.
"""

import argparse
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from time import perf_counter

from benchmarks.rivals.clairvoyant import clairvoyant
from benchmarks.rivals.plain import always, best_fixed, chance, ladder
from benchmarks.rivals.tenor import tenor
from benchmarks.rivals.tree import tree
from tenor.engine.policy.policyfile import Policy, read_policy
from tenor.engine.simulation import Decider, Outcome, World, WorldConfig, play, play_knowing

POLICY = Path(__file__).parents[1] / "examples" / "policy.toml"
HISTORY = 540  # days

Row = Callable[[World, Policy, int, int], Outcome]


def _plain(make: Callable[[World, Policy, int], Decider]) -> Row:
    def run(world: World, policy: Policy, seed: int, days: int) -> Outcome:
        return play(world, make(world, policy, seed), policy=policy, days=days)

    return run


ROWS: dict[str, Row] = {
    "the fixed ladder": _plain(lambda w, p, s: ladder(p, w.config.ladder)),
    "random allowed contact": _plain(lambda w, p, s: chance(p, s)),
    "friendly text always": _plain(lambda w, p, s: always(p, "sms", "friendly")),
    "best single way always": _plain(lambda w, p, s: always(p, *best_fixed(w, p))),
    "tree S-learner": _plain(lambda w, p, s: tree(p, seed=s)),
    "tree S-learner forced": _plain(lambda w, p, s: tree(p, seed=s, forced=True)),
    "Tenor": _plain(lambda w, p, s: tenor(p, seed=s)),
    "Tenor greedy": _plain(lambda w, p, s: tenor(p, seed=s, look_ahead=False)),
    "clairvoyant": lambda w, p, s, d: play_knowing(w, clairvoyant(p), policy=p, days=d),
}
LADDER, CLAIRVOYANT = "the fixed ladder", "clairvoyant"


@dataclass(frozen=True)
class Task:
    """One history to play all policies from."""

    customers: int
    seed: int
    randomised: float
    history: int
    days: int
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One policy's figures in one world."""

    row: str
    task: Task
    outcome: Outcome
    seconds: float


def main() -> None:
    """Play the policies and print the tables."""
    args = _arguments()
    policy = read_policy(args.policy)
    rows = tuple(args.only.split(",")) if args.only else tuple(ROWS)
    for randomised in args.randomised:
        print(f"History: {randomised:.0%} of the ladder's steps randomised", flush=True)
        tasks = [
            Task(args.customers, seed, randomised, args.history, args.days, rows)
            for seed in args.seeds
        ]
        lines: list[Line] = []
        with ProcessPoolExecutor(args.processes) as pool:
            for found in pool.map(_play_all, tasks, [policy] * len(tasks)):
                lines.extend(found)
                if len(tasks) > 1:
                    print(f"  seed {found[0].task.seed}")
                    _print_table(found, rows)
        title = f"mean of {len(tasks)} worlds" if len(tasks) > 1 else f"seed {args.seeds[0]}"
        print(f"  {title}")
        _print_table(lines, rows)
        print()


def _play_all(task: Task, policy: Policy) -> list[Line]:
    config = WorldConfig(customers=task.customers, randomised=task.randomised)
    world = World(config, task.seed)
    world.play_ladder(task.history)
    lines = []
    for name in task.rows:
        start = perf_counter()
        result = ROWS[name](world, policy, task.seed, task.days)
        lines.append(Line(name, task, result, perf_counter() - start))
        print(f"  seed {task.seed}: {name:26}{result}", file=sys.stderr, flush=True)
    return lines


def _print_table(lines: list[Line], rows: tuple[str, ...]) -> None:
    """Print a line a policy: shares, then what they are made of."""
    head = f"{'':26}{'share of gap: 30d / days / handed':>35}{'paid 30d':>10}{'days':>7}"
    print(f"  {head}{'handed':>8}{'cost':>7}{'contacts':>10}{'complaints':>12}{'s':>6}")
    for name in rows:
        own = [line for line in lines if line.row == name]
        shares = [_shares(line, lines) for line in own]
        text = " / ".join(_figure([s[i] for s in shares]) for i in range(3))
        results = [line.outcome for line in own]
        base = [_of(LADDER, line, lines) for line in own]
        cost = mean(r.cost / b.cost - 1.0 if b else 0.0 for r, b in zip(results, base, strict=True))
        print(
            f"  {name:26}{text:>35}{mean(r.paid_30 for r in results):>10.1%}"
            f"{mean(r.days for r in results):>7.2f}{mean(r.escalated for r in results):>8.1%}"
            f"{cost:>+7.0%}{mean(r.contacts for r in results):>10,.0f}"
            f"{mean(r.complaints for r in results):>12,.1f}"
            f"{mean(line.seconds for line in own):>6,.0f}"
        )


def _figure(values: list[float]) -> str:
    spread = f"±{stdev(values) / len(values) ** 0.5:.2f}" if len(values) > 1 else ""
    return f"{mean(values):+.2f}{spread}"


def _shares(line: Line, lines: list[Line]) -> tuple[float, float, float]:
    """Return the share of the gap from ladder to clairvoyant, in each of the three figures."""
    base, top = _of(LADDER, line, lines), _of(CLAIRVOYANT, line, lines)
    if base is None or top is None:
        return (0.0, 0.0, 0.0)
    own = line.outcome
    return (
        _share(own.paid_30, base.paid_30, top.paid_30),
        _share(own.days, base.days, top.days),
        _share(own.escalated, base.escalated, top.escalated),
    )


def _share(own: float, base: float, top: float) -> float:
    return (own - base) / (top - base) if top != base else 0.0


def _of(row: str, line: Line, lines: list[Line]) -> Outcome | None:
    return next((o.outcome for o in lines if o.row == row and o.task == line.task), None)


def _arguments() -> argparse.Namespace:
    def numbers(text: str) -> list[int]:
        return [int(n) for n in text.split(",")]

    def shares(text: str) -> list[float]:
        return [float(n) for n in text.split(",")]

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=1000, help="a world")
    parser.add_argument("--seeds", type=numbers, default=[11], help="of the worlds, by comma")
    parser.add_argument(
        "--randomised", type=shares, default=[0.3], help="shares of randomised ladder steps"
    )
    parser.add_argument("--history", type=int, default=HISTORY, help="days before live play")
    parser.add_argument("--days", type=int, default=150, help="of live play")
    parser.add_argument("--only", help=f"rows, by comma, of: {', '.join(ROWS)}")
    parser.add_argument("--policy", type=Path, default=POLICY, help="the policy file")
    parser.add_argument("--processes", type=int, default=2, help="worlds played side by side")
    return parser.parse_args()


if __name__ == "__main__":
    main()
