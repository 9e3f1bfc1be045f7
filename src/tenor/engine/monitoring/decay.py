"""Do contacts still do what is believed: on contacts whose channel was drawn by lot.

A contact that was chosen because it was expected to work shows little when it seems to work:
those who would have paid anyway were chosen too. Among contacts drawn by lot each channel met
the same people, apart from chance; so what is left of the outcome after what was foretold is
compared between channels. Where the belief is right, nothing is left, whatever else changes.
"""

from datetime import datetime, timedelta

import numpy as np
import polars as pl

from tenor.engine.frames import Tables
from tenor.engine.ledger import settlements
from tenor.engine.monitoring.checks import Check, Panel, Unit, unknown
from tenor.engine.monitoring.evidence import LEAST_WEEKS, WINDOW, evidence
from tenor.engine.monitoring.weeks import end_of, week_of

# What a decision's `p_paid` speaks of, unless the policy says otherwise.
OUTCOME_DAYS = 14
# Off by more than a quarter of what is believed is an alarm; by less, the next fit puts it right.
_TOLERATED = 0.25
_LEAST_TOLERATED = 0.01
# Beyond it a rare contact would outweigh all others.
_HEAVIEST = 20.0
_FEWEST_A_WEEK = 4
_FEWEST = 60

KEPT = {
    "decided_at": pl.Datetime("us", "UTC"),
    "customer_id": pl.String(),
    "invoice_ids": pl.List(pl.String()),
    "channel": pl.String(),
    "propensity": pl.Float64(),
    "p_paid": pl.Float64(),
    "p_paid_wait": pl.Float64(),
}


def with_outcome(
    decisions: pl.DataFrame, tables: Tables, *, as_of: datetime, days: int = OUTCOME_DAYS
) -> pl.DataFrame:
    """Return the decisions whose outcome is known, with `paid`: the share paid within `days`.

    Parameters
    ----------
    decisions : `KEPT`, a row a decision that was drawn by lot among several and carried out;
        `channel` is null where the lot fell on waiting. Others are left out by their propensity
        (below 1 where there was a choice).
    """
    drawn = decisions.filter(
        (pl.col("propensity") > 0)
        & (pl.col("propensity") < 1)
        & (pl.col("decided_at") + timedelta(days=days) <= as_of)
    ).with_row_index("row")
    ends = settlements(tables.known_at(as_of)).select("invoice_id", "settled_at", "total")
    weight = pl.col("total").cast(pl.Float64)
    in_time = (pl.col("settled_at") <= pl.col("decided_at") + timedelta(days=days)).fill_null(False)
    shares = (
        drawn.explode("invoice_ids")
        .join(ends, left_on="invoice_ids", right_on="invoice_id", how="inner")
        .group_by("row")
        .agg(paid=(in_time.cast(pl.Float64) * weight).sum() / weight.sum())
    )
    return drawn.join(shares, on="row", how="inner", maintain_order="left").drop("row")


def decay(drawn: pl.DataFrame, *, as_of: datetime) -> list[Check]:
    """Check for each channel whether contacts bring less (or more) than is believed.

    Parameters
    ----------
    drawn : as `with_outcome` returns it.
    """
    channels = drawn["channel"].drop_nulls().unique().sort().to_list()
    rows = drawn.with_columns(
        week=week_of(pl.col("decided_at").dt.date(), as_of - timedelta(days=OUTCOME_DAYS)),
        left=pl.col("paid") - pl.col("p_paid"),
        gain=pl.col("p_paid") - pl.col("p_paid_wait"),
        weight=(pl.col("propensity").median() / pl.col("propensity")).clip(
            1.0 / _HEAVIEST, _HEAVIEST
        ),
    ).filter(pl.col("week").is_not_null())
    return [_check(channel, rows, as_of) for channel in channels]


def _check(channel: str, rows: pl.DataFrame, as_of: datetime) -> Check:
    panel, code = Panel.EFFECT, "effect"
    mine = (pl.col("channel") == channel).fill_null(False)
    both = (
        _weekly(rows.filter(mine))
        .join(_weekly(rows.filter(~mine)), on="week", suffix="_other")
        .filter((pl.col("rows") >= _FEWEST_A_WEEK) & (pl.col("rows_other") >= _FEWEST_A_WEEK))
        .sort("week", descending=True)
    )
    count = int(both["rows"].sum()) if both.height else 0
    if both.height < LEAST_WEEKS or count < _FEWEST:
        return unknown(code, panel, channel, Unit.POINTS, "too few drawn by lot", contacts=count)
    apart = (both["left"] - both["left_other"]).to_numpy()
    noise = (both["noise"] + both["noise_other"]).to_numpy()
    noise = np.maximum(noise, 0.5 * float(np.median(noise)))
    believed = both["gain"].to_numpy()
    slack = np.maximum(_TOLERATED * np.abs(believed), _LEAST_TOLERATED)
    # In units of what each week can tell: many contacts count more than few.
    scale = 1.0 / noise
    found = evidence(apart * scale, noise * scale**2, slack=slack * scale)
    latest = slice(-max(found.weeks, 8), None)
    weights = scale[latest] / scale[latest].sum()
    off = float((apart[latest] * weights).sum())
    gain = float((believed[latest] * weights).sum())
    start = int(both["week"][-max(found.weeks, 1)])
    return Check(
        code,
        panel,
        channel,
        Unit.POINTS,
        value=gain + off,
        low=gain - max(_TOLERATED * abs(gain), _LEAST_TOLERATED),
        high=gain + max(_TOLERATED * abs(gain), _LEAST_TOLERATED),
        log_looks=found.log_looks,
        since=end_of(start, as_of - timedelta(days=OUTCOME_DAYS)) - timedelta(days=6),
        # A single week of few contacts says nothing; the weeks since the change do.
        is_on=found.is_on or abs(off) > max(_TOLERATED * abs(gain), _LEAST_TOLERATED),
        facts={
            "believed": gain,
            "seen": gain + off,
            "reach": 2.0 / float(np.sqrt(scale[latest].sum())),
            "contacts": count,
            "direction": found.direction,
            "days": OUTCOME_DAYS,
        },
        past=tuple(
            (end_of(int(w), as_of - timedelta(days=OUTCOME_DAYS)), float(g + a))
            for w, g, a in zip(both["week"], believed, apart, strict=True)
        )[-WINDOW:],
    )


def _weekly(rows: pl.DataFrame) -> pl.DataFrame:
    """Return `week, rows, left, noise, gain`: means in which each drawn way counts alike."""
    w = pl.col("weight")
    return rows.group_by("week").agg(
        rows=pl.len(),
        left=(w * pl.col("left")).sum() / w.sum(),
        noise=(w**2 * (pl.col("left") - pl.col("left").mean()) ** 2).sum() / w.sum() ** 2,
        gain=(w * pl.col("gain")).sum() / w.sum(),
    )
