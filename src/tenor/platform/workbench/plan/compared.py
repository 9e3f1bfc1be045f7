"""A plan beside another: who is treated otherwise, as a square of numbers and as a few people."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tenor.platform.decisions.queries.difference import Comparison
from tenor.platform.workbench.plan.shown import Line, lines
from tenor.platform.workbench.templatetags.tenor import channel_icon, word

_LAST = {"": 1, "escalate": 2}


@dataclass(frozen=True)
class Way:
    """What happens to somebody: a channel, a hand-over, or nothing."""

    code: str
    name: str
    icon: str


@dataclass(frozen=True)
class Grid:
    """How many go from each way (rows) to each way (columns); nothing where nobody does.

    A cell is (count, whether it stays the same, its shade from 0 to 4).
    """

    ways: Sequence[Way]
    rows: Sequence[tuple[Way, Sequence[tuple[int, bool, int]], int]]
    totals: Sequence[int]


@dataclass(frozen=True)
class Beside:
    """A row, and what would have been done with them otherwise."""

    line: Line
    was: str
    was_tone: str
    icon: str


def grid(comparison: Comparison) -> Grid:
    """Return the square of a comparison: silence and hand-overs come last."""
    codes = {code for move in comparison.moves for code in (move.before, move.after)}
    ways = [_way(code) for code in sorted(codes, key=lambda code: (_LAST.get(code, 0), code))]
    counts = {(move.before, move.after): move.count for move in comparison.moves}
    most = max((n for (a, b), n in counts.items() if a != b), default=0)
    rows = []
    for before in ways:
        cells = [
            (n, before == after, _shade(n, most) if before != after else 0)
            for after in ways
            for n in (counts.get((before.code, after.code), 0),)
        ]
        rows.append((before, cells, sum(n for n, _same, _shade_of in cells)))
    totals = [sum(row[1][at][0] for row in rows) for at in range(len(ways))]
    return Grid(ways, rows, totals)


def lines_beside(rows: Sequence[Any]) -> list[Beside]:
    """Return decisions as rows, each with what the other plan had for them."""
    return [
        Beside(
            line,
            word(row.was_channel or "wait"),
            word(row.was_tone) if row.was_channel and row.was_tone else "",
            channel_icon(row.was_channel or "wait"),
        )
        for row, line in zip(rows, lines(rows), strict=True)
    ]


def _way(code: str) -> Way:
    return Way(code, word(code or "wait"), channel_icon(code or "wait"))


def _shade(count: int, most: int) -> int:
    return 1 + round(3 * count / most) if count and most else 0
