"""Before a claim leaves the house: the list that must be checked off, and the gate behind it.

Handing over to an agency or going to court is the step that hurts most and can hardly be taken
back. The machine checks what can be checked and shows its evidence; a person signs.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from tenor.engine.law import holds
from tenor.engine.law.case import Actor, Case, Claim, Notice
from tenor.engine.law.charges import charges
from tenor.engine.law.contact.actors import may_collect
from tenor.engine.law.contact.scope import Scope, read_scope
from tenor.engine.law.days import ONE_DAY
from tenor.engine.law.letters.notices import COSTS, required_before
from tenor.engine.law.letters.receipt import received
from tenor.engine.law.money.limitation import limitation
from tenor.engine.law.pack import Provision, Reason
from tenor.engine.law.ruling import Ruling
from tenor.engine.law.values import Values

SECTION = "escalation"


class Target(StrEnum):
    """Where a claim goes."""

    AGENCY = "agency"
    COURT = "court"

    @property
    def step(self) -> str:
        """Return the step that it is, as holds and letters name it."""
        return "hand_over" if self is Target.AGENCY else "court"


class Item(StrEnum):
    """What is looked at; each is the name that a pack gives as `check`."""

    OVERDUE = "overdue"  # due, unpaid, and long enough so
    AMOUNT = "amount"  # worth the step
    UNDISPUTED = "undisputed"
    NO_HOLD = "no_hold"
    LETTERS = "letters"  # all that must come before, as they must be, terms over
    COSTS = "costs"  # no more charged than may be
    IN_TIME = "in_time"  # not prescribed
    HELP_OFFERED = "help_offered"
    COLLECTOR = "collector"  # in the register, with a mandate
    SIGNATURE = "signature"


@dataclass(frozen=True)
class EscalationRule:
    """One item of the list, for some targets (empty: all) and some debtors and creditors.

    `least` is the smallest sum, `days` the shortest time overdue.
    """

    item: Item
    targets: frozenset[Target]
    least: Decimal
    days: int
    scope: Scope


@dataclass(frozen=True)
class Check:
    """One item, looked at: whether it is met, on what evidence, by which rule.

    `met_at` is when time alone will meet it; None where a person or a fact is needed.
    """

    code: str
    text: str
    met: bool
    evidence: tuple[str, ...]
    reason: Reason
    met_at: datetime | None = None


@dataclass(frozen=True)
class _Found:
    met: bool
    text: str
    evidence: tuple[str, ...] = ()
    met_at: datetime | None = None


def read_escalation(values: Values) -> EscalationRule:
    """Read the values of a provision of section `escalation`."""
    targets = values.texts("targets", ())
    for target in targets:
        if target not in list(Target):
            raise values.wrong("targets", f"has {target!r}; there are {', '.join(Target)}")
    return EscalationRule(
        item=Item(values.choice("check", list(Item))),
        targets=frozenset(map(Target, targets)),
        least=values.number("least", Decimal(0)),
        days=values.whole("days", 0),
        scope=read_scope(values),
    )


def checklist(case: Case, claim: Claim, target: str) -> tuple[Check, ...]:
    """Return every item of the pack's list for a claim, met or not, with its evidence.

    `target` is `agency` or `court`; `case.registered` and `case.mandate` are the agency's to which
    it goes. In the order of `Item`, the signature last.
    """
    to = Target(target)
    found = [
        (provision, rule)
        for provision, rule in case.pack.in_force(SECTION, case.day)
        if (not rule.targets or to in rule.targets)
        and rule.scope.speaks_of(case.actor, case.debtor)
    ]
    order = list(Item)
    found.sort(key=lambda pair: order.index(pair[1].item))
    return tuple(_check(case, claim, to, provision, rule) for provision, rule in found)


def gate(case: Case, claims: Iterable[Claim], target: str) -> Ruling:
    """Say whether these claims may leave the house: all is met for each, and a person has signed.

    Where nothing but the signature is left, its reason (code `SIGNATURE`) is the only one and the
    only `todo`. `changes_at` is set where nothing but time is missing beside the signature.
    """
    to = Target(target)
    checks = [check for claim in claims for check in checklist(case, claim, to)]
    if not checks:
        return Ruling(to.step, False, todo=("Name the claims that it is about.",))
    unmet = [check for check in checks if not check.met]
    waits = [check for check in unmet if check.code != Item.SIGNATURE.upper()]
    moments = [check.met_at for check in waits if check.met_at is not None]
    return Ruling(
        step=to.step,
        allowed=not unmet,
        reasons=tuple(dict.fromkeys(check.reason for check in unmet or checks)),
        changes_at=max(moments) if moments and len(moments) == len(waits) else None,
        todo=tuple(dict.fromkeys(check.text for check in unmet)),
    )


def only_the_signature_is_missing(ruling: Ruling) -> bool:
    """Say whether a gate waits for nothing but a person to sign."""
    return not ruling.allowed and {r.code for r in ruling.reasons} == {Item.SIGNATURE.upper()}


def _check(
    case: Case, claim: Claim, target: Target, provision: Provision, rule: EscalationRule
) -> Check:
    found = _LOOK[rule.item](case, claim, target, rule)
    code = rule.item.upper()
    reason = provision.because(case.day, code, f"{provision.text} {found.text}")
    return Check(code, found.text, found.met, found.evidence, reason, found.met_at)


def _overdue(case: Case, claim: Claim, target: Target, rule: EscalationRule) -> _Found:
    due_on = claim.payable_by
    if due_on is None:
        return _Found(False, "Say when the claim fell due.")
    first = due_on + timedelta(days=max(rule.days, 1))
    evidence = (f"Invoice {claim.invoice}, due {due_on}, open {_rest(claim):,.2f}.",)
    if case.day < first:
        text = f"It is not {rule.days} days overdue before {first}."
        return _Found(False, text, evidence, case.begins(first))
    if _rest(claim) <= 0:
        return _Found(False, "Nothing is open.", evidence)
    return _Found(True, f"Overdue since {due_on}.", evidence)


def _amount(case: Case, claim: Claim, target: Target, rule: EscalationRule) -> _Found:
    open_sum = _rest(claim)
    text = f"Open are {open_sum:,.2f} {claim.currency}; the least is {rule.least:,.2f}."
    return _Found(open_sum >= rule.least, text)


def _undisputed(case: Case, claim: Claim, target: Target, rule: EscalationRule) -> _Found:
    if claim.disputed > 0 or holds.undisputed(case, claim) < _rest(claim):
        return _Found(False, "Decide on the dispute first; no contested claim leaves the house.")
    return _Found(True, "Nothing of it is disputed.")


def _no_hold(case: Case, claim: Claim, target: Target, rule: EscalationRule) -> _Found:
    reasons = holds.stops(case, target.step, claim)
    if not reasons:
        return _Found(True, "No hold stops it.")
    alone = (replace(case, holds=(hold,)) for hold in case.holds)
    stopping = [one.holds[0] for one in alone if holds.stops(one, target.step, claim)]
    ends = [holds.ends_on(case.pack, hold) for hold in stopping]
    known = [end for end in ends if end is not None]
    until = case.begins(max(known) + ONE_DAY) if len(known) == len(ends) else None
    codes = ", ".join(dict.fromkeys(reason.code for reason in reasons))
    text = f"A hold stops it: {codes}."
    return _Found(False, text, tuple(reason.text for reason in reasons), until)


def _letters(case: Case, claim: Claim, target: Target, rule: EscalationRule) -> _Found:
    """All letters before this step, and the one without which no costs are owed."""
    rulings = [required_before(case, step, claim) for step in (target.step, COSTS)]
    evidence = [_told(case, notice) for notice in case.notices if notice.is_about(claim)]
    refused = [ruling for ruling in rulings if not ruling.allowed]
    if not refused:
        return _Found(True, "Every letter was sent and its term is over.", tuple(evidence))
    moments = [ruling.changes_at for ruling in refused]
    known = [moment for moment in moments if moment is not None]
    todo = dict.fromkeys(words for ruling in refused for words in ruling.todo)
    reasons = dict.fromkeys(reason.text for ruling in refused for reason in ruling.reasons)
    met_at = max(known) if len(known) == len(moments) else None
    return _Found(False, " ".join(todo), (*evidence, *reasons), met_at)


def _costs(case: Case, claim: Claim, target: Target, rule: EscalationRule) -> _Found:
    ruling, _interest = charges(case, claim)
    most = ruling.amount if ruling.allowed and ruling.amount is not None else Decimal(0)
    lines = tuple(f"{line.text}: {line.amount:,.2f}" for line in ruling.lines if ruling.allowed)
    text = f"Charged are costs of {claim.costs_charged:,.2f}; {most:,.2f} may be."
    return _Found(claim.costs_charged <= most, text, lines)


def _in_time(case: Case, claim: Claim, target: Target, rule: EscalationRule) -> _Found:
    due_on = claim.payable_by
    if due_on is None:
        return _Found(False, "Say when the claim fell due.")
    found = limitation(
        case.pack,
        case.day,
        due_on=due_on,
        claim=claim.kind,
        debtor=case.debtor,
        interrupted_on=claim.interrupted_on,
    )
    evidence = (found.reason.text,) if found.reason is not None else ()
    if found.prescribed:
        return _Found(False, f"It has been out of time since {found.last_day}.", evidence)
    return _Found(True, "It is not out of time.", evidence)


def _help_offered(case: Case, claim: Claim, target: Target, rule: EscalationRule) -> _Found:
    offers = [
        _told(case, notice)
        for notice in case.notices
        if notice.is_about(claim) and {"help", "debt_help"} & notice.contains
    ]
    text = "Help was offered." if offers else "Offer help first: a plan, free debt advice."
    return _Found(bool(offers), text, tuple(offers))


def _collector(case: Case, claim: Claim, target: Target, rule: EscalationRule) -> _Found:
    ruling = may_collect(
        case.pack,
        case.day,
        actor=Actor.AGENCY,
        debtor=case.debtor,
        registered=case.registered,
        mandate=case.mandate,
    )
    text = " ".join(ruling.todo) or "The agency may collect."
    return _Found(ruling.allowed, text, tuple(reason.text for reason in ruling.reasons))


def _signature(case: Case, claim: Claim, target: Target, rule: EscalationRule) -> _Found:
    if case.signed_by:
        return _Found(True, f"Signed by {case.signed_by}.", (case.signed_by,))
    return _Found(False, "A person has to sign.")


def _rest(claim: Claim) -> Decimal:
    return claim.principal - sum((amount for _day, amount in claim.paid), Decimal(0))


def _told(case: Case, notice: Notice) -> str:
    receipt = received(case.pack, notice)
    name = notice.kind.replace("_", " ")
    return f"{name} notice sent on {notice.sent_on} by {notice.channel}. {receipt.reasons[0].text}"


_LOOK: Mapping[Item, Callable[[Case, Claim, Target, EscalationRule], _Found]] = {
    Item.OVERDUE: _overdue,
    Item.AMOUNT: _amount,
    Item.UNDISPUTED: _undisputed,
    Item.NO_HOLD: _no_hold,
    Item.LETTERS: _letters,
    Item.COSTS: _costs,
    Item.IN_TIME: _in_time,
    Item.HELP_OFFERED: _help_offered,
    Item.COLLECTOR: _collector,
    Item.SIGNATURE: _signature,
}
