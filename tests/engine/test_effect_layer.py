"""The effect layer: statistics that add up, the best action, and how sure it is of it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tenor.engine.predictors.action_space import ActionSpace, contact_grid, cyclic, nominal, ordered
from tenor.engine.predictors.effect_layer import EffectLayer, Posterior, Statistics

Array = NDArray[np.float64]
SPACE = contact_grid(3, 2, 9, 4)
LAYER = EffectLayer(SPACE, 5)


def rows(n: int, seed: int = 0) -> tuple[Array, NDArray[np.int_], Array, Array]:
    """States, actions, answers and baseline of `n` people, the answers with a real effect."""
    rng = np.random.default_rng(seed)
    phi = rng.standard_normal((n, 5))
    actions = np.stack([rng.integers(0, levels, n) for levels in SPACE.shape], axis=1)
    base = rng.normal(-1.0, 0.5, n)
    effect = 0.6 * (actions[:, 0] == 1) + 0.3 * phi[:, 0] * (actions[:, 1] == 1)
    paid = rng.random(n) < 1.0 / (1.0 + np.exp(-base - effect))
    return phi, actions, paid.astype(float), base


def same(left: Statistics, right: Statistics, rel: float = 1e-9) -> None:
    scale = np.abs(right.gram).max()
    assert left.gram == pytest.approx(right.gram, rel=rel, abs=rel * scale)
    assert left.moment == pytest.approx(right.moment, rel=rel, abs=rel * np.abs(right.moment).max())
    assert left.rows == pytest.approx(right.rows)


@pytest.fixture(scope="module")
def posterior() -> Posterior:
    return LAYER.solve(LAYER.statistics(*rows(20_000)))


# Modes of actions


@pytest.mark.parametrize(
    "factor",
    [
        nominal("a", 2),
        nominal("a", 5),
        ordered("a", 6),
        ordered("a", 14, period=7),
        cyclic("a", 24, 2),
    ],
)
def test_modes_have_mean_zero_and_mean_square_one(factor: object) -> None:
    basis = factor.basis  # type: ignore[attr-defined]
    assert basis.mean(axis=0) == pytest.approx(np.zeros(basis.shape[1]), abs=1e-12)
    assert (basis**2).mean(axis=0) == pytest.approx(np.ones(basis.shape[1]))


@pytest.mark.parametrize("levels", [0, 1])
def test_with_one_level_or_none_there_is_nothing_to_tell_apart(levels: int) -> None:
    assert nominal("a", levels).modes == 0
    assert nominal("a", levels).levels == levels


def test_every_action_is_listed_once_in_row_major_order() -> None:
    listed = SPACE.every_action
    assert listed.shape == (3 * 2 * 9 * 4, 4)
    assert len(np.unique(listed, axis=0)) == SPACE.size
    assert listed[0].tolist() == [0, 0, 0, 0]
    assert listed[1].tolist() == [0, 0, 0, 1]
    assert listed[-1].tolist() == [2, 1, 8, 3]


# Statistics


def test_statistics_of_batches_add_up_to_those_of_the_whole() -> None:
    phi, actions, y, base = rows(3_000)
    whole = LAYER.statistics(phi, actions, y, base)
    cuts = [slice(0, 700), slice(700, 701), slice(701, 3_000)]
    parts = [(phi[c], actions[c], y[c], base[c]) for c in cuts]
    summed = LAYER.empty()
    for part in parts:
        summed = summed + LAYER.statistics(*part)
    # Sums of single-precision products: they differ in the last digits of a batch's sum.
    same(summed, whole, rel=1e-5)
    same(LAYER.stream(parts), summed)  # type: ignore[arg-type]
    assert whole.rows == 3_000


def test_taking_a_person_out_is_never_having_seen_them() -> None:
    others, person = LAYER.statistics(*rows(2_000)), LAYER.statistics(*rows(7, seed=9))
    same((others + person) - person, others)
    left = LAYER.solve((others + person) - person)
    assert left.mean == pytest.approx(LAYER.solve(others).mean, rel=1e-6, abs=1e-9)


def test_half_forgotten_twice_is_a_quarter_and_all_forgotten_is_nothing() -> None:
    seen = LAYER.statistics(*rows(500))
    same((seen * 0.5) * 0.5, seen * 0.25)
    same(seen * 0.0, LAYER.empty())
    assert (seen * 0.5).rows == 250


def test_what_is_forgotten_is_known_less_surely(posterior: Posterior) -> None:
    phi, actions, _, _ = rows(50)
    faded = LAYER.solve(LAYER.statistics(*rows(20_000)) * 0.2)
    assert (faded.spread(phi, actions) > posterior.spread(phi, actions)).mean() > 0.95


def test_the_statistics_are_those_of_a_logistic_regression_made_linear() -> None:
    phi, actions, y, base = rows(40)
    chance = 1.0 / (1.0 + np.exp(-base))
    design = LAYER.design(phi, actions).astype(np.float64)
    found = LAYER.statistics(phi, actions, y, base)
    assert found.moment == pytest.approx(design.T @ (y - chance), abs=1e-4)
    weights = chance * (1.0 - chance)
    assert found.gram == pytest.approx((design * weights[:, None]).T @ design, abs=1e-3)


def test_the_gram_matrix_of_every_fourth_row_is_on_average_that_of_all() -> None:
    seen = rows(8_000)
    whole = LAYER.statistics(*seen)
    some = [
        LAYER.statistics(*(np.roll(part, shift, axis=0) for part in seen), gram_every=4)
        for shift in range(4)
    ]
    # Over the four ways to begin counting, every row is used once.
    mean = sum((s.gram for s in some), np.zeros_like(whole.gram)) / 4
    scale = np.abs(whole.gram).max()
    assert mean == pytest.approx(whole.gram, rel=1e-4, abs=1e-5 * scale)
    assert not np.allclose(some[0].gram, whole.gram, rtol=1e-3)
    assert some[0].moment == pytest.approx(whole.moment, rel=1e-6, abs=1e-3)


def test_every_fourth_row_is_counted_on_across_batches() -> None:
    # 8,192 rows are worked on at a time; with every third row the batches end out of step.
    phi, actions, y, base = rows(8_192 + 5)
    kept = slice(0, None, 3)
    some = LAYER.statistics(phi, actions, y, base, gram_every=3)
    third = LAYER.statistics(phi[kept], actions[kept], y[kept], base[kept])
    assert some.gram == pytest.approx(third.gram * 3, rel=1e-4, abs=1e-2)


# The best action


def test_the_best_action_is_the_largest_of_all_scores(posterior: Posterior) -> None:
    phi = rows(200, seed=5)[0]
    scores = posterior.scores(phi)
    actions, gain = posterior.best(phi)
    assert scores.shape == (200, SPACE.size)
    assert (actions == SPACE.every_action[scores.argmax(axis=1)]).all()
    assert gain == pytest.approx(scores.max(axis=1))


def test_scores_are_what_the_columns_of_an_action_add(posterior: Posterior) -> None:
    phi = rows(3, seed=6)[0]
    for number in (0, 17, SPACE.size - 1):
        design = LAYER.design(phi, np.tile(SPACE.every_action[number], (3, 1)))
        design[:, : LAYER.width] = 0.0
        assert posterior.scores(phi)[:, number] == pytest.approx(design @ posterior.mean, abs=1e-5)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1_000), st.floats(0.0, 1.0))
def test_a_mask_of_each_row_is_kept_to(posterior: Posterior, seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    phi = rng.standard_normal((70, 5))
    mask = rng.random((70, SPACE.size)) < share**4
    mask[3] = False
    actions, gain = posterior.best(phi, mask)
    scores = np.where(mask, posterior.scores(phi), -np.inf)
    some = mask.any(axis=1)
    assert (actions[~some] == -1).all()
    assert (gain[~some] == -np.inf).all()
    assert (actions[some] == SPACE.every_action[scores.argmax(axis=1)][some]).all()
    assert gain[some] == pytest.approx(scores.max(axis=1)[some])


def test_one_mask_may_hold_for_everybody(posterior: Posterior) -> None:
    phi = rows(70, seed=8)[0]
    mask = SPACE.every_action[:, 0] == 2
    actions, gain = posterior.best(phi, mask)
    assert (actions[:, 0] == 2).all()
    assert gain == pytest.approx(posterior.scores(phi)[:, mask].max(axis=1))
    actions, gain = posterior.best(phi, np.zeros(SPACE.size, dtype=bool))
    assert (actions == -1).all()
    assert (gain == -np.inf).all()


# What is learned


def test_it_learns_who_answers_to_what(posterior: Posterior) -> None:
    rng = np.random.default_rng(11)
    phi = rng.standard_normal((400, 5))
    actions, _ = posterior.best(phi)
    assert (actions[:, 0] == 1).all()
    # The second tone helps those with a high first number and harms those with a low one.
    far = np.abs(phi[:, 0]) > 0.5
    assert ((actions[:, 1] == 1) == (phi[:, 0] > 0))[far].mean() > 0.9


def test_nothing_is_claimed_before_there_are_data() -> None:
    posterior = LAYER.solve(LAYER.empty())
    phi = rows(10)[0]
    assert posterior.scores(phi) == pytest.approx(np.zeros((10, SPACE.size)))
    assert (posterior.spread(phi, SPACE.every_action[:10]) > 0.03).all()


def test_draws_spread_as_the_posterior_says() -> None:
    small = EffectLayer(ActionSpace((nominal("channel", 3),)), 1)
    rng = np.random.default_rng(2)
    phi = rng.standard_normal((300, 1))
    actions = rng.integers(0, 3, (300, 1))
    y = (rng.random(300) < 0.3).astype(float)
    posterior = small.solve(small.statistics(phi, actions, y, np.full(300, -0.8)))
    covariance = np.linalg.inv(posterior.factor @ posterior.factor.T)
    drawn = np.stack([posterior.draw(rng).mean for _ in range(20_000)])
    spread = np.sqrt(np.diag(covariance))
    assert drawn.mean(axis=0) == pytest.approx(posterior.mean, abs=4 * spread.max() / 141)
    correlation = np.cov(drawn.T) / np.outer(spread, spread)
    assert correlation == pytest.approx(covariance / np.outer(spread, spread), abs=0.05)
    tempered = np.stack([posterior.draw(rng, temper=0.2).mean for _ in range(2_000)])
    assert tempered.std(axis=0) == pytest.approx(0.2 * spread, rel=0.1)


def test_the_spread_of_an_action_is_that_of_its_draws(posterior: Posterior) -> None:
    phi, actions, _, _ = rows(6, seed=12)
    numbers = np.ravel_multi_index(actions.T, SPACE.shape)
    rng = np.random.default_rng(4)
    drawn = np.stack([posterior.draw(rng).scores(phi)[np.arange(6), numbers] for _ in range(800)])
    assert posterior.spread(phi, actions) == pytest.approx(drawn.std(axis=0), rel=0.12)
