"""Which contacts were left to chance, and with which probability their channel and their tone.

Three kinds of record, from the best to the least:

1. the probability of each part, where the parts were drawn independently (their product is that
   of the whole): taken as it stands;
2. an even draw among what was permitted (`explored_by` "uniform"), with what that was
   (`eligible`): worked out;
3. the probability of the whole alone: that of the parts is estimated from the draws themselves.
"""

import json

import polars as pl

FACTORS = ("channel", "tone")
# A contact made with at least this probability was the usual one, below it left to chance: one
# of several ways that are drawn evenly never reaches it, the usual way seldom falls below it.
USUAL = 0.5
# Customers with consents that are rarer than this are counted together.
FEWEST_ALIKE = 50
# The parts of a probability multiply up to the whole within rounding.
_ROUNDING = 0.01
_RECORDED, _EVEN, _WHOLE = "parts recorded", "drawn evenly", "whole recorded"


def with_kind(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the contacts with `record`: the kind of record, null for the usual contacts.

    `rows` have the columns of the contract's contacts (a `propensity` above 0 each) or some.
    """
    rows = rows.with_columns(
        pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in _COLUMNS.items()
        if name not in rows.columns
    )
    parts = pl.col("propensity_channel") * pl.col("propensity_tone")
    product = parts * pl.col("propensity_time").fill_null(1.0)
    independent = (product - pl.col("propensity")).abs() <= _ROUNDING * pl.col("propensity")
    even = (pl.col("explored_by") == "uniform") & pl.col("eligible").is_not_null()
    # Where the kind of draw is recorded, what a possible truth chose depends on who it is about:
    # only the even draws tell without knowing more.
    plain = (pl.col("propensity") < USUAL) & pl.col("explored_by").is_null()
    return rows.with_columns(
        record=pl.when(independent)
        .then(pl.lit(_RECORDED))
        .when(even)
        .then(pl.lit(_EVEN))
        .when(plain)
        .then(pl.lit(_WHOLE))
    )


def split_propensities(chance: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the contacts left to chance as `value_of` takes them: (logged, target).

    Where only the probability of channel, tone, day and hour together is recorded, that of channel
    and of tone alone is estimated: the channel's share among the drawn contacts of customers with
    the same `consents`, the tone's share among those of the channel. (Estimated propensities lose
    nothing against true ones: Hirano, Imbens & Ridder 2003.) `expected` stands for the
    prediction of every reward; `rewards.cross_fitted` gives better ones.
    """
    rows = chance if "record" in chance.columns else with_kind(chance)
    rows = with_parts(rows).with_columns(pl.col("target_tone").fill_null(""))
    same = {f: (pl.col(f) == pl.col(f"target_{f}")).cast(pl.Float64) for f in FACTORS}
    logged = rows.select(
        decision_id="contact_id",
        customer_id="customer_id",
        reward="reward",
        propensity=pl.col("p_channel") * pl.col("p_tone"),
        **{f"propensity_{f}": f"p_{f}" for f in FACTORS},
    )
    target = rows.select(
        decision_id="contact_id",
        probability=same["channel"] * same["tone"],
        q_logged="expected",
        q_target="expected",
        **{f"probability_{f}": s for f, s in same.items()},
    )
    return logged, target


def with_parts(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `p_channel` and `p_tone`, the probability of each part, by the best record of a row.

    `rows` are contacts left to chance, with `record` and `consents`; a missing tone becomes "".
    """
    rows = rows.with_columns(pl.col("tone").fill_null(""))
    group = pl.when(pl.len().over("consents", "record") >= FEWEST_ALIKE).then("consents")
    rows = rows.with_columns(alike=group).with_columns(
        e_channel=pl.len().over("record", "alike", "channel") / pl.len().over("record", "alike"),
        e_tone=pl.len().over("record", "channel", "tone") / pl.len().over("record", "channel"),
    )
    even = [_of_mask(*row) for row in rows.select("eligible", "channel", "tone", "record").rows()]
    rows = rows.with_columns(
        pl.Series(f"m_{f}", [pair[k] for pair in even], dtype=pl.Float64)
        for k, f in enumerate(FACTORS)
    )
    record = pl.col("record")
    return rows.with_columns(
        pl.when(record == _RECORDED)
        .then(f"propensity_{f}")
        .when((record == _EVEN) & pl.col(f"m_{f}").is_not_null())
        .then(f"m_{f}")
        .otherwise(f"e_{f}")
        .alias(f"p_{f}")
        for f in FACTORS
    )


def ways_open(chance: pl.DataFrame) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return for each contact left to chance the channels with tones that the draw could choose.

    Where the mask was recorded, what is in it; else all that was drawn for customers with the same
    consents (for all customers, where there are few of them).
    """
    rows = chance.with_columns(
        pl.col("tone").fill_null(""),
        alike=pl.when(pl.len().over("consents") >= FEWEST_ALIKE).then("consents"),
    )
    seen: dict[str | None, tuple[tuple[str, str], ...]] = {}
    for (alike,), part in rows.group_by(["alike"]):
        pairs = part.select("channel", "tone").unique().sort("channel", "tone")
        seen[alike if alike is None else str(alike)] = tuple(pairs.rows())
    found = {}
    columns = ("contact_id", "alike", "record", "eligible")
    for contact, alike, record, mask in rows.select(columns).iter_rows():
        if record == _EVEN and mask is not None:
            found[contact] = tuple((c, t) for c, tones in _open(mask).items() for t in tones)
        else:
            found[contact] = seen[alike]
    return found


def never_possible(chance: pl.DataFrame) -> int:
    """Count the contacts whose record says that the target's channel or tone was not open then."""
    recorded = chance.filter(pl.col("eligible").is_not_null())
    found = 0
    for mask, channel, tone in recorded.select(
        "eligible", "target_channel", "target_tone"
    ).iter_rows():
        open_ = _open(mask)
        found += channel not in open_ or (tone or "") not in open_[channel]
    return found


_COLUMNS: dict[str, pl.DataType] = {
    "propensity_channel": pl.Float64(),
    "propensity_tone": pl.Float64(),
    "propensity_time": pl.Float64(),
    "eligible": pl.String(),
    "explored_by": pl.String(),
}


def _of_mask(
    mask: str | None, channel: str, tone: str, record: str
) -> tuple[float | None, float | None]:
    """Return the probability of a channel, and of a tone in it, in an even draw from a mask.

    A channel is as likely as it has ways: its tones times its hours.
    """
    if record != _EVEN or mask is None:
        return None, None
    open_ = _open(mask)
    if tone not in open_.get(channel, {}):
        return None, None
    ways = {name: sum(slots.values()) for name, slots in open_.items()}
    return ways[channel] / sum(ways.values()), open_[channel][tone] / ways[channel]


def _open(mask: str) -> dict[str, dict[str, int]]:
    """Read a mask: by channel its tones, each with the number of hours it may be sent at."""
    found = {}
    for name, said in json.loads(mask).items():
        if isinstance(said, dict):
            hours = _size(str(said.get("hours", "0")))
            found[name] = dict.fromkeys(said.get("tones", [""]) or [""], hours)
    return found


def _size(ranges: str) -> int:
    """Count the numbers in ranges such as "8-19,21"."""
    total = 0
    for part in filter(None, ranges.split(",")):
        first, _, last = part.partition("-")
        total += int(last or first) - int(first) + 1
    return total
