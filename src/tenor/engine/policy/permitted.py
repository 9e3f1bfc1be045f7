"""Put the rules together: what is left for every customer, and which rule took what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from tenor.engine.frames import INSTANT, Tables
from tenor.engine.policy.actions import Flags, Grid, Integers
from tenor.engine.policy.law import LawOfPlaces
from tenor.engine.policy.policyfile import Policy
from tenor.engine.policy.rules import RULES, Verdict
from tenor.engine.policy.situation import (
    NEVER,
    Days,
    Situation,
    latest_contacts,
    situation_of,
)

ESCALATE_AFTER = "escalate_after"
# Whoever is to be spared is spoken to in one of these; any other word for a tone may press.
CALM_TONES = ("friendly", "neutral", "empathetic")


@dataclass(frozen=True, eq=False)
class Permitted:
    """What is left for every customer with an open invoice (N), over the grid of actions.

    A cell (channel, tone, day, slot) is allowed where `channel_day[N, C, D]`, `tones` and `hours`
    say so and it does not lie before slot `first_hour[N]` of day `first_day[N]`. Whoever is `calm`
    [N] hears no tone that presses; on whoever is `unexplored` [N] nothing is tried out.

    `customers`, in order of id: customer_id, zone, country, kind, last_contact_at, contacts_30d,
    rules (ids of what took something), waiting (ids of what leaves nothing at all, the main one
    first; empty where something is left). `invoices`, all open ones in order of customer, due
    date and id: invoice_id, customer_id, row (of the customer), balance, issued_on, due_on,
    days_overdue, from_day (the first day on which it may be asked for; large if never), left_out
    (id of the rule that keeps it out of the whole plan, or null), escalate. `escalate[N]`: some
    invoice is due for handing over. `removed`: per rule whom it took something from.
    """

    as_of: datetime
    grid: Grid
    customers: pl.DataFrame
    invoices: pl.DataFrame
    channel_day: Flags
    first_day: Integers
    first_hour: Integers
    escalate: Flags
    removed: tuple[tuple[str, Flags], ...]
    law: LawOfPlaces
    calm: Flags
    unexplored: Flags

    def hours(self, rows: Integers) -> Flags:
        """Return which slots each channel may use with these customers: [n, C, H]."""
        return self.law.hour_ok[self.law.group[rows]]

    def tones(self, rows: Integers) -> Flags:
        """Return which tones each channel may use with these customers: [n, C, T]."""
        pressing = np.array([tone not in CALM_TONES for tone in self.grid.tones], dtype=bool)
        spared = self.calm[rows][:, None, None] & pressing[None, None, :]
        return np.asarray(self.grid.tone_ok[None] & ~spared)

    @property
    def may_contact(self) -> Flags:
        """Return who may be contacted at all within the plan: [N]."""
        contactable: Flags = np.logical_or.reduce(self.channel_day, axis=(1, 2))
        return contactable

    def slots(self, rows: Integers) -> Flags:
        """Return which channel, day and slot are allowed for these customers: [n, C, D, H]."""
        days, hours = np.arange(self.grid.days)[:, None], np.arange(len(self.grid.hours))[None, :]
        day, hour = self.first_day[rows, None, None], self.first_hour[rows, None, None]
        begun = (days > day) | ((days == day) & (hours >= hour))
        allowed: Flags = (
            self.channel_day[rows][:, :, :, None]
            & self.hours(rows)[:, :, None, :]
            & begun[:, None, :, :]
        )
        return allowed


def permitted(tables: Tables, *, as_of: datetime, policy: Policy) -> Permitted:
    """Apply every rule of RULES to the facts known at `as_of` (aware) and return what is left.

    Later facts in `tables` are not looked at.
    """
    situation = situation_of(tables, as_of=as_of, policy=policy)
    grid, count = situation.grid, situation.customers.height
    verdicts = {rule.id: rule.verdict(situation) for rule in RULES}
    first = situation.first_slots(_latest_start(situation, verdicts))
    first_day, first_hour = np.divmod(first, max(len(grid.hours), 1))
    from_day = np.maximum.reduce(
        [v.asked_from for v in verdicts.values() if v.asked_from is not None]
    )
    channel_day = _channel_days(situation, verdicts, from_day, first_day, first_hour)
    escalates = _escalates(situation, verdicts, from_day)
    escalate = np.zeros(count, dtype=bool)
    escalate[situation.row[escalates]] = True
    removed = {rule: _takes(situation, verdict) for rule, verdict in verdicts.items()}
    return Permitted(
        as_of=as_of,
        grid=grid,
        customers=_customers(situation, verdicts, removed, channel_day, escalate),
        invoices=_invoices(situation, verdicts, from_day, escalates),
        channel_day=channel_day,
        first_day=first_day,
        first_hour=first_hour,
        escalate=escalate,
        removed=tuple(removed.items()),
        law=situation.law,
        calm=_any(count, (v.calm for v in verdicts.values())),
        unexplored=_any(count, (v.unexplored for v in verdicts.values())),
    )


def _any(count: int, flags: Iterable[Flags | None]) -> Flags:
    answer = np.zeros(count, dtype=bool)
    for some in flags:
        if some is not None:
            answer |= some
    return answer


def _latest_start(situation: Situation, verdicts: Mapping[str, Verdict]) -> Integers:
    """Return before which instant (UTC microseconds) no contact may be sent: [N]."""
    start = np.full(situation.customers.height, situation.now, dtype=np.int64)
    for verdict in verdicts.values():
        if verdict.not_before is not None:
            start = np.maximum(start, verdict.not_before)
    return start


def _channel_days(
    situation: Situation,
    verdicts: Mapping[str, Verdict],
    from_day: Days,
    first_day: Integers,
    first_hour: Integers,
) -> Flags:
    """Return on which days each customer may be contacted on each channel: [N, C, D]."""
    grid, count = situation.grid, situation.customers.height
    asked = np.full(count, NEVER, dtype=np.int32)
    np.minimum.at(asked, situation.row, from_day)
    days = np.arange(grid.days)[None, :]
    open_days = (days >= asked[:, None]) & (days >= first_day[:, None])
    allowed = np.repeat(open_days[:, None, :], len(grid.channels), axis=1)
    for verdict in verdicts.values():
        if verdict.day_off is not None:
            allowed &= ~verdict.day_off[:, None, :]
        if verdict.channel_off is not None:
            allowed &= ~verdict.channel_off[:, :, None]
        if verdict.channel_day_off is not None:
            allowed &= ~verdict.channel_day_off
        if verdict.channel_not_before is not None:
            allowed &= ~_days_before(situation, verdict.channel_not_before)
        if verdict.calm is not None:
            allowed &= ~_only_presses(situation, verdict.calm)[:, :, None]
    # On the first day only the later hours are left: a channel may have none among them.
    planned = np.flatnonzero(first_day < grid.days)
    left = situation.law.hours_left[situation.law.group[planned], :, first_hour[planned]]
    allowed[planned, :, first_day[planned]] &= left
    return allowed


def _days_before(situation: Situation, instants: Integers) -> Flags:
    """Return the days of each channel that begin before its instant: [N, C, D].

    A day counts as a whole: where the instant falls within its hours, the next is the first.
    """
    grid = situation.grid
    slots = np.zeros(instants.shape, dtype=np.int64)
    for channel, column in enumerate(instants.T):
        slots[:, channel] = situation.first_slots(column)
    first = -(-slots // max(len(grid.hours), 1))
    before: Flags = np.arange(grid.days)[None, None, :] < first[:, :, None]
    return before


def _only_presses(situation: Situation, calm: Flags) -> Flags:
    """Return the channels that have no calm tone for who is to be spared: [N, C]."""
    calming = np.array([tone in CALM_TONES for tone in situation.grid.tones], dtype=bool)
    without = ~(situation.grid.tone_ok & calming[None, :]).any(axis=1)
    return np.asarray(calm[:, None] & without[None, :])


def _escalates(situation: Situation, verdicts: Mapping[str, Verdict], from_day: Days) -> Flags:
    """Return which invoices are due for handing over to collection: [M].

    Overdue for as long as the policy says, and nothing (a hold, a dispute, a promise, a
    complaint) asks for quiet today.
    """
    overdue = situation.invoices["days_overdue"].to_numpy()
    quiet = np.zeros(situation.customers.height, dtype=bool)
    for rule in ("complaint", "min_amount"):
        day_off = verdicts[rule].day_off
        quiet |= day_off[:, 0] if day_off is not None else False
    kept = _any(len(overdue), (verdict.kept_here for verdict in verdicts.values()))
    due = overdue >= situation.policy.limits.escalate_after
    answer: Flags = due & (from_day == 0) & ~quiet[situation.row] & ~kept
    return answer


def _takes(situation: Situation, verdict: Verdict) -> Flags:
    """Return from whom a verdict takes something: [N]."""
    takes = np.zeros(situation.customers.height, dtype=bool)
    if verdict.asked_from is not None:
        takes[situation.row[verdict.asked_from > 0]] = True
    for off in (verdict.channel_off, verdict.day_off, verdict.channel_day_off):
        if off is not None:
            takes |= np.logical_or.reduce(off, axis=tuple(range(1, off.ndim)))
    if verdict.not_before is not None:
        now = situation.first_slots(np.full(len(takes), situation.now))
        takes |= situation.first_slots(verdict.not_before) > now
    if verdict.channel_not_before is not None:
        takes |= (verdict.channel_not_before > situation.now).any(axis=1)
    if verdict.kept_here is not None:
        takes[situation.row[verdict.kept_here]] = True
    return takes | _any(len(takes), (verdict.calm, verdict.unexplored))


def _leaves_nothing(situation: Situation, verdict: Verdict) -> Flags:
    """Return for whom a verdict alone takes every action of the plan: [N]."""
    grid = situation.grid
    nothing = np.zeros(situation.customers.height, dtype=bool)
    if verdict.asked_from is not None:
        asked = np.full(len(nothing), NEVER, dtype=np.int32)
        np.minimum.at(asked, situation.row, verdict.asked_from)
        nothing |= asked >= grid.days
    for off in (verdict.channel_off, verdict.day_off, verdict.channel_day_off):
        if off is not None and off[:1].size:
            nothing |= np.logical_and.reduce(off, axis=tuple(range(1, off.ndim)))
    if verdict.channel_not_before is not None and grid.channels:
        nothing |= _days_before(situation, verdict.channel_not_before).all(axis=(1, 2))
    if verdict.calm is not None and grid.channels:
        nothing |= _only_presses(situation, verdict.calm).all(axis=1)
    if verdict.not_before is not None and grid.hours:
        nothing |= situation.first_slots(verdict.not_before) >= grid.days * len(grid.hours)
    return nothing


def _customers(
    situation: Situation,
    verdicts: Mapping[str, Verdict],
    removed: Mapping[str, Flags],
    channel_day: Flags,
    escalate: Flags,
) -> pl.DataFrame:
    blocked: Flags = ~np.logical_or.reduce(channel_day, axis=(1, 2))
    alone = {rule: _leaves_nothing(situation, v) & blocked for rule, v in verdicts.items()}
    unexplained: Flags = blocked & ~np.logical_or.reduce(list(alone.values()))
    waiting = {rule: alone[rule] | (unexplained & removed[rule]) for rule in verdicts}
    everyday = {rule.id for rule in RULES if rule.everyday}
    named = {r: waiting[r] if r in everyday else removed[r] for r in verdicts}
    month_ago = situation.as_of - timedelta(days=30)
    recent = situation.contacts.filter(pl.col("sent_at") > month_ago)["row"]
    last = pl.Series(latest_contacts(situation, rank=1)).cast(INSTANT)
    return situation.customers.select(
        "customer_id",
        "zone",
        "country",
        "kind",
        last_contact_at=pl.when(last.to_physical() > 0).then(last),
        contacts_30d=np.bincount(recent, minlength=len(blocked)),
        rules=_names({**named, ESCALATE_AFTER: escalate}),
        waiting=_names(waiting),
    )


def _invoices(
    situation: Situation, verdicts: Mapping[str, Verdict], from_day: Days, escalates: Flags
) -> pl.DataFrame:
    left_out = pl.lit(None, dtype=pl.String)
    for rule, verdict in reversed(list(verdicts.items())):
        if verdict.asked_from is not None:
            never = pl.Series(verdict.asked_from >= situation.grid.days)
            left_out = pl.when(never).then(pl.lit(rule)).otherwise(left_out)
    return situation.invoices.with_columns(
        from_day=pl.Series(from_day), left_out=left_out, escalate=pl.Series(escalates)
    )


def _names(flags: Mapping[str, Flags]) -> pl.Series:
    """Return per customer the list of the names that are flagged for it, in the order given."""
    # Few different combinations occur: name each once.
    bits = sum(flag.astype(np.int64) << number for number, flag in enumerate(flags.values()))
    combinations, which = np.unique(bits, return_inverse=True)
    lists = [[n for i, n in enumerate(flags) if code >> i & 1] for code in combinations.tolist()]
    return pl.Series(lists, dtype=pl.List(pl.String)).gather(which)
