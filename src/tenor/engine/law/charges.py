"""What may be charged for a claim now: costs and interest, or why not yet, and from when.

The sums come from `costs`, `recurring` and `interest`; here is decided whether their time has come:
no hold, the claim alive, the debtor in default, the law's letter sent and its term over.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from tenor.engine.law import holds
from tenor.engine.law.case import Actor, Case, Claim, Notice
from tenor.engine.law.days import ONE_DAY
from tenor.engine.law.letters.contents import Content
from tenor.engine.law.letters.notice_rules import rules_before
from tenor.engine.law.letters.notices import (
    Term,
    costs_allowed_from,
    interest_from,
    letter_for,
    required_before,
)
from tenor.engine.law.letters.receipt import received
from tenor.engine.law.money.cost_rules import SECTION, CostRule, Instalments
from tenor.engine.law.money.cost_rules import STEP as COSTS
from tenor.engine.law.money.costs import Vat, collection_costs, compensation, cost_provision
from tenor.engine.law.money.default import Default, Facts, default_begins
from tenor.engine.law.money.interest import STEP as INTEREST
from tenor.engine.law.money.interest import statutory_interest
from tenor.engine.law.money.limitation import limitation
from tenor.engine.law.money.recurring import Term as Instalment
from tenor.engine.law.money.recurring import instalment_costs
from tenor.engine.law.money.scales import Tariff, rounded
from tenor.engine.law.pack import Pack
from tenor.engine.law.ruling import Line, Ruling

_ZERO = Decimal(0)


@dataclass(frozen=True)
class _Asked:
    """A claim with what counts for its costs: the sum they are worked out on, and its letter."""

    claim: Claim
    base: Decimal
    paid_in_term: Decimal
    letter: Notice | None


def charges(case: Case, claim: Claim) -> tuple[Ruling, Ruling]:
    """Return what costs and what interest may be charged for a claim of a case now.

    Parameters
    ----------
    case
        All facts; the other claims matter where several are one sum or terms of one contract.
    claim
        One of `case.claims`.

    Returns
    -------
    tuple of Ruling
        Steps `charge.costs` and `charge.interest`. Where not allowed, `reasons` say why, `todo`
        what is missing and `changes_at` when time alone will allow it. What is disputed is left
        out of both sums. Costs of several claims under one letter are one sum, of which the ruling
        gives this claim's share; interest counts up to today, which bears none yet.
    """
    return costs_now(case, claim), interest_now(case, claim)


def costs_now(case: Case, claim: Claim) -> Ruling:
    """Return what costs may be charged for a claim now; see `charges`."""
    held = holds.stops(case, COSTS, claim)
    if held:
        return Ruling(COSTS, False, held)
    what = _worked_out(case, claim)
    if not what.allowed:
        return what
    refused = _not_yet(case, claim, COSTS) or _refusal(costs_allowed_from(case, claim))
    if refused is not None:
        return refused
    letter = letter_for(case, COSTS, claim)
    done = () if letter is None else letter[1].reasons
    return replace(what, reasons=(*what.reasons, *done))


def interest_now(case: Case, claim: Claim) -> Ruling:
    """Return what interest may be charged for a claim up to today; see `charges`."""
    held = holds.stops(case, INTEREST, claim)
    if held:
        return Ruling(INTEREST, False, held)
    refused = _not_yet(case, claim, INTEREST) or _refusal(required_before(case, INTEREST, claim))
    first = _interest_begins(case, claim)
    if refused is not None or first is None:
        return refused or Ruling(INTEREST, False)
    ruling = statutory_interest(
        case.pack,
        principal=max(claim.principal - _disputed(case, claim), _ZERO),
        debtor=case.debtor,
        first=first,
        until=case.day,
        contract_percent=claim.contract_percent,
        paid=claim.paid,
        currency=claim.currency,
    )
    tomorrow = case.begins(case.day + ONE_DAY) if ruling.allowed else None
    return replace(ruling, changes_at=tomorrow)


def default_of(case: Case, claim: Claim) -> Default:
    """Return when the debtor of a claim came or comes into default.

    A reminder is a letter about the claim, sent after it fell due and received.
    """
    due_on = claim.due_on
    if due_on is None and claim.received_on is not None and claim.term_days is not None:
        due_on = claim.received_on + timedelta(days=claim.term_days)
    reminded = [
        _received_on(case.pack, notice)
        for notice in case.notices
        if notice.is_about(claim) and (due_on is None or notice.sent_on > due_on)
    ]
    facts = Facts(
        due_on=due_on,
        invoice_on=claim.received_on,
        goods_on=claim.delivered_on,
        reminded_on=min((day for day in reminded if day is not None), default=None),
        told=claim.told_of_default,
    )
    return default_begins(case.pack, case.day, facts, debtor=case.debtor)


@lru_cache(maxsize=4096)
def _received_on(pack: Pack, notice: Notice) -> date | None:
    """Return when a letter was received; it is asked once for every claim that it is about."""
    return received(pack, notice).on


def _not_yet(case: Case, claim: Claim, step: str) -> Ruling | None:
    """Refuse while the debtor is not in default, or once the claim is prescribed."""
    found = default_of(case, claim)
    reasons = () if found.reason is None else (replace(found.reason, code="NOT_IN_DEFAULT"),)
    if found.begins is None:
        return Ruling(step, False, reasons, todo=found.todo)
    if found.begins > case.day:
        return Ruling(step, False, reasons, changes_at=case.begins(found.begins))
    lapsed = limitation(
        case.pack,
        case.day,
        due_on=claim.due_on or found.begins - ONE_DAY,
        claim=claim.kind,
        debtor=case.debtor,
        interrupted_on=claim.interrupted_on,
    )
    if lapsed.prescribed and lapsed.reason is not None:
        return Ruling(step, False, (lapsed.reason,))
    return None


def _refusal(ruling: Ruling) -> Ruling | None:
    return None if ruling.allowed else ruling


def _interest_begins(case: Case, claim: Claim) -> date | None:
    letter = letter_for(case, INTEREST, claim)
    if letter is not None:
        return interest_from(case.pack, letter[0], small=bool(case.small_creditor))
    return default_of(case, claim).begins


def _disputed(case: Case, claim: Claim) -> Decimal:
    """Return what of a claim is disputed now, so that nothing is charged on it."""
    paid = sum((amount for _day, amount in claim.paid), _ZERO)
    rest = max(claim.principal - paid, _ZERO)
    return rest - holds.undisputed(case, claim)


def _worked_out(case: Case, claim: Claim) -> Ruling:
    """Work out the costs of a claim as if their time had come."""
    if claim.recurring and _instalments(case, claim) is not None:
        return _of_terms(case, claim)
    provision = cost_provision(case.pack, case.day, case.debtor, case.actor)
    rule: CostRule | None = (
        case.pack.says(SECTION, provision.name, case.day) if provision is not None else None
    )
    letter = letter_for(case, COSTS, claim)
    asked = _asked(case, claim, letter)
    together = [asked]
    if rule is not None and rule.adds_up and (letter is not None or not _needs_letter(case)):
        notice = asked.letter
        together = [
            asked if one is claim else _asked(case, one, letter)
            for one in case.claims
            if one is claim or _one_sum(case, claim, notice, one)
        ] or [asked]
    total = _under_one_letter(case, together, rule)
    return _share(total, together, asked) if total.allowed and len(together) > 1 else total


def _needs_letter(case: Case) -> bool:
    """Say whether costs wait for a letter at all."""
    rules = rules_before(case.pack, case.day, COSTS, actor=case.actor, debtor=case.debtor)
    return any(True for _rule in rules)


def _asked(case: Case, claim: Claim, letter: tuple[Notice, Term] | None) -> _Asked:
    """Take what counts for a claim's costs; `letter` is the one that opened the way to them."""
    base = max(claim.principal - _disputed(case, claim), _ZERO)
    if letter is None:
        return _Asked(claim, base, _ZERO, None)
    notice, term = letter
    paid = sum((amount for on, amount in claim.paid if on <= term.safe_last_day), _ZERO)
    return _Asked(claim, base, min(paid, base), notice)


