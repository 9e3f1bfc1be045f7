"""Worked cases of collection costs: the rules' names and inputs, put to `law.costs`."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from tenor.engine.cases import parties
from tenor.engine.cases.values import Input, NotCovered, Result, day, money
from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.letters.letters import wording
from tenor.engine.law.library import EU, jurisdiction_of, pack_of
from tenor.engine.law.money.cost_rules import SECTION, CostRule
from tenor.engine.law.money.costs import Vat, collection_costs, compensation, cost_provision
from tenor.engine.law.money.default import Facts, default_begins
from tenor.engine.law.money.interest import simple_interest
from tenor.engine.law.money.recurring import Term, instalment_costs
from tenor.engine.law.money.scales import Tariff, rounded
from tenor.engine.law.money.terms import Agreement, payment_term
from tenor.engine.law.pack import Pack
from tenor.engine.law.rights.registers import standing

_ZERO = Decimal(0)
_HUNDRED = Decimal(100)
_IN_TRADE = re.compile(
    r"sole[ _-]?trader|self[ _-]?employed|freelance|eenmanszaak|\bzzp"
    r"|^(large|small|sme|micro|mkb)\b",
    re.IGNORECASE,
)
_TORT = re.compile(
    r"tort|damages|unlawful|delict|onrechtmatig|schadevergoeding|negligence", re.IGNORECASE
)
_SEVERAL = ("invoices", "claims", "principals")
_COUNTED = ("unpaid_invoices", "late_payments", "late_invoices", "invoices_late", "invoices")


def debtor_of(case: Input) -> Debtor | None:
    """Return who owes as the rules on money see it; None where it is not said.

    Who trades alone owes as a business does, and so does one of which only the size is known.
    """
    said = case.get("debtor")
    if said is not None and _IN_TRADE.search(str(said)):
        return Debtor.BUSINESS
    return parties.debtor(said)


def number_of(case: Input, *names: str, usual: int = 1) -> int:
    """Return the first number that a case gives under one of the names; a list: its length."""
    found = next((case[name] for name in names if case.get(name) is not None), usual)
    return len(found) if isinstance(found, list) else int(found)


def place_of(case: Input, usual: str) -> Pack:
    """Return the pack that a case names by `country` or jurisdiction, else the usual one."""
    country = case.get("country")
    if country is None or str(country).upper() == EU:
        return pack_of(str(country or case.get("jurisdiction") or usual))
    return pack_of(jurisdiction_of(str(country)))


def day_of(case: Input, pack: Pack) -> date:
    """Return the day that a case is about; where it names none, that of the pack's review."""
    said = case.get("on") or case.get("date")
    return pack.reviewed_on if said is None else day(said)


def _bik_fee(case: Input) -> Result:
    pack = place_of(case, "NL")
    on = day_of(case, pack)
    vat = None
    # VAT is added only where the creditor is known to be unable to deduct it.
    if case.get("creditor_can_deduct_vat", True) is False:
        vat = Vat(bool(case.get("stated_in_letter", False)), _percent(case.get("vat_rate")))
    principal, currency = _principal(case), str(case.get("currency", ""))
    in_time = money(case.get("paid_within_14_days", "0"))
    debtor = debtor_of(case)

    def costs(tax: Vat | None) -> Decimal:
        ruling = collection_costs(
            pack,
            on,
            principal=principal,
            debtor=debtor,
            paid_in_term=in_time,
            vat=tax,
            currency=currency,
        )
        return ruling.amount or _ZERO

    net, charged = costs(None), costs(vat)
    return {
        "base": max(principal - in_time, _ZERO),
        "fee_net": net,
        "vat": charged - net,
        "fee_charged": charged,
    }


def _principal(case: Input) -> Decimal:
    """Return what the letter is about: one sum, or those of several invoices added up."""
    for name in _SEVERAL:
        if "principal" not in case and name in case:
            one_by_one = (c["amount"] if isinstance(c, Mapping) else c for c in case[name])
            return sum((money(amount) for amount in one_by_one), _ZERO)
    return money(case["principal"])


def _percent(rate: object) -> Decimal | None:
    """Return a rate of VAT in percent: `0.21` and `21` are the same."""
    if rate is None:
        return None
    found = money(rate)
    return found * _HUNDRED if found < 1 else found


def _bik_entitlement(case: Input) -> Result:
    pack = place_of(case, "NL")
    on, debtor = day_of(case, pack), debtor_of(case)
    principal = money(case.get("principal", "0"))
    tort = _TORT.search(str(case.get("claim_type", ""))) is not None
    ruling = collection_costs(pack, on, principal=principal, debtor=debtor, contractual=not tort)
    result: Result = {"statutory_scale_applies": not tort}
    if tort:
        return result | {"fee_charged": _ZERO}
    if debtor not in (None, Debtor.CONSUMER):
        provision = cost_provision(pack, on, debtor)
        rule: CostRule | None = pack.says(SECTION, provision.name, on) if provision else None
        late = bool(case.get("due_date_passed", True))
        least = rule.least if rule is not None and late else _ZERO
        # Between businesses the scale is what holds where nothing else was agreed.
        agreed = case.get("agreed_fee")
        fee = ruling.amount if agreed is None else money(agreed)
        return result | {"minimum_fee": least, "fee_charged": fee if late else _ZERO}
    said = case.get("letter_says")
    accepted = said is not None and wording(pack, "fourteen_day", str(said), on).acceptable
    valid = bool(case.get("valid_14day_letter", accepted)) and case.get("letter_sent", True)
    if valid or case.get("paid", False):
        fee = _ZERO if case.get("paid", False) else ruling.amount
        return result | {"fee_charged": fee, "action": None}
    return result | {"fee_charged": _ZERO, "action": "SEND_NEW_COMPLIANT_LETTER"}


