"""Letters before steps: when the term of one ends, what is still missing, what may be charged when.

A letter that the law asks for opens the way only if it counts (see `letters`), was received or is
presumed to be, and its term is over where the debtor is.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from tenor.engine.law import holds
from tenor.engine.law.case import Case, Claim, Notice
from tenor.engine.law.days import ONE_DAY, is_holiday
from tenor.engine.law.letters.letters import faults
from tenor.engine.law.letters.notice_rules import (
    LastDay,
    NoticeRule,
    Runs,
    last_day_rule,
    rule_of,
    rules_before,
)
from tenor.engine.law.letters.receipt import presumed_on, received
from tenor.engine.law.money.default import Facts, default_begins
from tenor.engine.law.pack import Binding, Pack, Provision, Reason
from tenor.engine.law.ruling import Ruling

COSTS = "charge.costs"
INTEREST = "charge.interest"


@dataclass(frozen=True)
class Term:
    """The days of a letter's term, all included: received, first, last; the step from `from_day`.

    `presumed` says that the receipt is not shown but presumed. `safe_last_day` and
    `safe_from_day` are what we go by: a last day on a weekend or holiday is moved on where no law
    settles whether it is.
    """

    received_on: date
    first_day: date
    last_day: date
    from_day: date
    presumed: bool
    reasons: tuple[Reason, ...]
    safe_last_day: date
    safe_from_day: date


@dataclass(frozen=True)
class _Found:
    """What became of one letter that must come before a step."""

    met: bool
    reasons: tuple[Reason, ...]
    over_on: date | None = None
    todo: str = ""


def term_of(pack: Pack, notice: Notice) -> Term | None:
    """Return the term of a letter; None where it was not received or the pack knows no such letter.

    The law of the day of sending counts. Raises `LawError` for a receipt before the sending.
    """
    found = rule_of(pack, notice.kind, notice.sent_on)
    receipt = received(pack, notice)
    if found is None or receipt.on is None:
        return None
    provision, rule = found
    first = _first_day(pack, notice, rule, receipt.on)
    last = first + timedelta(days=rule.days) - ONE_DAY
    safe = last
    moved = last_day_rule(pack, notice.sent_on)
    if moved is not None and rule.days:
        safe = _moved(pack, last, moved[0])
        last = safe if moved[1] is Binding.LAW else last
    text = f"{provision.text} First day {first}, last day {last}."
    return Term(
        received_on=receipt.on,
        first_day=first,
        last_day=last,
        from_day=last + ONE_DAY,
        presumed=receipt.presumed,
        reasons=(*receipt.reasons, provision.because(notice.sent_on, "NOTICE_TERM", text)),
        safe_last_day=safe,
        safe_from_day=safe + ONE_DAY,
    )


def interest_from(pack: Pack, notice: Notice, *, small: bool) -> date | None:
    """Return from which day interest may run after a letter that it waits for.

    A small creditor's may count from the day after sending where the pack says so (it is charged
    after the term all the same), anybody else's from the end of the term. None without a term.
    """
    found, term = rule_of(pack, notice.kind, notice.sent_on), term_of(pack, notice)
    if found is None or term is None:
        return None
    if small and found[1].small_from_sending:
        return notice.sent_on + ONE_DAY
    return term.from_day


def costs_allowed_from(case: Case, claim: Claim) -> Ruling:
    """Say whether costs may be charged for a claim now: no hold, the letter sent, its term over.

    How much may be charged is another question (`costs`).
    """
    held = holds.stops(case, COSTS, claim)
    ruling = required_before(case, COSTS, claim)
    refused = held or _paid_in_term(case, claim)
    if not refused:
        return ruling
    reasons = refused if ruling.allowed else (*refused, *ruling.reasons)
    return replace(ruling, allowed=False, reasons=reasons, changes_at=None)


def required_before(case: Case, step: str, claim: Claim) -> Ruling:
    """Say whether every letter that must come before a step has done its work for a claim.

    `step` is `demand`, `charge.costs`, `charge.interest`, `hand_over` or `court`. `todo` says what
    is to be sent; `changes_at` is set where nothing but time is missing.
    """
    found = []
    rules = rules_before(case.pack, case.day, step, actor=case.actor, debtor=case.debtor)
    for provision, rule in rules:
        if rule.unless_in_default and _in_default(case, claim):
            continue
        if rule.with_contact_days is not None:
            found.append(_with_contact(case, claim, provision, rule.with_contact_days))
        else:
            found.append(_look(case, claim, provision, step))
    unmet = [one for one in found if not one.met]
    over = [one.over_on for one in unmet if one.over_on is not None]
    return Ruling(
        step=step,
        allowed=not unmet,
        reasons=tuple(reason for one in unmet or found for reason in one.reasons),
        changes_at=case.begins(max(over)) if over and len(over) == len(unmet) else None,
        todo=tuple(one.todo for one in found if one.todo),
    )


def letter_for(case: Case, step: str, claim: Claim) -> tuple[Notice, Term] | None:
    """Return the letter that has opened the way to a step for a claim, with its term.

    The latest one that counts and whose term is over; None where there is none, or none is needed.
    """
    rules = rules_before(case.pack, case.day, step, actor=case.actor, debtor=case.debtor)
    for required, _rule in rules:
        for notice, provision, rule in _candidates(case, claim, required.name):
            term = _term_in_case(case, claim, notice)
            over = term is not None and case.day >= term.safe_from_day
            if term is not None and over and not faults(case, claim, notice, provision, rule):
                return notice, term
    return None


def _in_default(case: Case, claim: Claim) -> bool:
    """Say whether the debtor is in default already, without any reminder."""
    facts = Facts(
        due_on=claim.payable_by,
        invoice_on=claim.received_on,
        goods_on=claim.delivered_on,
        told=claim.told_of_default,
    )
    begins = default_begins(case.pack, case.day, facts, debtor=case.debtor).begins
    return begins is not None and begins <= case.day


def _first_day(pack: Pack, notice: Notice, rule: NoticeRule, received_on: date) -> date:
    if rule.runs is Runs.AFTER_SENDING:
        return notice.sent_on + ONE_DAY
    if rule.runs is Runs.ON_PRESUMED:
        # The law counts from the sending; a receipt shown to be later is not held against anybody.
        day, _reasons = presumed_on(pack, notice.sent_on, notice.channel)
        return max(day, received_on)
    return received_on + ONE_DAY


def _moved(pack: Pack, last: date, rule: LastDay) -> date:
    while last.weekday() in rule.not_on or (rule.not_on_holidays and is_holiday(pack, last)):
        last += ONE_DAY
    return last


def _candidates(case: Case, claim: Claim, kind: str) -> list[tuple[Notice, Provision, NoticeRule]]:
    """Return the letters about a claim that count as `kind`, the latest first."""
    found = []
    for notice in case.notices:
        known = rule_of(case.pack, notice.kind, notice.sent_on)
        if known is None or not notice.is_about(claim) or notice.sent_on > case.day:
            continue
        provision, rule = known
        if kind == notice.kind or kind in rule.serves_as:
            found.append((notice, provision, rule))
    return sorted(found, key=lambda one: one[0].sent_on, reverse=True)


def _look(case: Case, claim: Claim, required: Provision, step: str) -> _Found:
    """Find the letter whose term is over first; else say what is wrong or missing."""
    running: list[tuple[date, _Found]] = []
    wrong: list[Reason] = []
    for notice, provision, rule in _candidates(case, claim, required.name):
        faulty = faults(case, claim, notice, provision, rule)
        term = None if faulty else _term_in_case(case, claim, notice)
        if term is None:
            wrong += faulty
        elif case.day < term.safe_from_day:
            running.append((term.safe_from_day, _running(provision, notice, term, step)))
        else:
            return _over(provision, notice, term)
    if running:
        return min(running, key=lambda one: one[0])[1]
    name = _called(required)
    if wrong:
        return _Found(False, tuple(wrong), todo=f"Send the {name} again, as it must be.")
    text = f"{required.text} None that counts was sent for invoice {claim.invoice or '(any)'}."
    reason = required.because(case.day, "NOTICE_MISSING", text)
    return _Found(False, (reason,), todo=f"Send the {name}.")


def _paid_in_term(case: Case, claim: Claim) -> tuple[Reason, ...]:
    """Return why nothing can be charged where all was paid before a letter's term was over."""
    rules = rules_before(case.pack, case.day, COSTS, actor=case.actor, debtor=case.debtor)
    for required, _rule in rules:
        for notice, provision, _own in _candidates(case, claim, required.name):
            term = _term_in_case(case, claim, notice)
            if term is None:
                continue
            in_time = (amount for on, amount in claim.paid if on <= term.safe_last_day)
            if sum(in_time, Decimal(0)) >= claim.principal:
                text = f"All was paid by {term.safe_last_day}, when the term ended: no costs."
                return (provision.because(notice.sent_on, "PAID_IN_TERM", text),)
    return ()


