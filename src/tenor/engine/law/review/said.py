"""The values of a pack in plain words: amounts without needless zeros, days, hours, lists."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any

NOTHING = "–"


def say(value: Any) -> str:
    """Return one value as people write it.

    Example
    -------
    >>> say(Decimal("12.50")), say([1, 2]), say({"up_to": 2500, "percent": 15})
    ('12.50', '1, 2', 'up to 2500, percent 15')
    """
    if value is None or value in ("", (), [], {}, frozenset()):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return ", ".join(f"{name_of(key)} {say(one)}" for key, one in value.items())
    if isinstance(value, set | frozenset):
        return ", ".join(sorted(map(say, value)))
    if isinstance(value, list | tuple):
        parts = [say(one) for one in value]
        return ("; " if any(isinstance(v, Mapping) for v in value) else ", ").join(parts)
    if is_dataclass(value):
        return say({one.name: getattr(value, one.name) for one in fields(value)})
    return str(value)


def name_of(key: str) -> str:
    """Return the name of a value as it is read: `up_to` is "up to"."""
    return str(key).replace("_", " ")
