"""From noisy sums to what a new organisation may expect: honest about what it does not know."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import numpy as np
import pytest

from tenor.engine.errors import InputError
from tenor.engine.frames import Tables
from tenor.engine.pooling.columns import (
    CHANNELS,
    SCALE,
    SPREADS,
    TONES,
    WIDTH,
    expected_coefficients,
    named,
)
from tenor.engine.pooling.contribution import Contribution, contribute, read, written
from tenor.engine.pooling.noise import rho_of
from tenor.engine.pooling.prior import pooled
from tenor.engine.pooling.rows import days_of
from tenor.engine.pooling.statistics import GRID, SIZE_BASELINE, SIZE_EFFECT
from tenor.engine.predictors.effect import fit_effect
from tenor.engine.predictors.effect_design import SPREAD, EffectDesign, Told
from tenor.engine.predictors.expected import PUBLISHED
from tenor.engine.predictors.history import lessons
from tenor.engine.predictors.shrinkage import shrink
from worlds import lived, tiny

DAY = date(2026, 1, 5)


def chance(seed: int) -> Callable[[int], int]:
    rng = np.random.default_rng(seed)
    return lambda n: int.from_bytes(rng.bytes(n.bit_length() // 8 + 9)) % n


def given(giver: str, truth: np.ndarray, customers: float, sigma: float, seed: int) -> Contribution:
    """The contribution of an organisation whose contacts do `truth` [columns] exactly."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((400, WIDTH))
    gram = z.T @ z / 400 * customers * 0.05
    drawn = np.linalg.cholesky(gram) @ rng.standard_normal(WIDTH)
    moment = gram @ (truth - expected_coefficients()) + drawn
    rows, columns = np.triu_indices(WIDTH)
    twice = np.where(rows == columns, 1.0, np.sqrt(2.0))
    units = np.concatenate([gram[rows, columns] * twice, moment])
    units = units + rng.normal(0.0, sigma, len(units))
    effect = tuple(int(v) for v in np.rint(units * GRID))
    return Contribution(giver, DAY, rho_of(1.0), sigma, (0,) * SIZE_BASELINE, effect)


TRUTH = expected_coefficients() + np.array([-1.2, 0.4, *[1.2] * 4, *[0.4] * 4, 0.8, -1.2]) / SCALE


def test_many_large_givers_are_believed() -> None:
    pool = pooled([given(f"o{n}", TRUTH, 200_000, 5.0, n) for n in range(30)])
    assert np.abs((pool.mean - TRUTH) * SCALE).max() < 0.25
    found = pool.expected()
    wanted = named(TRUTH)
    assert found.mean == pytest.approx(wanted.mean, abs=0.25)
    assert found.channels["letter"] == pytest.approx(wanted.channels["letter"], abs=0.4)
    assert found.spreads["mean"] < 0.5 * SPREAD["mean"]
    assert found.source == "a pool of 30 organisations"


def test_sums_that_drown_in_noise_leave_what_trials_say() -> None:
    pool = pooled([given("o", TRUTH, 100, 500.0, 1)])
    found = pool.expected()
    assert found.mean == pytest.approx(PUBLISHED.mean, abs=0.2)
    assert found.spreads == pytest.approx({g: SPREAD[g] for g in found.spreads}, rel=0.01)


def test_the_uncertainty_holds_the_truth() -> None:
    """Over many pools, as often as it says, and not because it is endless."""
    off, wide = [], []
    for seed in range(16):
        rng = np.random.default_rng(seed)
        common = expected_coefficients() + rng.normal(0.0, SPREADS)
        givers = [
            given(f"o{n}", common + rng.normal(0.0, SPREADS / 2), 20_000, 10.0, 100 * seed + n)
            for n in range(6)
        ]
        pool = pooled(givers)
        sure = np.sqrt(np.diag(pool.covariance))
        off.append((pool.mean - common) / sure)
        wide.append((sure / SPREADS).mean())
    assert np.mean(np.abs(off) < 1.96) > 0.9
    assert np.mean(wide) < 0.8


def test_organisations_that_differ_more_leave_a_new_one_more_open() -> None:
    def pool(apart: float) -> float:
        rng = np.random.default_rng(3)
        givers = [
            given(f"o{n}", TRUTH + rng.normal(0.0, apart, WIDTH), 500_000, 5.0, n)
            for n in range(20)
        ]
        return pooled(givers).between["channel"]

    assert pool(0.02) < 0.6 * pool(0.6)


