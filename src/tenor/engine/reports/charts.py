"""Charts as inline SVG that can be read without help: labelled directly, bars from zero.

Each chart is drawn twice, for a wide page and for a phone, so that its text keeps its size; the
style sheet shows one of them. Colours come from the style sheet (light, dark, print); the only
meanings of a colour are those that a label says too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from tenor.engine.reports.svg import (
    TEXT,
    Points,
    apart,
    baseline,
    coord,
    end_height,
    frame_of,
    last_value,
    path_of,
    rect,
    round_up,
    segment,
    short,
    text_at,
    text_inside,
    text_width,
    ticks,
    time_axis,
    value_axis,
)

WIDE, NARROW = 760, 344
_ROW, _ROW_NARROW, _BAR = 34, 50, 18


@dataclass(frozen=True)
class Bar:
    """A bar: what it is, how long, and what is written at its end and (grey) beside it."""

    label: str
    value: float
    text: str
    note: str = ""
    kind: str = "plain"  # a class of the style sheet: plain, soft, careful, stop, good


@dataclass(frozen=True)
class Series:
    """A line over the points of a time axis (None: no value), with the name at its end."""

    name: str
    values: Sequence[float | None]
    kind: str = "main"  # a class of the style sheet: main, second


@dataclass(frozen=True)
class Mark:
    """A point on a curve that is named."""

    x: float
    y: float
    text: str


def bars(rows: Sequence[Bar], *, says: str) -> Markup:
    """Draw horizontal bars from zero; `says` is the chart in words, for those who cannot see it."""
    return _both(lambda width: _bars(rows, width), says)


def columns(
    labels: Sequence[str], values: Sequence[float | None], texts: Sequence[str], *, says: str,
    last_is_open: bool = False,
) -> Markup:  # fmt: skip
    """Draw a column a period from zero, naming the last complete one and the highest.

    `last_is_open` draws the last column as not yet complete.
    """
    return _both(lambda width: _columns(labels, values, texts, width, last_is_open), says)


def lines(
    labels: Sequence[str], series: Sequence[Series], *, unit: str, says: str, between: str = ""
) -> Markup:
    """Draw lines over periods, from zero, each named at its end.

    `between` names the band between the first two series, which is then shaded.
    """
    return _both(lambda width: _lines(labels, series, unit, between, width), says)


def curve(
    points: Sequence[tuple[float, float]], marks: Sequence[Mark], *, zero: str, unit: str,
    says: str,
) -> Markup:  # fmt: skip
    """Draw a rising step curve of shares (0 to 1), naming `marks`; `zero` names the day 0."""
    return _both(lambda width: _curve(points, marks, zero, unit, width), says)


def change_bar(before: float, after: float, *, says: str) -> Markup:
    """Draw a bar as small as a word: a share `before`, and what is added (or lost) by `after`."""
    width, height = 72, 12
    low, high = (width * max(0.0, min(1.0, v)) for v in sorted((before, after)))
    change = "plain" if after >= before else "careful"
    return Markup(
        f'<svg class="small" role="img" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" aria-label="{escape(says)}">'
        f"{rect(0, 3, width, 7, 'ground')}{rect(0, 3, low, 7, 'soft')}"
        f"{rect(low, 3, high - low, 7, change)}</svg>"
    )


def _both(draw: Callable[[int], tuple[int, str]], says: str) -> Markup:
    parts = []
    for name, width in (("wide", WIDE), ("narrow", NARROW)):
        height, body = draw(width)
        parts.append(
            f'<svg class="chart {name}" role="img" viewBox="0 0 {width} {height}" '
            f'aria-label="{escape(says)}">{body}</svg>'
        )
    return Markup("".join(parts))


def _bars(rows: Sequence[Bar], width: int) -> tuple[int, str]:
    narrow = width < WIDE
    most = max((row.value for row in rows), default=0.0)
    labels = 0.0 if narrow else max((text_width(r.label) for r in rows), default=0.0) + 14
    ends = (
        max((text_width(r.text + ("" if narrow else f"  {r.note}")) for r in rows), default=0.0) + 8
    )
    room = width - labels - ends
    height = (_ROW_NARROW if narrow else _ROW) * len(rows)
    body = []
    for number, row in enumerate(rows):
        top = number * (_ROW_NARROW if narrow else _ROW) + (22 if narrow else 6)
        length = room * row.value / most if most > 0 and row.value > 0 else 0.0
        base = top + _BAR - 5
        if narrow:
            body.append(text_at(0, top - 7, row.label))
            body.append(text_at(width, top - 7, row.note, "note", "end"))
        else:
            body.append(text_at(labels - 14, base, row.label, "", "end"))
        if length:
            body.append(rect(labels, top, max(length, 1.5), _BAR, row.kind))
        note = (
            ""
            if narrow or not row.note
            else f'<tspan class="note" dx="8">{escape(row.note)}</tspan>'
        )
        body.append(
            f'<text x="{coord(labels + length + 7)}" y="{base}"><tspan class="strong">'
            f"{escape(row.text)}</tspan>{note}</text>"
        )
    return height, "".join(body)


def _columns(
    labels: Sequence[str],
    values: Sequence[float | None],
    texts: Sequence[str],
    width: int,
    last_is_open: bool,
) -> tuple[int, str]:
    frame = frame_of(width, 190, right=8, left=4, top=26)
    most = max((v for v in values if v is not None), default=0.0)
    step = 1 / max(len(values), 1)
    named = _named(values[:-1] if last_is_open and len(values) > 1 else values)
    body = [baseline(frame)]
    for number, value in enumerate(values):
        if value is None:
            continue
        height = value / most if most > 0 else 0.0
        left, right = frame.x((number + 0.14) * step), frame.x((number + 0.86) * step)
        kind = "open" if last_is_open and number == len(values) - 1 else "plain"
        top = min(frame.y(height), frame.bottom - 1.5)
        body.append(rect(left, top, right - left, frame.bottom - top, kind))
        if number in named:
            body.append(text_inside(frame, (left + right) / 2, top - 7, texts[number], "strong"))
    centres = [frame.x((n + 0.5) * step) for n in range(len(labels))]
    body.append(time_axis(frame, centres, labels))
    return frame.height, "".join(body)


def _named(values: Sequence[float | None]) -> set[int]:
    """Choose the columns to name: the last, and the highest where the names do not touch."""
    present = [n for n, v in enumerate(values) if v is not None]
    if not present:
        return set()
    last = present[-1]
    highest = max(present, key=lambda n: values[n] or 0.0)
    return {last, highest} if last - highest >= len(values) / 6 else {last}


def _lines(
    labels: Sequence[str], series: Sequence[Series], unit: str, between: str, width: int
) -> tuple[int, str]:
    known = [v for s in series for v in s.values if v is not None]
    top = round_up(max(known, default=1.0))
    ends = [f"{s.name} {short(last_value(s.values))}" for s in series]
    right = max((text_width(e) for e in ends), default=0.0) + 12
    frame = frame_of(width, 230, right=right, left=36, top=14)
    step = 1 / max(len(labels) - 1, 1)
    body = [value_axis(frame, top, unit)]
    at = [
        [
            None if v is None else (frame.x(n * step), frame.y(v / top))
            for n, v in enumerate(s.values)
        ]
        for s in series
    ]
    if between and len(at) > 1:
        body.append(_band(at[0], at[1]))
    heights = apart([end_height(points, frame) for points in at])
    for one, points, name, height in zip(series, at, ends, heights, strict=True):
        body.append(f'<path class="line {one.kind}" d="{path_of(points)}"/>')
        drawn = [p for p in points if p is not None]
        if drawn:
            x, y = drawn[-1]
            body.append(f'<circle class="dot {one.kind}" cx="{coord(x)}" cy="{coord(y)}" r="3.5"/>')
            body.append(text_at(x + 9, height + 4, name, f"name {one.kind}"))
    if between and len(at) > 1:
        body.append(_band_name(at[0], at[1], between))
    body.append(time_axis(frame, [frame.x(n * step) for n in range(len(labels))], labels))
    return frame.height, "".join(body)


def _band(upper: Points, lower: Points) -> str:
    pairs = [(u, v) for u, v in zip(upper, lower, strict=True) if u is not None and v is not None]
    if len(pairs) < 2:
        return ""
    there = " ".join(f"{coord(u[0])},{coord(u[1])}" for u, _ in pairs)
    back = " ".join(f"{coord(v[0])},{coord(v[1])}" for _, v in reversed(pairs))
    return f'<polygon class="band" points="{there} {back}"/>'


def _band_name(upper: Points, lower: Points, name: str) -> str:
    """Write the name of the band where it is widest, if it is wide enough to hold it."""
    pairs = [(u, v) for u, v in zip(upper, lower, strict=True) if u is not None and v is not None]
    inner = pairs[len(pairs) // 4 : -max(len(pairs) // 4, 1)]
    if not inner:
        return ""
    u, v = max(inner, key=lambda pair: pair[1][1] - pair[0][1])
    if v[1] - u[1] < TEXT + 8:
        return ""
    return text_at(u[0], (u[1] + v[1]) / 2 + 4, name, "note", "middle")


def _curve(
    points: Sequence[tuple[float, float]], marks: Sequence[Mark], zero: str, unit: str, width: int
) -> tuple[int, str]:
    first, last = points[0][0], points[-1][0]
    span = max(last - first, 1.0)
    frame = frame_of(width, 260, right=14, left=44, top=16)

    def x(value: float) -> float:
        return frame.x((value - first) / span)

    body = [value_axis(frame, 1.0, "%")]
    for tick in ticks(first, last, 4 if width < WIDE else 8):
        body.append(text_at(x(tick), frame.bottom + 18, short(tick), "note", "middle"))
    body.append(text_at(frame.right, frame.bottom + 34, unit, "note", "end"))
    if first <= 0 <= last:
        body.append(segment(x(0), frame.top, x(0), frame.bottom, "rule"))
        anchor, gap = ("start", 5) if x(0) < frame.x(0.6) else ("end", -5)
        body.append(text_at(x(0) + gap, frame.top - 4, zero, "note", anchor))
    path = f"M{coord(x(first))} {coord(frame.y(points[0][1]))}"
    for px, py in points[1:]:
        path += f"H{coord(x(px))}V{coord(frame.y(py))}"
    body.append(f'<path class="line main" d="{path}"/>')
    for mark in marks:
        cx, cy = x(mark.x), frame.y(mark.y)
        body.append(f'<circle class="dot main" cx="{coord(cx)}" cy="{coord(cy)}" r="4"/>')
        fits = cx + 10 + text_width(mark.text) < frame.width
        anchor, gap = ("start", 9) if fits else ("end", -9)
        body.append(text_at(cx + gap, cy + (14 if fits else -8), mark.text, "strong", anchor))
    return frame.height + 14, "".join(body)
