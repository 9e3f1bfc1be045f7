"""Audits of fairness: how often a fair way of working is kept back, and an unfair one found.

python -m benchmarks.fairness [--audits 150] [--years 40]

Made-up days of decisions that look at risk and days overdue alone. Groups lean on risk, so that
they are treated differently and rightly so; each audit makes some hundred comparisons. Then a share
of one group is pressed whatever they owe. Last, whole years: the same customers are audited every
month, with the errors of an audit each month, or of all twelve together.
"""

import argparse
from collections.abc import Iterator
from time import perf_counter

import numpy as np
import polars as pl

from tenor.engine.fairness.audit import compared, limits_on
from tenor.engine.fairness.rows import with_stratum
from tenor.engine.frames import tables_of

SEED = 20_261_122
_DAY = np.datetime64("2026-03-02").astype(object)
# Customers, groups of one attribute, and how much they lean on risk.
FAIR = ((400, 3, 0.25), (1200, 5, 0.25), (4000, 5, 0.60))
PRESSED = (0.05, 0.10, 0.20)
# Of a year of audits: customers, groups, lean.
YEAR, MONTHS = (1200, 3, 0.25), 12


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--audits", type=int, default=150)
    parser.add_argument("--years", type=int, default=40)
    asked = parser.parse_args()
    count = asked.audits
    start = perf_counter()
    print("| customers | groups | lean | kept back | cannot tell |\n|---|---|---|---|---|")
    for customers, groups, lean in FAIR:
        said = list(_audits(count, customers, groups, lean, 0.0))
        wrong, untold = said.count(False) / count, said.count(None) / count
        print(f"| {customers} | {groups} | {lean} | {wrong:.1%} | {untold:.1%} |")
    print("\n| pressed of the group | found |\n|---|---|")
    for share in PRESSED:
        found = list(_audits(count, 1200, 3, 0.25, share)).count(False)
        print(f"| {share:.0%} | {found / count:.0%} |")
    print("\n| pressed of the group | audits that share the errors | kept back | first month |")
    print("|---|---|---|---|")
    for share in (0.0, *PRESSED[1:]):
        for looks in (1, MONTHS):
            months = [_first(k, share, looks) for k in range(asked.years)]
            found = sorted(month for month in months if month)
            middle = found[len(found) // 2] if found else "-"
            print(f"| {share:.0%} | {looks} | {len(found) / asked.years:.0%} | {middle} |")
    print(f"\n{perf_counter() - start:.0f} s")


def _first(year: int, pressed: float, looks: int) -> int:
    """Return in which month a year's audits first keep the way of working back; 0: never."""
    limits = limits_on(_DAY)
    for month in range(1, MONTHS + 1):
        people, days = (np.random.default_rng([SEED, year, m]) for m in (0, month))
        rows, groups = _world(people, *YEAR, pressed, days=days)
        if compared(rows, groups, as_of=_NOW, limits=limits, looks=looks).passes is False:
            return month
    return 0


def _audits(
    count: int, customers: int, groups: int, lean: float, pressed: float
) -> Iterator[bool | None]:
    limits = limits_on(_DAY)
    for k in range(count):
        rows, people = _world(np.random.default_rng([SEED, k]), customers, groups, lean, pressed)
        yield compared(rows, people, as_of=_NOW, limits=limits).passes


_NOW = pl.Series(["2026-03-02"]).str.to_datetime(time_zone="UTC").item()


def _world(
    rng: np.random.Generator,
    n: int,
    groups: int,
    lean: float,
    pressed: float,
    days: np.random.Generator | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return rows and groups; who people are comes from `rng`, what happens to them from `days`."""
    ids = [f"C{i:05}" for i in range(n)]
    odds = 1.0 / np.arange(1, groups + 1)
    origin = rng.choice(groups, n, p=odds / odds.sum())
    risk = np.clip(rng.beta(2, 3, n) + lean * origin / groups, 0.01, 0.99)
    sex = rng.integers(0, 2, n)
    rng = days or rng
    overdue = rng.integers(-5, 80, n)
    contacted = rng.random(n) < np.clip(0.15 + 0.5 * risk + 0.003 * overdue, 0, 0.95)
    firm = contacted & (rng.random(n) < 0.1 + 0.6 * risk)
    hit = (origin == 1) & (rng.random(n) < pressed)
    paid = rng.random(n) < 1 - risk
    flags = {
        "contacted": contacted | hit,
        "pressed": firm | hit,
        "escalated": ~contacted & ~hit & (overdue > 50) & (rng.random(n) < 0.1 + 0.3 * risk),
        "offered": rng.random(n) < 0.1,
        "charged": rng.random(n) < 0.05,
    }
    measures = {name: flag.astype(float) for name, flag in flags.items()}
    measures["pressed_though_paying"] = np.where(paid, measures["pressed"], np.nan)
    rows = pl.DataFrame(
        {
            "customer_id": ids, "amount": rng.lognormal(5, 1, n), "days_overdue": overdue,
            "risk": risk, "error": (1 - risk) - paid, **measures,
        }
    ).with_columns(pl.col("pressed_though_paying").fill_nan(None))  # fmt: skip
    people = pl.DataFrame(
        {
            "customer_id": ids,
            "protected_origin": [f"origin {k}" for k in origin],
            "protected_sex": np.array(["f", "m"])[sex].tolist(),
        }
    )
    tables = tables_of(customers=people.with_columns(kind=pl.lit("consumer")))
    return with_stratum(rows, tables, risk="risk"), people


if __name__ == "__main__":
    main()