def _one_sum(case: Case, claim: Claim, letter: Notice | None, other: Claim) -> bool:
    """Say whether the costs of another claim are one sum with this one's.

    Under one letter those are that it is about; where no letter is needed, all that are late.
    """
    if other.recurring or other.currency != claim.currency:
        return False
    if letter is not None and not letter.is_about(other):
        return False
    if letter is not None and other.due_on is not None and other.due_on >= letter.sent_on:
        return False
    begins = default_of(case, other).begins
    return begins is not None and begins <= case.day and not holds.stops(case, COSTS, other)


def _under_one_letter(case: Case, together: list[_Asked], rule: CostRule | None) -> Ruling:
    """Work out the costs of claims that are one sum."""
    letter = together[0].letter
    ruling = collection_costs(
        case.pack,
        case.day,
        principal=sum((one.base for one in together), _ZERO),
        debtor=case.debtor,
        actor=case.actor,
        paid_in_term=sum((one.paid_in_term for one in together), _ZERO),
        in_contract=all(one.claim.costs_in_contract for one in together),
        vat=_vat(case, letter),
        factor=_factor(case, together[0].claim, rule),
        currency=together[0].claim.currency,
    )
    if not ruling.allowed or ruling.amount == 0:
        return ruling
    if not case.protected:
        return _at_least_fixed(case, ruling, len(together))
    named = None if letter is None else letter.costs
    if named is not None and ruling.amount is not None and ruling.amount > named:
        off = named - ruling.amount
        line = Line("no more than the letter named", off, ruling.reasons[0])
        return replace(ruling, amount=named, lines=(*ruling.lines, line))
    return ruling


