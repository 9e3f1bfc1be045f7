"""What the apps say about the personal data they hold: the shapes that each `privacy` module uses.

Every app with rows about customers has a module `privacy` with `export`, `holdings` and `erase`;
the app `privacy` above them asks each in turn, and weighs what it hears against the law.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from tenor.platform.core.models import Organisation


@dataclass(frozen=True)
class Holding:
    """Rows of one kind about a customer.

    `part` is the app's own name for them, which `erase` takes; `record` the name under which the
    packs of law say how long they are kept. `since` is the day from which the term counts (of
    several, the latest), `year` the one that the rows belong to where the law counts by years.
    `is_claim` says that the rows are about something still owed.
    """

    part: str
    record: str
    count: int
    since: date
    year: int | None = None
    is_claim: bool = False


class Keeper(Protocol):
    """The `privacy` module of an app."""

    def export(self, organisation: Organisation, key: str) -> dict[str, list[dict[str, Any]]]:
        """Return all that is held about the customer called `key`, by name of table."""

    def holdings(self, organisation: Organisation, key: str) -> list[Holding]:
        """Return which rows there are about the customer."""

    def erase(
        self, organisation: Organisation, key: str, *, part: str, year: int | None = None
    ) -> int:
        """Remove the rows of a part (of that year), inside the caller's transaction; count them."""


def rows_of(rows: Any, *names: str) -> list[dict[str, Any]]:
    """Return rows of a table as a person reads them: these fields, in terms that JSON holds."""
    return [
        {name.replace("__", "_"): plain(value) for name, value in zip(names, row, strict=True)}
        for row in rows.values_list(*names)
    ]


def plain(value: Any) -> Any:
    """Return a value in terms that JSON holds; amounts and instants as text, exactly."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value


def by_year(days: Iterable[date]) -> dict[int, tuple[int, date]]:
    """Return, of some days, how many fall into each year and the last of them."""
    found: dict[int, tuple[int, date]] = {}
    for day in days:
        count, last = found.get(day.year, (0, day))
        found[day.year] = (count + 1, max(last, day))
    return dict(sorted(found.items()))
