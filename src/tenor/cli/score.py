"""`tenor score`: the chance of payment of every open invoice, with its reasons."""

from datetime import datetime
from pathlib import Path

import click

from tenor.cli.console import (
    DIRECTORY,
    as_of_option,
    counted,
    data_argument,
    done,
    load,
    progress,
    say,
    skip_bad_rows_option,
    timezone_option,
)
from tenor.engine.features.build import build
from tenor.engine.features.cohorts import cohorts
from tenor.engine.predictors.model import load_model
from tenor.engine.predictors.score import GRADES, score
from tenor.engine.store import write_rows


@click.command()
@data_argument
@as_of_option
@click.option(
    "--model", type=DIRECTORY, required=True, metavar="M", help="The folder `tenor fit` wrote."
)
@click.option("--out", type=DIRECTORY, required=True, metavar="F", help="A .csv or .parquet file.")
@click.option(
    "--cohorts",
    "cohorts_path",
    type=DIRECTORY,
    metavar="FILE",
    help="Also write which customers behave alike (customer_id, cohort, words; .csv or .parquet). "
    "Whether the cohorts come back in other halves of the customers is said, and stands in the "
    "words where they do not.",
)
@timezone_option
@skip_bad_rows_option
def command(
    directory: Path,
    as_of: datetime,
    model: Path,
    out: Path,
    cohorts_path: Path | None,
    timezone: str | None,
    skip_bad_rows: bool,
) -> None:
    """Score every invoice in DIR that is open at T: chances, expected day, grade A to E, reasons.

    The chances hold under the way of working that the model has seen.
    """
    learned = load_model(model)
    tables = load(directory, timezone, skip_bad_rows)
    with progress("Scoring"):
        scores = score(tables, as_of=as_of, model=learned)
        write_rows(scores, out)
    if cohorts_path is not None:
        with progress("Finding cohorts"):
            found = cohorts(build(tables.known_at(as_of).in_order(), as_of))
            write_rows(found.rows, cohorts_path)
        say(found.statement)
    counts = dict(scores["risk"].value_counts().iter_rows())
    grades = ", ".join(f"{g} {counts[g]:,}" for g, _ in GRADES if g in counts)
    done(
        f"{counted(scores.height, 'open invoice')} scored into {out}"
        + (f" (grades: {grades})." if grades else ".")
    )
