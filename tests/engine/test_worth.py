"""The worth of plans: backwards calculation against trying every plan, and what must hold for all.

The slow way goes forward day by day and knows nothing of the fast one: every plan of contacts is
played through, and the cheapest one counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tenor.engine.policy.worth import AHEAD, Claims, Reach, paid_within, weigh

Array = NDArray[np.float64]
Plan = tuple[tuple[int, int], ...]  # (day, channel) of each contact
LAGS = 14


@dataclass(frozen=True)
class Slow:
    """One invoice, the contacts there are, and every plan played through day by day."""

    own: tuple[float, ...]
    day_cost: float
    later_cost: float
    days_left: int
    loss: float
    strength: tuple[tuple[float, ...], ...]
    curves: tuple[tuple[float, ...], ...]
    price: tuple[float, ...]
    gap: int

    def claims(self) -> Claims:
        f = np.float32
        return Claims(
            np.array([self.own], dtype=f),
            np.array([self.day_cost], dtype=f),
            np.array([self.later_cost], dtype=f),
            np.array([self.days_left], dtype=f),
            np.array([self.loss], dtype=f),
        )

    def reach(self) -> Reach:
        curves = np.zeros((len(self.curves), LAGS), dtype=np.float32)
        curves[:, : len(self.curves[0])] = self.curves
        return Reach(
            np.array([self.strength], dtype=np.float32),
            curves,
            np.array([self.price], dtype=np.float32),
            np.ones(len(self.price), dtype=bool),
            self.gap,
        )

    def plans(self, first: int = 0) -> Iterator[Plan]:
        """Every way to contact from day `first` on, with the gap between two contacts."""
        yield ()
        for day in range(first, min(AHEAD, self.days_left)):
            for channel in range(len(self.price)):
                for rest in self.plans(day + self.gap):
                    yield ((day, channel), *rest)

    def cost(self, plan: Plan, *, unpriced: int = 0) -> float:
        """The expected cost of a plan; the first `unpriced` contacts are free."""
        contacts = dict(plan)
        day, still_open, cost = 0, 1.0, 0.0
        while day < AHEAD:
            if day >= self.days_left:
                return cost + still_open * (self.loss + self.day_cost * (AHEAD - day))
            channel = contacts.get(day)
            if channel is not None:
                cost += still_open * self.price[channel] * (plan.index((day, channel)) >= unpriced)
            for lag in range(1 if channel is None else self.gap):
                if day + lag >= self.days_left:
                    break
                still_open *= 1.0 - self.chance(day + lag, channel, day, lag)
                cost += still_open * self.day_cost
            day = min(day + (1 if channel is None else self.gap), max(self.days_left, day + 1))
        return cost + still_open * self.beyond()

    def chance(self, day: int, channel: int | None, sent: int, lag: int) -> float:
        own, added = self.own[day] if day < AHEAD else sum(self.own[-7:]) / 7, 0.0
        if channel is not None:
            known = self.strength[channel]
            usual = sum(known[-7:]) / min(7, len(known))
            strength = known[sent] if sent < len(known) else usual
            curve = self.curves[channel]
            added = 0.01 * strength * (curve[lag] if lag < len(curve) else 0.0)
        intensity = own + added if added >= 0 else own * own / (own - added)
        return float(1.0 - np.exp(-intensity))

    def beyond(self) -> float:
        """The cost after the days weighed, with the last week's chance and no more contact."""
        usual = np.mean([self.chance(d, None, 0, 0) for d in range(AHEAD - 7, AHEAD)])
        cost, still_open = 0.0, 1.0
        for _ in range(max(self.days_left - AHEAD, 0)):
            cost += still_open * self.later_cost
            still_open *= 1.0 - usual
        return float(cost + still_open * self.loss)

    @property
    def days(self) -> int:
        return len(self.strength[0])


def slow(
    seed: int,
    *,
    gap: int,
    days_left: int,
    channels: int = 2,
    days: int = 5,
    lags: int | None = None,
) -> Slow:
    """An invoice drawn at random; contacts act for no longer than the gap, or `lags` days."""
    rng = np.random.default_rng(seed)

    def some(low: float, high: float, *shape: int) -> Array:
        return rng.uniform(low, high, shape).astype(np.float32).astype(np.float64)

    acting = min(gap if lags is None else lags, LAGS)
    return Slow(
        own=tuple(np.exp(some(-5, -1, AHEAD))),
        day_cost=float(some(0, 2, 1)[0]),
        later_cost=float(some(0, 0.5, 1)[0]),
        days_left=days_left,
        loss=float(some(10, 90, 1)[0]),
        strength=tuple(tuple(row) for row in some(-3, 15, channels, days)),
        curves=tuple(tuple(row) for row in some(0, 1, channels, acting)),
        price=tuple(some(0, 6, channels)),
        gap=gap,
    )


