"""Take values out of a TOML table, each of its kind; whatever is wrong is said with its place."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from tenor.engine.errors import LawError

_MISSING = object()


class Values:
    """One table of a pack: values are taken by name, and `done` refuses what nobody took."""

    def __init__(self, table: Mapping[str, Any], place: str) -> None:
        """Read `table`, found at `place` (file and provision), which errors name."""
        self._table = table
        self.place = place
        self._taken: set[str] = set()

    def __contains__(self, name: str) -> bool:
        """Say whether the table has the key."""
        return name in self._table

    def text(self, name: str, default: Any = _MISSING) -> str:
        """Take a text that is not empty."""
        return self._take(name, default, "a text", lambda v: isinstance(v, str) and v.strip())  # type: ignore[no-any-return]

    def choice(self, name: str, known: Sequence[str], default: Any = _MISSING) -> str:
        """Take one of `known`."""
        value = self.text(name, default)
        if value not in known and value is not default:
            raise self.wrong(name, f"is {value!r}; it must be one of {', '.join(known)}")
        return value

    def flag(self, name: str, default: Any = _MISSING) -> bool:
        """Take true or false."""
        return self._take(name, default, "true or false", lambda v: isinstance(v, bool))  # type: ignore[no-any-return]

    def whole(self, name: str, default: Any = _MISSING) -> int:
        """Take a whole number, zero or more."""
        return self._take(  # type: ignore[no-any-return]
            name,
            default,
            "a whole number of zero or more",
            lambda v: isinstance(v, int) and not isinstance(v, bool) and v >= 0,
        )

    def number(self, name: str, default: Any = _MISSING) -> Decimal:
        """Take an exact decimal number (an amount, a percentage)."""
        value = self._take(
            name,
            default,
            "a number",
            lambda v: isinstance(v, int | Decimal) and not isinstance(v, bool),
        )
        return Decimal(value) if isinstance(value, int) else value

    def day(self, name: str, default: Any = _MISSING) -> date:
        """Take a date."""
        return self._take(name, default, "a date such as 2026-07-01", lambda v: type(v) is date)  # type: ignore[no-any-return]

    def clock(self, name: str, default: Any = _MISSING) -> time:
        """Take a time of day."""
        return self._take(  # type: ignore[no-any-return]
            name, default, "a time such as 07:00:00", lambda v: isinstance(v, time)
        )

    def texts(self, name: str, default: Any = _MISSING) -> tuple[str, ...]:
        """Take a list of texts."""
        value = self._take(
            name,
            default,
            "a list of texts",
            lambda v: isinstance(v, list) and all(isinstance(i, str) for i in v),
        )
        return tuple(value) if isinstance(value, list) else value

    def days(self, name: str, default: Any = _MISSING) -> tuple[date, ...]:
        """Take a list of dates."""
        value = self._take(
            name,
            default,
            "a list of dates",
            lambda v: isinstance(v, list) and all(type(i) is date for i in v),
        )
        return tuple(value) if isinstance(value, list) else value

    def tables(self, name: str, default: Any = _MISSING) -> list["Values"]:
        """Take a list of tables, each to be read in turn."""
        value = self._take(
            name,
            default,
            "a list of tables",
            lambda v: isinstance(v, list) and all(isinstance(i, dict) for i in v),
        )
        return [Values(item, f"{self.place}.{name}[{i}]") for i, item in enumerate(value, 1)]

    def table(self, name: str, default: Any = _MISSING) -> "Values":
        """Take a table within the table."""
        value = self._take(name, default, "a table", lambda v: isinstance(v, dict))
        return Values(value, f"{self.place}.{name}")

    def done(self) -> None:
        """Refuse a key that nobody took: a misspelt rule must not be silently ignored."""
        for name in self._table:
            if name not in self._taken:
                near = get_close_matches(name, sorted(self._taken), n=1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise LawError(f"{self.place}: {name!r} is not known here{hint}")

    def wrong(self, name: str, what: str) -> LawError:
        """Return the error that `name` here is not as it must be."""
        return LawError(f"{self.place}: {name!r} {what}")

    def _take(self, name: str, default: Any, wanted: str, fits: Callable[[Any], object]) -> Any:
        self._taken.add(name)
        if name not in self._table:
            if default is _MISSING:
                raise LawError(f"{self.place}: {name!r} is missing; it must be {wanted}")
            return default
        value = self._table[name]
        if not fits(value):
            raise self.wrong(name, f"is {value!r}; it must be {wanted}")
        return value
