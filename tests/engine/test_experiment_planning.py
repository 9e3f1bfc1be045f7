"""The planner gives the textbook's numbers, and experiments of its size find what they should."""

from math import inf, isinf

import numpy as np
import pytest

from tenor.engine.errors import InputError
from tenor.engine.experiments.planning import (
    Figure,
    Inflow,
    customers_needed,
    customers_within,
    days_needed,
    smallest_effect,
    told_apart,
)

HALVES = {"old": 0.5, "new": 0.5}


def needed(figure: Figure, effect: float, **options: object) -> int:
    asked = {"weights": HALVES, "control": "old", "daily": False, **options}
    return customers_needed(figure, effect=effect, **asked).customers  # type: ignore[arg-type]


def test_two_shares_take_what_chow_shao_and_wang_say() -> None:
    # Sample size calculations in clinical research, 4.2: 65% against 85%, 70 in each group.
    need = customers_needed(Figure(0.65), effect=0.20, weights=HALVES, control="old", daily=False)
    assert need.by_arm == {"old": 70, "new": 70}


def test_two_means_take_what_r_says() -> None:
    # R: power.t.test(delta = .5, sd = 1, power = .8) gives n = 63.77 a group; with power .9 and
    # delta .8, 33.83.
    assert needed(Figure(0.0, spread=1.0), 0.5) / 2 == pytest.approx(64, abs=0.5)
    assert needed(Figure(0.0, spread=1.0), 0.8, power=0.9) / 2 == pytest.approx(34, abs=0.6)


def test_however_large_the_effect_each_arm_has_as_many_as_a_word_is_said_of() -> None:
    assert needed(Figure(0.0, spread=1.0), 9.0) == 60
    assert needed(Figure(0.0), 1.0, weights={"old": 0.9, "new": 0.1}) == 300
    assert smallest_effect(Figure(0.0), customers=500, weights=HALVES, control="old") < 0.1


def test_unequal_arms_and_more_arms_take_more() -> None:
    # One to four: (1 + 1/4) (1 + 4) / 4 = 1.5625 times as many as halves, less the rounding.
    even = needed(Figure(0.0, spread=1.0), 0.1)
    uneven = needed(Figure(0.0, spread=1.0), 0.1, weights={"old": 0.8, "new": 0.2})
    assert uneven / even == pytest.approx(1.5625, abs=0.002)
    # Three new arms, each at level 1 - .05 / 3: z from 1.960 to 2.394.
    four = needed(Figure(0.0, spread=1.0), 0.1, weights={"old": 1, "a": 1, "b": 1, "c": 1})
    expected = even / 2 * 4 * ((2.3940 + 0.8416) / (1.9600 + 0.8416)) ** 2
    assert four == pytest.approx(expected, rel=0.002)


def test_invoices_of_one_customer_count_for_less_than_as_many_customers() -> None:
    alone = Figure(0.7)
    # Ten invoices each, alike by .05: design effect 1.45, so .145 of the customers.
    assert Figure(0.7, invoices=10, alike=0.05).design_effect == pytest.approx(1.45)
    assert needed(Figure(0.7, invoices=10, alike=0.05), 0.02) == pytest.approx(
        0.145 * needed(alone, 0.02), rel=0.001
    )
    # Wholly alike: more invoices are no more news. Varying numbers cost extra.
    assert needed(Figure(0.7, invoices=10, alike=1.0), 0.02) == needed(alone, 0.02)
    assert Figure(0.7, invoices=10, vary=1.0, alike=0.05).design_effect == pytest.approx(1.95)


def test_what_is_foretold_need_not_be_measured() -> None:
    assert needed(Figure(0.7, foretold=0.6), 0.02) == pytest.approx(
        0.64 * needed(Figure(0.7), 0.02), abs=1
    )


