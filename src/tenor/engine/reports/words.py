"""How figures are said: money with its sign, shares, days and dates as a person writes them."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from tenor.engine.kpis.ratios import Figure, Reason

_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}
# ISO 4217: currencies without cents, and those with three decimals. All others have two.
_DECIMALS = dict.fromkeys(("JPY", "KRW", "ISK", "CLP", "VND", "UGX", "XAF", "XOF"), 0) | (
    dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)
)
_MILLION = Decimal(1_000_000)
# Not strftime's: that follows the locale of the machine.
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

REASONS: dict[Reason, str] = {
    Reason.NO_SALES: "nothing was billed in the period",
    Reason.HISTORY_TOO_SHORT: "more is owed than the history shows billed",
    Reason.NOTHING_TO_COLLECT: "nothing was due to be collected",
    Reason.NOTHING_COLLECTED: "nothing was collected",
    Reason.NO_COSTS: "no contact names its cost",
    Reason.NO_PROMISES_DUE: "no promise has fallen due",
    Reason.NOTHING_THERE: "nothing stood there",
    Reason.NOTHING_ENDED: "no invoice was paid, handed over or written off",
    Reason.NOT_REACHED: "so many have not been paid yet",
    Reason.NO_DSO: "there is no DSO to divide by",
}


def money(amount: Decimal, currency: str) -> str:
    """Write an amount to the last cent: `€1,234.50`; bare where the currency is unknown ('')."""
    return _signed(f"{_round(abs(amount), _DECIMALS.get(currency, 2)):,f}", amount, currency)


def round_money(amount: Decimal, currency: str) -> str:
    """Write an amount as one says it: `€4.21 million`, `€92,400`, `€12.50`."""
    size = abs(amount)
    if size >= _MILLION:
        text = f"{_significant(size / _MILLION):,f} million"
    elif size >= 100:
        text = f"{_round(size, 0):,f}"
    else:
        return money(amount, currency)
    return _signed(text, amount, currency)


def _signed(text: str, amount: Decimal, currency: str) -> str:
    sign = _SIGNS.get(currency)
    minus = "−" if amount < 0 else ""
    return (
        f"{minus}{sign}{text}"
        if sign
        else f"{minus}{currency} {text}"
        if currency
        else f"{minus}{text}"
    )


def _round(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _significant(value: Decimal) -> Decimal:
    """Round to three digits, whole numbers at least."""
    return _round(value, max(0, 2 - value.adjusted()))


def share(figure: Figure) -> str:
    """Write a percentage with as many digits as one reads: `38%`, `4.1%`; `–` where none."""
    return "–" if figure.value is None else percent(figure.value)


def percent(value: Decimal) -> str:
    """Write a percentage: whole from 10 on, one decimal below."""
    whole = _round(value, 0)
    if value == 0 or abs(whole) >= 10:
        return f"{whole:f}%"
    return f"{_round(value, 1):f}%"


def days(figure: Figure) -> str:
    """Write a number of days with one decimal: `47.3 days`; `–` where there is none."""
    return "–" if figure.value is None else f"{_round(figure.value, 1):f} days"


def why_none(figure: Figure) -> str:
    """Say why a figure has no value; nothing where it has one."""
    return REASONS[figure.reason] if figure.reason is not None else ""


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Write a number with its noun: `1 invoice`, `1,204 invoices`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def day(when: date | datetime) -> str:
    """Write a date as a person says it: `1 March 2026`."""
    return f"{when.day} {month(when)}"


def month(when: date | datetime) -> str:
    """Write a month: `March 2026`."""
    return f"{_MONTHS[when.month - 1]} {when.year}"


def short_month(when: date) -> str:
    """Write a month as an axis does: `Mar 26`."""
    return f"{_MONTHS[when.month - 1][:3]} {when.year % 100:02}"


def listed(items: Sequence[str]) -> str:
    """Join items as a sentence does: `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
