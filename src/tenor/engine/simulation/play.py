"""The closed loop: a policy decides, the world answers, the policy decides again.

Every policy plays its own copy of the same world and meets the same luck, so that two outcomes
differ only by what was decided.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from tenor.engine import calendar
from tenor.engine.events import Kind
from tenor.engine.frames import Tables
from tenor.engine.ledger import settlements
from tenor.engine.policy.actions import Flags
from tenor.engine.policy.permitted import Permitted, permitted
from tenor.engine.policy.policyfile import Policy
from tenor.engine.simulation.world import World

# Given the facts and the moment, a frame of decisions (the contract's columns; of these the
# loop reads customer_id, invoice_ids, verdict, channel, tone, send_at and propensity).
Decider = Callable[[Tables, datetime], pl.DataFrame]

PAID_WITHIN = 30  # days after the due date


@dataclass(frozen=True)
class Outcome:
    """What a policy brought about.

    The first figures are about invoices due early enough in the period for their end to be
    seen, the others about everything that was done in it.

    Attributes
    ----------
    invoices : how many those are
    paid_30 : share settled within 30 days after the due date
    days : mean days from due date to settlement, at most the days of follow-up, unpaid too
    escalated : share handed over
    contacts, cost, complaints, opt_outs : counts, and cost in the policy's currency
    refused : contacts that the policy's rules or capacities did not allow; none of them went out
    each : one row an invoice, `invoice_id, paid_30, days, escalated`, for paired comparison
    """

    invoices: int
    paid_30: float
    days: float
    escalated: float
    contacts: int
    cost: float
    complaints: int
    opt_outs: int
    refused: int
    each: pl.DataFrame = field(repr=False)

    @property
    def complaints_per_1000(self) -> float:
        """Complaints for each thousand contacts."""
        return 1000.0 * self.complaints / max(self.contacts, 1)


def play(world: World, decider: Decider, *, policy: Policy, days: int, every: int = 2) -> Outcome:
    """Let `decider` decide every `every` days for `days` days on a copy of `world`.

    Decisions of verdict `contact` and `review` are carried out (the person approves the
    proposal), those to be sent after the next moment of deciding are dropped, as are those that
    the policy's rules or its capacities forbid. `world` itself stays as it is.
    """
    return play_knowing(world, lambda _: decider, policy=policy, days=days, every=every)


def play_knowing(
    world: World,
    decider_of: Callable[[World], Decider],
    *,
    policy: Policy,
    days: int,
    every: int = 2,
) -> Outcome:
    """Play as `play`, with a decider that may look into the world: for the clairvoyant only."""
    live = world.copy()
    start = live.today
    decider = decider_of(live)
    refused = 0
    for begun in range(0, days, every):
        span = min(every, days - begun)
        tables, now = live.tables(), live.today
        proposed = planned(decider(tables, now), now, now + timedelta(days=span))
        rules = permitted(tables, as_of=now, policy=policy)
        allowed = within_capacity(within_rules(proposed, rules), policy)
        refused += proposed.height - allowed.height
        live.step(allowed, days=span)
    return outcome(live, start, refused=refused)


def planned(decisions: pl.DataFrame, now: datetime, until: datetime) -> pl.DataFrame:
    """Return the contacts among `decisions` to be sent from `now` on and before `until`.

    One a customer: of several, the first.
    """
    verdicts = pl.col("verdict").is_in(["contact", "review"]) & pl.col("channel").is_not_null()
    in_time = (pl.col("send_at") >= now) & (pl.col("send_at") < until)
    wanted = ["customer_id", "invoice_ids", "channel", "tone", "send_at", "propensity"]
    return (
        decisions.filter(verdicts & in_time)
        .unique("customer_id", keep="first", maintain_order=True)
        .select(*[c for c in wanted if c in decisions.columns], policy=pl.lit("played"))
    )


def within_rules(contacts: pl.DataFrame, rules: Permitted) -> pl.DataFrame:
    """Return the contacts whose channel, tone, day and hour the rules allow the customer."""
    if contacts.is_empty():
        return contacts
    known = rules.customers.select("customer_id", "zone").with_row_index("row")
    placed = contacts.join(known, on="customer_id", how="inner", maintain_order="left")
    ok = _allowed(placed, rules)
    return placed.filter(pl.Series(ok)).select(contacts.columns)


def within_capacity(contacts: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Return the contacts that each channel has capacity for on its day, the first ones first."""
    most = {c.name: c.capacity_per_day for c in policy.channels if c.capacity_per_day is not None}
    place = pl.int_range(pl.len()).over("channel", pl.col("send_at").dt.date())
    capacity = pl.col("channel").replace_strict(most, default=None, return_dtype=pl.Int64)
    return contacts.filter(capacity.is_null() | (place < capacity))


