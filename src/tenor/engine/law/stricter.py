"""Whether a changed provision asks more than the one it replaces, or less: value by value.

Stricter means: whoever obeys the new rule obeys the old one too. What no comparison below can tell
is `unclear`, and treated like a loosening: a person who knows the law signs for it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from tenor.engine.law.pack import InForce, Pack, Provision
from tenor.engine.law.said import say

_ONE_DAY = timedelta(days=1)


class Kind(StrEnum):
    """What a change does."""

    STRICTER = "stricter"
    LOOSER = "looser"
    NEW = "new"  # a rule where there was none, in a section whose rules may also permit
    UNCLEAR = "unclear"  # cannot be told by comparing values
    SAME = "same"  # other words, source or weight; the values are equal


# Of several differences the worst decides.
_WORST_FIRST = (Kind.LOOSER, Kind.UNCLEAR, Kind.NEW, Kind.STRICTER, Kind.SAME)
# Each further rule here forbids, delays or asks for something; none permits anything.
_ONLY_FORBIDDING = frozenset({"holidays", "windows", "caps", "channels", "holds", "contents"})


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
        kind = Kind.STRICTER if after.section in _ONLY_FORBIDDING else Kind.NEW
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
        kind = Kind.STRICTER if section in _ONLY_FORBIDDING else Kind.NEW
        yield (kind if old is None else Kind.UNCLEAR), "says something where the pack does not"
    else:
        yield from _COMPARERS.get(section, partial(_by_field, {}))(says, now)


# Directions -------------------------------------------------------------------------------

# How one value of a rule is compared: what it was, what it becomes.
Direction = Callable[[Any, Any], Kind]


def less(old: Any, new: Any) -> Kind:
    """Less is stricter; None is no bound at all."""
    if old is None or new is None:
        return Kind.STRICTER if old is None else Kind.LOOSER
    return Kind.STRICTER if new < old else Kind.LOOSER


def more(old: Any, new: Any) -> Kind:
    """More is stricter; None is nothing."""
    if old is None or new is None:
        return Kind.STRICTER if old is None else Kind.LOOSER
    return Kind.STRICTER if new > old else Kind.LOOSER


def fewer(old: Any, new: Any) -> Kind:
    """A part of what was there is stricter."""
    return _of_sets(set(new), set(old))


def further(old: Any, new: Any) -> Kind:
    """All that was there, and more, is stricter."""
    return _of_sets(set(old), set(new))


def _of_sets(inner: set[Any], outer: set[Any]) -> Kind:
    if inner <= outer:
        return Kind.STRICTER
    return Kind.LOOSER if outer < inner else Kind.UNCLEAR


def _further_or_all(old: Any, new: Any) -> Kind:
    """More of them is stricter, and the empty set means all."""
    if not new:
        return Kind.STRICTER
    return Kind.LOOSER if not old else further(old, new)


# Sections ---------------------------------------------------------------------------------

_SCOPE: Mapping[str, Direction] = {
    "channels": _further_or_all,
    "but_not": fewer,
    "actors": _further_or_all,
    "debtors": _further_or_all,
}
_FIELDS: Mapping[str, Mapping[str, Direction]] = {
    "holidays": {"every_year": further, "dates": further, "good_friday": more},
    "windows": {
        "opens": more,
        "closes": less,
        "weekdays": fewer,
        "on_holidays": less,
        **{f"scope.{name}": direction for name, direction in _SCOPE.items()},
    },
    "caps": {
        "most": less,
        "days": more,
        "hours": more,
        **{f"scope.{name}": direction for name, direction in _SCOPE.items()},
    },
    "tracking": {"means": further, "needs_consent": more, "exempt": fewer,
                 "exempt_if_coarse": fewer, "collected_before": less, "informed_by": less},
}  # fmt: skip


def _by_field(
    directions: Mapping[str, Direction], old: Any, new: Any
) -> Iterator[tuple[Kind, str]]:
    """Compare field by field; a difference in a field without a direction is unclear."""
    for name, was, becomes in _differing(old, new):
        direction = directions.get(name)
        kind = Kind.UNCLEAR if direction is None else direction(was, becomes)
        called = name.rpartition(".")[2].replace("_", " ")
        yield kind, f"{called}: {say(was)} becomes {say(becomes)}"


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


_COMPARERS: Mapping[str, Callable[[Any, Any], Iterator[tuple[Kind, str]]]] = {
    section: partial(_by_field, directions) for section, directions in _FIELDS.items()
}
