"""Several factors tried at once: what each does by itself, and what two do together."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import inf, sqrt

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.experiments.outcomes import Kind, Outcome
from tenor.engine.experiments.sequential import LEAST, LEVEL, Interval, interval, normal_reach

Array = NDArray[np.float64]

# Where the smallest difference that matters is not said: this part of a standard deviation.
SMALL = 0.1


@dataclass(frozen=True)
class FactorEffect:
    """What a level of a factor does beside the factor's first level, over all other factors.

    For two factors (an interaction): how much more the second's level does under the first's
    level than under the first's first level. `factors` and `levels` are of one or two.
    """

    outcome: str
    factors: tuple[str, ...]
    levels: tuple[str, ...]
    beside: tuple[str, ...]
    difference: float
    error: float
    once: Interval
    daily: Interval


def factor_effects(
    customers: pl.DataFrame, outcome: Outcome, factors: Sequence[str], *, level: float = LEVEL
) -> tuple[FactorEffect, ...]:
    """Return the main effects of all factors, then the interactions of all pairs.

    Every combination of the other factors counts the same, however many customers it has, so that
    a factor is not credited with another's work. Nothing where a combination has fewer than two
    customers. What was foretold is taken out first, by one line for all (CUPED).

    Parameters
    ----------
    customers : a row a customer: `factors`, the outcome, and `expected_<outcome>`,
        `before_<outcome>` where they are known. A factor's levels are compared with its first in
        the order of their names.
    """
    if not factors:
        return ()
    known = customers.drop_nulls([*factors, outcome.name])
    levels = [sorted(known[factor].cast(pl.String).unique().to_list()) for factor in factors]
    if any(len(found) < 2 for found in levels):
        return ()
    places = [
        np.searchsorted(np.array(found), known[factor].cast(pl.String).to_numpy())
        for factor, found in zip(factors, levels, strict=True)
    ]
    shape = tuple(len(found) for found in levels)
    cell = np.ravel_multi_index(places, shape)
    value = _less_foretold(known, outcome, cell)
    count = np.bincount(cell, minlength=int(np.prod(shape))).reshape(shape)
    if count.min() < 2:
        return ()
    mean = np.bincount(cell, value, minlength=count.size).reshape(shape) / count
    square = np.bincount(cell, value**2, minlength=count.size).reshape(shape) / count
    variance = np.maximum(square - mean**2, 0.0) / (count - 1)
    if outcome.kind is Kind.SHARE:
        # As in `adjusted`: a cell in which all did the same is not taken for certain.
        variance = np.maximum(variance, 0.5 / (count + 2) ** 2)
    smallest = outcome.smallest or SMALL * float(value.std())
    enough = count.min() * count.size / max(shape) >= LEAST
    found = []
    for at, ranks, contrast in _contrasts(shape):
        difference = float((contrast * mean).sum())
        error = sqrt(float((contrast**2 * variance).sum()))
        bounds = _bounds(difference, error if enough else 0.0, smallest, level)
        effect = FactorEffect(
            outcome.name,
            tuple(factors[f] for f in at),
            tuple(levels[f][k] for f, k in zip(at, ranks, strict=True)),
            tuple(levels[f][0] for f in at),
            difference,
            error,
            *bounds,
        )
        found.append(effect)
    return tuple(found)


def _bounds(
    difference: float, error: float, smallest: float, level: float
) -> tuple[Interval, Interval]:
    """Return the ordinary interval and the one for every day; endless where nothing is known."""
    if not (error > 0.0 and smallest > 0.0):
        return Interval(-inf, inf), Interval(-inf, inf)
    reach = normal_reach(level) * error
    once = Interval(difference - reach, difference + reach)
    return once, interval(difference, error, tuned_to=smallest, level=level)


def _contrasts(
    shape: tuple[int, ...],
) -> list[tuple[tuple[int, ...], tuple[int, ...], Array]]:
    """Return (factors, levels, what each cell's mean counts) of main effects and interactions."""
    found: list[tuple[tuple[int, ...], tuple[int, ...], Array]] = []
    groups: list[tuple[int, ...]] = [(f,) for f in range(len(shape))]
    groups += combinations(range(len(shape)), 2)
    for group in groups:
        for levels in product(*(range(1, shape[f]) for f in group)):
            contrast = np.ones(shape)
            for f, n in enumerate(shape):
                line = np.full(n, 1.0 / n)
                if f in group:
                    line = np.zeros(n)
                    line[levels[group.index(f)]], line[0] = 1.0, -1.0
                contrast *= line.reshape([-1 if g == f else 1 for g in range(len(shape))])
            found.append((group, levels, contrast))
    return found


def _less_foretold(known: pl.DataFrame, outcome: Outcome, cell: NDArray[np.int_]) -> Array:
    """Return the outcome less the part that was foretold, by one slope within all cells."""
    value = known[outcome.name].to_numpy().astype(float)
    names = [f"{p}{outcome.name}" for p in ("expected_", "before_")]
    names = [name for name in names if name in known.columns]
    if not names or len(value) < 20 * (len(names) + int(cell.max()) + 1):
        return value
    told = known.select(pl.col(names).fill_null(pl.col(names).mean()).fill_null(0.0)).to_numpy()
    counts = np.maximum(np.bincount(cell), 1)

    def within(column: Array) -> Array:
        return np.asarray(column - (np.bincount(cell, column) / counts)[cell])

    inside = np.column_stack([within(told[:, k]) for k in range(told.shape[1])])
    slope = np.linalg.lstsq(inside, within(value), rcond=None)[0]
    return np.asarray(value - (told - told.mean(axis=0)) @ slope)
