"""What every predictor promises, checked by one function whatever it predicts."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.predictors.store import load, save

Array = NDArray[np.float64]
RNG = 20260511


@dataclass(frozen=True)
class Case:
    """A predictor under test.

    `fit(seed)` learns it anew. `predict(predictor, rows)` gives an array [rows, ...] for feature
    rows. `chances` says whether the numbers are probabilities that rise along the last axis.
    `classes` are those that its folder may hold. `tolerance` is by how much the
    numbers of a row may differ with the rows beside it.
    """

    fit: Callable[[int], Any]
    predict: Callable[[Any, pl.DataFrame], Array]
    rows: pl.DataFrame
    classes: tuple[type, ...]
    chances: bool = True
    tolerance: float = 1e-12


def check_predictor(case: Case, folder: Path) -> None:
    """Check all of it; `folder` is empty and the check's own."""
    predictor = case.fit(0)
    found = case.predict(predictor, case.rows)
    assert found.shape[0] == case.rows.height > 10
    assert np.isfinite(found).all()
    if case.chances:
        _check_chances(found)
    assert np.array_equal(case.predict(predictor, case.rows), found), "asking twice"
    assert np.array_equal(case.predict(case.fit(0), case.rows), found), "the same seed"
    _check_rows(case, predictor, found)
    _check_folder(case, predictor, found, folder)


def _check_chances(found: Array) -> None:
    assert found.min() >= -1e-12
    assert found.max() <= 1.0 + 1e-12
    if found.ndim == 2:
        assert (np.diff(found, axis=1) >= -1e-12).all(), "a longer time cannot be less likely"


def _check_rows(case: Case, predictor: Any, found: Array) -> None:
    rows = case.rows
    order = np.random.default_rng(RNG).permutation(rows.height)
    assert np.allclose(
        case.predict(predictor, rows[order]), found[order], rtol=0, atol=case.tolerance
    )
    some = case.predict(predictor, rows.head(3))
    assert np.allclose(some, found[:3], rtol=0, atol=case.tolerance), (
        "who else is asked about matters"
    )
    names = [c for c in rows.columns if rows[c].dtype == pl.String and not c.endswith("_id")]
    strange = rows.with_columns(pl.lit("never seen").alias(c) for c in names)
    bare = rows.drop(
        [
            c
            for c in rows.columns
            if c.startswith(("customer_", "invoice_", "external_"))
            and c not in ("customer_id", "invoice_id")
        ]
    )
    unknown = rows.with_columns(pl.lit(None, dtype=rows[c].dtype).alias(c) for c in names)
    for other in (strange, bare, unknown):
        again = case.predict(predictor, other)
        assert again.shape == found.shape
        assert np.isfinite(again).all()
        if case.chances:
            _check_chances(again)


def _check_folder(case: Case, predictor: Any, found: Array, folder: Path) -> None:
    version = save(predictor, folder / "kept")
    kept = load(folder / "kept", case.classes)
    assert np.array_equal(case.predict(kept, case.rows), found), "save and load"
    assert save(kept, folder / "again") == version
    files = sorted(p.name for p in (folder / "kept").iterdir())
    assert files == sorted(p.name for p in (folder / "again").iterdir())
    for name in files:
        assert (folder / "kept" / name).read_bytes() == (folder / "again" / name).read_bytes()
