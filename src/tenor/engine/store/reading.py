"""Read a directory of tables; every row that cannot be used is named with its place and reason."""

import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tenor.engine.errors import InputError
from tenor.engine.frames import (
    CONSENT_PREFIX,
    CUSTOMERS,
    INVOICES,
    REACH_PREFIX,
    REFERENCE_PREFIX,
    TABLES,
    Table,
    Tables,
    Type,
    conform,
    tables_of,
)
from tenor.engine.store import checks, columns
from tenor.engine.store.files import ROW, RawFile, find_table, nearest, open_table

_MUST_BE_THERE = (CUSTOMERS, INVOICES)


@dataclass(frozen=True)
class Reading:
    """What a directory of tables holds.

    Attributes
    ----------
    tables
        The usable rows.
    problems
        One row a value that makes its row unusable: `file, row, column, reason`. Rows of CSV
        files count as in a spreadsheet (the header is row 1); rows of Parquet files from 1.
    warnings
        What is odd and yet used, or left aside without harm, in words.
    rows
        How many rows each file held, the unusable ones too.
    """

    tables: Tables
    problems: pl.DataFrame
    warnings: list[str]
    rows: dict[str, int]


@dataclass(frozen=True)
class _Typed:
    """One table with its values in their types: all rows still there, problems beside them."""

    file: str
    frame: pl.DataFrame
    problems: pl.DataFrame
    warnings: list[str]
    rows: int

    def usable(self) -> pl.DataFrame:
        return self.frame.filter(~pl.col(ROW).is_in(self.problems["row"].implode()))

    def with_problems(self, more: pl.DataFrame) -> "_Typed":
        problems = pl.concat([self.problems, more])
        return _Typed(self.file, self.frame, problems, self.warnings, self.rows)


def read_tables(directory: Path, *, timezone: str | None = None) -> Reading:
    """Read the tables of `directory`: `NAME.csv` or `NAME.parquet` each.

    Parameters
    ----------
    directory
        Must hold `customers` and `invoices`; the other tables may be missing or empty.
    timezone
        The IANA zone of timestamps that name none; without it such timestamps are refused.

    Raises
    ------
    InputError
        Where no row can be read at all: a file or a required column is missing, a file is not
        CSV or Parquet, there are two files of one table, or the zone does not exist.
    """
    _check_zone(timezone)
    paths = _find_files(directory)
    typed = {
        name: _read_table(TABLES[name], open_table(path), timezone) if path else _absent(name)
        for name, path in paths.items()
    }
    typed = _check_references(typed)
    usable = {name: table.usable() for name, table in typed.items()}
    warnings = [w for table in typed.values() for w in table.warnings]
    tables = tables_of(**{name: frame.drop(ROW) for name, frame in usable.items()})
    return Reading(
        tables=tables,
        problems=_in_order(typed),
        warnings=warnings + checks.notes({t.name: f for t, f in tables}),
        rows={name: table.rows for name, table in typed.items()},
    )


def _check_zone(timezone: str | None) -> None:
    if timezone is not None and timezone not in zoneinfo.available_timezones():
        close = nearest(timezone, [z.lower() for z in zoneinfo.available_timezones()])
        names = {z.lower(): z for z in zoneinfo.available_timezones()}
        hint = f"; did you mean {names[close]}?" if close else ", such as Europe/Amsterdam"
        raise InputError(f"{timezone!r} is not a time zone{hint}")


def _find_files(directory: Path) -> dict[str, Path | None]:
    if not directory.is_dir():
        what = "is a file; name the directory it is in" if directory.exists() else "does not exist"
        raise InputError(f"{directory}: {what}")
    paths = {name: find_table(directory, name) for name in TABLES}
    for table in _MUST_BE_THERE:
        if paths[table.name] is None:
            there = _instead(directory, table)
            raise InputError(
                f"{directory}: {table.name}.csv (or .parquet) is missing{there}; "
                f"it needs the columns {', '.join(_required(table))}"
            )
    return paths


def _instead(directory: Path, table: Table) -> str:
    names = sorted(p.name for p in directory.iterdir() if p.is_file() and p.name[0] != ".")
    alike = [n for n in names if n.lower().startswith(table.name[:-1])]
    return f" (there is {alike[0]})" if alike else ""


def _required(table: Table) -> list[str]:
    return [c.name for c in table.columns if c.required]


def _absent(name: str) -> _Typed:
    empty = TABLES[name].empty().with_columns(pl.lit(0, dtype=pl.Int64).alias(ROW))
    return _Typed(name, empty, pl.DataFrame(schema=checks.PROBLEMS), [], 0)


