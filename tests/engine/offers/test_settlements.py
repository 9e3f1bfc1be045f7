"""A settlement or a discount is offered only where it is expected to bring more than none."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tenor.engine.offers.settlements import (
    Offer,
    Outlook,
    Taken,
    early_discount,
    settlement,
)

A_DAY = 0.0005


def offer(p_paid: float, *, most: str = "0.4", **values: float) -> Offer | None:
    outlook = Outlook(p_paid, days=30, recovered=0.2, cost=60, **values)
    return settlement(Decimal(400), outlook=outlook, most=Decimal(most), value_per_day=A_DAY)


def test_nobody_who_is_likely_to_pay_is_asked_for_less() -> None:
    assert offer(0.9) is None
    assert offer(0.5) is None


def test_who_is_unlikely_to_pay_is_offered_what_brings_most() -> None:
    found = offer(0.05)
    assert found is not None
    assert Decimal(0) < found.discount <= Decimal("0.4")
    assert found.asked == Decimal(400) * (1 - found.discount)
    # By hand for the discount that was chosen: of 20 one pays anyway and takes the discount.
    takes = 0.3 * float(found.discount) / 0.4
    late = 0.2 * 400 * (1 - A_DAY * 180) - 60
    soon = float(found.asked) * (1 - A_DAY * 14)
    without = 0.05 * 400 * (1 - A_DAY * 30) + 0.95 * late
    with_offer = 0.05 * soon + 0.95 * (takes * soon + (1 - takes) * late)
    assert abs(found.gain - (with_offer - without)) < 1e-9
    assert abs(found.given_away - 0.05 * float(400 - found.asked)) < 1e-9


def test_no_discount_is_allowed_and_none_is_offered() -> None:
    assert offer(0.05, most="0") is None


def test_offers_that_were_never_taken_are_made_less() -> None:
    outlook = Outlook(0.2, days=30, recovered=0.3, cost=10)

    def gain(taken: Taken) -> float:
        found = settlement(
            Decimal(400), outlook=outlook, most=Decimal("0.3"), value_per_day=A_DAY, taken=taken
        )
        return found.gain if found else 0.0

    assert gain(Taken(100, 60)) > gain(Taken()) >= gain(Taken(100, 0)) == 0.0


@given(
    st.decimals("1", "10000", places=2), st.floats(0, 1), st.floats(0, 0.9),
    st.sampled_from(["0.05", "0.12", "0.5", "0.9"]),
)  # fmt: skip
def test_what_is_asked_lies_within_the_limit_and_gains(
    amount: Decimal, p_paid: float, recovered: float, most: str
) -> None:
    outlook = Outlook(p_paid, days=40, recovered=recovered, cost=20)
    found = settlement(amount, outlook=outlook, most=Decimal(most), value_per_day=A_DAY)
    if found is not None:
        assert 0 < found.discount <= Decimal(most)
        assert amount * (1 - Decimal(most)) - Decimal("0.005") <= found.asked <= amount
        assert found.gain > 0 and found.given_away >= 0


def test_an_early_discount_must_pay_for_those_who_would_have_paid_early_anyway() -> None:
    def early(p_anyway: float, days: float = 60) -> Offer | None:
        return early_discount(
            Decimal(1000), p_anyway=p_anyway, days_earlier=days, moved=0.6,
            most=Decimal("0.02"), value_per_day=A_DAY,
        )  # fmt: skip

    assert early(0.8) is None
    # Thirty days earlier are worth 15 of 1,000: a discount of 2% costs 20.
    worth = early(0.0, days=30)
    assert worth is not None and worth.discount < Decimal("0.015")
    found = early(0.02)
    assert found is not None and found.given_away > 0
