"""The values of the API: keys, exact amounts as strings, days, instants; each with its bounds."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from ninja import Schema
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

# Neither space around a key nor a control character in it; PostgreSQL holds no NUL in a text.
_KEY = r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$"
_TEXT = r"^[^\x00]*$"
_AMOUNT = r"^-?[0-9]{1,12}(\.[0-9]{1,4})?$"
# Days outside these are mistakes, and the last ones fit no zone.
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


class Shown(Schema):
    """What a program is shown: made of our own rows, so that nothing is checked twice."""


Key = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=_KEY),
    Field(description="The key under which your own system knows it.", examples=["F-2026-0012"]),
]
Currency = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]{3}$"),
    Field(description="ISO 4217 code.", examples=["EUR"]),
]
Text40 = Annotated[str, StringConstraints(max_length=40, pattern=_TEXT)]
Text60 = Annotated[str, StringConstraints(max_length=60, pattern=_TEXT)]
Text100 = Annotated[str, StringConstraints(max_length=100, pattern=_TEXT)]
Text200 = Annotated[str, StringConstraints(max_length=200, pattern=_TEXT)]
Text300 = Annotated[str, StringConstraints(max_length=300, pattern=_TEXT)]
Text500 = Annotated[str, StringConstraints(max_length=500, pattern=_TEXT)]
Text5000 = Annotated[str, StringConstraints(max_length=5000, pattern=_TEXT)]
Needed40 = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=_TEXT)]
Needed300 = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=_TEXT)]
Needed500 = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=_TEXT)]
Number = Annotated[int, Field(ge=1, le=2**63 - 1)]


def _text_only(value: Any) -> Any:
    # A number would be read as seconds since 1970.
    if not isinstance(value, str):
        raise ValueError("write it as a string")
    return value


def _exact(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(_AMOUNT, value, re.ASCII):
        raise ValueError('write an amount as a string with at most four decimals, as in "12.50"')
    return value


def _plain(amount: Decimal) -> str:
    """Return "12.50", not "12.5000": at least two decimals, more where there are more."""
    whole, _point, decimals = f"{amount:f}".partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def _bounded_day(day: date) -> date:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError(f"a day lies between {_FIRST_YEAR} and {_LAST_YEAR}")
    return day


def _bounded_instant(at: datetime) -> datetime:
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise ValueError(f"an instant lies between {_FIRST_YEAR} and {_LAST_YEAR}")
    return at.astimezone(UTC)


def _written(pattern: str) -> WithJsonSchema:
    said = "An exact amount, as a string."
    return WithJsonSchema(
        {"type": "string", "pattern": pattern, "description": said, "examples": ["121.00"]}
    )


# What is sent, and what is shown: sums of what was sent may be longer.
Amount = Annotated[Decimal, BeforeValidator(_exact), _written(_AMOUNT)]
Sum = Annotated[
    Decimal,
    PlainSerializer(_plain, return_type=str),
    _written(r"^-?[0-9]{1,15}\.[0-9]{2,4}$"),
]
Moment = Annotated[
    datetime,
    PlainSerializer(lambda at: at.astimezone(UTC).isoformat().replace("+00:00", "Z")),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Day = Annotated[date, BeforeValidator(_text_only), AfterValidator(_bounded_day)]
Instant = Annotated[AwareDatetime, BeforeValidator(_text_only), AfterValidator(_bounded_instant)]


def _without_nul(value: Any) -> Any:
    """Refuse the character that PostgreSQL holds in no text, however deep it stands."""
    for name, content in value.items():
        if "\0" in name or (isinstance(content, str) and "\0" in content):
            raise ValueError("a text contains the character NUL")
    return value


Attributes = Annotated[
    dict[str, str | int | float | bool | None],
    AfterValidator(_without_nul),
    Field(
        max_length=200,
        description="Free columns: features, `ref_*` (carried along), `protected_*` (of "
        "customers, kept apart for audits of fairness and never shown again). One that is null is "
        "taken away.",
        examples=[{"sector": "retail"}],
    ),
]
