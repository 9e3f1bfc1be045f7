"""What the lists share: the addresses of their filters, orders and pages."""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

# Of one page of a list.
SHOWN = 50


@dataclass(frozen=True)
class Choice:
    """A filter or an order that can be chosen."""

    name: str
    href: str
    here: bool
    count: int | None = None


def address(asked: QueryDict, **changes: str) -> str:
    """Return the address of this list with other choices; it begins at its beginning again."""
    query = asked.copy()
    query.pop("after", None)
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"?{query.urlencode()}"


def choices(asked: QueryDict, name: str, words: dict[str, Any], usual: str = "") -> list[Choice]:
    """Return what can be chosen for `name`, as links."""
    chosen = asked.get(name, "") or usual
    return [
        Choice(str(said), address(asked, **{name: "" if value == usual else value}),
               value == chosen)
        for value, said in words.items()
    ]  # fmt: skip


def pages(asked: QueryDict, following: str) -> dict[str, str]:
    """Return the addresses of the next page and of the beginning, as the pager takes them."""
    return {
        "next": address(asked, after=following) if following else "",
        "first": address(asked) if asked.get("after") else "",
    }
