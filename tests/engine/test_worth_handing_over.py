"""Near the day of handing over, and beyond the days weighed, plans keep their worth.

A contact shortly before the hand-over must not seem to put it off.
"""

from dataclasses import replace

import numpy as np
import pytest

from engine.test_worth import assert_best_of_all_plans, many, slow
from tenor.engine.policy.worth import weigh


@pytest.mark.parametrize("days_left", [1, 3, 6, 10])
def test_a_contact_that_does_nothing_gains_nothing_shortly_before_the_hand_over(
    days_left: int,
) -> None:
    claims, reach = many(days_left=days_left)
    never, plans = weigh(claims, replace(reach, strength=np.zeros_like(reach.strength)))
    assert plans == pytest.approx(np.broadcast_to(never[:, None, None], plans.shape), rel=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_the_best_plan_is_found_shortly_before_the_hand_over(seed: int) -> None:
    assert_best_of_all_plans(slow(seed, gap=4, days_left=9, days=7))


def test_a_horizon_longer_than_the_days_weighed_works() -> None:
    claims, reach = many(days=40)
    never, plans = weigh(claims, reach)
    assert plans.shape == (40, 2, 40)
    assert np.isfinite(plans).all()
    assert np.isfinite(never).all()
