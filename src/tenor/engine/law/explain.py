"""Explain a case: every step that could be taken, whether it may be taken now, why, and from when.

All the law's parts are asked, and every reason is kept: the first is the main one. A step that
several rules forbid is free again when the last of them lets go; where one of them waits for a
person or a fact, no moment is known.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial

from tenor.engine.law import holds
from tenor.engine.law.case import Case, Claim, Hold
from tenor.engine.law.charges import costs_now, interest_now
from tenor.engine.law.contact.actors import may_collect
from tenor.engine.law.contact.caps import contact_caps
from tenor.engine.law.contact.channels import Need, channel_use
from tenor.engine.law.contact.scope import channel_name
from tenor.engine.law.contact.windows import contact_window
from tenor.engine.law.days import ONE_DAY
from tenor.engine.law.escalation import Target, gate
from tenor.engine.law.holds import Step
from tenor.engine.law.letters.notices import required_before
from tenor.engine.law.pack import Reason
from tenor.engine.law.ruling import Ruling

# The channels that are asked about; an organisation's own are direct contacts like any other.
CHANNELS = ("email", "sms", "letter", "call", "push")
PRESSURE = ("pressure.firm", "pressure.urgent")
DEMAND, EXPLORE = "demand", "explore"
COSTS, INTEREST = "charge.costs", "charge.interest"
HAND_OVER, COURT = "hand_over", "court"
STEPS = (
    *(f"contact.{channel}" for channel in CHANNELS),
    *PRESSURE, DEMAND, COSTS, INTEREST, EXPLORE, HAND_OVER, COURT,
)  # fmt: skip

# A cap may free a moment that no window opens, and the other way round: so often both are asked.
_TURNS = 8
_ALL = "all"
_NOTHING_OWED = "Nothing is owed: there is no claim."
# Each message says how to stop it, and senders are registered before a channel is put to use:
# these are looked at when a message is made.
_SEEN_TO = frozenset({Need.OPT_OUT_TEXT, Need.REGISTERED_BRAND})


def explain(case: Case) -> tuple[Ruling, ...]:
    """Return the answer about every step of `STEPS`, in that order.

    Parameters
    ----------
    case
        The facts at `case.at`; what is not known protects the debtor.

    Returns
    -------
    tuple of Ruling
        One a step. `reasons` are all rules that forbid it, the main one first, or those that an
        allowed step rests on. `changes_at` is when the answer may be another one (None: it waits
        for a person or a fact). `todo` says what is missing, `amount` and `lines` what may be
        charged.
    """
    heard = _with_opt_outs(case)
    return tuple(ruling_on(heard, step) for step in STEPS)


def ruling_on(case: Case, step: str) -> Ruling:
    """Return the answer about one step; raises `KeyError` for a step that there is not."""
    if step.startswith("contact."):
        return _contact(_with_opt_outs(case), step)
    return _RULES[step](case)


def _contact(case: Case, step: str) -> Ruling:
    """Ask of a contact over one channel: holds, actor, channel, letters, window, caps."""
    channel = step.partition(".")[2]
    consent = {Need.CONSENT} if _names(case.consents) & {channel_name(channel)} else set()
    needs = frozenset(_SEEN_TO | consent)
    standing = [
        _held(case, step),
        may_collect(
            case.pack,
            case.day,
            actor=case.actor,
            debtor=case.debtor,
            registered=case.registered,
            mandate=case.mandate,
        ),
        channel_use(
            case.pack, case.day, channel=channel, has=needs, actor=case.actor, debtor=case.debtor
        ),
    ]
    window = _window(case, case.at, channel)
    caps = _caps(case, case.at, channel)
    found = _all_of(step, [*standing, _said_once(window), _said_once(caps)])
    if found.allowed:
        return replace(found, reasons=window.reasons, changes_at=window.changes_at)
    if any(not one.allowed and one.changes_at is None for one in standing):
        return replace(found, changes_at=None)
    after = max((one.changes_at for one in standing if one.changes_at is not None), default=case.at)
    return replace(found, changes_at=_next_free(case, max(after, case.at), channel))


def _next_free(case: Case, at: datetime, channel: str) -> datetime | None:
    """Return the first moment from `at` on which both the windows and the caps let a contact."""
    for _turn in range(_TURNS):
        closed = [
            r for r in (_window(case, at, channel), _caps(case, at, channel)) if not r.allowed
        ]
        if not closed:
            return at
        moments = [r.changes_at for r in closed]
        if None in moments:
            return None
        at = max(moment for moment in moments if moment is not None)
    return None


def _said_once(ruling: Ruling) -> Ruling:
    """Say a rule once, where it is the same in each zone in which the debtor may be."""
    first = {(reason.code, reason.rule): reason for reason in reversed(ruling.reasons)}
    return replace(ruling, reasons=tuple(reversed(first.values())))


def _window(case: Case, at: datetime, channel: str) -> Ruling:
    return contact_window(
        case.pack, at, zones=case.zones, channel=channel, actor=case.actor, debtor=case.debtor
    )


def _caps(case: Case, at: datetime, channel: str) -> Ruling:
    return contact_caps(
        case.pack, at, zones=case.zones, channel=channel, contacts=case.contacts,
        actor=case.actor, debtor=case.debtor,
    )  # fmt: skip


def _demand(case: Case) -> Ruling:
    return _of_claims(
        case,
        DEMAND,
        lambda claim: [_held(case, DEMAND, claim), required_before(case, DEMAND, claim)],
    )


def _charge(case: Case, step: str, ask: Callable[[Case, Claim], Ruling]) -> Ruling:
    """Say what may be charged for all claims of the first one's currency that allow it."""
    owing = _owing(case)
    if not owing:
        return Ruling(step, False, todo=(_NOTHING_OWED,))
    currency = owing[0].currency
    found = [(claim, ask(case, claim)) for claim in owing if claim.currency == currency]
    allowed = [(claim, one) for claim, one in found if one.allowed]
    told = [one for _claim, one in allowed] or [one for _claim, one in found]
    merged = _merged(step, bool(allowed), told)
    moments = [one.changes_at for _claim, one in found if one.changes_at is not None]
    several = len(found) > 1
    lines = [
        replace(line, text=f"{claim.invoice}: {line.text}") if several else line
        for claim, one in allowed
        for line in one.lines
    ]
    amounts = [one.amount for _claim, one in allowed if one.amount is not None]
    return replace(
        merged,
        changes_at=min(moments, default=None),
        amount=sum(amounts, Decimal(0)),
        currency=currency,
        lines=tuple(lines),
    )


