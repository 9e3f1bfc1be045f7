"""Every decision's probability, checked against a list of all actions and against what happens."""

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime
from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest

from engine.test_decide import EAGER, NOTHING_AT_STAKE, portfolio
from policy_world import AS_OF, contact, customer, event, invoice, left, policy_of, world
from tenor.engine.decision import decide
from tenor.engine.frames import Tables
from tenor.engine.policy.beliefs import TRUTHS, possible_truths
from tenor.engine.policy.mixture import FACTORS, Mixture
from tenor.engine.policy.policyfile import Policy, parse_policy
from tenor.engine.predictors.model import Model
from worlds import policy_of as simulated_policy

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
TINY_GRID = """
[decision]
horizon_days = 2
[channels.email]
tones = ["friendly", "firm"]
hours = "10:00-12:00"
[channels.sms]
tones = ["friendly"]
hours = "10:00-11:00"
"""
WAIT = (-1, -1, -1, -1)
Action = tuple[int, ...]


def listed(mixture: Mixture, row: int) -> dict[Action, float]:
    """The probability of every action of a customer, worked out one by one from the definition."""
    chancy = mixture.chancy
    grid, share = chancy.grid, mixture.share[row]
    rows = np.array([row])
    slots, tones = chancy.slots(rows)[0], chancy.tones(rows)[0]
    open_ = [
        (c, t, d, h)
        for c, t, d, h in product(*(range(n) for n in grid.shape))
        if slots[c, d, h] and tones[c, t]
    ]
    chance: Counter[Action] = Counter()
    chance[tuple(mixture.best[row].tolist())] += 1.0 - share
    for action in open_:
        chance[action] += share * (1.0 - mixture.drawn) / len(open_)
    for choice in mixture.chosen[:, row].tolist():
        chance[tuple(choice)] += share * mixture.drawn / len(mixture.chosen)
    return dict(chance)


@pytest.fixture(scope="module")
def mixture() -> Mixture:
    """Two customers, the second contacted lately; truths that choose this and that, or nothing."""
    tables = world(
        event("opted_out", "2026-05-01", customer="C2", channel="call"),
        customers=[customer("C1"), customer("C2")],
        invoices=[invoice("I1", "C1"), invoice("I2", "C2")],
        contacts=[contact("2026-05-08 06:30", customer="C2")],
    )
    chancy = left(tables, policy_of(channels=SMALL))
    first = [(1, 0, 2, 1), (0, 1, 0, 1), WAIT, (1, 0, 2, 1)]
    second = [(1, 1, 2, 0), WAIT, (1, 0, 2, 0), (1, 0, 1, 1)]
    chosen = np.array([first, second]).transpose(1, 0, 2)
    best = np.array([(1, 0, 2, 1), WAIT])
    return Mixture(best, np.array([0.3, 0.6]), 0.4, chosen, chancy)


@pytest.mark.parametrize("row", [0, 1])
def test_the_probabilities_of_all_actions_and_waiting_sum_to_one(
    mixture: Mixture, row: int
) -> None:
    chances = listed(mixture, row)
    found = {
        action: mixture.probability(np.array([action] * 2))[row] for action in [*chances, WAIT]
    }
    assert sum(found.values()) == pytest.approx(1.0, abs=1e-12)
    for action, chance in found.items():
        assert chance == pytest.approx(chances.get(action, 0.0), abs=1e-12), action


@pytest.mark.parametrize("row", [0, 1])
def test_a_factors_probability_is_that_of_all_actions_that_share_it(
    mixture: Mixture, row: int
) -> None:
    chances = listed(mixture, row)
    for action in chances:
        found = mixture.factors(np.array([action] * 2))
        for name, columns in FACTORS.items():
            alike = sum(
                chance
                for other, chance in chances.items()
                if all(other[c] == action[c] for c in columns)
            )
            assert found[name][row] == pytest.approx(alike, abs=1e-12), (name, action)


