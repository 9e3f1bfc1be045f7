"""The off-policy estimators: equal to the reference library, unbiased, honest about their noise."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenor.engine.errors import InputError
from tenor.engine.evaluate import offpolicy
from tenor.engine.evaluate.offpolicy import Estimate, Terms, estimates
from tenor.engine.evaluate.overlap import Finding, overlap, verdict
from tenor.engine.evaluate.value import value_of
from tenor.engine.evaluate.weights import (
    additive_weights,
    group_weights,
    matching_weights,
    pair_columns,
    pseudo_inverse_weights,
)

GOLDEN = Path(__file__).parent / "golden"
ANSWERS = json.loads((GOLDEN / "offpolicy.json").read_text())
SETTINGS = ANSWERS["settings"]


def _open_bandit():
    data = np.load(GOLDEN / "open_bandit.npz")
    action, position = data["action"], data["position"]
    predicted = data["user_rate"][:, None] * data["item_rate"].T[position]  # [rows, items]
    return {
        "reward": data["reward"].astype(float),
        "weight": matching_weights(data["pscore"], data["target"][action, position]),
        "q_logged": predicted[np.arange(len(action)), action],
        "q_target": (predicted * data["target"].T[position]).sum(axis=1),
    }


def _small_actions():
    data = np.load(GOLDEN / "small_actions.npz")
    rows, action = np.arange(len(data["action"])), data["action"]
    return {
        "reward": data["reward"].astype(float),
        "weight": matching_weights(data["logging"][rows, action], data["target"][rows, action]),
        "q_logged": data["q"][rows, action],
        "q_target": (data["q"] * data["target"]).sum(axis=1),
    }


LOGS = {"open_bandit": _open_bandit, "small_actions": _small_actions}
ESTIMATORS = {
    "ips": lambda d: offpolicy.ips(d["reward"], d["weight"]),
    "ips_clipped": lambda d: offpolicy.ips(d["reward"], d["weight"], clip=SETTINGS["clip"]),
    "snips": lambda d: offpolicy.snips(d["reward"], d["weight"]),
    "dm": lambda d: offpolicy.direct_method(d["q_target"]),
    "dr": lambda d: offpolicy.doubly_robust(**d),
    "sndr": lambda d: offpolicy.self_normalised_doubly_robust(**d),
    "switch_dr": lambda d: offpolicy.switch_doubly_robust(**d, most=SETTINGS["switch_at"]),
    "dros": lambda d: offpolicy.shrunk_doubly_robust(**d, shrinkage=SETTINGS["shrinkage"]),
}


@pytest.mark.parametrize("log", LOGS)
@pytest.mark.parametrize("name", ESTIMATORS)
def test_an_estimator_equals_the_reference_library(log, name):
    assert ESTIMATORS[name](LOGS[log]()).value() == pytest.approx(ANSWERS[log][name], abs=1e-12)


def test_group_weights_equal_the_reference_library():
    data = np.load(GOLDEN / "small_actions.npz")
    weight = group_weights(data["logging"], data["target"], data["group"], data["action"])
    value = offpolicy.ips(data["reward"], weight).value()
    assert value == pytest.approx(ANSWERS["small_actions"]["mips"], abs=1e-12)


def test_the_extremes_of_shrinkage_and_switching_are_the_direct_method_and_dr():
    log = _small_actions()
    dm = offpolicy.direct_method(log["q_target"]).value()
    dr = offpolicy.doubly_robust(**log).value()
    assert offpolicy.shrunk_doubly_robust(**log, shrinkage=0.0).value() == pytest.approx(dm)
    assert offpolicy.shrunk_doubly_robust(**log, shrinkage=np.inf).value() == pytest.approx(dr)
    assert offpolicy.switch_doubly_robust(**log, most=-1.0).value() == pytest.approx(dm)
    assert offpolicy.switch_doubly_robust(**log, most=np.inf).value() == pytest.approx(dr)


# Expectations over every action of a small space, so that "unbiased" is an exact statement.

SHAPE = (2, 3, 2)
ACTIONS = np.array(list(product(*(range(k) for k in SHAPE))))
LEVELS = np.concatenate([np.eye(k)[ACTIONS[:, f]] for f, k in enumerate(SHAPE)], axis=1)


def _factor_policy(rng):
    """Return the probability of each action, and of its parts [actions, factors]."""
    parts = [rng.dirichlet(np.ones(k)) for k in SHAPE]
    chosen = np.column_stack([parts[f][ACTIONS[:, f]] for f in range(len(SHAPE))])
    return chosen.prod(axis=1), chosen


def _rewards(rng, *, pairs):
    reward = sum(rng.normal(size=k)[ACTIONS[:, f]] for f, k in enumerate(SHAPE))
    if pairs:
        reward = reward + rng.normal(size=(SHAPE[0], SHAPE[1]))[ACTIONS[:, 0], ACTIONS[:, 1]]
    return reward


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=30)
def test_additive_weights_are_unbiased_for_additive_rewards(seed):
    rng = np.random.default_rng(seed)
    (p, p_parts), (t, t_parts) = _factor_policy(rng), _factor_policy(rng)
    reward = _rewards(rng, pairs=False)
    assert (p * additive_weights(t_parts / p_parts) * reward).sum() == pytest.approx(t @ reward)


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=30)
def test_pair_weights_are_unbiased_for_rewards_with_pairs(seed):
    rng = np.random.default_rng(seed)
    (p, p_parts), (t, t_parts) = _factor_policy(rng), _factor_policy(rng)
    reward = _rewards(rng, pairs=True)
    weight = additive_weights(pair_columns(t_parts / p_parts, [(0, 1), (0, 2), (1, 2)]))
    assert (p * weight * reward).sum() == pytest.approx(t @ reward)


def _pseudo_inverse(p, t):
    moments = np.einsum("a,ad,ae->de", p, LEVELS, LEVELS)
    n = len(p)
    repeated = np.broadcast_to(moments, (n, *moments.shape))
    return pseudo_inverse_weights(repeated, np.broadcast_to(t @ LEVELS, (n, len(moments))), LEVELS)


def test_the_general_weights_equal_the_additive_ones_for_independent_factors():
    rng = np.random.default_rng(1)
    (p, p_parts), (t, t_parts) = _factor_policy(rng), _factor_policy(rng)
    np.testing.assert_allclose(_pseudo_inverse(p, t), additive_weights(t_parts / p_parts))


def test_the_general_weights_are_unbiased_for_a_greedy_log_with_a_little_chance():
    rng = np.random.default_rng(2)
    p = np.full(len(ACTIONS), 0.1 / len(ACTIONS))
    p[5] += 0.9
    t, _ = _factor_policy(rng)
    reward = _rewards(rng, pairs=False)
    assert (p * _pseudo_inverse(p, t) * reward).sum() == pytest.approx(t @ reward)


def test_controls_keep_the_value_and_take_out_noise():
    rng = np.random.default_rng(3)
    (p, p_parts), (t, t_parts) = _factor_policy(rng), _factor_policy(rng)
    reward = 5.0 + _rewards(rng, pairs=False)
    drawn = rng.choice(len(p), p=p, size=20_000)
    columns = (t_parts / p_parts)[drawn]
    plain = offpolicy.ips(reward[drawn], additive_weights(columns))
    controlled = offpolicy.with_controls(plain, columns - 1.0)
    assert controlled.value() == pytest.approx(t @ reward, abs=0.05)
    assert controlled.influence().std() < 0.5 * plain.influence().std()


# Noise


def _estimate(terms, clusters, seed=0, **kwargs):
    rng = np.random.default_rng(seed)
    return estimates({"x": terms}, clusters=clusters, rng=rng, **kwargs)[0]


def test_with_one_row_a_customer_the_standard_error_is_that_of_a_mean():
    values = np.array([1.0, 2.0, 4.0, 9.0])
    found = _estimate(offpolicy.direct_method(values), np.arange(4))
    assert found.value == 4.0
    assert found.standard_error == pytest.approx(values.std(ddof=1) / 2)


def test_the_same_rows_twice_are_no_more_evidence():
    rng = np.random.default_rng(4)
    values, customers = rng.normal(size=500), np.arange(500)
    once = _estimate(offpolicy.direct_method(values), customers)
    twice = _estimate(offpolicy.direct_method(np.tile(values, 2)), np.tile(customers, 2))
    assert twice.standard_error == pytest.approx(once.standard_error)
    assert (twice.lower, twice.upper) == pytest.approx((once.lower, once.upper))


def test_the_same_seed_gives_the_same_interval_and_another_seed_another():
    terms = offpolicy.snips(**{k: _small_actions()[k] for k in ("reward", "weight")})
    customers = np.arange(len(terms.base)) // 3
    assert _estimate(terms, customers, seed=5) == _estimate(terms, customers, seed=5)
    assert _estimate(terms, customers, seed=5) != _estimate(terms, customers, seed=6)


def test_row_order_moves_no_number():
    log = _small_actions()
    order = np.random.default_rng(0).permutation(len(log["reward"]))
    customers = np.arange(len(order)) // 2
    straight = _estimate(offpolicy.doubly_robust(**log), customers)
    shuffled = _estimate(
        offpolicy.doubly_robust(**{k: v[order] for k, v in log.items()}), customers[order]
    )
    for name in ("value", "standard_error", "lower", "upper"):
        assert getattr(shuffled, name) == pytest.approx(getattr(straight, name), rel=1e-9)


@pytest.mark.parametrize("kind", ["snips", "pi"])
def test_intervals_hold_the_truth_as_often_as_they_say(kind):
    rng = np.random.default_rng(6)
    (p, p_parts), (t, t_parts) = _factor_policy(rng), _factor_policy(rng)
    reward = _rewards(rng, pairs=False)
    hits = 0
    for _ in range(200):
        drawn = rng.choice(len(p), p=p, size=400)
        noisy = reward[drawn] + rng.normal(size=400)
        columns = (t_parts / p_parts)[drawn]
        terms = (
            offpolicy.snips(noisy, (t / p)[drawn])
            if kind == "snips"
            else offpolicy.with_controls(
                offpolicy.ips(noisy, additive_weights(columns)), columns - 1.0
            )
        )
        found = _estimate(terms, np.arange(400), seed=int(rng.integers(1 << 30)), resamples=200)
        hits += found.lower <= t @ reward <= found.upper
    assert 0.88 <= hits / 200 <= 0.99


# Support and verdict


def test_equal_weights_are_worth_all_their_rows_and_one_heavy_row_is_worth_one():
    even = overlap("even", np.ones(500), clusters=np.arange(500))
    assert (even.effective_rows, even.most_weight, even.mean_weight) == (500.0, 1.0, 1.0)
    lone = overlap("lone", np.eye(1, 500).ravel() * 500, clusters=np.arange(500))
    assert lone.effective_rows == pytest.approx(1.0)
    assert lone.heaviest_share == 1.0


def _gain(lower, upper):
    return Estimate("gain", (lower + upper) / 2, 0.01, lower, upper)


@pytest.mark.parametrize(
    ("lower", "upper", "margin", "finding"),
    [
        (0.01, 0.05, 0.0, Finding.BETTER),
        (-0.05, -0.01, 0.0, Finding.WORSE),
        (-0.01, 0.05, 0.0, Finding.UNDECIDED),
        (-0.01, 0.05, 0.02, Finding.NOT_WORSE),
        (-0.03, 0.05, 0.02, Finding.UNDECIDED),
    ],
)
def test_the_verdict_follows_the_interval(lower, upper, margin, finding):
    support = overlap("w", np.ones(500), clusters=np.arange(500))
    assert verdict(support, _gain(lower, upper), margin=margin).finding is finding


@pytest.mark.parametrize(
    ("weight", "customers", "says"),
    [
        (np.ones(500), np.zeros(500), "only 1 customers"),
        (np.eye(50, 5000)[:50].sum(axis=0) * 100.0, np.arange(5000), "worth only 50"),
        (np.r_[np.ones(999), 60.0], np.arange(1000), "one row carries 6% of all weight"),
        (np.full(500, 0.7), np.arange(500), "average 0.70 instead of 1"),
        (np.zeros(500), np.arange(500), "worth only 0"),
    ],
)
def test_poor_overlap_is_called_by_its_name_whatever_the_interval_says(weight, customers, says):
    found = verdict(overlap("w", weight, clusters=customers), _gain(0.2, 0.3))
    assert found.finding is Finding.CANNOT_TELL
    assert found.text.startswith("These logs cannot tell")
    assert says in found.text


# The whole


def _world(rng, *, rows=4000):
    """Rows logged by an independent choice of parts, and a target that prefers other parts."""
    (p, p_parts), (t, t_parts) = _factor_policy(rng), _factor_policy(rng)
    truth = 0.3 + 0.1 * np.tanh(_rewards(rng, pairs=False))
    drawn = rng.choice(len(p), p=p, size=rows)
    logged = {
        "decision_id": [f"D{i}" for i in range(rows)],
        "customer_id": [f"C{i // 2}" for i in range(rows)],
        "reward": (rng.random(rows) < truth[drawn]).astype(float),
        "propensity": p[drawn],
    }
    target = {
        "decision_id": logged["decision_id"],
        "probability": t[drawn],
        "q_logged": truth[drawn] + 0.05,
        "q_target": np.full(rows, t @ truth + 0.05),
    }
    for f, name in enumerate(("channel", "tone", "hour")):
        logged[f"propensity_{name}"] = p_parts[drawn, f]
        target[f"probability_{name}"] = t_parts[drawn, f]
    return pl.DataFrame(logged), pl.DataFrame(target), float(t @ truth)


FACTORS = ("channel", "tone", "hour")


def test_every_estimator_but_the_direct_method_finds_the_true_value():
    logged, target, truth = _world(np.random.default_rng(11), rows=20_000)
    found = value_of(logged, target, rng=np.random.default_rng(0), factors=FACTORS)
    values = {e.name: e for e in found.estimates}
    assert set(values) == {
        *("DM", "IPS", "SNIPS", "DR", "SNDR", "Switch-DR", "DRos"),
        *("PI", "PI-DR", "PI-DR with pairs"),
    }
    for name in ("IPS", "SNIPS", "DR", "SNDR", "PI-DR with pairs"):
        assert abs(values[name].value - truth) < 4 * values[name].standard_error, name
    assert values["DM"].value == pytest.approx(truth + 0.05)
    assert values["DM"].upper - values["DM"].lower < 1e-9  # confident and wrong
    assert found.headline == "PI-DR"
    assert found.gain.value == pytest.approx(values["PI-DR"].value - found.logged.value, abs=1e-12)
    assert [f.name for f in found.factors] == list(FACTORS)


def test_the_order_of_the_targets_rows_does_not_matter():
    logged, target, _ = _world(np.random.default_rng(12))
    straight = value_of(logged, target, rng=np.random.default_rng(0))
    turned = value_of(logged, target.reverse(), rng=np.random.default_rng(0))
    assert straight == turned
    assert straight.headline == "DR"


def test_a_log_that_never_did_what_the_target_does_cannot_tell():
    logged, target, _ = _world(np.random.default_rng(13))
    never = target.with_columns(probability=pl.lit(0.0))
    found = value_of(logged, never, rng=np.random.default_rng(0))
    assert found.verdict.finding is Finding.CANNOT_TELL


def test_a_decision_without_a_recorded_probability_is_refused_with_the_remedy():
    logged, target, _ = _world(np.random.default_rng(14), rows=100)
    gone = logged.with_columns(propensity=pl.lit(None, dtype=pl.Float64))
    with pytest.raises(InputError, match="100 logged decisions have no propensity above 0"):
        value_of(gone, target, rng=np.random.default_rng(0))
    with pytest.raises(InputError, match="90 logged decisions have no row in the target"):
        value_of(logged, target.head(10), rng=np.random.default_rng(0))


def test_terms_of_a_self_normalised_estimator_have_influences_that_sum_to_nothing():
    terms = Terms(np.zeros(3), np.array([1.0, 0.0, 2.0]), np.array([2.0, 1.0, 3.0]))
    assert terms.value() == 0.5
    assert terms.influence().sum() == pytest.approx(0.0)
