"""The fixed ladder: what classic dunning would do today, to compare with and to leave a control to.

So many days after the due day, this channel in this tone, whoever it is. It keeps to the same
rules as everything else; what it leaves out is every thought of who is helped by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from tenor.engine.frames import INSTANT, Tables
from tenor.engine.policy.actions import Flags, Integers, send_at
from tenor.engine.policy.permitted import Permitted, permitted
from tenor.engine.policy.policyfile import Policy


@dataclass(frozen=True)
class Step:
    """One rung of the ladder: on this day after the due date, this channel in this tone."""

    day: int
    channel: str
    tone: str


LADDER = (
    Step(1, "email", "neutral"),
    Step(14, "letter", "firm"),
    Step(30, "call", "urgent"),
)
HOUR = 10

SCHEMA: dict[str, pl.DataType] = {
    "customer_id": pl.String(),
    "invoice_ids": pl.List(pl.String),
    "verdict": pl.String(),
    "channel": pl.String(),
    "tone": pl.String(),
    "send_at": INSTANT,
    "rung": pl.Int64(),
}


def ladder(
    tables: Tables,
    *,
    as_of: datetime,
    policy: Policy,
    rungs: Sequence[Step] = LADDER,
    hour: int = HOUR,
) -> pl.DataFrame:
    """Return what a fixed ladder would do today on the same portfolio.

    Parameters
    ----------
    tables : the six tables; facts later than `as_of` are not looked at.
    policy : its rules, its daily capacities and `limits.escalate_after` hold for the ladder too.
    rungs : in any order; a day before the due date is negative.
    hour : the local hour to send at; where the channel has none such left today, its next one.

    Returns
    -------
    A row a customer to whom something happens today, in order of id: `verdict` is "contact", or
    "escalate" with neither channel, tone nor `send_at`. `rung` is the place of the step in
    `rungs` (by day). `invoice_ids` are all overdue invoices of the currency that is asked for.

    Notes
    -----
    An invoice stands on the highest rung that its age has reached. Its turn comes when no contact
    has covered it since it reached that rung, by whomever: rungs are skipped, never caught up
    with. The invoice furthest up leads its customer's contact, the oldest of equals. Where the
    rung's channel is closed to the customer in the whole plan, the first other channel of the
    rungs that is open stands in, else the cheapest of the policy's; where it is only not today's
    (a Sunday, or all calls taken, the longest overdue first), tomorrow comes. The tone is the
    rung's, or the channel's first.
    """
    known = tables.known_at(as_of).in_order()
    allowed = permitted(known, as_of=as_of, policy=policy)
    steps = sorted(rungs, key=lambda step: step.day)
    leading = _leading(known, allowed, steps)
    # Who is about to be handed over is not contacted, and takes nobody's call.
    leading = leading.filter(~pl.Series(allowed.escalate[leading["row"].to_numpy()]))
    rows = leading["row"].to_numpy().astype(np.int64)
    channel = _channels(allowed, steps, policy, leading["rung"].to_numpy(), rows)
    open_today = (channel >= 0) & (allowed.first_day[rows] == 0)
    open_today &= _at(allowed.channel_day[rows][:, :, 0], channel)
    leading = leading.with_columns(number=channel).filter(pl.Series(open_today))
    leading = _within_capacity(leading, known, allowed, policy)
    contacts = _contacts(leading, allowed, steps, hour)
    handed = (
        allowed.invoices.filter("escalate")
        .group_by("customer_id")
        .agg(invoice_ids=pl.col("invoice_id"))
        .with_columns(verdict=pl.lit("escalate"))
    )
    return pl.concat(
        [
            contacts.join(handed, on="customer_id", how="anti"),
            handed.with_columns(
                pl.lit(None, dtype=t).alias(c) for c, t in SCHEMA.items() if c not in handed.columns
            ).select([pl.col(c).cast(t) for c, t in SCHEMA.items()]),
        ]
    ).sort("customer_id")


def _leading(known: Tables, allowed: Permitted, steps: Sequence[Step]) -> pl.DataFrame:
    """Return whose turn it is: `row, customer_id, rung, days_overdue, invoice_ids`."""
    currency = known.invoices.select("invoice_id", "currency")
    last = (
        known.contacts.select("sent_at", invoice_id="invoice_ids")
        .explode("invoice_id")
        .group_by("invoice_id")
        .agg(contacted_on=pl.col("sent_at").max().dt.date())
    )
    days = pl.Series("day", [step.day for step in steps], dtype=pl.Int64)
    asked = (
        allowed.invoices.filter(pl.col("from_day") == 0)
        .join(currency, on="invoice_id", how="left", maintain_order="left")
        .join(last, on="invoice_id", how="left", maintain_order="left")
        .with_columns(
            rung=sum((pl.col("days_overdue") >= day).cast(pl.Int64) for day in days) - pl.lit(1)
        )
    )
    reached = pl.col("due_on") + pl.duration(days=pl.col("rung_day"))
    turn = (
        asked.filter(pl.col("rung") >= 0)
        .with_columns(rung_day=days.gather(asked.filter(pl.col("rung") >= 0)["rung"]))
        .filter(pl.col("contacted_on").is_null() | (pl.col("contacted_on") < reached))
        .sort("row", "rung", "due_on", "invoice_id", descending=[False, True, False, False])
        .unique("row", keep="first", maintain_order=True)
        .select("row", "customer_id", "currency", "rung", lead="days_overdue", rung_day="rung_day")
    )
    # A contact asks for all that is overdue; before the due date, for what has reached the rung.
    least = pl.min_horizontal(pl.lit(0), "rung_day")
    covered = (
        asked.join(turn.select("row", "currency", "rung_day"), on=["row", "currency"], how="inner")
        .filter(pl.col("days_overdue") >= least)
        .sort("row", "due_on", "invoice_id")
        .group_by("row", maintain_order=True)
        .agg(invoice_ids=pl.col("invoice_id"))
    )
    return turn.join(covered, on="row", how="left", maintain_order="left")


def _channels(
    allowed: Permitted, steps: Sequence[Step], policy: Policy, rung: Integers, rows: Integers
) -> Integers:
    """Return the number of the channel for each turn; -1 where none is open in the plan."""
    names = allowed.grid.channels
    order = [names.index(s.channel) if s.channel in names else -1 for s in steps]
    ever: Flags = np.logical_or.reduce(allowed.channel_day[rows], axis=2)
    chosen = np.array([order[r] for r in rung], dtype=np.int64)
    closed = (chosen < 0) | ~_at(ever, chosen)
    cost = {channel.name: channel.cost for channel in policy.channels}
    others = sorted(range(len(names)), key=lambda number: cost[names[number]])
    for other in [*order, *others]:
        if other >= 0:
            free = closed & ever[:, other]
            chosen = np.where(free, other, chosen)
            closed &= ~free
    return np.where(closed, -1, chosen)


def _at(flags: Flags, column: Integers) -> Flags:
    if not flags.size:
        return np.zeros(len(column), dtype=bool)
    return np.asarray(flags[np.arange(len(column)), np.maximum(column, 0)])


def _within_capacity(
    leading: pl.DataFrame, known: Tables, allowed: Permitted, policy: Policy
) -> pl.DataFrame:
    """Leave for tomorrow what a channel has no room for today; the longest overdue go first."""
    sent = known.contacts.filter(pl.col("sent_at").dt.date() == allowed.as_of.date())
    used = dict(sent.group_by("channel").len().iter_rows())
    room = {
        number: max(0, channel.capacity_per_day - used.get(channel.name, 0))
        for number, channel in enumerate(policy.channels)
        if channel.capacity_per_day is not None
    }
    left = pl.col("number").replace_strict(room, default=None, return_dtype=pl.Int64)
    place = pl.int_range(pl.len()).over("number")
    return (
        leading.sort("lead", "customer_id", descending=[True, False])
        .filter(left.is_null() | (place < left))
        .sort("row")
    )


def _contacts(
    leading: pl.DataFrame, allowed: Permitted, steps: Sequence[Step], hour: int
) -> pl.DataFrame:
    """Put the contacts of the day into rows."""
    grid = allowed.grid
    if leading.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    rows = leading["row"].to_numpy().astype(np.int64)
    channel, rung = leading["number"].to_numpy(), leading["rung"].to_list()
    free = allowed.slots(rows)[np.arange(len(rows)), channel, 0]
    hours = np.array(grid.hours, dtype=np.int64)
    # The wanted hour, else the next that is free, else the first.
    slot = np.where(free, np.where(hours >= hour, hours, hours + 24), 99).argmin(axis=1)
    free_tones = allowed.tones(rows)[np.arange(len(rows)), channel]
    tones = [
        steps[r].tone
        if steps[r].tone in grid.tones and mine[grid.tones.index(steps[r].tone)]
        else grid.tones[int(mine.argmax())]
        for r, mine in zip(rung, free_tones, strict=True)
    ]
    return leading.select(
        "customer_id",
        "invoice_ids",
        verdict=pl.lit("contact"),
        channel=pl.Series(grid.channels, dtype=pl.String).gather(channel),
        tone=pl.Series(tones, dtype=pl.String),
        send_at=send_at(
            grid,
            as_of=allowed.as_of,
            zones=allowed.customers["zone"].gather(rows),
            day=np.zeros(len(rows), dtype=np.int64),
            hour=slot,
        ),
        rung="rung",
    ).select([pl.col(c).cast(t) for c, t in SCHEMA.items()])