def _term_in_case(case: Case, claim: Claim, notice: Notice) -> Term | None:
    """Return a letter's term; what we go by is longer by the days that holds stopped the clock."""
    term = term_of(case.pack, notice)
    if term is None:
        return None
    last, paused = term.safe_last_day, 0
    while True:
        found = holds.paused_days(case, claim, term.first_day, last)
        if found == paused:
            return replace(term, safe_last_day=last, safe_from_day=last + ONE_DAY)
        paused, last = found, term.safe_last_day + timedelta(days=found)


def _running(provision: Provision, notice: Notice, term: Term, step: str) -> _Found:
    text = (
        f"{provision.text} That of {notice.sent_on} was received on {term.received_on}"
        f"{' (presumed)' if term.presumed else ''}; its last day is {term.safe_last_day}."
    )
    reason = provision.because(notice.sent_on, "NOTICE_RUNNING", text)
    todo = f"Wait until {term.safe_from_day}."
    return _Found(False, (reason,), over_on=term.safe_from_day, todo=todo)


def _over(provision: Provision, notice: Notice, term: Term) -> _Found:
    text = (
        f"{provision.text} That of {notice.sent_on} counts; its last day was {term.safe_last_day}."
    )
    return _Found(True, (provision.because(notice.sent_on, "NOTICE_DONE", text),))


