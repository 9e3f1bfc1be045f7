"""The whole decision: open invoices a second with rules, capacity and reasons, 4,200 ways each.

python -m benchmarks.day
python -m benchmarks.day --invoices 20000 --events 200000
"""

import argparse
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.problems.portfolio import AS_OF, portfolio
from tenor.engine.decision import decide
from tenor.engine.features.build import build
from tenor.engine.policy.permitted import permitted
from tenor.engine.policy.policyfile import parse_policy
from tenor.engine.predictors.model import fit
from tenor.engine.simulation import World, WorldConfig

EXAMPLE = Path(__file__).parents[1] / "examples" / "policy.toml"
# A fifth channel beside the example's four: 5 channels x 5 tones x 14 days x 12 hours.
PUSH = """
[channels.push]
cost = 0.001
tones = ["friendly", "neutral", "firm", "urgent", "empathetic"]
"""


def main() -> None:
    """Fit on a small made-up world, decide for a large portfolio, and print the parts' shares."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--invoices", type=int, default=100_000, help="open invoices")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=3)
    args = parser.parse_args()
    policy = parse_policy(EXAMPLE.read_text(encoding="utf-8") + PUSH)
    world = World(WorldConfig(customers=800), 1)
    world.play_ladder(365)
    model = fit(world.tables(), as_of=world.today, days_to_arrive=policy.days_to_arrive)
    tables = portfolio(open_invoices=args.invoices, events=args.events).known_at(AS_OF)
    print(
        f"{args.invoices:,} open invoices of {tables.customers.height:,} customers, "
        f"{tables.invoices.height:,} invoices and {tables.events.height:,} events in all"
    )
    parts: dict[str, list[float]] = {"features": [], "rules": [], "decision, whole": []}
    for _ in range(args.times):
        start = perf_counter()
        build(tables, AS_OF)
        parts["features"].append(perf_counter() - start)
        start = perf_counter()
        permitted(tables, as_of=AS_OF, policy=policy)
        parts["rules"].append(perf_counter() - start)
        start = perf_counter()
        decisions = decide(tables, as_of=AS_OF, model=model, policy=policy)
        parts["decision, whole"].append(perf_counter() - start)
    for name, seconds in parts.items():
        print(f"  {name:<28} {median(seconds):6.2f} s median of {len(seconds)}")
    rest = median(parts["decision, whole"]) - median(parts["features"])
    print(
        f"  rules, worth, capacity, chance, reviews and reasons, features excluded: "
        f"{args.invoices / rest:,.0f} open invoices a second"
    )
    print(
        f"  with features: {args.invoices / median(parts['decision, whole']):,.0f} open invoices "
        f"a second, {decisions.height:,} decisions"
    )


if __name__ == "__main__":
    main()
