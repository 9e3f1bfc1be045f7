"""Files as they are: CSV (every value a text) and Parquet, with errors a person can act on."""

import csv
import io
import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from tenor.engine.errors import InputError

# The row numbers of a file travel with its rows under a name that no column of a file has.
ROW = " row"
if TYPE_CHECKING:
    import _csv

_FORMATS = (".parquet", ".csv")
_NOT_UTF8 = {
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"PK\x03\x04": "a spreadsheet or zip file",
    b"\x1f\x8b": "a gzip file",
    b"PAR1": "a Parquet file",
}


@dataclass(frozen=True)
class RawFile:
    """The rows of one file before any value is judged.

    `frame` holds the file's columns and `ROW`: as a spreadsheet counts them in CSV (the header is
    row 1, the first row of data row 2), from 1 in Parquet, which has no header row. `problems`
    are rows whose shape is wrong (`row`, `reason`); they are not in `frame`.
    """

    name: str
    frame: pl.DataFrame
    problems: pl.DataFrame
    blank_rows: int = 0

    @property
    def has_types(self) -> bool:
        """Whether the file says of which type its columns are."""
        return self.name.endswith(".parquet")

    @property
    def columns(self) -> list[str]:
        """The names of the file's own columns."""
        return [c for c in self.frame.columns if c != ROW]


def find_table(directory: Path, name: str) -> Path | None:
    """Return the one file of table `name`, None where there is none; two are an error."""
    found = [directory / f"{name}{s}" for s in _FORMATS if (directory / f"{name}{s}").is_file()]
    if len(found) > 1:
        raise InputError(
            f"{directory}: both {found[0].name} and {found[1].name} are there; "
            "remove the one that does not count"
        )
    return found[0] if found else None


