"""The rule of a canary: by what is known today, widen, keep, finish, roll back, or ask people.

A canary gives a small, hashed part of the customers the candidate while the others keep the live
way. The rule looks every day; that is fair only with intervals that may be looked at every day
(anytime-valid: `experiments.sequential`). It is pure: same readings, same move.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from typing import Protocol

from tenor.engine.errors import InputError


class Bounds(Protocol):
    """Anything with an interval, such as those of `experiments.sequential`."""

    @property
    def low(self) -> float:
        """The lowest value that the data leave possible."""

    @property
    def high(self) -> float:
        """The highest value that the data leave possible."""


class Move(StrEnum):
    """What happens to the canary."""

    KEEP = "keep"
    WIDEN = "widen"
    FINISH = "finish"
    ROLL_BACK = "roll back"
    ASK = "ask people"


# The words by which it is known again that people were asked this, and nothing else.
QUESTION = "people decide whether it goes to"


@dataclass(frozen=True)
class Rule:
    """When a canary moves.

    Attributes
    ----------
    steps
        Shares of the customers, rising, each in (0, 1]; after the last comes the whole.
    days
        Days at a step before it may be widened: as many as an outcome takes to show.
    most_days
        Days at a step after which people decide: what could not be shown in so long, to help or
        to harm, is theirs to weigh.
    ask_days
        Days at a step after which they are asked already, where `most_days` would hardly be enough.
    money_margin
        How much less a customer may bring, over all customers, in the unit of the money interval.
    complaints_margin
        How many more complaints a customer may cost, over all customers (0.001: one in 1,000).
    """

    steps: tuple[float, ...] = (0.05, 0.15, 0.35)
    days: int = 14
    most_days: int = 90
    ask_days: int = 42
    money_margin: float = 0.5
    complaints_margin: float = 0.002

    def __post_init__(self) -> None:
        rising = all(a < b for a, b in zip(self.steps, self.steps[1:], strict=False))
        if not self.steps or not rising or self.steps[0] <= 0 or self.steps[-1] > 1:
            raise InputError("canary steps: give rising shares above 0 and at most 1")
        if not 0 < self.days <= self.most_days:
            raise InputError("canary days: at least 1, and no more than the most days at a step")
        if not self.days <= self.ask_days:
            raise InputError("canary days: nobody is asked before a step has had its days")
        if self.money_margin < 0 or self.complaints_margin < 0:
            raise InputError("canary margins: 0 or more")


@dataclass(frozen=True)
class Step:
    """The rule's move: `share` is the canary's from now on, `because` says why in words.

    With `Move.ASK` it is the share that the canary has once people let it go on.

    `harm` says whether it is rolled back for harm that was seen, not for want of proof.
    """

    move: Move
    share: float
    because: str
    harm: bool = False


def next_step(
    money: Bounds | None, complaints: Bounds | None, *, share: float, days: int, rule: Rule
) -> Step:
    """Say what becomes of the canary today.

    Parameters
    ----------
    money : candidate less live, a customer, in the unit of `rule.money_margin`; None where
        nothing can be told yet.
    complaints : candidate less live, complaints a customer; None likewise.
    share : the canary's share now, in (0, 1].
    days : full days at this share.

    Notes
    -----
    Rolled back at once where the whole interval of money lies below nought, or that of
    complaints above it. Widened when the share it would get, times the worst that the interval
    leaves possible, stays within the margin: so the loss over all customers is bounded at every
    step, and the first steps, which risk little, need little proof. The same at a share of 1
    finishes it: the candidate is then no worse than the margin.

    Rare harm in a small organisation cannot be shown to be within a margin at all. That is no
    sign of harm, and no proof of its absence: after `ask_days` or `most_days` people decide, and
    until they do the canary stays as it is, watched every day.
    """
    harm = _harm(money, complaints)
    if harm:
        return Step(Move.ROLL_BACK, 0.0, harm, harm=True)
    wider = next((s for s in rule.steps if s > share), 1.0)
    lacking = _lacking(money, complaints, wider, rule)
    if days < rule.days:
        return Step(Move.KEEP, share, f"Day {days} of {rule.days} at {share:.0%}; no sign of harm.")
    if not lacking and wider >= 1.0:
        return Step(
            Move.FINISH,
            1.0,
            f"After {days} days at {share:.0%} the candidate is no worse than the margins allow, "
            "in money and in complaints: it goes to everybody.",
        )
    if not lacking:
        return Step(
            Move.WIDEN,
            wider,
            f"After {days} days at {share:.0%} even the worst that is still possible stays within "
            f"the margins at {wider:.0%}.",
        )
    beyond = _beyond_reach(money, complaints, wider, days, rule)
    if days >= (rule.ask_days if beyond else rule.most_days):
        return Step(
            Move.ASK,
            wider,
            f"After {days} days at {share:.0%} there is no sign of harm, and no proof that there is"
            f" none ({lacking}): {QUESTION} {wider:.0%}.",
        )
    told = f"No harm seen, but too early to widen to {wider:.0%}: {lacking}"
    if beyond:
        told += (
            f". With so few customers {rule.most_days} days will hardly tell: after "
            f"{rule.ask_days} people decide"
        )
    return Step(Move.KEEP, share, told)


def _harm(money: Bounds | None, complaints: Bounds | None) -> str:
    if money is not None and money.high < 0:
        return (
            f"The candidate brings less than the live way: {money.low:+.4g} to "
            f"{money.high:+.4g} a customer."
        )
    if complaints is not None and complaints.low > 0:
        return (
            f"The candidate brings more complaints than the live way: {complaints.low:+.2%} to "
            f"{complaints.high:+.2%} of customers."
        )
    return ""


def _beyond_reach(
    money: Bounds | None, complaints: Bounds | None, share: float, days: int, rule: Rule
) -> bool:
    """Say whether the margins stay out of reach at a step, if all goes on as it is.

    An interval narrows at best with the root of the days.
    """
    if money is None or complaints is None:
        return True
    narrowed = 1.0 - sqrt(min(days / rule.most_days, 1.0))
    low = money.low + narrowed * (money.high - money.low) / 2.0
    high = complaints.high - narrowed * (complaints.high - complaints.low) / 2.0
    return -low * share > rule.money_margin or high * share > rule.complaints_margin


def _lacking(money: Bounds | None, complaints: Bounds | None, share: float, rule: Rule) -> str:
    """Say what keeps the canary from this share; nothing where it may have it."""
    if money is None or complaints is None:
        return "nothing can be told yet"
    found = []
    loss = -money.low * share
    if not loss <= rule.money_margin:
        found.append(
            f"it could cost up to {loss:.4g} a customer over all ({rule.money_margin:.4g} allowed)"
        )
    more = complaints.high * share
    if not more <= rule.complaints_margin:
        found.append(
            f"complaints could rise by up to {more:.2%} of all customers "
            f"({rule.complaints_margin:.2%} allowed)"
        )
    return "; ".join(found)
