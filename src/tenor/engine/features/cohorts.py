"""Micro-cohorts: customers who behave alike, found in the data, and whether one may rely on them.

Unlike `segments`, whose meaning never moves, cohorts are what this portfolio happens to fall
into. Groups are always found; only those that come back in other halves of the customers say
something, so every finding carries its stability.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.features.build import Snapshot
from tenor.engine.features.catalogue import phrase

Array = NDArray[np.float64]
Ints = NDArray[np.int_]

# What is compared: how one pays, and what one does with payment requests; never who one is. With
# the words for having clearly more of it than others, and clearly less ("": goes without saying).
BEHAVIOUR = {
    "mean_delay": ("pays later", "pays earlier"),
    "late_share": ("often late", "seldom late"),
    "delay_spread": ("irregular", "regular"),
    "pay_day_strength": ("pays on a fixed day of the month", ""),
    "part_payments": ("pays in parts", ""),
    "escalated_share": ("handed over before", ""),
    "answer_rate": ("answers contacts", "leaves contacts unanswered"),
    "opened_90d": ("opens messages", ""),
    "page_visited_90d": ("looks at the payment page", ""),
    "visits_unpaid": ("looks without paying", ""),
    "payment_failed_90d": ("payments fail", ""),
    "replied_90d": ("writes back", ""),
    "promised_90d": ("promises", ""),
    "promise_broken_90d": ("breaks promises", ""),
}
# Counts have long tails: one visit more matters less after ten.
_COUNTS = ("_90d", "visits_unpaid")
FARTHEST = 3.0

NUMBERS = range(4, 11)
# A house rule: below about 0.65 an adjusted Rand index counts as poor (Steinley 2004).
STABLE_FROM = 0.6
SPLITS = 6
STARTS = 4
ROUNDS = 25
# More customers than these sharpen the centres no further; everybody is assigned to them.
MOST_LEARNED_FROM = 5_000
# With fewer a cohort, a half of the customers cannot show what the other half shows.
FEWEST_A_COHORT = 20
# A cohort differs in what lies half a standard deviation from everybody's mean, or farther.
TELLING = 0.5
MOST_SAID = 3


@dataclass(frozen=True)
class Cohorts:
    """The cohorts of the customers with an open invoice.

    `rows`: `customer_id, cohort` (1 the largest), `words`; sorted by customer. `stability` is the
    mean adjusted Rand index between the cohorts found in random halves of the customers (1: the
    same, 0: as by chance); None where there are too few customers to say.
    """

    rows: pl.DataFrame
    number: int
    stability: float | None

    @property
    def stable(self) -> bool:
        """Whether one may rely on them."""
        return self.stability is not None and self.stability >= STABLE_FROM

    @property
    def statement(self) -> str:
        """How many there are and whether they are stable, in a sentence."""
        if self.stability is None:
            return "Too few customers to tell cohorts apart: all are in one."
        found = f"{self.number} cohorts, agreement between halves {self.stability:.2f}"
        if self.stable:
            return f"{found}: stable."
        return f"{found}: not stable, so do not build on them (from {STABLE_FROM:g} on they are)."


def cohorts(snapshot: Snapshot, *, seed: int = 0) -> Cohorts:
    """Find groups of customers who behave alike, as many as come back most reliably.

    k-means on standardised behaviour, missing as the average; the number of cohorts is that of 4
    to 10 on which random halves of the customers agree best. The same snapshot and seed give the
    same cohorts, whatever the order of the rows.
    """
    people = snapshot.rows.unique("customer_id", keep="first", maintain_order=True)
    people = people.sort("customer_id")
    names = tuple(c for c in BEHAVIOUR if c in people.columns)
    data = _standardised(people, names)
    rng = np.random.default_rng(seed)
    learned = data[np.sort(rng.permutation(len(data))[:MOST_LEARNED_FROM])]
    possible = [k for k in NUMBERS if len(np.unique(learned, axis=0)) >= 2 * k * FEWEST_A_COHORT]
    if not possible:
        one = pl.lit(1, dtype=pl.Int64)
        alone = people.select("customer_id", cohort=one, words=pl.lit("like most"))
        return Cohorts(alone, min(1, people.height), None)
    agreement = {k: _stability(learned, k, np.random.default_rng([seed, k])) for k in possible}
    number = max(possible, key=lambda k: (agreement[k], -k))
    centres = _centres(learned, number, np.random.default_rng([seed, number, 1]))
    label = _by_size(_nearest(data, centres), number)
    words = _words(people, data, label, names, number)
    stability = agreement[number]
    if stability < STABLE_FROM:
        words = [f"{w} (not stable)" for w in words]
    rows = people.select(
        "customer_id",
        cohort=pl.Series(label + 1),
        words=pl.Series(np.array(words, dtype=object)[label], dtype=pl.String),
    )
    return Cohorts(rows, number, stability)


def adjusted_rand(left: Ints, right: Ints) -> float:
    """Return how far two groupings of the same things agree: 1 wholly, 0 as by chance.

    Hubert and Arabie (1985). Two groupings that put all things together agree wholly.

    Example
    -------
    >>> adjusted_rand(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]))
    1.0
    """
    table = np.zeros((int(left.max()) + 1, int(right.max()) + 1))
    np.add.at(table, (left, right), 1.0)

    def pairs(counts: Array) -> float:
        return float((counts * (counts - 1.0) / 2.0).sum())

    both, here, there = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    expected = here * there / max(pairs(np.array([float(len(left))])), 1.0)
    most = (here + there) / 2.0
    return 1.0 if most == expected else (both - expected) / (most - expected)


def _standardised(people: pl.DataFrame, names: tuple[str, ...]) -> Array:
    columns = []
    for name in names:
        values = people[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        if name.endswith(_COUNTS):
            values = np.log1p(np.maximum(values, 0.0))
        known = values[~np.isnan(values)]
        spread = float(known.std()) if len(known) else 0.0
        scaled = (values - known.mean()) / spread if spread > 1e-9 else np.zeros(len(values))
        columns.append(np.clip(np.nan_to_num(scaled, nan=0.0), -FARTHEST, FARTHEST))
    return np.stack(columns, axis=1) if columns else np.zeros((people.height, 0))


def _stability(data: Array, k: int, rng: np.random.Generator) -> float:
    """Return how far the cohorts of random halves agree about everybody."""
    found = []
    for _ in range(SPLITS):
        order = rng.permutation(len(data))
        halves = order[: len(order) // 2], order[len(order) // 2 :]
        one, other = (_nearest(data, _centres(data[half], k, rng)) for half in halves)
        found.append(adjusted_rand(one, other))
    return float(np.mean(found))


def _centres(data: Array, k: int, rng: np.random.Generator) -> Array:
    """Return the centres [k, columns] of k-means, the best of several starts."""
    best, found = np.inf, data[:k]
    for _ in range(STARTS):
        centres = _start(data, k, rng)
        for _ in range(ROUNDS):
            label = _nearest(data, centres)
            size = np.bincount(label, minlength=k)[:, None]
            total = np.zeros_like(centres)
            np.add.at(total, label, data)
            # A centre that nobody is nearest to stays where it is.
            moved = np.where(size > 0, total / np.maximum(size, 1), centres)
            if np.array_equal(moved, centres):
                break
            centres = moved
        misfit = float(_distances(data, centres).min(axis=1).sum())
        if misfit < best:
            best, found = misfit, centres
    return found


def _start(data: Array, k: int, rng: np.random.Generator) -> Array:
    """Draw k rows far apart: each with a chance that grows with its squared distance."""
    chosen = [int(rng.integers(len(data)))]
    for _ in range(k - 1):
        away = _distances(data, data[chosen]).min(axis=1)
        until = np.cumsum(away)
        chosen.append(int(np.searchsorted(until, rng.random() * until[-1], side="right")))
    return data[np.minimum(chosen, len(data) - 1)]


def _distances(data: Array, centres: Array) -> Array:
    """Return squared distances [rows, centres]."""
    return np.stack([((data - c) ** 2).sum(axis=1) for c in centres], axis=1)


def _nearest(data: Array, centres: Array) -> Ints:
    return np.asarray(_distances(data, centres).argmin(axis=1), dtype=np.int_)


def _by_size(label: Ints, k: int) -> Ints:
    """Number the cohorts anew, the largest first."""
    order = np.argsort(-np.bincount(label, minlength=k), kind="stable")
    place = np.empty(k, dtype=np.int_)
    place[order] = np.arange(k)
    return place[label]


def _words(
    people: pl.DataFrame, data: Array, label: Ints, names: tuple[str, ...], number: int
) -> list[str]:
    """Say of each cohort what its customers do more or less than others, farthest first."""
    found: list[str] = []
    for cohort in range(number):
        mine = label == cohort
        away = data[mine].mean(axis=0) if mine.any() else np.zeros(len(names))
        ordered = np.argsort(-np.abs(away), kind="stable").tolist()
        telling = [
            BEHAVIOUR[names[j]][int(away[j] < 0)] for j in ordered if abs(away[j]) >= TELLING
        ]
        said = [words for words in telling if words]
        delay = people["mean_delay"].filter(pl.Series(mine)).mean()
        scale = f" ({phrase('mean_delay', delay)})" if isinstance(delay, float) else ""
        count = MOST_SAID
        while (name := (", ".join(said[:count]) or "like most") + scale) in found:
            count += 1
            if count > len(said):
                name = f"{name}, cohort {cohort + 1}"
                break
        found.append(name)
    return found
