"""Worked cases of data rights: requests, automated decisions, tracking, systems, guidance."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date

from tenor.engine.cases.values import Input, Result, day, money
from tenor.engine.errors import LawError
from tenor.engine.law.library import NONE, pack_of
from tenor.engine.law.pack import Pack
from tenor.engine.law.rights import rights
from tenor.engine.law.rights.ai import Place, classify, must_disclose
from tenor.engine.law.rights.registers import missing_fields, standing
from tenor.engine.law.rights.retention import Fate, erasure, kept
from tenor.engine.law.rights.tracking import Look, may_track

# A case that names no day is asked on the day on which the shipped packs were last reviewed.
_REVIEWED = date(2026, 11, 21)
_GROUNDS = ("contract_necessity", "law_authorises", "explicit_consent")
# What an offer of the case is called among the safeguards: a review by a person hears their view.
_OFFERS = {
    "human_review_offered": ("human intervention", "express view"),
    "contest_offered": ("contest",),
    "explanation_offered": ("information",),
}
_COMPANY = ("company", "b2b", "legal person", "corporation", "ltd", "bv ")
_DAYS = (
    "last_activity",
    "last_collection",
    "last_used",
    "call_date",
    "record_date",
    "event_date",
    "invoice_date",
    "created",
    "created_on",
    "closed_on",
    "on",
)
# A review that only signs what the machine said is none, and a score that in fact decides decides.
_RUBBER_STAMP = re.compile(
    r"rubber|nominal|formal(ity)?\b|never (overr|chang)|always (agree|confirm)"
)
_DECIDES = re.compile(r"draws?_strongly|decisive|in_fact|score_(decides|determines|drives)")
_MEANS = (
    ("individual_click", re.compile(r"click|unique link", re.IGNORECASE)),
    ("individual_open", re.compile(r"\bopen(s|ed|ing)?\b|pixel", re.IGNORECASE)),
)


def _pack(case: Input) -> Pack:
    """Return the pack of the case; for several places the first of which we have one."""
    for name in str(case.get("jurisdiction", NONE)).split("/"):
        with suppress(LawError):
            return pack_of(name)
    return pack_of(NONE)


def _on(case: Input) -> date:
    return day(case["on"]) if "on" in case else _REVIEWED


def _privacy_ai(case: Input) -> Result:
    """Answer by what the case has: a request, a record, a system, a decision, or a look."""
    if case.get("request") == "erasure" and "record" in case:
        return _erasure(case)
    if case.get("request") in ("object", "objection"):
        return _objection(case)
    if case.get("request") == "portability":
        return _portability(case)
    if "request" in case:
        return _deadline(case)
    for key, answer in _BY_FACT.items():
        if key in case:
            return answer(case)
    raise KeyError("request")


def _objection(case: Input) -> Result:
    found = rights.objection(_pack(case), _on(case), str(case["processing"]))
    if found is None:
        return {"applies": False}
    return {
        "stop": found.stop.value,
        "balancing": found.is_weighed,
        "may_continue": found.may_continue,
        "reason": found.ground or found.reason.code,
    }


def _portability(case: Input) -> Result:
    data = str(case.get("data", "provided"))
    basis = str(case["legal_basis"])
    return {"applies": rights.portable(_pack(case), _on(case), basis=basis, data=data)}


def _deadline(case: Input) -> Result:
    received = day(case["received"])
    found = rights.answer_by(_pack(case), received, str(case["request"]))
    if found is None:
        return {"answer_by": None}
    overdue = _on(case) > found.answer_by
    return {
        "answer_by": found.answer_by.isoformat(),
        "at_most": found.at_most.isoformat(),
        "overdue": overdue,
    }


def _since(case: Input) -> date:
    if "financial_year" in case:
        return date(int(case["financial_year"]), 12, 31)
    return day(next(case[name] for name in _DAYS if name in case))


def _erasure(case: Input) -> Result:
    found = erasure(
        _pack(case),
        _on(case),
        str(case["record"]),
        _since(case),
        open_claim=bool(case.get("open_claim", False)),
    )
    erase = found.fate is Fate.ERASE
    if erase:
        return {"erase": True, "restrict": False, "erasable_from": None}
    term = kept(_pack(case), _on(case), str(case["record"]), _since(case))
    reason = found.reasons[0].code if found.reasons else None
    return {
        "erase": False,
        "restrict": True,
        "erasable_from": term.erasable_from.isoformat() if found.until else None,
        "reason": reason,
    }


def _kept(case: Input) -> Result:
    found = kept(_pack(case), _on(case), str(case["record"]), _since(case))
    return {
        "keep_until": found.until.isoformat(),
        "erasable_from": found.erasable_from.isoformat(),
        "may_delete": found.has_run_out(_on(case)),
    }


def _system(case: Input) -> Result:
    system, use = str(case["system"]), str(case.get("use", ""))
    if "discloses_ai" in case:
        duty = must_disclose(_pack(case), _on(case), system)
        return {"compliant": duty is None or bool(case["discloses_ai"])}
    natural = not any(word in f"{system} {use} ".casefold() for word in _COMPANY)
    found = classify(_pack(case), _on(case), system, use, natural_person=natural)
    if found is None:
        return {"ai_act": "none"}
    if found.place is Place.LISTED and found.applies_from is not None:
        starts = found.applies_from.isoformat()
        return {"ai_act": f"high_risk_{found.entry}", "applies_from": starts}
    if found.place is Place.OUTSIDE:
        return {"ai_act": f"outside_{found.entry}"}
    return {"ai_act": "not_listed_by_name_assess", "recommended_treatment": found.treatment}


def _by_machine_alone(case: Input) -> bool:
    """Say whether a machine decides: by itself, or with somebody who only signs."""
    said = " ".join(
        str(v).replace("_", " ") for k, v in case.items() if "human" in k or "review" in k
    )
    signs = _RUBBER_STAMP.search(said.lower()) is not None
    decides = any(_DECIDES.search(name) and value for name, value in case.items())
    return bool(case.get("solely_automated", True)) or signs or decides


def _decision(case: Input) -> Result:
    given = list(case.get("safeguards", ()))
    for offer, names in _OFFERS.items():
        given += names if case.get(offer) else ()
    found = rights.automated(
        _pack(case),
        _on(case),
        solely_automated=_by_machine_alone(case),
        # What is not known to be a small thing is taken for a serious one.
        serious=case.get("significant_effect", case.get("significant")) is not False,
        grounds=[name for name in _GROUNDS if case.get(name)],
        safeguards=given,
        special_data=bool(case.get("special_category", False)),
    )
    return {
        "allowed": found.allowed,
        "art22": found.is_bound,
        "reason": found.code or None,
        "safeguards_required": list(found.safeguards),
        "safeguards_missing": list(found.missing),
    }


def _look(case: Input) -> Result:
    event = str(case.get("event", ""))
    by_event = next((name for name, words in _MEANS if words.search(event)), "visit")
    means = str(case.get("pixel", by_event))
    collected, informed = case.get("address_collected"), case.get("informed_on")
    found = may_track(
        _pack(case),
        _on(case),
        Look(
            means=means,
            purpose=str(case["purpose"]),
            consent=bool(case.get("consent", False)),
            last_day_only="day only" in str(case.get("stored", "")),
            requested=bool(case.get("email_requested_by_recipient", False)),
            collected_on=day(collected) if collected else None,
            informed_on=day(informed) if informed else None,
        ),
    )
    return {"allowed": found.allowed, "needs_consent": found.needs_consent}


def _late_payment_reform(case: Input) -> Result:
    return _standing(case, "late payment reform")


def _standing(case: Input, name: str) -> Result:
    found = standing(_pack(case), _on(case), name)
    if found is None:
        return {"in_force": None}
    size = case.get("bank_assets_usd_bn")
    return {
        "in_force": found.register.stands,
        "replaced_by": found.register.replaced_by or None,
        "announced": list(found.register.announced),
        "covered": found.covers(
            str(case.get("system", "")), money(size) if size is not None else None
        ),
    }


def _governance(case: Input) -> Result:
    if "model_card_fields" in case:
        has = [str(name) for name in case["model_card_fields"]]
        missing = missing_fields(_pack(case), _on(case), "model_card", has)
        return {"complete": not missing, "missing": list(missing)}
    name = next((case[key] for key in ("guidance", "rule", "test", "law") if key in case), None)
    if name is None:
        raise ValueError("the case names no guidance, rule or law")
    return _standing(case, str(name))


_BY_FACT: Mapping[str, Callable[[Input], Result]] = {
    "record": _kept,
    "system": _system,
    "decision": _decision,
    "pixel": _look,
    "event": _look,
}

RULES: Mapping[str, Callable[[Input], Result]] = {
    "privacy_ai": _privacy_ai,
    "late_payment_reform": _late_payment_reform,
    "governance": _governance,
}
