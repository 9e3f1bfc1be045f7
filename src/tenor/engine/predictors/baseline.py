"""The baseline: how likely an invoice is paid on a day when nobody contacts anybody."""

from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.predictors.days import LAGS, Days
from tenor.engine.predictors.encoding import GROWING, Encoding, encoding_of
from tenor.engine.predictors.history import unit_hash
from tenor.engine.predictors.trees import grow, raw_score, side_by_side

Array = NDArray[np.float64]

ROUNDS = 120
# Numbers of contacts and of what only contacts bring about say more about the sender's habits
# than about the payer; under another policy they would mislead.
LEFT_OUT = (
    *GROWING,
    "contacts_30d",
    "contacts_90d",
    "invoice_contacts",
    "days_since_contact",
    "opened_90d",
    "clicked_90d",
    "bounced_90d",
    "days_since_clicked",
    "days_since_event",
)
# How a contact's influence is taken to fade while the baseline is learned (days).
FADING = 2.5
# Payments a day that are counted beside those seen: trees cannot be grown where there was none.
HARDLY_ANY = 1e-5


@dataclass(frozen=True)
class Baseline:
    """Trees without any action, each grown on one half of the customers."""

    encoding: Encoding
    halves: tuple[lgb.Booster, ...]

    def logit(self, rows: pl.DataFrame) -> Array:
        """Return the logit of the daily chance of payment [rows] without recent contact."""
        matrix = _without_contact(self.encoding.matrix(rows))
        return _daily_logit(np.mean([raw_score(h, matrix) for h in self.halves], axis=0))


def fit_baseline(days: Days, *, seed: int) -> tuple[Baseline, Array]:
    """Return the baseline, and for every row of `days.rows` the logit from the other half's trees.

    The trees see how much contact there was in the two weeks they predict, so that they need
    not explain its effect by other things; when they are asked, it is set to none.
    """
    encoding = encoding_of(days.rows.drop("settled_at", "escalated_at", "closed_at"), LEFT_OUT)
    matrix = encoding.matrix(days.rows)
    count = days.rows.height
    exposed = np.bincount(days.row, minlength=count).astype(np.float64)
    paid = np.bincount(days.row, weights=days.paid, minlength=count)
    recent = np.bincount(days.row, weights=_influence(days), minlength=count)
    used = exposed > 0
    columns = np.column_stack([recent / np.maximum(exposed, 1.0), matrix])
    names = tuple(1 + len(encoding.numbers) + j for j in range(len(encoding.names)))
    half = unit_hash(days.rows["customer_id"], "halves") < 0.5

    def half_trees(side: NDArray[np.bool_]) -> lgb.Booster:
        mine = used & side
        return grow(
            columns[mine],
            paid[mine] / exposed[mine] + HARDLY_ANY,
            objective="poisson",
            rounds=ROUNDS,
            seed=seed,
            weight=exposed[mine],
            names=names,
            monotone=[1] + [0] * matrix.shape[1],
        )

    halves = side_by_side(lambda: half_trees(half), lambda: half_trees(~half))
    logit = np.zeros(count)
    for trees, others in zip(halves, (~half, half), strict=True):
        logit[others] = _daily_logit(raw_score(trees, _without_contact(matrix[others])))
    return Baseline(encoding, tuple(halves)), logit


def _influence(days: Days) -> Array:
    fading = np.append(np.exp(-np.arange(LAGS) / FADING), 0.0)
    last = np.where(days.last >= 0, fading[days.lag], 0.0)
    return np.asarray(last + np.where(days.before >= 0, fading[days.lag_before], 0.0))


def _without_contact(matrix: Array) -> Array:
    return np.column_stack([np.zeros(len(matrix)), matrix])


def _daily_logit(log_rate: Array) -> Array:
    """Turn the logarithm of a daily rate into the logit of the chance within a day."""
    rate = np.exp(np.clip(log_rate, -12.0, 0.5))
    return np.asarray(np.log(np.expm1(rate)))
