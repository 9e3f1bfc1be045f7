"""How often the gate refuses what is harmless, and how often it lets through what is not.

    python -m benchmarks.gate
    python -m benchmarks.gate --draws 1000 --only harmless --customers 60,150

Made-up portfolios of which the true chances are known (`engine/release/gate_trial.py`).
"""

import argparse

from tenor.engine.release.gate_trial import CANDIDATES, answers


def main() -> None:
    """Print for each candidate and size how many of the draws were refused."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--customers", default="60,150,400,1000,3000", help="sizes, by commas")
    parser.add_argument("--only", help="one candidate, by its first word")
    asked = parser.parse_args()
    print(f"{'candidate':<30} {'customers':>9} {'refused':>8} {'cannot tell':>12}  by")
    for kind in CANDIDATES:
        if asked.only and not kind.startswith(asked.only):
            continue
        for count in map(int, asked.customers.split(",")):
            found = list(answers(kind, count, asked.draws))
            no = sum(answer.refuses for answer in found) / asked.draws
            left = sum(answer.open and not answer.refuses for answer in found) / asked.draws
            names = sorted({name for answer in found for name in answer.failed})
            print(
                f"{kind:<30} {count:>9,} {no:>8.1%} {left:>12.1%}  {', '.join(names)}", flush=True
            )


if __name__ == "__main__":
    main()
