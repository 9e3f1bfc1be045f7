"""Worked cases of the Belgian rules for consumer debts (Book XIX): many questions, one rule."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from tenor.engine.cases import parties
from tenor.engine.cases.costs import day_of, place_of
from tenor.engine.cases.values import Input, NotCovered, Result, day, money
from tenor.engine.law.actors import Person, may_approach, may_collect
from tenor.engine.law.case import Actor, Debtor, Notice
from tenor.engine.law.costs import collection_costs
from tenor.engine.law.notices import interest_from, term_of
from tenor.engine.law.pack import Pack
from tenor.engine.law.rates import agreed_rate
from tenor.engine.law.recurring import reminder_costs
from tenor.engine.law.scales import shown

_ZERO = Decimal(0)
_FIRST_REMINDER = "first_reminder"
_SMALL = ("small", "sme", "micro", "medium")
_DEBTOR_THEMSELVES = ("consumer", "debtor", "customer")


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
    asked = case.get("penalty_claimed", case.get("penalty_in_terms"))
    if asked is None:
        return {"lump_sum": most, "max_lump_sum": most}
    within = money(asked) <= most
    return {"lump_sum": min(money(asked), most), "max_lump_sum": most, "allowed": within}


def _wait(case: Input, pack: Pack, on: date) -> Result:
    """Answer when the wait after the free first reminder ends, and what may run from when."""
    notice = Notice(_FIRST_REMINDER, day(case["reminder_sent"]), str(case.get("channel", "post")))
    term = term_of(pack, notice)
    small = str(case.get("creditor", "")).lower() in _SMALL
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
    themselves = str(case["contact_person"]).lower() in _DEBTOR_THEMSELVES
    person = Person.DEBTOR if themselves else Person.OTHER
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
    number = int(case.get("missed_due_dates_in_year", case.get("reminder_number", 1)))
    postage = money(case.get("postage", "0"))
    recurring = bool(case.get("recurring_contract", case.get("contract", "") == "recurring"))
    ruling = reminder_costs(pack, on, number=number, recurring=recurring, postage=postage)
    most = ruling.amount or _ZERO
    asked = case.get("reminder_fee", case.get("first_reminder_fee"))
    result: Result = {"max_reminder_cost": most, "reminder_cost": most}
    if asked is not None:
        result |= {"allowed": money(asked) <= most, "chargeable": min(money(asked), most)}
    return result


def _rate(case: Input, pack: Pack, on: date) -> Result:
    """Answer whether a rate agreed with a consumer stands, and what is charged under it."""
    percent = money(case["contract_interest_pct"])
    found = agreed_rate(pack, on, debtor=Debtor.CONSUMER, percent=percent)
    return {
        "allowed": found.percent == percent,
        "max_pct": None if found.most is None else shown(found.most),
        "interest_pct": None if found.percent is None else shown(found.percent),
    }


def _code(reasons: tuple[object, ...]) -> object:
    return getattr(reasons[0], "code", None) if reasons else "OK"


# What a case asks, by the facts that it gives.
_QUESTIONS: tuple[tuple[set[str], Callable[[Input, Pack, date], Result]], ...] = (
    ({"outstanding", "penalty_clause_in_terms"}, _penalty),
    ({"reminder_sent"}, _wait),
    ({"contact_person"}, _person),
    ({"extra_collection_costs_charged_to_consumer"}, _extra_costs),
    ({"registered_with_FPS_Economy"}, _collector),
    ({"missed_due_dates_in_year", "reminder_number", "first_reminder_fee"}, _reminder),
    ({"contract_interest_pct"}, _rate),
)

RULES: Mapping[str, Callable[[Input], Result]] = {"book_xix": _book_xix}
