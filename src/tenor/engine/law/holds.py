"""Holds: what a death, a dispute, a breathing space or a promise stops, until when, and who lifts.

A hold is a fact about a person or an invoice. What it means is data of the pack (section `holds`),
so that a country or an organisation can be stricter without a line of code.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from tenor.engine.law.case import Case, Claim, Hold
from tenor.engine.law.contact.scope import channel_name
from tenor.engine.law.pack import Pack, Provision, Reason
from tenor.engine.law.values import Values

SECTION = "holds"
# The provision that holds for a hold of a kind which the pack does not know.
OTHER = "other"


class Step(StrEnum):
    """What a hold can stop."""

    CONTACT = "contact"  # any message or call about the debt
    NOTICE = "notice"  # a message that the law itself asks for
    DEMAND = "demand"  # asking for the money
    PRESSURE = "pressure"  # firm or urgent words, a tone picked by a model
    THREAT = "threat"  # announcing a suit or another next step
    CHARGE_COSTS = "charge.costs"
    CHARGE_INTEREST = "charge.interest"
    EXPLORE = "explore"  # trying something at random, to learn
    PROFILE = "profile"  # using what is known of the person to choose
    HAND_OVER = "hand_over"  # to a collection agency
    COURT = "court"


# A step that needs another one is stopped with it: who may not be written to is not asked either.
_NEEDS: Mapping[Step, Step] = {
    Step.DEMAND: Step.CONTACT,
    Step.PRESSURE: Step.DEMAND,
    Step.THREAT: Step.DEMAND,
    Step.EXPLORE: Step.CONTACT,
}
# What can be done for the undisputed part of a claim while the rest is disputed.
_DIVISIBLE = frozenset({Step.DEMAND, Step.PRESSURE, Step.CHARGE_COSTS, Step.CHARGE_INTEREST})


class Reach(StrEnum):
    """How much of a case a hold covers."""

    CASE = "case"  # the person: all invoices, whichever the hold names
    CLAIM = "claim"  # the invoice that it names; all where it names none
    PART = "part"  # the disputed part of the invoice that it names
    CHANNEL = "channel"  # the channel that it names; all where it names none


@dataclass(frozen=True)
class HoldRule:
    """What a kind of hold means.

    `stops` are steps, `covers` how much they cover. `ends` says in words what ends it; `days` is
    how long it lasts where no end is set (None: until a person or a fact ends it), with the day it
    begins as the first of them where `counts_start`, and `extension_days` how much longer it can be
    made once. `grace_days` are added to an end that is set (a promise's date, the end of a
    treatment). `lift` names the desks that may lift it; `offer` what help is offered and `route`
    where the case goes. `pauses_terms` says whether waiting times stand still.
    `again_after_months` is how long after one began the next can begin. `also` are other names of
    the hold, `signs` patterns (of `re`, any case) by which a person's words tell of it.
    """

    stops: frozenset[Step]
    covers: Reach
    ends: str
    lift: tuple[str, ...]
    offer: tuple[str, ...]
    route: str
    days: int | None
    counts_start: bool
    extension_days: int
    grace_days: int
    pauses_terms: bool
    again_after_months: int | None
    also: tuple[str, ...]
    signs: tuple[re.Pattern[str], ...]


def read_holds(values: Values) -> HoldRule:
    """Read the values of a provision of section `holds`."""
    stops = values.texts("stops")
    for step in stops:
        if step not in list(Step):
            raise values.wrong("stops", f"has {step!r}; the steps are {', '.join(Step)}")
    return HoldRule(
        stops=frozenset(Step(step) for step in stops),
        covers=Reach(values.choice("covers", list(Reach), Reach.CASE)),
        ends=values.text("ends"),
        lift=values.texts("lift"),
        offer=values.texts("offer", ()),
        route=values.text("route", ""),
        days=values.whole("days", None),
        counts_start=values.flag("counts_start", False),
        extension_days=values.whole("extension_days", 0),
        grace_days=values.whole("grace_days", 0),
        pauses_terms=values.flag("pauses_terms", False),
        again_after_months=values.whole("again_after_months", None),
        also=values.texts("also", ()),
        signs=tuple(_pattern(values, sign) for sign in values.texts("signs", ())),
    )


def rule_of(pack: Pack, code: str, day: date) -> tuple[Provision, HoldRule]:
    """Return what a hold of this code (in any case, or one of its other names) means on `day`.

    A code that the pack does not know is held for the widest one, `other`: nothing is done until
    somebody has looked. Raises `LookupError` where the pack says nothing of holds on `day`.
    """
    name = code.strip().lower()
    named, rule = pack.find(SECTION, name), pack.says(SECTION, name, day)
    if named is not None and rule is not None:
        return named, rule
    other = None
    for provision, rule in pack.in_force(SECTION, day):
        if name in rule.also:
            return provision, rule
        if provision.name == OTHER:
            other = provision, rule
    if other is None:
        raise LookupError(f"{pack.jurisdiction} says nothing of holds on {day}")
    return other


def ends_on(pack: Pack, hold: Hold) -> date | None:
    """Return the last day of a hold; None where only a person or a fact ends it.

    An end that is set (a promise's date, a register's) counts, with the days of grace; else the
    longest time that the rule gives.
    """
    _provision, rule = rule_of(pack, hold.code, hold.since)
    if hold.until is not None:
        return hold.until + timedelta(days=rule.grace_days)
    if rule.days is None:
        return None
    return hold.since + timedelta(days=rule.days - rule.counts_start)


def longest_until(pack: Pack, hold: Hold) -> date | None:
    """Return the last day to which a hold can be extended; None where no length is set."""
    _provision, rule = rule_of(pack, hold.code, hold.since)
    if rule.days is None:
        return None
    days = rule.days + rule.extension_days - rule.counts_start
    return hold.since + timedelta(days=days)


def is_on(pack: Pack, hold: Hold, day: date) -> bool:
    """Say whether a hold is on on `day`."""
    end = ends_on(pack, hold)
    return hold.since <= day and (end is None or day <= end)


def may_lift(pack: Pack, code: str, who: str, *, day: date) -> bool:
    """Say whether a desk (`legal`, `care`, `automatic` for the machine) may lift such a hold."""
    return who in rule_of(pack, code, day)[1].lift


def stops(case: Case, step: str, claim: Claim | None = None) -> tuple[Reason, ...]:
    """Return the holds that stop a step today, as reasons; empty where none does.

    `step` is one of `Step`, with a channel behind contact and notice (`contact.sms`). With a
    `claim`, the holds on the case and on that invoice count; without, one on an invoice counts
    where every invoice of the case is stopped. Of a partly disputed claim, the undisputed
    part goes on.
    """
    if claim is None and case.claims:
        each = [stops(case, step, one) for one in case.claims]
        return tuple(dict.fromkeys(r for reasons in each for r in reasons)) if all(each) else ()
    wanted, channel = _step_and_channel(step)
    found = []
    for hold in case.holds:
        if not is_on(case.pack, hold, case.day):
            continue
        provision, rule = rule_of(case.pack, hold.code, case.day)
        if wanted in _all_stopped(rule) and _covers(hold, rule, wanted, channel, claim):
            found.append(_reason(case.pack, provision, rule, hold, case.day))
    return tuple(found)


def effects(pack: Pack, day: date, holds: Iterable[Hold]) -> Mapping[str, tuple[Reason, ...]]:
    """Return every step that these holds stop on `day`, each with its reasons.

    All holds count as if they were about the same invoice. One on a channel stops
    `contact.<channel>`, or `contact.*` where it names none.
    """
    found: dict[str, list[Reason]] = {}
    for hold in holds:
        if not is_on(pack, hold, day):
            continue
        provision, rule = rule_of(pack, hold.code, day)
        reason = _reason(pack, provision, rule, hold, day)
        for step in _all_stopped(rule):
            on_channel = rule.covers is Reach.CHANNEL
            name = f"{step}.{channel_name(hold.channel) or '*'}" if on_channel else str(step)
            found.setdefault(name, []).append(reason)
    return {name: tuple(found[name]) for name in sorted(found)}


def paused_days(case: Case, claim: Claim, first: date, last: date) -> int:
    """Return on how many days from `first` to `last` a claim's waiting times stood still.

    Both days included, none after today; a day on which several holds stop the clock counts once.
    """
    still: set[date] = set()
    for hold in case.holds:
        _provision, rule = rule_of(case.pack, hold.code, hold.since)
        about = rule.covers is Reach.CASE or hold.invoice in ("", claim.invoice)
        if not rule.pauses_terms or not about:
            continue
        end = ends_on(case.pack, hold)
        begins, ends = max(first, hold.since), min(last, case.day, end or case.day)
        still.update(begins + timedelta(days=n) for n in range((ends - begins).days + 1))
    return len(still)


def undisputed(case: Case, claim: Claim) -> Decimal:
    """Return what may be asked of a claim while a dispute is open: its rest without that part.

    Zero where the whole claim is disputed, or where it was not said which part is.
    """
    rest = _rest(claim)
    for hold in case.holds:
        _provision, rule = rule_of(case.pack, hold.code, case.day)
        if rule.covers is not Reach.PART or hold.invoice not in ("", claim.invoice):
            continue
        if is_on(case.pack, hold, case.day):
            part = claim.disputed if claim.disputed > 0 else rest
            return max(rest - part, Decimal(0))
    return max(rest, Decimal(0))


def told(pack: Pack, words: str, day: date) -> tuple[str, ...]:
    """Return the codes of the holds that a person's words tell of, in order of code.

    Signs are read generously: a hold set in vain is lifted by a person, one that is missed hurts.
    """
    return tuple(
        provision.name.upper()
        for provision, rule in pack.in_force(SECTION, day)
        if any(sign.search(words) for sign in rule.signs)
    )


def help_offered(pack: Pack, day: date, holds: Iterable[Hold]) -> tuple[str, ...]:
    """Return what help is offered while these holds are on: names of offers, each once."""
    offers: dict[str, None] = {}
    for hold in holds:
        if is_on(pack, hold, day):
            offers.update(dict.fromkeys(rule_of(pack, hold.code, day)[1].offer))
    return tuple(offers)


def _step_and_channel(step: str) -> tuple[Step, str]:
    if step in list(Step):
        return Step(step), ""
    name, _dot, channel = step.partition(".")
    return Step(name), channel_name(channel)


def _all_stopped(rule: HoldRule) -> frozenset[Step]:
    stopped = set(rule.stops)
    if rule.covers is Reach.CHANNEL:
        return frozenset(stopped)
    for step in Step:
        need = _NEEDS.get(step)
        while need is not None:
            if need in rule.stops:
                stopped.add(step)
            need = _NEEDS.get(need)
    return frozenset(stopped)


def _covers(hold: Hold, rule: HoldRule, step: Step, channel: str, claim: Claim | None) -> bool:
    if rule.covers is Reach.CASE:
        return True
    if rule.covers is Reach.CHANNEL:
        return bool(channel) and (not hold.channel or channel_name(hold.channel) == channel)
    # Which invoices there are is not known: the hold on one of them stops the case.
    return claim is None or _on_claim(hold, rule, step, claim)


def _on_claim(hold: Hold, rule: HoldRule, step: Step, claim: Claim) -> bool:
    if hold.invoice not in ("", claim.invoice):
        return False
    in_part = rule.covers is Reach.PART and Decimal(0) < claim.disputed < _rest(claim)
    return not (in_part and step in _DIVISIBLE)


def _rest(claim: Claim) -> Decimal:
    return claim.principal - sum((amount for _day, amount in claim.paid), Decimal(0))


def _reason(pack: Pack, provision: Provision, rule: HoldRule, hold: Hold, day: date) -> Reason:
    end = ends_on(pack, hold)
    until = f"until {end}" if end is not None else f"until {rule.ends}"
    about = f" (invoice {hold.invoice})" if hold.invoice and rule.covers is not Reach.CASE else ""
    text = f"{provision.text} On since {hold.since}{about}, {until}."
    code = hold.code if provision.name == OTHER else provision.name
    return provision.because(day, code.strip().upper(), text)


def _pattern(values: Values, sign: str) -> re.Pattern[str]:
    try:
        return re.compile(sign, re.IGNORECASE)
    except re.error as error:
        raise values.wrong("signs", f"has {sign!r}, which is no pattern ({error})") from error
