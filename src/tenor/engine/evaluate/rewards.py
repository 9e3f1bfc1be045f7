"""What a contact is expected to bring by its channel and tone, learned from other customers.

Doubly robust estimators need a prediction of every reward that comes from other rows than the one
it corrects. This is the plainest that knows of the action: what was expected without contact, plus
what each channel and tone brought elsewhere, drawn towards their mean.
"""

import numpy as np
import polars as pl

from tenor.engine.evaluate.bootstrap import Floats
from tenor.engine.predictors.history import unit_hash

FOLDS = 2
# A channel or tone seen in this many contacts is believed half (shrinkage of a one-way layout).
PRIOR_ROWS = 50.0


def cross_fitted(
    rows: pl.DataFrame, *, factors: tuple[str, ...], clusters: str = "customer_id"
) -> tuple[Floats, Floats]:
    """Return predictions (of what was done [n], of what the target would do [n]).

    Parameters
    ----------
    rows : `reward`, `expected` (without contact), `clusters`, and for each factor its name, logged
        (`channel`) and the target's (`target_channel`).
    """
    fold = (unit_hash(rows[clusters], "fold") * FOLDS).astype(np.int64)
    surprise = (rows["reward"] - rows["expected"]).to_numpy().astype(np.float64)
    names = [sorted({*rows[f].to_list(), *rows[f"target_{f}"].to_list()}) for f in factors]
    logged = _marked(rows, names, factors, "")
    target = _marked(rows, names, factors, "target_")
    done, would = np.zeros(len(fold)), np.zeros(len(fold))
    for k in range(FOLDS):
        mine = fold == k
        found = _ridge(logged[~mine], surprise[~mine])
        done[mine], would[mine] = logged[mine] @ found, target[mine] @ found
    expected = rows["expected"].to_numpy().astype(np.float64)
    return expected + done, expected + would


def _marked(
    rows: pl.DataFrame, names: list[list[str]], factors: tuple[str, ...], prefix: str
) -> Floats:
    """Return a column of ones and one of 0 or 1 for every name of every factor."""
    columns = [np.ones(rows.height)]
    for factor, known in zip(factors, names, strict=True):
        values = rows[f"{prefix}{factor}"].to_numpy()
        columns += [(values == name).astype(np.float64) for name in known]
    return np.stack(columns, axis=1)


def _ridge(columns: Floats, values: Floats) -> Floats:
    """Return coefficients; the intercept (first) is free, the others are drawn to nought."""
    if not len(values):
        return np.zeros(columns.shape[1])
    penalty = np.full(columns.shape[1], PRIOR_ROWS)
    penalty[0] = 1e-9
    return np.asarray(np.linalg.solve(columns.T @ columns + np.diag(penalty), columns.T @ values))
