"""Worked cases of French collection: penalties and terms in trade, what agencies must do."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from tenor.engine.cases import parties
from tenor.engine.cases.costs import day_of, debtor_of, place_of
from tenor.engine.cases.values import Input, NotCovered, Result, money
from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.contact.actors import may_collect
from tenor.engine.law.letters.contents import Content, Message, missing
from tenor.engine.law.money.costs import collection_costs, compensation
from tenor.engine.law.money.rates import agreed_rate, rate_of
from tenor.engine.law.money.scales import shown
from tenor.engine.law.money.terms import Agreement, payment_term
from tenor.engine.law.pack import Pack

_ZERO = Decimal(0)
_COSTS = (
    "collection_costs",
    "collection_costs_claimed",
    "collection_costs_charged",
    "amicable_collection_costs",
    "amicable_costs_charged",
    "amicable_costs",
    "collection_fee",
    "costs_claimed",
)
# Which contents the words for a field of a letter stand for.
_FIELDS: tuple[tuple[re.Pattern[str], tuple[Content, ...]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), contents)
    for pattern, contents in (
        (r"collector.*(identity|name)", (Content.SENDER, Content.SENDER_ADDRESS)),
        (r"statement of (amicable|activity)", (Content.STATEMENT_OF_ACTIVITY,)),
        (r"creditor.*(identity|name)", (Content.CREDITOR, Content.CREDITOR_ADDRESS)),
        (r"basis|ground", (Content.GROUND,)),
        (r"amounts?\b.*split|split.*principal", (Content.SPECIFICATION,)),
        (r"(how|ways?) to pay|payment", (Content.PAYMENT_REQUEST, Content.HOW_TO_PAY)),
        (r"L\.?\s?111[-_]8", (Content.STATUTE_TEXT,)),
    )
)


def _collection(case: Input) -> Result:
    pack = place_of(case, "FR")
    on = day_of(case, pack)
    found: Result = {}
    for keys, answer in _QUESTIONS:
        if keys & case.keys():
            found |= answer(case, pack, on)
    if not found:
        raise NotCovered("none of these facts is one that French collection turns on here")
    return found


def _penalty_rate(case: Input, pack: Pack, on: date) -> Result:
    """Answer which rate holds between professionals, and whether that in the terms stands."""
    debtor, agreed = debtor_of(case), case.get("invoice_terms_rate")
    percent = None if agreed is None else money(agreed)
    rate = rate_of(pack, on, debtor=debtor, contract_percent=percent).percent
    bounds = agreed_rate(pack, on, debtor=debtor, percent=percent or _ZERO)
    result: Result = {
        "rate_pct": None if rate is None else shown(rate),
        "floor_pct": None if bounds.least is None else shown(bounds.least),
        "fixed_compensation": compensation(pack, on, debtor=debtor).amount,
    }
    if percent is not None:
        result["valid"] = bounds.percent is not None if bounds.known else None
    return result


def _agreed_term(case: Input, pack: Pack, on: date) -> Result:
    """Answer whether agreed terms of payment stand."""
    by_month = "agreed_days_end_of_month" in case
    days = int(case["agreed_days_end_of_month" if by_month else "agreed_days_from_invoice"])
    agreement = Agreement(days, end_of_month=by_month)
    term = payment_term(pack, on, agreement, debtor=debtor_of(case))
    return {"valid": term.valid, "max": term.allowed, "effective_days": term.days}


def _letter(case: Input, pack: Pack, on: date) -> Result:
    """Answer whether a collector's first letter has all that it must."""
    words = [str(field) for field in case["letter_fields"]]
    contains = {
        content
        for pattern, contents in _FIELDS
        for content in contents
        if any(pattern.search(field) for field in words)
    }
    if case.get("missing_reproduction_of_L111_8", Content.STATUTE_TEXT not in contains):
        contains.discard(Content.STATUTE_TEXT)
    else:
        contains.add(Content.STATUTE_TEXT)
    lacking = _lacks(case, pack, on, Message.FIRST_LETTER, frozenset(contains))
    return {"compliant": not lacking, "missing": list(lacking)}


def _later_contact(case: Input, pack: Pack, on: date) -> Result:
    """Answer whether a contact after the first letter quotes it."""
    quotes = bool(case.get("refers_to_first_letter_date", True)) and bool(
        case.get("refers_to_first_letter_reference", True)
    )
    contains = frozenset({Content.FIRST_LETTER_REFERENCE} if quotes else ())
    lacking = _lacks(case, pack, on, Message.LATER_CONTACT, contains)
    return {"compliant": Content.FIRST_LETTER_REFERENCE not in lacking}


def _lacks(
    case: Input, pack: Pack, on: date, message: Message, contains: frozenset[Content]
) -> tuple[str, ...]:
    """Return the contents that the law wants of a collector and that a message lacks."""
    lacking = missing(
        pack,
        on,
        message=message,
        actor=parties.actor(case.get("actor"), Actor.AGENCY),
        debtor=debtor_of(case),
        channel="letter",
        contains=contains,
    )
    law = pack.says("contents", str(message), on)
    needed = () if law is None else law.needs
    return tuple(name for name in lacking if name in needed)


def _mandate(case: Input, pack: Pack, on: date) -> Result:
    """Answer whether a collector may act for the creditor."""
    ruling = may_collect(
        pack,
        on,
        actor=parties.actor(case.get("actor"), Actor.AGENCY),
        debtor=debtor_of(case),
        registered=None,
        mandate=bool(case["collector_has_written_mandate"]),
    )
    return {"allowed": ruling.allowed}


def _consumer_costs(case: Input, pack: Pack, on: date) -> Result:
    """Answer what costs of collection may be charged to the debtor without a title."""
    asked = money(next(case[name] for name in _COSTS if case.get(name) is not None))
    if case.get("has_title", case.get("enforceable_title", case.get("title"))) is True:
        raise NotCovered("what a title makes the debtor owe is for the bailiff's tariff")
    debtor = debtor_of(case)
    if debtor in (None, Debtor.CONSUMER):
        most = collection_costs(pack, on, principal=asked, debtor=debtor).amount or _ZERO
    else:
        most = compensation(pack, on, debtor=debtor, actual=asked).amount or _ZERO
    chargeable = min(asked, most)
    return {"chargeable": chargeable, "allowed": asked <= most}


# What a case asks, by the facts that it gives.
_QUESTIONS: tuple[tuple[set[str], Callable[[Input, Pack, date], Result]], ...] = (
    ({"invoice_terms_rate"}, _penalty_rate),
    ({"agreed_days_from_invoice", "agreed_days_end_of_month"}, _agreed_term),
    ({"letter_fields"}, _letter),
    ({"second_contact"}, _later_contact),
    ({"collector_has_written_mandate"}, _mandate),
    (set(_COSTS), _consumer_costs),
)

RULES: Mapping[str, Callable[[Input], Result]] = {"fr_collection": _collection}
