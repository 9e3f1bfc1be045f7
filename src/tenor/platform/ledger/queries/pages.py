"""Lists that go on: a page, and where the next one begins (by the last row, not by counting)."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Generic, NamedTuple, TypeVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from tenor.platform.core.errors import Invalid
from tenor.platform.core.fields import AmountField
from tenor.platform.ledger.values import amount_of, text_of

Row = TypeVar("Row")


class Page(NamedTuple, Generic[Row]):
    """Rows of a list; `next` goes into `after` for those that follow (empty: that was all).

    `total` is how many there are in all, where that was cheap to know.
    """

    rows: list[Row]
    next: str = ""
    total: int | None = None


@dataclass(frozen=True)
class Order:
    """In what order: by a field, then by the row's number; the same way both."""

    field: str
    descending: bool = False

    @property
    def fields(self) -> tuple[str, str]:
        """Return the two fields as Django sorts by them."""
        minus = "-" if self.descending else ""
        return f"{minus}{self.field}", f"{minus}pk"


def page_of(
    rows: "QuerySet[Any]", order: Order, *, after: str | None, limit: int
) -> tuple[list[Any], str]:
    """Return up to `limit` rows after the place `after`, and the last's place if more follow."""
    limit = max(1, min(limit, 1000))
    if after:
        rows = rows.filter(_beyond(rows.model, order, after))
    found = list(rows.order_by(*order.fields)[: limit + 1])
    if len(found) <= limit:
        return found, ""
    last = found[limit - 1]
    return found[:limit], place_of(getattr(last, order.field), last.pk)


def place_of(value: Any, number: int) -> str:
    """Return a place in a list as a word for an address."""
    plain = str(value) if isinstance(value, date | Decimal) else value
    text = json.dumps([plain, number], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def chosen(name: str, choices: Sequence[str] | dict[str, Any], *, field: str) -> str:
    """Return one of the choices of a list, or refuse."""
    if name and name not in choices:
        known = ", ".join(choices)
        raise Invalid(_("Choose one of: %(known)s.") % {"known": known}, field=field)
    return name


def _beyond(table: Any, order: Order, after: str) -> Q:
    """Return the condition of what comes after a place; its first half is served by an index."""
    field = table._meta.get_field(order.field)
    try:
        text = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4))
        value, number = json.loads(text)
        value = _reader(field)(value)
        if not isinstance(number, int) or not 0 <= number < 2**63:
            raise ValueError(number)
    except (ValueError, TypeError, ArithmeticError, Invalid):
        raise Invalid(_("This place in the list is none."), field="after") from None
    way = "lt" if order.descending else "gt"
    return Q(**{f"{order.field}__{way}e": value}) & (
        Q(**{f"{order.field}__{way}": value}) | Q(**{f"pk__{way}": number})
    )


def _reader(field: Any) -> Callable[[Any], Any]:
    if isinstance(field, AmountField):
        return lambda value: amount_of(str(value), positive=False)
    if field.get_internal_type() == "DateField":
        return date.fromisoformat
    return lambda value: text_of(value, field="after", most=1000)
