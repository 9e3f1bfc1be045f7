"""Worked cases of what may be sent: holds, opt-outs, caps, what shows outside, two laws at once."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tenor.engine import calendar
from tenor.engine.cases import notices, parties
from tenor.engine.cases.contact import earlier, reason_of
from tenor.engine.cases.values import Input, Result
from tenor.engine.law.case import Actor, Case, Claim, Contact, Debtor, Hold
from tenor.engine.law.contact.caps import Cap, Counts, contact_caps
from tenor.engine.law.contact.channels import channel_use, seen_from_outside
from tenor.engine.law.contact.scope import Scope, channel_name
from tenor.engine.law.contact.windows import OK, contact_window
from tenor.engine.law.days import is_holiday
from tenor.engine.law.holds import Step, ends_on, rule_of, stops, undisputed
from tenor.engine.law.library import NONE, jurisdiction_of, pack_of
from tenor.engine.law.pack import Binding, Confidence, InForce, Pack, Provision
from tenor.engine.law.ruling import Ruling

# Digital ways first, the dearest last; push needs an app, of which a case says nothing.
_IN_ORDER = ("email", "sms", "letter", "call")
_STEPS = (
    (Step.PROFILE, re.compile(r"profil|model|scor(e|ing)", re.IGNORECASE)),
    (Step.HAND_OVER, re.compile(r"escalat|hand(ed)?[ -]?over|agency|court|suit", re.IGNORECASE)),
    (Step.DEMAND, re.compile(r"remind|demand|dunning|claim", re.IGNORECASE)),
)
# A flag that says that the ground of a hold is gone.
_NO_MORE = re.compile(r"_(broken|lifted|withdrawn)$")
_THE_WHOLE = re.compile(r"\b(whole|full|entire)\b", re.IGNORECASE)
_WAYS = (
    ("letter", re.compile(r"letter|post|mail to the address", re.IGNORECASE)),
    ("call", re.compile(r"call|phone", re.IGNORECASE)),
    ("sms", re.compile(r"\b(sms|text)\b", re.IGNORECASE)),
    ("email", re.compile(r"e-?mail", re.IGNORECASE)),
)
_ALL = ("all", "everything", "any", "overall", "every channel")
_PUBLIC = re.compile(r"social|facebook|instagram|twitter|linkedin|public post", re.IGNORECASE)
_KNOWN = {
    *("email", "sms", "whatsapp", "push", "portal", "letter", "call", "postcard", "visit"),
    *("work_email", "social_post", "social_message"),
}
_BY_LAW = re.compile(r"statutory|legal|required by law|14[- ]day|notice", re.IGNORECASE)
_PART = re.compile(r"([\d.]+) of ([\d.]+)")
_POLICY_CAP = re.compile(r"policy_cap_(\w+)_(\d+)d")
_OF_A_PLACE = {
    "BE": "Belgian",
    "DE": "German",
    "FR": "French",
    "NL": "Dutch",
    "UK": "British",
    "US": "US",
}


def _channel_policy(case: Input) -> Result:
    """Answer every question that the case asks; a refusal outweighs whatever allows."""
    pack = _pack(case)
    result: Result = {}
    for fact, answer in _ANSWERS.items():
        if fact in case:
            found = answer(case, pack)
            allows = found.get("send", True)
            result = {**found, **result} if allows else {**result, **found}
    if not result:
        raise ValueError("none of these facts is one that the policy of channels speaks of")
    return result


def _flags(case: Input, pack: Pack) -> Result:
    on = parties.day_of(pack, case.get("on"))
    until = date.fromisoformat(case["promise_date"]) if "promise_date" in case else None
    if until is not None:
        until += timedelta(days=int(case.get("grace_days", 0)))
    claim, whole = _claim(case), str(case.get("action") or case.get("wanted") or "")
    holds = tuple(
        Hold(flag, on, until, claim.invoice)
        for flag in case["flags"]
        if not _NO_MORE.search(str(flag))
    )
    at = parties.local_moment(None, pack, on.isoformat())
    facts = Case(at, pack, ("UTC",), Debtor.CONSUMER, claims=(claim,), holds=holds)
    step = next((step for step, words in _STEPS if words.search(whole)), Step.CONTACT)
    way = next((f".{name}" for name, words in _WAYS if words.search(whole)), ".any")
    stopped = stops(facts, step, claim) or (
        step is not Step.PROFILE and _closed(facts, pack, on, f"{Step.CONTACT}{way}")
    )
    left = undisputed(facts, claim)
    result: Result = {"send": not stopped}
    if result["send"] and left < claim.principal and _THE_WHOLE.search(whole):
        return {"send": False, "amount": left}
    if result["send"]:
        return result | {"amount": left}
    for hold in holds:
        _provision, rule = rule_of(pack, hold.code, on)
        end = ends_on(pack, hold)
        result |= {
            "route": result.get("route") or rule.route,
            "pause_clock": rule.pauses_terms,
            "resume": (end + timedelta(days=1)).isoformat() if end else None,
            "resume_after_days": rule.days,
        }
        if hold.until is not None and rule.grace_days == 0:
            result["note"] = "plus grace days if configured"
    return result


def _closed(facts: Case, pack: Pack, on: date, step: str) -> bool:
    """Say whether a hold that closes one channel closes the one wanted; unnamed, it closes it."""
    return any(
        rule_of(pack, hold.code, on)[1].covers == "channel" and stops(facts, step)
        for hold in facts.holds
    )


def _claim(case: Input) -> Claim:
    part = _PART.search(str(case.get("scope", "")))
    disputed, owed = (Decimal(part[1]), Decimal(part[2])) if part else (Decimal(0), Decimal(100))
    return Claim("1", owed, "EUR", disputed=disputed)


def _opt_outs(case: Input, pack: Pack) -> Result:
    """Hold a wanted channel against those refused; a letter that the law asks for may go."""
    on = parties.day_of(pack, case.get("on"))
    holds = tuple(
        Hold("CEASE_ALL", on)
        if str(name).lower() in _ALL
        else Hold("CEASE_CHANNEL", on, channel=name)
        for name in case["opt_outs"]
    )
    at = parties.local_moment(None, pack, on.isoformat())
    facts = Case(at, pack, ("UTC",), Debtor.CONSUMER, holds=holds)
    wanted = channel_name(case["wanted"])
    about = str(case.get("purpose") or case.get("action") or "")
    asked_by_law = wanted == "letter" and _BY_LAW.search(about) is not None
    step = Step.NOTICE if asked_by_law else Step.CONTACT
    if not stops(facts, f"{step}.{wanted}"):
        return {"send": True}
    left = (way for way in _IN_ORDER if not stops(facts, f"{step}.{way}"))
    return {"send": False, "fallback": next(left, None)}


def _channel(case: Input, pack: Pack) -> Result:
    on = parties.day_of(pack, case.get("on"))
    name = channel_name(str(case["channel"]))
    if name not in _KNOWN and (_PUBLIC.search(name) or name == "open letter"):
        private = re.search(r"private|direct", name)
        name = "social_message" if private else "social_post"
    if name not in _KNOWN:
        raise ValueError(f"{name!r} is no channel that is known here")
    if case["channel"] == "voicemail" and "text" in case:
        return _outside(case, pack, "voicemail", str(case["text"]))
    ruling = channel_use(pack, on, channel=name, actor=Actor.CREDITOR, debtor=Debtor.CONSUMER)
    return {"send": ruling.allowed, "reason": reason_of(ruling)}


def _visible(case: Input, pack: Pack) -> Result:
    return _outside(case, pack, "envelope", case["visible_text"])


def _subject(case: Input, pack: Pack) -> Result:
    found = _outside(case, pack, "subject", case["subject"])
    return found if found["send"] else found | {"suggest": "neutral subject"}


def _voicemail(case: Input, pack: Pack) -> Result:
    return _outside(case, pack, "voicemail", case["voicemail"])


def _moment(case: Input, pack: Pack) -> Result:
    """Hold a local time against the contact windows."""
    ruling = contact_window(
        pack,
        parties.local_moment(case["local_time"], pack, case.get("on")),
        zones=("UTC",),
        channel=case.get("wanted") or case.get("channel") or "email",
        actor=parties.actor(case.get("actor"), Actor.CREDITOR),
        debtor=parties.debtor(case.get("debtor")),
    )
    return {"send": ruling.allowed, "reason": reason_of(ruling)}


def _outside(case: Input, pack: Pack, surface: str, text: str) -> Result:
    on = parties.day_of(pack, case.get("on"))
    ruling = seen_from_outside(pack, on, surface=surface, text=text)
    return {"send": ruling.allowed, "reason": reason_of(ruling)}


def _wanted(case: Input, pack: Pack) -> Result:
    """Hold a wanted channel against the caps: the pack's, or those that the case itself sets."""
    at = parties.local_moment(case.get("local_time"), pack, case.get("on"))
    contacts = earlier(case, at)
    if "last_message_hours_ago" in case:
        ago = timedelta(hours=int(case["last_message_hours_ago"]))
        contacts.append(Contact(at - ago, "any"))
    if not contacts:
        return {}
    capped = _with_caps(pack, case)
    ruling = _by_caps(capped, at, case["wanted"], contacts)
    if ruling.allowed:
        return {"send": True}
    other = (way for way in _IN_ORDER if _by_caps(capped, at, way, contacts).allowed)
    return {"send": False, "reason": reason_of(ruling), "fallback": next(other, None)}


