"""Do foretold gains come true? In worlds whose truth is known, by whose contacts are looked at.

    python -m benchmarks.gains --customers 3000 --seeds 71,72,73 --randomised 0.3

A predictor is fitted on a history; then the ladder goes on. Slope: the true gain (in the chance of
payment within 14 days) regressed on the foretold one; 1 is right. Ratio: the true over the
foretold, on average. The ladder's: contacts of the next 45 days, each foretold as of its morning.
Chosen: what Tenor would do today. Among ways: what each channel and tone adds beside the others of
the same invoice. Behind each figure stands its standard error over the worlds.
"""

import argparse
from datetime import datetime
from pathlib import Path
from statistics import mean, stdev

import numpy as np
import polars as pl

from benchmarks.foretold import of_choices, of_past, of_ways
from tenor.engine.decision import decide
from tenor.engine.policy.policyfile import Policy, read_policy
from tenor.engine.predictors.model import fit
from tenor.engine.simulation import Truth, World, WorldConfig

POLICY = Path(__file__).parents[1] / "examples" / "policy.toml"
ROWS = ("the ladder's", "chosen", "among ways")
NEXT = 45  # days

Pairs = tuple[list[float], list[float]]


def main() -> None:
    """Print slope and ratio of each row, over the worlds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=1000)
    parser.add_argument("--seeds", default="71,72")
    parser.add_argument("--randomised", type=float, default=0.3, help="of the history's steps")
    parser.add_argument("--history", type=int, default=300, help="days before")
    parser.add_argument("--multiplied", type=float, default=0.0, help="of what contacts do")
    args = parser.parse_args()
    policy, worlds = read_policy(POLICY), []
    for seed in args.seeds.split(","):
        config = WorldConfig(
            customers=args.customers, randomised=args.randomised, multiplied=args.multiplied
        )
        world = World(config, int(seed))
        world.play_ladder(args.history)
        worlds.append(_gains(world, policy))
    print(
        f"{args.customers:,} customers, {len(worlds)} worlds, {args.history} days of history, "
        f"{args.randomised:.0%} of its steps left to chance, "
        f"{args.multiplied:.0%} of what contacts do multiplies one's own pace"
    )
    print(f"{'contacts':14}{'slope':>16}{'ratio':>16}{'in a world':>12}")
    for row in ROWS:
        pairs = [world[row] for world in worlds]
        slopes = [float(np.polyfit(foretold, true, 1)[0]) for foretold, true in pairs]
        ratios = [mean(true) / mean(foretold) for foretold, true in pairs]
        # Beside each other ways sum to nothing, so that they have no ratio.
        ratio = "" if row == "among ways" else _with_error(ratios)
        count = mean(len(true) for _, true in pairs)
        print(f"{row:14}{_with_error(slopes):>16}{ratio:>16}{count:>12,.0f}")


def _gains(world: World, policy: Policy) -> dict[str, Pairs]:
    tables, now = world.tables(), world.today
    model = fit(tables, as_of=now, days_to_arrive=policy.days_to_arrive, seed=0)
    found = decide(tables, as_of=now, model=model, policy=policy)
    chosen, ways = of_choices(world, found, now), of_ways(world, tables, now, model, policy)
    truths: list[pl.DataFrame] = []
    for _ in range(NEXT):
        truth, morning = world.copy().truth(), world.today
        world.play_ladder(1)
        made = world.tables().contacts.filter(pl.col("sent_at") >= morning)
        truths += [_true(truth, part, morning) for part in made.partition_by("channel", "tone")]
    return {
        "the ladder's": of_past(world.tables(), pl.concat(truths), model),
        "chosen": chosen,
        "among ways": ways,
    }


def _true(truth: Truth, made: pl.DataFrame, morning: datetime) -> pl.DataFrame:
    """Return a row an invoice of contacts of one channel and tone, with what they truly add."""
    channel, tone = made.row(0, named=True)["channel"], made.row(0, named=True)["tone"]
    hour = made["sent_at"].dt.hour().to_list()[0]
    gains = truth.invoices.select(
        "invoice_id", true=pl.Series(truth.gain(channel, tone, hour=float(hour)))
    )
    return (
        made.select("customer_id", "channel", "tone", "sent_at", invoice_id="invoice_ids")
        .explode("invoice_id")
        .join(gains, on="invoice_id")
        .with_columns(morning=pl.lit(morning))
    )


def _with_error(values: list[float]) -> str:
    if len(values) < 2:
        return f"{values[0]:.2f}"
    return f"{mean(values):.2f} ± {stdev(values) / len(values) ** 0.5:.2f}"


if __name__ == "__main__":
    main()
