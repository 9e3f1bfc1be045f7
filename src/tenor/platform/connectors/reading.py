"""From files to tables: put columns in their places, and name every row that cannot be used."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenor.engine.errors import InputError
from tenor.engine.frames import TABLES, Tables
from tenor.engine.store import Reading, read_tables
from tenor.platform.connectors.folders import mapped_of, problems_of, source_of
from tenor.platform.connectors.models import Import
from tenor.platform.connectors.normal import name_of, normal
from tenor.platform.connectors.sheets import Sheet, read_sheet
from tenor.platform.connectors.targets import TABLE_NAMES, guess_columns, guess_table, targets
from tenor.platform.core.errors import Invalid
from tenor.platform.ledger.models import Customer, Invoice

PROBLEMS = {
    "table": pl.String, "file": pl.String, "row": pl.Int64, "column": pl.String,
    "reason": pl.String,
}  # fmt: skip
# What rows of other tables may name that is in the ledger already.
_KNOWN = {
    "customers": {"customer_id": "key"},
    "invoices": {
        "invoice_id": "key", "customer_id": "customer__key", "amount": "amount",
        "currency": "currency", "issued_on": "issued_on", "due_on": "due_on",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Checked:
    """The usable rows of an import, and what is wrong with the others.

    `problems` has a row a value: table, file, row (as in a spreadsheet), column and reason.
    `rows` says how many rows each table's file holds.
    """

    tables: Tables
    problems: pl.DataFrame
    warnings: list[str]
    rows: dict[str, int]

    @property
    def bad_rows(self) -> dict[str, int]:
        """Return how many rows of each table cannot be used."""
        bad = self.problems.unique(["table", "row"]).group_by("table").len()
        return dict(bad.iter_rows())


def sheets_of(row: Import) -> dict[str, Sheet]:
    """Return the files of an import by the table that each is."""
    return {table: read_sheet(source_of(row) / part["file"]) for table, part in row.mapping.items()}


def guessed(row: Import) -> dict[str, Any]:
    """Say which table each file is and what its columns are: `{table: {file, columns}}`."""
    mapping: dict[str, Any] = {}
    for path in sorted(source_of(row).iterdir()):
        sheet = read_sheet(path)
        table = guess_table(sheet.name, sheet.columns)
        if table is None or table in mapping:
            table = next((name for name in TABLES if name not in mapping), None)
        if table is None:
            raise Invalid(_("There are more files than tables: at most one a table."))
        mapping[table] = {"file": sheet.name, "columns": guess_columns(table, sheet.columns)}
    return mapping


def check(row: Import) -> Checked:
    """Read the files of an import as its mapping says; nothing is written to the ledger."""
    for table, part in row.mapping.items():
        _refuse_gaps(table, part["columns"])
    sheets, folder = sheets_of(row), mapped_of(row)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for table in TABLES:
        if table in sheets or table in _KNOWN:
            _write_mapped(row, table, sheets.get(table), folder)
    try:
        reading = read_tables(folder, timezone=row.timezone or row.organisation.timezone)
    except InputError as error:
        raise Invalid(str(error).replace(f"{folder}", "").lstrip(":/ ")) from error
    problems = _in_words(reading, row, sheets)
    problems.write_parquet(problems_of(row))
    rows = {table: _filled(sheet) for table, sheet in sheets.items()}
    return Checked(_own_rows(reading.tables, row, sheets), problems, reading.warnings, rows)


def _refuse_gaps(table: str, columns: dict[str, str]) -> None:
    chosen = [target for target in columns.values() if target not in ("", "*", "ref")]
    twice = next((name for name in chosen if chosen.count(name) > 1), None)
    words = {"table": TABLE_NAMES[table], "column": twice}
    if twice is not None:
        raise Invalid(_("%(table)s: two columns are %(column)s; choose one.") % words)
    gaps = [t.column for t in targets(table) if t.required and t.column not in chosen]
    if gaps:
        words["column"] = ", ".join(gaps)
        raise Invalid(
            ngettext(
                "%(table)s: no column is %(column)s yet; say which one is.",
                "%(table)s: no columns are %(column)s yet; say which ones are.",
                len(gaps),
            )
            % words
        )


def _write_mapped(row: Import, table: str, sheet: Sheet | None, folder: Path) -> None:
    """Write a table in the contract's form: the file's rows, then what the ledger has besides."""
    frame = pl.DataFrame()
    if sheet is not None:
        frame = normal(sheet, table, row.mapping[table]["columns"])
    if table in _KNOWN:
        frame = _with_known(row, table, frame)
    if sheet is None or sheet.is_text:
        frame.write_csv(folder / f"{table}.csv")
    else:
        frame.write_parquet(folder / f"{table}.parquet")


def _with_known(row: Import, table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Add below the file's rows those that the ledger has besides, so that others may name them."""
    source = Customer if table == "customers" else Invoice
    columns = _KNOWN[table]
    rows = source.objects.of(row.organisation).values_list(*columns.values())
    texts = [tuple(str(value) for value in known) for known in rows.iterator(chunk_size=10_000)]
    known = pl.DataFrame(texts, schema=dict.fromkeys(columns, pl.String), orient="row")
    if frame.is_empty():
        return known
    key = next(iter(columns))
    known = known.filter(~pl.col(key).is_in(frame[key].cast(pl.String).implode()))
    typed = [pl.col(c).cast(frame[c].dtype, strict=False) for c in columns if c in frame.columns]
    return pl.concat([frame, known.select(typed)], how="diagonal")


def _own_rows(tables: Tables, row: Import, sheets: dict[str, Sheet]) -> Tables:
    """Return what the files hold, without what was only there to be named."""
    own: dict[str, pl.DataFrame] = {}
    for table, columns in _KNOWN.items():
        key, frame = next(iter(columns)), getattr(tables, table)
        keys = pl.Series(key, [], dtype=pl.String)
        if table in sheets:
            mapping = row.mapping[table]["columns"]
            theirs = next(column for column, target in mapping.items() if target == key)
            keys = sheets[table].frame[theirs].cast(pl.String)
        own[table] = frame.filter(pl.col(key).is_in(keys.drop_nulls().implode()))
    return tables.with_(**own)


def _in_words(reading: Reading, row: Import, sheets: dict[str, Sheet]) -> pl.DataFrame:
    """Name each problem by the file and the column as their owner calls them."""
    found: list[tuple[str, str, int, str, str]] = []
    for file, number, column, reason in reading.problems.iter_rows():
        table = file.rsplit(".", 1)[0]
        if table in sheets:
            theirs = {
                name_of(table, c, t): c for c, t in row.mapping[table]["columns"].items() if t
            }
            place = (table, sheets[table].name, number, theirs.get(column, column), reason)
            found.append(place)
    for table, sheet in sheets.items():
        for number, cells in sheet.misshapen:
            reason = _("has %(cells)s cells where the header has %(columns)s") % {
                "cells": cells,
                "columns": len(sheet.columns),
            }
            found.append((table, sheet.name, number, "", reason))
    return pl.DataFrame(found, schema=PROBLEMS, orient="row").sort(
        "table", "row", maintain_order=True
    )


def _filled(sheet: Sheet) -> int:
    """Count the rows that are not blank, those of another shape too."""
    if not sheet.columns:
        return 0
    blank = sheet.frame.select(pl.all_horizontal(pl.all().is_null())).to_series().sum()
    return sheet.frame.height - int(blank) + len(sheet.misshapen)
