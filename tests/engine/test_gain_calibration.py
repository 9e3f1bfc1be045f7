"""Do foretold gains come true: known slopes are found, and a wrong baseline does not bend them."""

import numpy as np
import polars as pl
import pytest

from tenor.engine.evaluate.gain import gain_calibration

GOOD = {"good": 0.5, "bad": 0.0}


def rows_of(seed: int, slope: float, *, count: int = 4000, off: float = 0.0) -> pl.DataFrame:
    """Contacts in three ways drawn unevenly; of each foretold gain a share `slope` comes true.

    `off` makes the baseline wrong by as much, most for whom the largest gains are foretold.
    """
    rng = np.random.default_rng(seed)
    state = rng.random(count)
    gains = np.stack([0.05 + 0.3 * state, 0.2 * (1 - state), np.full(count, 0.02)], axis=1)
    chances = np.array([0.5, 0.3, 0.2])
    way = rng.choice(3, size=count, p=chances)
    each = np.arange(count)
    expected = 0.3 + 0.1 * rng.random(count)
    truth = np.clip(expected + off * state + slope * gains[each, way], 0, 1)
    return pl.DataFrame(
        {
            "customer_id": each // 2,
            "reward": (rng.random(count) < truth).astype(float),
            "expected": expected,
            "foretold": gains[each, way],
            "usual": gains.mean(axis=1),
            "probability": chances[way],
        }
    )


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0])
def test_the_share_of_foretold_gains_that_comes_true_is_found(slope):
    found = gain_calibration(rows_of(1, slope, count=20_000), rng=np.random.default_rng(0))
    assert abs(found.slope.value - slope) < 3 * found.slope.standard_error < 0.4


def test_a_baseline_that_errs_for_some_does_not_bend_the_slope():
    found = gain_calibration(rows_of(2, 1.0, count=20_000, off=0.2), rng=np.random.default_rng(0))
    assert abs(found.slope.value - 1.0) < 3 * found.slope.standard_error


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    held = 0
    for seed in range(30):
        found = gain_calibration(rows_of(seed, 1.0, count=1500), rng=np.random.default_rng(seed))
        held += found.slope.lower <= 1.0 <= found.slope.upper
    # 95% of 30 is 28.5; below 25 has a chance of one in 150.
    assert held >= 25


def test_it_equals_the_weighted_two_stage_slope_worked_out_row_by_row():
    rows = rows_of(3, 1.0, count=600)
    top = bottom = 0.0
    for row in rows.iter_rows(named=True):
        z = row["foretold"] - row["usual"]
        top += z * (row["reward"] - row["expected"] - row["usual"]) / row["probability"]
        bottom += z * z / row["probability"]
    found = gain_calibration(rows, rng=np.random.default_rng(0))
    assert found.slope.value == pytest.approx(top / bottom, abs=1e-12)


def test_gains_that_come_true_pass_those_that_mislead_fail_and_the_rest_is_left_open():
    rng = np.random.default_rng(0)
    assert gain_calibration(rows_of(1, 1.0, count=20_000), rng=rng).passes(**GOOD) is True
    assert gain_calibration(rows_of(1, -1.0, count=20_000), rng=rng).passes(**GOOD) is False
    assert gain_calibration(rows_of(1, 0.3, count=20_000), rng=rng).passes(**GOOD) is None


def test_few_contacts_or_gains_all_alike_cannot_tell():
    rng = np.random.default_rng(0)
    few = gain_calibration(rows_of(1, 1.0, count=100), rng=rng)
    alike = rows_of(1, 1.0).with_columns(foretold=pl.lit(0.1), usual=pl.lit(0.1))
    assert few.passes(**GOOD) is None
    assert few.text.startswith("These logs cannot tell: 100 contacts of 50 customers")
    same = gain_calibration(alike, rng=rng)
    assert "the same gain for every way" in same.text
    assert same.passes(**GOOD) is None
