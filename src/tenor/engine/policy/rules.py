"""What the organisation, the customer and decency forbid: each rule a function, all in one table.

A rule looks at the situation and says what it takes away. It decides alone: no rule knows of
another, and `permitted` puts the verdicts together.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from tenor.engine import calendar
from tenor.engine.events import PROMISED_DAY, Kind
from tenor.engine.frames import CONSENT_PREFIX, REACH_PREFIX
from tenor.engine.law.holds import Step
from tenor.engine.policy.actions import Flags, Integers
from tenor.engine.policy.held import holds_on
from tenor.engine.policy.law import free_from
from tenor.engine.policy.situation import (
    DAYS_OF_AN_UNDATED_PROMISE,
    NEVER,
    UNITS_OF_AMOUNT,
    Days,
    Situation,
    asked_from,
    closed_for_customer,
    customer_events,
    detail_date,
    flag_channels,
    latest_contacts,
    local_dates,
    payments_of,
    standing,
    undelivered,
)

MICROSECONDS_PER_DAY = 86_400_000_000
NO_INSTANT = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Verdict:
    """What one rule takes away; None = nothing of that sort.

    For M invoices `asked_from[M]`: the first day of the plan on which it may be asked for, and
    `kept_here[M]`: it is not handed over. For N customers: `channel_off[N, C]`, `day_off[N, D]`,
    `channel_day_off[N, C, D]`, `not_before[N]` and `channel_not_before[N, C]` (UTC microseconds),
    `calm[N]`: no tone that presses, and `unexplored[N]`: nothing is tried out.
    """

    asked_from: Days | None = None
    channel_off: Flags | None = None
    day_off: Flags | None = None
    channel_day_off: Flags | None = None
    not_before: Integers | None = None
    channel_not_before: Integers | None = None
    calm: Flags | None = None
    unexplored: Flags | None = None
    kept_here: Flags | None = None


@dataclass(frozen=True)
class Rule:
    """A rule: its id in decisions, its words for people, where it comes from, and its verdict.

    An `everyday` rule takes something from nearly everybody nearly always (no calls on Sunday):
    it is named on a decision only where it leaves nothing.
    """

    id: str
    text: str
    source: str
    verdict: Callable[[Situation], Verdict]
    everyday: bool = False


def no_channel_on(situation: Situation) -> Verdict:
    """Without a channel nobody can be contacted."""
    days = (situation.customers.height, situation.grid.days)
    return Verdict(day_off=np.full(days, not situation.grid.channels))


def hold(situation: Situation) -> Verdict:
    """A hold stops what the law says of its kind until it ends or runs out; without a kind, all.

    A pressed tone and handing over may be stopped while contact goes on. With who is held for
    whatever reason (vulnerable, objected, ill …) nothing is tried out, about no invoice.
    """
    found = list(holds_on(situation))
    if not found:
        return Verdict()
    people, grid = situation.customers.height, situation.grid
    silent = [one for one in found if one.silences]
    quiet = pl.DataFrame({"invoice": pl.Series([one.invoice for one in silent], dtype=pl.Int64)})
    last = pl.Series([one.last for one in silent], dtype=pl.Date)
    calm, unexplored = np.zeros(people, dtype=bool), np.zeros(people, dtype=bool)
    kept_here = np.zeros(situation.invoices.height, dtype=bool)
    channel_off = np.zeros((people, len(grid.channels)), dtype=bool)
    for one in found:
        # Who is not contacted at all needs no sparing; after that, nothing of it is left.
        calm[one.row] |= Step.PRESSURE in one.stops and not one.silences
        unexplored[one.row] = True
        kept_here[one.invoice] |= Step.HAND_OVER in one.stops
        if one.channel is not None:
            channel_off[one.row] |= [one.channel in ("", name) for name in grid.channels]
    return Verdict(
        asked_from=asked_from(situation, quiet, last),
        channel_off=channel_off,
        calm=calm,
        unexplored=unexplored,
        kept_here=kept_here,
    )


def disputed(situation: Situation) -> Verdict:
    """A disputed invoice is left out until the dispute is resolved; the rest goes on.

    With whom something is in dispute, nothing is tried out.
    """
    found = standing(situation, Kind.DISPUTED)
    if found.is_empty():
        return Verdict(asked_from=asked_from(situation, found))
    unexplored = np.zeros(situation.customers.height, dtype=bool)
    unexplored[found["row"].to_numpy()] = True
    return Verdict(asked_from=asked_from(situation, found), unexplored=unexplored)


def with_collection(situation: Situation) -> Verdict:
    """What was handed over or written off for the whole customer is no longer ours to ask for."""
    return Verdict(asked_from=asked_from(situation, closed_for_customer(situation)))


def plan(situation: Situation) -> Verdict:
    """An invoice in a payment plan is left alone while the plan is kept."""
    return Verdict(asked_from=asked_from(situation, standing(situation, Kind.PLAN_AGREED)))


def promise(situation: Situation) -> Verdict:
    """A promise to pay is waited for, with some tolerance; a payment or its breach ends it."""
    found = standing(situation, Kind.PROMISED, ended_by=payments_of(situation))
    if found.is_empty():
        return Verdict()
    spoken = local_dates(situation, found).dt.offset_by(f"{DAYS_OF_AN_UNDATED_PROMISE}d")
    tolerance = f"{situation.policy.limits.promise_tolerance_days}d"
    dates = [detail_date(found, name) for name in PROMISED_DAY]
    promised = pl.select(pl.coalesce(*dates, spoken)).to_series()
    return Verdict(asked_from=asked_from(situation, found, promised.dt.offset_by(tolerance)))


def complaint(situation: Situation) -> Verdict:
    """After a complaint the customer is left alone for a while."""
    pause = situation.policy.limits.pause_after_complaint_days
    found = customer_events(situation, Kind.COMPLAINED)
    if found.is_empty():
        return Verdict()
    until = np.zeros(situation.customers.height, dtype=np.int32)
    complained_on = calendar.days_since_epoch(local_dates(situation, found))
    np.maximum.at(until, found["row"].to_numpy(), complained_on + pause)
    return Verdict(day_off=situation.dates < until[:, None])


def opted_out(situation: Situation) -> Verdict:
    """Who opted out of a channel is not contacted there; who named no channel, nowhere.

    Whoever said later that they want messages again is reached again; of a word and its opposite
    at one instant, the opt-out counts.
    """
    if customer_events(situation, Kind.OPTED_OUT).is_empty():
        return Verdict()
    found = customer_events(situation, Kind.OPTED_OUT, Kind.OPTED_IN)
    found = found.with_columns(out=pl.col("kind") == Kind.OPTED_OUT).sort("at", "out")
    channel = found["detail"].str.json_path_match("$.channel")
    off = np.zeros((situation.customers.height, len(situation.grid.channels)), dtype=bool)
    rows, out = found["row"].to_numpy(), found["out"].to_numpy()
    for number, name in enumerate(situation.grid.channels):
        named = (channel.is_null() | (channel == name)).to_numpy()
        # In the order in which it was said: the last word stands.
        off[rows[named], number] = out[named]
    return Verdict(channel_off=off)


def consent(situation: Situation) -> Verdict:
    """A channel that the customer refused (`consent_<channel>` is false) is not used.

    Unknown consent allows it: messages about an own unpaid invoice need no marketing consent.
    """
    return Verdict(channel_off=_said(situation, CONSENT_PREFIX, False))


def no_address(situation: Situation) -> Verdict:
    """A channel on which the customer has no address that works is not used.

    That is said by `reach_<channel>`, false; where nothing is said there may be an address.
    """
    return Verdict(channel_off=_said(situation, REACH_PREFIX, False))


def bounced(situation: Situation) -> Verdict:
    """A channel whose latest delivery failed is not used until a delivery succeeds.

    Or until `reach_<channel>` says that there is another address, which works.
    """
    failed = undelivered(situation)
    off = flag_channels(situation, failed["row"], failed["channel"])
    return Verdict(channel_off=off & ~_said(situation, REACH_PREFIX, True))


def _said(situation: Situation, prefix: str, answer: bool) -> Flags:
    """Return for which customers and channels the column of `prefix` says `answer`: [N, C]."""
    customers = situation.customers
    flags = np.zeros((customers.height, len(situation.grid.channels)), dtype=bool)
    for number, channel in enumerate(situation.grid.channels):
        if (name := prefix + channel) in customers.columns:
            flags[:, number] = (
                (customers[name].cast(pl.Boolean) == answer).fill_null(False).to_numpy()
            )
    return flags


def fallback(situation: Situation) -> Verdict:
    """A fallback channel waits until another was tried about what is open.

    Tried since the customer's oldest open invoice was issued. Whom no other channel reaches is
    written to on the fallback at once.
    """
    policy, grid = situation.policy, situation.grid
    last = np.array([channel.fallback for channel in policy.channels], dtype=bool)
    if not last.any() or last.all():
        return Verdict()
    refused = [rule(situation).channel_off for rule in (opted_out, consent, no_address, bounced)]
    gone = np.zeros((situation.customers.height, len(grid.channels)), dtype=bool)
    for off in refused:
        gone |= False if off is None else off
    reachable = (~gone & ~last[None, :]).any(axis=1)
    others = [channel.name for channel in policy.channels if not channel.fallback]
    waits = reachable & ~_tried(situation, others)
    return Verdict(channel_off=waits[:, None] & last[None, :])


def _tried(situation: Situation, channels: list[str]) -> Flags:
    """Return who was contacted over one of `channels` since their oldest open invoice: [N]."""
    rows = situation.invoices.group_by("row").agg(since=pl.col("issued_on").min())
    found = (
        situation.contacts.filter(pl.col("channel").is_in(channels))
        .join(rows, on="row")
        .filter(pl.col("sent_at").dt.date() >= pl.col("since"))
    )
    flags = np.zeros(situation.customers.height, dtype=bool)
    flags[found["row"].unique().to_numpy()] = True
    return flags


def first_contact_from_due(situation: Situation) -> Verdict:
    """An invoice is not asked for earlier than the policy says, counted from its due date."""
    first = situation.policy.limits.first_contact_from_due
    due = calendar.days_since_epoch(situation.invoices["due_on"])
    days = due + first - situation.today[situation.row]
    return Verdict(asked_from=np.clip(days, 0, NEVER).astype(np.int32))


def min_amount(situation: Situation) -> Verdict:
    """Who owes less in all than the policy's least amount is left alone."""
    least = int(situation.policy.limits.min_amount * UNITS_OF_AMOUNT)
    little = situation.owed() < least
    return Verdict(day_off=np.repeat(little[:, None], situation.grid.days, axis=1))


