"""What each kind of contact adds, in points of payment: the effect layer in words and figures.

For whoever decides which contacts to keep: one that adds nothing can be dropped.
"""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.features.build import Snapshot, build
from tenor.engine.frames import Tables
from tenor.engine.predictors.contact_log import ContactLog, contact_log
from tenor.engine.predictors.effect import answer_table
from tenor.engine.predictors.effect_design import Told, stage_of
from tenor.engine.predictors.history import unit_hash
from tenor.engine.predictors.intensity import POINT, chance, together
from tenor.engine.predictors.model import Model

Array = NDArray[np.float64]

WITHIN_DAYS = 14
# The average over this many invoices, drawn by their id, is that of all within a tenth of the
# interval's width; 300 draws fix the ends of a 95% interval to about a tenth of it too.
MOST_INVOICES = 600
DRAWS = 300
INTERVAL = (2.5, 97.5)
# How far all kinds together may be off, as the logarithm of a factor. Whether to contact was
# hardly ever left to chance, so what every contact adds is known far less well than how kinds
# differ, and the posterior, which takes the baseline for given, does not know that. In four
# simulated worlds the mean over all kinds was 0.5 to 0.9 of the truth.
SHARED_SPREAD = 0.3
# Outside these quantiles of the ages at which contacts were sent nothing was seen of their effect.
USUAL_AGES = (0.01, 0.99)
# With fewer contacts of a kind the figures are what trials elsewhere let one expect more than
# what was seen here, and no verdict is built on them.
LEAST_CONTACTS = 50


class Verdict(StrEnum):
    """What the interval of an effect says."""

    HELPS = "helps"
    UNCLEAR = "no clear effect"
    HARMS = "harms"


SCHEMA: dict[str, pl.DataType] = {
    "of": pl.String(),
    "channel": pl.String(),
    "tone": pl.String(),
    "contacts": pl.Int64(),
    "points": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "verdict": pl.String(),
}
CHANNEL, TONE, BOTH = "channel", "tone", "channel x tone"


def effect_report(tables: Tables, *, as_of: datetime, model: Model, seed: int = 0) -> pl.DataFrame:
    """Return what a contact today adds to the chance of payment within 14 days, by its kind.

    A row a channel, a tone, and a channel with a tone (`of` says which), the most helpful first.
    `points` (percentage points) is the mean, over the invoices open at `as_of` and of an age at
    which contacts were sent before, of the chance with the contact less that without. A channel's
    is the mean over tones and a tone's over channels, so that like is compared with like. `low`
    to `high` holds 95% of what is thought possible: draws from the posterior, and how far all
    kinds together may be off. `contacts` of the kind were logged by then. `verdict` is one of
    `Verdict`: unclear where the interval holds nought, or with fewer contacts than
    `LEAST_CONTACTS`. The same facts, model and seed give the same rows.
    """
    known, design = tables.known_at(as_of).in_order(), model.effect.design
    log = contact_log(known, as_of, design.channels, design.tones)
    snapshot = _some(build(known, as_of), log)
    if not design.channels or snapshot.rows.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((len(model.effect.mean), DRAWS))
    draws = model.effect.mean[:, None] + np.linalg.solve(model.effect.factor.T, noise)
    shared = np.exp(SHARED_SPREAD * rng.standard_normal(DRAWS))
    own = model.effect.paths(known, snapshot, WITHIN_DAYS)
    alone = _paid(own)
    hour = int(np.median(log.hour))
    tones = range(len(design.tones)) if design.tones else [-1]
    points = np.empty((len(design.channels), len(tones), DRAWS))
    for c in range(len(design.channels)):
        curve = model.effect.curves.curves[c, :WITHIN_DAYS]
        for j, tone in enumerate(tones):
            effects = design.effects(*_told(model, snapshot, c, tone, hour)).astype(np.float64)
            strength = effects @ draws[design.calendar :]
            for k in range(DRAWS):
                gain = _paid(together(own, POINT * strength[:, k, None] * curve)) - alone
                points[c, j, k] = 100.0 * shared[k] * gain.mean()
    return _rows(points, known, model)


def sentence(report: pl.DataFrame) -> str:
    """Say in a line which channels help, which do not, and by how much."""
    channels = report.filter(pl.col("of") == CHANNEL)
    if channels.is_empty():
        return "No contacts to learn from: nothing can be said of what they add."
    said = []
    for verdict in Verdict:
        found = channels.filter(pl.col("verdict") == verdict)
        each = [
            f"{c} {p:+.1f} ({low:+.1f} to {high:+.1f})"
            for c, p, low, high in found.select("channel", "points", "low", "high").rows()
        ]
        if each:
            said.append(f"{verdict.value}: {', '.join(each)}")
    return f"Points of payment within {WITHIN_DAYS} days: {'; '.join(said)}."


def _some(snapshot: Snapshot, log: ContactLog) -> Snapshot:
    """Keep the invoices of an age at which people are contacted, and at most so many of them.

    The same ones whatever else there is.
    """
    ages = np.quantile(log.overdue, USUAL_AGES) if len(log.overdue) else (0.0, 0.0)
    rows = snapshot.rows.filter(pl.col("days_overdue").is_between(*ages))
    place = np.argsort(unit_hash(rows["invoice_id"], "effects"), kind="stable")[:MOST_INVOICES]
    return replace(snapshot, rows=rows[np.sort(place)])


def _told(
    model: Model, snapshot: Snapshot, channel: int, tone: int, hour: int
) -> tuple[Array, Told]:
    """Return everybody's state, and one contact to each today of this kind."""
    rows = snapshot.rows
    n = rows.height
    return model.effect.states(rows), Told(
        np.full(n, channel),
        np.full(n, tone),
        np.full(n, hour),
        np.full(n, -1),
        stage_of(rows["days_overdue"].to_numpy()),
        rows["contacts_30d"].to_numpy(),
        answer_table(snapshot, model.effect.design.channels)[:, channel],
    )


def _paid(intensity: Array) -> Array:
    """Return the chance [rows] of payment on some day, from the intensity of each day."""
    return np.asarray(chance(intensity.sum(axis=1)))


def _rows(points: Array, known: Tables, model: Model) -> pl.DataFrame:
    channels, tones = model.effect.design.channels, model.effect.design.tones
    sent = known.contacts.select("channel", "tone")
    found: list[tuple[str, str | None, str | None, Array]]
    found = [(CHANNEL, c, None, points[i].mean(axis=0)) for i, c in enumerate(channels)]
    found += [(TONE, None, t, points[:, j].mean(axis=0)) for j, t in enumerate(tones)]
    found += [
        (BOTH, c, t, points[i, j]) for i, c in enumerate(channels) for j, t in enumerate(tones)
    ]
    rows = []
    for of, channel, tone, drawn in found:
        of_kind = [pl.col(n) == v for n, v in (("channel", channel), ("tone", tone)) if v]
        contacts = sent.filter(*of_kind).height
        low, high = np.percentile(drawn, INTERVAL)
        verdict = Verdict.HELPS if low > 0 else Verdict.HARMS if high < 0 else Verdict.UNCLEAR
        if contacts < LEAST_CONTACTS:
            verdict = Verdict.UNCLEAR
        rows.append((of, channel, tone, contacts, drawn.mean(), low, high, verdict.value))
    order = pl.col("of").replace_strict([CHANNEL, TONE, BOTH], [0, 1, 2])
    return (
        pl.DataFrame(rows, schema=SCHEMA, orient="row")
        .with_columns(pl.col("points", "low", "high").round(2))
        .sort(order, -pl.col("points"), "channel", "tone")
    )