def _with_contact(case: Case, claim: Claim, required: Provision, days: int) -> _Found:
    """Look at a letter that goes out with the first contact, or so many days after it."""
    sent = [notice for notice, _p, _r in _candidates(case, claim, required.name)]
    name = _called(required)
    first = min((contact.at for contact in case.contacts), default=None)
    if any(not notice.bounced for notice in sent):
        return _Found(True, (required.because(case.day, "NOTICE_DONE"),))
    if first is None:
        reason = required.because(case.day, "NOTICE_WITH_CONTACT")
        return _Found(True, (reason,), todo=f"Send the {name} with the first contact.")
    latest = replace(case, at=first).day + timedelta(days=days)
    text = f"{required.text} First contact on {replace(case, at=first).day}, latest day {latest}."
    if case.day <= latest:
        reason = required.because(case.day, "NOTICE_WITH_CONTACT", text)
        return _Found(True, (reason,), todo=f"Send the {name} by {latest}.")
    reason = required.because(case.day, "NOTICE_MISSING", text)
    return _Found(False, (reason,), todo=f"Send the {name}.")


def sent_in_time(pack: Pack, kind: str, *, first_contact: date, sent_on: date) -> bool:
    """Say whether a letter went out with the first contact or within the days after it.

    Raises `LookupError` where the pack has no such letter that goes with a contact.
    """
    found = rule_of(pack, kind, sent_on)
    if found is None or found[1].with_contact_days is None:
        raise LookupError(f"{pack.jurisdiction} has no letter {kind!r} that goes with a contact")
    return sent_on <= first_contact + timedelta(days=found[1].with_contact_days)


def _called(letter: Provision) -> str:
    """Return what people call a letter: `fourteen day letter`, `final notice`."""
    words = letter.name.replace("_", " ")
    named = words.endswith(("letter", "notice", "reminder"))
    return words if named else f"{words} letter"
