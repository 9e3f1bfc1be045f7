"""Who may ask for money and how: registers, mandates, plain language, and whom one may speak to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.contact.scope import Scope, read_scope, weightiest_first
from tenor.engine.law.pack import Pack, Reason
from tenor.engine.law.ruling import Ruling
from tenor.engine.law.values import Values

NOT_IN_REGISTER = "NOT_IN_REGISTER"
NO_MANDATE = "NO_MANDATE"
EXEMPT = "EXEMPT_FROM_REGISTRATION_NOT_FROM_QUALITY_RULES"
TRANSITION = "TRANSITION"
OK = "OK"
LEVELS = ("A1", "A2", "B1", "B2", "C1", "C2")  # of the Common European Framework, easiest first


class Person(StrEnum):
    """Who would be spoken to about the debt."""

    DEBTOR = "debtor"
    REPRESENTATIVE = "representative"  # a lawyer, administrator or adviser acting for the debtor
    OTHER = "other"  # family, neighbours, employer, anybody else


@dataclass(frozen=True)
class Register:
    """Who collects must stand in a register; those `exempt` need not, but keep its other rules.

    `required` is false while a transition runs.
    """

    required: bool
    exempt: frozenset[Actor]
    scope: Scope


@dataclass(frozen=True)
class Mandate:
    """Who collects for others needs the creditor's mandate in writing."""

    scope: Scope


@dataclass(frozen=True)
class Language:
    """Texts are at most at `level`."""

    level: str
    scope: Scope


@dataclass(frozen=True)
class OnlyTheDebtor:
    """Nobody but the debtor, and who acts for the debtor, is approached about the debt."""

    code: str
    scope: Scope


@dataclass(frozen=True)
class Conduct:
    """A body of rules on how debts are collected, and whom it binds."""

    scope: Scope


@dataclass(frozen=True)
class Reporting:
    """A debt is told to a credit bureau only after the person was reached.

    Spoken to, or written to `days` ago and the message did not come back.
    """

    days: int
    scope: Scope


ActorRule = Register | Mandate | Language | OnlyTheDebtor | Conduct | Reporting


def read_actor_rule(values: Values) -> ActorRule:
    """Read the values of a provision of section `actors`, of the kind that it names."""
    return _READERS[values.choice("kind", list(_READERS))](values)


def _read_register(values: Values) -> Register:
    known = [str(actor) for actor in Actor]
    exempt = values.texts("exempt", ())
    if not set(exempt) <= set(known):
        raise values.wrong("exempt", f"is {list(exempt)}; there are {', '.join(known)}")
    required = values.flag("required", True)
    return Register(required, frozenset(map(Actor, exempt)), read_scope(values))


def _read_language(values: Values) -> Language:
    return Language(values.choice("level", LEVELS), read_scope(values))


def _read_only_the_debtor(values: Values) -> OnlyTheDebtor:
    return OnlyTheDebtor(values.text("code"), read_scope(values))


_READERS: Mapping[str, Callable[[Values], ActorRule]] = {
    "register": _read_register,
    "mandate": lambda values: Mandate(read_scope(values)),
    "language": _read_language,
    "only_the_debtor": _read_only_the_debtor,
    "conduct": lambda values: Conduct(read_scope(values)),
    "reporting": lambda values: Reporting(values.whole("days"), read_scope(values)),
}


