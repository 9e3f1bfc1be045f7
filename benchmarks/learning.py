"""Learning while deciding: what exploring costs in a year, and what it teaches.

    python -m benchmarks.learning                                   one small world
    python -m benchmarks.learning --customers 1000 --seeds 21,22,23 --every 2 --refit 30

Every way of exploring plays the same year of the same world with the same luck, from a history of
which few steps were left to chance, and learns anew every so many days. Value while learning: what
invoices due in the year brought, in euro each, less than the greedy one. Afterwards: what was known
in the end is frozen and decides without chance, from the beginning of the year again. Given up: the
expected loss that the decisions carried. Slope: what a chosen contact truly adds to the chance of
payment within 14 days, regressed on what was foretold (1 is right).
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from statistics import mean
from time import perf_counter

import numpy as np
import polars as pl

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
GREEDY = "greedy"


@dataclass
class Lesson:
    """What a way of exploring saw on its way: models, foretold and true gains, what it gave up."""

    model: Model | None = None
    given_up: float = 0.0
    foretold: list[float] = field(default_factory=list)
    true: list[float] = field(default_factory=list)

    @property
    def slope(self) -> float:
        """Return the slope of the true gain on the foretold one."""
        x, y = np.array(self.foretold), np.array(self.true)
        return float(np.polyfit(x, y, 1)[0]) if len(x) > 2 else float("nan")

    @property
    def ratio(self) -> float:
        """Return the true gain over the foretold one, both on average."""
        return mean(self.true) / mean(self.foretold) if self.foretold else float("nan")


@dataclass(frozen=True)
class Line:
    """One way in one world: euro an invoice while learning and afterwards, and its lesson."""

    way: str
    during: float
    after: float
    lesson: Lesson
    seconds: float


def main() -> None:
    """Play every way in every world, and print them beside each other."""
    args = _arguments()
    policy = read_policy(args.policy)
    lines: list[Line] = []
    for seed in args.seeds:
        world = World(WorldConfig(customers=args.customers, randomised=args.randomised), seed)
        world.play_ladder(args.history)
        for name in args.only.split(",") if args.only else WAYS:
            lines.append(learn(world, name, policy, args))
            print(f"seed {seed}: {_row(name, [lines[-1]], lines)}", file=sys.stderr, flush=True)
    print(
        f"{args.customers:,} customers, {len(args.seeds)} worlds, {args.days} days decided every "
        f"{args.every}, learned anew every {args.refit}; {args.randomised:.0%} of the history's "
        "steps left to chance"
    )
    print(
        f"{'':18}{'while learning':>16}{'afterwards':>12}{'given up':>10}{'slope':>7}{'ratio':>7}"
    )
    for name in dict.fromkeys(line.way for line in lines):
        print(_row(name, [line for line in lines if line.way == name], lines))


def learn(world: World, name: str, policy: Policy, args: argparse.Namespace) -> Line:
    """Play a year in one way, then the same year again with what was known in the end."""
    start = perf_counter()
    own, lesson = replace(policy, exploration=WAYS[name]), Lesson()
    year = play_knowing(
        world, _learning(own, lesson, args.refit), policy=own, days=args.days, every=args.every
    )
    still = replace(policy, exploration=Exploration(share=0.0))
    known = play(world, _frozen(still, lesson), policy=still, days=args.days, every=args.every)
    return Line(name, _worth(year, policy), _worth(known, policy), lesson, perf_counter() - start)


def _learning(policy: Policy, lesson: Lesson, refit: int) -> Callable[[World], Decider]:
    def of(world: World) -> Decider:
        fitted: list[datetime] = []

        def decider(tables: Tables, now: datetime) -> pl.DataFrame:
            if not fitted or now - fitted[-1] >= timedelta(days=refit):
                arrival = policy.days_to_arrive
                lesson.model = fit(tables, as_of=now, days_to_arrive=arrival, seed=0)
                fitted[:] = [now]
            assert lesson.model is not None
            found = decide(tables, as_of=now, model=lesson.model, policy=policy)
            lesson.given_up += float(found["expected_loss"].sum())
            _compare(world, found, now, lesson)
            return found

        return decider

    return of


def _frozen(policy: Policy, lesson: Lesson) -> Decider:
    def decider(tables: Tables, now: datetime) -> pl.DataFrame:
        assert lesson.model is not None
        return decide(tables, as_of=now, model=lesson.model, policy=policy)

    return decider


def _compare(world: World, found: pl.DataFrame, now: datetime, lesson: Lesson) -> None:
    """Note what was foretold of the contacts of today and tomorrow, and what is so."""
    contacts = found.filter(pl.col("channel").is_not_null() & ~pl.col("explored")).with_columns(
        after=(pl.col("send_at").dt.date() - now.date()).dt.total_days(),
        hour=pl.col("send_at").dt.hour().cast(pl.Float64),
    )
    contacts = contacts.filter(pl.col("after") <= 1)
    truth = world.truth()
    owed = truth.invoices.select("invoice_id", "amount")
    for (channel, tone, after, hour), part in contacts.group_by(
        "channel", "tone", "after", "hour", maintain_order=True
    ):
        gain = truth.gain(str(channel), str(tone), after=int(str(after)), hour=float(str(hour)))
        true = (
            part.select("customer_id", invoice_id="invoice_ids")
            .explode("invoice_id")
            .join(owed.with_columns(gain=pl.Series(gain)), on="invoice_id")
            .group_by("customer_id")
            .agg(true=(pl.col("gain") * pl.col("amount")).sum() / pl.col("amount").sum())
        )
        both = part.join(true, on="customer_id").select(
            foretold=pl.col("p_paid") - pl.col("p_paid_wait"), true="true"
        )
        lesson.foretold += both["foretold"].to_list()
        lesson.true += both["true"].to_list()


def _worth(found: Outcome, policy: Policy) -> float:
    """Return what an invoice brought, in euro, by the policy's own objective."""
    aim = policy.objective
    spent = found.cost + aim.cost_of_complaint * found.complaints
    spent += aim.cost_of_opt_out * found.opt_outs
    paid = aim.value_of_payment * found.paid_30 - aim.cost_of_escalation * found.escalated
    return paid - spent / max(found.invoices, 1)


def _row(name: str, own: list[Line], lines: list[Line]) -> str:
    base = [line for line in lines if line.way == GREEDY]
    during = mean(line.during for line in own) - mean(line.during for line in base)
    after = mean(line.after for line in own) - mean(line.after for line in base)
    lessons = [line.lesson for line in own]
    return (
        f"{name:18}{during:>+16.3f}{after:>+12.3f}"
        f"{mean(one.given_up for one in lessons):>10,.0f}"
        f"{mean(one.slope for one in lessons):>7.2f}{mean(one.ratio for one in lessons):>7.2f}"
        f"   ({mean(line.seconds for line in own):,.0f} s)"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    numbers = {"type": lambda text: [int(part) for part in text.split(",")]}
    parser.add_argument("--customers", type=int, default=250)
    parser.add_argument("--seeds", default=[21], **numbers)
    parser.add_argument("--randomised", type=float, default=0.05, help="of the history's steps")
    parser.add_argument("--history", type=int, default=240, help="days before")
    parser.add_argument("--days", type=int, default=360)
    parser.add_argument("--every", type=int, default=5, help="days between decisions")
    parser.add_argument("--refit", type=int, default=60, help="days between learnings")
    parser.add_argument("--only", default="", help=f"ways, by comma, of: {', '.join(WAYS)}")
    parser.add_argument("--policy", type=Path, default=POLICY)
    return parser.parse_args()


if __name__ == "__main__":
    main()
