"""The chances of accounts by a fitted model: left alone, with a message, with a call."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.errors import InputError
from tenor.engine.features.build import Snapshot, build
from tenor.engine.frames import Tables
from tenor.engine.policy.worth import paid_within
from tenor.engine.predictors.days import LAGS
from tenor.engine.predictors.effect import answer_table
from tenor.engine.predictors.effect_design import CHANNELS, Told, stage_of
from tenor.engine.predictors.model import Model
from tenor.engine.predictors.payment import EDGES

Array = NDArray[np.float64]
Floats = NDArray[np.float32]

CALL = "call"
# The tier of messages sends what costs next to nothing: a letter is none of them.
LETTER = "letter"
# Contacts of a list are made in office hours, about noon.
HOUR = 12
# Left alone, people pay at most this many times as slowly or quickly as under the usual way: what
# lies beyond is two predictors at odds, not a difference between two ways.
POWERS = (0.3, 1.5)
SCHEMA: dict[str, pl.DataType] = {
    "account_id": pl.String(),
    "p_alone": pl.Float64(),
    "p_called": pl.Float64(),
    "p_messaged": pl.Float64(),
    "message": pl.String(),
}


def measured_chances(
    account_ids: pl.Series,
    tables: Tables,
    *,
    as_of: datetime,
    model: Model,
    horizon_days: int,
    call_channel: str = CALL,
) -> pl.DataFrame:
    """Return the chances of those accounts that are customers with an open invoice at `as_of`.

    Parameters
    ----------
    account_ids : ids as in the tables' `customer_id`; those without an open invoice are left out.
    horizon_days : within how many days payment counts.
    call_channel : which of the organisation's channels is a call. One that the model has not
        seen is taken for the average contact, moved by what trials say of calls; InputError for
        any other name than `call`.

    Returns
    -------
    `account_id, p_alone, p_called, p_messaged` (expected share of what is open that is paid:
    without new contact, with a call today, with the message today that does most), and `message`,
    that message's channel; sorted by account. Contacts are in an average tone, about noon. Where
    the model knows no channel but calls and letters, a message does nothing.
    """
    channels = model.effect.design.channels
    if call_channel not in channels and call_channel != CALL:
        raise InputError(
            f"the model has seen no channel {call_channel!r}, only "
            f"{', '.join(channels) or 'none'}: name the one that is a call with --call-channel"
        )
    known = tables.known_at(as_of).in_order()
    snapshot = build(known, as_of)
    listed = pl.col("customer_id").is_in(account_ids.implode())
    snapshot = replace(snapshot, rows=snapshot.rows.filter(listed))
    if snapshot.rows.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    messages = [c for c in channels if c not in (call_channel, LETTER)]
    path = model.effect.paths(known, snapshot, LAGS).astype(np.float32)
    soon = _unpaid(model, snapshot, path, None)
    late = _still_unpaid(model, snapshot, soon, horizon_days)
    chances = {"p_alone": 1.0 - late}
    for name, channel in (("p_called", call_channel), *((m, m) for m in messages)):
        chances[name] = 1.0 - late * _unpaid(model, snapshot, path, channel) / soon
    return _with_best_message(_shares(snapshot, chances), messages)


def _still_unpaid(model: Model, snapshot: Snapshot, soon: Array, days: int) -> Array:
    """Return the chance [rows] of being unpaid after `days` when left alone.

    `soon` [rows] is that after the days over which a contact acts. Further ahead the daily
    chances of one person say too much: who has not paid by then is another sort of payer. What
    the payment predictor learned of longer times under the usual way of working is raised to the
    power at which being left alone and being worked on stand over the first days (proportional
    hazards).
    """
    paid, _ = model.payment.predict(snapshot.rows)
    ends = np.array([0.0, *EDGES])
    usual = np.stack([np.interp([LAGS, days], ends, [0.0, *p]) for p in paid])
    log = np.log(np.clip(1.0 - usual, 1e-6, 1.0 - 1e-6))
    power = np.log(np.clip(soon, 1e-6, 1.0 - 1e-6)) / log[:, 0]
    return np.asarray(np.exp(log[:, 1] * np.clip(power, *POWERS)))


def _unpaid(model: Model, snapshot: Snapshot, path: Floats, channel: str | None) -> Array:
    """Return the chance [rows] of being unpaid after `LAGS` days, with a contact today or none."""
    rows, effect = snapshot.rows, model.effect
    n, names = rows.height, effect.design.channels
    number = names.index(channel) if channel in names else -1
    answers = answer_table(snapshot, names)
    told = Told(
        np.full(n, number),
        np.full(n, -1),
        np.full(n, HOUR),
        np.full(n, -1),
        stage_of(rows["days_overdue"].to_numpy()),
        rows["contacts_30d"].to_numpy(),
        answers[:, number] if number >= 0 else np.zeros(n),
    )
    strength = effect.strength(effect.states(rows), told)
    if channel is not None and number < 0:
        strength = strength + CHANNELS.get(channel, 0.0)
    curve = np.repeat(effect.curves.curves[number][None], n, axis=0).astype(np.float32)
    sent = np.full(n, -1 if channel is None else 0)
    paid = paid_within(path, strength, curve, sent, LAGS)
    return np.clip(1.0 - paid.astype(np.float64), 1e-6, 1.0)


def _shares(snapshot: Snapshot, chances: dict[str, Array]) -> pl.DataFrame:
    """Return each customer's chances: those of its invoices, weighed by what is open on them."""
    weight = pl.col("log_balance").exp()
    return (
        snapshot.rows.select("customer_id", "log_balance")
        .with_columns(**{name: pl.Series(values) for name, values in chances.items()})
        .group_by(account_id="customer_id")
        .agg(((pl.col(name) * weight).sum() / weight.sum()).round(6) for name in chances)
        .sort("account_id")
    )


def _with_best_message(frame: pl.DataFrame, messages: list[str]) -> pl.DataFrame:
    if not messages:
        message = pl.lit(None, dtype=pl.String)
        frame = frame.with_columns(p_messaged=pl.col("p_alone"), message=message)
    else:
        best = pl.concat_list(messages).list.arg_max()
        names = pl.Series(messages)
        frame = frame.with_columns(p_messaged=pl.max_horizontal(messages), best=best)
        frame = frame.with_columns(message=names.gather(frame["best"]))
    return frame.select(pl.col(c).cast(t) for c, t in SCHEMA.items())
