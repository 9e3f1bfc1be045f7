"""Bring a directory of tables into an organisation's books, as the browser's import does."""

from pathlib import Path

from tenor.cli.console import counted, progress, say
from tenor.engine.errors import InputError
from tenor.platform.connectors.actions import (
    begin_writing,
    check_import,
    match_columns,
    take_files,
)
from tenor.platform.core.access import organisation_called
from tenor.platform.core.actor import system
from tenor.platform.jobs import importing

_SHOWN = 5
_KINDS = (".csv", ".parquet")


def bring_in(
    directory: Path, organisation: str, *, timezone: str | None, skip_bad_rows: bool
) -> str:
    """Read, check and write the tables; return the line that says what was done."""
    if not directory.is_dir():
        raise InputError(f"{directory}: there is no such directory")
    files = sorted(f for f in directory.iterdir() if f.suffix in _KINDS and f.name[0] != ".")
    if not files:
        raise InputError(f"{directory}: holds no CSV or Parquet file")
    actor = system(organisation_called(organisation), "command line")
    with progress("Reading the tables"):
        row = take_files(actor, files=files)
        if timezone:
            match_columns(actor, number=row.pk, mapping=row.mapping, timezone=timezone)
        row, checked = check_import(actor, number=row.pk)
    for problem in checked.problems.head(_SHOWN).iter_rows(named=True):
        say(f"{problem['file']}, row {problem['row']}: {problem['column']} {problem['reason']}")
    if row.problems and not skip_bad_rows:
        raise InputError(
            f"{counted(row.problems, 'row')} cannot be used (--skip-bad-rows goes on without "
            "them); nothing was written"
        )
    row = begin_writing(actor, number=row.pk, skip_bad_rows=skip_bad_rows)
    with progress("Writing"):
        importing.write_import(actor, row)
    if row.state == row.State.REFUSED:
        raise InputError(f"{row.message}; nothing was written")
    new = ", ".join(
        f"{counts.get('new', 0):,} of {counts['rows']:,} {table}"
        for table, counts in row.counts.items()
    )
    return f"New in the books of {organisation}: {new}"
