"""Which groups an audit compares: protected attributes, and columns that the organisation names.

A protected attribute (`protected_*` of customers) is read here and nowhere else in the engine.
"""

from collections.abc import Sequence
from itertools import combinations, pairwise

import polars as pl

from tenor.engine.errors import InputError
from tenor.engine.frames import CUSTOMERS, PROTECTED_PREFIX

# Numbers with more values than this (an age, a year) are cut into bands of about equal size.
_MOST_VALUES = 8
_BANDS = 4
# More names than this (a postcode) say little of each, and hide what many comparisons could show.
_MOST_NAMES = 12
OTHER = "all others"
# Between the two names of an intersection, and between their values.
AND = " & "


def groups_of(customers: pl.DataFrame, *, named: Sequence[str] = ()) -> pl.DataFrame:
    """Return the groups that each customer belongs to.

    Parameters
    ----------
    customers : table `customers`.
    named : further columns of it that the organisation wants audited, such as country, language
        or a postcode area, for they may stand for something that is protected.

    Returns
    -------
    `customer_id` and a column of texts an attribute, under its own name; null where it is not
    known of a customer. Numbers with many values, and the years of days, are cut into four
    bands; of many names the twelve most frequent stand by themselves.

    Raises
    ------
    InputError
        Where a named column is not there.
    """
    protected = [c for c in customers.columns if c.startswith(PROTECTED_PREFIX)]
    unknown = [c for c in named if c not in customers.columns or c == CUSTOMERS.key]
    if unknown:
        there = ", ".join(c for c in customers.columns if c != CUSTOMERS.key)
        raise InputError(
            f"customers have no column {unknown[0]!r} to compare by; there are {there}"
        )
    chosen = list(dict.fromkeys([*protected, *named]))
    return customers.select("customer_id", *(_texts(customers[c]) for c in chosen))


def attributes(groups: pl.DataFrame) -> list[str]:
    """Name the attributes of a frame of groups."""
    return [c for c in groups.columns if c != "customer_id"]


def words_of(attribute: str) -> str:
    """Return an attribute's name as a person says it: `protected_age_band` is "age band"."""
    return attribute.replace(PROTECTED_PREFIX, "").replace("_", " ")


def with_intersections(groups: pl.DataFrame) -> pl.DataFrame:
    """Return the same groups, and a column for each two attributes taken together."""
    pairs = [
        pl.concat_str([pl.col(a), pl.col(b)], separator=AND).alias(AND.join((a, b)))
        for a, b in combinations(attributes(groups), 2)
    ]
    return groups.with_columns(pairs)


def _texts(column: pl.Series) -> pl.Series:
    if column.dtype in (pl.Date, pl.Datetime):
        column = column.dt.year()
    many = column.dtype.is_numeric() and column.drop_nulls().n_unique() > _MOST_VALUES
    if not many:
        return _most(column.cast(pl.String).replace("", None))
    numbers = column.cast(pl.Float64)
    cuts = sorted({float(numbers.quantile(k / _BANDS) or 0.0) for k in range(1, _BANDS)})
    edges = [float(numbers.min()), *cuts, float(numbers.max())]  # type: ignore[arg-type]
    labels = [f"{_short(a)} to {_short(b)}" for a, b in pairwise(edges)]
    place = numbers.to_frame().select(
        pl.sum_horizontal([(pl.col(column.name) > cut).cast(pl.Int32) for cut in cuts])
    )
    texts = pl.Series(labels).gather(place.to_series().to_list())
    known = pl.DataFrame({"known": numbers.is_not_null(), "text": texts})
    return known.select(pl.when("known").then("text").alias(column.name)).to_series()


def _most(names: pl.Series) -> pl.Series:
    """Return the names with all but the most frequent ones taken together."""
    counts = names.drop_nulls().value_counts(sort=False)
    counts = counts.sort("count", names.name, descending=[True, False])
    if counts.height <= _MOST_NAMES:
        return names
    kept = pl.col(names.name).is_in(counts[names.name].head(_MOST_NAMES).implode())
    other = pl.when(kept | pl.col(names.name).is_null()).then(names.name).otherwise(pl.lit(OTHER))
    return names.to_frame().select(other.alias(names.name)).to_series()


def _short(number: float) -> str:
    return f"{number:.4g}"
