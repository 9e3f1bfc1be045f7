"""What the commands share: options, loading with clear refusals, progress, and the closing line."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from tenor.engine.errors import InputError
from tenor.engine.frames import Tables
from tenor.engine.store import Reading, read_tables

_F = TypeVar("_F", bound=Callable[..., Any])
_PROBLEMS_SHOWN = 3
# What became of the invoices stands in these tables: gaps in them are gaps in what is learned.
_LABELS = ("invoices", "payments")

DIRECTORY = click.Path(path_type=Path)


def parse_instant(text: str) -> datetime:
    """Return the instant that a date (its midnight, UTC) or an RFC 3339 timestamp names.

    Example
    -------
    >>> parse_instant("2026-03-01").isoformat()
    '2026-03-01T00:00:00+00:00'
    """
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(
            f"{text!r} is neither a date such as 2026-03-01 nor a timestamp such as "
            "2026-03-01T09:30:00Z"
        ) from error
    if instant.tzinfo is None:
        if len(text.strip()) > len("2026-03-01"):
            raise InputError(
                f"{text!r} names no time zone; end it in Z or an offset such as +01:00"
            )
        instant = instant.replace(tzinfo=UTC)
    return instant.astimezone(UTC)


def data_argument(command: _F) -> _F:
    """Add the directory of tables as the argument `directory`."""
    return click.argument("directory", metavar="DIR", type=DIRECTORY)(command)


def as_of_option(command: _F) -> _F:
    """Add `--as-of`: the instant whose knowledge counts."""
    return click.option(
        "--as-of",
        "as_of",
        type=parse_instant,
        required=True,
        metavar="T",
        help="The instant that counts as now: a date (its midnight, UTC) or a timestamp. "
        "Nothing later is looked at.",
    )(command)


def timezone_option(command: _F) -> _F:
    """Add `--timezone`: the zone of timestamps that name none."""
    return click.option(
        "--timezone",
        metavar="ZONE",
        help="The time zone of timestamps that name none, such as Europe/Amsterdam.",
    )(command)


def skip_bad_rows_option(command: _F) -> _F:
    """Add `--skip-bad-rows`: go on without the rows that cannot be used."""
    return click.option(
        "--skip-bad-rows",
        is_flag=True,
        help="Go on without the rows that cannot be used, and say how many they were.",
    )(command)


def load(
    directory: Path,
    timezone: str | None,
    skip_bad_rows: bool,
    *,
    most_skipped: float | None = None,
) -> Tables:
    """Read the tables; stop at rows that cannot be used unless they may be skipped.

    `most_skipped` is the largest share (0 to 1) that may be, of all rows and of those of
    invoices and payments each.
    """
    with progress(f"Reading {directory}"):
        reading = read_tables(directory, timezone=timezone)
    if reading.problems.height:
        if not skip_bad_rows:
            raise InputError(_refusal(directory, reading))
        if most_skipped is not None:
            _refuse_many(directory, reading, most_skipped)
        rows = unusable_rows(reading)
        total = counted(sum(reading.rows.values()), "row")
        say(f"{rows:,} of {total} skipped: not usable")
    return reading.tables


def unusable_rows(reading: Reading) -> int:
    """Return how many rows have at least one problem."""
    return reading.problems.select("file", "row").unique().height


def _refusal(directory: Path, reading: Reading) -> str:
    first = [
        f"{file} row {row}{f', {column}' if column else ''}: {reason}"
        for file, row, column, reason in reading.problems.head(_PROBLEMS_SHOWN).rows()
    ]
    more = reading.problems.height - len(first)
    lines = "".join(f"\n  {line}" for line in first) + (f"\n  and {more:,} more" if more else "")
    return (
        f"{counted(unusable_rows(reading), 'row')} of {directory} cannot be used "
        f"(`tenor check {directory}` lists them; --skip-bad-rows goes on without them):{lines}"
    )


def _refuse_many(directory: Path, reading: Reading, most: float) -> None:
    """Refuse where more than `most` of all rows, or of invoices or payments, cannot be used."""
    bad = reading.problems.select("file", "row").unique()
    table = bad["file"].str.split(".").list.first()
    of_table = dict(table.value_counts().iter_rows())
    parts = [("rows", bad.height, sum(reading.rows.values()))]
    parts += [(f"{n} rows", of_table.get(n, 0), reading.rows.get(n, 0)) for n in _LABELS]
    for what, unusable, rows in parts:
        if rows and unusable > most * rows:
            raise InputError(
                f"{unusable / rows:.1%} of the {what} of {directory} cannot be used "
                f"({unusable:,} of {rows:,}), more than the {most:.0%} that may be skipped: what "
                f"is left would not be the whole truth. `tenor check {directory}` lists them; "
                "mend the export and try again"
            )


@contextmanager
def progress(label: str, length: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show on a terminal that work goes on, and nothing in a pipe.

    With `length` a bar is drawn; call what this yields with the steps made since the last call.
    Without, the label stands on a line that is wiped at the end.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
    elif length is None:
        click.echo(f"{label} …", nl=False, err=True)
        try:
            yield lambda _: None
        finally:
            click.echo("\r\033[K", nl=False, err=True)
    else:
        with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
            yield bar.update


@contextmanager
def stages() -> Iterator[Callable[[str, float], None]]:
    """Show on a terminal which stage long work is in; call what this yields with (stage, share)."""
    shown = sys.stderr.isatty()

    def report(stage: str, share: float) -> None:
        if shown:
            part = f" {share:.0%}" if share > 0 else ""
            click.echo(f"\r\033[K{stage[:1].upper()}{stage[1:]}{part} …", nl=False, err=True)

    try:
        yield report
    finally:
        if shown:
            click.echo("\r\033[K", nl=False, err=True)


def counted(number: int, noun: str) -> str:
    """Write a number with its noun: 1 row, 2,000 rows."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def say(line: str) -> None:
    """Write a remark that is not the result: to standard error."""
    click.echo(line, err=True)


def done(line: str) -> None:
    """Print the one line that says what the command did."""
    click.echo(line)
