"""Take the values of a worked case: exact amounts, dates."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

Input = Mapping[str, Any]
Result = dict[str, Any]


class NotCovered(Exception):
    """The engine has the rule of a worked case, but not for what this input asks about."""


def money(value: object) -> Decimal:
    """Return an exact number; raises `TypeError` on a flag, a list or a binary float."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise TypeError(f"{value!r} is no amount")
    return Decimal(value)


def day(value: object) -> date:
    """Return an ISO date; raises `ValueError` or `TypeError` on anything else."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no date")
    return date.fromisoformat(value)