def _by_caps(pack: Pack, at: datetime, channel: str, contacts: list[Contact]) -> Ruling:
    return contact_caps(
        pack,
        at,
        zones=("UTC",),
        channel=channel,
        contacts=contacts,
        actor=Actor.CREDITOR,
        debtor=Debtor.CONSUMER,
    )


def _with_caps(pack: Pack, case: Input) -> Pack:
    """Lay the caps that a case names over the pack, in the place of its own."""
    caps: dict[str, Cap] = {}
    for name, value in case.items():
        named = _POLICY_CAP.fullmatch(name)
        if named is not None and named[1] == "overall":
            caps["overall"] = Cap(Counts.CONTACTS, int(value), int(named[2]), None, Scope())
        elif named is not None:
            scope = Scope(channels=frozenset({channel_name(named[1])}))
            caps[channel_name(named[1])] = Cap(
                Counts.CONTACTS, int(value), int(named[2]), None, scope
            )
        elif name == "policy_min_gap_hours":
            caps["gap"] = Cap(Counts.CONTACTS, 1, 0, int(value), Scope())
    own = {("caps", name): _said_by_the_case(pack, name, cap) for name, cap in caps.items()}
    return replace(pack, parent=pack, own=own)


def _said_by_the_case(pack: Pack, name: str, cap: Cap) -> Provision:
    weight = (Confidence.HIGH, Binding.POLICY)
    row = InForce(date.min, None, cap, "the policy that the case states", *weight)
    return Provision(pack.jurisdiction, "caps", name, "The policy of the case.", (row,))


