"""A report as data: its figures, its drawings, and tables that are shown and downloaded alike."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tenor.platform.workbench.reports.words import number
from tenor.platform.workbench.templatetags.tenor import count, money, percent, round_money


@dataclass(frozen=True)
class Column:
    """A column: its name, and how its values are written.

    `kind` is "text", "count", "money" (to the cent), "sum" (whole units), "share" (of one),
    "percent" (of a hundred), "number", or "figure": whole or with two decimals, as the value is.
    """

    name: str
    kind: str = "text"
    places: int = 1

    @property
    def is_number(self) -> bool:
        """Say whether it is aligned to the right."""
        return self.kind != "text"


@dataclass(frozen=True)
class Table:
    """Rows of raw values under their columns; amounts are in one currency."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    currency: str = ""

    def written(self) -> list[list[tuple[str, bool]]]:
        """Return the rows as people read them, each cell with whether it is a number."""
        return [
            [
                (_written(value, column, self.currency), column.is_number)
                for value, column in zip(row, self.columns, strict=True)
            ]
            for row in self.rows
        ]

    def as_csv(self) -> str:
        """Return the table for a program: names in the first row, raw values below."""
        text = io.StringIO()
        # Excel tells UTF-8 by this mark.
        text.write("\ufeff")
        out = csv.writer(text)
        out.writerow(_harmless(column.name) for column in self.columns)
        for row in self.rows:
            out.writerow("" if value is None else _harmless(value) for value in row)
        return text.getvalue()


@dataclass(frozen=True)
class Mark:
    """A difference with its interval, drawn around nothing: places in percent of its track."""

    name: str
    words: str
    said: str
    dot: float
    low: float
    high: float
    meaning: str = ""


@dataclass(frozen=True)
class Block:
    """A part of a report: a question, a drawing where there is one, and the table behind it.

    `form` names a form of charts.js that draws `data`; `marks` are drawn beside it, not by it.
    """

    key: str
    title: str
    question: str
    table: Table | None = None
    form: str = ""
    data: dict[str, Any] | None = None
    marks: Sequence[Mark] = field(default_factory=list)
    note: str = ""
    size: str = ""
    empty: str = ""


@dataclass(frozen=True)
class Fact:
    """A figure at the top of a report."""

    label: str
    value: str
    hint: str = ""
    change: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class Report:
    """A report: what it asks, what it says in a sentence, its figures and its parts."""

    key: str
    title: str
    question: str
    facts: Sequence[Fact] = field(default_factory=list)
    blocks: Sequence[Block] = field(default_factory=list)
    notices: Sequence[str] = field(default_factory=list)


def _written(value: Any, column: Column, currency: str) -> str:
    if value is None or value == "":
        return "–"
    if column.kind == "money":
        return money(value, currency)
    if column.kind == "sum":
        return round_money(value, currency)
    if column.kind == "count":
        return count(value)
    if column.kind == "share":
        return percent(value, column.places)
    if column.kind == "percent":
        return f"{number(value, column.places)}%"
    if column.kind == "number":
        return number(value, column.places)
    if column.kind == "figure":
        return number(value, 0 if isinstance(value, int) else 2)
    return str(value)


def _harmless(value: Any) -> Any:
    """Keep a spreadsheet from reading text as a formula (OWASP, CSV injection)."""
    text = str(value)
    is_formula = text[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(text)
    return f"'{text}" if is_formula else value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
