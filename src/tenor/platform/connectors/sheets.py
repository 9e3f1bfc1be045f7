"""Files as people have them: CSV in any of its dialects, and Parquet, as frames."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from django.utils.translation import gettext as _

from tenor.platform.core.errors import Invalid

# Spreadsheets of the countries we serve write these; the first that reads the file without a
# wrong letter is taken (cp1252 reads anything, so it comes last).
_ENCODINGS = ("utf-8-sig", "utf-16", "cp1252")
_DELIMITERS = ",;\t|"
_SAMPLE = 64_000
MOST_COLUMNS = 500


@dataclass(frozen=True)
class Sheet:
    """The rows of a file, values as they stand there; in a CSV file every value is a text."""

    name: str
    frame: pl.DataFrame
    is_text: bool
    delimiter: str = ","
    # (row as in a spreadsheet, how many cells it has) where the header has another number.
    misshapen: tuple[tuple[int, int], ...] = ()

    @property
    def columns(self) -> list[str]:
        """Return the names in the header."""
        return self.frame.columns


def read_sheet(path: Path) -> Sheet:
    """Read a CSV or Parquet file; refuse, in words, what is neither."""
    if path.suffix.lower() == ".parquet":
        try:
            return _within(Sheet(path.name, pl.read_parquet(path), is_text=False))
        except (pl.exceptions.PolarsError, OSError) as error:
            raise _refused(path, _("is no Parquet file that can be read")) from error
    if path.suffix.lower() not in (".csv", ".txt", ".tsv"):
        raise _refused(path, _("is neither CSV nor Parquet; save it as CSV"))
    text = _decoded(path)
    delimiter = _delimiter_of(text)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise _refused(path, _("has a cell that cannot be read; is a quote missing?")) from error
    header = _header(path, rows)
    return _within(_sheet_of(path.name, header, rows[1:], delimiter))


def _sheet_of(name: str, header: list[str], rows: list[list[str]], delimiter: str) -> Sheet:
    """Put the rows under their columns; what has another number of cells keeps its place."""
    width, misshapen, body = len(header), [], []
    for number, row in enumerate(rows, start=2):
        if len(row) not in (0, width):
            misshapen.append((number, len(row)))
        # A blank row is none, but counts where rows are numbered as in a spreadsheet.
        body.append(row if len(row) == width else [""] * width)
    columns = {
        column: pl.Series(column, [row[at].strip() or None for row in body], dtype=pl.String)
        for at, column in enumerate(header)
    }
    return Sheet(name, pl.DataFrame(columns), True, delimiter, tuple(misshapen))


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    if content[:4] == b"PK\x03\x04":
        raise _refused(path, _("is a spreadsheet; save it as CSV"))
    for encoding in _ENCODINGS:
        if encoding == "utf-16" and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise _refused(path, _("is no text; save it as CSV in UTF-8"))


def _delimiter_of(text: str) -> str:
    """Return what parts the columns: the sign that the header line has most often, unquoted."""
    first = text[:_SAMPLE].splitlines()[:1]
    if not first:
        return ","
    return max(_DELIMITERS, key=lambda sign: len(next(csv.reader(first, delimiter=sign), [])))


def _header(path: Path, rows: list[list[str]]) -> list[str]:
    if not rows or not any(cell.strip() for cell in rows[0]):
        raise _refused(path, _("has no header; its first row must name the columns"))
    header = [cell.strip() or f"column {at + 1}" for at, cell in enumerate(rows[0])]
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise _refused(path, _("has two columns called %(name)s") % {"name": twice})
    return header


def _within(sheet: Sheet) -> Sheet:
    if len(sheet.columns) > MOST_COLUMNS:
        raise Invalid(
            _("%(file)s has more than %(most)s columns.")
            % {"file": sheet.name, "most": MOST_COLUMNS}
        )
    return sheet


def _refused(path: Path, what: str) -> Invalid:
    return Invalid(f"{path.name} {what}.", field="files")