def test_what_cannot_be_tried_has_no_chance(mixture: Mixture) -> None:
    # The second customer opted out of calls, and was contacted too lately for the first day.
    for action in [(0, 1, 1, 1), (1, 0, 0, 0), (1, 0, 1, 0)]:
        assert mixture.probability(np.array([action] * 2))[1] == 0.0


# What happens is what the probabilities say


def rows_of(tables: Tables, model: Model, policy: Policy, seed: int = 0) -> list[dict[str, Any]]:
    return decide(tables, as_of=AS_OF, model=model, policy=policy, seed=seed).to_dicts()


@pytest.mark.parametrize("verdict", ["contact", "wait"])
def test_decisions_come_as_often_as_their_probability_says(model: Model, verdict: str) -> None:
    """Customers alike in all but the name, over several seeds; half of chance are draws."""
    text = EAGER.replace("share = 0", "share = 0.6\ntemper = 3")
    if verdict == "wait":
        text = NOTHING_AT_STAKE + text[text.index("[exploration]") :]
    policy = parse_policy(text + TINY_GRID)
    tables = portfolio(400)
    rows = [row for seed in range(4) for row in rows_of(tables, model, policy, seed)]
    seen: Counter[tuple[Any, ...]] = Counter()
    chance: dict[tuple[Any, ...], float] = {}
    for row in rows:
        action = row["channel"], row["tone"], row["send_at"]
        seen[action] += 1
        # The same for everybody and every seed, to the last digit.
        assert chance.setdefault(action, row["propensity"]) == row["propensity"]
    assert sum(chance.values()) == pytest.approx(1.0)
    for action, share in chance.items():
        deviation = (len(rows) * share * (1 - share)) ** 0.5
        assert abs(seen[action] - len(rows) * share) < 4 * deviation, action
    assert {row["explored_by"] for row in rows} == {None, "uniform", "draw"}
    alone = [row for row in rows if row["explored"] and row["verdict"] == "wait"]
    text = "left alone by chance, so that what contacts do can be learned"
    assert all(text in row["reasons"] for row in alone)
    assert alone or verdict == "contact"


def test_factors_come_as_often_as_their_probability_says(model: Model) -> None:
    policy = parse_policy(EAGER.replace("share = 0", "share = 0.6\ntemper = 3") + TINY_GRID)
    rows = rows_of(portfolio(1200), model, policy)
    parts = {"channel": ("channel",), "tone": ("tone",), "time": ("send_at",)}
    for name, columns in parts.items():
        seen = Counter(tuple(row[c] for c in columns) for row in rows)
        chance = {tuple(r[c] for c in columns): r[f"propensity_{name}"] for r in rows}
        assert sum(chance.values()) == pytest.approx(1.0)
        for part, share in chance.items():
            deviation = (share * (1 - share) / len(rows)) ** 0.5
            assert abs(seen[part] / len(rows) - share) < 4 * deviation + 1e-12, (name, part)


def test_without_draws_all_is_even_and_without_the_even_part_only_truths_choose(
    model: Model,
) -> None:
    text = EAGER.replace("share = 0", "share = 1\ndraws = {}\ntemper = 3") + TINY_GRID
    even = rows_of(portfolio(60), model, parse_policy(text.format(0)))
    assert {row["explored_by"] for row in even} == {"uniform"}
    assert [row["propensity"] for row in even] == pytest.approx([1 / 10] * 60)
    drawn = rows_of(portfolio(60), model, parse_policy(text.format(1)))
    assert {row["explored_by"] for row in drawn} == {"draw"}
    # One of so many truths chose: a whole number of them.
    assert all(row["propensity"] * TRUTHS == pytest.approx(round(row["propensity"] * TRUTHS))
               for row in drawn)  # fmt: skip


def test_cold_draws_are_the_best_choice(model: Model, tables: Tables, as_of: datetime) -> None:
    """Without any straying, what a possible truth chooses is what is held best."""
    cold = simulated_policy("[exploration]\nshare = 1\ndraws = 1\ntemper = 0\n")
    best = simulated_policy("[exploration]\nshare = 0\n")
    drawn = decide(tables, as_of=as_of, model=model, policy=cold)
    usual = decide(tables, as_of=as_of, model=model, policy=best)
    same = ["channel", "tone", "send_at", "value", "p_paid"]
    assert drawn.select(same).equals(usual.select(same))
    assert (drawn["propensity"] == 1.0).all()
    assert drawn["expected_loss"].max() == pytest.approx(0.0, abs=1e-6)