def min_days_between(situation: Situation) -> Verdict:
    """After a contact, over whatever channel, so many whole days pass before the next."""
    days = situation.policy.limits.min_days_between
    last = latest_contacts(situation, rank=1)
    return Verdict(not_before=np.where(last == 0, 0, last + days * MICROSECONDS_PER_DAY))


def max_contacts_30d(situation: Situation) -> Verdict:
    """In any 30 days a customer gets no more contacts than the policy says."""
    most = situation.policy.limits.max_contacts_30d
    if most == 0:
        return Verdict(not_before=np.full(situation.customers.height, NO_INSTANT))
    # With so many since then, the next may come when the oldest of them is more than 30 days old.
    oldest = latest_contacts(situation, rank=most)
    return Verdict(not_before=np.where(oldest == 0, 0, oldest + 30 * MICROSECONDS_PER_DAY + 1))


def quiet_holidays(situation: Situation) -> Verdict:
    """Nobody is contacted on a public holiday of their country, if the policy says so."""
    if not situation.policy.limits.quiet_holidays:
        return Verdict()
    countries = situation.customers["country"]
    return Verdict(day_off=calendar.are_holidays(situation.dates, countries))


def law_days(situation: Situation) -> Verdict:
    """On some days (Sundays, public holidays, where the law knows them) nobody is contacted."""
    return Verdict(channel_day_off=situation.law.closed(situation.dates.astype(np.int64)))


