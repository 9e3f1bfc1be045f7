"""False alarms in quiet years and days until planted faults are found, over many worlds.

Each seed is another world: other people, other laws, other luck. A predictor is fitted after 300
days; the year after it is watched, once a week while quiet and every day after a fault was
planted in its middle.

    python -m benchmarks.monitoring --seeds 20 --customers 600
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp, factorial
from statistics import median

import numpy as np
import polars as pl

from tenor.engine.features.build import build
from tenor.engine.frames import AMOUNT, Tables
from tenor.engine.monitoring import Edges, Look, Panel, edges_of, look_back, watch
from tenor.engine.monitoring.checks import alarming, judged
from tenor.engine.monitoring.decay import decay
from tenor.engine.monitoring.evidence import WINDOW
from tenor.engine.monitoring.outcomes import CONTROL, TREATED
from tenor.engine.predictors.model import fit
from tenor.engine.simulation import World, WorldConfig

HISTORY, WEEKS, FAULT = 300, 52, 26
LONGEST = 42  # days after a fault in which it may be found
# Contacts drawn by lot: how many a week, and what each channel adds to the chance of payment.
A_WEEK, GAINS = 100, {"email": 0.10, "sms": 0.15, "": 0.0}


@dataclass(frozen=True)
class Year:
    """A quiet year and the looks of its weeks."""

    tables: Tables
    looks: tuple[Look, ...]
    edges: Edges

    @property
    def since(self) -> datetime:
        """Return when a fault begins."""
        return self.looks[FAULT].at


def lived(seed: int, customers: int) -> Year:
    """Play a world, fit after its history, and look at every week of the year after it."""
    world = World(WorldConfig(customers=customers, randomised=0.3), seed)
    world.play_ladder(HISTORY)
    then = world.today
    world.play_ladder(7 * WEEKS)
    tables = world.tables()
    model = fit(tables, as_of=then)
    edges = edges_of(build(tables.known_at(then).in_order(), then).rows)
    looks = look_back(tables, as_of=world.today, model=model, weeks=WEEKS, edges=edges)
    return Year(tables, looks, edges)


def cents(year: Year) -> Tables:
    """Let invoices come in cents."""
    late = pl.col("issued_on") >= year.since.date()
    amount = (pl.col("amount") * pl.when(late).then(100).otherwise(1)).cast(AMOUNT)
    return year.tables.with_(invoices=year.tables.invoices.with_columns(amount))


def stopped(year: Year) -> Tables:
    """Let no payments come."""
    paid = year.tables.payments
    return year.tables.with_(payments=paid.filter(pl.col("paid_at") < year.since))


def doubled(year: Year) -> Tables:
    """Let every payment be booked twice."""
    paid = year.tables.payments
    again = paid.filter(pl.col("paid_at") >= year.since)
    return year.tables.with_(payments=pl.concat([paid, again]))


def halved(year: Year) -> Tables:
    """Let half of the customers be in no import any more."""
    tables, since = year.tables, year.since
    theirs = pl.col("customer_id").is_in(tables.customers["customer_id"].gather_every(2).implode())
    owed = tables.invoices.filter(theirs)["invoice_id"].implode()
    return tables.with_(
        invoices=tables.invoices.filter(~(theirs & (pl.col("issued_on") >= since.date()))),
        payments=tables.payments.filter(
            ~(pl.col("invoice_id").is_in(owed) & (pl.col("paid_at") >= since))
        ),
        events=tables.events.filter(~(theirs & (pl.col("at") >= since))),
    )


def ten_days_later(year: Year) -> Tables:
    """Let everybody pay ten days later."""
    at = pl.col("paid_at")
    moved = pl.when(at >= year.since).then(at.dt.offset_by("10d")).otherwise(at)
    return year.tables.with_(payments=year.tables.payments.with_columns(paid_at=moved))


# Each fault, and where it is to be seen.
FAULTS: dict[str, tuple[Callable[[Year], Tables], tuple[str, ...]]] = {
    "invoices in cents": (cents, ("quality:invoices",)),
    "payments booked twice": (doubled, ("quality:payments",)),
    "payments stop": (stopped, ("freshness:payments",)),
    "half of the customers gone": (
        halved,
        ("freshness:volume", "world:everybody"),
    ),
    "everybody pays ten days later": (ten_days_later, ("world:everybody",)),
}


def arms_of(year: Year) -> pl.DataFrame:
    """Leave every other customer to the ladder in name: both groups are treated alike."""
    ids = year.tables.customers["customer_id"]
    arms = [TREATED if n % 2 else CONTROL for n in range(len(ids))]
    return pl.DataFrame({"customer_id": ids, "arm": arms})


def false_alarms(year: Year) -> list[tuple[str, str]]:
    """Return family and text of the alarms of a year in which nothing happened.

    As on the platform an alarm counts when it opens, and again when it opens once more after a
    look at which it was over.
    """
    found: list[tuple[str, str]] = []
    arms, open_ = arms_of(year), set[str]()
    for week in range(8, WEEKS + 1):
        looks = year.looks[: week + 1]
        seen = watch(year.tables, as_of=looks[-1].at, looks=looks, edges=year.edges, arms=arms)
        for alarm in seen.alarms:
            if alarm.key not in open_:
                found.append((alarm.panel.value, f"{looks[-1].day} {alarm.text}"))
        open_ = {alarm.key for alarm in seen.alarms}
    return found


def false_effects(seed: int) -> list[tuple[str, str]]:
    """Return the alarms of a year of contacts drawn by lot that do exactly what is believed.

    A hundred contacts a week; the simulated world has no beliefs about its contacts, so they are
    drawn here.
    """
    rng, now = np.random.default_rng([seed, 9]), datetime(2026, 3, 2, tzinfo=UTC)
    n = A_WEEK * (WEEKS + WINDOW)
    lot, alone = rng.integers(len(GAINS), size=n), rng.uniform(0.2, 0.5, n)
    believed = alone + np.array(list(GAINS.values()))[lot]
    ago = rng.integers(15, 15 + 7 * (WEEKS + WINDOW), n)
    rows = pl.DataFrame(
        {
            "decided_at": [now - timedelta(days=int(d)) for d in ago],
            "channel": [list(GAINS)[k] or None for k in lot],
            "propensity": np.full(n, 1 / len(GAINS)),
            "p_paid": believed,
            "p_paid_wait": alone,
            "paid": (rng.random(n) < believed).astype(float),
        },
        schema_overrides={"decided_at": pl.Datetime("us", "UTC")},
    )
    found: list[tuple[str, str]] = []
    open_ = set[str]()
    for week in range(WEEKS, -1, -1):
        at = now - timedelta(weeks=week)
        known = pl.col("decided_at").is_between(at - timedelta(weeks=30), at - timedelta(days=14))
        seen = alarming(judged(decay(rows.filter(known), as_of=at), families=len(Panel)))
        found += [("effect", f"{at.date()} {c.key}") for c in seen if c.key not in open_]
        open_ = {check.key for check in seen}
    return found


def interval(count: int, years: float) -> tuple[float, float]:
    """Return the exact 95% interval of a rate a year of which `count` were seen."""

    def solved(at_most: int, chance: float) -> float:
        low, high = 0.0, 100.0 + 10.0 * count
        for _ in range(80):
            middle = (low + high) / 2
            below = sum(middle**k / factorial(k) for k in range(at_most + 1)) * exp(-middle)
            low, high = (middle, high) if below > chance else (low, middle)
        return low

    return (solved(count - 1, 0.975) if count else 0.0) / years, solved(count, 0.025) / years


def days_until(year: Year, fault: Callable[[Year], Tables], keys: tuple[str, ...]) -> int | None:
    """Return after how many days a fault is found where it is to be seen.

    Looks that are kept a week apart are those of the quiet year: what a fault would make of the
    features is left out, which finds it later if anything.
    """
    spoilt = fault(year)
    for day in range(1, LONGEST + 1):
        looks = year.looks[: FAULT + 1 + day // 7]
        at = year.since + timedelta(days=day)
        seen = watch(spoilt, as_of=at, looks=looks, edges=year.edges)
        if any(alarm.key in keys for alarm in seen.alarms):
            return day
    return None


def told(quiet: list[tuple[str, str]], delays: dict[str, list[int | None]], years: int) -> None:
    """Print what was found as Markdown."""
    print(f"\n{years} quiet years\n\n| family | false alarms | a year | 95% interval |")
    print("|---|---|---|---|")
    for family in ("all", *Panel):
        count = sum(family in ("all", panel) for panel, _ in quiet)
        low, high = interval(count, years)
        print(f"| {family} | {count} | {count / years:.2f} | {low:.2f} to {high:.2f} |")
    print("\n| fault | found | days until found: median | range |\n|---|---|---|---|")
    for name, found in delays.items():
        known = [d for d in found if d is not None]
        middle = median(known) if known else "–"
        span = f"{min(known)} to {max(known)}" if known else "–"
        print(f"| {name} | {len(known)} of {len(found)} | {middle} | {span} |", flush=True)


def main() -> None:
    """Run the seeds and print tables as Markdown; each seed's line comes when it is done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--first", type=int, default=101)
    parser.add_argument("--customers", type=int, default=600)
    given = parser.parse_args()
    delays: dict[str, list[int | None]] = {name: [] for name in FAULTS}
    quiet: list[tuple[str, str]] = []
    for done, seed in enumerate(range(given.first, given.first + given.seeds), start=1):
        year = lived(seed, given.customers)
        alarms = [*false_alarms(year), *false_effects(seed)]
        quiet += alarms
        for name, (fault, keys) in FAULTS.items():
            delays[name].append(days_until(year, fault, keys))
        print(f"seed {seed}: {alarms or 'quiet'}; {[d[-1] for d in delays.values()]}", flush=True)
        if done % 5 == 0 or done == given.seeds:
            told(quiet, delays, done)


if __name__ == "__main__":
    main()
