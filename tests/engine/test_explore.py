"""Chance: independent of company and order, uniform, and its probabilities exactly known."""

from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_world import AS_OF, at, contact, customer, event, invoice, left, policy_of, world
from tenor.engine.policy.explore import (
    count_allowed,
    draw_allowed,
    explored,
    propensity,
    shares,
    uniforms,
)
from tenor.engine.policy.permitted import Permitted
from tenor.engine.policy.policyfile import parse_policy
from tenor.engine.policy.sections import Exploration

MANY = pl.Series([f"C{i}" for i in range(50_000)])

# Two channels with tones and hours of their own, three days: few cells, so that all are seen.
SMALL = """
[channels.call]
tones = ["firm"]
hours = "09:00-11:00"
days = "Mon-Tue"
[channels.email]
tones = ["friendly", "firm"]
hours = "08:00-10:00"
[decision]
horizon_days = 3
"""


def small() -> Permitted:
    """Make three customers: a free one, one contacted lately, one who may not be contacted."""
    tables = world(
        event("hold_started", "2026-05-01", customer="C3"),
        event("opted_out", "2026-05-01", customer="C2", channel="call"),
        customers=[customer("C1"), customer("C2"), customer("C3")],
        invoices=[invoice("I1", "C1"), invoice("I2", "C2", amount="300"), invoice("I3", "C3")],
        # Local 08:30 on day 1, so the second slot of the third axis is the first one left there.
        contacts=[contact("2026-05-08 06:30", customer="C2")],
    )
    return left(tables, policy_of(channels=SMALL))


def numbers(ids: pl.Series, seed: int = 0, purpose: str = "explore") -> np.ndarray:
    return uniforms(ids, seed=seed, as_of=AS_OF, purpose=purpose)


def test_the_numbers_are_uniform_and_differ_by_seed_purpose_and_moment() -> None:
    drawn = numbers(MANY)
    assert drawn.min() >= 0
    assert drawn.max() < 1
    counts, _ = np.histogram(drawn, bins=50, range=(0, 1))
    # 49 degrees of freedom: beyond 95 once in ten thousand times.
    assert ((counts - 1000) ** 2 / 1000).sum() < 95
    later = uniforms(MANY, seed=0, as_of=AS_OF + timedelta(days=1), purpose="explore")
    for other in (numbers(MANY, seed=1), numbers(MANY, purpose="draw"), later):
        assert abs(np.corrcoef(drawn, other)[0, 1]) < 0.02
        assert not (drawn == other).any()


def test_a_number_is_known_forever() -> None:
    # Decisions made today must be replayed years on: the hash may never change.
    assert numbers(pl.Series(["C1"]))[0] == 0.626634750514923


@settings(deadline=None)
@given(st.permutations(range(20)), st.integers(0, 19))
def test_a_number_depends_neither_on_order_nor_on_others(order: list[int], few: int) -> None:
    ids = MANY.head(20)
    all_of_them = numbers(ids)
    assert (numbers(ids.gather(order)) == all_of_them[order]).all()
    assert (numbers(ids.head(few)) == all_of_them[:few]).all()


def test_the_share_of_explored_customers_is_the_policys() -> None:
    chosen = explored(MANY, share=0.01, seed=4, as_of=AS_OF)
    assert 430 < chosen.sum() < 570
    assert not explored(MANY, share=0.0, seed=4, as_of=AS_OF).any()
    assert explored(MANY, share=1.0, seed=4, as_of=AS_OF).all()
    # A larger share explores the same customers and more.
    assert (explored(MANY, share=0.05, seed=4, as_of=AS_OF) >= chosen).all()


def test_only_who_may_be_contacted_and_owes_little_enough_is_explored_with() -> None:
    found = small()
    assert shares(found, Exploration(share=0.2)).tolist() == [0.2, 0.2, 0.0]
    below = parse_policy("[exploration]\nshare = 0.2\namount_below = 300").exploration
    assert shares(found, below).tolist() == [0.2, 0.0, 0.0]


def test_the_allowed_actions_are_counted_without_listing_them() -> None:
    found = small()
    # C1: two days x two hours of one tone by telephone, three days x two hours x two tones by mail.
    # C2: only mail, on day 1 from nine o'clock and on day 2.
    assert count_allowed(found).tolist() == [4 + 12, 2 + 4, 0]
    assert count_allowed(found).tolist() == listed(found).sum(axis=(1, 2, 3, 4)).tolist()


