"""The kinds of value a policy file holds: each reads one value or says what is allowed instead.

A kind is the metadata of a dataclass field, so that a key is declared once, with its default.
"""

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MOST_AMOUNT = Decimal(10**12)

Reader = Callable[[Any], Any]
Writer = Callable[[Any], str]
# `read` takes what TOML gives, `write` gives the TOML of a value that was read; `type` names the
# kind for forms, `least` and `most` bound numbers; `unit` and `meaning` say what a key is about.
Kind = Mapping[str, Any]


class UnfitError(Exception):
    """A value cannot be used; the text says what is allowed."""


def reader_of(kind: Mapping[Any, Any]) -> Reader:
    """Return the function that reads a value of this kind, or raises UnfitError."""
    reader: Reader = kind["read"]
    return reader


def writer_of(kind: Mapping[Any, Any]) -> Writer:
    """Return the function that writes a value of this kind as TOML."""
    writer: Writer = kind["write"]
    return writer


def key(kind: Kind, meaning: str, unit: str = "") -> Kind:
    """Return what a key of this kind is about, for people: one sentence, and the unit."""
    return {**kind, "meaning": meaning, "unit": unit}


def number(least: float, most: float) -> Kind:
    """Return the kind: a number within these bounds, kept as float."""

    def read(value: Any) -> float:
        if not _is_number(value) or not least <= value <= most:
            raise UnfitError(f"a number from {least:g} to {most:,.0f}")
        return float(value)

    return {"read": read, "write": plain, "type": "number", "least": least, "most": most}


def whole(least: int, most: int) -> Kind:
    """Return the kind: a whole number within these bounds."""

    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise UnfitError(f"a whole number from {least} to {most:,}")
        return value

    return {"read": read, "write": str, "type": "whole", "least": least, "most": most}


def code(length: int, what: str) -> Kind:
    """Return the kind: a code of so many capital letters."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(f"[A-Z]{{{length}}}", value):
            raise UnfitError(what)
        return value

    return {"read": read, "write": quoted, "type": "code"}


def one_of(*choices: str) -> Kind:
    """Return the kind: one of these words."""

    def read(value: Any) -> str:
        if value not in choices:
            raise UnfitError(" or ".join(f'"{choice}"' for choice in choices))
        return str(value)

    return {"read": read, "write": quoted, "type": "code"}


def plain(value: float | Decimal) -> str:
    """Write a number so that it is read back exactly."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def quoted(text: str) -> str:
    """Write a text as a TOML string."""
    # Escapes of JSON are escapes of TOML; DEL must be escaped there too.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


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


def _names(value: Any) -> tuple[str, ...]:
    return _tones(value) if value != [] else ()


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


def _write_flag(value: bool) -> str:
    return "true" if value else "false"


def _write_tones(value: tuple[str, ...]) -> str:
    return f"[{', '.join(quoted(tone) for tone in value)}]"


def _write_hours(value: tuple[int, int]) -> str:
    start, end = (f"{minutes // 60:02d}:{minutes % 60:02d}" for minutes in value)
    return quoted(f"{start}-{end}")


def _write_days(value: tuple[int, ...]) -> str:
    """Write weekdays as a range where they follow each other, else one by one."""
    if len(value) > 2 and list(value) == list(range(value[0], value[-1] + 1)):
        return quoted(f"{WEEKDAYS[value[0]]}-{WEEKDAYS[value[-1]]}")
    return quoted(",".join(WEEKDAYS[day] for day in value))


AMOUNT: Kind = {
    "read": _amount,
    "write": plain,
    "type": "amount",
    "least": 0,
    "most": MOST_AMOUNT,
}
FLAG: Kind = {"read": _flag, "write": _write_flag, "type": "flag"}
TONES: Kind = {"read": _tones, "write": _write_tones, "type": "texts"}
NAMES: Kind = {"read": _names, "write": _write_tones, "type": "texts"}
HOURS: Kind = {"read": _hours, "write": _write_hours, "type": "hours"}
DAYS: Kind = {"read": _days, "write": _write_days, "type": "weekdays"}
