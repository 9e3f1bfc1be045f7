"""In which direction each value of a section is stricter: the table behind `stricter`.

A value that stands in no row here cannot be weighed by comparing: a change of it is unclear.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import Any


class Kind(StrEnum):
    """What a change does."""

    STRICTER = "stricter"
    LOOSER = "looser"
    NEW = "new"  # a rule where there was none, in a section whose rules may also permit
    UNCLEAR = "unclear"  # cannot be told by comparing values
    SAME = "same"  # other words, source or weight; the values are equal


# How one value of a rule is compared: what it was, what it becomes.
Direction = Callable[[Any, Any], Kind]


def less(old: Any, new: Any) -> Kind:
    """Less is stricter; None is no bound at all."""
    if old is None or new is None:
        return Kind.STRICTER if old is None else Kind.LOOSER
    return Kind.STRICTER if new < old else Kind.LOOSER


def less_or_none(old: Any, new: Any) -> Kind:
    """Less is stricter; None is nothing."""
    return Kind.STRICTER if (new or 0) < (old or 0) else Kind.LOOSER


def more(old: Any, new: Any) -> Kind:
    """More is stricter; None is nothing."""
    if old is None or new is None:
        return Kind.STRICTER if old is None else Kind.LOOSER
    return Kind.STRICTER if new > old else Kind.LOOSER


def longer(old: Any, new: Any) -> Kind:
    """A longer time is stricter; None is without end."""
    if old is None or new is None:
        return Kind.STRICTER if new is None else Kind.LOOSER
    return more(old, new)


def fewer(old: Any, new: Any) -> Kind:
    """A part of what was there is stricter."""
    return _of_sets(set(new), set(old))


def further(old: Any, new: Any) -> Kind:
    """All that was there, and more, is stricter."""
    return _of_sets(set(old), set(new))


def further_or_all(old: Any, new: Any) -> Kind:
    """All that was there, and more, is stricter; nothing named means all."""
    if not old or not new:
        return Kind.STRICTER if not new else Kind.LOOSER
    return further(old, new)


def fewer_or_all(old: Any, new: Any) -> Kind:
    """A part of what was there is stricter; nothing named means all."""
    if not old or not new:
        return Kind.STRICTER if not old else Kind.LOOSER
    return fewer(old, new)


def words_only(old: Any, new: Any) -> Kind:
    """Words for people: nothing is done differently."""
    return Kind.SAME


def along(order: Sequence[str], old: Any, new: Any) -> Kind:
    """Strictest first; what is not in the order cannot be told."""
    if old not in order or new not in order:
        return Kind.UNCLEAR
    return Kind.STRICTER if order.index(new) < order.index(old) else Kind.LOOSER


def _of_sets(inner: set[Any], outer: set[Any]) -> Kind:
    if inner <= outer:
        return Kind.STRICTER
    return Kind.LOOSER if outer < inner else Kind.UNCLEAR


_SCOPE: Mapping[str, Direction] = {
    "scope.channels": further_or_all,
    "scope.but_not": fewer,
    "scope.actors": further_or_all,
    "scope.debtors": further_or_all,
}

FIELDS: Mapping[str, Mapping[str, Direction]] = {
    "windows": {"opens": more, "closes": less, "weekdays": fewer, "on_holidays": less, **_SCOPE},
    "holidays": {"every_year": further, "dates": further, "good_friday": more},
    "caps": {"most": less, "days": more, "hours": more, "consent_days": less, **_SCOPE},
    "channels": {
        "never": more, "needs": further, "code": words_only, "surfaces": further, "words": further,
        "business_days": less, "ends_all": more, "most": less, "minutes": less, "marketing": less,
        **_SCOPE,
    },
    "replies": {"stop": further, "phrases": further, "doubt": further, "start": fewer},
    "actors": {
        "required": more, "exempt": fewer, "code": words_only, "days": more,
        "level": partial(along, ("A1", "A2", "B1", "B2", "C1", "C2")), **_SCOPE,
    },
    "receipt": {"days": more, "not_on": further, "not_on_holidays": more},
    "notices": {
        "before": further, "days": more, "after_default": more, "essential": further,
        "exact_fee": more, "serves_as": fewer, "with_contact_days": less,
        "unless_in_default": less, "term_right": fewer, "term_wrong": further,
        "not_on": further, "not_on_holidays": more, **_SCOPE,
    },
    "contents": {"messages": further_or_all, "needs": further, **_SCOPE},
    "holds": {
        "stops": further, "covers": partial(along, ("case", "claim", "part")),
        "ends": words_only, "route": words_only, "lift": fewer, "offer": further, "days": longer,
        "counts_start": less, "extension_days": more, "grace_days": more, "pauses_terms": more,
        "again_after_months": less_or_none, "also": further, "signs": further,
    },
    "escalation": {"targets": further_or_all, "least": more, "days": more, **_SCOPE},
    "default": {
        "days": more, "told": more, "rolls": more, "debtors": fewer_or_all, "basis": words_only,
    },
    "costs": {
        "least": less, "most": less, "clause": more, "adds_up": more, "beyond": less,
        "vat_percent": less_or_none, "next_most": less, "months": more, "upto": more,
        "one_letter_highest": more, "free": more, "amount": less, "postage": less,
    },
    "interest": {"percent": less, "points": less, "compounds": less, "none_due": more},
    "limitation": {
        "years": less, "from_year_end": less, "restart_most": less, "extinguished": more,
    },
    "rights": {
        "months": less, "extra_months": less, "safeguards": further,
        "stop": partial(along, ("immediately", "until_weighed", "not")),
        "grounds": fewer_or_all, "special_grounds": fewer_or_all,
    },
    "tracking": {
        "means": further, "needs_consent": more, "exempt": fewer, "exempt_if_coarse": fewer,
        "collected_before": less, "informed_by": less,
    },
    "fairness": {"least": more, "most": less, "watch": less},
}  # fmt: skip
