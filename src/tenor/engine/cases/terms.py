"""Worked cases of default, payment terms, limitation and allocation, put to the law's modules."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from tenor.engine.cases.costs import day_of, debtor_of, place_of
from tenor.engine.cases.values import Input, NotCovered, Result, day, money
from tenor.engine.law.case import Debtor
from tenor.engine.law.library import pack_of
from tenor.engine.law.money.allocation import allocate
from tenor.engine.law.money.costs import compensation
from tenor.engine.law.money.default import Facts, default_begins
from tenor.engine.law.money.limitation import limitation
from tenor.engine.law.money.recurring import reminder_costs
from tenor.engine.law.money.terms import Agreement, payment_term

_SIZE = re.compile(r"large|small|medium|micro|sme|mkb|kmo", re.IGNORECASE)
_CONSUMER_SALE = re.compile(r"consumer.*(sale|purchase|goods)|consumentenkoop", re.IGNORECASE)
# Judgments and torts live by terms of their own, of which the packs do not speak.
_NO_CONTRACT = re.compile(r"judg|title|vonnis|tort|damages|unlawful", re.IGNORECASE)


def _payment_term(case: Input) -> Result:
    pack = place_of(case, "NL")
    agreed = case.get("agreed_days")
    agreement = Agreement(
        days=None if agreed is None else int(agreed),
        express=bool(case.get("expressly_agreed", False)),
        unfair=bool(case.get("grossly_unfair", False)),
        justified=bool(case.get("objectively_justified", False)),
        creditor_size=_size(case, "creditor"),
        debtor_size=_size(case, "debtor"),
        healthcare=bool(case.get("healthcare", False)),
    )
    # The rule is about trade: whoever is not named as somebody else is a business.
    debtor = debtor_of(case) or Debtor.BUSINESS
    found = payment_term(pack, day_of(case, pack), agreement, debtor=debtor)
    return {"agreed_term_valid": found.valid, "effective_days": found.days, "max_days": found.most}


def _size(case: Input, who: str) -> str | None:
    """Return how large a party is: said by itself, or in the words for the party."""
    said = case.get(f"{who}_size")
    found = _SIZE.search(str(case.get(who) or "")) if said is None else None
    return found[0].lower() if found else said


def _claim(case: Input) -> str:
    """Return the kind of claim as the packs name it; a consumer's purchase has several names."""
    said = str(case.get("claim") or "")
    if _NO_CONTRACT.search(said):
        raise NotCovered(f"how long a claim from {said!r} lives is not known here")
    return "consumer_sale_price" if _CONSUMER_SALE.search(said) else said


def _limitation(case: Input) -> Result:
    pack = place_of(case, "NL")
    interrupted = case.get("last_interruption")
    found = limitation(
        pack,
        day_of(case, pack),
        due_on=day(case["due"]),
        claim=_claim(case),
        debtor=debtor_of(case),
        interrupted_on=None if interrupted is None else day(interrupted),
    )
    return {
        "prescribed": found.prescribed,
        "years": found.years,
        "last_day": None if found.last_day is None else found.last_day.isoformat(),
        "extinguished": found.extinguished,
    }


def _default_start(case: Input) -> Result:
    pack = place_of(case, "DE")
    on, debtor = day_of(case, pack), debtor_of(case)
    facts = Facts(
        due_on=_day(case, "calendar_due") or _day(case, "due"),
        invoice_on=_day(case, "invoice_received"),
        goods_on=_day(case, "goods_received"),
        reminded_on=_day(case, "reminder_received"),
        told=bool(case.get("invoice_has_30day_notice", False)),
    )
    found = default_begins(pack, on, facts, debtor=debtor)
    fixed = compensation(pack, on, debtor=debtor)
    result: Result = {
        "in_default": found.begins is not None,
        "default_from": None if found.begins is None else found.begins.isoformat(),
        "basis": found.basis or None,
        "fixed_40": fixed.allowed,
    }
    if "first_reminder_fee" in case:
        # The one that brings about default is the first; whatever comes after it is a further one.
        number = 2 if case.get("reminder_triggers_default", True) is False else 1
        most = reminder_costs(pack, on, number=number, recurring=False).amount or Decimal(0)
        result["chargeable"] = min(money(case["first_reminder_fee"]), most)
    return result


def allocation(case: Input) -> Result:
    """Answer what a payment settles first of a debt of costs, interest and principal."""
    law = str(case.get("law", "NL")).split()[0]
    pack = pack_of(law)
    debt = {name: money(amount) for name, amount in case["debt"].items()}
    found = allocate(pack, day_of(case, pack), money(case["payment"]), debt)
    return {f"to_{name}": amount for name, amount in found.parts.items()} | {"left": found.left}


def _day(case: Input, name: str) -> date | None:
    said = case.get(name)
    return None if said is None else day(said)


RULES: Mapping[str, Callable[[Input], Result]] = {
    "payment_term_b2b": _payment_term,
    "limitation": _limitation,
    "default_start": _default_start,
}
