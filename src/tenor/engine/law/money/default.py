"""When a debtor is in default: on the day after which interest runs and costs can be asked.

A pack says in section `default` what brings it about: a date in the calendar, time since the
invoice, a reminder.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from tenor.engine.law.case import Debtor
from tenor.engine.law.days import ONE_DAY, SUNDAY, is_holiday
from tenor.engine.law.pack import Pack, Provision, Reason
from tenor.engine.law.values import Values

SECTION = "default"
_SATURDAY = 5
_BY = ("due_date", "invoice", "reminder")


@dataclass(frozen=True)
class DefaultRule:
    """One way into default.

    `by` is what counts: `due_date` (a date in the calendar), `invoice` (so many `days` after the
    later of receipt of invoice and goods) or `reminder` (so many `days` after its receipt).
    `debtors` are whom it is about; empty: everybody. `told`: only where the invoice says so.
    `rolls`: a last day that is a Saturday, a Sunday or a holiday moves to the next working day.
    `basis` is the place in the law.
    """

    by: str
    days: int
    debtors: frozenset[Debtor]
    told: bool
    rolls: bool
    basis: str


@dataclass(frozen=True)
class Facts:
    """What default depends on; None: it did not happen, or is not known.

    `told` says whether the invoice told a consumer what follows from not paying in time.
    `reminded_on` is the day on which a reminder sent after the claim was due was received.
    """

    due_on: date | None = None
    invoice_on: date | None = None
    goods_on: date | None = None
    reminded_on: date | None = None
    told: bool = False


@dataclass(frozen=True)
class Default:
    """When default begins: `begins` is the first day that bears interest (None: not in default).

    `todo` says in words what would bring it about.
    """

    begins: date | None
    basis: str = ""
    reason: Reason | None = None
    todo: tuple[str, ...] = ()


def read_default(values: Values) -> DefaultRule:
    """Read the values of a provision of section `default`."""
    return DefaultRule(
        by=values.choice("by", _BY),
        days=values.whole("days", 0),
        debtors=read_debtors(values),
        told=values.flag("invoice_must_say_so", False),
        rolls=values.flag("rolls", False),
        basis=values.text("basis", ""),
    )


def read_debtors(values: Values) -> frozenset[Debtor]:
    """Take `debtors`: whom a provision is about; empty: everybody."""
    names = values.texts("debtors", ())
    for name in names:
        if name not in list(Debtor):
            raise values.wrong("debtors", f"has {name!r}; they are {', '.join(Debtor)}")
    return frozenset(Debtor(name) for name in names)


def default_begins(pack: Pack, day: date, facts: Facts, *, debtor: Debtor | None) -> Default:
    """Return when the debtor of one claim comes into default, by the law in force on `day`.

    The earliest way in counts. An unknown debtor counts as a consumer. The result may lie in the
    future. Where nothing brings it about, `begins` is None, `reason` (`NOT_IN_DEFAULT`) cites a
    rule that could and `todo` names what is missing.
    """
    who = debtor or Debtor.CONSUMER
    found: list[Default] = []
    todo: list[str] = []
    why: Reason | None = None
    for provision, rule in pack.in_force(SECTION, day):
        if rule.debtors and who not in rule.debtors:
            continue
        last = _last_day(rule, facts)
        if last is None:
            todo.append(_missing(rule, facts))
            why = why or provision.because(day, "NOT_IN_DEFAULT")
            continue
        if rule.rolls:
            last = _next(last, lambda d: _is_working_day(pack, d))
        found.append(_default(provision, rule, day, last + ONE_DAY))
    if found:
        return min(found, key=lambda one: one.begins or date.max)
    return Default(None, reason=why, todo=tuple(dict.fromkeys(words for words in todo if words)))


def _default(provision: Provision, rule: DefaultRule, day: date, begins: date) -> Default:
    reason = provision.because(day, "IN_DEFAULT", f"{provision.text} Default begins on {begins}.")
    return Default(begins, rule.basis, reason)


def _last_day(rule: DefaultRule, facts: Facts) -> date | None:
    """Return the last day on which payment is in time; None where the rule does not apply."""
    if rule.by == "due_date":
        return facts.due_on
    if rule.by == "reminder":
        reminded = facts.reminded_on
        return None if reminded is None else reminded + timedelta(days=rule.days)
    if facts.due_on is not None or facts.invoice_on is None or (rule.told and not facts.told):
        return None
    start = max(day for day in (facts.invoice_on, facts.goods_on) if day is not None)
    return start + timedelta(days=rule.days)


def _missing(rule: DefaultRule, facts: Facts) -> str:
    if rule.by == "reminder":
        return "Send a reminder and keep evidence of when it was received."
    if rule.by == "invoice" and facts.due_on is None and facts.invoice_on is None:
        return "Record when the invoice was received."
    return ""


def _is_working_day(pack: Pack, day: date) -> bool:
    return day.weekday() not in (_SATURDAY, SUNDAY) and not is_holiday(pack, day)


def _next(day: date, counts: Callable[[date], bool]) -> date:
    while not counts(day):
        day += ONE_DAY
    return day
