"""`tenor serve`: the web server and its worker, for an installation or for a folder of tables."""

import re
from datetime import datetime
from pathlib import Path

import click

from tenor.cli.console import DIRECTORY, done, load, parse_instant, say
from tenor.engine.errors import InputError
from tenor.engine.reports.files import is_synthetic

_SHOWN = 3


@click.command()
@click.option(
    "--data",
    "tables",
    type=DIRECTORY,
    metavar="DIR",
    help="Begin with the contract's tables in DIR: an organisation, a predictor, a plan.",
)
@click.option(
    "--as-of",
    "as_of",
    type=parse_instant,
    metavar="T",
    help="With --data: the instant on which this organisation lives; else it lives today.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to serve on.")
@click.option("--port", default=8000, show_default=True, type=int)
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Web processes."
)
@click.option(
    "--installation",
    type=DIRECTORY,
    metavar="FOLDER",
    help="The installation's folder; else TENOR_DATA, else tenor-data.",
)
@click.option("--serve/--no-serve", default=True, help="Serve it, or only make it ready.")
@click.option(
    "--work/--no-work",
    default=True,
    help="Keep a worker beside it, or leave the work to `tenor work` elsewhere.",
)
def command(
    tables: Path | None,
    as_of: datetime | None,
    host: str,
    port: int,
    workers: int,
    installation: Path | None,
    serve: bool,
    work: bool,
) -> None:
    """Serve the installation: its screens, its API, and the worker that does the day.

    With --data it begins with your own tables: what happened so far is brought in, a predictor is
    learned, today is planned. A second start goes on with what is there. It only looks on:
    nothing is sent before somebody says so in the settings.
    """
    if as_of is not None and tables is None:
        raise InputError("--as-of goes with --data: an installation lives today")
    from tenor.cli.demo import greet
    from tenor.cli.installation import open_installation, refusals_as_input
    from tenor.cli.serving import free_port, serve_forever

    open_installation(installation.resolve() if installation else None)
    organisation = None
    if tables is not None:
        with refusals_as_input():
            organisation = _begin(tables, as_of)
    if not serve:
        done("Ready: `tenor serve` serves it.")
        return
    url = f"http://{host}:{free_port(host, port, exactly=True)}/"
    if organisation is not None:
        greet(organisation, url)
    else:
        click.echo(f"Tenor is at {url} (Ctrl-C stops it)")
    serve_forever(host, port, workers=workers, work=work)


def _begin(folder: Path, as_of: datetime | None):  # type: ignore[no-untyped-def]
    from tenor.platform.core.models import Organisation
    from tenor.platform.jobs.beginning import begin_from_tables

    name = folder.resolve().name
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:48] or "data"
    if found := Organisation.objects.filter(slug=slug).first():
        say(f"Going on with {found.name}; other tables are brought in under Imports.")
        return found
    organisation, brought = begin_from_tables(
        load(folder, None, False),
        slug=slug,
        name=name,
        synthetic=is_synthetic(folder),
        as_of=as_of,
        report=lambda stage: say(f"{stage[:1].upper()}{stage[1:]} …"),
    )
    for line in brought.refused[:_SHOWN] if brought else []:
        say(f"Left out: {line}")
    if brought and len(brought.refused) > _SHOWN:
        say(f"Left out: {len(brought.refused) - _SHOWN:,} more")
    return organisation
