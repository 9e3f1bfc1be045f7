"""Experiments looked at every day: how often a harmless one is stopped, how often one is missed.

python -m benchmarks.experiments [--experiments 2000] [--customers 6000] [--days 120]

Customers come a number a day, half to each arm, with a figure that is foretold in part. Each
experiment is read every day and stopped at the first day on which its interval excludes nought:
the ordinary 95% interval, the same looked at once on the last day, and the one that may be looked
at every day, plain and with what was foretold taken out. With no effect a stop is false; with
the effect that the experiment was planned for, not stopping is a miss.
"""

import argparse
from time import perf_counter

import numpy as np

from tenor.engine.experiments.planning import Figure, customers_needed
from tenor.engine.experiments.sequential import LEAST, multiplier, normal_reach

SEED = 20_261_122
USUAL = {"paid within 30 days": 0.70, "complained": 0.01}
FORETOLD = 0.5


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--experiments", type=int, default=2_000)
    parser.add_argument("--customers", type=int, default=6_000)
    parser.add_argument("--days", type=int, default=120)
    options = parser.parse_args()
    start = perf_counter()
    print("| figure | effect | way of reading | stopped | on day (median) |")
    print("|---|---|---|---|---|")
    for name, usual in USUAL.items():
        tuned_to = _planned(usual, options.customers)
        for effect in (0.0, tuned_to):
            rng = np.random.default_rng(SEED)
            stops = _stops(usual, effect, tuned_to, options, rng)
            for way, days in stops.items():
                came = np.isfinite(days)
                when = f"{np.median(days[came]):.0f}" if came.any() else ""
                print(
                    f"| {name}, {usual:.0%} | {effect:+.1%} | {way} | {came.mean():.1%} | {when} |"
                )
    print(f"\n{perf_counter() - start:.0f} s")


def _planned(usual: float, customers: int) -> float:
    """Return the effect for which so many customers are planned when looking every day."""
    low, high = 1e-4, 0.2
    for _ in range(40):
        middle = (low + high) / 2.0
        need = customers_needed(
            Figure(usual), effect=middle, weights={"old": 1, "new": 1}, control="old"
        )
        low, high = (low, middle) if need.customers <= customers else (middle, high)
    return high


def _stops(
    usual: float,
    effect: float,
    tuned_to: float,
    options: argparse.Namespace,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Return the day on which each experiment stops, by way of reading; infinite: never."""
    a_day = options.customers // options.days
    found: dict[str, list[float]] = {}
    for _ in range(options.experiments):
        n = a_day * options.days
        # Each has a chance of their own, spread so that its correlation with what came is FORETOLD.
        weight = 1.0 / FORETOLD**2 - 1.0
        chance = rng.beta(weight * usual, weight * (1.0 - usual), n)
        new = rng.random(n) < 0.5
        turned = new & (rng.random(n) < effect / (1.0 - usual))
        came = ((rng.random(n) < chance) | turned).astype(float)
        for way, day in _read(came, new, chance, a_day, tuned_to).items():
            found.setdefault(way, []).append(day)
    return {way: np.array(days) for way, days in found.items()}


def _read(
    came: np.ndarray, new: np.ndarray, chance: np.ndarray, a_day: int, tuned_to: float
) -> dict[str, float]:
    ends = np.arange(a_day, len(came) + 1, a_day)
    plain = _differences(came, new, ends)
    # One slope for both arms, from all customers so far: CUPED, from running sums.
    told = chance - chance.mean()
    slope = _running_slope(came, told, ends)
    adjusted = _differences(came, new, ends, told, slope)
    days = {}
    reach = np.full(len(ends), normal_reach())
    days["ordinary interval, every day"] = _first(*plain, reach)
    days["ordinary interval, last day only"] = _first(
        *(p[-1:] for p in plain), reach[-1:], len(ends) - 1
    )
    for name, (value, error) in (
        ("interval for every day", plain),
        ("the same, adjusted", adjusted),
    ):
        reach = np.array([multiplier(e, tuned_to=tuned_to) for e in error])
        days[name] = _first(value, error, reach)
    return days


def _differences(came, new, ends, told=None, slope=None):  # type: ignore[no-untyped-def]
    """Return the difference and its error at the end of each day, from running sums."""
    value, error = np.full(len(ends), 0.0), np.full(len(ends), np.inf)
    sums = []
    for arm in (~new, new):
        count = np.cumsum(arm)[ends - 1].astype(float)
        y = np.cumsum(came * arm)[ends - 1]
        yy = np.cumsum(came**2 * arm)[ends - 1]
        if told is not None:
            x, xx = np.cumsum(told * arm)[ends - 1], np.cumsum(told**2 * arm)[ends - 1]
            xy = np.cumsum(told * came * arm)[ends - 1]
            yy = yy - 2 * slope * xy + slope**2 * xx
            y = y - slope * x
        mean = y / np.maximum(count, 1)
        variance = np.maximum(yy / np.maximum(count, 1) - mean**2, 0.5 / (count + 2))
        sums.append((count, mean, variance / np.maximum(count - 1, 1)))
    known = np.minimum(sums[0][0], sums[1][0]) >= LEAST
    value[known] = (sums[1][1] - sums[0][1])[known]
    error[known] = np.sqrt(sums[0][2] + sums[1][2])[known]
    return value, error


def _running_slope(came: np.ndarray, told: np.ndarray, ends: np.ndarray) -> np.ndarray:
    n = ends.astype(float)
    x, y = np.cumsum(told)[ends - 1] / n, np.cumsum(came)[ends - 1] / n
    xy, xx = np.cumsum(told * came)[ends - 1] / n, np.cumsum(told**2)[ends - 1] / n
    return np.asarray((xy - x * y) / np.maximum(xx - x**2, 1e-12))


def _first(value: np.ndarray, error: np.ndarray, reach: np.ndarray, start: int = 0) -> float:
    with np.errstate(invalid="ignore"):
        outside = np.flatnonzero(
            np.abs(value) > np.where(np.isfinite(error), reach * error, np.inf)
        )
    return float(start + outside[0] + 1) if len(outside) else np.inf


if __name__ == "__main__":
    main()
