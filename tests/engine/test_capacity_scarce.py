"""Where room is scarce, nearly the best assignment is found."""

import numpy as np
import pytest

from engine.test_capacity import MAIL, best_total, days_of, random_gain, total, week_of
from tenor.engine.policy.capacity import Bound, assign


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("count", "channels", "bounds"),
    [
        pytest.param(250, 3, [*days_of(8, 7), week_of(30, 7)], id="a day and a week"),
        pytest.param(250, 1, days_of(5, 7), id="only calls"),
        pytest.param(1000, 1, days_of(10, 14), id="only calls, two weeks"),
        pytest.param(250, 3, days_of(4, 7), id="few calls"),
        pytest.param(250, 2, [*days_of(4, 7), *days_of(9, 7, MAIL)], id="two channels"),
    ],
)
def test_nearly_the_best_assignment_is_found_where_room_is_scarce(
    count: int, channels: int, bounds: list[Bound], seed: int
) -> None:
    gain = random_gain(seed, count, channels, max(bounds[-1].days) + 1)
    choice, _ = assign(gain, bounds)
    assert total(gain, choice) >= 0.99 * best_total(gain, bounds)


def test_nobody_is_assigned_nothing() -> None:
    assert assign(np.zeros((0, 2, 3)), days_of(1, 3))[0].tolist() == []
