"""Which of the things that may be learned from tell a protected group apart from the others.

A column that tells where somebody comes from can be used to treat them by it, without anybody
meaning to. How well each feature, and all of them together, tell a group is measured on customers
that were not learned from (three parts in turn).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import e, log2, sqrt

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.evaluate.metrics import auc
from tenor.engine.fairness.findings import limits_on
from tenor.engine.fairness.groups import attributes
from tenor.engine.features.build import KEYS, build
from tenor.engine.features.identity import identity_columns
from tenor.engine.frames import Tables
from tenor.engine.predictors.encoding import encoding_of
from tenor.engine.predictors.history import unit_hash
from tenor.engine.predictors.trees import grow

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int64]

_FOLDS = 3
_BANDS = 8
_ROUNDS = 40
_Z = 1.96
# Of each group, so many features that tell most are named.
_NAMED = 5


@dataclass(frozen=True)
class Telling:
    """How well something tells a group: AUC (0.5: not at all, 1: always) with its 95% interval.

    `bits` is the mutual information of a feature and the group (of at most one bit), corrected for
    what chance would show; `identity` says that the feature is who somebody is, not what they did.
    """

    name: str
    auc: float
    lower: float
    upper: float
    bits: float = 0.0
    identity: bool = False


@dataclass(frozen=True)
class Told:
    """A group and what tells it: all features together, and the features that tell most.

    `together` is None where the group, or the rest, is too small.
    """

    attribute: str
    group: str
    customers: int
    together: Telling | None
    features: tuple[Telling, ...]

    def proxies(self, most: float) -> tuple[Telling, ...]:
        """Return the features that surely tell the group better than `most` (an AUC)."""
        return tuple(f for f in self.features if f.lower > most)


def told(
    tables: Tables, *, as_of: datetime, groups: pl.DataFrame, seed: int = 0
) -> tuple[Told, ...]:
    """Measure what tells each group, among customers with an open invoice at `as_of` (aware).

    Parameters
    ----------
    tables : the facts; features are built from them as for a predictor.
    groups : `customer_id` and a column of texts an attribute.
    seed : of the trees.
    """
    known = tables.known_at(as_of).in_order()
    rows = build(known, as_of).rows.unique("customer_id", keep="first", maintain_order=True)
    small = limits_on(as_of.date()).small
    who = identity_columns(known, rows.columns)
    # An attribute that the organisation names may be a feature itself: that it tells itself is
    # no news.
    found = []
    joined = rows.join(groups, on="customer_id", how="left", maintain_order="left", suffix="_group")
    for attribute in attributes(groups):
        column = f"{attribute}_group" if attribute in rows.columns else attribute
        of = joined.filter(pl.col(column).is_not_null())
        features = rows.drop([*KEYS, f"customer_{attribute}"], strict=False).columns
        labels = of[column]
        for label in sorted(labels.unique().to_list()):
            member = (labels == label).to_numpy()
            found.append(_told(of, features, attribute, label, member, who, small, seed))
    return tuple(found)


def _told(
    rows: pl.DataFrame, features: Sequence[str], attribute: str, label: str, member: Flags,
    who: Sequence[str], small: int, seed: int,
) -> Told:  # fmt: skip
    count = int(member.sum())
    if min(count, len(member) - count) < small:
        return Told(attribute, label, count, None, ())
    fold = (unit_hash(rows["customer_id"], "folds") * _FOLDS).astype(np.int64)
    each = [_feature(rows[name], member, fold, name, name in who) for name in features]
    each.sort(key=lambda t: (-t.auc, t.name))
    chance = _together(rows.select(*KEYS, *features), member, fold, seed)
    together = Telling("all together", *_with_interval(chance, member))
    return Told(attribute, label, count, together, tuple(each[:_NAMED]))


def _together(rows: pl.DataFrame, member: Flags, fold: Codes, seed: int) -> Array:
    encoding = encoding_of(rows)
    matrix = encoding.matrix(rows)
    names = tuple(range(len(encoding.numbers), len(encoding.columns)))
    chance = np.zeros(len(member))
    for k in range(_FOLDS):
        away = fold == k
        if not member[~away].any() or member[~away].all() or not _varies(matrix[~away]):
            continue
        trees = grow(
            matrix[~away], member[~away].astype(np.float64), objective="binary", rounds=_ROUNDS,
            seed=seed, names=names,
        )  # fmt: skip
        chance[away] = trees.predict(matrix[away])
    return chance


def _varies(matrix: Array) -> bool:
    """Say whether any column has two values: nothing grows from constants."""
    return bool((np.ptp(np.nan_to_num(matrix, nan=-1e12), axis=0) > 0).any())


def _feature(column: pl.Series, member: Flags, fold: Codes, name: str, identity: bool) -> Telling:
    code = _banded(column)
    chance = np.zeros(len(member))
    for k in range(_FOLDS):
        away = fold == k
        size = np.bincount(code[~away], minlength=int(code.max()) + 1)
        hits = np.bincount(code[~away], weights=member[~away], minlength=len(size))
        usual = member[~away].mean() if (~away).any() else 0.5
        chance[away] = ((hits + usual) / (size + 1.0))[code[away]]
    return Telling(name, *_with_interval(chance, member), _bits(code, member), identity)


def _banded(column: pl.Series) -> Codes:
    """Number the values: names as they are, numbers in bands of as many, missing by itself."""
    if not column.dtype.is_numeric():
        texts = column.cast(pl.String).fill_null("")
        return (texts.rank("dense").cast(pl.Int64) - 1).to_numpy()
    numbers = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    there = numbers[~np.isnan(numbers)]
    if not len(there):
        return np.zeros(len(numbers), dtype=np.int64)
    cuts = np.unique(np.quantile(there, np.arange(1, _BANDS) / _BANDS))
    return np.where(np.isnan(numbers), len(cuts) + 1, np.searchsorted(cuts, numbers, side="right"))


def _with_interval(chance: Array, member: Flags) -> tuple[float, float, float]:
    """Return the AUC and its 95% interval (Hanley & McNeil 1982)."""
    a = auc(chance, member.astype(np.float64))
    inside, outside = int(member.sum()), int((~member).sum())
    q1, q2 = a / (2 - a), 2 * a * a / (1 + a)
    spread = a * (1 - a) + (inside - 1) * (q1 - a * a) + (outside - 1) * (q2 - a * a)
    error = sqrt(max(spread, 0.0) / (inside * outside))
    return a, max(0.0, a - _Z * error), min(1.0, a + _Z * error)


def _bits(code: Codes, member: Flags) -> float:
    """Return the mutual information in bits, less what chance shows (Miller & Madow 1955)."""
    cells = np.stack(
        [np.bincount(code[member == m], minlength=int(code.max()) + 1) for m in (0, 1)]
    )
    rows = int(cells.sum())
    share = cells / rows
    usual = share.sum(axis=1, keepdims=True) * share.sum(axis=0, keepdims=True)
    some = cells > 0
    plain = float((share[some] * np.log2(share[some] / usual[some])).sum())
    filled = int((cells.sum(axis=0) > 0).sum())
    return max(0.0, plain - float((filled - 1) / (2 * rows) * log2(e)))
