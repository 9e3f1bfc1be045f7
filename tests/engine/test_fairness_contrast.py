"""Rates, ratios and p-values between groups, against slow and independent counterparts."""

from math import comb, exp, log, sqrt

import numpy as np
import pytest

from tenor.engine.fairness.contrast import contrast, holm, rate, wilson


def a_sample(rng: np.random.Generator, size: int = 900) -> tuple[np.ndarray, ...]:
    """Rows whose chance depends on the stratum, and whose group does too."""
    strata = rng.integers(0, 6, size)
    member = rng.random(size) < 0.2 + 0.1 * strata / 6
    values = (rng.random(size) < 0.1 + 0.08 * strata).astype(float)
    return values, member, strata, np.arange(size)


def test_wilsons_interval_is_the_published_one() -> None:
    # Newcombe 1998, table I: 81 of 263, and 15 of 148.
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15 / 148, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)


def test_a_share_of_none_has_an_interval_above_zero() -> None:
    found = rate(np.zeros(40), np.arange(40))
    assert (found.value, found.customers) == (0.0, 40)
    assert found.lower == pytest.approx(0.0, abs=1e-12)
    assert found.upper == pytest.approx(0.0876, abs=1e-4)


def test_rows_of_one_customer_count_once() -> None:
    rng = np.random.default_rng(1)
    values = (rng.random(200) < 0.3).astype(float)
    once = rate(values, np.arange(200))
    ten_times = rate(np.repeat(values, 10), np.repeat(np.arange(200), 10))
    assert ten_times.rows == 2000
    assert ten_times.lower == pytest.approx(once.lower, abs=2e-3)
    assert ten_times.upper == pytest.approx(once.upper, abs=2e-3)


def test_the_ratio_is_mantels_and_haenszels_and_its_interval_greenlands_and_robins() -> None:
    values, member, strata, people = a_sample(np.random.default_rng(2))
    found = contrast(values, member, strata, people)
    top = bottom = spread = 0.0
    for s in range(6):
        here = strata == s
        n1, n0 = (here & member).sum(), (here & ~member).sum()
        a, b, n = values[here & member].sum(), values[here & ~member].sum(), here.sum()
        top, bottom = top + a * n0 / n, bottom + b * n1 / n
        spread += (n1 * n0 * (a + b) - a * b * n) / n**2
    error = sqrt(spread / (top * bottom))
    assert found.ratio == pytest.approx(top / bottom, rel=1e-12)
    assert log(found.ratio) - log(found.lower) == pytest.approx(1.96 * error, rel=0.05)
    assert found.upper == pytest.approx(found.ratio * exp(1.96 * error), rel=0.02)


@pytest.mark.parametrize("more", [0.0, 0.12])
def test_the_p_value_is_that_of_four_thousand_relabellings_within_strata(more: float) -> None:
    rng = np.random.default_rng(5)
    values, member, strata, people = a_sample(rng, 400)
    values = np.maximum(values, member & (rng.random(400) < more))
    found = contrast(values, member, strata, people)
    means = np.array([values[strata == s].mean() for s in range(6)])
    rest, order = values - means[strata], np.argsort(strata, kind="stable")
    # Dealt out anew within each stratum: the rows of a stratum in an order drawn by lot.
    lots = np.argsort(rng.random((4000, 400)) + strata[order], axis=1)
    dealt = (rest[order][lots] * member[order]).sum(axis=1)
    seen = float(rest[member].sum())
    beyond = min((dealt >= seen - 1e-9).mean(), (dealt <= seen + 1e-9).mean())
    assert found.p_value == pytest.approx(min(1.0, 2 * beyond), rel=0.15)


@pytest.mark.parametrize("seen", [0, 2, 18, 24])
def test_a_rare_thing_in_a_small_group_is_as_unlikely_as_counting_says(seen: int) -> None:
    # Of 1,200 people 105 have it, and `seen` of the 103 of the group: the hypergeometric tail.
    everybody, group, having = 1200, 103, 105
    ways = [comb(having, k) * comb(everybody - having, group - k) for k in range(group + 1)]
    exact = 2 * min(sum(ways[: seen + 1]), sum(ways[seen:])) / sum(ways)
    member = np.arange(everybody) < group
    values = np.zeros(everybody)
    values[:seen] = 1.0
    values[group : group + having - seen] = 1.0
    found = contrast(values, member, np.zeros(everybody, np.int64), np.arange(everybody))
    # Never called rarer than it is.
    assert exact < found.p_value < 2 * exact


def test_repeating_every_row_of_a_customer_proves_nothing_more() -> None:
    values, member, strata, people = a_sample(np.random.default_rng(3), 300)
    once = contrast(values, member, strata, people)
    again = contrast(*(np.repeat(part, 7) for part in (values, member, strata, people)))
    assert again.ratio == pytest.approx(once.ratio)
    assert again.p_value == pytest.approx(once.p_value, abs=1e-9)
    assert again.upper == pytest.approx(once.upper)


def test_groups_that_never_meet_in_a_stratum_cannot_be_compared() -> None:
    member = np.array([True] * 5 + [False] * 5)
    found = contrast(np.ones(10), member, np.repeat([0, 1], 5), np.arange(10))
    assert np.isnan(found.ratio) and np.isnan(found.p_value)


def test_holm_steps_down_from_the_smallest() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


def leaning(rng: np.random.Generator, size: int) -> tuple[np.ndarray, ...]:
    """Rows treated by their risk alone, of which a group leans on risk inside each band too."""
    risk = rng.random(size)
    strata = np.floor(risk * 3).astype(np.int64)
    member = rng.random(size) < 0.05 + 0.6 * risk**2
    values = (rng.random(size) < 0.05 + 0.5 * risk).astype(float)
    return values, member, strata, np.arange(size), risk


@pytest.mark.parametrize(("size", "draws"), [(300, 1000), (4000, 300)])
def test_fair_days_look_as_rare_as_one_in_a_hundred_once_in_a_hundred(
    size: int, draws: int
) -> None:
    rng, rare = np.random.default_rng(6), {True: 0, False: 0}
    for _ in range(draws):
        *rows, risk = leaning(rng, size)
        for told in rare:
            found = contrast(*rows, grounds=risk[:, None] if told else None)
            rare[told] += found.p_value < 0.01
    # Twice as often as it should be comes by chance once in 200 times (of 300: three times).
    assert rare[True] < draws / 100 * (2 if draws > 500 else 3)
    if size > 1000:
        # With bands alone, what differs inside them would be held against a fair way of working.
        assert rare[False] > 2 * rare[True] + 3


def test_what_is_planted_beyond_risk_is_found_beside_it() -> None:
    rng, found = np.random.default_rng(7), 0
    for _ in range(50):
        values, *rows, risk = leaning(rng, 1500)
        hit = rows[0] & (rng.random(1500) < 0.3)
        p_value = contrast(np.maximum(values, hit), *rows, grounds=risk[:, None]).p_value
        found += p_value < 0.05 / 12 / 80
    assert found >= 45


def test_errors_that_spread_more_in_a_small_group_are_not_called_rare() -> None:
    rng, rare = np.random.default_rng(8), {True: 0, False: 0}
    for _ in range(1000):
        member = np.arange(600) < 60
        # Chances of a half err more widely than chances near one; neither errs on average.
        chance = np.where(member, 0.5, 0.97)
        values = chance - (rng.random(600) < chance)
        for told in rare:
            alone = contrast(values, member, np.zeros(600, np.int64), np.arange(600),
                             uneven_spread=told)  # fmt: skip
            rare[told] += alone.p_value < 0.01
    assert rare[True] < 20 < rare[False]
