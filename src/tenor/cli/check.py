"""`tenor check`: what is wrong with the data, what is odd in it, and what it is enough for."""

import json
import shutil
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import polars as pl

from tenor.cli.console import (
    counted,
    data_argument,
    done,
    parse_instant,
    progress,
    timezone_option,
    unusable_rows,
)
from tenor.engine.frames import TABLES
from tenor.engine.quality import (
    Finding,
    Sufficiency,
    findings,
    inventory,
    missing_values,
    sufficiency,
)
from tenor.engine.store import Reading, read_tables, write_rows, write_text

_PROBLEMS_SHOWN = 20
_COLUMNS_SHOWN = 6
_FILE = click.Path(path_type=Path)


@click.command()
@data_argument
@timezone_option
@click.option(
    "--as-of",
    "as_of",
    type=parse_instant,
    metavar="T",
    help="The day that counts as today when dates are judged; the real one unless given.",
)
@click.option(
    "--problems", type=_FILE, metavar="FILE", help="Write every problem to a .csv or .parquet file."
)
@click.option("--json", "json_file", type=_FILE, metavar="FILE", help="Write all of it as JSON.")
def command(
    directory: Path,
    timezone: str | None,
    as_of: datetime | None,
    problems: Path | None,
    json_file: Path | None,
) -> None:
    """Check the tables in DIR and say what they are good for.

    First come the rows that cannot be used, with file, row, column and reason (in a CSV file the
    header is row 1, as in a spreadsheet). Then what is odd though usable, what is missing, and
    whether the history is enough for the audit, for foretelling payments and for learning what
    a contact changes. The exit code is 2 if a row cannot be used.

    \b
    Example:
      tenor check data/
      tenor check data/ --timezone Europe/Amsterdam --problems problems.csv
    """
    today = (as_of or datetime.now(UTC)).date()
    with progress(f"Checking {directory}"):
        reading = read_tables(directory, timezone=timezone)
        odd = findings(reading.tables, today=today)
        missing = missing_values(reading.tables)
        enough = sufficiency(reading.tables, today=today)
    _show_problems(reading.problems, problems)
    _show_inventory(reading)
    _show_missing(missing)
    _show_odd(reading.warnings, odd)
    _show_uses(enough)
    if problems:
        write_rows(reading.problems, problems)
    if json_file:
        write_text(json_file, _as_json(reading, odd, missing, enough))
    bad, total = unusable_rows(reading), sum(reading.rows.values())
    rows = f"{bad:,} of {total:,} rows cannot be used" if bad else f"all {total:,} rows can be used"
    oddities = f"{counted(len(odd), 'thing')} odd" if odd else "nothing odd"
    done(f"{directory}: {rows}, {oddities}")
    if bad:
        raise SystemExit(2)


def _entry(name: str, text: str, *, width: int = 10) -> None:
    """Print a line that begins with a name, wrapped under itself on narrow terminals."""
    columns = shutil.get_terminal_size((100, 24)).columns
    indent = " " * (width + 4)
    click.echo(click.wrap_text(text, columns, f"  {name:<{width}}  ", indent))


def _heading(text: str) -> None:
    click.echo(click.style(text, bold=True))


def _show_problems(problems: pl.DataFrame, file: Path | None) -> None:
    if problems.is_empty():
        return
    _heading("Rows that cannot be used")
    for name, row, column, reason in problems.head(_PROBLEMS_SHOWN).rows():
        click.echo(f"  {name} row {row}{f', {column}' if column else ''}: {reason}")
    more = problems.height - _PROBLEMS_SHOWN
    if more > 0:
        where = f"all are in {file}" if file else "--problems FILE writes all"
        click.echo(f"  and {more:,} more ({where})")
        kinds = (
            problems.group_by("file", "column").len().sort("len", "file", descending=[True, False])
        )
        counted = [f"{name} {column or 'shape'} {n:,}" for name, column, n in kinds.head(6).rows()]
        click.echo(f"  by column: {', '.join(counted)}")
    click.echo()


def _show_inventory(reading: Reading) -> None:
    _heading("What is there")
    for table, rows, first, last in inventory(reading.tables).rows():
        bad = reading.rows[table] - rows
        period = f"  {first} to {last}" if first else ""
        refused = f"  ({bad:,} of {reading.rows[table]:,} unusable)" if bad else ""
        click.echo(f"  {table:<10}{rows:>12,} rows{period}{refused}")
    click.echo()


def _show_missing(missing: pl.DataFrame) -> None:
    if missing.is_empty():
        return
    _heading("Empty values")
    for table in missing["table"].unique(maintain_order=True):
        part = missing.filter(pl.col("table") == table)
        whole = part.filter(pl.col("share") == 1)["column"].to_list()
        some = part.filter(pl.col("share") < 1).sort("share", descending=True)
        told = [f"{c} {share:.1%}" for c, share in some.select("column", "share").rows()]
        if len(told) > _COLUMNS_SHOWN:
            told[_COLUMNS_SHOWN:] = [f"{len(told) - _COLUMNS_SHOWN} more columns"]
        if whole:
            told.append(f"not given at all: {', '.join(whole)}")
        _entry(table, "; ".join(told))
    click.echo()


def _show_odd(warnings: list[str], odd: list[Finding]) -> None:
    if not warnings and not odd:
        return
    _heading("Odd, though usable")
    for finding in odd:
        examples = f" (such as {', '.join(finding.examples)})" if finding.examples else ""
        _entry(finding.table, f"{finding.text}{examples}")
    # What the findings say better is not said twice.
    told = ("due before issued", "is unknown (")
    for warning in warnings:
        if not any(words in warning for words in told):
            _entry(*warning.split(": ", 1) if ": " in warning else ("", warning))
    click.echo()


def _show_uses(enough: Sufficiency) -> None:
    _heading("What it is enough for")
    for use in enough.uses:
        _entry(f"{use.name:<17}  {use.verdict}", use.reason, width=30)
    click.echo()


def _as_json(
    reading: Reading, odd: list[Finding], missing: pl.DataFrame, enough: Sufficiency
) -> str:
    content: dict[str, Any] = {
        "rows": {name: reading.rows[name] for name in TABLES},
        "unusable_rows": unusable_rows(reading),
        "problems": reading.problems.head(1000).to_dicts(),
        "problems_total": reading.problems.height,
        "warnings": reading.warnings,
        "inventory": inventory(reading.tables).to_dicts(),
        "missing": missing.to_dicts(),
        "findings": [asdict(finding) for finding in odd],
        "sufficiency": asdict(enough),
    }
    return json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n"
