"""The values of a provision as a form: a field a value, read back in the kind that it has."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from tenor.engine.law.review.said import name_of
from tenor.platform.core.errors import Invalid

_LONG = 60
_SEPARATOR = "\n"


@dataclass(frozen=True)
class Field:
    """A value in a form: what it is called, of which kind it is, and what stands in it."""

    name: str
    label: str
    kind: str
    text: str
    error: str = ""

    @property
    def id(self) -> str:
        """Return the name as an element's id."""
        return "v-" + self.name.replace(".", "-").replace("_", "-")


class Unfit(Invalid):
    """Some values cannot be used; `errors` says why, by the name of the field."""

    def __init__(self, errors: dict[str, str]) -> None:
        """Keep what is wrong with each value."""
        super().__init__(_("Some values cannot be used: they are marked below. Nothing was saved."))
        self.errors = errors


def fields(
    written: Mapping[str, Any],
    given: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> list[Field]:
    """Return a field for each value of a row; with `given` what somebody typed."""
    return [
        Field(
            name=name,
            label=label,
            kind=_kind(value),
            text=(given or {}).get(name, _text(value)),
            error=(errors or {}).get(name, ""),
        )
        for name, label, value in _leaves(written)
    ]


def values(written: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of the row with what was typed; what was left empty is left out.

    Raises `Unfit` that names every field that cannot be used.
    """
    errors: dict[str, str] = {}
    found: dict[str, Any] = _rebuilt(written, "", given, errors)
    if errors:
        raise Unfit(errors)
    return found


def _leaves(
    value: Mapping[str, Any], at: str = "", said: str = ""
) -> Iterator[tuple[str, str, Any]]:
    for key, one in value.items():
        name, label = f"{at}{key}", f"{said}{name_of(key)}"
        if isinstance(one, Mapping):
            yield from _leaves(one, f"{name}.", f"{label}: ")
        elif _is_table(one):
            for number, row in enumerate(one, 1):
                yield from _leaves(row, f"{name}.{number}.", f"{label} {number}: ")
        else:
            yield name, label, one


def _rebuilt(value: Any, at: str, given: Mapping[str, str], errors: dict[str, str]) -> Any:
    if isinstance(value, Mapping):
        parts = {
            key: _rebuilt(one, f"{at}.{key}".lstrip("."), given, errors)
            for key, one in value.items()
        }
        return {key: one for key, one in parts.items() if one is not None}
    if _is_table(value):
        return [_rebuilt(row, f"{at}.{n}", given, errors) for n, row in enumerate(value, 1)]
    if at not in given:
        return value
    try:
        return _read(value, given[at].replace("\r\n", _SEPARATOR).strip())
    except ValueError as error:
        errors[at] = str(error)
        return value


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int | Decimal):
        return "number"
    if isinstance(value, time):
        return "time"
    if isinstance(value, date):
        return "date"
    if isinstance(value, list):
        return "list"
    return "long" if len(str(value)) > _LONG else "text"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, list):
        return _SEPARATOR.join(map(_text, value))
    return str(value)


def _read(like: Any, text: str) -> Any:
    """Read what was typed as a value of the kind of `like`; nothing typed is None, or no items."""
    if isinstance(like, list):
        kind = like[0] if like else ""
        return [_read(kind, line.strip()) for line in text.split(_SEPARATOR) if line.strip()]
    if not text:
        return None
    if isinstance(like, bool):
        return text == "yes"
    if isinstance(like, int | Decimal):
        return _number(text)
    try:
        if isinstance(like, time):
            return time.fromisoformat(text)
        if isinstance(like, date):
            return date.fromisoformat(text)
    except ValueError:
        raise ValueError(_("a date such as 2026-07-01, or a time such as 07:00, please")) from None
    return text


def _number(text: str) -> int | Decimal:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise ValueError(_("a number, please")) from None
    if not number.is_finite():
        raise ValueError(_("a number, please"))
    return int(number) if number == number.to_integral_value() and "." not in text else number
