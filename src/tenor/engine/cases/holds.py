"""Worked cases of holds: breathing space, and the conduct rules of chapter 7 of CONC."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from tenor.engine.cases.values import Input, NotCovered, Result, day, money
from tenor.engine.law.case import Actor, Case, Claim, Debtor, Hold
from tenor.engine.law.contact.windows import windows_in_force
from tenor.engine.law.days import plus_months
from tenor.engine.law.holds import (
    Step,
    effects,
    ends_on,
    help_offered,
    longest_until,
    rule_of,
    stops,
    told,
)
from tenor.engine.law.library import pack_of
from tenor.engine.law.money.limitation import LimitationRule
from tenor.engine.law.pack import Pack

_ONE_DAY = timedelta(days=1)
_SOMEWHERE_OPEN = re.compile(
    r"\b(open|postcard|see[- ]through|window|wall|timeline|facebook|notice[- ]?board|front door"
    r"|answer(ing|phone)\w*|voicemail|neighbour|family|employer|work|colleague)",
    re.IGNORECASE,
)
_GROUNDLESS = re.compile(
    r"\b(no|without)( \w+)? grounds?\b|\b(invalid|frivolous|groundless|vexatious)\b", re.IGNORECASE
)
_STARTS = ("starts", "start", "started")
_REGISTERED = ("registered", "registered_on", "registration_date")
_ON_THE_OUTSIDE = re.compile(
    r"\b(outside|visible|on the envelope|envelope marked|shared|public)\b", re.IGNORECASE
)
_ALL_NOW = re.compile(r"\b(full|whole|entire)\b", re.IGNORECASE)
_NO_THOUGHT = re.compile(
    r"\bno forbearance|\bwithout (any )?forbearance|\bnot considered\b", re.IGNORECASE
)
_KEEPS_ALIVE = re.compile(r"acknowledged|payment_within")
_ONLY = re.compile(r"\b(only|nothing but|please)\b", re.IGNORECASE)


def _breathing_space(case: Input) -> Result:
    pack = pack_of(case.get("jurisdiction", "UK-EW"))
    for name in _REGISTERED:
        if name in case and not any(key in case for key in _STARTS):
            # It starts on the day after its registration.
            return _space(pack, Hold("BREATHING_SPACE", day(case[name]) + _ONE_DAY))
    starts = next((case[name] for name in _STARTS if name in case), None)
    return _space(pack, Hold("BREATHING_SPACE", day(starts)))


def _mental_health(case: Input) -> Result:
    pack = pack_of(case.get("jurisdiction", "UK-EW"))
    if case["crisis_treatment_ends"] is None:
        # While the treatment lasts there is no last day, and everything stays as it is.
        return {"last_day": None, "contact_may_resume": None, "enforcement": "stopped"}
    treated_until = day(case["crisis_treatment_ends"])
    began = day(case["starts"]) if "starts" in case else treated_until
    return _space(pack, Hold("MENTAL_HEALTH_CRISIS", began, treated_until))


def _space(pack: Pack, hold: Hold) -> Result:
    last = ends_on(pack, hold)
    if last is None:
        raise ValueError(f"{hold.code} has no end in {pack.jurisdiction}")
    case = _case(pack, hold.since, holds=(hold,))
    charged = stops(case, Step.CHARGE_COSTS) and stops(case, Step.CHARGE_INTEREST)
    return {
        "last_day": last.isoformat(),
        "contact_may_resume": (last + _ONE_DAY).isoformat(),
        "interest_fees_during": Decimal("0.00") if charged else None,
        "enforcement": "stopped" if stops(case, Step.COURT) else "goes on",
    }


def _eligibility(case: Input) -> Result:
    pack, on = pack_of(case.get("jurisdiction", "UK-EW")), day(case["on"])
    before = case.get("previous_standard_started")
    if pack.jurisdiction != "UK-EW":
        raise NotCovered(f"{pack.jurisdiction} is not England and Wales: no breathing space there")
    # The one of a mental-health crisis is not counted by the year.
    if before is None or "mental" in str(case.get("type", case.get("kind", ""))).lower():
        return {"eligible": True}
    _provision, rule = rule_of(pack, "BREATHING_SPACE", on)
    again = plus_months(day(before), rule.again_after_months or 0)
    return {"eligible": on >= again, "eligible_from": again.isoformat()}


def _hold_effects(case: Input) -> Result:
    """Say what a hold of the pack stops on a day, until when, and who may lift it."""
    pack, code = pack_of(case["jurisdiction"]), str(case["code"])
    since = day(case["since"])
    on = day(case["on"]) if "on" in case else since
    hold = Hold(
        code,
        since,
        day(case["until"]) if "until" in case else None,
        channel=str(case.get("channel", "")),
    )
    _provision, rule = rule_of(pack, code, on)
    last = ends_on(pack, hold)
    return {
        "stops": list(effects(pack, on, (hold,))),
        "last_day": last.isoformat() if last else None,
        "lift": list(rule.lift),
        "offer": list(rule.offer),
        "route": rule.route,
    }


def _conc(case: Input) -> Result:
    """Answer each fact of the case that chapter 7 speaks of."""
    pack = pack_of(_part_of_the_kingdom(str(case.get("jurisdiction", "UK"))))
    # A case that names no day is asked of the law as it stood when the pack was looked over.
    on = day(case["on"]) if "on" in case else pack.reviewed_on
    result: Result = {}
    for fact, answer in _CONC.items():
        if fact in case:
            result |= answer(case, pack, on)
    if not result:
        raise ValueError("none of these facts is one that chapter 7 speaks of")
    return result


def _says(case: Input, pack: Pack, on: date) -> Result:
    codes = told(pack, str(case["customer_says"]), on)
    if not codes:
        return {"hold": False}
    # Of several holds the one that stops the demand itself is told first.
    held = [_held(pack, on, code) for code in codes]
    return next((one for one in held if one["stops_demand"]), held[0])


def _held(pack: Pack, on: date, code: str) -> Result:
    hold = Hold(code, on)
    _provision, rule = rule_of(pack, code, on)
    until, longest = ends_on(pack, hold), longest_until(pack, hold)
    return {
        "hold": True,
        "stops_demand": bool(stops(_case(pack, on, holds=(hold,)), Step.DEMAND)),
        "code": code,
        "until": until.isoformat() if until else None,
        "extend_to": longest.isoformat() if longest else None,
        "route": rule.route,
        "offer": list(help_offered(pack, on, (hold,))),
    }


def _disputed(case: Input, pack: Pack, on: date) -> Result:
    grounds = str(case["dispute"])
    if _GROUNDLESS.search(grounds):
        return {"hold": False, "investigate": False}
    return _held(pack, on, "DISPUTE") | {"investigate": True}


def _capacity(case: Input, pack: Pack, on: date) -> Result:
    known = case["mental_capacity_limit_known"]
    return _held(pack, on, "MENTAL_CAPACITY") if known else {"hold": False}


def _old_debt(case: Input, pack: Pack, on: date) -> Result:
    """Say whether a debt of that age may be demanded: not if gone, nor once that is said."""
    rule: LimitationRule | None = pack.says("limitation", "contract", on)
    if rule is None:
        raise ValueError(f"{pack.jurisdiction} names no age at which a debt is out of time")
    kept = any(case.get(fact) for fact in case if _KEEPS_ALIVE.match(fact))
    barred = money(case["age_years"]) >= rule.years and not kept
    gone = barred and rule.extinguished
    hold = Hold("TIME_BARRED", on)
    said = case.get("customer_says_statute_barred") and stops(
        _case(pack, on, holds=(hold,)), Step.DEMAND
    )
    out_of_touch = case.get("creditor_in_regular_contact", True) is False
    return {
        "barred": barred,
        "extinguished": gone,
        "demand_payment": not (gone or (barred and (said or out_of_touch))),
    }


def _hour(case: Input, pack: Pack, on: date) -> Result:
    clock = time.fromisoformat(str(case["contact_time"]))
    windows = windows_in_force(pack, on, actor=Actor.AGENCY, debtor=Debtor.CONSUMER)
    return {"allowed": all(window.holds(clock) for _provision, window in windows)}


def _message_on(case: Input, pack: Pack, on: date) -> Result:
    place = str(case["message_on"])
    seen = _SOMEWHERE_OPEN.search(place) or _ON_THE_OUTSIDE.search(place)
    return {"allowed": False, "reason": "THIRD_PARTY_DISCLOSURE"} if seen else {"allowed": True}


def _offer(case: Input, pack: Pack, on: date) -> Result:
    demand = str(case.get("demand", ""))
    pressed = _NO_THOUGHT.search(demand) or _ALL_NOW.search(demand)
    return {"compliant": not (case["customer_offers_affordable_plan"] and pressed)}


def _held_already(case: Input, pack: Pack, on: date) -> Result:
    """Answer for a state of the customer that the case gives as a flag."""
    code = next(code for fact, code in _STATES.items() if case.get(fact) is not None)
    if not any(case.get(fact) for fact in _STATES):
        return {"hold": False}
    held = _held(pack, on, code)
    return held | {"allowed": not held["stops_demand"]}


def _preference(case: Input, pack: Pack, on: date) -> Result:
    wish = str(case["customer_asks_contact_by"]).lower()
    used = [channel for name, channel in _AGENT_DOES.items() if case.get(name)]
    return {"compliant": not (_ONLY.search(wish) and any(way not in wish for way in used))}


def _part_of_the_kingdom(name: str) -> str:
    parts = {"england": "UK-EW", "wales": "UK-EW", "scotland": "UK-SCT", "northern ireland": "UK"}
    return parts.get(name.lower(), name)


def _case(pack: Pack, on: date, *, holds: tuple[Hold, ...]) -> Case:
    noon = datetime.combine(on, time(12), tzinfo=UTC)
    claims = (Claim("", Decimal(100), pack.currency),)
    return Case(noon, pack, ("Europe/London",), Debtor.CONSUMER, claims=claims, holds=holds)


_AGENT_DOES: Mapping[str, str] = {
    "agent_calls": "call",
    "agent_texts": "text",
    "agent_emails": "email",
    "agent_writes": "letter",
    "agent_visits": "visit",
}
_STATES: Mapping[str, str] = {
    "breathing_space": "BREATHING_SPACE",
    "breathing_space_active": "BREATHING_SPACE",
    "in_breathing_space": "BREATHING_SPACE",
    "vulnerable": "VULNERABLE",
    "debt_adviser_appointed": "DEBT_HELP",
    "with_debt_adviser": "DEBT_HELP",
}
_CONC: Mapping[str, Callable[[Input, Pack, date], Result]] = {
    "customer_says": _says,
    "dispute": _disputed,
    "mental_capacity_limit_known": _capacity,
    "age_years": _old_debt,
    "contact_time": _hour,
    "message_on": _message_on,
    "customer_offers_affordable_plan": _offer,
    "customer_asks_contact_by": _preference,
    **dict.fromkeys(_STATES, _held_already),
}
RULES: Mapping[str, Callable[[Input], Result]] = {
    "breathing_space_standard": _breathing_space,
    "breathing_space_mental_health": _mental_health,
    "breathing_space_eligibility": _eligibility,
    "hold_effects": _hold_effects,
    "conc7": _conc,
}
