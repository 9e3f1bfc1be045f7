"""Before the start: how many customers an experiment takes, how long, and what it can find.

The formulas are the usual ones for two means (Chow, Shao & Wang, "Sample size calculations in
clinical research", 2008, chapters 3 and 4), with unequal arms, several arms against one control,
invoices that hang together within customers, and the price of looking every day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf, isfinite, sqrt
from statistics import NormalDist

import numpy as np

from tenor.engine.errors import InputError
from tenor.engine.experiments.sequential import LEAST, LEVEL, POWER, normal_reach, reach_at_end

_WEEK = 7


@dataclass(frozen=True)
class Figure:
    """The figure an experiment is judged by, as it is under the usual way of working.

    `usual` is its mean; `spread` its standard deviation among invoices (among customers where
    `invoices` is 1), None for a share, whose spread follows from it. A customer has `invoices` in
    the time of the experiment, whose number varies by `vary` (standard deviation as a part of the
    mean); `alike` in [0, 1] is how much invoices of one customer resemble each other (intraclass
    correlation). `foretold` in [0, 1) is how closely the figure was foretold before the start
    (correlation over customers).
    """

    usual: float
    spread: float | None = None
    invoices: float = 1.0
    vary: float = 0.0
    alike: float = 0.0
    foretold: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no figure can be."""
        if self.spread is None and not 0.0 <= self.usual <= 1.0:
            raise InputError(f"a share lies between 0 and 1, not {self.usual}: or give its spread")
        if self.spread is not None and not self.spread > 0.0:
            raise InputError(f"a spread is above 0, not {self.spread}")
        if not self.invoices >= 1.0 or self.vary < 0.0:
            raise InputError("a customer has one invoice or more, and their number varies by 0 up")
        if not 0.0 <= self.alike <= 1.0:
            raise InputError(f"how alike invoices are lies between 0 and 1, not {self.alike}")
        if not 0.0 <= self.foretold < 1.0:
            raise InputError(f"a foretold correlation lies in [0, 1), not {self.foretold}")

    @property
    def design_effect(self) -> float:
        """How many times as many invoices it takes because they come by customers.

        1 + ((vary^2 + 1) invoices - 1) alike (Eldridge, Ashby & Kerry 2006).
        """
        return 1.0 + ((self.vary**2 + 1.0) * self.invoices - 1.0) * self.alike

    def variance(self, mean: float) -> float:
        """Return the variance of a customer's figure where the mean is `mean`, after adjusting."""
        own = mean * (1.0 - mean) if self.spread is None else self.spread**2
        return own * self.design_effect / self.invoices * (1.0 - self.foretold**2)


@dataclass(frozen=True)
class Need:
    """What it takes to find an effect.

    `customers` in all and `by_arm`, at most, looking every day (or once, as asked); `plain` in
    all if nothing were foretold; `usually` in all by which half of such experiments have found
    it; `once` in all if looked at once; `invoices` in all. `reach` is how many standard errors
    the interval reaches at the end.
    """

    effect: float
    customers: int
    plain: int
    by_arm: dict[str, int]
    usually: int
    once: int
    invoices: int
    reach: float


def customers_needed(
    figure: Figure,
    *,
    effect: float,
    weights: Mapping[str, float],
    control: str,
    level: float = LEVEL,
    power: float = POWER,
    daily: bool = True,
) -> Need:
    """Return how many customers it takes to find an effect.

    Parameters
    ----------
    effect : the difference from the control to be found, in the figure's units, not 0.
    weights : arm -> its share of the experiment's customers; only proportions count.
    control : the arm the others are compared with.
    level, power : the chance that nothing is found where nothing is (over all arms together,
        Bonferroni), and that the effect is found where it is.
    daily : the results are looked at every day and acted on; otherwise once, at the end.

    Raises
    ------
    InputError
        An effect of nothing or beyond what a share can be, or arms that are none.
    """
    shares, others = _arms(weights, control)
    if effect == 0.0 or not isfinite(effect):
        raise InputError("an effect of nothing takes infinitely many customers: give another")
    other = figure.usual + effect
    if figure.spread is None and not 0.0 <= other <= 1.0:
        raise InputError(f"from {figure.usual:.1%} a share cannot move by {effect:+.1%}")
    each = 1.0 - (1.0 - level) / len(others)
    # The thinnest arm needs most.
    thin = min(shares[arm] for arm in others)
    variance = figure.variance(figure.usual) / shares[control] + figure.variance(other) / thin
    # With fewer in an arm nothing is said, however large the difference.
    least = ceil(LEAST / min(shares.values()) - 1e-9)
    once = normal_reach(each)
    reach = reach_at_end(each) if daily else once
    found = NormalDist().inv_cdf(power)

    def customers(standard_errors: float, noise: float) -> int:
        # For means the spread is estimated too, which takes a few more (Guenther 1981).
        few = noise**2 / 2.0 if figure.spread is not None else 0.0
        return max(ceil(variance * (standard_errors / effect) ** 2 + few), least)

    total = customers(reach + found, reach)
    return Need(
        effect=effect,
        customers=total,
        plain=customers((reach + found) / sqrt(1.0 - figure.foretold**2), reach),
        by_arm={arm: ceil(total * share) for arm, share in shares.items()},
        usually=customers(reach, reach) if daily else total,
        once=customers(once + found, once),
        invoices=ceil(total * figure.invoices),
        reach=reach,
    )