def assert_best_of_all_plans(case: Slow) -> None:
    never, plans = weigh(case.claims(), case.reach())
    cheapest: dict[tuple[int, int] | None, float] = {}
    for plan in case.plans():
        first = plan[0] if plan and plan[0][0] < case.days else None
        cost = case.cost(plan, unpriced=0 if first is None else 1)
        cheapest[first] = min(cost, cheapest.get(first, np.inf))
    close = {"rel": 2e-4, "abs": 2e-3}
    assert never[0] == pytest.approx(cheapest[None], **close)
    for day in range(min(case.days, case.days_left)):
        for channel in range(len(case.price)):
            assert plans[0, channel, day] == pytest.approx(cheapest[day, channel], **close)


@pytest.mark.parametrize("seed", range(6))
def test_the_worth_of_a_plan_is_that_of_the_best_of_all_ways_to_go_on(seed: int) -> None:
    assert_best_of_all_plans(slow(seed, gap=9, days_left=60 + seed))


@pytest.mark.parametrize("seed", range(6))
def test_so_it_is_when_the_invoice_is_handed_over_within_days(seed: int) -> None:
    assert_best_of_all_plans(slow(seed, gap=1, days_left=5, days=7))


@pytest.mark.parametrize("days_left", [40, 60, 400])
def test_so_it_is_with_one_channel_and_a_hand_over_later_on(days_left: int) -> None:
    assert_best_of_all_plans(slow(days_left, gap=6, days_left=days_left, channels=1, days=14))


def test_without_looking_ahead_nothing_follows_the_one_contact() -> None:
    case = slow(3, gap=4, days_left=50)
    never, plans = weigh(case.claims(), case.reach(), look_ahead=False)
    assert never[0] == pytest.approx(case.cost(()), rel=1e-4)
    for day in range(case.days):
        for channel in range(2):
            alone = case.cost(((day, channel),), unpriced=1)
            assert plans[0, channel, day] == pytest.approx(alone, rel=1e-4)


@cache
def many(count: int = 40, **more: int) -> tuple[Claims, Reach]:
    """Many invoices at once."""
    given_ = {"gap": 4, "days_left": 45, "days": 10} | more
    cases = [slow(seed, **given_, lags=LAGS) for seed in range(count)]
    claims, reaches = [c.claims() for c in cases], [c.reach() for c in cases]
    joined = Claims(
        *(
            np.concatenate([getattr(c, name) for c in claims])
            for name in ("own", "day_cost", "later_cost", "days_left", "loss")
        )
    )
    return joined, replace(
        reaches[0],
        strength=np.concatenate([r.strength for r in reaches]),
        price=np.concatenate([r.price for r in reaches]),
    )


def test_looking_ahead_is_never_dearer_than_not() -> None:
    claims, reach = many()
    never, plans = weigh(claims, reach)
    greedy_never, greedy_plans = weigh(claims, reach, look_ahead=False)
    assert (never <= greedy_never + 1e-3).all()
    assert (plans <= greedy_plans + 1e-3).all()
    assert (plans < greedy_plans - 0.1).any()
    # What is chosen by looking one contact ahead is one of the plans that are looked through.
    price = reach.price[:, :, None]
    flat = (plans + price).reshape(len(never), -1)
    chosen = (greedy_plans + price).reshape(len(never), -1).argmin(axis=1)
    assert (flat.min(axis=1) <= flat[np.arange(len(flat)), chosen] + 1e-3).all()


def test_invoices_do_not_influence_each_other_nor_the_size_of_a_block() -> None:
    claims, reach = many()
    never, plans = weigh(claims, reach)
    for row in (0, 17, 39):
        part = slice(row, row + 1)
        alone = replace(reach, strength=reach.strength[part], price=reach.price[part])
        one_never, one_plans = weigh(claims.part(part), alone)
        assert one_never[0] == pytest.approx(never[row], rel=1e-6)
        assert one_plans[0] == pytest.approx(plans[row], rel=1e-5)
    tiled = replace(
        reach, strength=np.tile(reach.strength, (30, 1, 1)), price=np.tile(reach.price, (30, 1))
    )
    all_ = Claims(
        np.tile(claims.own, (30, 1)),
        *(np.tile(getattr(claims, n), 30) for n in ("day_cost", "later_cost", "days_left", "loss")),
    )
    many_never, many_plans = weigh(all_, tiled)
    assert many_never.reshape(30, -1) == pytest.approx(np.tile(never, (30, 1)), rel=1e-6)
    assert many_plans[-40:] == pytest.approx(plans, rel=1e-5)


def test_a_contact_that_does_nothing_gains_nothing() -> None:
    claims, reach = many()
    idle = replace(reach, strength=np.zeros_like(reach.strength))
    for look_ahead in (True, False):
        never, plans = weigh(claims, idle, look_ahead=look_ahead)
        assert plans == pytest.approx(np.broadcast_to(never[:, None, None], plans.shape), rel=1e-4)


