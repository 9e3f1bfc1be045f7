"""Foretold and true gains in a world whose truth is known: of what was chosen, and of every way."""

from datetime import datetime
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.features.build import build
from tenor.engine.frames import Tables
from tenor.engine.policy.candidates import Candidates, candidates
from tenor.engine.policy.permitted import Permitted, permitted
from tenor.engine.policy.policyfile import Policy
from tenor.engine.policy.worth import paid_within
from tenor.engine.predictors.effect_design import Told, stage_of
from tenor.engine.predictors.model import Model
from tenor.engine.simulation import World
from tenor.engine.simulation.truth import HORIZON

Array = NDArray[np.float64]
HOUR = 12


def of_choices(world: World, found: pl.DataFrame, now: datetime) -> tuple[list[float], list[float]]:
    """Return (foretold, true) gains of the contacts among decisions, of today and tomorrow."""
    contacts = found.filter(pl.col("channel").is_not_null() & ~pl.col("explored")).with_columns(
        after=(pl.col("send_at").dt.date() - now.date()).dt.total_days(),
        hour=pl.col("send_at").dt.hour().cast(pl.Float64),
    )
    contacts = contacts.filter(pl.col("after") <= 1)
    truth = world.truth()
    owed = truth.invoices.select("invoice_id", "amount")
    foretold: list[float] = []
    so: list[float] = []
    for (channel, tone, after, hour), part in contacts.group_by(
        "channel", "tone", "after", "hour", maintain_order=True
    ):
        gain = truth.gain(str(channel), str(tone), after=cast(int, after), hour=cast(float, hour))
        true = (
            part.select("customer_id", invoice_id="invoice_ids")
            .explode("invoice_id")
            .join(owed.with_columns(gain=pl.Series(gain)), on="invoice_id")
            .group_by("customer_id")
            .agg(true=(pl.col("gain") * pl.col("amount")).sum() / pl.col("amount").sum())
        )
        both = part.join(true, on="customer_id").select(
            foretold=pl.col("p_paid") - pl.col("p_paid_wait"), true="true"
        )
        foretold += both["foretold"].to_list()
        so += both["true"].to_list()
    return foretold, so


def of_past(tables: Tables, made: pl.DataFrame, model: Model) -> tuple[list[float], list[float]]:
    """Return (foretold, true) gains of contacts that were made, each as of its morning.

    `made` has a row a contact and invoice: `customer_id, invoice_id, channel, tone, sent_at, true,
    morning`.
    """
    effect, design = model.effect, model.effect.design
    foretold: list[float] = []
    true: list[float] = []
    for part in made.partition_by("morning", maintain_order=True):
        morning = part["morning"][0]
        snapshot = build(tables.known_at(morning).in_order(), morning)
        snapshot = snapshot.of_customers(part["customer_id"].unique())
        rows = snapshot.rows.with_row_index("row")
        part = part.join(rows, on="invoice_id", maintain_order="left")
        row = part["row"].to_numpy()
        if not len(row):
            continue
        channel, tone = (
            np.array([known.index(n) if n in known else -1 for n in part[name]])
            for name, known in (("channel", design.channels), ("tone", design.tones))
        )
        told = Told(
            channel,
            tone,
            part["sent_at"].dt.hour().to_numpy().astype(np.int64),
            np.full(len(row), morning.weekday()),
            stage_of(part["days_overdue"].to_numpy().astype(np.int64)),
            part["contacts_30d"].to_numpy().astype(np.float64),
            np.zeros(len(row)),
        )
        strength = effect.strength(effect.states(snapshot.rows)[row], told)
        own = effect.paths(tables, snapshot, HORIZON).astype(np.float32)[row]
        curve = effect.curves.curves[channel].astype(np.float32)
        today, never = np.zeros(len(row), dtype=np.int64), np.full(len(row), -1)
        gain = paid_within(own, strength, curve, today, HORIZON)
        foretold += (gain - paid_within(own, strength, curve, never, HORIZON)).tolist()
        true += part["true"].to_list()
    return foretold, true


def of_ways(
    world: World, tables: Tables, now: datetime, model: Model, policy: Policy
) -> tuple[list[float], list[float]]:
    """Return (foretold, true) gains of each channel and tone, beside the mean of all its ways.

    Of today at noon, for every invoice that may be asked for today, over the ways its customer
    agreed to.
    """
    known = tables.known_at(now).in_order()
    allowed = permitted(known, as_of=now, policy=policy)
    snapshot = build(known, now).of_customers(allowed.customers["customer_id"])
    found = candidates(model, known, snapshot, allowed, policy)
    truth, grid = world.truth(), allowed.grid
    places = truth.invoices.select("invoice_id").with_row_index("real")
    invoices = found.invoices.join(places, on="invoice_id", how="left", maintain_order="left")
    asked = (invoices["covered"] & (invoices["from_day"] == 0)).to_numpy()
    asked = asked & invoices["real"].is_not_null().to_numpy()
    place = invoices["real"].fill_null(0).to_numpy()
    foretold, true, open_ = [], [], []
    for c, channel in enumerate(grid.channels):
        for t, tone in enumerate(grid.tones):
            foretold.append(_foretold(found, model, allowed, c, t))
            true.append(truth.gain(channel, tone, hour=float(HOUR))[place])
            open_.append(truth.may_send(channel)[place] & asked)
    seen = np.stack(open_)
    return _beside_mean(np.stack(foretold), seen), _beside_mean(np.stack(true), seen)


def _foretold(
    found: Candidates, model: Model, allowed: Permitted, channel: int, tone: int
) -> Array:
    row, grid = found.invoices["row"].to_numpy(), allowed.grid
    count = len(allowed.first_day)
    action = np.tile([channel, tone, 0, grid.hours.index(HOUR)], (count, 1))
    strength = found.strength_of(np.arange(count), action, allowed.first_day)[row]
    names = model.effect.design.channels
    # A channel that was never used acts as any other.
    number = names.index(grid.channels[channel]) if grid.channels[channel] in names else -1
    curve = np.repeat(model.effect.curves.curves[number][None].astype(np.float32), len(row), 0)
    today, never = np.zeros(len(row), dtype=np.int64), np.full(len(row), -1)
    sent = paid_within(found.claims.own, strength, curve, today, HORIZON)
    return sent - paid_within(found.claims.own, strength, curve, never, HORIZON)


def _beside_mean(gains: Array, seen: NDArray[np.bool_]) -> list[float]:
    mean = (gains * seen).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    return [float(g) for g in (gains - mean[None, :])[seen]]