def test_possible_truths_spread_as_far_as_is_unknown(model: Model, as_of: datetime) -> None:
    effect = model.effect
    many = np.concatenate(
        [possible_truths(effect, as_of.replace(hour=h, minute=m), 1.0) - effect.mean
         for h in range(24) for m in range(0, 60, 10)]
    )  # fmt: skip
    columns = slice(effect.calendar.count, None)
    covariance = np.linalg.inv(effect.factor @ effect.factor.T)[columns, columns]
    variance = many[:, columns].var(axis=0)
    assert variance == pytest.approx(np.diag(covariance), rel=0.2)
    assert (many[:, : effect.calendar.count] == 0.0).all()
    half = possible_truths(effect, as_of, 0.5) - effect.mean
    assert half == pytest.approx(0.5 * (possible_truths(effect, as_of, 1.0) - effect.mean))


# What it costs


def test_exploring_costs_no_more_a_day_than_the_price(
    model: Model, tables: Tables, as_of: datetime
) -> None:
    def day(text: str) -> pl.DataFrame:
        policy = simulated_policy(f"[exploration]\nshare = 0.2\n{text}")
        return decide(tables, as_of=as_of, model=model, policy=policy)

    free, priced = day(""), day("price_per_day = 3.0\n")
    assert free["expected_loss"].sum() > 4.0
    assert priced["expected_loss"].sum() == pytest.approx(3.0, abs=1e-3)
    # All shares are smaller by the same part.
    some = free["expected_loss"] > 0.01
    ratio = (priced["expected_loss"] / free["expected_loss"]).filter(some)
    assert ratio.std() == pytest.approx(0.0, abs=1e-3)
    assert (priced["explored"] <= free["explored"]).all()
    assert day("price_per_day = 1000.0\n").equals(
        free.with_columns(
            decision_id=day("price_per_day = 1000.0\n")["decision_id"],
            policy_version=day("price_per_day = 1000.0\n")["policy_version"],
        )
    )
    nothing = day("price_per_day = 0.0\n")
    assert (nothing["propensity"] == 1.0).all()


def test_the_expected_loss_is_what_is_lost_on_average(model: Model) -> None:
    """Everybody is explored: value forgone, averaged over draws, against what was foretold."""
    best = rows_of(portfolio(1), model, parse_policy(EAGER + TINY_GRID))[0]["value"]
    text = EAGER.replace("share = 0", "share = 1\ndraws = 0") + TINY_GRID
    rows = rows_of(portfolio(600), model, parse_policy(text))
    lost = [best - row["value"] for row in rows]
    assert np.mean(lost) == pytest.approx(rows[0]["expected_loss"], rel=0.25)
    assert rows[0]["expected_loss"] > 0


def test_what_could_be_tried_is_said_and_nothing_where_nothing_could(model: Model) -> None:
    tables = portfolio(3, event("hold_started", "2026-05-01", customer="C001"))
    some = parse_policy(EAGER.replace("share = 0", "share = 0.1") + TINY_GRID)
    found = rows_of(tables, model, some)
    assert json.loads(found[0]["eligible"])["channels"]["sms"] == {
        "days": "0-1",
        "tones": ["friendly"],
        "hours": "10",
    }
    assert found[1]["eligible"] is None
    nobody = replace(some, exploration=replace(some.exploration, share=0.0))
    for row in rows_of(tables, model, nobody):
        assert row["eligible"] is None
        chances = [row[f"propensity_{name}"] for name in FACTORS]
        assert [row["propensity"], *chances, row["expected_loss"]] == [1.0, 1.0, 1.0, 1.0, 0.0]


# People's time