def outcome(world: World, start: datetime, *, refused: int = 0) -> Outcome:
    """Measure what happened in `world` since `start`."""
    tables = world.tables()
    follow = world.config.escalate_after + 2
    last_due = (world.today - timedelta(days=follow)).date()
    closed = tables.events.filter(pl.col("kind") == Kind.ESCALATED).select(
        "invoice_id", escalated=pl.lit(True)
    )
    days = (pl.col("settled_at").dt.date() - pl.col("due_on")).dt.total_days()
    each = (
        tables.invoices.filter(pl.col("due_on").is_between(start.date(), last_due))
        .join(settlements(tables), on="invoice_id", how="left", maintain_order="left")
        .join(closed, on="invoice_id", how="left", maintain_order="left")
        .select(
            "invoice_id",
            paid_30=(days <= PAID_WITHIN).fill_null(False),
            days=pl.min_horizontal(days.fill_null(follow), pl.lit(follow)),
            escalated=pl.col("escalated").fill_null(False),
        )
    )
    contacts = tables.contacts.filter(pl.col("sent_at") >= start)
    events = tables.events.filter(pl.col("at") >= start)["kind"]
    return Outcome(
        invoices=each.height,
        paid_30=_mean(each["paid_30"]),
        days=_mean(each["days"]),
        escalated=_mean(each["escalated"]),
        contacts=contacts.height,
        cost=float(contacts["cost"].sum()),
        complaints=int((events == Kind.COMPLAINED).sum()),
        opt_outs=int((events == Kind.OPTED_OUT).sum()),
        refused=refused,
        each=each,
    )


def _allowed(placed: pl.DataFrame, rules: Permitted) -> Flags:
    """Tell of each contact, with its customer's row and zone, whether the rules leave room."""
    grid = rules.grid
    zones = placed["zone"]
    local = calendar.local_times(placed["send_at"].cast(pl.Datetime("us", "UTC")), zones)
    now = pl.Series([rules.as_of]).cast(pl.Datetime("us", "UTC")).new_from_index(0, placed.height)
    today = calendar.days_since_epoch(calendar.local_times(now, zones))
    day = calendar.days_since_epoch(local) - today
    hour = local.dt.hour().to_numpy().astype(np.int64)
    slot = np.searchsorted(np.array(grid.hours, dtype=np.int64), hour)
    slot = np.minimum(slot, len(grid.hours) - 1)
    channel = _places(placed["channel"], grid.channels)
    tone = _places(placed["tone"], grid.tones)
    fits = (channel >= 0) & (tone >= 0) & (day < grid.days) & (np.array(grid.hours)[slot] == hour)
    row = placed["row"].to_numpy().astype(np.int64)
    day = np.minimum(day, grid.days - 1)
    free = rules.slots(row)[np.arange(len(row)), channel, day, slot]
    allowed: Flags = fits & free & grid.tone_ok[channel, tone]
    return allowed


def _places(names: pl.Series, known: tuple[str, ...]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    place = {name: i for i, name in enumerate(known)}
    return np.array([place.get(n, -1) for n in names], dtype=np.int64)


def _mean(series: pl.Series) -> float:
    return float(series.cast(pl.Float64).mean() or 0.0)  # type: ignore[arg-type]
