"""Which law and whose wishes hold for whom, and what they leave of the plan: hours, days, caps.

A contact obeys the windows of the customer's place and of the organisation's own; the stricter
wins. What the law takes is taken from every policy: no key of the policy file gives it back. So it
is with the hours and weekdays at which somebody does not want to be reached.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import numpy as np
import polars as pl

from tenor.engine import calendar
from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.contact.masks import earliest_by_caps, open_slots
from tenor.engine.law.contact.scope import channel_name
from tenor.engine.law.contact.windows import contact_windows
from tenor.engine.law.library import jurisdiction_of, resting_in
from tenor.engine.law.pack import Pack
from tenor.engine.law.ruling import Ruling
from tenor.engine.policy.actions import Flags, Grid, Integers
from tenor.engine.policy.policyfile import Policy
from tenor.engine.policy.wished import Wish, unwelcome_hours, unwelcome_weekdays, wish_of

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, eq=False)
class LawOfPlaces:
    """The law of N customers, in G groups of the same pack, kind of debtor and wished hours.

    `own` is the organisation's own pack, `actor` who asks. `packs`, `debtors` and `wishes` have one
    entry a group, `group[N]` is each customer's. `hour_ok[G, C, H]` are the hours that policy, law
    and wish leave on every day on which a channel is open at all, `day_ok[G, C, L]` those days by
    the law, counted from `first_day` (days since 1970-01-01). `unwelcome[G, C, H]` are the hours
    that the wish takes, `unwelcome_on[G, C, 7]` the weekdays (Monday 0).
    """

    own: Pack
    actor: Actor
    packs: tuple[Pack, ...]
    debtors: tuple[Debtor | None, ...]
    wishes: tuple[Wish, ...]
    group: Integers
    hour_ok: Flags
    day_ok: Flags
    first_day: int
    unwelcome: Flags
    unwelcome_on: Flags

    @property
    def hours_left(self) -> Flags:
        """Return whether a channel has an hour at or after each, and past the last: [G, C, H+1]."""
        later = np.logical_or.accumulate(self.hour_ok[:, :, ::-1], axis=2)[:, :, ::-1]
        return np.concatenate([later, np.zeros((*later.shape[:2], 1), dtype=bool)], axis=2)

    def window(self, row: int, at: datetime, *, zone: str, channel: str) -> Ruling:
        """Rule whether the customer of `row` may be contacted at the very instant `at` (aware)."""
        group = int(self.group[row])
        return contact_windows(
            (self.packs[group], self.own), at, zones=(zone,), channel=channel, actor=self.actor,
            debtor=self.debtors[group],
        )  # fmt: skip

    def wish(self, row: int) -> Wish:
        """Return when the customer of `row` wants to be reached."""
        return self.wishes[int(self.group[row])]

    def unwished(self, dates: Integers) -> Flags:
        """Return on which of the customers' local `dates` [N, D] their wish shuts a channel.

        That is on the weekdays that they do not want, and on all where no wished hour is left:
        [N, C, D].
        """
        weekday = calendar.weekdays(dates.astype(np.int32))
        shut = self.unwelcome_on[self.group[:, None], :, weekday]
        never: Flags = np.asarray(self.unwelcome.any(axis=2) & ~self.hour_ok.any(axis=2))
        return np.asarray(np.moveaxis(shut, 2, 1) | never[self.group][:, :, None])

    def closed(self, dates: Integers) -> Flags:
        """Return on which of the customers' local `dates` [N, D] a channel is shut: [N, C, D]."""
        place = dates - self.first_day
        opened = self.day_ok[self.group[:, None], :, place]
        return np.asarray(~np.moveaxis(opened, 2, 1))


