"""The canary's rule: how often it lets harm through, stops what is good, and whom it touches.

    python -m benchmarks.canary                 200 rollouts a row
    python -m benchmarks.canary --runs 1000 --steps 0.25,0.5      larger first shares

Cases arrive daily and go to the candidate by lot at the canary's share; each brings 20 on average
(spread 40) after two weeks, and 4 in 1,000 complain. The rule is the default one with a margin of
1 a case in money and 4 in 1,000 cases in complaints.
"""

import argparse

import numpy as np

from tenor.engine.release.canary import Move, Rule
from tenor.engine.release.rollout import Candidate, Rollout, Setting, rollout

ROWS = {
    "brings 25% less": Candidate(money=-5.0),
    "brings 10% less": Candidate(money=-2.0),
    "three times the complaints": Candidate(complaints=0.008),
    "changes nothing": Candidate(),
    "brings 5% more": Candidate(money=1.0),
    "brings 10% more": Candidate(money=2.0),
}


def main() -> None:
    """Print a row a candidate and a size of organisation."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--steps", default="0.05,0.15,0.35", help="shares, by commas")
    asked = parser.parse_args()
    runs = asked.runs
    steps = tuple(float(share) for share in asked.steps.split(","))
    rule = Rule(steps=steps, money_margin=1.0, complaints_margin=0.004)
    print(
        f"{'candidate':<28} {'cases a day':>11} {'seen to harm':>13} {'asked':>9} "
        f"{'released':>9} {'days (median)':>14} {'cases touched':>14}"
    )
    for cases in (50, 200, 1000):
        for name, candidate in ROWS.items():
            setting = Setting(cases_a_day=cases)
            found = [
                rollout(candidate, setting, rule, rng=np.random.default_rng([seed, cases]))
                for seed in range(runs)
            ]
            print(f"{name:<28} {cases:>11,} {_row(found)}", flush=True)


def _row(found: list[Rollout]) -> str:
    harm = sum(r.harm for r in found) / len(found)
    late = sum(r.move is Move.ASK for r in found) / len(found)
    out = sum(r.move is Move.FINISH for r in found) / len(found)
    days = float(np.median([r.days for r in found]))
    touched = float(np.mean([r.touched for r in found]))
    return f"{harm:>13.1%} {late:>9.1%} {out:>9.1%} {days:>14.0f} {touched:>14.1%}"


if __name__ == "__main__":
    main()
