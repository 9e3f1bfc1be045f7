"""A look: what features and scores are like at an instant, and what is foretold then.

Looks are kept week by week, so that nothing has to be worked out twice and the past is what was
said in it. What is kept of features is counts, of nobody in particular.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from tenor.engine.features.segments import segment
from tenor.engine.frames import Tables
from tenor.engine.monitoring.evidence import WINDOW
from tenor.engine.predictors.model import Model
from tenor.engine.predictors.payment import EDGES
from tenor.engine.predictors.score import Foretold, foretell

# Numbers are counted in so many parts of about equal size, words by the most common ones.
_PARTS = 8
_WORDS = 8
HORIZONS = (7, 30)
# What the model says, beside the features it says it from.
SCORE = "chance_30d"
# Counts and instants that can only grow with time say how old the organisation is, no more.
EVERY = timedelta(days=7)

Edges = Mapping[str, Sequence[Any]]

COUNTS = {"feature": pl.String(), "segment": pl.String(), "bin": pl.Int64(), "rows": pl.Int64()}


@dataclass(frozen=True, eq=False)
class Look:
    """What was seen at an instant.

    Attributes
    ----------
    counts
        `feature, segment, bin, rows`: open invoices by feature and part (`bin` 0 and up in the
        order of `Edges`; -1: missing; one past the last word: another word).
    foretold
        `instant, invoice_id, customer_id, segment, p_paid_7d, p_paid_30d`, a row an open invoice.
    """

    at: datetime
    counts: pl.DataFrame
    foretold: pl.DataFrame

    @property
    def day(self) -> date:
        """Return the day of the look."""
        return self.at.date()


def edges_of(rows: pl.DataFrame) -> dict[str, list[Any]]:
    """Return by feature where its parts begin (numbers) or which words they are, JSON values.

    `rows` is a snapshot's. The same edges hold for all looks that are to be compared.
    """
    found: dict[str, list[Any]] = {SCORE: [round(k / 10, 1) for k in range(1, 10)]}
    for name, values in _features(rows):
        known = values.drop_nulls()
        if values.dtype == pl.String:
            words = known.value_counts(sort=True).sort("count", name, descending=[True, False])
            found[name] = words[name].head(_WORDS).to_list()
        elif known.len():
            cuts = np.quantile(known.to_numpy(), np.arange(1, _PARTS) / _PARTS)
            # A cut at the lowest value would leave a part that nothing can be in.
            found[name] = [float(c) for c in np.unique(cuts) if c > float(known.min())]  # type: ignore[arg-type]
    return found


def look(foretold: Foretold, *, edges: Edges) -> Look:
    """Count what a snapshot is like, and keep what is foretold of it."""
    rows = foretold.snapshot.rows
    at = foretold.snapshot.as_of
    chances = {f"p_paid_{h}d": foretold.paid[:, EDGES.index(h)] for h in HORIZONS}
    kept = rows.select(
        pl.lit(at).alias("instant"), "invoice_id", "customer_id", segment=segment(rows)
    ).with_columns(**{name: pl.Series(p, dtype=pl.Float64) for name, p in chances.items()})
    scored = rows.with_columns(pl.Series(SCORE, chances["p_paid_30d"], dtype=pl.Float64))
    return Look(at, _counted(scored, kept["segment"], edges), kept)


def look_back(
    tables: Tables,
    *,
    as_of: datetime,
    model: Model,
    weeks: int = WINDOW,
    edges: Edges | None = None,
    report: Callable[[float], None] | None = None,
) -> tuple[Look, ...]:
    """Return the looks of the last `weeks` weeks up to `as_of`, from what was known at each.

    What lies before the model was fitted is left out: there it would foretell what it has seen.
    Without `edges` those of the first look hold.
    """
    ordered = tables.known_at(as_of).in_order()
    count = min(weeks, max((as_of - model.as_of) // EVERY, 0))
    found = []
    for i, back in enumerate(range(count, -1, -1)):
        seen = foretell(ordered, as_of=as_of - back * EVERY, model=model)
        edges = edges if edges is not None else edges_of(seen.snapshot.rows)
        found.append(look(seen, edges=edges))
        if report:
            report((i + 1) / (count + 1))
    return tuple(found)


def _features(rows: pl.DataFrame) -> Iterator[tuple[str, pl.Series]]:
    for name in rows.columns:
        if name not in ("invoice_id", "customer_id"):
            yield name, rows[name]


def _counted(rows: pl.DataFrame, segments: pl.Series, edges: Edges) -> pl.DataFrame:
    parts = [
        pl.DataFrame({"segment": segments, "bin": _bins(values, edges[name])})
        .group_by("segment", "bin")
        .agg(rows=pl.len().cast(pl.Int64))
        .select(pl.lit(name).alias("feature"), "segment", "bin", "rows")
        for name, values in _features(rows)
        if name in edges
    ]
    if not parts:
        return pl.DataFrame(schema=COUNTS)
    return pl.concat(parts).sort("feature", "segment", "bin")


def _bins(values: pl.Series, edges: Sequence[Any]) -> pl.Series:
    if values.dtype == pl.String:
        number = {word: n for n, word in enumerate(edges)}
        return pl.Series(
            [-1 if v is None else number.get(v, len(edges)) for v in values.to_list()],
            dtype=pl.Int64,
        )
    numbers = values.cast(pl.Float64)
    bins = np.searchsorted(np.asarray(edges, dtype=np.float64), numbers.to_numpy(), side="right")
    return pl.Series(np.where(numbers.is_null().to_numpy(), -1, bins), dtype=pl.Int64)
