"""Factors tried together: each by itself, and two beyond the sum of both."""

import numpy as np
import polars as pl
import pytest

from tenor.engine.experiments.assign import assign_factorial
from tenor.engine.experiments.factorial import factor_effects
from tenor.engine.experiments.outcomes import Better, Kind, Outcome
from tenor.engine.experiments.results import results

LATE = Outcome("late", Kind.MEAN, Better.LOWER, smallest=1.0)
FACTORS = {
    "tone": {"firm": 0.8, "friendly": 0.2},
    "channel": {"email": 0.5, "letter": 0.25, "sms": 0.25},
}


@pytest.fixture(scope="module")
def people() -> pl.DataFrame:
    """Friendly takes 2 days off; text messages 3; friendly text messages 4 more than both."""
    rng = np.random.default_rng(21)
    ids = pl.Series("customer_id", [f"C{i}" for i in range(12_000)])
    rows = assign_factorial(ids, salt="f", factors=FACTORS).with_columns(ids)
    friendly, sms = rows["tone"] == "friendly", rows["channel"] == "sms"
    foretold = rng.normal(0.0, 4.0, len(ids))
    late = 20.0 + foretold - 2.0 * friendly.to_numpy() - 3.0 * sms.to_numpy()
    late = late - 4.0 * (friendly & sms).to_numpy() + rng.normal(0.0, 4.0, len(ids))
    return rows.with_columns(late=pl.Series(late), expected_late=pl.Series(foretold))


def test_each_factor_and_each_pair_is_found(people: pl.DataFrame) -> None:
    found = {(e.factors, e.levels): e for e in factor_effects(people, LATE, ["tone", "channel"])}
    # Over three channels of equal weight, friendly does -2 and, in one of three, -4 more.
    truth = {
        (("tone",), ("friendly",)): -2.0 - 4.0 / 3.0,
        (("channel",), ("letter",)): 0.0,
        (("channel",), ("sms",)): -3.0 - 4.0 / 2.0,
        (("tone", "channel"), ("friendly", "letter")): 0.0,
        (("tone", "channel"), ("friendly", "sms")): -4.0,
    }
    assert set(found) == set(truth)
    for key, value in truth.items():
        assert abs(found[key].difference - value) < 3.5 * found[key].error, key
    assert found[(("tone", "channel"), ("friendly", "sms"))].daily.high < 0.0
    assert found[(("tone", "channel"), ("friendly", "letter"))].daily.holds(0.0)


def test_what_was_foretold_makes_factors_more_exact(people: pl.DataFrame) -> None:
    with_it = factor_effects(people, LATE, ["tone", "channel"])[0]
    without = factor_effects(people.drop("expected_late"), LATE, ["tone", "channel"])[0]
    assert with_it.error == pytest.approx(without.error / np.sqrt(2.0), rel=0.05)


def test_two_levels_in_two_factors_are_the_textbooks_differences() -> None:
    rng = np.random.default_rng(22)
    rows = pl.DataFrame(
        {
            "customer_id": [f"C{i}" for i in range(80)],
            "arm": ["x"] * 80,
            "a": ["0", "1"] * 40,
            "b": ["0"] * 40 + ["1"] * 40,
            "late": rng.normal(0.0, 1.0, 80),
        }
    )
    cells = {
        key: part["late"].to_numpy()
        for key, part in rows.group_by("a", "b")
    }  # fmt: skip
    mean = {key: values.mean() for key, values in cells.items()}
    main, _, pair = factor_effects(rows, LATE, ["a", "b"])
    assert main.difference == pytest.approx(
        (mean["1", "0"] + mean["1", "1"] - mean["0", "0"] - mean["0", "1"]) / 2
    )
    assert pair.difference == pytest.approx(
        mean["1", "1"] - mean["1", "0"] - mean["0", "1"] + mean["0", "0"]
    )
    by_hand = sum(values.var(ddof=1) / len(values) for values in cells.values())
    assert pair.error == pytest.approx(np.sqrt(by_hand))


def test_a_combination_that_nobody_had_tells_nothing(people: pl.DataFrame) -> None:
    thin = people.filter((pl.col("tone") == "firm") | (pl.col("channel") != "sms"))
    assert factor_effects(thin, LATE, ["tone", "channel"]) == ()
    alone = people.filter(pl.col("tone") == "firm")
    assert factor_effects(alone, LATE, ["tone", "channel"]) == ()


def test_results_tell_factors_beside_arms(people: pl.DataFrame) -> None:
    found = results(people, [LATE], control="firm + email", factors=["tone", "channel"])
    assert len(found.comparisons) == 5
    assert len(found.factors) == 5
