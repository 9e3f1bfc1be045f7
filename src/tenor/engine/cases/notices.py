"""Worked cases of letters: their terms, words and contents, and what they open the way for."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from decimal import Decimal

from tenor.engine.cases import parties
from tenor.engine.cases.values import Input, Result, day, money
from tenor.engine.law.case import Actor, Case, Claim, Debtor, Notice
from tenor.engine.law.days import ONE_DAY
from tenor.engine.law.letters.contents import Content, Message, missing
from tenor.engine.law.letters.letters import fee_of, wording
from tenor.engine.law.letters.notice_rules import rule_of
from tenor.engine.law.letters.notices import Term, costs_allowed_from, interest_from, term_of
from tenor.engine.law.library import pack_of
from tenor.engine.law.pack import Pack

# What a letter says of VAT, as cases call it.
_VAT = frozenset({"vat", "vat_note", "vat_amount", "btw"})
_A_SUM = re.compile(r"(?:EUR|€|euro)?\s*(\d+(?:[.,]\d{1,2})?)\s*(?:EUR|€|euros?)?", re.IGNORECASE)

FOURTEEN_DAY = "fourteen_day"
FIRST_REMINDER = "first_reminder"
VALIDATION = "validation"
# Words of cases for contents that the packs call otherwise.
_ALSO_CALLED: Mapping[str, str] = {
    "amount": "principal",
    "sum": "principal",
    "balance": "principal",
    "fee": "fee_amount",
    "penalty": "fee_amount",
    "deadline": "term",
    "invoice": "ground",
    "link": "how_to_pay",
    "iban": "how_to_pay",
}
# Words of cases for kinds of message, in order: the first that fits counts.
_MESSAGES = tuple(
    (re.compile(pattern, re.IGNORECASE), name)
    for pattern, name in (
        (r"\b(14|fourteen|veertien)[- ]*(day|dag)", "fourteen_day"),
        (r"first[- ]reminder", "first_reminder"),
        (r"first[- ](demand|contact)", "first_contact"),
        (r"first[- ]letter", "first_letter"),
        (r"validation", "validation"),
        (r"trade|late[- ]payment claim", "trade_claim"),
        (r"arrears", "arrears"),
        (r"later[- ]contact", "later_contact"),
        (r"final", "final_notice"),
        (r"formal|mise en demeure", "formal_notice"),
        (r"remind", "reminder"),
    )
)
# Messages that only those who collect for others send.
_OF_COLLECTORS = (Message.VALIDATION, Message.FIRST_LETTER, Message.LATER_CONTACT)
# Where a case names no sum: any will do, as long as the letter's fee is the one for it.
_SUM = Decimal(500)


def _fourteen_day_term(case: Input) -> Result:
    term = _term(case, FOURTEEN_DAY)
    return {
        "day_1": term.first_day.isoformat(),
        "last_day": term.last_day.isoformat(),
        "costs_due_from": term.from_day.isoformat(),
    }


def _fourteen_day_term_safe(case: Input) -> Result:
    term = _term(case, FOURTEEN_DAY)
    return {
        "last_day": term.safe_last_day.isoformat(),
        "costs_due_from": term.safe_from_day.isoformat(),
    }


def _deemed_postal_delivery(case: Input) -> Result:
    term = _term(case, FOURTEEN_DAY)
    return {
        "deemed_received": term.received_on.isoformat(),
        "last_day": term.last_day.isoformat(),
        "costs_due_from": term.from_day.isoformat(),
    }


def _first_reminder_wait(case: Input) -> Result:
    term = _term(case, FIRST_REMINDER, jurisdiction="BE")
    notice = _notice(case, FIRST_REMINDER)
    pack = pack_of(case.get("jurisdiction", "BE"))
    small = str(case.get("creditor", "large")).lower() in ("small", "sme", "kmo", "pme")
    from_day = interest_from(pack, notice, small=small)
    return {
        "period_starts": term.first_day.isoformat(),
        "last_day": term.last_day.isoformat(),
        "penalty_from": term.from_day.isoformat(),
        "interest_may_run_from": from_day.isoformat() if from_day else None,
    }


def _validation_period(case: Input) -> Result:
    term = _term(case, VALIDATION, jurisdiction="US")
    return {
        "earliest_assumed_receipt": term.received_on.isoformat(),
        "validation_period_ends": term.last_day.isoformat(),
    }


def _fourteen_day_wording(case: Input) -> Result:
    pack = pack_of(case.get("jurisdiction", "NL"))
    found = wording(pack, FOURTEEN_DAY, str(case["wording"]), pack.reviewed_on)
    return {"acceptable": found.acceptable, "reason": found.reason.code}


def _fourteen_day_content(case: Input) -> Result:
    """Look at a letter given by its contents: each by its name, empty or absent where it lacks."""
    pack = pack_of(case.get("jurisdiction", "NL"))
    letter = case["letter"]
    found = rule_of(pack, FOURTEEN_DAY, pack.reviewed_on)
    if found is None:
        raise ValueError(f"{pack.jurisdiction} has no fourteen-day letter")
    says = {name for name, value in letter.items() if value not in (None, "", False)}
    missing = [str(content) for content in found[1].essential if content not in says]
    faulty = []
    if "term" in says:
        term = wording(pack, FOURTEEN_DAY, str(letter["term"]), pack.reviewed_on)
        faulty += [] if term.acceptable else [term.reason.code]
    if {"principal", "fee_amount"} <= says:
        vat = Content.VAT_NOTE if says & _VAT else None
        contains = frozenset(says | ({vat} if vat else set()))
        notice = Notice(FOURTEEN_DAY, pack.reviewed_on, "letter", contains=contains)
        claim = Claim("", _sum_in(letter["principal"]) or _SUM, pack.currency)
        facts = _facts(pack.jurisdiction, pack.reviewed_on.isoformat(), claim)
        facts = replace(facts, deducts_vat=vat is None)
        exact = _sum_in(letter["fee_amount"]) == fee_of(facts, (claim,), notice)
        faulty += [] if exact else ["NOTICE_FEE_WRONG"]
    return {"valid": not missing and not faulty, "missing": missing, "faults": faulty}


def _sum_in(words: object) -> Decimal | None:
    """Return the sum that a letter names, with its currency or without; None: it names none."""
    if not isinstance(words, str):
        return money(words)
    found = _A_SUM.fullmatch(words.strip())
    return Decimal(found[1].replace(",", ".")) if found else None


def _may_charge_costs(case: Input) -> Result:
    """Say whether costs may be charged after a letter that is in order in every other way."""
    jurisdiction = case.get("jurisdiction", "NL")
    pack = pack_of(jurisdiction)
    principal = money(case.get("principal", _SUM))
    if case.get("bounced", False) or ("received" in case and case["received"] is None):
        return {"may_charge": False, "reason": "NOTICE_NOT_RECEIVED"}
    sent = _notice(case, FOURTEEN_DAY)
    received_on = sent.received_on or sent.sent_on
    bare = Claim("", principal, pack.currency, due_on=sent.sent_on - 30 * ONE_DAY)
    rule = rule_of(pack, FOURTEEN_DAY, received_on)
    contains = frozenset(map(str, rule[1].essential)) if rule else frozenset()
    letter = replace(sent, contains=contains)
    fee = fee_of(_facts(jurisdiction, case["on"], bare), (bare,), letter)
    notice = replace(letter, costs=fee)
    paid_on = day(case["paid_on"]) if case.get("paid_on") else received_on
    paid = ((paid_on, principal),) if case.get("paid") else ()
    claim = Claim("", principal, pack.currency, due_on=bare.due_on, paid=paid)
    ruling = costs_allowed_from(_facts(jurisdiction, case["on"], claim, notice), claim)
    return {
        "may_charge": ruling.allowed,
        "reason": ruling.reasons[0].code if ruling.reasons else None,
    }


def _notice_term(case: Input) -> Result:
    """Return the term of any letter that the pack knows, by its `kind`."""
    term = _term(case, str(case["kind"]))
    return {
        "received": term.received_on.isoformat(),
        "presumed": term.presumed,
        "day_1": term.first_day.isoformat(),
        "last_day": term.last_day.isoformat(),
        "from_day": term.from_day.isoformat(),
        "safe_last_day": term.safe_last_day.isoformat(),
        "safe_from_day": term.safe_from_day.isoformat(),
    }


def _message_contents(case: Input) -> Result:
    """Return what a message that has `contains` lacks of what the pack asks for."""
    return lacking(case, pack_of(case["jurisdiction"]), case["contains"])


def lacking(case: Input, pack: Pack, contains: Iterable[str]) -> Result:
    """Return whether the message of a case is complete, and the names of what it lacks."""
    kind = _kind_of(str(case["message"]))
    usual = Actor.AGENCY if kind in _OF_COLLECTORS else Actor.CREDITOR
    found = missing(
        pack,
        parties.day_of(pack, case.get("on")),
        message=kind,
        actor=parties.actor(case.get("actor"), usual),
        debtor=parties.debtor(case.get("debtor")),
        channel=str(case.get("channel", "letter")),
        contains=[_ALSO_CALLED.get(name, name) for name in contains],
    )
    return {"complete": not found, "missing": list(found)}


def _kind_of(words: str) -> str:
    """Return the kind of a message from its words; what is a kind already stays as it is."""
    if words in list(Message):
        return words
    return next((name for pattern, name in _MESSAGES if pattern.search(words)), words)


def _facts(jurisdiction: str, on: object, claim: Claim, *notices: Notice) -> Case:
    noon = datetime.combine(day(on), time(12), tzinfo=UTC)
    pack = pack_of(jurisdiction)
    return Case(noon, pack, (), Debtor.CONSUMER, claims=(claim,), notices=notices)


def _notice(case: Input, kind: str) -> Notice:
    """Return the letter of a case: received on a day that is shown, or sent by some channel."""
    if "received" in case:
        received_on = day(case["received"])
        return Notice(kind, received_on, "letter", received_on=received_on)
    for name in ("dispatched", "reminder_sent", "notice_sent", "sent"):
        if name in case:
            return Notice(kind, day(case[name]), str(case.get("channel", "letter")))
    raise KeyError("received")


def _term(case: Input, kind: str, *, jurisdiction: str = "NL") -> Term:
    pack = pack_of(case.get("jurisdiction", jurisdiction))
    term = term_of(pack, _notice(case, kind))
    if term is None:
        raise ValueError(f"{pack.jurisdiction} knows no term of a letter {kind!r}")
    return term


RULES: Mapping[str, Callable[[Input], Result]] = {
    "fourteen_day_term": _fourteen_day_term,
    "fourteen_day_term_safe": _fourteen_day_term_safe,
    "deemed_postal_delivery": _deemed_postal_delivery,
    "fourteen_day_wording": _fourteen_day_wording,
    "fourteen_day_content": _fourteen_day_content,
    "may_charge_costs": _may_charge_costs,
    "first_reminder_wait": _first_reminder_wait,
    "validation_period": _validation_period,
    "notice_term": _notice_term,
    "message_contents": _message_contents,
}