def test_an_organisation_that_uses_few_channels_expects_their_mean() -> None:
    pool = pooled([given(f"o{n}", TRUTH, 200_000, 5.0, n) for n in range(10)])
    all_, few = pool.expected(), pool.expected(["email", "letter", "pigeon"], ["firm"])
    assert few.known == (("email", "letter"), ("firm",))
    for channel in ("email", "letter"):
        together = few.mean + few.channels[channel] + few.tones["firm"]
        assert together == pytest.approx(
            all_.mean + all_.channels[channel] + all_.tones["firm"], abs=1e-9
        )


def test_each_giver_counts_once_and_nobody_is_no_pool() -> None:
    one = given("o", TRUTH, 1_000, 5.0, 1)
    with pytest.raises(InputError, match="twice"):
        pooled([one, replace(one, given_on=date(2026, 2, 1))])
    with pytest.raises(InputError, match="a pool of nobody"):
        pooled([])


@pytest.fixture(scope="module")
def organisation() -> tuple[datetime, Tables]:
    then, tables = lived(200, seed=4, days=120, later=10)
    return then.today, tables


def test_without_own_contacts_a_new_organisation_starts_from_the_pool() -> None:
    as_of, tables = tiny()
    tables = tables.of_customers(tables.customers["customer_id"][:30])
    silent = tables.with_(contacts=tables.contacts.clear())
    expected = pooled([given(f"o{n}", TRUTH, 200_000, 5.0, n) for n in range(10)]).expected()
    taught = lessons(silent, as_of)
    effect = fit_effect(silent, taught, days_to_arrive={}, seed=0, prior=expected)
    assert effect.design.channels == CHANNELS
    assert effect.design.tones == TONES
    nobody = np.zeros((5, effect.design.state))
    none = np.full(5, -1)
    told = Told(np.arange(5), none, np.full(5, 12), none, none, np.zeros(5), np.zeros(5))
    wanted = [expected.mean + expected.channels[c] for c in CHANNELS]
    assert effect.strength(nobody, told) == pytest.approx(wanted, abs=0.01)


def test_with_many_own_contacts_the_pool_no_longer_matters() -> None:
    design = EffectDesign(("email", "sms"), ("firm", "friendly"), 0, 1)
    rng = np.random.default_rng(8)
    z = rng.standard_normal((2_000, design.columns))
    own = rng.normal(0.0, 1.0, design.columns)
    pool = pooled([given(f"o{n}", TRUTH, 200_000, 5.0, n) for n in range(10)])
    expected = pool.expected(design.channels, design.tones)

    def apart(evidence: float) -> float:
        gram = z.T @ z / 2_000 * evidence
        means = [shrink(gram, gram @ own, design.prior(e)).mean for e in (expected, PUBLISHED)]
        return float(np.abs(means[0] - means[1]).max())

    assert apart(1.0) > 0.4
    assert apart(100_000.0) < 0.001


def test_what_leaves_is_a_file_that_comes_back_the_same_and_no_other(
    organisation: tuple[datetime, Tables],
) -> None:
    as_of, tables = organisation
    made = contribute(
        days_of(tables, as_of), giver="water", given_on=DAY, epsilon=1.0, below=chance(1)
    )
    text = written(made.contribution, key="shared")
    assert read(text, key="shared") == made.contribution
    assert len(made.contribution.effect) == SIZE_EFFECT
    assert made.contribution.epsilon == pytest.approx(1.0)
    # Nothing of a person is in it.
    assert not any(customer in text for customer in tables.customers["customer_id"])
    with pytest.raises(InputError, match="another pool key"):
        read(text, key="other")
    told = json.loads(text)
    told["giver"] = "fire"
    with pytest.raises(InputError, match="the file was changed"):
        read(json.dumps(told), key="shared")
    for wrong in ("", "[]", "{}", '{"format": "tenor-pool-2026"}'):
        with pytest.raises(InputError):
            read(wrong, key="shared")


def test_noise_is_drawn_anew_and_is_as_large_as_it_says(
    organisation: tuple[datetime, Tables],
) -> None:
    as_of, tables = organisation
    rows = days_of(tables, as_of)
    made = [
        contribute(rows, giver="w", given_on=DAY, epsilon=1.0, below=chance(seed))
        for seed in range(6)
    ]
    off = [(np.array(m.contribution.effect) - m.parts.total()) / GRID for m in made]
    assert np.std(off) == pytest.approx(made[0].contribution.sigma, rel=0.08)