def smallest_effect(
    figure: Figure,
    *,
    customers: int,
    weights: Mapping[str, float],
    control: str,
    level: float = LEVEL,
    power: float = POWER,
    daily: bool = True,
) -> float:
    """Return the smallest rise that so many customers in all can find; infinite if none.

    The other parameters are those of `customers_needed`.
    """
    most = 1.0 - figure.usual if figure.spread is None else figure.spread * 1e4

    def enough(effect: float) -> bool:
        need = customers_needed(
            figure, effect=effect, weights=weights, control=control, level=level, power=power,
            daily=daily,
        )  # fmt: skip
        return need.customers <= customers

    if most <= 0.0 or not enough(most):
        return inf
    low, high = 0.0, most
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def told_apart(shares: Sequence[float], rows: Sequence[int]) -> float:
    """Return the part of a share's variance that lies between groups of alike chances, in [0, 1).

    The resolution of Murphy (1973) over the whole variance, less what groups of these sizes
    differ by chance: the square of the correlation with what was foretold, once that is brought
    into line. Of invoices; a customer's mean is foretold no worse.

    Parameters
    ----------
    shares : the share that came true in each group of customers with nearly the same chance.
    rows : how many rows each group has.
    """
    share, count = np.asarray(shares, dtype=float), np.asarray(rows, dtype=float)
    total = count.sum()
    if len(share) < 2 or total <= len(share):
        return 0.0
    mean = float((count * share).sum() / total)
    whole = mean * (1.0 - mean)
    if whole <= 0.0:
        return 0.0
    chance = float(((share * (1.0 - share)) * count / np.maximum(count - 1.0, 1.0)).sum())
    between = float((count * (share - mean) ** 2).sum()) - chance
    return float(np.clip(between / (total * whole), 0.0, 0.98))


@dataclass(frozen=True)
class Inflow:
    """How customers come: `present` at the start, `a_week` from then on, of whom `share` take part.

    `ripens` is how many days after a customer enters their figure is known.
    """

    a_week: float
    present: float = 0.0
    share: float = 1.0
    ripens: int = 30


def days_needed(customers: int, inflow: Inflow) -> float:
    """Return after how many days so many customers have a figure; infinite if they never come."""
    missing = customers - inflow.present * inflow.share
    if missing <= 0.0:
        return float(inflow.ripens)
    coming = inflow.a_week * inflow.share / _WEEK
    return inf if coming <= 0.0 else ceil(missing / coming) + inflow.ripens


def customers_within(days: int, inflow: Inflow) -> int:
    """Return how many customers have a figure after so many days."""
    ripe = days - inflow.ripens
    if ripe < 0:
        return 0
    return int(inflow.share * (inflow.present + inflow.a_week * ripe / _WEEK))


def _arms(weights: Mapping[str, float], control: str) -> tuple[dict[str, float], list[str]]:
    total = sum(weights.values())
    if not total > 0.0 or any(not (isfinite(w) and w > 0.0) for w in weights.values()):
        raise InputError("every arm of the plan needs a share above 0")
    if control not in weights:
        raise InputError(f"no arm is called {control!r}; there are {', '.join(weights)}")
    others = [arm for arm in weights if arm != control]
    if not others:
        raise InputError("an experiment compares at least two arms")
    return {arm: weight / total for arm, weight in weights.items()}, others