CALLS = """
[decision]
horizon_days = 2
[channels.email]
tones = ["friendly"]
hours = "10:00-11:00"
[channels.call]
tones = ["friendly", "firm"]
hours = "10:00-12:00"
cost = 9999
capacity_per_day = {}
"""


def calling(room: int, more: str = "") -> Policy:
    """Calls are dear, so that nobody is called but to try; half of everybody is tried with."""
    text = EAGER.replace(
        "share = 0", f'share = 0.5\ndraws = 0\nchannels = ["call", "email"]\n{more}'
    )
    return parse_policy(text + CALLS.format(room))


def days_of(model: Model, policy: Policy, count: int, days: int) -> list[dict[str, Any]]:
    """What is decided about so many alike customers on so many moments of one day."""
    return [
        row
        for minute in range(days)
        for row in decide(
            portfolio(count),
            as_of=AS_OF.replace(minute=minute),
            model=model,
            policy=policy,
            seed=minute,
        ).to_dicts()
    ]


@pytest.mark.parametrize("room", [1, 7])
def test_tried_calls_keep_to_the_room_there_is(model: Model, room: int) -> None:
    for row_set in (days_of(model, calling(room), 90, 4),):
        calls = Counter(
            (r["decided_at"], r["send_at"].date()) for r in row_set if r["channel"] == "call"
        )
        assert 0 < max(calls.values()) <= room
        called = [r for r in row_set if r["channel"] == "call"]
        assert {r["explored_by"] for r in called} == {"uniform"}
        assert all(0 < r["propensity"] < 0.5 for r in called)


def test_calls_are_tried_as_often_as_their_probability_says(model: Model) -> None:
    """The same moment over many seeds: each customer's chance of a call, against how often it came.

    All the calls of a day together come to a whole number, the same with every seed.
    """
    policy, seeds = calling(7), 60
    tables = portfolio(40)
    called: Counter[str] = Counter()
    totals, chance = set(), {}
    for seed in range(seeds):
        rows = rows_of(tables, model, policy, seed)
        mine = [r for r in rows if r["channel"] == "call"]
        totals.add(len(mine))
        called.update(r["customer_id"] for r in mine)
        for r in mine:
            # Two tones in each of two hours, alike: four times this very way.
            chance.setdefault(r["customer_id"], 4 * r["propensity"])
            assert r["propensity_channel"] == pytest.approx(4 * r["propensity"])
            assert r["propensity_tone"] >= 2 * r["propensity"]
    assert len(totals) <= 2
    assert sum(chance.values()) == pytest.approx(np.mean([max(totals), min(totals)]), abs=1.01)
    for key, share in chance.items():
        deviation = (seeds * share * (1 - share)) ** 0.5
        assert abs(called[key] - seeds * share) < 4 * deviation, key


def test_over_days_as_many_calls_are_tried_as_the_share_asks_for(model: Model) -> None:
    # Of eight calls and two e-mails that each could get, four in five ways are calls.
    rows = days_of(model, calling(1000), 60, 12)
    calls = sum(row["channel"] == "call" for row in rows)
    assert calls / len(rows) == pytest.approx(0.5 * 0.8, abs=0.05)
    mails = sum(row["explored_by"] is not None and row["channel"] == "email" for row in rows)
    assert mails / len(rows) == pytest.approx(0.5 * 0.2, abs=0.05)


def test_a_channel_with_a_capacity_that_is_not_named_is_never_tried(model: Model) -> None:
    text = EAGER.replace("share = 0", "share = 0.5\ndraws = 0")
    rows = days_of(model, parse_policy(text + CALLS.format(5)), 60, 2)
    assert not [row for row in rows if row["channel"] == "call"]


def test_scarce_trying_too_keeps_to_the_price(model: Model) -> None:
    free = rows_of(portfolio(60), model, calling(20))
    priced = rows_of(portfolio(60), model, calling(20, "price_per_day = 500"))
    assert sum(row["expected_loss"] for row in free) > 1_000
    assert sum(row["expected_loss"] for row in priced) == pytest.approx(500, abs=0.01)
