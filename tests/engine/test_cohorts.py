"""Micro-cohorts: groups that are there are found and named, and noise is called what it is."""

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from tenor.engine.features.build import Snapshot
from tenor.engine.features.cohorts import BEHAVIOUR, Cohorts, adjusted_rand, cohorts

# What five kinds of customers do: how late, how irregular, pay-day, visits without payment,
# broken promises.
KINDS = {
    "prompt": (0.0, 2.0, 0.1, 0.0, 0.0),
    "wage": (12.0, 3.0, 0.9, 0.0, 0.0),
    "late": (40.0, 4.0, 0.1, 0.0, 0.0),
    "looking": (15.0, 20.0, 0.1, 6.0, 0.0),
    "promising": (30.0, 25.0, 0.1, 0.0, 4.0),
}
COLUMNS = ("mean_delay", "delay_spread", "pay_day_strength", "visits_unpaid", "promise_broken_90d")


def snapshot(rows: pl.DataFrame) -> Snapshot:
    return Snapshot(datetime(2026, 3, 1, tzinfo=UTC), rows, pl.DataFrame())


def people(each: int = 60, noise: float = 0.05, seed: int = 0) -> pl.DataFrame:
    """So many customers of each kind, each with two invoices, and traits that say nothing."""
    rng = np.random.default_rng(seed)
    size = np.array([40.0, 25.0, 0.9, 6.0, 4.0])
    rows = []
    for kind, usual in KINDS.items():
        for i in range(each):
            own = np.array(usual) + noise * size * rng.standard_normal(len(usual))
            for invoice in range(2):
                rows.append(
                    (f"{kind}{i:03}-{invoice}", f"{kind}{i:03}", *own, rng.choice(["a", "b"]))
                )
    columns = ("invoice_id", "customer_id", *COLUMNS, "customer_sector")
    return pl.DataFrame(rows, schema=columns, orient="row")


@pytest.fixture(scope="module")
def found() -> Cohorts:
    return cohorts(snapshot(people()))


def test_kinds_that_are_there_are_found_and_stable(found: Cohorts) -> None:
    assert found.number == 5
    assert found.stability is not None and found.stability > 0.98
    assert found.stable
    assert found.statement == "5 cohorts, agreement between halves 1.00: stable."
    kind = found.rows["customer_id"].str.slice(0, 4)
    together = pl.DataFrame({"kind": kind, "cohort": found.rows["cohort"]}).unique()
    assert together.height == 5
    assert found.rows.height == found.rows["customer_id"].n_unique() == 300


def test_each_cohort_is_named_by_what_it_does_more_than_others(found: Cohorts) -> None:
    words = {c[:-3]: w for c, _, w in found.rows.rows()}
    assert words["prompt"] == "pays earlier, regular (0 days late on average)"
    assert words["wage"].startswith("pays on a fixed day of the month, regular")
    assert words["late"].startswith("pays later")
    assert words["looking"].startswith("looks without paying")
    assert words["promising"].startswith("breaks promises, irregular")
    assert len(set(words.values())) == 5


def test_the_order_of_the_rows_and_who_people_are_change_nothing(found: Cohorts) -> None:
    rows = people().sample(fraction=1.0, shuffle=True, seed=3)
    others = rows.with_columns(customer_sector=pl.lit("c"), customer_country=pl.lit("NL"))
    again = cohorts(snapshot(others))
    assert again.rows.equals(found.rows)
    assert again.stability == found.stability


def test_noise_without_groups_is_not_stable_and_says_so_with_every_customer() -> None:
    rng = np.random.default_rng(5)
    noise = pl.DataFrame({"customer_id": [f"C{i:04}" for i in range(400)]}).with_columns(
        **{c: pl.Series(rng.standard_normal(400)) for c in BEHAVIOUR}
    )
    found = cohorts(snapshot(noise))
    assert found.stability is not None and found.stability < 0.6
    assert not found.stable
    assert "not stable" in found.statement
    assert all(w.endswith("(not stable)") for w in found.rows["words"])


def test_few_customers_are_one_cohort() -> None:
    few = cohorts(snapshot(people(each=20)))
    assert (few.number, few.stability, few.stable) == (1, None, False)
    assert set(few.rows["cohort"]) == {1}
    assert few.statement == "Too few customers to tell cohorts apart: all are in one."
    none = cohorts(snapshot(people().clear()))
    assert (none.number, none.rows.height) == (0, 0)


@pytest.mark.parametrize(
    ("left", "right", "index"),
    [
        ([0, 0, 1, 1], [5, 5, 2, 2], 1.0),
        ([0, 0, 1, 1], [0, 1, 0, 1], -0.5),
        # Hubert and Arabie (1985) by hand: 2 pairs together in both, 6 and 4 in each of 15.
        ([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 2, 2], (2 - 6 * 3 / 15) / ((6 + 3) / 2 - 6 * 3 / 15)),
        ([0, 0, 0], [0, 0, 0], 1.0),
    ],
)
def test_the_adjusted_rand_index(left: list[int], right: list[int], index: float) -> None:
    assert adjusted_rand(np.array(left), np.array(right)) == pytest.approx(index)
