"""Whether asking for less brings more: settlements, and a discount for paying early.

Both are weighed against doing nothing of the kind. Those who would have paid anyway take the
discount too; what they are given is the price of reaching the others.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

# An offer of the whole limit is taken by so many of those who would not have paid; a smaller one
# by fewer, in proportion. A prior, as good as these ten offers; own ones outweigh it.
_PRIOR_TAKEN, _PRIOR_OFFERED = 3.0, 10.0
# Offers are weighed in steps of so much of the amount.
STEP = Decimal("0.05")
_EARLY_STEP = Decimal("0.005")


@dataclass(frozen=True)
class Outlook:
    """What is expected of a debt without an offer.

    `p_paid` is the chance (0 to 1) that it is paid in full, `days` after how many days then.
    `recovered` is the share (0 to 1) that comes of it otherwise, `late_days` after how many days;
    `cost` is what that costs (the policy's `cost_of_escalation`).
    """

    p_paid: float
    days: float
    recovered: float = 0.0
    late_days: float = 180.0
    cost: float = 0.0


@dataclass(frozen=True)
class Taken:
    """How many such offers were made, and how many were taken, by those who then paid."""

    offered: int = 0
    taken: int = 0


@dataclass(frozen=True)
class Offer:
    """What is asked instead of the whole, and what that is worth.

    `gain` is what it brings over not offering, in the debt's currency; `given_away` is the part of
    the discount that is expected to go to those who would have paid in full.
    """

    discount: Decimal
    asked: Decimal
    gain: float
    given_away: float


def settlement(
    amount: Decimal,
    *,
    outlook: Outlook,
    most: Decimal,
    value_per_day: float,
    taken: Taken | None = None,
    days: float = 14.0,
    cent: Decimal = Decimal("0.01"),
) -> Offer | None:
    """Return the settlement that is expected to bring most, or None where none beats going on.

    Parameters
    ----------
    amount
        What is open, positive.
    most
        The largest discount that the organisation gives, as a share (0 to 1) of the amount.
    value_per_day
        What a payment a day earlier is worth, as a share of it (the policy's).
    taken
        How earlier settlements ended.
    days
        Within how many days it must be paid.

    Examples
    --------
    >>> hopeless = Outlook(p_paid=0.05, days=60, recovered=0.2, cost=60)
    >>> limit = {"most": Decimal("0.4"), "value_per_day": 0.0005}
    >>> settlement(Decimal(400), outlook=hopeless, **limit).asked < 400
    True
    >>> sure = Outlook(p_paid=0.95, days=10)
    >>> settlement(Decimal(400), outlook=sure, **limit) is None
    True
    """
    whole, rest = float(amount), 1 - outlook.p_paid
    late = outlook.recovered * whole * _worth(outlook.late_days, value_per_day) - outlook.cost
    in_time = whole * _worth(outlook.days, value_per_day)
    going_on = outlook.p_paid * in_time + rest * late
    offers = []
    for discount in _steps(most, STEP):
        asked = (amount * (1 - discount)).quantize(cent, ROUND_HALF_UP)
        soon = float(asked) * _worth(days, value_per_day)
        takes = _taken(taken or Taken()) * float(discount / most)
        with_offer = outlook.p_paid * soon + rest * (takes * soon + (1 - takes) * late)
        given = outlook.p_paid * float(amount - asked)
        offers.append(Offer(discount, asked, with_offer - going_on, given))
    found = max(offers, key=lambda offer: offer.gain, default=None)
    return found if found is not None and found.gain > 0 else None


def early_discount(
    amount: Decimal,
    *,
    p_anyway: float,
    days_earlier: float,
    moved: float,
    most: Decimal,
    value_per_day: float,
    cent: Decimal = Decimal("0.01"),
) -> Offer | None:
    """Return the discount for paying early that pays for itself, or None where none does.

    Parameters
    ----------
    p_anyway
        The chance that it is paid by that day without a discount.
    days_earlier
        How much earlier the others would pay.
    moved
        Which share of the others the largest discount brings to pay early; a smaller one brings
        fewer, in proportion.
    most, value_per_day
        As in `settlement`.
    """
    offers = []
    for discount in _steps(most, _EARLY_STEP):
        asked = (amount * (1 - discount)).quantize(cent, ROUND_HALF_UP)
        less = float(amount - asked)
        share = (1 - p_anyway) * moved * float(discount / most)
        gain = share * (float(amount) * value_per_day * days_earlier - less) - p_anyway * less
        offers.append(Offer(discount, asked, gain, p_anyway * less))
    found = max(offers, key=lambda offer: offer.gain, default=None)
    return found if found is not None and found.gain > 0 else None


def _steps(most: Decimal, step: Decimal) -> list[Decimal]:
    """Return the discounts to weigh: steps up to the limit, the limit itself last."""
    steps = [step * number for number in range(1, int(most / step) + 1)]
    return steps if not most or (steps and steps[-1] == most) else [*steps, most]


def _worth(days: float, value_per_day: float) -> float:
    return max(0.0, 1 - value_per_day * days)


def _taken(past: Taken) -> float:
    return (past.taken + _PRIOR_TAKEN) / (past.offered + _PRIOR_OFFERED)
