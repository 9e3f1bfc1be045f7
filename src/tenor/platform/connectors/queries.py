"""What the screens of an import show."""

import zoneinfo
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from tenor.engine.frames import TABLES
from tenor.platform.connectors.folders import has_files, mapped_of
from tenor.platform.connectors.folders import problems_of as problems_file
from tenor.platform.connectors.models import Import
from tenor.platform.connectors.normal import name_of
from tenor.platform.connectors.reading import PROBLEMS, sheets_of
from tenor.platform.connectors.targets import (
    LEAVE_OUT,
    TABLE_NAMES,
    Target,
    targets,
)
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import NotFound
from tenor.platform.core.models import Organisation

_SHOWN = 50
_PREVIEWED = 6
_EXAMPLES = 3
# A cell that begins so would be run as a formula by a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class ColumnChoice:
    """A column of a file: examples of its values, what it is taken for, what it could be."""

    field: str
    name: str
    examples: list[str]
    target: str


@dataclass(frozen=True)
class FileChoice:
    """A file: the table that it is taken for, its columns, and what these could be."""

    table: str
    file: str
    rows: int
    columns: list[ColumnChoice]
    targets: list[Target]
    may_keep: bool


def imports(organisation: Organisation, limit: int = 50) -> list[Import]:
    """List the organisation's imports, newest first."""
    return list(Import.objects.of(organisation)[:limit])


def import_for(actor: Actor, number: int) -> Import:
    """Return an import of the actor's organisation."""
    row: Import = row_for(actor, Import, pk=number, related=("organisation",))
    return row


def files_of(row: Import) -> list[FileChoice]:
    """Describe the files of an import with what each column is taken for."""
    found = []
    for table, sheet in sheets_of(row).items():
        mapping = row.mapping[table]["columns"]
        columns = [
            ColumnChoice(f"{table}:{at}", name, _examples(sheet.frame[name]), target)
            for at, (name, target) in enumerate(mapping.items())
        ]
        keeps = TABLES[table].free_columns
        found.append(
            FileChoice(table, sheet.name, sheet.frame.height, columns, targets(table), keeps)
        )
    return found


def problems_of(row: Import) -> dict[str, dict[str, Any]]:
    """Return the first problems of each table, and how many rows have any."""
    found: dict[str, dict[str, Any]] = {}
    everything = _problems(row)
    for table in row.mapping:
        own = everything.filter(pl.col("table") == table)
        if own.height:
            reasons = own.group_by("column", "reason").len().sort("len", descending=True)
            found[table] = {
                "name": TABLE_NAMES[table],
                "file": own["file"][0],
                "rows": own["row"].n_unique(),
                "first": own.head(_SHOWN).to_dicts(),
                "more": max(own.height - _SHOWN, 0),
                "reasons": reasons.head(5).to_dicts(),
            }
    return found


def previews_of(row: Import) -> list[dict[str, Any]]:
    """Return the first rows of each table as they were understood."""
    found = []
    for table in row.mapping:
        kept = row.mapping[table]["columns"]
        names = [name_of(table, c, t) for c, t in kept.items() if t != LEAVE_OUT]
        path = mapped_of(row) / f"{table}.csv"
        frame = (
            pl.read_csv(path, n_rows=_PREVIEWED, infer_schema=False)
            if path.is_file()
            else pl.read_parquet(path.with_suffix(".parquet"), n_rows=_PREVIEWED)
        )
        frame = frame.select([n for n in names if n in frame.columns])
        shown = [n.removeprefix("ref_person_") for n in frame.columns]
        rows = [["" if v is None else str(v) for v in values] for values in frame.iter_rows()]
        found.append({"name": TABLE_NAMES[table], "columns": shown, "rows": rows})
    return found


def bad_rows_csv(row: Import, table: str) -> str:
    """Return the rows of a table's file that cannot be used: as they were, with what is wrong."""
    if table not in row.mapping or not has_files(row):
        raise NotFound(_("There is no such file."))
    own = _problems(row).filter(pl.col("table") == table)
    words = pl.format("{}: {}", pl.col("column"), pl.col("reason"))
    wrong = own.group_by("row").agg(problem=words.str.join("; ")).sort("row")
    sheet = sheets_of(row)[table]
    # Rows of CSV files count as in a spreadsheet, where the header is the first.
    rows = sheet.frame.with_row_index("row", offset=2 if sheet.is_text else 1)
    rows = rows.with_columns(pl.col("row").cast(pl.Int64))
    joined = wrong.join(rows, on="row", how="left", maintain_order="left")
    texts = [pl.col(c).cast(pl.String, strict=False) for c in joined.columns]
    return joined.select(texts).with_columns(pl.all().map_elements(_tame, pl.String)).write_csv()


def zones() -> list[str]:
    """List the time zones, by name."""
    return sorted(z for z in zoneinfo.available_timezones() if "/" in z or z == "UTC")


def _problems(row: Import) -> pl.DataFrame:
    path = problems_file(row)
    return pl.read_parquet(path) if path.is_file() else pl.DataFrame(schema=PROBLEMS)


def _examples(values: pl.Series) -> list[str]:
    seen = values.drop_nulls().head(200).unique(maintain_order=True).head(_EXAMPLES)
    return [str(value)[:40] for value in seen]


def _tame(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) and not text[1:2].isdigit() else text
