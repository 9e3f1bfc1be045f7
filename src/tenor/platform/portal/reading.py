"""Read what somebody wrote into a form: an amount or a day, however people write it."""

import re
from datetime import date
from decimal import Decimal

from tenor.platform.core.currencies import smallest

_FIGURES = re.compile(r"\d{1,9}(?:\.\d{1,2})?")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+")


def amount_in(text: str, currency: str) -> Decimal | None:
    """Return an amount: 1.234,50 and 1,234.50 and € 12 alike; None where it is none."""
    plain = re.sub(r"[\s€$£']|[A-Za-z]{3}", "", text)
    if _THOUSANDS.fullmatch(plain):
        plain = re.sub(r"[.,]", "", plain)
    else:
        last = max(plain.rfind("."), plain.rfind(","))
        if last >= 0:
            plain = f"{re.sub(r'[.,]', '', plain[:last])}.{plain[last + 1 :]}"
    plain = plain.rstrip(".")
    if not plain.isascii() or not _FIGURES.fullmatch(plain):
        return None
    found = Decimal(plain)
    return found if found > 0 and found % smallest(currency) == 0 else None


def day_in(text: str) -> date | None:
    """Return a day as a browser's field for dates gives it; also 31-12-2026 and 31/12/2026."""
    turned = re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", text.strip())
    if turned:
        text = f"{turned[3]}-{int(turned[2]):02}-{int(turned[1]):02}"
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