def _read_table(table: Table, raw: RawFile, timezone: str | None) -> _Typed:
    _refuse_missing_columns(table, raw)
    warnings: list[str] = []
    if raw.blank_rows:
        noun = "blank row" if raw.blank_rows == 1 else "blank rows"
        warnings.append(f"{raw.name}: {raw.blank_rows:,} {noun} passed over")
    found = [
        checks.problems_of(raw.name, "", raw.problems["row"], raw.problems["reason"]),
    ]
    parsed: dict[str, pl.Series] = {}
    for name, values, bad, warning in _parse_columns(table, raw, timezone):
        if values is not None:
            parsed[name] = values
        if bad.height:
            rows = raw.frame[ROW].gather(bad["at"])
            found.append(checks.problems_of(raw.name, name, rows, bad["reason"]))
        if warning:
            warnings.append(warning)
    frame = conform(table, pl.DataFrame(parsed)).with_columns(raw.frame[ROW])
    found += _empty_required(table, raw, frame, found)
    found += checks.check_rows(table, raw.name, frame)
    held = raw.frame.height + raw.problems.height
    return _Typed(raw.name, frame, pl.concat(found), warnings, held)


def _refuse_missing_columns(table: Table, raw: RawFile) -> None:
    missing = [name for name in _required(table) if name not in raw.columns]
    if not missing:
        return
    spare = [c for c in raw.columns if table.column(c) is None]
    close = nearest(missing[0], [c.lower() for c in spare])
    there = next((c for c in spare if c.lower() == close), None)
    hint = f"; rename {there!r}?" if there else f"; the file has {', '.join(raw.columns)}"
    noun = "column" if len(missing) == 1 else "columns"
    raise InputError(f"{raw.name}: the {noun} {', '.join(missing)} must be there{hint}")


def _parse_columns(
    table: Table, raw: RawFile, timezone: str | None
) -> Iterator[tuple[str, pl.Series | None, pl.DataFrame, str | None]]:
    nothing = pl.DataFrame(schema={"at": pl.UInt32, "reason": pl.String})
    for name in raw.columns:
        series, place = raw.frame[name], f"{raw.name}: column {name}"
        column = table.column(name)
        wanted = column.type if column else _type_by_prefix(name) if table.free_columns else None
        if wanted is not None:
            parsed = columns.parse(series, wanted, timezone=timezone, place=place)
            yield name, parsed.values, parsed.bad, None
        elif not table.free_columns:
            yield name, None, nothing, _left_aside(table, place, name)
        elif not raw.has_types:
            inferred = columns.infer(series)
            yield name, inferred.values, inferred.bad, None
        elif kept := columns.keep(series, timezone=timezone, place=place):
            yield name, kept.values, kept.bad, _missing_as_nan(series, place)
        else:
            yield name, None, nothing, f"{place} holds {series.dtype}; left aside"


def _type_by_prefix(name: str) -> Type | None:
    if name.startswith((CONSENT_PREFIX, REACH_PREFIX)):
        return Type.FLAG
    # A reference is carried along as it is written.
    return Type.TEXT if name.startswith(REFERENCE_PREFIX) else None


def _left_aside(table: Table, place: str, name: str) -> str:
    close = nearest(name, [c.name for c in table.columns])
    return f"{place} is not known; left aside" + (f" (did you mean {close}?)" if close else "")


def _missing_as_nan(series: pl.Series, place: str) -> str | None:
    count = int(series.is_nan().sum()) if series.dtype.is_float() else 0
    return f"{place}: {count:,} NaN read as missing" if count else None


def _empty_required(
    table: Table, raw: RawFile, frame: pl.DataFrame, found: list[pl.DataFrame]
) -> list[pl.DataFrame]:
    told = pl.concat(found).select("row", "column")
    more = []
    for column in _required(table):
        if not frame[column].null_count():
            continue
        already = told.filter(pl.col("column") == column)["row"].implode()
        empty = pl.col(column).is_null() & ~pl.col(ROW).is_in(already)
        more.append(checks.find(raw.name, frame, column, empty, "is empty"))
    return more


def _check_references(typed: dict[str, _Typed]) -> dict[str, _Typed]:
    """Refuse rows that name nothing usable; a row that falls takes those that name it along."""
    for table, column, target in checks.REFERENCES:
        source, aim = typed[table.name], typed[target.name]
        problems = checks.check_reference(
            source.file,
            source.frame,
            column,
            usable=aim.usable()[column].drop_nulls(),
            named=aim.frame[column].drop_nulls(),
            noun=column.removesuffix("_id"),
        )
        typed = {**typed, table.name: source.with_problems(problems)}
    return typed


def _in_order(typed: dict[str, _Typed]) -> pl.DataFrame:
    return pl.concat([t.problems.sort("row", maintain_order=True) for t in typed.values()])
