"""False alarms in quiet years and days until planted faults are found, over many worlds.

Each seed is another world: other people, other laws, other luck. A predictor is fitted after 300
days; the year after it is watched, once a week while quiet and every day after a fault was
planted in its middle.

    python -m benchmarks.monitoring --seeds 4 --customers 600
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

import polars as pl

from tenor.engine.features.build import build
from tenor.engine.frames import AMOUNT, Tables
from tenor.engine.monitoring import Edges, Look, edges_of, look_back, watch
from tenor.engine.predictors.model import fit
from tenor.engine.simulation import World, WorldConfig

HISTORY, WEEKS, FAULT = 300, 52, 26
LONGEST = 42  # days after a fault in which it may be found


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
        ("freshness:customers", "freshness:invoices", "freshness:payments", "world:everybody"),
    ),
    "everybody pays ten days later": (ten_days_later, ("world:everybody",)),
}


def false_alarms(year: Year) -> list[str]:
    """Return the alarms of a year in which nothing happened, each once."""
    found: dict[str, str] = {}
    for week in range(8, WEEKS + 1):
        looks = year.looks[: week + 1]
        seen = watch(year.tables, as_of=looks[-1].at, looks=looks, edges=year.edges)
        found.update({a.key: f"{looks[-1].day} {a.text}" for a in seen.alarms})
    return list(found.values())


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


def main() -> None:
    """Run the seeds and print a table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--first", type=int, default=101)
    parser.add_argument("--customers", type=int, default=600)
    given = parser.parse_args()
    delays: dict[str, list[int | None]] = {name: [] for name in FAULTS}
    quiet: list[str] = []
    for seed in range(given.first, given.first + given.seeds):
        year = lived(seed, given.customers)
        alarms = false_alarms(year)
        quiet += alarms
        for name, (fault, keys) in FAULTS.items():
            delays[name].append(days_until(year, fault, keys))
        print(f"seed {seed}: {alarms or 'quiet'}; {[d[-1] for d in delays.values()]}", flush=True)
    print(f"\nfalse alarms: {len(quiet)} in {given.seeds} years of {given.customers} customers\n")
    print("| fault | found | days until found: median | most |\n|---|---|---|---|")
    for name, found in delays.items():
        known = [d for d in found if d is not None]
        middle, most = (median(known), max(known)) if known else ("–", "–")
        print(f"| {name} | {len(known)} of {len(found)} | {middle} | {most} |")


if __name__ == "__main__":
    main()
