"""Costs of a recurring contract: a further missed term costs less, a first reminder nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from tenor.engine.law.case import Debtor
from tenor.engine.law.days import plus_months
from tenor.engine.law.money.cost_rules import SECTION, Instalments, Reminders
from tenor.engine.law.money.costs import collection_costs, cost_provision, explained, nothing
from tenor.engine.law.pack import Pack, Provision, Reason
from tenor.engine.law.ruling import Line, Ruling

_ZERO = Decimal(0)
_ONLY_ONE = "One letter for several terms: only the highest fee of a single term is due."


@dataclass(frozen=True)
class Term:
    """One unpaid term of a recurring contract: when it was due, what is open of it.

    `letter` says whether the letter that the law asks for was sent for it and is valid; terms with
    the same `letter_id` were asked for in one letter (empty: each in its own).
    """

    due_on: date
    amount: Decimal
    letter: bool = True
    letter_id: str = ""


def instalment_costs(
    pack: Pack,
    terms: Sequence[Term],
    *,
    debtor: Debtor | None,
) -> list[Ruling]:
    """Return what each unpaid term of one recurring contract may cost, in the order given.

    The law of the day on which a term was due counts. A term soon after one that was charged in
    full costs less; of terms in one letter only the dearest is charged where the pack says so. A
    term without its letter costs nothing and begins no such series.
    """
    found: dict[int, Ruling] = {}
    charged_on: date | None = None
    for at in sorted(range(len(terms)), key=lambda i: terms[i].due_on):
        term = terms[at]
        follows = _follows(pack, term, charged_on, debtor)
        found[at] = _of_term(pack, term, debtor, follows)
        if found[at].amount and not follows:
            charged_on = term.due_on
    for letter_id in {term.letter_id for term in terms if term.letter_id}:
        together = [at for at, term in enumerate(terms) if term.letter_id == letter_id]
        last = max(terms[at].due_on for at in together)
        special = _instalments(pack, last, debtor)
        if special is not None and special[1].one_letter_highest:
            _leave_highest(pack, found, together, special[0].because(last, "ONE_LETTER", _ONLY_ONE))
    return [found[at] for at in range(len(terms))]


def reminder_costs(
    pack: Pack,
    day: date,
    *,
    number: int,
    recurring: bool,
    postage: Decimal = _ZERO,
) -> Ruling:
    """Return what a reminder to a consumer may cost beyond the free ones.

    `number` is the reminder's: under a contract with regular payments the number of due dates
    missed in the calendar year. `postage` is what the letter's stamp cost.
    """
    provision = pack.find(SECTION, "reminders")
    rule: Reminders | None = pack.says(SECTION, "reminders", day)
    if provision is None or rule is None:
        return nothing(pack)
    if rule.recurring_only and not recurring:
        text = "Only under a contract with regular payments may a further reminder cost something."
        return nothing(pack, provision.because(day, "REMINDER_FREE", text))
    if number <= rule.free:
        text = f"{provision.text} This is number {number}."
        return nothing(pack, provision.because(day, "REMINDER_FREE", text))
    parts = [(f"reminder, number {number}", rule.amount)]
    if rule.postage and postage > 0:
        parts.append(("postage", postage))
    return explained(parts, provision.because(day, "REMINDER_COST"), pack.currency)


def _of_term(pack: Pack, term: Term, debtor: Debtor | None, follows: bool) -> Ruling:
    plain = collection_costs(pack, term.due_on, principal=term.amount, debtor=debtor)
    if not term.letter:
        provision = cost_provision(pack, term.due_on, debtor)
        if provision is None:
            return nothing(pack)
        text = "No valid letter was sent for this term: it costs nothing."
        return nothing(pack, provision.because(term.due_on, "NOTICE_MISSING", text))
    special = _instalments(pack, term.due_on, debtor)
    if not follows or special is None or plain.amount is None:
        return plain
    provision, rule = special
    off = min(rule.next_most - plain.amount, _ZERO)
    reason = provision.because(term.due_on, "FURTHER_TERM")
    line = Line(f"a further term within {rule.months} months: {rule.next_most:,.2f} at most", off)
    lines = (*plain.lines, replace(line, reason=reason)) if off else plain.lines
    return replace(plain, reasons=(*plain.reasons, reason), amount=plain.amount + off, lines=lines)


def _follows(pack: Pack, term: Term, charged_on: date | None, debtor: Debtor | None) -> bool:
    """Say whether a small term falls due soon after one that was charged in full."""
    special = _instalments(pack, term.due_on, debtor)
    if special is None or charged_on is None or term.amount > special[1].upto:
        return False
    return term.due_on < plus_months(charged_on, special[1].months)


def _instalments(
    pack: Pack, day: date, debtor: Debtor | None
) -> tuple[Provision, Instalments] | None:
    if debtor not in (None, Debtor.CONSUMER):
        return None
    provision = pack.find(SECTION, "instalments")
    says: Instalments | None = pack.says(SECTION, "instalments", day)
    return None if provision is None or says is None else (provision, says)


def _leave_highest(
    pack: Pack, found: dict[int, Ruling], together: list[int], reason: Reason
) -> None:
    """Let only the dearest of the terms in one letter cost something: the first of equals."""
    top = max(together, key=lambda at: (found[at].amount or _ZERO, -at))
    found.update({at: nothing(pack, reason) for at in together if at != top})
