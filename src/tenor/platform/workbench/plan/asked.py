"""What somebody asks to see of the plan: a group, filters, an order, a page."""

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from django.http import QueryDict

from tenor.engine.features.segments import SEGMENTS
from tenor.platform.decisions.queries.rows import SORTS

STATES = ("proposed", "approved", "held", "vetoed", "handed_over", "nothing", "lapsed")
_TEXTS = ("state", "segment", "channel", "tone", "search")
_MOST = 200


@dataclass(frozen=True)
class Asked:
    """Filters as they were typed (`typed`) and as the queries take them (`filters`)."""

    group: str = ""
    sort: str = "value"
    after: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    filters: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, given: QueryDict) -> Self:
        """Read what an address or a form asks; what cannot be read is left out."""
        typed = {name: given.get(name, "").strip()[:_MOST] for name in (*_TEXTS, "amount_from")}
        if typed["state"] not in STATES:
            typed["state"] = ""
        if typed["segment"] not in SEGMENTS:
            typed["segment"] = ""
        filters: dict[str, Any] = {name: typed[name] for name in _TEXTS if typed[name]}
        amount = _amount(typed["amount_from"])
        if amount is None:
            typed["amount_from"] = ""
        else:
            filters["amount_from"] = amount
        sort = given.get("sort", "")
        return cls(
            group=given.get("group", "")[:_MOST],
            sort=sort if sort in SORTS else "value",
            after=given.get("after", "")[:_MOST],
            typed={name: value for name, value in typed.items() if value},
            filters=filters,
        )

    @property
    def is_filtered(self) -> bool:
        """Say whether only a part of the plan is asked for."""
        return bool(self.filters)

    def address(self, **changes: str) -> str:
        """Return the query of the same view with some of it changed; "" leaves a part out."""
        parts = {"group": self.group, **self.typed, "sort": self.sort, **changes}
        query = QueryDict(mutable=True)
        query.update({k: v for k, v in parts.items() if v and (k, v) != ("sort", "value")})
        return "?" + query.urlencode()


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    # Beyond this no database column holds it.
    if not amount.is_finite() or not 0 < amount < Decimal(10) ** 12:
        return None
    return amount.quantize(Decimal("0.01"))
