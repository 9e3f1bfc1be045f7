"""The dated values of a provision, drawn as steps over time: rates, amounts, terms."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tenor.engine.law.pack import InForce, Provision
from tenor.engine.law.review.said import name_of

WIDE, HIGH, EDGE = 640, 180, 34
# Up to where an open end is drawn, beyond the last change or today.
_AHEAD = timedelta(days=183)
_LEAST_ROWS = 3
_ROOM = Decimal("1.15")


@dataclass(frozen=True)
class Step:
    """A value and the time for which it holds, in the units of the drawing."""

    x: int
    width: int
    y: int
    label: str
    labelled: bool
    first: date
    now: bool


@dataclass(frozen=True)
class Drawing:
    """Steps over time. `today` is where today stands, `ticks` the years that are named."""

    name: str
    steps: list[Step]
    path: str
    today: int
    ticks: list[tuple[int, str]]
    base: int


def drawing_of(provision: Provision, day: date) -> Drawing | None:
    """Draw the first number that changes over at least three rows; nothing where there is none."""
    key = _changing(provision)
    if key is None:
        return None
    rows = [row for row in provision.rows if _number(row, key) is not None]
    start, end = rows[0].first, max(rows[-1].first, day) + _AHEAD
    highest = max(_number(row, key) or Decimal(0) for row in rows) * _ROOM or Decimal(1)
    days = Decimal((end - start).days)

    def across(when: date) -> int:
        return int(EDGE + (WIDE - 2 * EDGE) * (when - start).days / days)

    def down(value: Decimal) -> int:
        return int(HIGH - EDGE - (HIGH - 2 * EDGE) * value / highest)

    steps, free = [], 0
    for row in rows:
        value = _number(row, key) or Decimal(0)
        x, until = across(row.first), across(min(end, row.last or end))
        label = f"{value:f}"
        # A label needs some room beside the one before it.
        labelled = x >= free
        free = x + 9 * len(label) + 6 if labelled else free
        steps.append(
            Step(x, max(1, until - x), down(value), label, labelled, row.first, row.holds_on(day))
        )
    return Drawing(
        name=name_of(key),
        steps=steps,
        path=_path(steps),
        today=across(min(max(day, start), end)),
        ticks=_years(start, end, across),
        base=HIGH - EDGE,
    )


def _changing(provision: Provision) -> str | None:
    for key in dict.fromkeys(key for row in provision.rows for key in row.written):
        numbers = [n for row in provision.rows if (n := _number(row, key)) is not None]
        if len(numbers) >= _LEAST_ROWS and len(set(numbers)) > 1 and min(numbers) >= 0:
            return key
    return None


def _number(row: InForce, key: str) -> Decimal | None:
    value = row.written.get(key) if row.says is not None else None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value)


def _path(steps: list[Step]) -> str:
    parts = [f"M{steps[0].x} {steps[0].y}"]
    for step in steps:
        parts.append(f"H{step.x}V{step.y}H{step.x + step.width}")
    return "".join(parts)


def _years(start: date, end: date, across: Any) -> list[tuple[int, str]]:
    years = range(start.year + 1, end.year + 1)
    every = max(1, len(years) // 8)
    return [(across(date(year, 1, 1)), str(year)) for year in years if year % every == 0]
