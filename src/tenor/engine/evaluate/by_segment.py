"""How good the chances are group by group: right on average may still be wrong for some."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from tenor.engine.evaluate.bootstrap import cluster_codes, percentiles, resample_counts
from tenor.engine.evaluate.figures import LEVEL, RESAMPLES, Figure
from tenor.engine.evaluate.metrics import auc, ranking
from tenor.engine.evaluate.quality import MAIN_HORIZON
from tenor.engine.evaluate.segments import groups

# Below these a group's figures are noise, and no verdict is built on them.
FEWEST_ROWS = 100
FEWEST_CUSTOMERS = 30


@dataclass(frozen=True)
class GroupQuality:
    """How good "paid within `days`" was foretold for one group of one way to group.

    `bias` is mean chance less observed share, `auc` the ranking within the group (nan where all
    ended alike). `enough` says whether there is enough of it to judge by.
    """

    by: str
    group: str
    days: int
    rows: int
    customers: int
    paid_share: float
    auc: Figure
    bias: Figure
    enough: bool


def quality_by_segment(
    rows: pl.DataFrame,
    segments: dict[datetime, pl.DataFrame],
    *,
    rng: np.random.Generator,
    days: int = MAIN_HORIZON,
) -> tuple[GroupQuality, ...]:
    """Judge the chances of payment within `days`, group by group.

    Parameters
    ----------
    rows : of `quality.judged_rows`.
    segments : for each instant of `rows` the groups as known then (`segments.segments_at`).
    """
    seen = rows.filter(pl.col("seen_days") >= days)
    if seen.is_empty() or not segments:
        return ()
    placed = pl.concat(
        [
            frame.with_columns(instant=pl.lit(at).cast(pl.Datetime("us", "UTC")))
            for at, frame in segments.items()
        ],
        how="diagonal",
    )
    columns = [c for c in placed.columns if c not in ("customer_id", "instant")]
    joined = seen.join(placed, on=["customer_id", "instant"], how="left", maintain_order="left")
    return tuple(_judged(by, group, part, days, rng) for by, group, part in groups(joined, columns))


def _judged(
    by: str, group: str, rows: pl.DataFrame, days: int, rng: np.random.Generator
) -> GroupQuality:
    outcome = (rows["paid_days"] <= days).fill_null(False).cast(pl.Float64).to_numpy()
    chance = rows[f"p_paid_{days}d"].to_numpy()
    codes, count = cluster_codes(rows["customer_id"].to_numpy())
    order = ranking(chance, outcome)
    surprise = np.bincount(codes, weights=chance - outcome, minlength=count)
    size = np.bincount(codes, minlength=count)
    biases, aucs = [], []
    for counts in resample_counts(count, resamples=RESAMPLES, rng=rng):
        biases.append((counts @ surprise) / np.maximum(counts @ size, 1))
        aucs.append(order.auc(counts[:, codes]))
    return GroupQuality(
        by=by,
        group=group,
        days=days,
        rows=rows.height,
        customers=count,
        paid_share=float(outcome.mean()),
        auc=_figure(auc(chance, outcome), np.concatenate(aucs)),
        bias=_figure(float((chance - outcome).mean()), np.concatenate(biases)),
        enough=rows.height >= FEWEST_ROWS and count >= FEWEST_CUSTOMERS,
    )


def _figure(value: float, draws: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Figure:
    defined = draws[np.isfinite(draws)]
    if not len(defined) or not np.isfinite(value):
        return Figure(value, float("nan"), float("nan"))
    return Figure(value, *percentiles(defined, level=LEVEL))
