"""The kinds of value a policy file holds: each reads one value or says what is allowed instead.

A kind is the metadata of a dataclass field, so that a key is declared once, with its default.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MOST_AMOUNT = Decimal(10**12)

Reader = Callable[[Any], Any]
Kind = Mapping[str, Reader]


class UnfitError(Exception):
    """A value cannot be used; the text says what is allowed."""


def reader_of(kind: Mapping[Any, Any]) -> Reader:
    """Return the function that reads a value of this kind, or raises UnfitError."""
    reader: Reader = kind["read"]
    return reader


def number(least: float, most: float) -> Kind:
    """Return the kind: a number within these bounds, kept as float."""

    def read(value: Any) -> float:
        if not _is_number(value) or not least <= value <= most:
            raise UnfitError(f"a number from {least:g} to {most:,.0f}")
        return float(value)

    return {"read": read}


def whole(least: int, most: int) -> Kind:
    """Return the kind: a whole number within these bounds."""

    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise UnfitError(f"a whole number from {least} to {most:,}")
        return value

    return {"read": read}


def code(length: int, what: str) -> Kind:
    """Return the kind: a code of so many capital letters."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(f"[A-Z]{{{length}}}", value):
            raise UnfitError(what)
        return value

    return {"read": read}


def _amount(value: Any) -> Decimal:
    if _is_number(value) and 0 <= value <= MOST_AMOUNT and round(Decimal(value), 4) == value:
        return Decimal(value)
    raise UnfitError(f"an amount from 0 to {MOST_AMOUNT:,} with at most four decimals")


def _is_number(value: Any) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite()
    return isinstance(value, int) and not isinstance(value, bool)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise UnfitError("true or false")
    return value


def _tones(value: Any) -> tuple[str, ...]:
    if isinstance(value, list) and value and all(isinstance(t, str) and t.strip() for t in value):
        tones = tuple(t.strip() for t in value)
        if len(set(tones)) == len(tones):
            return tones
    raise UnfitError('a list of different texts such as ["friendly", "firm"]')


def _hours(value: Any) -> tuple[int, int]:
    """Read "08:00-20:00" as minutes since midnight; at least one whole hour must fit."""
    form = r"(\d\d?):([0-5]\d)\s*-\s*(\d\d?):([0-5]\d)"
    if isinstance(value, str) and (found := re.fullmatch(form, value.strip())):
        hour, minute, last_hour, last_minute = (int(g) for g in found.groups())
        start, end = hour * 60 + minute, last_hour * 60 + last_minute
        if end <= 24 * 60 and -(-start // 60) < end // 60:
            return start, end
    raise UnfitError('two local times with at least a whole hour between, such as "08:00-20:00"')


def _days(value: Any) -> tuple[int, ...]:
    """Read "Mon-Fri" or "Mon,Wed,Sat-Sun" as weekdays, Monday 0; a range may pass Sunday."""
    known = {name.lower(): i for i, name in enumerate(WEEKDAYS)}
    found: set[int] = set()
    for part in value.split(",") if isinstance(value, str) else [""]:
        ends = [known.get(end.strip().lower()) for end in part.split("-")]
        first, last = ends[0], ends[-1]
        if len(ends) > 2 or first is None or last is None:
            raise UnfitError('weekdays such as "Mon-Fri" or "Mon,Wed,Fri"')
        found |= {(first + i) % 7 for i in range((last - first) % 7 + 1)}
    return tuple(sorted(found))


AMOUNT: Kind = {"read": _amount}
FLAG: Kind = {"read": _flag}
TONES: Kind = {"read": _tones}
HOURS: Kind = {"read": _hours}
DAYS: Kind = {"read": _days}
