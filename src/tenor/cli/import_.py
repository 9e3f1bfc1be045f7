"""`tenor import`: other programs' records into the contract's tables."""

from pathlib import Path
from typing import Literal

import click

from tenor.cli.console import counted, done, progress, say
from tenor.cli.installation import data_option
from tenor.engine.errors import InputError
from tenor.engine.event_log import Imported, import_event_log, read_mapping
from tenor.engine.store import write_tables

_SHOWN = 5
_FILE = click.Path(path_type=Path)


@click.group(epilog="\b\nExample:\n  tenor import event-log --help")
def command() -> None:
    """Turn records of other programs into Tenor's tables."""


@command.command("event-log")
@click.argument("log", metavar="FILE", type=_FILE)
@click.option(
    "--mapping",
    "mapping_file",
    type=_FILE,
    required=True,
    metavar="FILE",
    help="A TOML file that says which activity becomes what; examples/ holds two.",
)
@click.option("--out", type=_FILE, required=True, metavar="DIR", help="Where the tables go.")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["parquet", "csv"]),
    default="parquet",
    show_default=True,
    help="The kind of files to write.",
)
@click.option(
    "--skip-bad-rows",
    is_flag=True,
    help="Go on without the events that cannot be used, and say how many they were.",
)
def event_log(
    log: Path,
    mapping_file: Path,
    out: Path,
    file_format: Literal["parquet", "csv"],
    skip_bad_rows: bool,
) -> None:
    """Turn an event log (XES or CSV, also gzipped) into tables.

    An event log is what case systems and process tools export: a list of things that happened,
    each with a case, an activity and a time. The mapping file says which activity creates an
    invoice, which is a payment, which a letter, and so on.

    \b
    Example:
      tenor import event-log fines.xes.gz --mapping examples/fines.toml --out data/fines
    """
    mapping = read_mapping(mapping_file)
    if not log.is_file():
        raise InputError(f"{log}: is not there")
    with progress(f"Reading {log.name}", length=log.stat().st_size) as advance:
        imported = import_event_log(log, mapping, report=advance)
    _report(imported, skip_bad_rows)
    metadata = {
        "source": log.name,
        "mapping": mapping_file.name,
        "made": imported.made,
        "left_out": imported.left_out | {f'events "{a}"': n for a, n in imported.unmapped.items()},
        "unusable_events": imported.problems.height,
    }
    with progress(f"Writing {out}"):
        write_tables(imported.tables, out, file_format=file_format, metadata=metadata)
    tables = imported.tables
    done(
        f"{counted(tables.invoices.height, 'invoice')} of "
        f"{counted(tables.customers.height, 'customer')}, "
        f"{counted(tables.payments.height, 'payment')}, "
        f"{counted(tables.contacts.height, 'contact')} and "
        f"{counted(tables.events.height, 'event')} written to {out}"
    )


@command.command("tables")
@click.argument("directory", metavar="DIR", type=_FILE)
@click.option("--organisation", required=True, help="Whose books they go into.")
@click.option("--timezone", metavar="ZONE", help="The zone of timestamps that name none.")
@click.option(
    "--skip-bad-rows", is_flag=True, help="Write the others where some rows cannot be used."
)
@data_option
def tables(directory: Path, organisation: str, timezone: str | None, skip_bad_rows: bool) -> None:
    """Bring the tables in DIR into the books of an organisation, all of them or nothing.

    History comes along: contacts and events, so that learning starts from the first day. What is
    there already and the same stays as it is.
    """
    from tenor.cli.bring_in import bring_in

    done(bring_in(directory, organisation, timezone=timezone, skip_bad_rows=skip_bad_rows))


def _report(imported: Imported, skip_bad_rows: bool) -> None:
    """Say what did not become a row, so that nothing is lost unseen."""
    for what, count in imported.left_out.items():
        say(f"left out: {count:,} {what}")
    for activity, count in list(imported.unmapped.items())[: 2 * _SHOWN]:
        say(f'not mapped: {counted(count, "event")} "{activity}"')
    if len(imported.unmapped) > 2 * _SHOWN:
        rest = list(imported.unmapped.values())[2 * _SHOWN :]
        say(f"not mapped: {sum(rest):,} events of {len(rest):,} more activities")
    problems = imported.problems
    if problems.is_empty():
        return
    lines = [f"\n  {place}: {reason}" for place, reason in problems.head(_SHOWN).rows()]
    more = f"\n  and {problems.height - _SHOWN:,} more" if problems.height > _SHOWN else ""
    told = f"{counted(problems.height, 'event')} cannot be used"
    if not skip_bad_rows:
        raise InputError(f"{told} (--skip-bad-rows goes on without them):{''.join(lines)}{more}")
    say(f"{told} and were skipped:{''.join(lines)}{more}")
