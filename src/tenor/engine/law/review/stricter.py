"""Whether a changed provision asks more than the one it replaces, or less: value by value.

Stricter means: whoever obeys the new rule obeys the old one too. What no comparison below can tell
is `unclear`, and treated like a loosening: a person who knows the law signs for it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, timedelta
from typing import Any

from tenor.engine.law.contact.caps import Cap
from tenor.engine.law.contact.channels import Use
from tenor.engine.law.contact.windows import Window
from tenor.engine.law.days import Holidays
from tenor.engine.law.escalation import EscalationRule
from tenor.engine.law.letters.contents import ContentRule
from tenor.engine.law.money.cost_rules import CostRule
from tenor.engine.law.money.rates import RateRule
from tenor.engine.law.pack import InForce, Pack, Provision
from tenor.engine.law.review.cheaper import never_dearer
from tenor.engine.law.review.directions import FIELDS, Direction, Kind, less
from tenor.engine.law.review.said import name_of, say
from tenor.engine.law.rights.retention import Retention

_ONE_DAY = timedelta(days=1)


# Of several differences the worst decides.
_WORST_FIRST = (Kind.LOOSER, Kind.UNCLEAR, Kind.NEW, Kind.STRICTER, Kind.SAME)
# Each further rule here forbids or asks for something; none permits anything, none stands in
# another's place.
_ONLY_FORBIDDING: tuple[type, ...] = (Holidays, Window, Cap, Use, ContentRule, EscalationRule)
# Where this is set, nothing is due or allowed at all, whatever else the rule said.
_SWITCHES: Mapping[type, str] = {RateRule: "none_due", Use: "never"}


@dataclass(frozen=True)
class Change:
    """One provision that an extension replaces or adds.

    `provision` is the one that holds then, `before` the one it replaces (None: there was none),
    `since` the first day on which they differ, `words` what differs, in the words of the pack.
    """

    provision: Provision
    before: Provision | None
    kind: Kind
    since: date
    words: str

    @property
    def needs_sign_off(self) -> bool:
        """Say whether a person who answers for the law has to sign for it."""
        return self.kind not in (Kind.STRICTER, Kind.SAME)


def compare(base: Pack, extended: Pack) -> list[Change]:
    """Return what differs between a pack and the same one with an extension laid over it.

    In order of section and name. A provision with equal values is `same`.
    """
    keys = sorted({*base.provisions, *extended.provisions})
    pairs = [(base.find(*key), extended.find(*key)) for key in keys]
    return [_change(old, new) for old, new in pairs if new is not None and new is not old]


def is_stricter(before: Provision | None, after: Provision) -> bool:
    """Say whether whoever obeys `after` obeys `before` too, and more is asked."""
    return _change(before, after).kind is Kind.STRICTER


def _change(before: Provision | None, after: Provision) -> Change:
    if before is None:
        forbids = all(isinstance(row.says, _ONLY_FORBIDDING) for row in after.rows)
        kind = Kind.STRICTER if forbids else Kind.NEW
        return Change(after, None, kind, after.rows[0].first, "a further rule")
    found = [
        (day, kind, words)
        for day, old, new in _spans(before, after)
        for kind, words in _differences(after.section, old, new)
    ]
    if not found:
        return Change(after, before, Kind.SAME, after.rows[0].first, "the same values")
    worst = next(kind for kind in _WORST_FIRST if any(k is kind for _d, k, _w in found))
    words = dict.fromkeys(words for _day, kind, words in found if kind is worst)
    return Change(after, before, worst, min(day for day, _k, _w in found), "; ".join(words))


def _spans(
    before: Provision, after: Provision
) -> Iterator[tuple[date, InForce | None, InForce | None]]:
    """Go through the spans of time in which neither changes."""
    rows = (*before.rows, *after.rows)
    ends = {row.last + _ONE_DAY for row in rows if row.last is not None}
    for day in sorted({row.first for row in rows} | ends):
        yield day, before.on(day), after.on(day)


def _differences(
    section: str, old: InForce | None, new: InForce | None
) -> Iterator[tuple[Kind, str]]:
    says, now = (row.says if row is not None else None for row in (old, new))
    if says == now:
        return
    if now is None:
        yield Kind.LOOSER, "says nothing where the pack says something"
    elif says is None:
        kind = Kind.STRICTER if isinstance(now, _ONLY_FORBIDDING) else Kind.NEW
        yield (kind if old is None else Kind.UNCLEAR), "says something where the pack does not"
    else:
        yield from _compared(section, says, now)


# Sections ---------------------------------------------------------------------------------


def _compared(section: str, old: Any, new: Any) -> Iterator[tuple[Kind, str]]:
    """Compare two values of a section field by field; a field without a direction is unclear."""
    if isinstance(old, CostRule) and isinstance(new, CostRule):
        yield from _costs(old, new)
        return
    switch = _SWITCHES.get(type(new)) if type(old) is type(new) else None
    if switch is not None and getattr(new, switch):
        yield Kind.STRICTER, _words(switch, getattr(old, switch), True)
        return
    if isinstance(old, Retention) and isinstance(new, Retention):
        # A duty to keep and a limit on keeping pull in opposite directions.
        limits = not (old.duty or new.duty)
        yield from _by_field({"months": less, "claim_shields": less} if limits else {}, old, new)
        return
    yield from _by_field(FIELDS.get(section, {}), old, new)


def _costs(old: CostRule, new: CostRule) -> Iterator[tuple[Kind, str]]:
    """Compare what is charged for every claim, and then the conditions of charging it."""
    amounts = ("scale", "least", "most")
    if any(getattr(old, name) != getattr(new, name) for name in amounts):
        kind = never_dearer(old, new)
        said = [w for name, w in _said(old, new) if name.partition(".")[0] in amounts]
        yield kind, "; ".join(said)
    same_amounts = replace(new, scale=old.scale, least=old.least, most=old.most)
    yield from _by_field(FIELDS["costs"], old, same_amounts)


def _by_field(
    directions: Mapping[str, Direction], old: Any, new: Any
) -> Iterator[tuple[Kind, str]]:
    for name, was, becomes in _differing(old, new):
        direction = directions.get(name)
        kind = Kind.UNCLEAR if direction is None else direction(was, becomes)
        yield kind, _words(name, was, becomes)


def _said(old: Any, new: Any) -> Iterator[tuple[str, str]]:
    for name, was, becomes in _differing(old, new):
        yield name, _words(name, was, becomes)


def _words(name: str, was: Any, becomes: Any) -> str:
    return f"{name_of(name.rpartition('.')[2])}: {say(was)} becomes {say(becomes)}"


def _differing(old: Any, new: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    if type(old) is not type(new) or not is_dataclass(old):
        yield place or "value", old, new
        return
    for one in fields(old):
        was, becomes = getattr(old, one.name), getattr(new, one.name)
        if was == becomes:
            continue
        name = f"{place}.{one.name}".lstrip(".")
        if is_dataclass(was) and type(was) is type(becomes):
            yield from _differing(was, becomes, name)
        else:
            yield name, was, becomes
