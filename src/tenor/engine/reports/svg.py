"""The pieces of a chart in SVG: texts, axes, and where things go so that nothing collides."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import escape

TEXT = 13
# The mean width of a character of the system's sans serif, as a share of its height.
_CHARACTER = 0.62

Points = Sequence[tuple[float, float] | None]


@dataclass(frozen=True)
class Frame:
    """The drawing area of a chart with axes: outer size, and the edges of the plot in it."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float

    def x(self, share: float) -> float:
        """Return where a share of the width lies."""
        return self.left + (self.right - self.left) * share

    def y(self, share: float) -> float:
        """Return where a share of the height lies, from the bottom up."""
        return self.bottom - (self.bottom - self.top) * share


def frame_of(width: int, height: int, *, left: float, right: float, top: float) -> Frame:
    """Return the frame of a chart with room for a line of labels below."""
    return Frame(width, height, left, width - right, top, height - 26)


def baseline(frame: Frame) -> str:
    """Draw the line on which the values stand."""
    return segment(frame.left, frame.bottom, frame.right, frame.bottom, "axis")


def rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    """Draw a rectangle with slightly rounded corners."""
    return (
        f'<rect class="{kind}" x="{coord(x)}" y="{coord(y)}" width="{coord(width)}" '
        f'height="{coord(height)}" rx="2"/>'
    )


def segment(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """Draw a straight line."""
    ends = f'x1="{coord(x1)}" y1="{coord(y1)}" x2="{coord(x2)}" y2="{coord(y2)}"'
    return f'<line class="{kind}" {ends}/>'


def value_axis(frame: Frame, top: float, unit: str) -> str:
    """Draw zero, the half and the top of the value axis; the unit stands at the top."""
    body = [baseline(frame)]
    for share in (0.0, 0.5, 1.0):
        y = frame.y(share)
        value = top * share
        text = f"{value * 100:.0f}%" if unit == "%" else short(value)
        body.append(text_at(frame.left - 7, y + 4, text, "note", "end"))
        if share:
            body.append(segment(frame.left, y, frame.right, y, "grid"))
    if unit != "%":
        body.append(text_at(frame.left + 5, frame.y(1.0) - 4, unit, "note"))
    return "".join(body)


def time_axis(frame: Frame, centres: Sequence[float], labels: Sequence[str]) -> str:
    """Write the first and last label, and those between that have room."""
    if not labels:
        return ""
    wanted = max(max(text_width(label) for label in labels) + 18, 1.0)
    every = max(1, math.ceil(wanted / ((frame.right - frame.left) / max(len(labels), 1))))
    body = []
    for number in range(len(labels) - 1, -1, -every):
        body.append(text_inside(frame, centres[number], frame.bottom + 18, labels[number], "note"))
    return "".join(body)


def text_inside(frame: Frame, x: float, y: float, text: str, kind: str) -> str:
    """Write a text centred at `x`, moved as far as the frame's edges ask."""
    half = text_width(text) / 2
    return text_at(min(max(x, half), frame.width - half), y, text, kind, "middle")


def end_height(points: Points, frame: Frame) -> float:
    """Return the height at which a line ends."""
    return next((p[1] for p in reversed(points) if p is not None), frame.bottom)


def apart(heights: Sequence[float]) -> list[float]:
    """Move labels at these heights apart, so that no two lie on each other."""
    order = sorted(range(len(heights)), key=lambda n: heights[n])
    moved = list(heights)
    for above, below in pairwise(order):
        moved[below] = max(moved[below], moved[above] + TEXT + 3)
    return moved


def path_of(points: Points) -> str:
    """Return the path through the points, broken where one is missing."""
    parts, pen = [], "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        parts.append(f"{pen}{coord(point[0])} {coord(point[1])}")
        pen = "L"
    return "".join(parts)


def last_value(values: Sequence[float | None]) -> float:
    """Return the last value there is, 0 where there is none."""
    return next((v for v in reversed(values) if v is not None), 0.0)


def round_up(value: float) -> float:
    """Return the next round number from `value` on, such as 1, 1.5, 2, 30 or 800."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(
        step * power for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * power >= value - 1e-9
    )


def ticks(first: float, last: float, most: int) -> list[float]:
    """Return round values between `first` and `last`, at most `most` + 1."""
    step = next(s for s in (1, 2, 5, 10, 15, 30, 60, 90, 180, 365, 730, 3650, 36500)
                if (last - first) / s <= most or s == 36500)  # fmt: skip
    start = math.ceil(first / step) * step
    return [start + n * step for n in range(int((last - start) // step) + 1)]


def short(value: float) -> str:
    """Write a number of an axis: whole, or one decimal below ten."""
    return f"{value:,.0f}" if abs(value) >= 10 or value == round(value) else f"{value:.1f}"


def text_width(text: str) -> float:
    """Estimate how wide a text is drawn."""
    return len(text) * TEXT * _CHARACTER


def text_at(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    """Write a text."""
    if not text:
        return ""
    kind = f' class="{kind}"' if kind else ""
    anchor = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{coord(x)}" y="{coord(y)}"{kind}{anchor}>{escape(text)}</text>'


def coord(value: float) -> str:
    """Write a coordinate: one decimal, no minus zero, so that pages are equal byte for byte."""
    return f"{round(value, 1) + 0.0:g}"