def _vat(case: Case, letter: Notice | None) -> Vat | None:
    if case.deducts_vat:
        return None
    return Vat(in_letter=letter is not None and Content.VAT_NOTE in letter.contains)


def _factor(case: Case, claim: Claim, rule: CostRule | None) -> Decimal | None:
    """Return the factor of a tariff: the first while the first demand can still be paid."""
    if rule is None or not isinstance(rule.scale, Tariff) or case.actor is not Actor.AGENCY:
        return None
    demands = sum(1 for one in case.notices if one.is_about(claim) and one.sent_on <= case.day)
    return rule.scale.first if demands <= 1 else rule.scale.normal


def _at_least_fixed(case: Case, ruling: Ruling, late_payments: int) -> Ruling:
    """Raise what a business owes to the fixed sum for each late payment, where that is more."""
    fixed = compensation(case.pack, case.day, debtor=case.debtor, late_payments=late_payments)
    if fixed.amount is None or ruling.amount is None or fixed.amount <= ruling.amount:
        return ruling
    more = fixed.amount - ruling.amount
    line = Line(
        f"raised to the fixed sum for {late_payments} late payments", more, fixed.reasons[0]
    )
    return replace(
        ruling,
        amount=fixed.amount,
        lines=(*ruling.lines, line),
        reasons=(*ruling.reasons, *fixed.reasons),
    )


def _share(total: Ruling, together: list[_Asked], asked: _Asked) -> Ruling:
    """Return one claim's share of the costs of several, by what is open: not a cent is lost."""
    amount = total.amount or _ZERO
    rests = [one.base - one.paid_in_term for one in together]
    whole = sum(rests, _ZERO)
    if whole == 0:
        return total
    at = next(i for i, one in enumerate(together) if one.claim is asked.claim)
    before = rounded(amount * sum(rests[:at], _ZERO) / whole)
    share = rounded(amount * sum(rests[: at + 1], _ZERO) / whole) - before
    others = len(together) - 1
    text = f"less the share of {others} other invoice{'s' if others > 1 else ''} in the same sum"
    line = Line(text, share - amount, total.reasons[0])
    return replace(total, amount=share, lines=(*total.lines, line))


def _instalments(case: Case, claim: Claim) -> Instalments | None:
    if not case.protected or claim.due_on is None:
        return None
    says: Instalments | None = case.pack.says(SECTION, "instalments", claim.due_on)
    return says


def _of_terms(case: Case, claim: Claim) -> Ruling:
    """Work out the costs of one term of a recurring contract, among the terms of the case."""
    terms = [one for one in case.claims if one.recurring and one.due_on is not None]
    if all(one is not claim for one in terms):
        terms.append(claim)
    named = []
    for one in terms:
        letter = letter_for(case, COSTS, one)
        asked = _asked(case, one, letter)
        # This one is worked out as if its time had come; another counts only once it has.
        counts = letter is not None and not holds.stops(case, COSTS, one)
        named.append(
            Instalment(
                one.due_on or case.day,
                asked.base - asked.paid_in_term,
                letter=one is claim or counts,
                letter_id="" if letter is None else str(case.notices.index(letter[0])),
            )
        )
    rulings = instalment_costs(case.pack, named, debtor=case.debtor)
    return rulings[next(at for at, one in enumerate(terms) if one is claim)]
