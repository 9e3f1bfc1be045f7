"""Whether a letter counts: sent at the right time, received, complete, the fee exact."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tenor.engine.law.case import Case, Claim, Notice
from tenor.engine.law.letters.contents import MEANING, Content
from tenor.engine.law.letters.notice_rules import NoticeRule, rule_of
from tenor.engine.law.letters.receipt import received
from tenor.engine.law.money.costs import Vat, collection_costs
from tenor.engine.law.money.recurring import Term as Instalment
from tenor.engine.law.money.recurring import instalment_costs
from tenor.engine.law.pack import Pack, Provision, Reason


@dataclass(frozen=True)
class Wording:
    """Whether a wording of the term is one that counts (`acceptable`), and why."""

    acceptable: bool
    reason: Reason


def faults(
    case: Case, claim: Claim, notice: Notice, provision: Provision, rule: NoticeRule
) -> tuple[Reason, ...]:
    """Return why a letter does not count for a claim; empty where it does."""
    day = notice.sent_on
    found: list[tuple[str, str]] = []
    if notice.bounced:
        found += [("NOTICE_NOT_RECEIVED", received(case.pack, notice).reasons[0].text)]
    due_on = claim.payable_by
    if rule.after_default and due_on is not None and day <= due_on:
        text = f"It was sent on {day}, when payment was not overdue yet (due {due_on})."
        found += [("NOTICE_TOO_EARLY", text)]
    lacking = [content for content in rule.essential if content not in notice.contains]
    if lacking:
        needed = " ".join(f"{MEANING[content]} ({content})" for content in lacking)
        found += [("NOTICE_INCOMPLETE", f"It does not say what it must: {needed}")]
    if rule.exact_fee:
        found += _fee_faults(case, claim, notice)
    return tuple(
        provision.because(day, code, f"The letter of {day} does not count. {text}")
        for code, text in found
    )


def fee_of(case: Case, claims: tuple[Claim, ...], notice: Notice) -> Decimal | None:
    """Return the fee that a letter about these claims must name; None where the law knows none.

    The claims of one letter are one sum; terms of a recurring contract have a rule of their own.
    VAT is in it where the creditor cannot deduct it and the letter says so.
    """
    in_letter = not case.deducts_vat and Content.VAT_NOTE in notice.contains
    if claims and all(claim.recurring and claim.due_on is not None for claim in claims):
        return _instalment_fee(case, claims)
    ruling = collection_costs(
        case.pack,
        notice.sent_on,
        principal=sum((_open_on(claim, notice.sent_on) for claim in claims), Decimal(0)),
        debtor=case.debtor,
        actor=case.actor,
        in_contract=all(claim.costs_in_contract for claim in claims),
        vat=Vat(in_letter=in_letter),
    )
    return ruling.amount if ruling.allowed else None


def wording(pack: Pack, kind: str, text: str, day: date) -> Wording:
    """Say whether a wording of the term counts it as the law does (patterns of the pack).

    What the patterns do not know is not accepted: an unclear term is the creditor's risk. Raises
    `LookupError` where the pack has no such letter on `day`.
    """
    found = rule_of(pack, kind, day)
    if found is None:
        raise LookupError(f"{pack.jurisdiction} has no letter {kind!r} on {day}")
    provision, rule = found
    for pattern in rule.term_wrong:
        if wrong := pattern.search(text):
            said = f"A term counted by {wrong.group()!r} is not the law's: count from receipt."
            return Wording(False, provision.because(day, "TERM_WORDING_WRONG", said))
    if any(pattern.search(text) for pattern in rule.term_right):
        return Wording(True, provision.because(day, "TERM_WORDING_RIGHT"))
    said = f"It is not clear that the term is {rule.days} days counted from receipt."
    return Wording(False, provision.because(day, "TERM_WORDING_UNCLEAR", said))


def _fee_faults(case: Case, claim: Claim, notice: Notice) -> Iterator[tuple[str, str]]:
    if notice.costs is None:
        yield "NOTICE_WITHOUT_FEE", "It does not name the costs that would fall due."
        return
    fees = {fee_of(case, claims, notice) for claims in _together(case, claim, notice)}
    if notice.costs in fees:
        return
    exact = ", or ".join(f"{fee:,.2f}" for fee in sorted(fee for fee in fees if fee is not None))
    text = f"It names costs of {notice.costs:,.2f}; exact would be {exact or 'none at all'}."
    yield "NOTICE_FEE_WRONG", text


def _together(case: Case, claim: Claim, notice: Notice) -> list[tuple[Claim, ...]]:
    """Return the claims that one fee may stand for: those of the letter; each, if it names none."""
    if notice.invoices:
        return [tuple(one for one in case.claims if notice.is_about(one)) or (claim,)]
    due = (one for one in case.claims if one.payable_by is None or one.payable_by < notice.sent_on)
    return [tuple(due) or (claim,), (claim,)]


def _instalment_fee(case: Case, claims: tuple[Claim, ...]) -> Decimal | None:
    terms = [one for one in case.claims if one.recurring and one.due_on] or list(claims)
    asked = {claim.invoice for claim in claims}
    named = [
        Instalment(one.due_on, one.principal, letter_id="this" if one.invoice in asked else "")
        for one in terms
        if one.due_on
    ]
    rulings = instalment_costs(case.pack, named, debtor=case.debtor)
    amounts = [r.amount for one, r in zip(terms, rulings, strict=True) if one.invoice in asked]
    return sum((amount for amount in amounts if amount is not None), Decimal(0))


def _open_on(claim: Claim, day: date) -> Decimal:
    paid = sum((amount for on, amount in claim.paid if on < day), Decimal(0))
    return max(claim.principal - paid, Decimal(0))
