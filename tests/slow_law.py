"""The checks of one contact written out a second time, slowly, so that they are plainly right.

Shares no code with `tenor.engine.law` but the reading of packs: the answers of the fast functions
are held against these in the tests.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from tenor.engine.law.case import Actor, Debtor, Hold
from tenor.engine.law.pack import Pack, Provision

OTHER_WORDS = {
    "e-mail": "email",
    "text": "sms",
    "texts": "sms",
    "phone": "call",
    "telephone": "call",
    "voice": "call",
    "voicemail": "call",
    "post": "letter",
}


def breaches(
    pack: Pack,
    *,
    at: datetime,
    zone: str,
    channel: str,
    actor: Actor,
    debtor: Debtor | None,
    earlier: Iterable[tuple[datetime, str]] = (),
    opt_outs: Iterable[str] = (),
    holds: Iterable[Hold] = (),
) -> list[str]:
    """Name every provision that a contact about the debt at `at` (aware) would break.

    `earlier` are the contacts so far (when, channel), `opt_outs` channels or `all`, `holds` those
    on the whole case. Also `opt_out` where the person refused the channel.
    """
    local = at.astimezone(ZoneInfo(zone))
    way = OTHER_WORDS.get(channel.strip().lower(), channel.strip().lower())
    broken = []
    for rule, window in says(pack, "windows", local.date()):
        if binds(window.scope, way, actor, debtor) and is_closed(pack, window, local):
            broken.append(rule.id)
    contacts = [(when, OTHER_WORDS.get(how.lower(), how.lower())) for when, how in earlier]
    for rule, cap in says(pack, "caps", local.date()):
        if cap.counts.value != "contacts" or not binds(cap.scope, way, actor, debtor):
            continue
        counted = 0
        for when, how in contacts:
            if when <= at and speaks_of(cap.scope, how) and is_within(cap, when, local):
                counted += 1
        if counted + 1 > cap.most:
            broken.append(rule.id)
    refused = {OTHER_WORDS.get(name.lower(), name.lower()) for name in opt_outs}
    if "all" in refused or way in refused:
        broken.append("opt_out")
    for hold in holds:
        broken += [rule.id for rule in stopping(pack, hold, way, local.date())]
    return broken


def is_closed(pack: Pack, window: Any, local: datetime) -> bool:
    """Say whether a window is shut at this local time."""
    if local.weekday() not in window.weekdays:
        return True
    if not window.on_holidays and is_day_off(pack, local.date()):
        return True
    minutes = local.hour * 60 + local.minute
    if minutes < window.opens.hour * 60 + window.opens.minute:
        return True
    if window.closes is None:
        return False
    return minutes >= window.closes.hour * 60 + window.closes.minute


def is_within(cap: Any, when: datetime, local: datetime) -> bool:
    """Say whether an earlier contact still counts at this local time."""
    if cap.hours is not None:
        return local.astimezone(UTC) - when < timedelta(hours=cap.hours)
    then = when.astimezone(local.tzinfo).date()
    return (local.date() - then).days < cap.days


def stopping(pack: Pack, hold: Hold, way: str, today: date) -> Iterator[Provision]:
    """Go through the provision of a hold if it stops a contact on this channel today."""
    name = hold.code.lower()
    known = [(r, s) for r, s in says(pack, "holds", today) if r.name == name or name in s.also]
    others = [(r, s) for r, s in says(pack, "holds", today) if r.name == "other"]
    for rule, meaning in (known or others)[:1]:
        last = hold.until and hold.until + timedelta(days=meaning.grace_days)
        if last is None and meaning.days is not None:
            last = hold.since + timedelta(days=meaning.days - int(meaning.counts_start))
        if hold.since > today or (last is not None and today > last):
            continue
        if meaning.covers.value == "channel" and hold.channel not in ("", way):
            continue
        if {"contact", "demand"} & {step.value for step in meaning.stops}:
            yield rule


def binds(scope: Any, way: str, actor: Actor, debtor: Debtor | None) -> bool:
    """Say whether a provision binds this actor towards this debtor on this channel."""
    if scope.actors and actor not in scope.actors:
        return False
    if scope.debtors and (debtor or Debtor.CONSUMER) not in scope.debtors:
        return False
    return speaks_of(scope, way)


def speaks_of(scope: Any, way: str) -> bool:
    """Say whether a provision speaks of this channel."""
    if way in scope.but_not:
        return False
    return way in scope.channels if scope.channels else True


@cache
def says(pack: Pack, section: str, day: date) -> list[tuple[Provision, Any]]:
    """Return every provision of a section with what it says on a day, the nearest pack's own."""
    found: dict[str, Provision] = {}
    place: Pack | None = pack
    while place is not None:
        for (of, name), provision in place.own.items():
            if of == section and name not in found:
                found[name] = provision
        place = place.parent
    rows = []
    for provision in found.values():
        for row in provision.rows:
            begun = row.first <= day
            over = row.last is not None and row.last < day
            if begun and not over and row.says is not None:
                rows.append((provision, row.says))
    return rows


@cache
def is_day_off(pack: Pack, day: date) -> bool:
    """Say whether a day is a public holiday where the pack holds."""
    country, _dash, part = pack.calendar.partition("-")
    if country and day in holidays.country_holidays(country, subdiv=part or None, years=day.year):
        return True
    for _rule, extra in says(pack, "holidays", day):
        if day in extra.dates or (day.month, day.day) in extra.every_year:
            return True
        if extra.good_friday and day + timedelta(days=2) == easter_sunday(day.year):
            return True
    return False


@cache
def easter_sunday(year: int) -> date:
    """Return Easter Sunday as the `holidays` library knows it (it is a holiday in Poland)."""
    poland = holidays.country_holidays("PL", years=year, language="en_US")
    return next(day for day, name in poland.items() if name == "Easter Sunday")
