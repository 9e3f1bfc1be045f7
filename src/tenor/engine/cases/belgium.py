"""Worked cases of the Belgian rules for consumer debts (Book XIX): many questions, one rule."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from tenor.engine.cases import parties
from tenor.engine.cases.costs import day_of, debtor_of, number_of, place_of
from tenor.engine.cases.values import Input, NotCovered, Result, day, money
from tenor.engine.law.case import Actor, Debtor, Notice
from tenor.engine.law.contact.actors import Person, may_approach, may_collect
from tenor.engine.law.letters.contents import Content
from tenor.engine.law.letters.notices import interest_from, term_of
from tenor.engine.law.money.costs import collection_costs
from tenor.engine.law.money.rates import agreed_rate
from tenor.engine.law.money.recurring import reminder_costs
from tenor.engine.law.money.scales import shown
from tenor.engine.law.pack import Pack

_ZERO = Decimal(0)
_FIRST_REMINDER = "first_reminder"
_ASKED = ("penalty_claimed", "penalty_charged", "penalty_in_terms", "penalty_clause")
_SMALL = re.compile(r"small|sme\b|micro|medium|kmo|pme", re.IGNORECASE)
_DEBTOR_THEMSELVES = re.compile(
    r"(the[ _])?(consumer|debtor|customer|guarantor|co[- _]?debtor)s?", re.IGNORECASE
)
_ACTING_FOR_THEM = re.compile(
    r"lawyer|attorney|solicitor|representative|administrator|guardian|mediator|debt[ _]advis",
    re.IGNORECASE,
)
# What cases call the number of due dates missed in a year, the yearly rate of the contract, …
_MISSED = (
    "missed_due_dates_in_year",
    "missed_due_dates_this_year",
    "missed_dates_this_year",
    "missed_dates_in_year",
    "reminder_number",
)
_AGREED = ("contract_interest_pct", "contract_rate_pct", "interest_rate_pct", "agreed_rate_pct")
# The words of the reminder's contents, and what they stand for.
_FIELDS: tuple[tuple[re.Pattern[str], Content], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), content)
    for pattern, content in (
        (r"balance|principal|outstanding", Content.PRINCIPAL),
        (r"penalty|lump", Content.FEE_AMOUNT),
        (r"creditor|name", Content.CREDITOR),
        (r"(enterprise|company|registration).*number|KBO|BCE|CBE", Content.CREDITOR_NUMBER),
        (r"product|service|ground", Content.GROUND),
        (r"due[ _]date", Content.DUE_DATE),
        (r"deadline|term|14[ _]", Content.TERM),
    )
)


def _book_xix(case: Input) -> Result:
    pack = place_of(case, "BE")
    on = day_of(case, pack)
    found: Result = {}
    for keys, answer in _QUESTIONS:
        if keys & case.keys():
            found |= answer(case, pack, on)
    if not found:
        raise NotCovered("none of these facts is one that Book XIX speaks of here")
    return found


def _penalty(case: Input, pack: Pack, on: date) -> Result:
    """Answer how high the lump sum may be, and whether a clause that asks for more is allowed."""
    if debtor_of(case) not in (None, Debtor.CONSUMER):
        raise NotCovered("Book XIX is about consumers: a business is not asked here")
    most = (
        collection_costs(
            pack,
            on,
            principal=money(case.get("outstanding", "0")),
            debtor=Debtor.CONSUMER,
            in_contract=bool(case.get("penalty_clause_in_terms", True)),
        ).amount
        or _ZERO
    )
    if _still_free(case, pack, on):
        most = _ZERO
    asked = next((case[name] for name in _ASKED if case.get(name) is not None), None)
    if asked is None:
        return {"lump_sum": most, "max_lump_sum": most}
    within = money(asked) <= most and most > _ZERO
    return {"lump_sum": min(money(asked), most), "max_lump_sum": most, "allowed": within}


def _still_free(case: Input, pack: Pack, on: date) -> bool:
    """Say whether nothing is due yet: no first reminder, or its wait is still running."""
    if case.get("first_reminder_sent", True) is False or case.get("reminder_sent", "") is None:
        return True
    if "reminder_sent" not in case:
        return False
    sent_on = day(case["reminder_sent"])
    term = term_of(pack, Notice(_FIRST_REMINDER, sent_on, str(case.get("channel", "post"))))
    paid_on = day(case["paid_on"]) if case.get("paid_on") else None
    return term is None or (paid_on or max(on, sent_on)) < term.from_day


def _wait(case: Input, pack: Pack, on: date) -> Result:
    """Answer when the wait after the free first reminder ends, and what may run from when."""
    if case["reminder_sent"] is None:
        return {"may_charge": False, "penalty_from": None, "interest_may_run_from": None}
    notice = Notice(_FIRST_REMINDER, day(case["reminder_sent"]), str(case.get("channel", "post")))
    term = term_of(pack, notice)
    small = _SMALL.search(str(case.get("creditor", ""))) is not None
    first = interest_from(pack, notice, small=small)
    if term is None or first is None:
        raise NotCovered("no such reminder is known on that day")
    return {
        "period_starts": term.first_day.isoformat(),
        "last_day": term.last_day.isoformat(),
        "penalty_from": term.from_day.isoformat(),
        "interest_may_run_from": first.isoformat(),
        "may_charge": bool(case.get("unpaid_after_wait", False)) or on >= term.from_day,
    }


def _person(case: Input, pack: Pack, on: date) -> Result:
    """Answer whether the person may be approached about the debt."""
    said = str(case["contact_person"])
    person = Person.DEBTOR if _DEBTOR_THEMSELVES.fullmatch(said) else Person.OTHER
    if _ACTING_FOR_THEM.search(said):
        person = Person.REPRESENTATIVE
    ruling = may_approach(pack, on, person=person, actor=Actor.AGENCY, debtor=Debtor.CONSUMER)
    return {"allowed": ruling.allowed, "reason": _code(ruling.reasons)}


def _extra_costs(case: Input, pack: Pack, on: date) -> Result:
    """Answer whether anything beside lump sum, interest and further reminders may be charged."""
    asked = money(case["extra_collection_costs_charged_to_consumer"])
    beside = collection_costs(
        pack, on, principal=_ZERO, debtor=Debtor.CONSUMER, in_contract=True
    ).amount
    return {"allowed": asked <= (beside or _ZERO)}


def _collector(case: Input, pack: Pack, on: date) -> Result:
    """Answer whether somebody may collect for others."""
    ruling = may_collect(
        pack,
        on,
        actor=parties.actor(case.get("actor"), Actor.AGENCY),
        debtor=Debtor.CONSUMER,
        registered=bool(case["registered_with_FPS_Economy"]),
        mandate=None,
    )
    return {"allowed": ruling.allowed, "reason": _code(ruling.reasons)}


def _reminder(case: Input, pack: Pack, on: date) -> Result:
    """Answer what a reminder may cost."""
    number = number_of(case, *_MISSED)
    postage = money(case.get("postage", "0"))
    said = case.get("recurring_contract", case.get("recurring"))
    recurring = bool(case.get("contract", "") == "recurring" if said is None else said)
    ruling = reminder_costs(pack, on, number=number, recurring=recurring, postage=postage)
    most = ruling.amount or _ZERO
    asked = case.get("reminder_fee", case.get("first_reminder_fee"))
    result: Result = {"max_reminder_cost": most, "reminder_cost": most}
    if asked is not None:
        result |= {"allowed": money(asked) <= most, "chargeable": min(money(asked), most)}
    return result


def _rate(case: Input, pack: Pack, on: date) -> Result:
    """Answer whether a rate agreed with a consumer stands, and what is charged under it."""
    percent = money(next(case[name] for name in _AGREED if name in case))
    found = agreed_rate(pack, on, debtor=Debtor.CONSUMER, percent=percent)
    return {
        "allowed": found.percent == percent,
        "max_pct": None if found.most is None else shown(found.most),
        "interest_pct": None if found.percent is None else shown(found.percent),
    }


def _contents(case: Input, pack: Pack, on: date) -> Result:
    """Answer what the free first reminder lacks of what it must say."""
    words = [str(field) for field in case["reminder_fields"]]
    contains = {c for pattern, c in _FIELDS if any(pattern.search(field) for field in words)}
    law = pack.says("contents", _FIRST_REMINDER, on)
    if law is None:
        raise NotCovered("no such reminder is known on that day")
    lacking = [str(name) for name in law.needs if name not in contains]
    return {"compliant": not lacking, "missing": lacking}


def _code(reasons: tuple[object, ...]) -> object:
    return getattr(reasons[0], "code", None) if reasons else "OK"


# What a case asks, by the facts that it gives.
_QUESTIONS: tuple[tuple[set[str], Callable[[Input, Pack, date], Result]], ...] = (
    ({"outstanding", "penalty_clause_in_terms", "first_reminder_sent"}, _penalty),
    ({"reminder_sent"}, _wait),
    ({"contact_person"}, _person),
    ({"extra_collection_costs_charged_to_consumer"}, _extra_costs),
    ({"registered_with_FPS_Economy"}, _collector),
    ({*_MISSED, "first_reminder_fee"}, _reminder),
    (set(_AGREED), _rate),
    ({"reminder_fields"}, _contents),
)

RULES: Mapping[str, Callable[[Input], Result]] = {"book_xix": _book_xix}
