"""Which letter must come before which step: the rules of section `notices`, as the packs have them.

Whether a letter is one that counts is in `letters`, when its term ends and what it allows in
`notices`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.contact.scope import Scope, read_scope
from tenor.engine.law.letters.contents import Content, read_patterns
from tenor.engine.law.letters.receipt import read_weekdays
from tenor.engine.law.pack import Binding, Pack, Provision
from tenor.engine.law.values import Values

SECTION = "notices"
# The provision on last days that fall on a weekend or a holiday.
LAST_DAY = "last_day"
STEPS = ("demand", "charge.costs", "charge.interest", "hand_over", "court")


class Runs(StrEnum):
    """From when a term is counted."""

    AFTER_RECEIPT = "after_receipt"  # its first day is the one after receipt
    ON_PRESUMED = "on_presumed"  # its first day is the one presumed by the channel
    AFTER_SENDING = "after_sending"  # its first day is the one after sending


@dataclass(frozen=True)
class NoticeRule:
    """A letter that must come before some steps, and how long these wait for it.

    `before` are the steps, `scope` who must send it to whom, `days` the length of the term.
    `after_default`: it counts only if sent after the claim was due. `essential` are contents
    without which it is void, `exact_fee`: so is one whose fee is not the law's. `serves_as` names
    other letters in whose place it counts. `with_contact_days`: it goes out with the first contact
    or so many days after. `unless_in_default`: not needed where default came without it.
    `small_from_sending`: a small creditor's interest runs from the day after sending. `term_right`
    and `term_wrong` are patterns of wordings of the term.
    """

    before: frozenset[str]
    scope: Scope
    days: int
    runs: Runs
    after_default: bool
    essential: tuple[Content, ...]
    exact_fee: bool
    serves_as: tuple[str, ...]
    with_contact_days: int | None
    unless_in_default: bool
    small_from_sending: bool
    term_right: tuple[re.Pattern[str], ...]
    term_wrong: tuple[re.Pattern[str], ...]


@dataclass(frozen=True)
class LastDay:
    """Days on which no term ends: it ends on the next other day (weekdays, Monday is 0)."""

    not_on: frozenset[int]
    not_on_holidays: bool


def read_notices(values: Values) -> NoticeRule | LastDay:
    """Read the values of a provision of section `notices`."""
    if "ends_not_on" in values:
        weekdays = read_weekdays(values, "ends_not_on")
        return LastDay(weekdays, values.flag("not_on_holidays", False))
    before, essential = values.texts("before"), values.texts("essential", ())
    for name, found, known in (("before", before, STEPS), ("essential", essential, list(Content))):
        unknown = [word for word in found if word not in known]
        if unknown:
            raise values.wrong(name, f"has {unknown[0]!r}; there are {', '.join(known)}")
    return NoticeRule(
        before=frozenset(before),
        scope=read_scope(values),
        days=values.whole("days"),
        runs=Runs(values.choice("runs", list(Runs), Runs.AFTER_RECEIPT)),
        after_default=values.flag("after_default", False),
        essential=tuple(map(Content, essential)),
        exact_fee=values.flag("exact_fee", False),
        serves_as=values.texts("serves_as", ()),
        with_contact_days=values.whole("with_contact_days", None),
        unless_in_default=values.flag("unless_in_default", False),
        small_from_sending=values.flag("small_from_sending", False),
        term_right=read_patterns(values, "term_right"),
        term_wrong=read_patterns(values, "term_wrong"),
    )


def rule_of(pack: Pack, kind: str, day: date) -> tuple[Provision, NoticeRule] | None:
    """Return what the pack says of a kind of letter on `day`; None where it says nothing."""
    provision, rule = pack.find(SECTION, kind), pack.says(SECTION, kind, day)
    if provision is None or not isinstance(rule, NoticeRule):
        return None
    return provision, rule


def rules_before(
    pack: Pack, day: date, step: str, *, actor: Actor, debtor: Debtor | None
) -> Iterator[tuple[Provision, NoticeRule]]:
    """Go through the letters that must come before a step, what the law wants before defaults."""
    found = [
        (provision, rule)
        for provision, rule in pack.in_force(SECTION, day)
        if isinstance(rule, NoticeRule)
        and step in rule.before
        and rule.scope.speaks_of(actor, debtor)
    ]
    yield from sorted(found, key=lambda pair: _is_policy(pair[0], day))


def last_day_rule(pack: Pack, day: date) -> tuple[LastDay, Binding] | None:
    """Return on which days no term ends, and whether the law or only our default says so."""
    provision, rule = pack.find(SECTION, LAST_DAY), pack.says(SECTION, LAST_DAY, day)
    row = provision.on(day) if provision is not None else None
    return (rule, row.binding) if isinstance(rule, LastDay) and row is not None else None


def _is_policy(provision: Provision, day: date) -> bool:
    row = provision.on(day)
    return row is not None and row.binding is Binding.POLICY
