"""Collection costs: what a late payer may be charged for collecting, explained line by line.

The rules are a pack's (see `cost_rules`). A sum is exact and rounded once, half up, to cents;
its lines add up to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tenor.engine.errors import LawError
from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.money.cost_rules import SECTION, STEP, CostRule
from tenor.engine.law.money.scales import Part, Tariff, rounded, shown
from tenor.engine.law.pack import Pack, Provision, Reason
from tenor.engine.law.ruling import Line, Ruling

_ZERO = Decimal(0)
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Vat:
    """VAT on the costs of a creditor who cannot deduct it.

    `in_letter`: the letter says that it is added and why. `percent` is the rate; None: the pack's.
    """

    in_letter: bool
    percent: Decimal | None = None


def cost_provision(
    pack: Pack, day: date, debtor: Debtor | None, actor: Actor = Actor.CREDITOR
) -> Provision | None:
    """Return the provision in force that says what may be charged; unknown debtors are consumers.

    None where the pack says nothing for that day.
    """
    names = ["consumer"] if debtor in (None, Debtor.CONSUMER) else ["business", "compensation"]
    if actor is Actor.AGENCY:
        names.insert(0, "agency")
    for name in names:
        provision = pack.find(SECTION, name)
        if provision is not None and provision.on(day) is not None:
            return provision
    return None


def collection_costs(
    pack: Pack,
    day: date,
    *,
    principal: Decimal,
    debtor: Debtor | None,
    actor: Actor = Actor.CREDITOR,
    paid_in_term: Decimal = _ZERO,
    in_contract: bool = False,
    contractual: bool = True,
    vat: Vat | None = None,
    factor: Decimal | None = None,
    currency: str = "",
) -> Ruling:
    """Return what the law lets a creditor charge for collecting a claim, line by line.

    Whether the letter that must come first was sent is not asked here: see `charges`.

    Parameters
    ----------
    pack, day
        Where, and on which day it is judged (the day from which the costs are due).
    principal
        What was open when default began, without interest and earlier costs; several claims in one
        letter are one sum. Zero or more.
    debtor
        Who owes; None (not known) counts as a consumer.
    paid_in_term
        What of it was paid within the term that the law's letter gives: the rest counts. What is
        paid after the term changes nothing.
    in_contract
        Whether the contract has a clause on such costs.
    contractual
        Whether it is a claim from a contract; the scales cover no damages.
    vat
        Given where the creditor cannot deduct VAT.
    factor
        The factor of a tariff; None: the normal one.
    currency
        Of the principal; empty: the pack's. Another one than the pack's is refused.

    Returns
    -------
    Ruling
        Step `charge.costs`; `amount` is the sum of the lines. Not allowed, with amount zero, where
        the law knows no such costs.

    Raises
    ------
    LawError
        Where `principal` or `paid_in_term` is negative.
    """
    if principal < 0 or paid_in_term < 0:
        raise LawError("collection costs: principal and payments cannot be negative")
    provision = cost_provision(pack, day, debtor, actor)
    if provision is None:
        return nothing(pack)
    refused = _refusal(pack, provision, day, in_contract, contractual, currency)
    if refused is not None:
        return refused
    rule: CostRule = pack.says(SECTION, provision.name, day)
    base = principal - paid_in_term
    if base <= 0:
        text = "Nothing was left open when the term ended: no costs are due."
        paid = provision.because(day, "PAID_IN_TERM", text)
        return Ruling(STEP, True, (paid,), amount=_ZERO, currency=pack.currency)
    parts = _with_vat(_bounded(_by_scale(rule, base, factor), rule), rule, vat)
    return explained(parts, provision.because(day, "COSTS_BY_SCALE"), pack.currency)


def compensation(
    pack: Pack,
    day: date,
    *,
    debtor: Debtor | None,
    late_payments: int = 1,
    actual: Decimal = _ZERO,
) -> Ruling:
    """Return the fixed sum for each late payment between businesses, and real costs beyond it.

    `late_payments` are invoices or terms paid late; each counts, whatever the number of letters.
    `actual` is what collecting really and reasonably cost: what exceeds the fixed sums is added
    where the pack allows it. Not for consumers, nor where the kind of debtor is unknown.
    """
    provision = pack.find(SECTION, "compensation")
    rule: CostRule | None = pack.says(SECTION, "compensation", day)
    if provision is None or rule is None:
        return nothing(pack)
    if rule.scale is None:
        return nothing(pack, provision.because(day, "COSTS_NOT_ALLOWED"))
    if debtor in (None, Debtor.CONSUMER):
        text = "The fixed sum for late payment is for debts between businesses, not for consumers."
        return nothing(pack, provision.because(day, "NOT_FOR_CONSUMERS", text))
    each = sum((amount for _text, amount in _by_scale(rule, Decimal(1), None)), _ZERO)
    fixed = each * late_payments
    parts = [(f"{each:,.2f} for each late payment, {late_payments} in all", fixed)]
    if rule.beyond and actual > fixed:
        parts.append((f"reasonable costs of {actual:,.2f} beyond the fixed sum", actual - fixed))
    return explained(parts, provision.because(day, "FIXED_COMPENSATION"), pack.currency)


def nothing(pack: Pack, *reasons: Reason) -> Ruling:
    """Return the ruling that no costs may be charged."""
    return Ruling(STEP, False, reasons, amount=_ZERO, currency=pack.currency)


def explained(parts: Iterable[Part], reason: Reason, currency: str) -> Ruling:
    """Return the ruling that the sum of these parts may be charged, a line a part."""
    lines = tuple(Line(text, amount, reason) for text, amount in _to_cents(parts))
    total = rounded(sum((line.amount for line in lines), _ZERO))
    return Ruling(STEP, True, (reason,), amount=total, currency=currency, lines=lines)


def _refusal(
    pack: Pack,
    provision: Provision,
    day: date,
    in_contract: bool,
    contractual: bool,
    currency: str,
) -> Ruling | None:
    rule: CostRule | None = pack.says(SECTION, provision.name, day)
    if rule is None:
        said = "COSTS_UNKNOWN", "What may be charged was not found: nothing is."
    elif not contractual:
        said = "NOT_FROM_CONTRACT", "The scale covers claims from a contract, no damages."
    elif rule.scale is None:
        said = "COSTS_NOT_ALLOWED", provision.text
    elif rule.clause and not in_contract:
        said = "NO_CLAUSE", "The contract has no clause on such costs: none are due."
    elif currency and pack.currency and currency != pack.currency:
        said = "CURRENCY", f"The scale is in {pack.currency}, the claim in {currency}."
    else:
        return None
    return nothing(pack, provision.because(day, *said))


def _by_scale(rule: CostRule, base: Decimal, factor: Decimal | None) -> list[Part]:
    if isinstance(rule.scale, Tariff):
        return list(rule.scale.parts(base, factor))
    return list(rule.scale.parts(base)) if rule.scale is not None else []


def _bounded(parts: list[Part], rule: CostRule) -> list[Part]:
    total = sum((amount for _text, amount in parts), _ZERO)
    if total < rule.least:
        return [*parts, (f"raised to the least, {rule.least:,.2f}", rule.least - total)]
    if rule.most is not None and total > rule.most:
        return [*parts, (f"lowered to the most, {rule.most:,.2f}", rule.most - total)]
    return parts


def _with_vat(parts: list[Part], rule: CostRule, vat: Vat | None) -> list[Part]:
    """Add VAT after floor and cap, on the net sum as it is stated, to the cent."""
    if vat is None or not vat.in_letter or rule.vat_percent is None:
        return parts
    parts = _to_cents(parts)
    percent = rule.vat_percent if vat.percent is None else vat.percent
    net = sum((amount for _text, amount in parts), _ZERO)
    return [*parts, (f"VAT {shown(percent)}%", rounded(net * percent / _HUNDRED))]


def _to_cents(parts: Iterable[Part]) -> list[Part]:
    kept = list(parts)
    total = sum((amount for _text, amount in kept), _ZERO)
    off = rounded(total) - total
    return [*kept, ("rounded to cents", off)] if off else kept
