"""`tenor demo`: the product on made-up people: a portfolio with its past, planned, and served."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tenor.cli.console import DIRECTORY, done, say

if TYPE_CHECKING:
    from tenor.platform.core.models import Organisation

_ROLES = {
    "credit_manager": "Credit manager",
    "agent": "Agent",
    "analyst": "Analyst",
    "compliance": "Compliance",
    "administrator": "Administrator",
}


@click.command()
@click.option(
    "--out",
    "directory",
    type=DIRECTORY,
    default=Path("tenor-demo"),
    show_default=True,
    metavar="DIR",
    help="Where the demonstration keeps all it has; a second start goes on with it.",
)
@click.option("--customers", default=2000, show_default=True, type=click.IntRange(50, 100_000))
@click.option("--seed", default=1, show_default=True, type=click.IntRange(min=0))
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to serve on.")
@click.option("--port", default=8000, show_default=True, type=int, help="Or the next free one.")
@click.option("--serve/--no-serve", default=True, help="Serve it, or only make it.")
@click.option("--browser/--no-browser", default=True, help="Open it in a browser.")
def command(
    directory: Path, customers: int, seed: int, host: str, port: int, serve: bool, browser: bool
) -> None:
    """Make up an organisation with its customers (synthetic, and marked so), and serve it.

    A year and a half of history, a predictor learned from it, and the plan of its day. The clock
    of this organisation moves on when you say so, and its customers react.
    """
    from tenor.cli.installation import open_installation, refusals_as_input

    # What the worker does all day is not what somebody who looks around wants to read.
    os.environ.setdefault("TENOR_LOG_LEVEL", "WARNING")
    open_installation(directory.resolve())
    from tenor.platform.jobs.beginning import begin_demo

    with refusals_as_input():
        organisation = begin_demo(
            customers=customers, seed=seed, report=lambda stage: say(f"Making {stage} …")
        )
    if not serve:
        done(
            f"The demonstration is ready in {directory}: `tenor demo --out {directory}` serves it."
        )
        return
    from tenor.cli.serving import free_port, serve_forever, show

    port = free_port(host, port)
    url = f"http://{host}:{port}/"
    greet(organisation, url)
    show(url, browser=browser)
    serve_forever(host, port)


def greet(organisation: "Organisation", url: str) -> None:
    """Print the address, and with what each made-up person signs in."""
    from tenor.platform.jobs.beginning import sign_ins_of

    click.echo(f"\n{organisation.name} is at {url} (Ctrl-C stops it)\n")
    people = sign_ins_of(organisation)
    for person in people:
        role = _ROLES.get(person.role, person.role)
        click.echo(f"  {role:<16}{person.email:<28}{person.password}")
    if people:
        click.echo("")
