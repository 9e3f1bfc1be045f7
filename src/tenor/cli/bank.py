"""`tenor bank`: bank statements into the books of an organisation."""

from pathlib import Path

import click

from tenor.cli.console import counted, done, progress, say
from tenor.cli.installation import made_option
from tenor.engine.errors import InputError


@click.command(epilog="\b\nExample:\n  tenor bank delta statement.xml")
@click.argument("organisation")
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--accept-difference",
    is_flag=True,
    help="Take a statement in although it does not add up.",
)
@made_option
def command(organisation: str, files: tuple[Path, ...], accept_difference: bool) -> None:
    """Take in bank statements (CAMT.052, 053, 054, MT940, also in a ZIP).

    What is sure is booked; the rest waits on the screen Bank. All files are taken in, or none
    where one is refused. A file that was taken in before is refused.
    """
    from tenor.platform.banking.actions import look_at_lines, take_upload
    from tenor.platform.core.access import organisation_called
    from tenor.platform.core.actor import system

    missing = next((file for file in files if not file.is_file()), None)
    if missing is not None:
        raise InputError(f"{missing}: is not there")
    actor = system(organisation_called(organisation), "command line")
    given = [(file.name, file.read_bytes()) for file in files]
    with progress("Reading"):
        taken = take_upload(actor, files=given, accept_difference=accept_difference)
    with progress("Looking at the lines"):
        looked = look_at_lines(actor, files=[file.pk for file in taken])
    for file in taken:
        say(f"{file.name}: {file.format}, {counted(file.lines, 'line')}, {file.known:,} known")
    done(
        f"{looked.booked:,} booked, {looked.returned:,} taken back, {looked.waiting:,} wait for "
        "a person"
    )