def _explore(case: Case) -> Ruling:
    """Trying something out needs the contact itself, and what is known of the person."""
    return _all_of(EXPLORE, [_held(case, EXPLORE), _held(case, Step.PROFILE)])


def _held(case: Case, step: str, claim: Claim | None = None) -> Ruling:
    """Ask the holds; `changes_at` is when the last that stops it ends, where all have an end."""
    reasons = holds.stops(case, step, claim)
    if not reasons:
        return Ruling(step, True)
    ends = [
        holds.ends_on(case.pack, hold)
        for hold in case.holds
        if holds.stops(replace(case, holds=(hold,)), step, claim)
    ]
    known = [end for end in ends if end is not None]
    until = case.begins(max(known) + ONE_DAY) if known and len(known) == len(ends) else None
    return Ruling(step, False, reasons, changes_at=until)


def _of_claims(case: Case, step: str, ask: Callable[[Claim], Sequence[Ruling]]) -> Ruling:
    """Ask about each claim; allowed where it is for one: the reasons of the others are kept."""
    owing = _owing(case)
    if not owing:
        return Ruling(step, False, todo=(_NOTHING_OWED,))
    found = [_all_of(step, ask(claim)) for claim in owing]
    refused = [one for one in found if not one.allowed]
    moments = [one.changes_at for one in refused if one.changes_at is not None]
    merged = _merged(step, len(refused) < len(found), refused or found)
    return replace(merged, changes_at=min(moments, default=None))


def _merged(step: str, allowed: bool, found: Sequence[Ruling]) -> Ruling:
    return Ruling(
        step=step,
        allowed=allowed,
        reasons=_once(reason for one in found for reason in one.reasons),
        todo=tuple(dict.fromkeys(words for one in found for words in one.todo)),
    )


def _all_of(step: str, rulings: Sequence[Ruling]) -> Ruling:
    """Return one answer of many that all have to be yes."""
    refused = [one for one in rulings if not one.allowed]
    moments = [one.changes_at for one in refused]
    known = [moment for moment in moments if moment is not None]
    return Ruling(
        step=step,
        allowed=not refused,
        reasons=_once(reason for one in refused or rulings for reason in one.reasons),
        changes_at=max(known) if refused and len(known) == len(moments) else None,
        todo=tuple(dict.fromkeys(words for one in rulings for words in one.todo)),
    )


def _with_opt_outs(case: Case) -> Case:
    """Return the case with each refusal of a channel as the hold that it is."""
    said = sorted(_names(case.opt_outs))
    there = {(hold.code, hold.channel) for hold in case.holds}
    more = [
        Hold("CEASE_ALL", case.day)
        if name == _ALL
        else Hold("CEASE_CHANNEL", case.day, channel=name)
        for name in said
    ]
    new = tuple(hold for hold in more if (hold.code, hold.channel) not in there)
    return replace(case, holds=(*case.holds, *new)) if new else case


def _names(channels: Iterable[str]) -> set[str]:
    return {channel_name(channel) for channel in channels}


def _once(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(reasons))


def _escalation(case: Case, target: Target) -> Ruling:
    """Ask the pack's list for all claims: what leaves the house leaves as a whole."""
    owing = _owing(case)
    if not owing:
        return Ruling(target.step, False, todo=(_NOTHING_OWED,))
    return gate(case, owing, target)


def _owing(case: Case) -> tuple[Claim, ...]:
    """Return the claims of which something is open; paid ones only explain the sum of a letter."""
    return tuple(
        claim
        for claim in case.claims
        if claim.principal > sum((amount for _day, amount in claim.paid), Decimal(0))
    )


_RULES: dict[str, Callable[[Case], Ruling]] = {
    **{step: partial(_held, step=step) for step in PRESSURE},
    DEMAND: _demand,
    COSTS: lambda case: _charge(case, COSTS, costs_now),
    INTEREST: lambda case: _charge(case, INTEREST, interest_now),
    EXPLORE: _explore,
    HAND_OVER: lambda case: _escalation(case, Target.AGENCY),
    COURT: lambda case: _escalation(case, Target.COURT),
}
