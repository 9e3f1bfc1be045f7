"""Have customers and scores moved: each feature's distribution against its own last quarter.

The measure is the population stability index (PSI), the symmetric Kullback-Leibler divergence
of two distributions cut into parts, less what samples of these sizes differ by chance:
(parts - 1) (1/n + 1/m). A rule of thumb on the index alone cries wolf wherever weeks differ
(pay days, seasons) and sleeps where they never do; so each week's index is held against the
indices of the weeks before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl

from tenor.engine.monitoring.checks import Check, Panel, Unit, unknown
from tenor.engine.monitoring.evidence import LEAST_WEEKS, WINDOW, Floats, evidence, surprises
from tenor.engine.monitoring.looks import SCORE, Edges, Look

# Each week is held against the quarter before it: slow growth is then the same every week.
BEFORE = 13
# Below this nothing has moved enough to matter, however surely it moved.
WORTH_SAYING = 0.10
# Distances (roots of the index) of quiet weeks differ by about so much.
_USUAL = 0.05
_SMOOTH = 0.5
_MOST_PARTS_TOLD = 3
# For whom a feature moved is worked out where it may have moved at all.
_TOLD = 4.0


@dataclass(frozen=True)
class Moved:
    """A part of a feature whose share moved: its words' or numbers' place, before and now."""

    bin: int
    before: float
    now: float


def psi(now: Floats, before: Floats) -> float:
    """Return the population stability index of two counts [parts], less that of chance.

    Half a row is added to each part, so that an empty one costs no infinity; below 0 is 0.

    Example
    -------
    >>> round(psi(np.array([50.0, 50.0]), np.array([5000.0, 5000.0])), 3)
    0.0
    """
    if now.sum() <= 0 or before.sum() <= 0:
        return 0.0
    n, m = float(now.sum()), float(before.sum())
    p, q = ((x + _SMOOTH) / (x + _SMOOTH).sum() for x in (now, before))
    parts = int(((now + before) > 0).sum())
    index = float(((p - q) * np.log(p / q)).sum())
    return max(index - (parts - 1) * (1.0 / n + 1.0 / m), 0.0)


def drift(looks: Sequence[Look], *, edges: Edges) -> list[Check]:
    """Check every feature, and the scores, for a change of their distribution.

    Parameters
    ----------
    looks : weekly, oldest first, all counted by the same `edges`.

    Returns
    -------
    A check a feature (subject: its name); unknown with fewer than seven weeks to compare.
    """
    if not looks:
        return []
    table = _counts(looks)
    return [_check(name, counts, looks, edges) for name, counts in sorted(table.items())]


def _counts(looks: Sequence[Look]) -> dict[str, Floats]:
    """Return by feature its counts [looks, bins], the missing first."""
    every = pl.concat([look.counts.with_columns(look=pl.lit(i)) for i, look in enumerate(looks)])
    summed = every.group_by("feature", "look", "bin").agg(pl.col("rows").sum())
    found = {}
    for (name,), part in summed.partition_by("feature", as_dict=True).items():
        table = np.zeros((len(looks), int(part["bin"].max()) + 2))  # type: ignore[arg-type]
        table[part["look"].to_numpy(), part["bin"].to_numpy() + 1] = part["rows"].to_numpy()
        found[str(name)] = table
    return found


def _check(name: str, counts: Floats, looks: Sequence[Look], edges: Edges) -> Check:
    panel, code = Panel.DRIFT, "scores" if name == SCORE else "feature"
    weeks = [
        (i, psi(counts[i], counts[max(0, i - BEFORE) : i].sum(axis=0)))
        for i in range(2, len(looks))
        if counts[i].sum() > 0 and counts[max(0, i - BEFORE) : i].sum() > 0
    ]
    if len(weeks) <= LEAST_WEEKS or weeks[-1][0] < len(looks) - 1:
        return unknown(code, panel, name, Unit.INDEX, "too few weeks", weeks=len(weeks))
    index = np.array([v for _, v in weeks])
    found = evidence(surprises(np.sqrt(index), usual=_USUAL), side=1)
    past = np.sqrt(index[-1 - WINDOW : -1])
    start = weeks[max(len(weeks) - found.weeks, 0)][0]
    now, before = counts[-1], counts[max(0, len(looks) - 1 - BEFORE) : -1].sum(axis=0)
    return Check(
        code,
        panel,
        name,
        Unit.INDEX,
        value=float(index[-1]),
        low=0.0,
        high=max(float(past.mean() + 2.6 * max(past.std(), _USUAL / 2)) ** 2, WORTH_SAYING),
        log_looks=found.log_looks,
        since=looks[start].day - timedelta(days=6),
        is_on=found.is_on and float(index[-1]) >= WORTH_SAYING,
        facts={
            "parts": [_part(m, edges[name]) for m in _moved(now, before)],
            **(_for_whom(name, looks) if found.log_looks >= _TOLD else {}),
        },
        past=tuple((looks[i].day, v) for i, v in weeks)[-WINDOW:],
    )


def _moved(now: Floats, before: Floats) -> list[Moved]:
    p, q = now / max(now.sum(), 1.0), before / max(before.sum(), 1.0)
    order = np.argsort(-np.abs(p - q), kind="stable")[:_MOST_PARTS_TOLD]
    return [Moved(int(b) - 1, float(q[b]), float(p[b])) for b in order if p[b] != q[b]]


def _part(moved: Moved, edges: Sequence[Any]) -> dict[str, Any]:
    """Say which part moved: its words, or between what its numbers lie (None: without end)."""
    said: dict[str, Any] = {"before": round(moved.before, 4), "now": round(moved.now, 4)}
    if moved.bin < 0:
        return said | {"missing": True}
    if edges and isinstance(edges[0], str):
        return said | {"word": edges[moved.bin] if moved.bin < len(edges) else None}
    low = edges[moved.bin - 1] if moved.bin > 0 else None
    high = edges[moved.bin] if moved.bin < len(edges) else None
    return said | {"from": low, "to": high}


def _for_whom(name: str, looks: Sequence[Look]) -> Mapping[str, Any]:
    """Return the segment in which a feature moved most, and by what index."""
    mine = pl.col("feature") == name
    now = looks[-1].counts.filter(mine)
    before = (
        pl.concat([look.counts.filter(mine) for look in looks[-1 - BEFORE : -1]])
        .group_by("segment", "bin")
        .agg(before=pl.col("rows").sum())
    )
    both = now.join(before, on=["segment", "bin"], how="full", coalesce=True).fill_null(0)
    indices = {
        str(segment): psi(
            part["rows"].to_numpy().astype(float), part["before"].to_numpy().astype(float)
        )
        for (segment,), part in both.partition_by("segment", as_dict=True).items()
    }
    if not indices:
        return {}
    whom = max(sorted(indices), key=lambda s: indices[s])
    return {"segment": whom, "segment_index": round(indices[whom], 4)}
