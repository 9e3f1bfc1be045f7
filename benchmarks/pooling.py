"""A new organisation with and without a pool: how well it knows what contacts do, early on.

python -m benchmarks.pooling [--givers 12] [--customers 3000] [--newcomers 4] [--weeks 4 10]

Made-up organisations with the same kinds of people, each with a history of its own, give to a pool
with noise. New ones of 250 customers learn after few weeks: by themselves (what trials let one
expect, and their own contacts), with pools of several epsilons, and with one without noise.
Measured against the truth of the world: how far the mean gain of each channel and tone is off, and
what share of the best permitted gain the way that is believed best brings, over all open invoices.
"""

import argparse
import secrets
from datetime import date
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from tenor.engine.features.build import build
from tenor.engine.policy.worth import paid_within
from tenor.engine.pooling.contribution import Contribution, contribute
from tenor.engine.pooling.prior import pooled
from tenor.engine.pooling.rows import days_of
from tenor.engine.predictors.effect import answer_table
from tenor.engine.predictors.effect_design import Told, stage_of
from tenor.engine.predictors.expected import PUBLISHED, Expected
from tenor.engine.predictors.model import Model, fit
from tenor.engine.simulation import World, WorldConfig

Array = NDArray[np.float64]

DAYS_TO_ARRIVE = {"letter": 2.0}
# Noise of this epsilon is none worth speaking of.
NOISELESS = 1e9
EPSILONS = (1.0, 4.0, NOISELESS)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--givers", type=int, default=12)
    parser.add_argument("--customers", type=int, default=3_000)
    parser.add_argument("--newcomers", type=int, default=4)
    parser.add_argument("--weeks", type=int, nargs="+", default=[4, 10])
    options = parser.parse_args()
    start = perf_counter()
    given = _given(options)
    channels = WorldConfig(customers=10).channel_names
    expected: dict[str, Expected] = {"by itself": PUBLISHED}
    for epsilon in EPSILONS:
        name = f"pool, epsilon {epsilon:g}" if epsilon < NOISELESS else "pool without noise"
        expected[name] = pooled(given[epsilon]).expected(channels)
    print("| weeks of history | contacts | learned | gain off by | share of the best gain |")
    print("|---|---|---|---|---|")
    for weeks in options.weeks:
        found: dict[str, list[tuple[float, float, int]]] = {}
        for seed in range(options.newcomers):
            world = World(WorldConfig(customers=250, randomised=0.5), 1_000 + seed)
            world.play_ladder(7 * weeks)
            tables = world.tables()
            for name, prior in expected.items():
                model = fit(tables, as_of=world.today, days_to_arrive=DAYS_TO_ARRIVE, prior=prior)
                found.setdefault(name, []).append(_judged(model, world))
        for name, rows in found.items():
            off, share, contacts = np.mean(rows, axis=0)
            print(f"| {weeks} | {contacts:,.0f} | {name} | {100 * off:.1f} points | {share:.2f} |")
    print(f"\n{perf_counter() - start:.0f} s")


def _given(options: argparse.Namespace) -> dict[float, list[Contribution]]:
    """Return what the givers give, by epsilon."""
    given: dict[float, list[Contribution]] = {epsilon: [] for epsilon in EPSILONS}
    for seed in range(options.givers):
        world = World(WorldConfig(customers=options.customers, randomised=0.3), 500 + seed)
        world.play_ladder(300)
        rows = days_of(world.tables(), world.today)
        for epsilon, kept in given.items():
            made = contribute(
                rows, giver=f"giver {seed}", given_on=date(2026, 1, 1), epsilon=epsilon,
                below=secrets.randbelow, synthetic=True,
            )  # fmt: skip
            kept.append(made.contribution)
    return given


def _judged(model: Model, world: World) -> tuple[float, float, int]:
    """Return how far the ways' mean gains are off, the share of the best gain, and contacts."""
    tables = world.tables()
    snapshot, truth = build(tables, world.today), world.truth()
    effect = model.effect
    real = truth.invoices.with_row_index("real")
    both = snapshot.rows.select("invoice_id").with_row_index("row").join(real, on="invoice_id")
    row, place = both["row"].to_numpy(), both["real"].to_numpy()
    own = effect.paths(tables, snapshot, 14)[row]
    states = effect.states(snapshot.rows)[row]
    answers = answer_table(snapshot, effect.design.channels)[row]
    answers = np.concatenate([answers, np.zeros((len(row), 1))], axis=1)
    stage = stage_of(both["days_overdue"].to_numpy())
    earlier = snapshot.rows["contacts_30d"].to_numpy()[row].astype(float)
    n, foretold, known = len(row), [], []
    for channel in world.config.channel_names:
        at = _number(effect.design.channels, channel)
        for tone in world.config.tone_names:
            said = _number(effect.design.tones, tone)
            told = Told(
                np.full(n, at), np.full(n, said), np.full(n, 12), np.full(n, 2), stage,
                earlier, answers[:, at],
            )  # fmt: skip
            strength = effect.strength(states, told)
            curve = effect.curves.curves[np.full(n, at)].astype(np.float32)
            with_, without = (
                paid_within(own, strength, curve, np.full(n, day), 14) for day in (0, -1)
            )
            may = truth.may_send(channel)[place]
            foretold.append(np.where(may, with_ - without, -np.inf))
            known.append(np.where(may, truth.gain(channel, tone)[place], -np.inf))
    said_gain, gain = np.array(foretold), np.array(known)
    some = np.isfinite(gain).any(axis=0)
    said_gain, gain = said_gain[:, some], gain[:, some]
    means = [np.where(np.isfinite(g), g, np.nan) for g in (said_gain, gain)]
    off = np.sqrt(np.mean((np.nanmean(means[0], axis=1) - np.nanmean(means[1], axis=1)) ** 2))
    chosen = gain[said_gain.argmax(axis=0), np.arange(gain.shape[1])].mean()
    return float(off), float(chosen / gain.max(axis=0).mean()), tables.contacts.height


def _number(names: tuple[str, ...], name: str) -> int:
    return names.index(name) if name in names else -1


if __name__ == "__main__":
    main()