def may_collect(
    pack: Pack,
    day: date,
    *,
    actor: Actor,
    debtor: Debtor | None,
    registered: bool | None = None,
    mandate: bool | None = None,
) -> Ruling:
    """Rule whether `actor` may ask for the money at all on `day`.

    `registered` and `mandate` as in `Case`; where they are not said they are not taken for granted.
    Step `collect`; codes NOT_IN_REGISTER, NO_MANDATE, or where it is allowed the register's
    EXEMPT_FROM_REGISTRATION_NOT_FROM_QUALITY_RULES, TRANSITION, OK.
    """
    refused: list[Reason] = []
    supports: list[Reason] = []
    todo = []
    for provision, rule in pack.in_force("actors", day):
        if not isinstance(rule, Register | Mandate) or not rule.scope.speaks_of(actor, debtor):
            continue
        if isinstance(rule, Mandate):
            if not mandate:
                refused.append(provision.because(day, NO_MANDATE))
                todo.append("Obtain the creditor's mandate in writing.")
        elif actor in rule.exempt:
            supports.append(provision.because(day, EXEMPT))
        elif not registered and rule.required:
            refused.append(provision.because(day, NOT_IN_REGISTER))
            todo.append("Have the collector entered in the register.")
        else:
            supports.append(provision.because(day, OK if registered else TRANSITION))
    reasons = weightiest_first(refused or supports)
    return Ruling("collect", not refused, reasons, todo=tuple(todo))


def may_approach(
    pack: Pack, day: date, *, person: Person, actor: Actor, debtor: Debtor | None
) -> Ruling:
    """Rule whether a person may be spoken to about the debt; step `approach`, the pack's codes."""
    if person is not Person.OTHER:
        return Ruling("approach", True)
    refused = [
        provision.because(day, rule.code)
        for provision, rule in pack.in_force("actors", day)
        if isinstance(rule, OnlyTheDebtor) and rule.scope.speaks_of(actor, debtor)
    ]
    return Ruling("approach", not refused, weightiest_first(refused))


def required_level(pack: Pack, day: date, *, actor: Actor, debtor: Debtor | None) -> str | None:
    """Return the hardest language level (CEFR) that texts may have; None where none is set."""
    found = [
        rule.level
        for _provision, rule in pack.in_force("actors", day)
        if isinstance(rule, Language) and rule.scope.speaks_of(actor, debtor)
    ]
    return min(found, key=_rank, default=None)


def readable(pack: Pack, day: date, *, level: str, actor: Actor, debtor: Debtor | None) -> Ruling:
    """Rule whether a text of a CEFR level is plain enough; step `message`, code TOO_DIFFICULT.

    Raises `ValueError` on a level that there is not.
    """
    refused = [
        provision.because(day, "TOO_DIFFICULT")
        for provision, rule in pack.in_force("actors", day)
        if isinstance(rule, Language)
        and rule.scope.speaks_of(actor, debtor)
        and _rank(level) > _rank(rule.level)
    ]
    return Ruling("message", not refused, weightiest_first(refused))


def may_report(
    pack: Pack,
    day: date,
    *,
    actor: Actor,
    debtor: Debtor | None,
    spoken: bool = False,
    written_on: date | None = None,
    returned: bool = False,
) -> Ruling:
    """Rule whether a debt may be told to a credit bureau on `day`.

    `spoken`: the person was spoken to about it; `written_on`: the day of the latest message about
    it (None: none), `returned` where it came back. Step `report`, code NOT_REACHED; `changes_at`
    is not given: the bureau works in days. Where no law speaks of it, it is not refused here.
    """
    refused = []
    for provision, rule in pack.in_force("actors", day):
        if not isinstance(rule, Reporting) or not rule.scope.speaks_of(actor, debtor):
            continue
        waited = written_on is not None and not returned and (day - written_on).days >= rule.days
        if not spoken and not waited:
            refused.append(provision.because(day, "NOT_REACHED"))
    return Ruling("report", not refused, weightiest_first(refused))


def bound_by(pack: Pack, day: date, *, actor: Actor, debtor: Debtor | None) -> tuple[Reason, ...]:
    """Return the bodies of conduct rules that bind `actor` towards `debtor` on `day`."""
    return weightiest_first(
        provision.because(day, OK)
        for provision, rule in pack.in_force("actors", day)
        if isinstance(rule, Conduct) and rule.scope.speaks_of(actor, debtor)
    )


def _rank(level: str) -> int:
    if level not in LEVELS:
        raise ValueError(f"{level!r} is no language level; there are {', '.join(LEVELS)}")
    return LEVELS.index(level)
