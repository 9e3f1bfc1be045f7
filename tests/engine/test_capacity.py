"""Scarce time: never beyond a bound, nearly the best that could be, and where it changes most."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

from policy_world import policy_of
from tenor.engine.policy.capacity import Bound, assign, bounds_of

Array = NDArray[np.float64]
CALL, MAIL = 0, 1


def days_of(room: int, days: int, channel: int = CALL) -> list[Bound]:
    return [Bound(channel, (d,), room) for d in range(days)]


def week_of(room: int, days: int, channel: int = CALL) -> Bound:
    return Bound(channel, tuple(range(days)), room)


def total(gain: Array, choice: NDArray[np.int_]) -> float:
    flat = gain.reshape(len(gain), -1)
    return float(sum(flat[row, cell] for row, cell in enumerate(choice) if cell >= 0))


def used(choice: NDArray[np.int_], bound: Bound, days: int) -> int:
    cells = {bound.channel * days + d for d in bound.days}
    return sum(int(c) in cells for c in choice)


def best_total(gain: Array, bounds: list[Bound]) -> float:
    """The most that any assignment gains: a linear programme whose corners are whole numbers."""
    count, _, days = gain.shape
    flat = gain.reshape(count, -1)
    row, cell = np.nonzero(np.isfinite(flat) & (flat > 0))
    lines, columns = [row], [np.arange(len(row))]
    for number, bound in enumerate(bounds):
        inside = np.isin(cell, [bound.channel * days + d for d in bound.days])
        columns.append(np.flatnonzero(inside))
        lines.append(np.full(inside.sum(), count + number))
    places = (np.concatenate(lines), np.concatenate(columns))
    matrix = csr_array((np.ones(len(places[0])), places), (count + len(bounds), len(row)))
    most = np.concatenate([np.ones(count), [b.room for b in bounds]])
    solved = linprog(-flat[row, cell], A_ub=matrix, b_ub=most, bounds=(0, 1), method="highs")
    assert solved.status == 0
    return -float(solved.fun)


def random_gain(seed: int, count: int, channels: int, days: int) -> Array:
    """Gains alike within a person, with some cells forbidden and some not worth it."""
    rng = np.random.default_rng(seed)
    gain = rng.gamma(1.5, 10.0, (count, 1, 1)) * rng.uniform(0.3, 1.0, (count, channels, days))
    gain[:, 1:] -= rng.uniform(5.0, 15.0, (1, channels - 1, 1))
    return np.where(rng.random(gain.shape) < 0.1, -np.inf, gain)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(1, 40),
    st.integers(1, 3),
    st.integers(1, 9),
    st.data(),
)
def test_no_bound_is_ever_exceeded(
    seed: int, count: int, channels: int, days: int, data: st.DataObject
) -> None:
    gain = random_gain(seed, count, channels, days)
    bounds = []
    for channel in range(channels):
        if data.draw(st.booleans()):
            bounds += days_of(data.draw(st.integers(0, 4)), days, channel)
        if data.draw(st.booleans()):
            bounds.append(week_of(data.draw(st.integers(0, 6)), days, channel))
    choice, prices = assign(gain, bounds)
    flat = gain.reshape(count, -1)
    for bound in bounds:
        assert used(choice, bound, days) <= bound.room
    for row, cell in enumerate(choice):
        assert cell == -1 or flat[row, cell] > 0, "worse than waiting, or forbidden"
    assert prices.shape == (channels, days)
    assert (prices >= 0).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_without_bounds_everybody_gets_their_best(seed: int) -> None:
    gain = random_gain(seed, 50, 2, 4)
    choice, prices = assign(gain, [])
    flat = gain.reshape(50, -1)
    assert (choice == np.where(flat.max(axis=1) > 0, flat.argmax(axis=1), -1)).all()
    assert (prices == 0).all()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "bounds",
    [
        pytest.param([week_of(40, 7)], id="a week"),
        pytest.param(days_of(20, 7), id="a day"),
    ],
)
def test_nearly_the_best_assignment_is_found(bounds: list[Bound], seed: int) -> None:
    gain = random_gain(seed, 250, 3, 7)
    choice, _ = assign(gain, bounds)
    assert total(gain, choice) >= 0.995 * best_total(gain, bounds)
    assert used(choice, bounds[-1], 7) == bounds[-1].room


def test_enough_room_is_given_to_all_who_want_it() -> None:
    gain = random_gain(1, 60, 2, 5)
    free, _ = assign(gain, [])
    bounded, prices = assign(gain, days_of(60, 5))
    assert (free == bounded).all()
    assert (prices == 0).all()


def test_no_room_is_no_contact_but_by_other_channels() -> None:
    gain = np.array([[[9.0, 8.0], [1.0, 2.0]], [[5.0, 6.0], [-1.0, -np.inf]]])
    choice, _ = assign(gain, days_of(0, 2))
    # The first writes instead, on the second day; to the second writing is not worth it.
    assert choice.tolist() == [3, -1]


def test_a_call_goes_where_it_changes_most() -> None:
    # By telephone each would bring: 20, 18, 15. But the first two answer to a letter as well.
    gain = np.array([[[20.0], [19.0]], [[18.0], [12.0]], [[15.0], [1.0]]])
    choice, prices = assign(gain, days_of(1, 1))
    assert choice.tolist() == [MAIL, MAIL, CALL]
    # A second call would be worth 6: what the second would gain over the letter.
    assert prices[CALL, 0] == pytest.approx(6.0, abs=1e-2)
    choice, _ = assign(gain, days_of(2, 1))
    assert choice.tolist() == [MAIL, CALL, CALL]


def test_who_can_wait_for_a_day_with_room_waits() -> None:
    gain = np.array([[[10.0, 9.9]], [[10.0, 2.0]]])
    choice, _ = assign(gain, days_of(1, 2))
    assert choice.tolist() == [1, 0]


def test_a_call_never_goes_to_somebody_to_whom_it_is_worth_nothing() -> None:
    gain = np.array([[[-0.5]], [[0.0]], [[0.01]]])
    choice, _ = assign(gain, days_of(2, 1))
    assert choice.tolist() == [-1, -1, 0]


def test_equals_are_served_in_order_and_only_as_many_as_there_is_room_for() -> None:
    choice, _ = assign(np.full((10, 1, 1), 3.0), days_of(4, 1))
    assert choice.tolist() == [0] * 4 + [-1] * 6


def test_nothing_to_assign_is_no_contact() -> None:
    assert assign(np.zeros((2, 0, 3)), [])[0].tolist() == [-1, -1]
    assert assign(np.full((2, 1, 1), -np.inf), days_of(1, 1))[0].tolist() == [-1, -1]


# Bounds of a policy

BOUNDED = """
[channels.call]
capacity_per_day = 4
capacity_per_week = 10
[channels.email]
[channels.letter]
capacity_per_week = 3
"""


def test_a_policy_bounds_every_day_and_every_seven_days() -> None:
    bounds = bounds_of(policy_of(channels=BOUNDED), 9, {})
    assert [b for b in bounds if len(b.days) == 1] == [Bound(0, (d,), 4) for d in range(9)]
    weeks = [(b.channel, b.days, b.room) for b in bounds if len(b.days) > 1]
    assert weeks == [
        (0, tuple(range(7)), 10),
        (0, (7, 8), 10),
        (2, tuple(range(7)), 3),
        (2, (7, 8), 3),
    ]


def test_what_went_out_today_is_taken_off_today_and_this_week() -> None:
    bounds = bounds_of(policy_of(channels=BOUNDED), 9, {"call": 3, "letter": 5, "email": 9})
    assert [b.room for b in bounds if b.channel == 0 and len(b.days) == 1] == [1] + [4] * 8
    assert [b.room for b in bounds if b.channel == 0 and len(b.days) > 1] == [7, 10]
    assert [b.room for b in bounds if b.channel == 2] == [0, 3]
    assert not [b for b in bounds if b.channel == 1]
