"""Rows of a plan, a page at a time: the next page begins after the last row, not at a number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from tenor.platform.core.errors import Invalid
from tenor.platform.decisions.models import Decision, Run
from tenor.platform.decisions.queries.groups import decisions_of

# Names that a screen may sort by: the column, and whether the largest stand first.
SORTS = {
    "value": ("value", True),
    "amount": ("amount", True),
    "overdue": ("days_overdue", True),
    "send_at": ("send_at", False),
}


@dataclass(frozen=True)
class Page:
    """Rows, and where the next page begins (empty: this was the last)."""

    rows: Sequence[Decision]
    after: str


def plan_rows(
    run: Run,
    *,
    group: str = "",
    sort: str = "value",
    after: str = "",
    limit: int = 50,
    **filters: Any,
) -> Page:
    """Return decisions of a run with their customers: of a group, filtered, from `after` on.

    `filters` are those of `groups.narrowed`: state, segment, channel, tone, reason, search, …
    """
    column, downward = SORTS.get(sort, SORTS["value"])
    rows = decisions_of(run, group=group, **filters).select_related("customer")
    if column == "send_at":
        rows = rows.filter(send_at__isnull=False)
    if after:
        rows = rows.filter(_past(column, downward, after))
    order = f"-{column}" if downward else column
    found = list(rows.order_by(order, "pk")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return Page(found, _place(getattr(found[-1], column), found[-1].pk) if more else "")


def _past(column: str, downward: bool, after: str) -> Q:
    value, _sign, number = after.rpartition("_")
    try:
        known = _read(column, value)
        pk = int(number)
    except (ValueError, InvalidOperation, ValidationError):
        raise Invalid(_("This page does not exist."), field="after") from None
    beyond = Q(**{f"{column}__{'lt' if downward else 'gt'}": known})
    return beyond | Q(**{column: known}, pk__gt=pk)


def _read(column: str, value: str) -> Any:
    if column == "send_at":
        return datetime.fromisoformat(value)
    return float(value) if column == "value" else Decimal(value)


def _place(value: Any, pk: int) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(UTC).isoformat()
    return f"{value!r}_{pk}" if isinstance(value, float) else f"{value}_{pk}"
