"""How reports write days, differences and intervals."""

from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

AGES: dict[str, str | Promise] = {
    "current": gettext_lazy("not due yet"),
    "1-30": gettext_lazy("1 to 30 days late"),
    "31-60": gettext_lazy("31 to 60 days late"),
    "61-90": gettext_lazy("61 to 90 days late"),
    "90+": gettext_lazy("more than 90 days late"),
}


def number(value: Any, places: int = 1) -> str:
    """Write a number with so many decimals; a dash where there is none."""
    if value is None:
        return "–"
    exact = round(Decimal(str(value)), places)
    size = formats.number_format(abs(exact), places, force_grouping=True)
    return f"−{size}" if exact < 0 else size


def days(value: Any, places: int = 1) -> str:
    """Write a number of days."""
    return "–" if value is None else _("%(days)s days") % {"days": number(value, places)}


def signed(value: float, times: float = 1, places: int = 1) -> str:
    """Write a difference with its sign."""
    size = number(abs(value) * times, places)
    if not round(value * times, places):
        return size
    return f"−{size}" if value < 0 else f"+{size}"


def points(value: float, low: float, high: float, times: float = 100, places: int = 1) -> str:
    """Write a difference with the bounds of its interval: −1.8 (−3.1 to −0.5)."""
    return _("%(value)s (%(low)s to %(high)s)") % {
        "value": signed(value, times, places),
        "low": signed(low, times, places),
        "high": signed(high, times, places),
    }
