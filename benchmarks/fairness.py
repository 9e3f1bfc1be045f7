"""Audits of fairness: how often a fair way of working is kept back, and an unfair one found.

python -m benchmarks.fairness [--audits 150] [--years 40] [--only 1,2,3]

Made-up days of decisions that look at risk and days overdue alone. Groups lean on risk, so that
they are treated differently and rightly so; each audit makes some hundred comparisons. Then a share
of one group is pressed whatever they owe. Last, whole years: the same customers are audited every
month, and the audits of a year share one chance of error. Customers have one row or five, and what
is done follows risk smoothly or in steps, as rules do.
"""

import argparse
from collections.abc import Iterator
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.fairness.audit import compared
from tenor.engine.fairness.findings import limits_on
from tenor.engine.fairness.judging import MONTHLY
from tenor.engine.fairness.rows import with_stratum
from tenor.engine.frames import tables_of

Array = NDArray[Any]
SEED = 20_261_122
_DAY = np.datetime64("2026-03-02").astype(object)
# Customers, groups of one attribute, and how much they lean on risk.
FAIR = ((400, 3, 0.25), (1200, 5, 0.25), (4000, 5, 0.60))
PRESSED = (0.05, 0.10, 0.20)
MONTHS = 12


class Kind(NamedTuple):
    """Of a year of audits: customers, groups, lean, decisions about each, rules in steps."""

    customers: int
    groups: int
    lean: float
    days: int = 1
    steps: bool = False


YEARS = {
    "as above": Kind(1200, 3, 0.25),
    "few people": Kind(300, 3, 0.25),
    "five decisions about each": Kind(1200, 3, 0.25, days=5),
    "leans far, rules in steps": Kind(4000, 3, 0.60, steps=True),
}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--audits", type=int, default=150)
    parser.add_argument("--years", type=int, default=40)
    parser.add_argument("--only", default="1,2,3", help="which tables")
    asked = parser.parse_args()
    start = perf_counter()
    tables = {"1": _single, "2": _pressed, "3": _years}
    for name in asked.only.split(","):
        tables[name](asked.years if name == "3" else asked.audits)
    print(f"\n{perf_counter() - start:.0f} s")


def _single(count: int) -> None:
    print("| customers | groups | lean | kept back | cannot tell |\n|---|---|---|---|---|")
    for customers, groups, lean in FAIR:
        said = list(_audits(count, Kind(customers, groups, lean), 0.0))
        wrong, untold = said.count(False) / count, said.count(None) / count
        print(f"| {customers} | {groups} | {lean} | {wrong:.1%} | {untold:.1%} |", flush=True)


def _pressed(count: int) -> None:
    print("\n| pressed of the group | found |\n|---|---|")
    for share in PRESSED:
        found = list(_audits(count, YEARS["as above"], share)).count(False)
        print(f"| {share:.0%} | {found / count:.0%} |", flush=True)


def _years(count: int) -> None:
    print("\n| customers | pressed of the group | kept back | of them in the first month |")
    print("|---|---|---|---|")
    for name, kind in YEARS.items():
        for share in (0.0, *PRESSED[1:]):
            # That something planted is found takes fewer years to tell than that nothing is.
            asked = count if not share else max(count // 8, 1)
            months = [_first(k, kind, share) for k in range(asked)]
            found = [month for month in months if month]
            print(
                f"| {name} | {share:.0%} | {len(found)} of {asked} | {found.count(1)} |", flush=True
            )


def _first(year: int, kind: Kind, pressed: float) -> int:
    """Return in which month a year's audits first keep the way of working back; 0: never."""
    limits = limits_on(_DAY)
    for month in range(1, MONTHS + 1):
        people, days = (np.random.default_rng([SEED, year, m]) for m in (0, month))
        rows, groups = _world(people, kind, pressed, days=days)
        if compared(rows, groups, as_of=_NOW, limits=limits, looks=MONTHLY).passes is False:
            return month
    return 0


def _audits(count: int, kind: Kind, pressed: float) -> Iterator[bool | None]:
    limits = limits_on(_DAY)
    for k in range(count):
        rows, people = _world(np.random.default_rng([SEED, k]), kind, pressed)
        yield compared(rows, people, as_of=_NOW, limits=limits).passes


_NOW = pl.Series(["2026-03-02"]).str.to_datetime(time_zone="UTC").item()


def _world(
    rng: np.random.Generator,
    kind: Kind,
    pressed: float,
    days: np.random.Generator | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return rows and groups; who people are comes from `rng`, what happens to them from `days`."""
    n = kind.customers
    ids = [f"C{i:05}" for i in range(n)]
    odds = 1.0 / np.arange(1, kind.groups + 1)
    origin = rng.choice(kind.groups, n, p=odds / odds.sum())
    risk = np.clip(rng.beta(2, 3, n) + kind.lean * origin / kind.groups, 0.01, 0.99)
    sex = rng.integers(0, 2, n)
    rng = days or rng
    people = pl.DataFrame(
        {
            "customer_id": ids,
            "protected_origin": [f"origin {k}" for k in origin],
            "protected_sex": np.array(["f", "m"])[sex].tolist(),
        }
    )
    # What is done on one day hangs on the day before: overdue and owed stay, and so does who paid.
    overdue, amount = rng.integers(-5, 80, n), rng.lognormal(5, 1, n)
    paid, luck = rng.random(n) < 1 - risk, rng.random(n)
    rows = pl.concat(
        pl.DataFrame({"customer_id": ids, "amount": amount, "days_overdue": overdue, "risk": risk,
                      **_done(rng, kind, risk, overdue, paid, luck, (origin == 1), pressed)})
        for _ in range(kind.days)
    ).with_columns(pl.col("pressed_though_paying").fill_nan(None))  # fmt: skip
    tables = tables_of(customers=people.with_columns(kind=pl.lit("consumer")))
    return with_stratum(rows, tables, risk="risk"), people


def _done(
    rng: np.random.Generator, kind: Kind, risk: Array, overdue: Array, paid: Array, luck: Array,
    group: Array, pressed: float,
) -> dict[str, Array]:  # fmt: skip
    """Return what is done on a day by how risky and how late people are, and to a group besides."""
    n = len(risk)
    seen = np.round(risk * 8) / 8 if kind.steps else risk
    late = np.floor(overdue / 14) * 14 if kind.steps else overdue
    # Half of the luck of a day is that of all days: what was done once is done again.
    drawn = np.where(rng.random(n) < 0.5, luck, rng.random(n)) if kind.days > 1 else rng.random(n)
    contacted = drawn < np.clip(0.15 + 0.5 * seen + 0.003 * late, 0, 0.95)
    firm = contacted & (rng.random(n) < 0.1 + 0.6 * seen)
    hit = group & (rng.random(n) < pressed)
    flags = {
        "contacted": contacted | hit,
        "pressed": firm | hit,
        "escalated": ~contacted & ~hit & (late > 50) & (rng.random(n) < 0.1 + 0.3 * seen),
        "offered": rng.random(n) < 0.1,
        "charged": rng.random(n) < 0.05,
    }
    done = {name: flag.astype(float) for name, flag in flags.items()}
    done["pressed_though_paying"] = np.where(paid, done["pressed"], np.nan)
    return done | {"error": (1 - risk) - paid}


if __name__ == "__main__":
    main()
