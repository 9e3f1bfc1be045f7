"""The plain rules that any engine has to beat: the ladder, chance, and one way for everybody."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import polars as pl

from benchmarks.rivals.candidates import EVERY, Candidates, candidates
from tenor.engine.frames import Tables
from tenor.engine.policy.policyfile import Policy
from tenor.engine.simulation import Decider, Step, World


def ladder(policy: Policy, steps: Sequence[Step]) -> Decider:
    """Follow the fixed ladder: each rung once, as soon as the limits allow it."""

    def decide(tables: Tables, now: datetime) -> pl.DataFrame:
        found = candidates(tables, now, policy)
        lead = found.customers.select("row").with_row_index("place")
        lead = lead.join(_due_rungs(found, tables, now, steps), on="row", maintain_order="left")
        rows, step, day = (lead[c].to_numpy().astype(np.int64) for c in ("place", "step", "day"))
        post = found.channels.index("letter") if "letter" in found.channels else 0
        channel = np.array([found.channels.index(s.channel) for s in steps])[step]
        channel = np.where(found.may[rows, channel], channel, post)
        channel = np.where(found.over_capacity(channel, policy), post, channel)
        tone = np.array([found.tones.index(s.tone) for s in steps])[step]
        keep = found.may[rows, channel]
        rows, channel, tone = rows[keep], channel[keep], tone[keep]
        when = found.first_slot(rows, channel, day=day[keep])
        return found.decide(rows, channel, tone, when=when)

    return decide


def _due_rungs(
    found: Candidates, tables: Tables, now: datetime, steps: Sequence[Step]
) -> pl.DataFrame:
    """Return for each customer with a rung to climb its `row`, the `step`, and on which `day`.

    A rung is behind an invoice once any contact has covered it from the rung's day on.
    """
    last = (
        tables.contacts.select(pl.col("sent_at"), invoice_id=pl.col("invoice_ids"))
        .explode("invoice_id")
        .group_by("invoice_id")
        .agg(pl.col("sent_at").max())
    )
    asked = (
        found.rules.invoices.filter(pl.col("from_day") < EVERY)
        .join(last, on="invoice_id", how="left", maintain_order="left")
        .with_columns(contacted=(pl.col("sent_at").dt.date() - pl.col("due_on")).dt.total_days())
    )
    rungs = np.array([s.day for s in steps])
    late = asked["days_overdue"].to_numpy()[:, None] + np.arange(EVERY)
    reached = (late[:, :, None] >= rungs).sum(axis=2)
    contacted = asked["contacted"].fill_null(-100_000).to_numpy()
    done = (contacted[:, None] >= rungs).sum(axis=1)
    due = reached > done[:, None]
    day = np.where(due.any(axis=1), due.argmax(axis=1), -1)
    step = reached[np.arange(len(day)), np.maximum(day, 0)] - 1
    frame = asked.select(pl.col("row").cast(pl.Int64)).with_columns(
        day=pl.Series(day), step=pl.Series(step)
    )
    lead = pl.all().sort_by("step", "day").last()
    return frame.filter(pl.col("day") >= 0).group_by("row", maintain_order=True).agg(lead)


def chance(policy: Policy, seed: int) -> Decider:
    """Contact whenever it is allowed, by any allowed channel, in any tone, at any hour."""

    def decide(tables: Tables, now: datetime) -> pl.DataFrame:
        found = candidates(tables, now, policy)
        rng = np.random.default_rng([seed, now.toordinal()])
        n = len(found.may)
        channel = np.where(found.may, rng.random(found.may.shape), -1.0).argmax(axis=1)
        own = found.slots[np.arange(n), channel]
        cell = np.where(own, rng.random(own.shape), -1.0)
        cell = cell.reshape(n, own.shape[1] * own.shape[2]).argmax(axis=1)
        when = np.divmod(cell, own.shape[2])
        rows = np.flatnonzero(~found.over_capacity(channel, policy))
        tone = rng.integers(0, len(found.tones), size=n)
        return found.decide(rows, channel[rows], tone[rows], when=(when[0][rows], when[1][rows]))

    return decide


def always(policy: Policy, channel: str, tone: str) -> Decider:
    """Contact whenever it is allowed, always by this channel and in this tone."""

    def decide(tables: Tables, now: datetime) -> pl.DataFrame:
        found = candidates(tables, now, policy)
        place = found.channels.index(channel)
        rows = np.flatnonzero(found.may[:, place])
        order = np.argsort(-found.customers["amount"].to_numpy()[rows], kind="stable")
        rows = rows[order]
        only = np.full(len(rows), place)
        rows = rows[~found.over_capacity(only, policy)]
        which = np.full(len(rows), found.tones.index(tone))
        return found.decide(rows, only[: len(rows)], which)

    return decide


def best_fixed(world: World, policy: Policy) -> tuple[str, str]:
    """Return the channel and tone that are truly worth most if everybody gets the same one."""
    truth = world.truth()
    found = candidates(world.tables(), world.today, policy)
    open_ = set(found.covered.explode().to_list())
    asked = truth.invoices["invoice_id"].is_in(list(open_)).to_numpy()
    worth = {}
    for channel in policy.channels:
        if channel.capacity_per_day is not None:
            continue
        for tone in channel.tones:
            gain = truth.gain(channel.name, tone)[asked].mean()
            harm = truth.p_complaint(channel.name, tone)[asked].mean()
            worth[channel.name, tone] = (
                float(policy.objective.value_of_payment) * gain
                - float(policy.objective.cost_of_complaint) * harm
                - float(channel.cost)
            )
    return max(worth, key=lambda k: worth[k])
