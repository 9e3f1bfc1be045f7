"""`tenor monitor`: has anything moved; alarms with what changed, since when and what to do."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import polars as pl

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
from tenor.cli.evaluate import plain
from tenor.engine.errors import InputError
from tenor.engine.features.build import build
from tenor.engine.frames import Tables
from tenor.engine.monitoring import YEARS, Alarm, Look, State, Watch, edges_of, look_back, watch
from tenor.engine.monitoring.decay import KEPT
from tenor.engine.monitoring.words import MEANS, STEPS, number, what_changed
from tenor.engine.predictors.model import Model, load_model
from tenor.engine.reports.files import write_json

_STEPS = 100
_WATCHED = 8


@click.command()
@data_argument
@as_of_option
@click.option(
    "--model",
    type=DIRECTORY,
    metavar="M",
    help="The folder `tenor fit` wrote: what it foretold since it was fitted is held against what "
    "came. Without it only facts and outcomes are looked at.",
)
@click.option(
    "--decisions",
    "decisions_file",
    type=DIRECTORY,
    metavar="F",
    help="Kept decisions (.csv or .parquet, as `tenor decide` writes them): what contacts drawn by "
    "lot did is held against what was believed of them.",
)
@click.option("--json", "json_file", type=DIRECTORY, metavar="F", help="Write all of it to F.")
@click.option(
    "--years",
    type=click.FloatRange(min=0.1),
    default=YEARS,
    show_default=True,
    help="All checks together raise one false alarm in so many years of daily looks, at most.",
)
@timezone_option
@skip_bad_rows_option
def command(
    directory: Path,
    as_of: datetime,
    model: Path | None,
    decisions_file: Path | None,
    json_file: Path | None,
    years: float,
    timezone: str | None,
    skip_bad_rows: bool,
) -> None:
    """Look whether anything in DIR has moved at T: facts, features, chances, outcomes, the world.

    Every figure is held against its own past weeks. Each alarm says what changed, since when, how
    sure that is, what it means and what to do. The exit code is 1 where there is an alarm.

    \b
    Example:
      tenor monitor data/ --as-of 2026-03-01 --model model/
    """
    learned = load_model(model) if model is not None else None
    tables = load(directory, timezone, skip_bad_rows).known_at(as_of)
    decisions = _decisions(decisions_file) if decisions_file is not None else None
    with progress("Looking", _STEPS) as advance:
        passed = 0

        def report(share: float) -> None:
            nonlocal passed
            advance(int(share * _STEPS) - passed)
            passed = int(share * _STEPS)

        looks: tuple[Look, ...] = ()
        edges = None
        if learned is not None:
            edges = _edges(tables, learned, as_of)
            looks = look_back(tables, as_of=as_of, model=learned, edges=edges, report=report)
        found = watch(
            tables, as_of=as_of, looks=looks, edges=edges, decisions=decisions, years=years
        )
    if learned is not None and learned.as_of > as_of:
        say(f"The model was fitted at {learned.as_of:%Y-%m-%d}, after T: it foretold nothing yet.")
    for line in lines(found):
        click.echo(line)
    if json_file is not None:
        write_json(_as_json(found), json_file)
    made = sum(check.state is not State.UNKNOWN for check in found.checks)
    done(
        f"{counted(made, 'check')} made, {counted(len(found.checks) - made, 'check')} too early; "
        f"{counted(len(found.alarms), 'alarm')}"
    )
    if found.alarms:
        raise SystemExit(1)


def _edges(tables: Tables, model: Model, as_of: datetime) -> dict[str, list[Any]]:
    """Cut numbers into parts as they were when the model was fitted."""
    then = min(model.as_of, as_of)
    return edges_of(build(tables.known_at(then).in_order(), then).rows)


def _decisions(file: Path) -> pl.DataFrame:
    try:
        read = pl.read_parquet(file) if file.suffix == ".parquet" else pl.read_csv(file)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(f"{file}: cannot be read as a table of decisions ({error})") from None
    missing = [name for name in KEPT if name not in read.columns]
    if missing:
        raise InputError(f"{file}: the column {missing[0]} is missing; give what `decide` wrote")
    at = pl.col("decided_at")
    if read.schema["decided_at"] == pl.String:
        at = at.str.to_datetime(time_unit="us", time_zone="UTC")
    ids = pl.col("invoice_ids")
    if read.schema["invoice_ids"] == pl.String:
        ids = ids.str.split(";")
    return read.with_columns(decided_at=at, invoice_ids=ids).select(
        [pl.col(name).cast(dtype) for name, dtype in KEPT.items()]
    )


def lines(found: Watch) -> Iterator[str]:
    """Yield the lines of what was found, alarms first."""
    for alarm in found.alarms:
        yield from _alarm(alarm)
        yield ""
    watched = sorted(
        (c for c in found.checks if c.state is State.WATCH), key=lambda c: (-c.log_looks, c.key)
    )
    if watched:
        yield "Worth watching, no alarm yet:"
        for check in watched[:_WATCHED]:
            yield f"  {what_changed(check)}"
        yield ""
    for panel in dict.fromkeys(check.panel for check in found.checks):
        mine = [c for c in found.checks if c.panel is panel]
        states = {s: sum(c.state is s for c in mine) for s in State}
        said = ", ".join(f"{count} {state}" for state, count in states.items() if count)
        yield f"  {panel:<10} {said}"
    yield ""


def _alarm(alarm: Alarm) -> Iterator[str]:
    since = f"since {alarm.since}" if alarm.since else ""
    chance = (
        "by chance less than once in a thousand years"
        if alarm.years >= 1000
        else f"by chance once in {alarm.years:.0f} years"
    )
    yield click.style(f"{alarm.text}", bold=True)
    yield f"  {since}; {chance}" if since else f"  {chance}"
    for check in alarm.checks[1:_WATCHED]:
        yield f"  also: {what_changed(check)}"
    if alarm.also:
        yield f"  may explain: {', '.join(c.key for c in alarm.also[:_WATCHED])}"
    yield f"  {MEANS[alarm.means]}"
    yield f"  Do: {STEPS[alarm.step]}."


def _as_json(found: Watch) -> dict[str, Any]:
    return {
        "as_of": found.at.isoformat(),
        "alarms": [
            {
                "key": alarm.key,
                "panel": alarm.panel,
                "what": alarm.text,
                "since": alarm.since.isoformat() if alarm.since else None,
                "by_chance_once_in_years": alarm.years,
                "means": MEANS[alarm.means],
                "step": alarm.step,
                "checks": [check.key for check in alarm.checks],
                "also": [check.key for check in alarm.also],
            }
            for alarm in found.alarms
        ],
        "checks": [
            plain(asdict(check))
            | {
                "since": check.since.isoformat() if check.since else None,
                "past": [[day.isoformat(), value] for day, value in check.past],
                "shown": number(check.value, check.unit),
            }
            for check in found.checks
        ],
    }
