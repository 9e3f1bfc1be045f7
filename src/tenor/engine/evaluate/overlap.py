"""Can these logs tell at all? How far the log covers what the target policy would do."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from tenor.engine.evaluate.bootstrap import Floats, cluster_codes
from tenor.engine.evaluate.offpolicy import Estimate, clustered_error

# Below these no number is worth reading, however small its standard error looks: the normal and
# the bootstrap interval both need the sum to consist of many comparable parts (decision note
# docs/concepts/off-policy.md says how they were chosen).
FEWEST_CUSTOMERS = 30
FEWEST_EFFECTIVE_ROWS = 100.0
MOST_WEIGHT_IN_ONE_ROW = 0.05
# The weights' mean is 1 when the log covers the target and its propensities are right.
MEAN_WEIGHT_TOLERANCE = 0.05
MEAN_WEIGHT_ERRORS = 4.0


@dataclass(frozen=True)
class Overlap:
    """How well weights [n] carry the log over to the target.

    `effective_rows` = (sum w)^2 / sum w^2: as many equally weighted rows would be as noisy.
    `most_weight` is the largest |w|, `heaviest_share` its share of the sum of |w|.
    `mean_weight` should be 1: the share of the target's choices that the log covers.
    """

    name: str
    rows: int
    customers: int
    effective_rows: float
    most_weight: float
    heaviest_share: float
    mean_weight: float
    mean_weight_error: float


class Finding(StrEnum):
    """What the log says about the target against the policy that was logged."""

    CANNOT_TELL = "cannot tell"
    BETTER = "better"
    WORSE = "worse"
    NOT_WORSE = "not worse"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Verdict:
    """A finding and why, in words a person understands."""

    finding: Finding
    text: str


def overlap(name: str, weight: ArrayLike, *, clusters: ArrayLike) -> Overlap:
    """Measure the support that weights [n] give; `clusters` [n] names each row's customer."""
    w: Floats = np.asarray(weight, dtype=np.float64)
    codes, count = cluster_codes(clusters)
    size = np.abs(w)
    squares, total = float(np.square(w).sum()), float(size.sum())
    return Overlap(
        name=name,
        rows=len(w),
        customers=count,
        effective_rows=float(w.sum() ** 2 / squares) if squares > 0 else 0.0,
        most_weight=float(size.max()) if len(w) else 0.0,
        heaviest_share=float(size.max()) / total if total > 0 else 1.0,
        mean_weight=float(w.mean()) if len(w) else 0.0,
        mean_weight_error=clustered_error(w - w.mean(), codes, count) if len(w) else float("inf"),
    )


def factor_overlaps(
    weights: Mapping[str, ArrayLike], *, clusters: ArrayLike
) -> tuple[Overlap, ...]:
    """Measure the support of each factor alone: name -> weights [n] of the logged part."""
    return tuple(overlap(name, w, clusters=clusters) for name, w in weights.items())


def obstacles(support: Overlap) -> list[str]:
    """Say in plain words what keeps these logs from telling; an empty list if nothing does."""
    found = []
    if support.customers < FEWEST_CUSTOMERS:
        found.append(f"only {support.customers} customers in the log ({FEWEST_CUSTOMERS} needed)")
    if support.effective_rows < FEWEST_EFFECTIVE_ROWS:
        found.append(
            f"{support.rows:,} rows are worth only {support.effective_rows:,.0f} "
            f"({FEWEST_EFFECTIVE_ROWS:.0f} needed), for what the target would do was seldom done"
        )
    if support.heaviest_share > MOST_WEIGHT_IN_ONE_ROW:
        found.append(f"one row carries {support.heaviest_share:.0%} of all weight")
    gap = abs(support.mean_weight - 1.0)
    if gap > max(MEAN_WEIGHT_TOLERANCE, MEAN_WEIGHT_ERRORS * support.mean_weight_error):
        found.append(
            f"the weights average {support.mean_weight:.2f} instead of 1: part of what the target "
            "would do was never possible in the log, or the logged probabilities are wrong"
        )
    return found


def verdict(support: Overlap, gain: Estimate, *, margin: float = 0.0) -> Verdict:
    """Judge the target against the logged policy.

    Parameters
    ----------
    support : overlap of the weights behind `gain`.
    gain : target minus logged policy, in units of reward a row, with its interval.
    margin : how much worse still counts as "not worse" (units of reward, >= 0).
    """
    against = obstacles(support)
    if against:
        return Verdict(Finding.CANNOT_TELL, "These logs cannot tell: " + "; ".join(against) + ".")
    found = f"{gain.value:+.4f} a row ({gain.lower:+.4f} to {gain.upper:+.4f})"
    if gain.lower > 0:
        return Verdict(Finding.BETTER, f"The target earned more than what was logged: {found}.")
    if gain.upper < 0:
        return Verdict(Finding.WORSE, f"The target earned less than what was logged: {found}.")
    if gain.lower >= -margin and margin > 0:
        return Verdict(
            Finding.NOT_WORSE,
            f"The target is no worse than {margin:.4f} below what was logged: {found}. "
            "That it is better needs a trial on a part of the customers.",
        )
    return Verdict(
        Finding.UNDECIDED,
        f"These logs show no difference either way: {found}. A trial on a part of the "
        "customers would.",
    )