def law_of_places(
    customers: pl.DataFrame, today: Integers, *, grid: Grid, policy: Policy
) -> LawOfPlaces:
    """Find the law and the wish of each row of `customers`.

    Columns: country, region, kind, contact_hours, contact_days; all may be null.

    `today[N]` are their local dates, in days since 1970-01-01. An unknown country is the policy's
    default; an unknown kind is protected as a consumer is.
    """
    home = policy.jurisdiction.default
    named = customers.select(
        pl.col("country").fill_null(home), pl.col("region").fill_null(""), "kind",
        "contact_hours", "contact_days",
    )  # fmt: skip
    kinds = named.unique(maintain_order=True).with_row_index("group")
    group = named.join(kinds, on=named.columns, how="left", nulls_equal=True, maintain_order="left")
    packs = tuple(
        resting_in(policy.pack(jurisdiction_of(country, region)), country)
        for country, region in kinds.select("country", "region").iter_rows()
    )
    debtors = tuple(_debtor(kind) for kind in kinds["kind"])
    wishes = tuple(wish_of(*said) for said in kinds.select("contact_hours", "contact_days").rows())
    unwelcome = unwelcome_hours(wishes, grid=grid, policy=policy)
    first = int(today.min()) if len(today) else 0
    last = int(today.max()) + grid.days if len(today) else 0
    own = resting_in(policy.pack(jurisdiction_of(home)), home)
    actor = Actor(policy.jurisdiction.actor)
    hours, days = [], []
    for pack, debtor in zip(packs, debtors, strict=True):
        opened = _opened(pack, own, first, last, grid, actor, debtor)
        some: Flags = np.logical_or.reduce(opened, axis=2)
        # Days differ in whether a channel is open; its hours, where they differ, are the fewest.
        every = np.logical_and.reduce(np.where(some[:, :, None], opened, True), axis=0)
        hour = grid.hour_ok & every
        hours.append(hour)
        days.append((some & np.logical_or.reduce(hour, axis=1)[None, :]).T)
    shape = (len(packs), *grid.hour_ok.shape)
    return LawOfPlaces(
        own,
        actor,
        packs,
        debtors,
        wishes,
        group["group"].to_numpy().astype(np.int64),
        np.array(hours, dtype=bool).reshape(shape) & ~unwelcome,
        np.array(days, dtype=bool).reshape(len(packs), len(grid.channels), last - first),
        first,
        unwelcome,
        unwelcome_weekdays(wishes, policy=policy),
    )


def free_from(
    law: LawOfPlaces, contacts: pl.DataFrame, today: Integers, *, grid: Grid, policy: Policy
) -> Integers:
    """Return when each channel's caps allow the next contact: [N, C], UTC microseconds.

    `contacts` are all earlier ones: row (of the customer), sent_at, channel.
    """
    answer = np.zeros((len(law.group), len(grid.channels)), dtype=np.int64)
    if contacts.is_empty() or not grid.channels:
        return answer
    row = contacts["row"].to_numpy().astype(np.int64)
    sent = contacts["sent_at"].to_physical().to_numpy().astype(np.int64)
    names = {channel: number for number, channel in enumerate(grid.channels)}
    number = contacts["channel"].replace_strict(names, default=-1, return_dtype=pl.Int64).to_numpy()
    # Whether somebody answered is not among the facts: every call is taken for a conversation.
    calls = [name for name in contacts["channel"].unique() if name and channel_name(name) == "call"]
    called = contacts["channel"].is_in(calls).fill_null(False).to_numpy()
    actor = Actor(policy.jurisdiction.actor)
    for which, (pack, debtor) in enumerate(zip(law.packs, law.debtors, strict=True)):
        mine = law.group[row] == which
        if mine.any():
            day = _EPOCH + timedelta(days=int(today[law.group == which].min()))
            free = earliest_by_caps(
                pack, day=day, channels=grid.channels, count=len(law.group), row=row[mine],
                sent_at=sent[mine], channel=number[mine], actor=actor, debtor=debtor,
                conversation=called[mine],
            )  # fmt: skip
            answer = np.maximum(answer, free)
    return answer


def _debtor(kind: str | None) -> Debtor | None:
    return Debtor(kind) if kind in list(Debtor) else None


def _opened(
    pack: Pack, own: Pack, first: int, last: int, grid: Grid, actor: Actor, debtor: Debtor | None
) -> Flags:
    days = [
        _on(law, day, grid.channels, grid.hours, actor, debtor)
        for day in range(first, last)
        for law in (pack, own)
    ]
    shape = (last - first, 2, len(grid.channels), len(grid.hours))
    return np.asarray(np.array(days, dtype=bool).reshape(shape).all(axis=1))


# A plan looks at a few weeks, again and again: each day's answer is kept.
@lru_cache(maxsize=4096)
def _on(
    pack: Pack,
    day: int,
    channels: tuple[str, ...],
    hours: tuple[int, ...],
    actor: Actor,
    debtor: Debtor | None,
) -> Flags:
    dates = [_EPOCH + timedelta(days=day)]
    found: Flags = open_slots(
        pack, dates=dates, channels=channels, hours=hours, actor=actor, debtor=debtor
    )[0]
    return found