def law_caps(situation: Situation) -> Verdict:
    """Within so many days no more contacts are made than the law and decency allow."""
    today = situation.today.astype(np.int64)
    free = free_from(
        situation.law, situation.contacts, today, grid=situation.grid, policy=situation.policy
    )
    return Verdict(channel_not_before=free)


def wished_times(situation: Situation) -> Verdict:
    """Nobody is reached on a weekday, or at an hour, at which they asked not to be.

    Letters, which come when the post comes, are not meant.
    """
    law = situation.law
    if not (law.unwelcome.any() or law.unwelcome_on.any()):
        return Verdict()
    return Verdict(channel_day_off=law.unwished(situation.dates.astype(np.int64)))


def channel_days(situation: Situation) -> Verdict:
    """A channel is used only on the weekdays that the policy gives it."""
    allowed = situation.grid.weekday_ok[:, calendar.weekdays(situation.dates)]
    return Verdict(channel_day_off=~np.moveaxis(allowed, 0, 1))


def hours_passed(situation: Situation) -> Verdict:
    """Today is over for a channel when its last hour has begun."""
    grid, law = situation.grid, situation.law
    today = situation.first_slots(np.full(situation.customers.height, situation.now))
    off = np.zeros((len(today), len(grid.channels), grid.days), dtype=bool)
    off[:, :, 0] = ~law.hours_left[law.group, :, np.minimum(today, len(grid.hours))]
    return Verdict(channel_day_off=off)


