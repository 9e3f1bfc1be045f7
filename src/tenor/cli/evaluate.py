"""`tenor evaluate`: how well a model foretold what came after it, beside what needs no model."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import Any

import click
import polars as pl

from tenor.cli.console import (
    DIRECTORY,
    counted,
    data_argument,
    done,
    load,
    parse_instant,
    progress,
    say,
    skip_bad_rows_option,
    timezone_option,
)
from tenor.engine.evaluate.figures import Bin, Figure, Score
from tenor.engine.evaluate.quality import Days, Escalation, Horizon, Quality, quality
from tenor.engine.frames import Tables
from tenor.engine.predictors.model import load_model
from tenor.engine.predictors.score import chances
from tenor.engine.reports.files import write_json

_STEPS = 100


@click.command()
@data_argument
@click.option(
    "--model", type=DIRECTORY, required=True, metavar="M", help="The folder `tenor fit` wrote."
)
@click.option(
    "--from",
    "from_",
    type=parse_instant,
    required=True,
    metavar="T",
    help="Predict from what was known at T, and judge by what came after. At the earliest the "
    "instant the model was fitted at.",
)
@click.option(
    "--to",
    type=parse_instant,
    metavar="T2",
    help="Predict every week from T on, and judge by facts until T2. Without it: once, at T, by "
    "all later facts.",
)
@click.option("--json", "json_file", type=DIRECTORY, metavar="F", help="Write the figures to F.")
@click.option("--seed", default=0, show_default=True, help="Of the resampling behind intervals.")
@timezone_option
@skip_bad_rows_option
def command(
    directory: Path,
    model: Path,
    from_: datetime,
    to: datetime | None,
    json_file: Path | None,
    seed: int,
    timezone: str | None,
    skip_bad_rows: bool,
) -> None:
    """Judge a model by what happened after T in DIR.

    Every invoice open at T is scored from the facts known then. Beside the model stand two
    answers that need none: the customer's own history and the base rate. Intervals hold 95% and
    go over customers. Outcomes that the data end too early to show are left out and counted.
    """
    learned = load_model(model)
    if from_ < learned.as_of:
        say(
            f"The model was fitted at {learned.as_of:%Y-%m-%d}, after {from_:%Y-%m-%d}: it has "
            "seen part of what it is judged by, so the figures flatter."
        )
    tables = load(directory, timezone, skip_bad_rows)

    def scorer(known: Tables, as_of: datetime) -> pl.DataFrame:
        return chances(known, as_of=as_of, model=learned)

    with progress("Judging", _STEPS) as advance:
        passed = 0

        def report(share: float) -> None:
            nonlocal passed
            advance(int(share * _STEPS) - passed)
            passed = int(share * _STEPS)

        found = quality(tables, score=scorer, from_=from_, to=to, seed=seed, report=report)
    for line in lines(found):
        click.echo(line)
    if json_file is not None:
        write_json(plain(asdict(found)), json_file)
    done(found.summary)


def lines(found: Quality) -> Iterator[str]:
    """Yield the lines of the printed judgement."""
    first, last = found.instants[0], found.instants[-1]
    when = f"at {first:%Y-%m-%d}"
    if len(found.instants) > 1:
        when = f"at {len(found.instants)} instants from {first:%Y-%m-%d} to {last:%Y-%m-%d}"
    yield f"Predictions {when}, judged by facts until {found.end:%Y-%m-%d}."
    for horizon in found.horizons:
        yield ""
        yield from _horizon(horizon)
    yield ""
    yield from _days(found.days)
    yield ""
    yield _escalation(found.escalation)
    yield ""


def _horizon(horizon: Horizon) -> Iterator[str]:
    title = f"Paid within {horizon.days} days"
    left_out = f"{horizon.censored:,} left out: the data end too early"
    if not horizon.rows:
        yield f"{title}: nothing to judge ({left_out})"
        return
    about = f"{horizon.paid_share:.1%} of {counted(horizon.rows, 'prediction')}"
    yield f"{title}: {about}, {counted(horizon.customers, 'customer')} ({left_out})"
    yield (
        f"  {'':<16} {'AUC':<22} {'Brier':<7} {'log loss':<9} {'off on average':<15} "
        f"{'off a bin':<10} {'right':<7} right at best threshold"
    )
    for entry in horizon.scores:
        yield _score(entry)
    model = horizon.scores[0].probability
    if model is not None:
        yield "  The model's chances against what came true:"
        for b in model.reliability:
            yield _bin(b)


def _score(entry: Score) -> str:
    row = f"  {entry.name:<16} {_interval(entry.auc):<22} "
    p = entry.probability
    if p is None:
        return row + "(ranks only)"
    return row + (
        f"{p.brier.value:<7.4f} {p.log_loss.value:<9.4f} {100 * p.bias.value:+6.1f} points   "
        f"{100 * p.calibration_error.value:5.1f}      {p.accuracy:<7.1%} "
        f"{p.best_accuracy:.1%} ({_threshold(p.best_threshold)})"
    )


def _threshold(value: float) -> str:
    return f"above {value:.2f}" if isfinite(value) else "always yes"


def _bin(b: Bin) -> str:
    observed = b.observed
    return (
        f"    {b.predicted:7.1%} said, {observed.value:7.1%} came true "
        f"({observed.lower:.1%} to {observed.upper:.1%}), {b.rows:,} predictions"
    )


def _days(found: tuple[Days, ...]) -> Iterator[str]:
    model = found[0]
    yield (
        f"Day of payment: {counted(model.settled, 'payment')} seen; the restricted error counts "
        "60 days for longer ones and includes what was not paid"
    )
    yield f"  {'':<16} {'median error':<14} {'mean error':<12} {'restricted':<12} concordance"
    for entry in found:
        yield (
            f"  {entry.name:<16} {entry.median_absolute:6.1f} days    "
            f"{entry.mean_absolute:5.1f} days   {entry.restricted_mean_absolute:5.1f} days   "
            f"{entry.concordance:.3f}"
        )


def _escalation(found: Escalation) -> str:
    title = f"Escalated within {found.days} days"
    if not isfinite(found.auc):
        return f"{title}: {found.escalated:,} of {found.rows:,} seen that long; nothing to rank"
    return f"{title}: {found.escalated:,} of {found.rows:,}, AUC {found.auc:.3f}"


def _interval(figure: Figure) -> str:
    if not isfinite(figure.value):
        return "undefined"
    return f"{figure.value:.3f} ({figure.lower:.3f}-{figure.upper:.3f})"


def plain(value: Any) -> Any:
    """Return `value` as JSON can hold it: instants as text, what is undefined as null."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float) and not isfinite(value):
        return None
    return value
