"""What an experiment shows so far: arms beside a control, outcome by outcome, on any day.

The customer is the unit: invoices of one customer share whoever pays them, so they all get the
customer's arm and count as one figure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, inf, isfinite, log, sqrt

import numpy as np
import polars as pl

from tenor.engine.errors import InputError
from tenor.engine.experiments.adjust import Adjusted, adjusted
from tenor.engine.experiments.balance import Balance, balance
from tenor.engine.experiments.factorial import SMALL, FactorEffect, factor_effects
from tenor.engine.experiments.outcomes import Better, Kind, Outcome
from tenor.engine.experiments.sequential import LEAST, LEVEL, Interval, multiplier, normal_reach

# Arms that have a figure for so different parts of their customers may not be alike any more.
UNLIKE = 0.02


class Verdict(StrEnum):
    """What the interval that may be looked at every day says."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "no difference that matters"
    OPEN = "not known yet"


@dataclass(frozen=True)
class Figures:
    """An arm and an outcome: how many customers have the figure, and its mean before adjusting."""

    arm: str
    outcome: str
    customers: int
    mean: float


@dataclass(frozen=True)
class Comparison:
    """An arm beside the control in one outcome.

    `difference` (arm less control) has its standard `error`; `once` is its ordinary interval,
    right if looked at once, `daily` the one that may be looked at every day. `relative` is the
    difference as a part of the control's mean, with its daily interval; None where that mean is
    not above nought. `smallest` is the difference that matters, `saved` the share of variance
    that what was foretold removed.
    """

    outcome: str
    arm: str
    control: str
    customers: tuple[int, int]
    control_mean: float
    arm_mean: float
    difference: float
    error: float
    once: Interval
    daily: Interval
    relative: float | None
    relative_daily: Interval | None
    smallest: float
    saved: float
    verdict: Verdict


@dataclass(frozen=True)
class Results:
    """All that an experiment shows: arms, comparisons, factors, balance, and what to mind."""

    control: str
    level: float
    customers: dict[str, int]
    figures: tuple[Figures, ...]
    comparisons: tuple[Comparison, ...]
    factors: tuple[FactorEffect, ...]
    balance: Balance
    notes: tuple[str, ...]

    def of(self, outcome: str, arm: str) -> Comparison:
        """Return the comparison of this arm in this outcome."""
        for found in self.comparisons:
            if (found.outcome, found.arm) == (outcome, arm):
                return found
        raise InputError(f"no comparison of {arm!r} in {outcome!r}")


def results(
    rows: pl.DataFrame,
    outcomes: Sequence[Outcome],
    *,
    control: str,
    weights: Mapping[str, float] | None = None,
    factors: Sequence[str] = (),
    level: float = LEVEL,
) -> Results:
    """Compare every arm with the control in every outcome.

    Parameters
    ----------
    rows : frame, a row a customer, or several (then see `Kind`), in any order
        `customer_id`, `arm`, a column an outcome (empty: not known yet); where it is there,
        `expected_<outcome>` (foretold before the experiment) and `before_<outcome>` (the same
        figure of the customer's past) make the comparison more exact; `factors` name columns.
    control : the arm that the others are compared with.
    weights : arm -> share that was drawn for, to check the numbers by.
    level : of the intervals, for all arms of an outcome together: with several arms each gets
        its part of 1 - `level` (Bonferroni).

    Raises
    ------
    InputError
        A column is missing, a customer is in two arms, or nobody is in the control.
    """
    customers = _a_customer_each(rows, outcomes, factors)
    counts: dict[str, int] = dict(customers.group_by("arm").len().sort("arm").iter_rows())
    if control not in counts:
        known = ", ".join(counts) or "none"
        raise InputError(f"nobody is in the control {control!r}; arms with customers: {known}")
    others = [arm for arm in counts if arm != control]
    each = 1.0 - (1.0 - level) / max(len(others), 1)
    compared = tuple(
        _compared(customers, outcome, arm, control, each) for outcome in outcomes for arm in others
    )
    found = balance(counts, weights)
    figures = tuple(_figures(customers, arm, o) for o in outcomes for arm in counts)
    return Results(
        control,
        level,
        counts,
        figures,
        compared,
        tuple(e for o in outcomes for e in factor_effects(customers, o, factors, level=level)),
        found,
        _notes(counts, figures, found),
    )


def _a_customer_each(
    rows: pl.DataFrame, outcomes: Sequence[Outcome], factors: Sequence[str]
) -> pl.DataFrame:
    """Return a row a customer who is in an arm, with their figures as floats."""
    wanted = ["customer_id", "arm", *factors, *(o.name for o in outcomes)]
    missing = [name for name in wanted if name not in rows.columns]
    if missing:
        raise InputError(f"no column {missing[0]!r}; there are {', '.join(rows.columns)}")
    rows = rows.filter(pl.col("arm").is_not_null())
    torn = rows.group_by("customer_id").agg(pl.col("arm").n_unique()).filter(pl.col("arm") > 1)
    if torn.height:
        first = torn["customer_id"].cast(pl.String).sort()[0]
        raise InputError(
            f"{torn.height} customers are in more than one arm, such as {first}: a customer's "
            "invoices all belong to one"
        )
    sums = {o.name for o in outcomes if o.kind is Kind.SUM}
    told = []
    for outcome in outcomes:
        for prefix in ("", "expected_", "before_"):
            name = f"{prefix}{outcome.name}"
            if name not in rows.columns:
                continue
            rows = rows.with_columns(_numbers(rows[name]))
            if not prefix and outcome.kind is Kind.SHARE:
                _check_shares(rows[name])
            known = pl.col(name)
            whole = pl.when(known.count() > 0).then(known.sum())
            told.append((whole if outcome.name in sums else known.mean()).alias(name))
    return (
        rows.group_by("customer_id").agg(pl.col("arm", *factors).first(), *told).sort("customer_id")
    )


