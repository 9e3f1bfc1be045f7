"""When contacts go out: a day a bar, and the hours of all days together."""

from collections.abc import Sequence
from typing import Any

from tenor.platform.workbench.templatetags.tenor import word
from tenor.platform.workbench.words import short_date

# Before and after these nobody is contacted by any rule we know of; more is shown where there is.
_FIRST, _LAST = 8, 20


def charts(cells: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return two bar charts, a colour a channel, each with its table; nothing without contacts."""
    if not cells:
        return None
    channels = sorted({cell["channel"] for cell in cells})
    days = sorted({cell["day"] for cell in cells})
    hours = range(
        min(_FIRST, *(c["hour"] for c in cells)), max(_LAST, *(c["hour"] for c in cells)) + 1
    )
    names = [short_date(day, "D j M") for day in days]
    return {
        "total": sum(cell["count"] for cell in cells),
        "by_day": _stacked(cells, channels, days, names, "day"),
        "by_hour": _stacked(cells, channels, list(hours), [f"{h:02}" for h in hours], "hour"),
    }


def _stacked(
    cells: Sequence[dict[str, Any]],
    channels: Sequence[str],
    places: Sequence[Any],
    names: Sequence[str],
    by: str,
) -> dict[str, Any]:
    counts: dict[tuple[Any, str], int] = {}
    for cell in cells:
        place = (cell[by], cell["channel"])
        counts[place] = counts.get(place, 0) + cell["count"]
    series = [
        {"name": word(channel), "values": [counts.get((place, channel), 0) for place in places]}
        for channel in channels
    ]
    rows = [[name, *(one["values"][at] for one in series)] for at, name in enumerate(names)]
    return {
        "data": {"names": list(names), "series": series, "stacked": True, "write": {}},
        "columns": ["", *(one["name"] for one in series)],
        "rows": rows,
    }