def open_table(path: Path) -> RawFile:
    """Read `path` (.csv or .parquet) as it is."""
    return _open_csv(path) if path.suffix == ".csv" else _open_parquet(path)


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then put it in place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        write(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def nearest(word: str, known: list[str]) -> str | None:
    """Return the known word closest to `word`, None where nothing comes close."""
    close = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return close[0] if close else None


def _shape_problems(rows: list[int], reasons: list[str]) -> pl.DataFrame:
    return pl.DataFrame(
        {"row": rows, "reason": reasons}, schema={"row": pl.Int64, "reason": pl.String}
    )


def _open_parquet(path: Path) -> RawFile:
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(f"{path}: cannot be read as Parquet ({_first_line(error)})") from error
    numbered = frame.with_row_index(ROW, offset=1).with_columns(pl.col(ROW).cast(pl.Int64))
    return RawFile(path.name, numbered, _shape_problems([], []))


def _open_csv(path: Path) -> RawFile:
    header = _csv_header(path)
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except pl.exceptions.PolarsError:
        # Odd quotes or too many fields in a row: the patient reader says in which one.
        _refuse_other_encodings(path)
        return _read_csv_patiently(path, header)
    short = _short_rows(path, frame)
    if short is None:
        return _read_csv_patiently(path, header)
    frame.columns = header
    numbered = frame.with_row_index(ROW, offset=2).with_columns(pl.col(ROW).cast(pl.Int64))
    if short:
        numbered = numbered.filter(~pl.col(ROW).is_in(short))
    problems = _shape_problems(short, [_too_few(header)] * len(short))
    return _without_blank_rows(path.name, numbered, problems)


def _csv_header(path: Path) -> list[str]:
    with path.open("rb") as file:
        start = file.read(4)
        for magic, what in _NOT_UTF8.items():
            if start.startswith(magic):
                raise InputError(f"{path}: is {what}; save it as CSV in UTF-8")
        file.seek(0)
        first = file.readline(1 << 20)
    try:
        text = first.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(path, 1) from error
    if "\r" in text.rstrip("\r\n"):
        raise InputError(f"{path}: its lines end in a bare carriage return; save it again as CSV")
    if not text.strip():
        raise InputError(f"{path}: has no header; its first line must name the columns")
    header = [name.strip() for name in next(csv.reader(io.StringIO(text)))]
    if len(header) == 1:
        for separator, called in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            if separator in header[0]:
                raise InputError(
                    f"{path}: its fields are separated by {called}; save it with commas between "
                    "them (and '.' as the decimal point)"
                )
    if "" in header:
        raise InputError(f"{path}: column {header.index('') + 1} of the header has no name")
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice:
        raise InputError(f"{path}: column {twice!r} is there twice; rename or remove one")
    return header


def _not_utf8(path: Path, line: int) -> InputError:
    return InputError(
        f"{path}: line {line} is not UTF-8 (Windows-1252 perhaps); save the file as CSV in UTF-8"
    )


def _refuse_other_encodings(path: Path) -> None:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                raise _not_utf8(path, number) from error


def _too_many(row: list[str], header: list[str]) -> str:
    return (
        f"has {len(row)} fields, the header {len(header)}; "
        "put quotes around values that contain a comma"
    )


def _too_few(header: list[str]) -> str:
    return f"has fewer fields than the header's {len(header)}; the row may have been cut off"


def _short_rows(path: Path, frame: pl.DataFrame) -> list[int] | None:
    """Return the rows with too few fields, which polars fills up; None where lines do not tell.

    A row can only be short if its last column is empty. A line with fewer commas than the header
    is short whatever its quotes say, as long as every row is one line.
    """
    if frame.width < 2 or frame[:, -1].null_count() == 0:
        return []
    lines = pl.read_csv(
        path, has_header=False, separator="\x01", quote_char=None, infer_schema=False
    )
    counted = lines.select(
        commas=pl.first().str.count_matches(",", literal=True).fill_null(0),
        blank=pl.first().str.strip_chars().fill_null("") == "",
    )
    short = counted.with_row_index("row", offset=1).filter(
        ~pl.col("blank") & (pl.col("commas") < frame.width - 1) & (pl.col("row") > 1)
    )
    if short.is_empty():
        return []
    return short["row"].to_list() if lines.height == frame.height + 1 else None


def _read_csv_patiently(path: Path, header: list[str]) -> RawFile:
    """Read row by row: slower, and able to say which rows have too many or too few fields."""
    rows: list[list[str]] = []
    numbers: list[int] = []
    wrong: dict[int, str] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row, fault in _numbered_rows(path, csv.reader(file, strict=True), header):
            if fault:
                wrong[number] = fault
            else:
                rows.append(row or [""] * len(header))
                numbers.append(number)
    frame = pl.DataFrame(rows, schema=dict.fromkeys(header, pl.String), orient="row")
    frame = frame.with_columns(pl.Series(ROW, numbers, dtype=pl.Int64))
    problems = _shape_problems(list(wrong), list(wrong.values()))
    return _without_blank_rows(path.name, frame, problems)


def _numbered_rows(
    path: Path, reader: "_csv.Reader", header: list[str]
) -> Iterator[tuple[int, list[str], str | None]]:
    """Go through the rows of data: number, fields, and what is wrong with their shape if it is."""
    next(reader)
    for number in itertools.count(2):
        first_line = reader.line_num + 1
        fault, row = None, []
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end" in str(error):
                raise InputError(
                    f"{path}: a quote that opens in line {first_line} is never closed; "
                    'close it, or double it ("") if it belongs to the value'
                ) from error
            fault = 'has a quote inside a value; double it ("")'
        if row and len(row) != len(header):
            fault = _too_few(header) if len(row) < len(header) else _too_many(row, header)
        if fault and reader.line_num > first_line:
            fault += f" (lines {first_line} to {reader.line_num})"
        yield number, row, fault


def _without_blank_rows(name: str, frame: pl.DataFrame, problems: pl.DataFrame) -> RawFile:
    columns = [c for c in frame.columns if c != ROW]
    if frame.height == 0 or frame[columns[0]].null_count() + (frame[columns[0]] == "").sum() == 0:
        return RawFile(name, frame, problems)
    blank = pl.all_horizontal(pl.col(columns).fill_null("").str.strip_chars() == "")
    kept = frame.filter(~blank)
    return RawFile(name, kept, problems, blank_rows=frame.height - kept.height)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