def test_the_plan_says_what_it_would_take_if_nothing_were_foretold() -> None:
    asked = {"effect": 0.02, "weights": HALVES, "control": "old"}
    told = customers_needed(Figure(0.7, foretold=0.6), **asked)  # type: ignore[arg-type]
    assert told.plain == pytest.approx(told.customers / 0.64, abs=2)
    alone = customers_needed(Figure(0.7), **asked)  # type: ignore[arg-type]
    assert alone.plain == alone.customers == told.plain


def test_what_groups_of_alike_chances_tell_is_the_squared_correlation() -> None:
    rng = np.random.default_rng(8)
    chance = np.clip(rng.beta(2.0, 1.2, 60_000), 0.02, 0.98)
    came = rng.random(60_000) < chance
    groups = np.array_split(np.argsort(chance), 10)
    found = told_apart([came[g].mean() for g in groups], [len(g) for g in groups])
    assert found == pytest.approx(np.corrcoef(chance, came)[0, 1] ** 2, abs=0.01)
    # Groups that differ by chance alone tell nothing.
    lots = [rng.random(30) < 0.7 for _ in range(200)]
    assert told_apart([g.mean() for g in lots], [30] * 200) < 0.02
    assert told_apart([0.7], [100]) == told_apart([], []) == told_apart([1.0, 1.0], [9, 9]) == 0.0


def test_looking_every_day_has_its_price_and_its_reward() -> None:
    need = customers_needed(Figure(0.7), effect=0.03, weights=HALVES, control="old")
    assert need.customers / need.once == pytest.approx(1.91, abs=0.02)
    assert need.once < need.usually < need.customers


def test_the_smallest_effect_is_the_one_that_takes_so_many_customers() -> None:
    for figure in (Figure(0.7), Figure(20.0, spread=12.0, invoices=3, alike=0.2)):
        for daily in (False, True):
            least = smallest_effect(
                figure, customers=5_000, weights=HALVES, control="old", daily=daily
            )
            assert needed(figure, least, daily=daily) == pytest.approx(5_000, abs=1)
    assert isinf(smallest_effect(Figure(0.99), customers=10, weights=HALVES, control="old"))


def test_experiments_of_the_planned_size_find_the_effect_four_times_in_five() -> None:
    rng = np.random.default_rng(5)
    n = needed(Figure(0.6), 0.05) // 2
    old, new = rng.binomial(n, 0.60, 4_000) / n, rng.binomial(n, 0.65, 4_000) / n
    error = np.sqrt((old * (1 - old) + new * (1 - new)) / n)
    assert np.mean((new - old) / error > 1.96) == pytest.approx(0.8, abs=0.02)


def test_time_follows_from_how_customers_come() -> None:
    inflow = Inflow(a_week=70, present=100, share=0.5, ripens=30)
    # Fifty are there; fifty more at five a day take ten days, and each needs thirty to ripen.
    assert days_needed(100, inflow) == 40
    assert days_needed(50, inflow) == 30
    assert customers_within(40, inflow) == 100
    assert customers_within(29, inflow) == 0
    assert days_needed(100, Inflow(a_week=0, present=50)) == inf


@pytest.mark.parametrize(
    ("figure", "effect", "said"),
    [
        ({"usual": 0.7}, 0.0, "infinitely many"),
        ({"usual": 0.9}, 0.2, "cannot move"),
        ({"usual": 1.4}, 0.1, "between 0 and 1"),
        ({"usual": 20.0, "spread": 0.0}, 1.0, "spread is above 0"),
        ({"usual": 0.7, "alike": 1.2}, 0.1, "between 0 and 1"),
        ({"usual": 0.7, "foretold": 1.0}, 0.1, r"in \[0, 1\)"),
    ],
)
def test_what_cannot_be_planned_is_refused(
    figure: dict[str, float], effect: float, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        needed(Figure(**figure), effect)


def test_a_plan_needs_two_arms_of_which_one_is_the_control() -> None:
    with pytest.raises(InputError, match="no arm is called 'nobody'"):
        needed(Figure(0.7), 0.1, control="nobody")
    with pytest.raises(InputError, match="at least two arms"):
        needed(Figure(0.7), 0.1, weights={"old": 1.0})
