"""A request as the screens show it."""

from typing import Any

from tenor.platform.privacy import queries
from tenor.platform.privacy.words import KIND_NAMES, STATE_NAMES


def line_of(due: queries.Due) -> dict[str, Any]:
    """Return a request in words, with how its term stands."""
    return {
        "request": due.request,
        "kind": KIND_NAMES[due.request.kind],
        "state": STATE_NAMES[due.request.state],
        "term": due.term,
        "days_left": due.days_left,
        "days_over": -due.days_left,
    }
