"""Values of a log: attributes, amounts, and days and times in the log's zone."""

import zoneinfo
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from tenor.engine.errors import InputError
from tenor.engine.event_log.logs import Case, Step
from tenor.engine.event_log.mapping import LogForm


class UnusableError(Exception):
    """One event cannot become a row; the message says why."""


class Clock:
    """Reads the timestamps of a log: what zone they are in, and the hour of bare dates."""

    def __init__(self, log: LogForm) -> None:
        self._zone = zoneinfo.ZoneInfo(log.timezone) if log.timezone else None
        self._format, self._date_only_at = log.date_format, log.date_only_at
        # A log repeats its timestamps, days above all.
        self.read = lru_cache(maxsize=1 << 16)(self._read)

    def _read(self, text: str) -> tuple[datetime, date]:
        """Return the instant in UTC and the day in the log's zone."""
        try:
            if self._format:
                local = datetime.strptime(text.strip(), self._format)  # noqa: DTZ007
            else:
                local = datetime.fromisoformat(text.strip())
        except ValueError as error:
            wanted = self._format or "ISO 8601; [log] date_format can name another form"
            raise UnusableError(f"{text!r} is not a date or time ({wanted})") from error
        if local.tzinfo is None:
            if self._zone is None:
                raise InputError(
                    f'{text!r} names no time zone; say timezone = "Europe/Rome" (or yours) in [log]'
                )
            local = local.replace(tzinfo=self._zone)
        elif self._zone is not None:
            local = local.astimezone(self._zone)
        if local.time() == time(0):
            local = local.replace(hour=self._date_only_at.hour, minute=self._date_only_at.minute)
        return local.astimezone(UTC), local.date()


def attribute(case: Case, step: Step, name: str) -> str | None:
    """Return an attribute of the event, or of the case where `case:` says so."""
    value = step.attributes.get(name)
    if value is None and name.startswith("case:"):
        value = case.attributes.get(name.removeprefix("case:"))
    return value.strip() or None if value is not None else None


def required(case: Case, step: Step, name: str) -> str:
    """Return an attribute that must be there."""
    value = attribute(case, step, name)
    if value is None:
        there = ", ".join(sorted(step.attributes)) or "none"
        raise UnusableError(f"the attribute {name!r} is missing or empty; there are: {there}")
    return value


def value_of(case: Case, step: Step, given: str | None) -> str | None:
    """Return a value of the mapping: as it stands, or read from the attribute in braces."""
    if given is not None and given.startswith("{") and given.endswith("}"):
        return attribute(case, step, given[1:-1])
    return given


def amount_of(case: Case, step: Step, name: str) -> Decimal:
    """Return an attribute that must be there as an exact amount."""
    return decimal_of(name, required(case, step, name))


def decimal_of(name: str, text: str) -> Decimal:
    """Return `text` as an exact number with at most four decimals; `name` is for the message."""
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise UnusableError(f"{name}: {text!r} is not an amount such as 1234.50") from error
    if not value.is_finite():
        raise UnusableError(f"{name}: {text!r} is not an amount")
    return round(value, 4).normalize() + Decimal(0)