def _numbers(column: pl.Series) -> pl.Series:
    """Return a column as numbers, empty where it is or where it is not finite."""
    numbers = column.cast(pl.Float64, strict=False)
    lost = column.filter(numbers.is_null() & column.is_not_null())
    # An empty cell of a CSV file may be read as an empty text.
    lost = lost.filter(lost.cast(pl.String).str.strip_chars() != "")
    if len(lost):
        raise InputError(
            f"{column.name}: {str(lost[0])!r} is no number; write 1 for yes and 0 for no, or leave "
            "the cell empty where it is not known yet"
        )
    return numbers.set(~numbers.is_finite(), None)


def _check_shares(column: pl.Series) -> None:
    outside = column.filter((column < 0.0) | (column > 1.0))
    if len(outside):
        raise InputError(
            f"{column.name}: {outside[0]:g} is no share: it lies between 0 and 1. An outcome with "
            f"other figures is named as {column.name}:mean:higher, or lower"
        )


def _compared(
    customers: pl.DataFrame, outcome: Outcome, arm: str, control: str, level: float
) -> Comparison:
    known = customers.filter(
        pl.col("arm").is_in([arm, control]) & pl.col(outcome.name).is_not_null()
    )
    before = [f"{p}{outcome.name}" for p in ("expected_", "before_")]
    before = [name for name in before if name in known.columns]
    foretold = known.select(before).fill_null(np.nan).to_numpy() if before else None
    found = adjusted(
        known[outcome.name].to_numpy(),
        (known["arm"] == arm).to_numpy(),
        foretold,
        bounds=(0.0, 1.0) if outcome.kind is Kind.SHARE else None,
    )
    smallest = outcome.smallest or SMALL * _deviation(known[outcome.name])
    once = daily = Interval(-inf, inf)
    reach = inf
    if min(found.customers) >= LEAST and found.error > 0.0 and smallest > 0.0:
        reach = multiplier(found.error, tuned_to=smallest, level=level)
        once, daily = (_around(found, r) for r in (normal_reach(level), reach))
    relative, relative_daily = _relative(found, reach)
    return Comparison(
        outcome.name, arm, control, found.customers, found.control, found.treated,
        found.difference, found.error, once, daily, relative, relative_daily,
        smallest, found.saved, _verdict(daily, smallest, outcome.better),
    )  # fmt: skip


def _around(found: Adjusted, reach: float) -> Interval:
    return Interval(found.difference - reach * found.error, found.difference + reach * found.error)


def _relative(found: Adjusted, reach: float) -> tuple[float | None, Interval | None]:
    """Return treated / control - 1 and its interval, by the delta method on the logarithm."""
    if not (found.control > 0.0 and isfinite(found.difference)):
        return None, None
    relative = found.difference / found.control
    if not (found.treated > 0.0 and isfinite(reach)):
        return relative, None
    parts = (found.treated_error / found.treated, found.control_error / found.control)
    shared = 2.0 * found.covariance / (found.treated * found.control)
    error = sqrt(max(parts[0] ** 2 + parts[1] ** 2 - shared, 0.0))
    middle = log(found.treated / found.control)
    # Beyond this the control's mean is hardly known from nought, and a ratio to it says nothing.
    if reach * error > 5.0:
        return relative, None
    return relative, Interval(exp(middle - reach * error) - 1.0, exp(middle + reach * error) - 1.0)


def _verdict(daily: Interval, smallest: float, better: Better) -> Verdict:
    if -smallest < daily.low and daily.high < smallest:
        return Verdict.SAME
    if daily.holds(0.0):
        return Verdict.OPEN
    return Verdict.BETTER if (daily.low > 0.0) == (better is Better.HIGHER) else Verdict.WORSE


def _figures(customers: pl.DataFrame, arm: str, outcome: Outcome) -> Figures:
    known = customers.filter(pl.col("arm") == arm)[outcome.name].drop_nulls()
    mean = float(known.to_numpy().mean()) if len(known) else float("nan")
    return Figures(arm, outcome.name, len(known), mean)


def _notes(
    counts: Mapping[str, int], figures: Sequence[Figures], found: Balance
) -> tuple[str, ...]:
    notes = [found.text] if found.passes is False else []
    for arm, customers in counts.items():
        if customers < LEAST:
            notes.append(f"{arm} has {customers} customers: below {LEAST} nothing can be said.")
    for name in dict.fromkeys(f.outcome for f in figures):
        shares = {f.arm: f.customers / counts[f.arm] for f in figures if f.outcome == name}
        low, high = min(shares, key=shares.__getitem__), max(shares, key=shares.__getitem__)
        if shares[high] - shares[low] > UNLIKE:
            notes.append(
                f"{name} is known of {shares[high]:.0%} of the customers in {high} and of "
                f"{shares[low]:.0%} in {low}: only those are compared, and they may differ in "
                "more than the arm."
            )
    return tuple(notes)


def _deviation(values: pl.Series) -> float:
    return float(values.to_numpy().std()) if len(values) else 0.0