def _bik_instalments(case: Input) -> Result:
    pack = place_of(case, "NL")
    terms = [
        Term(
            due_on=day(t["due"]),
            amount=money(t["amount"]),
            letter=bool(t.get("valid_14day_letter", True)),
            letter_id="one" if case.get("one_late_letter_for_all", False) else "",
        )
        for t in case["terms"]
    ]
    if case.get("contract", "recurring") == "recurring":
        rulings = instalment_costs(pack, terms, debtor=debtor_of(case))
        fees = [ruling.amount or _ZERO for ruling in rulings]
    else:
        fees = [_alone(pack, term, debtor_of(case)) for term in terms]
    return {"fee_per_term": fees, "total_fee": sum(fees, _ZERO)}


def _alone(pack: Pack, term: Term, debtor: Debtor | None) -> Decimal:
    [ruling] = instalment_costs(pack, [term], debtor=debtor)
    return ruling.amount or _ZERO


def _penalty_cap(case: Input) -> Result:
    pack = place_of(case, "BE")
    ruling = collection_costs(
        pack,
        day_of(case, pack),
        principal=money(case["outstanding"]),
        debtor=Debtor.CONSUMER,
        in_contract=True,
    )
    return {"max_lump_sum": ruling.amount}


def _collection_fee(case: Input) -> Result:
    pack = place_of(case, "DE")
    on, claim = day_of(case, pack), money(case["claim"])
    factor = money(case["fee_factor"]) if "fee_factor" in case else None
    rule: CostRule | None = pack.says(SECTION, "agency", on)
    if rule is None or not isinstance(rule.scale, Tariff):
        raise NotCovered(f"{pack.jurisdiction} has no tariff for agencies on {on}")
    fee = rule.scale.fee(claim, factor)

    def total(vat: Vat | None) -> Decimal:
        ruling = collection_costs(
            pack,
            on,
            principal=claim,
            debtor=debtor_of(case),
            actor=Actor.AGENCY,
            factor=factor,
            vat=vat,
        )
        return ruling.amount or _ZERO

    net = total(None)
    charged = net if case.get("vat_recoverable", True) else total(Vat(in_letter=True))
    return {"fee": fee, "expenses": net - fee, "vat": charged - net, "total": charged}


def _fixed_sum(case: Input) -> Result:
    pack = place_of(case, "UK")
    debtor = debtor_of(case) if "debtor" in case else Debtor.BUSINESS
    ruling = collection_costs(
        pack, day_of(case, pack), principal=money(case["debt"]), debtor=debtor
    )
    return {"fixed_sum": ruling.amount, "currency": ruling.currency}


def _late_payment_total(case: Input) -> Result:
    debt = money(case["debt"])
    # Who pays on the due day owes neither.
    fixed = _fixed_sum(case)["fixed_sum"] if int(case["days_late"]) > 0 else _ZERO
    interest = rounded(simple_interest(debt, money(case["rate_pct"]), int(case["days_late"])))
    return {"interest": interest, "fixed_sum": fixed, "total": debt + interest + fixed}


def _late_payment_directive(case: Input) -> Result:
    pack = place_of(case, EU)
    on, debtor = day_of(case, pack), debtor_of(case)
    if "proposal" in case:
        found = standing(pack, on, str(case["proposal"]))
        if found is None:
            raise NotCovered("no such proposal is known")
        return {"in_force": found.register.stands}
    number = number_of(case, *_COUNTED)
    if int(case.get("days_overdue", 1)) <= 0:
        number = 0
    actual = money(case.get("actual_recovery_costs", "0"))
    fixed = compensation(pack, on, debtor=debtor, late_payments=number).amount or _ZERO
    whole = compensation(pack, on, debtor=debtor, late_payments=number, actual=actual).amount
    agreed = case.get("agreed_days")
    agreement = Agreement(
        days=None if agreed is None else int(agreed),
        express=bool(case.get("expressly_agreed", False)),
        unfair=bool(case.get("grossly_unfair", False)),
        justified=bool(case.get("objectively_justified", False)),
        healthcare=bool(case.get("healthcare", False)),
    )
    term = payment_term(pack, on, agreement, debtor=debtor)
    result: Result = {
        "fixed_compensation": fixed,
        "currency": pack.currency,
        "additional_reasonable_costs": (whole or _ZERO) - fixed,
        "term_valid": term.valid,
        "max_days": term.most,
        "interest_due": number > 0 and debtor not in (None, Debtor.CONSUMER),
    }
    if "invoice_received" in case:
        goods = case.get("goods_received")
        facts = Facts(
            invoice_on=day(case["invoice_received"]),
            goods_on=None if goods is None else day(goods),
        )
        if agreed is not None and term.days is not None:
            due_on = day(case["invoice_received"]) + timedelta(days=term.days)
            facts = Facts(due_on=due_on)
        result["default_from"] = _iso(default_begins(pack, on, facts, debtor=debtor).begins)
    return result


def _iso(found: date | None) -> str | None:
    return None if found is None else found.isoformat()


RULES: Mapping[str, Callable[[Input], Result]] = {
    "bik_fee": _bik_fee,
    "bik_fee_vat": _bik_fee,
    "bik_after_part_payment": _bik_fee,
    "bik_entitlement": _bik_entitlement,
    "bik_instalment_cumulation": _bik_instalments,
    "penalty_cap": _penalty_cap,
    "collection_fee_uncontested": _collection_fee,
    "late_payment_fixed_sum": _fixed_sum,
    "late_payment_total": _late_payment_total,
    "late_payment_directive": _late_payment_directive,
}
