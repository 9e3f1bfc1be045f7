"""Chance: independent of company and order, uniform, and its probabilities exactly known."""

import json
from collections import Counter
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_world import (
    AS_OF,
    at,
    contact,
    customer,
    days,
    event,
    invoice,
    left,
    policy_of,
    world,
)
from tenor.engine.policy.explore import (
    count_allowed,
    draw_allowed,
    eligible,
    explored,
    open_to_chance,
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


def test_what_may_be_tried_is_said_in_ranges() -> None:
    said = [json.loads(text) for text in eligible(small(), np.arange(3)).to_list()]
    mail = {"days": "0-2", "tones": ["firm", "friendly"], "hours": "8-9"}
    call = {"days": "0-1", "tones": ["firm"], "hours": "9-10"}
    assert said[0] == {"channels": {"call": call, "email": mail}, "from": [0, 8]}
    # Contacted a few days ago: from nine o'clock on the second day. On hold: nothing at all.
    assert said[1] == {"channels": {"email": mail | {"days": "1-2"}}, "from": [1, 9]}
    assert said[2]["channels"] == {}


def test_what_may_be_tried_names_the_very_actions_that_are_drawn() -> None:
    """Read the text back and count its actions, the slow way."""
    found = small()
    for row, text in enumerate(eligible(found, np.arange(3)).to_list()):
        said = json.loads(text)
        begin = tuple(said["from"])
        count = sum(
            len(channel["tones"]) * ((day, hour) >= begin)
            for channel in said["channels"].values()
            for day in numbers_of(channel["days"])
            for hour in numbers_of(channel["hours"])
        )
        assert count == count_allowed(found)[row]


def numbers_of(ranges: str) -> list[int]:
    ends = [[int(end) for end in part.split("-")] for part in ranges.split(",")]
    return [n for end in ends for n in range(end[0], end[-1] + 1)]


@pytest.mark.parametrize(("named", "open_"), [("", {"email"}), ('"email"', {"email"})])
def test_a_channel_with_a_capacity_is_tried_only_where_it_is_named(
    named: str, open_: set[str]
) -> None:
    bounded = SMALL.replace("[channels.call]", "[channels.call]\ncapacity_per_day = 1")
    policy = policy_of(f"[exploration]\nchannels = [{named}]\n", channels=bounded)
    tables = world(customers=[customer()], invoices=[invoice()])
    chancy = open_to_chance(left(tables, policy), policy)
    assert {c for c in chancy.grid.channels if days(chancy, c)} == open_


@pytest.mark.parametrize(
    "said",
    [
        event("hold_started", "2026-05-05", code="VULNERABLE"),
        event("hold_started", "2026-05-05", code="OBJECTION_21"),
        event("hold_started", "2026-05-05", invoice="I1"),
        event("disputed", "2026-05-05", invoice="I1"),
    ],
)
def test_nothing_is_tried_with_the_vulnerable_the_disputing_the_held_and_who_object(
    said: dict[str, Any],
) -> None:
    """Two invoices, the event about the first: the other may be asked for, but not by chance."""
    policy = parse_policy("[channels.email]\n[channels.sms]\n")
    found = left(world(said, invoices=[invoice("I1"), invoice("I2", due="2026-05-02")]), policy)
    assert found.may_contact.tolist() == [True]
    chancy = open_to_chance(found, policy)
    assert shares(chancy, Exploration(share=1.0)).tolist() == [0.0]
    free = left(world(invoices=[invoice("I1"), invoice("I2", due="2026-05-02")]), policy)
    assert shares(open_to_chance(free, policy), Exploration(share=1.0)).tolist() == [1.0]


def test_the_moment_is_the_same_in_whatever_zone_it_is_told() -> None:
    local = at("2026-05-11").astimezone(ZoneInfo("Europe/Amsterdam"))
    here = uniforms(MANY.head(5), seed=0, as_of=local, purpose="explore")
    assert (here == numbers(MANY.head(5))).all()