def _merged(case: Input, pack: Pack) -> Result:
    """One message for all that is due: a second one would break the gap between two contacts."""
    steps = case["due_steps"]
    at = parties.local_moment(None, pack, case.get("on"))
    second = _by_caps(pack, at, steps[0][1], [Contact(at, steps[0][1])])
    merged = case.get("same_debtor", False) and not second.allowed
    return {
        "messages": 1 if merged else len(steps),
        "contains": [invoice for invoice, _channel in steps],
    }


def _places(case: Input, pack: Pack) -> Result:
    """Hold a moment against the law of the debtor's place and of the sender's."""
    at = parties.moment(case["local_time_debtor"], case["debtor_zone"])
    who = parties.actor(case.get("actor"), Actor.CREDITOR)
    places = [
        pack_of(jurisdiction_of(_country(zone)))
        for zone in (case["debtor_zone"], case["sender_zone"])
    ]
    for place in places:
        ruling = contact_window(
            place,
            at,
            zones=(case["debtor_zone"],),
            channel="email",
            actor=who,
            debtor=parties.debtor(case.get("debtor")),
        )
        if not ruling.allowed:
            first = ruling.reasons[0]
            weight = "_POLICY" if first.binding is Binding.POLICY else ""
            code = f"{place.jurisdiction}_{first.code}{weight}"
            return {"send": False, "reason": code, "note": _whose_holiday(at.date(), places)}
    return {"send": True, "reason": OK}


def _whose_holiday(on: date, places: list[Pack]) -> str:
    """Say in whose calendar a day is a holiday and in whose it is not; empty where all agree."""
    here = [_OF_A_PLACE.get(p.jurisdiction, p.name) for p in places if is_holiday(p, on)]
    there = [_OF_A_PLACE.get(p.jurisdiction, p.name) for p in places if not is_holiday(p, on)]
    if not here or not there:
        return ""
    said = f"{on.day} {on:%b} is a {here[0]} holiday, not a {there[0]} one"
    return f"{said}; block when either calendar blocks"


def _country(zone: str) -> str | None:
    return next((c for c, z in calendar.country_zones().items() if z == zone), None)


def _fields(case: Input, pack: Pack) -> Result:
    return notices.lacking({"channel": "email", **case}, pack, case["fields"])


def _debtor_type(case: Input, pack: Pack) -> Result:
    """Who is not known to be a business is treated like a consumer: no fee of trade law."""
    known = parties.debtor(case["debtor_type"]) or Debtor.CONSUMER
    placed = "country" not in case or jurisdiction_of(case["country"]) != NONE
    trade = known is not Debtor.CONSUMER and placed
    return {"charge_fee": trade, "treat_as": str(known)}


def _country_known(case: Input, pack: Pack) -> Result:
    """Where the country is not known, nothing is charged and the contact is neutral."""
    if case["country"] is not None:
        return {}
    return {"charge_fee": False, "charge_interest": False, "tone": "neutral"}


def _pack(case: Input) -> Pack:
    named = str(case.get("jurisdiction", "ANY"))
    if named != "ANY":
        return pack_of(named)
    return pack_of(jurisdiction_of(case.get("country"))) if "country" in case else pack_of(NONE)


_ANSWERS: Mapping[str, Callable[[Input, Pack], dict[str, Any]]] = {
    "wanted": _wanted,
    "flags": _flags,
    "opt_outs": _opt_outs,
    "channel": _channel,
    "visible_text": _visible,
    "subject": _subject,
    "voicemail": _voicemail,
    "local_time": _moment,
    "due_steps": _merged,
    "debtor_zone": _places,
    "debtor_type": _debtor_type,
    "country": _country_known,
    "fields": _fields,
}

RULES: Mapping[str, Callable[[Input], Result]] = {"channel_policy": _channel_policy}
