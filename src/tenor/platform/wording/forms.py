"""How amounts, dates and lists are written for a reader: the forms of each language.

Four languages and two forms need no library of all the world's. The blanks in an amount do not
break a line; `plain` makes them ordinary ones where that matters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tenor.platform.core.currencies import decimals

_FIXED, _NARROW = "\u00a0", "\u202f"
# Signs that mean one currency everywhere; the others keep their code.
_SIGNS = {"EUR": "€", "GBP": "£"}


@dataclass(frozen=True)
class _Form:
    months: tuple[str, ...]
    # `{day}`, `{month}` (in words), `{number}` (two digits) and `{year}`.
    long: str
    short: str
    first: str  # how the first of a month is written
    thousands: str
    decimals: str
    sign_before: bool
    sign_blank: str
    last: str  # before the last of a list


_FORMS: Mapping[str, _Form] = {
    "nl": _Form(
        ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september",
         "oktober", "november", "december"),
        "{day} {month} {year}", "{two}-{number}-{year}", "1", ".", ",", True, _FIXED, "en",
    ),
    "en": _Form(
        ("January", "February", "March", "April", "May", "June", "July", "August", "September",
         "October", "November", "December"),
        "{day} {month} {year}", "{two}/{number}/{year}", "1", ",", ".", True, "", "and",
    ),
    "de": _Form(
        ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
         "Oktober", "November", "Dezember"),
        "{day}. {month} {year}", "{two}.{number}.{year}", "1", ".", ",", False, _FIXED, "und",
    ),
    "fr": _Form(
        ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
         "octobre", "novembre", "décembre"),
        "{day} {month} {year}", "{two}/{number}/{year}", "1er", _NARROW, ",", False, _FIXED, "et",
    ),
}  # fmt: skip


def amount(value: Decimal, currency: str, language: str) -> str:
    """Write an amount: € 1.234,50 in Dutch, €1,234.50 in English, 1.234,50 € in German.

    Finer than people write it is shown in full: no sum may look like another one.
    """
    form = _FORMS[language]
    places = decimals(currency)
    if value != value.quantize(Decimal(1).scaleb(-places)):
        places = 4
    marks = {",": form.thousands, ".": form.decimals}
    figure = "".join(marks.get(sign, sign) for sign in f"{abs(value):,.{places}f}")
    minus = "−" if value < 0 else ""
    sign = _SIGNS.get(currency)
    if sign is None:
        return f"{minus}{currency}{_FIXED}{figure}"
    if form.sign_before:
        return f"{minus}{sign}{form.sign_blank}{figure}"
    return f"{minus}{figure}{form.sign_blank}{sign}"


def day(on: date, language: str) -> str:
    """Write a date as a person says it: 17 maart 2026, 17. März 2026, 1er avril 2026."""
    return _day(on, language, _FORMS[language].long)


def short_day(on: date, language: str) -> str:
    """Write a date for a column: 17-03-2026."""
    return _day(on, language, _FORMS[language].short)


def listed(parts: Sequence[str], language: str, most: int = 3) -> str:
    """Write a list: "A, B and C"; of more than `most` the first, and how many more there are."""
    if len(parts) > most:
        parts = [*parts[: most - 1], f"+{len(parts) - most + 1}"]
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {_FORMS[language].last} {parts[-1]}"


def plain_blanks(text: str) -> str:
    """Return the text with ordinary blanks only: subject lines, text messages, plain words."""
    return text.replace(_FIXED, " ").replace(_NARROW, " ")


def _day(on: date, language: str, form: str) -> str:
    words = _FORMS[language]
    first = words.first if on.day == 1 and "{month}" in form else str(on.day)
    return form.format(
        day=first, two=f"{on.day:02}", number=f"{on.month:02}", year=on.year,
        month=words.months[on.month - 1],
    )  # fmt: skip