def test_a_contact_that_does_more_costs_less_in_the_end() -> None:
    claims, reach = many()
    plans = [
        weigh(claims, replace(reach, strength=reach.strength + more), look_ahead=False)[1]
        for more in (0.0, 2.0, 6.0)
    ]
    assert (plans[0] > plans[1]).all()
    assert (plans[1] > plans[2]).all()


def test_a_higher_price_never_makes_anything_cheaper() -> None:
    claims, reach = many()
    free, dear = (
        weigh(claims, replace(reach, price=reach.price * factor)) for factor in (1.0, 1.5)
    )
    assert (dear[0] >= free[0] - 1e-3).all()
    assert (dear[1] >= free[1] - 1e-3).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.0, 20.0), st.booleans())
def test_the_dearer_a_contact_the_less_it_gains(seed: int, more: float, call: bool) -> None:
    # One contact only: by people, whose time is not planned ahead, or without looking ahead.
    case = slow(seed, gap=4, days_left=40, channels=1)
    reach = replace(case.reach(), repeatable=np.array([not call]))
    gains = []
    for price in (case.price[0], case.price[0] + more):
        priced = replace(reach, price=np.array([[price]], dtype=np.float32))
        never, plans = weigh(case.claims(), priced, look_ahead=call)
        gains.append(never[0] - plans[0, 0] - price)
    assert (gains[1] <= gains[0] + 1e-3).all()


def test_peoples_time_is_not_planned_ahead() -> None:
    claims, reach = many()
    callable_ = replace(reach, repeatable=np.array([True, False]))
    never, plans = weigh(claims, callable_)
    only_first = replace(
        reach,
        strength=reach.strength[:, :1],
        curves=reach.curves[:1],
        price=reach.price[:, :1],
        repeatable=np.array([True]),
    )
    first_never, first_plans = weigh(claims, only_first)
    assert never == pytest.approx(first_never)
    assert plans[:, :1] == pytest.approx(first_plans)
    # A call itself is weighed all the same.
    assert not np.allclose(plans[:, 1], plans[:, 0])


@pytest.mark.parametrize("days_left", [1, 3, 9])
def test_from_the_day_of_handing_over_there_is_nothing_left_to_gain(days_left: int) -> None:
    claims, reach = many(days_left=days_left)
    never, plans = weigh(claims, reach)
    gone = plans[:, :, days_left:]
    assert gone == pytest.approx(np.broadcast_to(never[:, None, None], gone.shape))
    assert (plans[:, :, 0] < never[:, None]).any()


def test_the_nearer_the_hand_over_the_dearer_it_is_to_wait() -> None:
    never = []
    for days_left in (50, 30, 15, 5):
        claims, reach = many(days_left=days_left)
        dear = replace(claims, loss=claims.loss + 500)
        never.append(weigh(dear, replace(reach, repeatable=np.zeros(2, dtype=bool)))[0])
    assert (np.diff(np.array(never), axis=0) > 0).mean() > 0.99


# The chance of payment under one contact


def test_the_chance_within_a_window_is_that_of_not_staying_open_every_day() -> None:
    own = np.full((4, 14), 0.1, dtype=np.float32)
    curve = np.zeros((4, LAGS), dtype=np.float32)
    curve[:, :3] = [1.0, 0.5, 0.25]
    strength = np.array([20.0, 20.0, 20.0, -20.0])
    found = paid_within(own, strength, curve, np.array([-1, 0, 12, 0]), 14)

    def unpaid(added: float) -> float:
        return float(np.exp(-0.1 - added))

    assert found[0] == pytest.approx(1 - unpaid(0) ** 14, rel=1e-5)
    acted = unpaid(0.2) * unpaid(0.1) * unpaid(0.05)
    assert found[1] == pytest.approx(1 - acted * unpaid(0) ** 11, rel=1e-5)
    # Sent on the last day but one, only two days of its effect lie within the window.
    assert found[2] == pytest.approx(1 - unpaid(0) ** 12 * unpaid(0.2) * unpaid(0.1), rel=1e-5)
    # What drives away slows one's own pace: a third of it is left on the day of the contact.
    slowed = np.exp(-0.1 * (1 / 3 + 1 / 2 + 2 / 3))
    assert found[3] == pytest.approx(1 - slowed * unpaid(0) ** 11, rel=1e-5)


def test_no_invoices_and_no_channels_are_weighed_too() -> None:
    claims, reach = many()
    none = replace(reach, strength=reach.strength[:0], price=reach.price[:0])
    never, plans = weigh(claims.part(slice(0, 0)), none)
    assert never.shape == (0,)
    assert plans.shape == (0, 2, 10)
    silent = replace(
        reach,
        strength=reach.strength[:, :0],
        curves=reach.curves[:0],
        price=reach.price[:, :0],
        repeatable=np.zeros(0, dtype=bool),
    )
    never, plans = weigh(claims, silent)
    assert plans.shape == (40, 0, 10)
    assert never == pytest.approx(weigh(claims, reach, look_ahead=False)[0])