def listed(found: Permitted) -> np.ndarray:
    """List every allowed cell, channel x tone x day x slot, the slow way."""
    slots = found.slots(np.arange(found.customers.height))
    return slots[:, :, None] & found.grid.tone_ok[None, :, :, None, None]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 72))
def test_what_is_drawn_is_allowed_and_the_count_is_right(seed: int, hours: int) -> None:
    tables = world(
        event("bounced", "2026-05-01", customer="C2", channel="email"),
        customers=[customer("C1", "US"), customer("C2", "JP"), customer("C3")],
        invoices=[invoice(f"I{n}", f"C{n}", due=f"2026-05-{10 + n}") for n in (1, 2, 3)],
        contacts=[contact("2026-05-08 06:30", customer="C3")],
    )
    found = left(tables, as_of=AS_OF + timedelta(hours=hours))
    cells = listed(found)
    assert count_allowed(found).tolist() == cells.sum(axis=(1, 2, 3, 4)).tolist()
    rows = np.array([2, 0, 1])
    drawn = draw_allowed(found, rows, seed=seed)
    for row, action in zip(rows, drawn, strict=True):
        assert cells[row][tuple(action)] if cells[row].any() else (action == -1).all()


def test_a_draw_does_not_depend_on_who_else_draws() -> None:
    found = small()
    both = draw_allowed(found, np.array([0, 1, 2]), seed=5)
    assert (draw_allowed(found, np.array([1]), seed=5)[0] == both[1]).all()
    assert both[2].tolist() == [-1, -1, -1, -1]
    assert draw_allowed(found, np.array([], dtype=np.int64), seed=5).shape == (0, 4)


@pytest.mark.parametrize(("row", "number"), [(0, 16), (1, 6)])
def test_every_allowed_action_is_drawn_equally_often(row: int, number: int) -> None:
    found = small()
    draws = Counter(
        tuple(draw_allowed(found, np.array([row]), seed=seed)[0].tolist())
        for seed in range(100 * number)
    )
    cells = {tuple(cell) for cell in np.argwhere(listed(found)[row]).tolist()}
    assert len(cells) == number
    assert set(draws) == cells
    # 100 each expected; 15 degrees of freedom: beyond 45 once in ten thousand times.
    assert sum((n - 100) ** 2 / 100 for n in draws.values()) < 45


@pytest.mark.parametrize("best", [(1, 0, 2, 1), None])
def test_decisions_come_about_as_often_as_their_propensity_says(
    best: tuple[int, int, int, int] | None,
) -> None:
    """Decide 3,000 times with different seeds: `best`, or wait, unless the customer is explored."""
    found, share, rounds = small(), 0.4, 3_000
    made: Counter[tuple[int, ...] | None] = Counter()
    ids = found.customers["customer_id"].head(1)
    for seed in range(rounds):
        by_chance = explored(ids, share=share, seed=seed, as_of=AS_OF)[0]
        drawn = draw_allowed(found, np.array([0]), seed=seed)[0].tolist()
        made[tuple(drawn) if by_chance else best] += 1
    every = [*(tuple(cell) for cell in np.argwhere(listed(found)[0]).tolist()), None]
    chances = propensity(
        share=np.full(17, share),
        allowed=np.full(17, 16),
        greedy=np.array([action == best for action in every]),
        contact=np.array([action is not None for action in every]),
    )
    assert chances.sum() == pytest.approx(1.0, abs=1e-12)
    for action, chance in zip(every, chances, strict=True):
        deviation = np.sqrt(rounds * chance * (1 - chance))
        assert abs(made[action] - rounds * chance) <= 4 * deviation


def test_without_exploration_a_decision_is_certain() -> None:
    chances = propensity(
        share=np.array([0.0, 0.0, 0.2]),
        allowed=np.array([16, 16, 0]),
        greedy=np.array([True, True, True]),
        contact=np.array([True, False, False]),
    )
    assert chances.tolist() == [1.0, 1.0, 1.0]


def test_the_propensities_of_chosen_drawn_and_waiting() -> None:
    chances = propensity(
        share=np.full(4, 0.2),
        allowed=np.full(4, 16),
        greedy=np.array([True, False, True, False]),
        contact=np.array([True, True, False, False]),
    )
    assert chances.tolist() == pytest.approx([0.8 + 0.2 / 16, 0.2 / 16, 0.8, 0.0])


def test_the_moment_is_the_same_in_whatever_zone_it_is_told() -> None:
    local = at("2026-05-11").astimezone(ZoneInfo("Europe/Amsterdam"))
    here = uniforms(MANY.head(5), seed=0, as_of=local, purpose="explore")
    assert (here == numbers(MANY.head(5))).all()
