"""Worked cases of contact: windows, caps on calls, states' rules, who may collect."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tenor.engine.cases import parties
from tenor.engine.cases.values import Input, Result, day
from tenor.engine.law.case import Actor, Contact, Debtor
from tenor.engine.law.contact.actors import bound_by, may_collect, readable, required_level
from tenor.engine.law.contact.caps import Cap, contact_caps, counts_towards
from tenor.engine.law.contact.channels import Need, channel_use
from tenor.engine.law.contact.windows import OK, contact_window
from tenor.engine.law.library import pack_of
from tenor.engine.law.pack import Pack
from tenor.engine.law.ruling import Ruling

_NOT_CONNECTED = re.compile(
    r"not connect|busy|out of service|not in service|disconnected|before (it )?connect",
    re.IGNORECASE,
)
_DAYS_AGO = re.compile(r"consent.*?(\d+) days? ago", re.IGNORECASE)
# 12 CFR 1006.14(b)(3)(iv): those that a collector may always speak to.
_NOT_THE_PERSON = re.compile(r"attorney|lawyer|credit (bureau|reporting)|creditor", re.IGNORECASE)
_BY_WRITING = re.compile(r"\b(sms|text( message)?|e-?mail|letter)\b", re.IGNORECASE)
_CALLED_IN = re.compile(
    r"(consumer|customer|person|debtor) (called|phoned|rang)|\bin(bound|coming)", re.IGNORECASE
)
_ABROAD = re.compile(r"abroad|foreign|outside", re.IGNORECASE)
_SO_MANY = re.compile(r"(\w+?)_last_(\d+)_days(?:_to_(\w+))?")


def alone(pack: Pack) -> Pack:
    """Return a pack without those that it stands on: what this place itself says."""
    return replace(pack, parent=None)


def reason_of(ruling: Ruling) -> str:
    """Return the code of the weightiest reason; OK where it is allowed."""
    return OK if ruling.allowed or not ruling.reasons else ruling.reasons[0].code


def _contact_window(case: Input) -> Result:
    zone = ZoneInfo(case["zone"])
    said = case["utc"] if "utc" in case else case["local_time"]
    at = parties.moment(said, case["zone"])
    ruling = contact_window(
        pack_of(case.get("jurisdiction", "NL")),
        at,
        zones=(case["zone"],),
        channel=case.get("channel", "email"),
        actor=parties.actor(case.get("actor"), Actor.AGENCY),
        debtor=parties.debtor(case.get("debtor")),
    )
    result: Result = {
        "local_time": f"{at.astimezone(zone):%Y-%m-%dT%H:%M}",
        "allowed": ruling.allowed,
        "reason": reason_of(ruling),
    }
    if not ruling.allowed and ruling.changes_at is not None:
        result["next_allowed_local"] = f"{ruling.changes_at.astimezone(zone):%Y-%m-%dT%H:%M}"
    return result


def _wki(case: Input) -> Result:
    pack = pack_of(case.get("jurisdiction", "NL"))
    on = parties.day_of(pack, case.get("on"))
    who = parties.actor(case.get("actor"), Actor.AGENCY)
    owes = parties.debtor(case.get("debtor"))
    # The decree is about natural persons who live in the country.
    abroad = _ABROAD.search(str(case.get("debtor") or "")) is not None
    bound = bool(bound_by(pack, on, actor=who, debtor=owes)) and not abroad
    result: Result = {"legally_bound_by_bki": bound, "bki_debtor_rules_apply": bound}
    if "local_time" in case:
        at = parties.local_moment(case["local_time"], pack, case.get("on"))
        ruling = contact_window(pack, at, zones=("UTC",), channel="email", actor=who, debtor=owes)
        result |= {"default_policy_blocks": not ruling.allowed, "allowed": ruling.allowed}
    if "registered" in case:
        ruling = may_collect(pack, on, actor=who, debtor=owes, registered=case["registered"])
        code = ruling.reasons[0].code if ruling.reasons else OK
        result |= {"allowed": ruling.allowed, "reason": code}
    if "text_readability" in case:
        level = case["text_readability"]
        plain = readable(pack, on, level=level, actor=who, debtor=owes)
        required = required_level(pack, on, actor=who, debtor=owes)
        result |= {"compliant": plain.allowed, "required": required}
    return result


def _inconvenient_time(case: Input) -> Result:
    at, zones = parties.moment(case["utc"]), case["possible_zones"]
    if not zones:
        raise ValueError("nobody knows where the person is: name every zone that is possible")
    ruling = contact_window(
        pack_of(case.get("jurisdiction", "US")),
        at,
        zones=zones,
        channel="call",
        actor=parties.actor(case.get("actor"), Actor.AGENCY),
        debtor=parties.debtor(case.get("debtor")),
    )
    local = {zone: f"{at.astimezone(ZoneInfo(zone)):%H:%M}" for zone in zones}
    return {"allowed": ruling.allowed, "reason": reason_of(ruling), "local": local}


def _call_frequency(case: Input) -> Result:
    spoken = case.get("last_conversation")
    calls = [Contact(_noon(on), "call", conversation=on == spoken) for on in case["counted_calls"]]
    if spoken is not None and spoken not in case["counted_calls"]:
        calls.append(Contact(_noon(spoken), "call", conversation=True, counts=False))
    ruling = contact_caps(
        alone(pack_of(case.get("jurisdiction", "US"))),
        _noon(case["attempt_on"]),
        zones=("UTC",),
        channel="call",
        contacts=calls,
        actor=Actor.AGENCY,
        debtor=Debtor.CONSUMER,
    )
    return {"presumed_compliant": ruling.allowed, "reason": reason_of(ruling)}


def _call_frequency_scope(case: Input) -> Result:
    pack = pack_of(case.get("jurisdiction", "US"))
    cap: Cap = pack.says("caps", "reg_f_calls", parties.day_of(pack, case.get("on")))
    said = " ".join(str(case[key]) for key in ("call_result", "channel", "medium") if key in case)
    consent = _DAYS_AGO.search(said)
    counted = counts_towards(
        cap,
        connected=_NOT_CONNECTED.search(said) is None,
        consent_days_ago=int(consent[1]) if consent else None,
    )
    outside = _NOT_THE_PERSON.search(said) or _BY_WRITING.search(said) or _CALLED_IN.search(said)
    return {"counts_toward_cap": counted and outside is None}


def _state_rule(case: Input) -> Result:
    pack = pack_of(case["jurisdiction"])
    here, federal = alone(pack), pack_of(pack.jurisdiction.partition("-")[0])
    at = parties.local_moment(case.get("local_time"), here, case.get("on"))
    who = parties.actor(case.get("actor"), Actor.CREDITOR)
    owes = parties.debtor(case.get("debtor"))
    way, _to, place = str(case.get("attempt") or case.get("channel") or "call").partition(" to ")
    rulings = [
        contact_window(here, at, zones=("UTC",), channel=way, actor=who, debtor=owes),
        contact_caps(
            here,
            at,
            zones=("UTC",),
            channel=way,
            contacts=earlier(case, at),
            actor=who,
            debtor=owes,
            place=place,
        ),
    ]
    if "consumer_consent_to_electronic" in case:
        has = frozenset({Need.CONSENT} if case["consumer_consent_to_electronic"] else ())
        rulings.append(channel_use(here, at.date(), channel=way, has=has, actor=who, debtor=owes))
    collector = contact_window(
        alone(federal), at, zones=("UTC",), channel=way, actor=Actor.AGENCY, debtor=owes
    )
    refused = [ruling for ruling in rulings if not ruling.allowed]
    in_force = any(rule.on(at.date()) is not None for rule in here.provisions.values())
    return {
        "allowed": not refused,
        "allowed_state": not refused,
        "reason": reason_of(refused[0]) if refused else OK,
        "allowed_reg_f_if_collector": collector.allowed,
        "new_rule_in_force": in_force,
        "conduct_rules_apply": bool(bound_by(here, at.date(), actor=who, debtor=owes)),
    }


def earlier(case: Input, at: datetime) -> list[Contact]:
    """Return the contacts that a case counts: `sms_last_7_days: 2` are two, six days ago."""
    found = []
    for name, count in case.items():
        counted = _SO_MANY.match(name)
        if counted is None:
            continue
        what, days, place = counted.groups()
        first = what.split("_")[0].removesuffix("s") if what != "sms" else what
        channel = "any" if first in ("contact", "message") else first
        when = at - timedelta(days=int(days) - 1)
        found += [Contact(when, channel, place=place or "") for _ in range(int(count))]
    return found


def _noon(on: str) -> datetime:
    return datetime.combine(day(on), time(12), UTC)


RULES: Mapping[str, Callable[[Input], Result]] = {
    "bki_contact_window": _contact_window,
    "wki_quality": _wki,
    "inconvenient_time": _inconvenient_time,
    "call_frequency": _call_frequency,
    "call_frequency_scope": _call_frequency_scope,
    "state_rule": _state_rule,
}
