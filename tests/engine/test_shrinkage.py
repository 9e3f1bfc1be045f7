"""Shrinkage: exact where the scales are fixed, learned by evidence where they are not."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tenor.engine.predictors.shrinkage import Prior, shrink

Array = NDArray[np.float64]
GROUPS_OF_40 = (slice(0, 40), slice(40, 80))


def prior_of(
    groups: list[str],
    *,
    anchor: float = 0.1,
    mean: Array | None = None,
    free: bool = False,
    strength: float = 10.0,
    features: list[int] | None = None,
    weights: list[float] | None = None,
) -> Prior:
    """Expect every coefficient to be about `anchor` in size."""
    n = len(groups)
    return Prior(
        groups=tuple(groups),
        anchors=np.full(n, anchor),
        weights=np.ones(n) if weights is None else np.array(weights),
        features=np.full(n, -1) if features is None else np.array(features),
        mean=np.zeros(n) if mean is None else mean,
        strength=strength,
        free=frozenset(groups) if free else frozenset(),
    )


def normal(n: int) -> Array:
    return np.random.default_rng(7).standard_normal(n)


def data(truth: Array, rows: int) -> tuple[Array, Array]:
    """Gram matrix and moments of `rows` rows with noise of one."""
    rng = np.random.default_rng(8)
    columns = rng.standard_normal((rows, len(truth)))
    answers = columns @ truth + rng.standard_normal(rows)
    return columns.T @ columns, columns.T @ answers


def test_with_fixed_scales_the_posterior_is_that_of_ridge_regression() -> None:
    expected = np.array([0.5, -0.2, 0.0])
    prior = prior_of(["a", "a", "b"], mean=expected, free=True, weights=[1.0, 0.5, 2.0])
    gram, moment = data(np.array([1.0, 0.3, -0.4]), 50)
    precision = np.diag(1.0 / (0.1 * np.array([1.0, 0.5, 2.0])) ** 2)
    found = shrink(gram, moment, prior)
    assert found.mean == pytest.approx(
        np.linalg.solve(gram + precision, moment + precision @ expected)
    )
    assert found.factor @ found.factor.T == pytest.approx(gram + precision)
    assert found.scales == pytest.approx({"a": 0.1, "b": 0.1})


def test_without_data_everything_stays_as_expected() -> None:
    expected = np.linspace(-1, 1, 6)
    prior = prior_of(["a"] * 3 + ["b"] * 3, mean=expected)
    found = shrink(np.zeros((6, 6)), np.zeros(6), prior)
    assert found.mean == pytest.approx(expected)
    assert found.scales == pytest.approx({"a": 0.1, "b": 0.1}, rel=0.05)
    spread = np.sqrt(np.diag(np.linalg.inv(found.factor @ found.factor.T)))
    assert spread == pytest.approx(np.full(6, 0.1), rel=0.05)


def test_with_much_data_the_expectation_no_longer_matters() -> None:
    truth = np.array([0.8, -0.6, 0.3, 0.0])
    gram, moment = data(truth, 200_000)
    found = shrink(gram, moment, prior_of(["a"] * 4, anchor=0.01))
    assert found.mean == pytest.approx(np.linalg.solve(gram, moment), abs=0.002)
    assert found.mean == pytest.approx(truth, abs=0.02)


def test_a_group_of_large_effects_is_shrunk_less_than_one_of_none() -> None:
    truth = np.concatenate([normal(40) * 0.5, np.zeros(40)])
    gram, moment = data(truth, 200)
    found = shrink(gram, moment, prior_of(["large"] * 40 + ["none"] * 40))
    plain = np.linalg.solve(gram, moment)
    assert found.scales["large"] == pytest.approx(0.5, rel=0.3)
    assert found.scales["none"] < 0.08
    kept = [float(np.abs(found.mean[k]).sum() / np.abs(plain[k]).sum()) for k in GROUPS_OF_40]
    assert kept[0] > 0.9
    assert kept[1] < 0.5
    errors = [float(((m - truth) ** 2).sum()) for m in (found.mean, plain)]
    assert errors[0] < 0.7 * errors[1]


def test_the_anchor_keeps_few_data_from_running_away() -> None:
    gram, moment = data(np.zeros(12), 15)
    scales = {
        strength: shrink(gram, moment, prior_of(["a"] * 12, strength=strength)).scales["a"]
        for strength in (0.01, 10.0, 1000.0)
    }
    assert scales[1000.0] == pytest.approx(0.1, rel=0.02)
    assert scales[10.0] == pytest.approx(0.1, rel=0.5)
    assert scales[0.01] < 0.04


def test_a_telling_feature_is_given_more_room_in_every_group() -> None:
    # Three features in each of eight groups; only the first one matters.
    truth = np.where(np.arange(24) % 3 == 0, 0.3 * np.sign(normal(24)), 0.0)
    features = [0, 1, 2] * 8
    groups = [f"g{n // 3}" for n in range(24)]
    gram, moment = data(truth, 400)
    aware = shrink(gram, moment, prior_of(groups, features=features))
    blind = shrink(gram, moment, prior_of(groups))
    errors = [float(((s.mean - truth) ** 2).sum()) for s in (aware, blind)]
    assert errors[0] < errors[1]


def test_the_order_of_the_coefficients_does_not_matter() -> None:
    truth = normal(9) * 0.3
    groups = ["a", "b", "c"] * 3
    gram, moment = data(truth, 300)
    found = shrink(gram, moment, prior_of(groups))
    order = np.array([4, 8, 0, 3, 7, 1, 2, 6, 5])
    other = shrink(gram[np.ix_(order, order)], moment[order], prior_of([groups[k] for k in order]))
    assert other.mean == pytest.approx(found.mean[order])
    assert other.scales == pytest.approx(found.scales)
