"""What a value must be before the ledger keeps it: exact amounts, aware instants, real codes."""

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from tenor.engine.errors import InputError
from tenor.engine.policy.keys import WEEKDAYS
from tenor.engine.policy.wished import wish_of
from tenor.platform.core.errors import Invalid
from tenor.platform.core.fields import PLACES

# Ten-thousandths of it still fit a 64-bit whole number, with room for sums.
MOST = Decimal(10) ** 12
MOST_ATTRIBUTES = 200
_CURRENCY = re.compile(r"[A-Z]{3}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_ZONES = available_timezones()


def amount_of(value: Any, *, field: str = "amount", positive: bool = True) -> Decimal:
    """Return `value` as an exact amount, or refuse it: a float, a fifth decimal, too much."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise Invalid(_("An amount is a decimal number, as in 12.50."), field=field)
    try:
        amount = Decimal(value)
        if not amount.is_finite() or amount != amount.quantize(PLACES):
            raise InvalidOperation
    except InvalidOperation:
        raise Invalid(_("An amount is a number with at most four decimals."), field=field) from None
    if abs(amount) >= MOST:
        raise Invalid(_("This amount is too large."), field=field)
    if positive and amount <= 0:
        raise Invalid(_("The amount must be more than nothing."), field=field)
    return amount.quantize(PLACES)


def currency_of(value: str, *, field: str = "currency") -> str:
    """Return a currency code, or refuse it."""
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise Invalid(_("A currency is three capitals, as in EUR."), field=field)
    return value


def country_of(value: str) -> str:
    """Return a country code (empty: unknown), or refuse it."""
    if value and not _COUNTRY.fullmatch(value):
        raise Invalid(_("A country is two capitals, as in NL."), field="country")
    return value


def contact_hours_of(value: str) -> str:
    """Return from and until which hour somebody wants to be reached (empty: any), or refuse it."""
    try:
        wish = wish_of(value, None)
    except InputError:
        wish = None
    if wish is None or wish.start % 60 or wish.end % 60:
        raise Invalid(
            _("Hours are written as 09:00-20:00, the first before the last."), field="contact_hours"
        )
    hours = f"{wish.start // 60:02}:00-{wish.end // 60:02}:00"
    return "" if hours == "00:00-24:00" else hours


def contact_days_of(value: str) -> str:
    """Return on which weekdays somebody wants to be reached (empty: any), or refuse it."""
    try:
        days = wish_of(None, value).days
    except InputError:
        raise Invalid(
            _("Weekdays are written as Mon-Fri or Mon,Wed."), field="contact_days"
        ) from None
    return "" if len(days) == len(WEEKDAYS) else ",".join(WEEKDAYS[day] for day in days)


def language_of(value: str) -> str:
    """Return a language code (empty: unknown), or refuse it."""
    if value and (len(value) > 12 or not _LANGUAGE.fullmatch(value)):
        raise Invalid(_("A language is a code such as nl or de-AT."), field="language")
    return value


def timezone_of(value: str) -> str:
    """Return the name of a time zone (empty: unknown), or refuse it."""
    if value and value not in _ZONES:
        raise Invalid(_("A time zone is a name such as Europe/Amsterdam."), field="timezone")
    return value


def text_of(value: str | None, *, field: str, most: int, needed: bool = False) -> str:
    """Return a text without spaces around it, or refuse one that is too long or missing."""
    text = (value or "").strip()
    if needed and not text:
        raise Invalid(_("This is needed."), field=field)
    if len(text) > most:
        raise Invalid(_("At most %(most)s characters fit here.") % {"most": most}, field=field)
    if "\0" in text:
        raise Invalid(_("This text holds a character that is none."), field=field)
    return text


def choice_of(value: str, choices: Any, *, field: str) -> str:
    """Return one of the values of `choices` (a Django enumeration), or refuse."""
    if value not in choices.values:
        known = ", ".join(choices.values)
        raise Invalid(_("Choose one of: %(known)s.") % {"known": known}, field=field)
    return value


def instant_of(value: datetime, *, field: str = "at") -> datetime:
    """Return an aware instant in UTC, or refuse a time of no zone."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise Invalid(_("A time needs its zone, as in 2026-03-10T08:00:00Z."), field=field)
    return value.astimezone(UTC)


def day_of(value: date, *, field: str) -> date:
    """Return a day, or refuse what is none."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise Invalid(_("This is no day, as in 2026-03-10."), field=field)
    return value


def start_of(day: date) -> datetime:
    """Return the first instant of a day in UTC: from then on the engine knows an invoice."""
    return datetime.combine(day, time(), UTC)


def attributes_of(value: dict[str, Any] | None) -> dict[str, Any]:
    """Return free columns: names to numbers, flags, texts or nothing; refuse the rest."""
    given = value or {}
    if len(given) > MOST_ATTRIBUTES:
        raise Invalid(_("These are too many attributes."), field="attributes")
    for name, content in given.items():
        # PostgreSQL keeps no NUL in a text.
        if not isinstance(name, str) or not 0 < len(name) <= 100 or "\0" in name:
            raise Invalid(_("An attribute has a name of its own."), field="attributes")
        if not isinstance(content, str | int | float | bool | None):
            raise Invalid(
                _("The attribute %(name)s is no number, text or yes or no.") % {"name": name},
                field="attributes",
            )
        if isinstance(content, str) and (len(content) > 2000 or "\0" in content):
            raise Invalid(
                _("The attribute %(name)s is too long a text.") % {"name": name}, field="attributes"
            )
        if isinstance(content, float) and (content != content or abs(content) == float("inf")):
            raise Invalid(
                _("The attribute %(name)s is no number, text or yes or no.") % {"name": name},
                field="attributes",
            )
    return dict(given)