# In order of weight: where several leave nothing, the first is the main reason.
RULES = (
    Rule("no_channel_on", "no channel is on", "policy: channels", no_channel_on),
    Rule("hold", "on hold", "event hold_started", hold),
    Rule("disputed", "disputed, not yet resolved", "event disputed", disputed),
    Rule("with_collection", "already out of our hands", "event escalated", with_collection),
    Rule("plan", "a payment plan is running", "event plan_agreed", plan),
    Rule("promise", "payment is promised and not yet late", "event promised", promise),
    Rule(
        "complaint",
        "complained recently",
        "policy: limits.pause_after_complaint_days",
        complaint,
    ),
    Rule("opted_out", "opted out", "event opted_out", opted_out),
    Rule("consent", "refused this channel", "customers: consent_<channel>", consent),
    Rule("no_address", "no address that works", "customers: reach_<channel>", no_address),
    Rule("bounced", "the last message did not arrive", "event bounced", bounced),
    Rule("fallback", "another channel comes first", "policy: channels.fallback", fallback),
    Rule(
        "first_contact_from_due",
        "too early before the due date",
        "policy: limits.first_contact_from_due",
        first_contact_from_due,
    ),
    Rule("min_amount", "owes too little", "policy: limits.min_amount", min_amount),
    Rule(
        "min_days_between",
        "contacted too recently",
        "policy: limits.min_days_between",
        min_days_between,
    ),
    Rule(
        "max_contacts_30d",
        "contacted often enough in 30 days",
        "policy: limits.max_contacts_30d",
        max_contacts_30d,
    ),
    Rule("quiet_holidays", "a public holiday", "policy: limits.quiet_holidays", quiet_holidays),
    Rule(
        "law_caps",
        "contacted as often as the law or decency allows",
        "law: section caps",
        law_caps,
    ),
    Rule(
        "law_days",
        "a day that the law or decency keeps free",
        "law: section windows",
        law_days,
        everyday=True,
    ),
    Rule(
        "wished_times",
        "not at a time at which they want to be reached",
        "customers: contact_hours, contact_days",
        wished_times,
        everyday=True,
    ),
    Rule("channel_days", "not a day of the channel", "policy: days", channel_days, everyday=True),
    Rule("hours_passed", "no hour left today", "policy: hours", hours_passed, everyday=True),
)
