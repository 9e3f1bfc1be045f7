"""`tenor simulate`: a made-up portfolio with its history, to practise on."""

from datetime import datetime
from pathlib import Path
from typing import Literal

import click

from tenor.cli.console import DIRECTORY, done, parse_instant, progress
from tenor.engine.simulation import World, WorldConfig

_MOST_DAYS = 3650


@click.command()
@click.option(
    "--customers",
    default=2000,
    show_default=True,
    type=click.IntRange(1, 1_000_000),
    help="How many customers the portfolio has.",
)
@click.option(
    "--seed",
    default=1,
    show_default=True,
    type=click.IntRange(min=0),
    help="Which portfolio: the same seed gives the same files, byte for byte.",
)
@click.option(
    "--out",
    "directory",
    type=DIRECTORY,
    required=True,
    metavar="DIR",
    help="The directory to write the tables into; it is made if it does not exist.",
)
@click.option(
    "--days",
    default=548,
    show_default=True,
    type=click.IntRange(1, _MOST_DAYS),
    help="How many days of history; 548 are eighteen months.",
)
@click.option(
    "--start",
    default="2024-01-01",
    show_default=True,
    type=parse_instant,
    metavar="DATE",
    help="The first day of the history.",
)
@click.option(
    "--randomised",
    default=0.3,
    show_default=True,
    type=click.FloatRange(0.0, 1.0),
    help="The share of reminders whose channel, tone, day and hour are drawn at random, and "
    "logged with the chance of it. At 0 all follow the ladder, as in most real data.",
)
@click.option(
    "--format",
    "file_format",
    default="parquet",
    show_default=True,
    type=click.Choice(["parquet", "csv"]),
    help="The format of the tables.",
)
def command(
    customers: int,
    seed: int,
    directory: Path,
    days: int,
    start: datetime,
    randomised: float,
    file_format: Literal["parquet", "csv"],
) -> None:
    """Make up a portfolio with its history, to practise on.

    Customers of several hidden kinds get invoices, pay or forget them, and are reminded by a
    fixed ladder: an e-mail after a day, a letter after two weeks, a call after thirty days. What
    moves each customer is known to the simulation and stands in none of the files. metadata.json
    beside the tables says that they are synthetic.
    """
    config = WorldConfig(customers=customers, start=start.date(), randomised=randomised)
    world = World(config, seed)
    with progress("Playing the days", length=days) as played:
        for _ in range(days):
            world.play_ladder(1)
            played(1)
    with progress(f"Writing {directory}"):
        tables = world.write(directory, file_format=file_format)
    done(
        f"Wrote a synthetic portfolio to {directory}: {customers:,} customers, "
        f"{tables.invoices.height:,} invoices, {tables.contacts.height:,} contacts and "
        f"{tables.events.height:,} events, {start.date()} to {world.today.date()} "
        f"(go on with --as-of {world.today.date()})."
    )
