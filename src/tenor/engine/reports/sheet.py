"""A document of parts, as a page, as Markdown and as plain facts: what examiners keep."""

from collections.abc import Sequence
from dataclasses import dataclass

from tenor.engine.reports.page import Grid, Part, render

SYNTHETIC = "Synthetic data: made up to practise on. No real customers."


@dataclass(frozen=True)
class Sheet:
    """A document: what it is (`kicker`), whose (`title`), a sentence on top, and its parts."""

    kicker: str
    title: str
    lede: str
    synthetic: bool
    parts: Sequence[Part]
    foot: str


def html(sheet: Sheet) -> str:
    """Return the document as a self-contained page."""
    return render(
        "sheet.html.j2",
        title=f"{sheet.kicker}: {sheet.title}",
        kicker=sheet.kicker,
        name=sheet.title,
        lede=sheet.lede,
        synthetic=sheet.synthetic,
        parts=sheet.parts,
        foot=sheet.foot,
    )


def markdown(sheet: Sheet) -> str:
    """Return the document as Markdown."""
    lines = [f"# {sheet.kicker}: {sheet.title}", ""]
    if sheet.synthetic:
        lines += [f"**{SYNTHETIC}**", ""]
    lines += [sheet.lede, ""]
    for part in sheet.parts:
        lines += [f"## {part.title}", "", part.answer, ""]
        lines += [line for remark in part.remarks for line in (f"- {remark}",)]
        lines += [""] if part.remarks else []
        if part.grid is not None:
            lines += [*_table(part.grid), ""]
    return "\n".join([*lines, sheet.foot, ""])


def _table(grid: Grid) -> list[str]:
    texts = [
        "---" if k < grid.words or (grid.last_is_text and k == len(grid.head) - 1) else "---:"
        for k in range(len(grid.head))
    ]
    rows = [grid.head, texts, *grid.rows]
    return ["| " + " | ".join(_cell(str(c)) for c in row) + " |" for row in rows]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
