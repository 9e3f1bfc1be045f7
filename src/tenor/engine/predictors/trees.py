"""Boosted trees, set up one way for the whole engine: the same answer on every run."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")

# One thread a booster: with several, sums are added in an order that depends on their number and
# the last digits differ, while the same facts must give the same file byte for byte. What can be
# grown side by side is (`side_by_side`), which also suffers less on a busy machine.
SETTINGS: dict[str, Any] = {
    "learning_rate": 0.06,
    "num_leaves": 31,
    "lambda_l2": 5.0,
    "feature_fraction": 0.7,
    "cat_smooth": 50.0,
    "min_data_per_group": 100,
    "max_cat_threshold": 16,
    "max_bin": 127,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


# Below this many rows a second thread costs more than it saves.
_MANY = 5_000


def grow(
    matrix: NDArray[np.floating],
    target: NDArray[np.floating],
    *,
    objective: str,
    rounds: int,
    seed: int,
    weight: NDArray[np.floating] | None = None,
    offset: NDArray[np.floating] | None = None,
    names: tuple[int, ...] = (),
    monotone: list[int] | None = None,
) -> lgb.Booster:
    """Fit boosted trees.

    Parameters
    ----------
    matrix : [rows, columns], missing as not-a-number.
    target : [rows]; 0 or 1 for objective "binary", a rate for "poisson".
    weight, offset : [rows]; the offset is on the scale of the raw score.
    names : the columns that hold codes of names.
    monotone : per column 1, 0 or -1: the direction the score must take.
    """
    settings = SETTINGS | {"objective": objective, "seed": seed}
    # The same invoices come back at several instants: a leaf needs more rows than it seems.
    settings["min_data_in_leaf"] = int(np.clip(len(target) // 300, 5, 150))
    if monotone is not None:
        settings |= {"monotone_constraints": monotone, "monotone_constraints_method": "basic"}
    data = lgb.Dataset(
        matrix,
        label=target,
        weight=weight,
        init_score=offset,
        categorical_feature=list(names),
        params={"max_bin": settings["max_bin"], "verbosity": -1, "feature_pre_filter": False},
        free_raw_data=True,
    )
    return lgb.train(settings, data, num_boost_round=rounds)


def side_by_side(*tasks: Callable[[], T]) -> list[T]:
    """Run the tasks on two threads and return their results in order."""
    with ThreadPoolExecutor(2) as threads:
        return [done.result() for done in [threads.submit(task) for task in tasks]]


def raw_score(booster: lgb.Booster, matrix: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the raw score [rows] of the trees (without any offset they were fitted with)."""
    # Rows are independent of each other: here the number of threads changes no digit.
    threads = 1 if len(matrix) < _MANY else 2
    scores = booster.predict(matrix, raw_score=True, num_threads=threads)
    return np.asarray(scores, dtype=np.float64)
