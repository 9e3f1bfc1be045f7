"""`tenor experiment`: plan a fair comparison of ways of working, and read what one shows."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from math import isfinite
from pathlib import Path

import click

from tenor.cli.console import (
    DIRECTORY,
    counted,
    done,
    load,
    parse_instant,
    progress,
    timezone_option,
)
from tenor.cli.evaluate import plain
from tenor.engine.errors import InputError
from tenor.engine.experiments.guards import State, watched
from tenor.engine.experiments.outcomes import KNOWN, Better, Kind, Outcome
from tenor.engine.experiments.past import RIPENS, Past, foretold_by, past
from tenor.engine.experiments.planning import (
    Figure,
    Inflow,
    customers_needed,
    customers_within,
    days_needed,
    smallest_effect,
)
from tenor.engine.experiments.results import Comparison, Results, results
from tenor.engine.frames import Tables
from tenor.engine.predictors.model import load_model
from tenor.engine.predictors.score import chances
from tenor.engine.reports.files import write_json
from tenor.engine.store import read_rows

_SIZES = (500, 1_000, 2_000, 5_000, 10_000, 50_000)


def number(text: str) -> float:
    """Return the number that a text such as 0.7, 70% or -3% names."""
    part = text.strip()
    try:
        return float(part[:-1]) / 100.0 if part.endswith("%") else float(part)
    except ValueError as error:
        raise InputError(f"{text!r} is no number; write 0.7 or 70%") from error


def arms(text: str) -> dict[str, float]:
    """Return arm -> share of a text such as old=80%,new=20%."""
    found: dict[str, float] = {}
    for part in text.split(","):
        name, sign, share = part.partition("=")
        if not sign or not name.strip() or name.strip() in found:
            raise InputError(f"{text!r} names no arms; write old=50%,new=50%")
        found[name.strip()] = number(share)
    return found


def outcome(text: str) -> Outcome:
    """Return the outcome of a text NAME, or NAME:KIND:BETTER or NAME:KIND:BETTER:SMALLEST."""
    name, *rest = text.split(":")
    if not rest and name in KNOWN:
        return KNOWN[name]
    kinds, ways = [k.value for k in Kind], [b.value for b in Better]
    if len(rest) not in (2, 3) or rest[0] not in kinds or rest[1] not in ways:
        raise InputError(
            f"{text!r} is no outcome; write one of {', '.join(KNOWN)}, or its column as "
            "NAME:KIND:BETTER:SMALLEST, such as calls:mean:lower:0.5 (kinds: "
            f"{', '.join(kinds)}; better: {', '.join(ways)})"
        )
    smallest = number(rest[2]) if len(rest) == 3 else None
    return Outcome(name, Kind(rest[0]), Better(rest[1]), smallest)


@click.group()
def command() -> None:
    """Plan an experiment before it starts, and read what it shows on any day.

    Customers are drawn by lot into arms, each with its own way of working.
    """


@command.command("plan")
@click.argument("directory", type=DIRECTORY, required=False, metavar="[DIR]")
@click.option(
    "--as-of", "as_of", type=parse_instant, metavar="T", help="With DIR: what counts as now."
)
@click.option(
    "--outcome",
    "name",
    type=click.Choice(list(RIPENS)),
    default="paid_30d",
    show_default=True,
    help="With DIR: the figure, whose past tells how it varies and how customers come.",
)
@click.option(
    "--model",
    "model",
    type=DIRECTORY,
    metavar="M",
    help="With DIR: see how closely this model, from `tenor fit`, foretold who would pay.",
)
@click.option("--usual", type=number, metavar="X", help="The figure now: 70%, or 21 with --spread.")
@click.option(
    "--spread", type=number, metavar="S", help="Its standard deviation; none for a share."
)
@click.option("--effect", type=number, metavar="D", help="The change to be found: 3%, or -2 days.")
@click.option(
    "--arms",
    "weights",
    type=arms,
    default="old=50%,new=50%",
    show_default=True,
    help="Names and shares; the first is compared with.",
)
@click.option("--invoices", type=number, help="Invoices of a customer during the experiment.")
@click.option("--alike", type=number, help="How alike invoices of one customer are, 0 to 1.")
@click.option("--foretold", type=number, help="How closely the figure is foretold, 0 to 1.")
@click.option("--a-week", type=number, help="Customers that come into the experiment a week.")
@click.option("--days", type=int, help="How long it may take: what can be found by then?")
@click.option("--once", is_flag=True, help="Look once, at the end, instead of every day.")
@timezone_option
def plan(
    directory: Path | None,
    as_of: datetime | None,
    name: str,
    model: Path | None,
    usual: float | None,
    spread: float | None,
    effect: float | None,
    weights: dict[str, float],
    invoices: float | None,
    alike: float | None,
    foretold: float | None,
    a_week: float | None,
    days: int | None,
    once: bool,
    timezone: str | None,
) -> None:
    """Say how many customers an experiment takes, how long, and what fewer can find.

    \b
    Examples:
      tenor experiment plan --usual 70% --effect 3% --a-week 200
      tenor experiment plan data/ --as-of 2026-03-01 --outcome days_to_pay --effect -2
      tenor experiment plan data/ --as-of 2026-03-01 --model model/ --effect 3%
    """
    if model is not None and directory is None:
        raise InputError("--model needs a directory: what it foretold is held against what came")
    ripens = RIPENS["paid_30d"]
    if directory is not None:
        if as_of is None:
            raise InputError("give --as-of: the day up to which DIR is looked at")
        tables = load(directory, timezone, skip_bad_rows=False)
        with progress("Looking at the past"):
            found = past(tables, as_of=as_of, outcome=name)
        figure, ripens = found.figure, found.ripens
        if model is not None:
            figure = replace(figure, foretold=_foretold(tables, model, name, as_of))
        a_week = found.a_week if a_week is None else a_week
        click.echo(_said(name, found, figure, "their own past" if model is None else "the model"))
    elif usual is None:
        raise InputError("give --usual, what the figure is now, or a directory of tables to see it")
    else:
        figure = Figure(usual, spread)
    given = {
        "usual": usual, "spread": spread, "invoices": invoices, "alike": alike,
        "foretold": foretold,
    }  # fmt: skip
    figure = replace(figure, **{key: value for key, value in given.items() if value is not None})
    if a_week is not None and not a_week > 0.0:
        raise InputError(f"--a-week is how many customers come a week, above 0, not {a_week:g}")
    if days is not None and days < 1:
        raise InputError(f"--days is how long it may take, 1 or more, not {days}")
    if days is not None and a_week is None:
        raise InputError("--days needs --a-week: how many customers come a week, or a directory")
    inflow = None if a_week is None else Inflow(a_week=a_week, ripens=ripens)
    for line in plan_lines(figure, weights, effect, inflow, days, daily=not once):
        click.echo(line)
    done("The first arm is the one the others are compared with: " + next(iter(weights)) + ".")


def plan_lines(
    figure: Figure,
    weights: dict[str, float],
    effect: float | None,
    inflow: Inflow | None,
    days: int | None,
    *,
    daily: bool,
) -> Iterator[str]:
    """Yield the plan in words and figures."""
    control = next(iter(weights))
    if effect is not None:
        need = customers_needed(
            figure, effect=effect, weights=weights, control=control, daily=daily
        )
        looking = "looking every day" if daily else "looking once, at the end"
        yield (
            f"To find a change from {_shown(figure, figure.usual)} to "
            f"{_shown(figure, figure.usual + effect)} four times in five, {looking}:"
        )
        parts = ", ".join(f"{arm} {n:,}" for arm, n in need.by_arm.items())
        yield f"  at most {need.customers:,} customers ({parts})"
        if need.plain > need.customers:
            yield f"  without what is foretold it would take {need.plain:,}"
        if daily:
            yield f"  half of such experiments see it by {need.usually:,} customers"
            yield f"  looked at only once, at the end, {need.once:,} would do"
        if inflow is not None:
            most, half = (days_needed(n, inflow) for n in (need.customers, need.usually))
            when = f"{_days(most)} at most, half by {_days(half)}"
            yield f"  at {inflow.a_week:,.0f} customers a week: {when}"
        yield ""
    yield "What a number of customers can find four times in five:"
    sizes = list(_SIZES)
    if days is not None and inflow is not None:
        sizes = sorted({*sizes, customers_within(days, inflow)} - {0})
    for size in sizes:
        least = smallest_effect(
            figure, customers=size, weights=weights, control=control, daily=daily
        )
        when = f"  ({_days(days_needed(size, inflow))})" if inflow is not None else ""
        told = f"a change of {_shown(figure, least, change=True)}" if isfinite(least) else "nothing"
        yield f"  {size:>7,}  {told}{when}"


def _foretold(tables: Tables, folder: Path, name: str, as_of: datetime) -> float:
    """Return how closely a model foretold the figure, on the last day of which that is known."""
    if name != "paid_30d":
        raise InputError(f"a model foretells who pays within 30 days, not {name}: leave --model")
    model = load_model(folder)
    at = as_of - timedelta(days=RIPENS[name])
    if model.as_of > at:
        raise InputError(
            f"the model was fitted at {model.as_of:%Y-%m-%d}: what it foretells is known 30 days "
            "later; give a later --as-of, or a model that was fitted earlier"
        )
    with progress("Looking at what was foretold"):
        told = chances(tables.known_at(at), as_of=at, model=model)
        return foretold_by(tables, told, at=at, as_of=as_of)


def _said(name: str, found: Past, figure: Figure, by: str) -> str:
    return (
        f"{name} over the last {found.weeks} weeks that are known: "
        f"{_shown(figure, figure.usual)} of {counted(found.customers, 'customer')}, "
        f"{figure.invoices:.1f} invoices each, alike {figure.alike:.2f}, "
        f"foretold {figure.foretold:.2f} by {by}."
    )


def _shown(figure: Figure, value: float, *, change: bool = False) -> str:
    if figure.spread is not None:
        return f"{value:,.2f}"
    return f"{100.0 * value:.1f} points" if change else f"{value:.1%}"


def _days(days: float) -> str:
    return f"{days:,.0f} days" if isfinite(days) else "never"


@command.command("read")
@click.argument("table", type=DIRECTORY)
@click.option(
    "--control", required=True, metavar="ARM", help="The arm the others are compared with."
)
@click.option(
    "--arms", "weights", type=arms, metavar="A=S,…", help="The shares that were drawn for."
)
@click.option(
    "--outcome",
    "outcomes",
    type=outcome,
    multiple=True,
    metavar="O",
    help="NAME, or NAME:KIND:BETTER:SMALLEST; may be given several times.",
)
@click.option("--factors", default="", metavar="F,G", help="Columns of a factorial experiment.")
@click.option("--json", "json_file", type=DIRECTORY, metavar="F", help="Write the figures to F.")
def read(
    table: Path,
    control: str,
    weights: dict[str, float] | None,
    outcomes: tuple[Outcome, ...],
    factors: str,
    json_file: Path | None,
) -> None:
    """Read what an experiment shows: TABLE has customer_id, arm and the outcomes (.csv, .parquet).

    Columns expected_OUTCOME and before_OUTCOME, known before the start, make it more exact.
    Without --outcome all columns with a known name count.
    """
    rows = read_rows(table)
    named = outcomes or tuple(KNOWN[c] for c in rows.columns if c in KNOWN)
    if not named:
        raise InputError(f"{table} has no outcome Tenor knows: name its columns with --outcome")
    for column in ("customer_id", "arm"):
        if column not in rows.columns:
            raise InputError(f"{table} has no column {column!r}")
    split = [factor.strip() for factor in factors.split(",") if factor.strip()]
    with progress("Comparing"):
        found = results(rows, named, control=control, weights=weights, factors=split)
    for line in result_lines(found):
        click.echo(line)
    if json_file is not None:
        told = {**asdict(found), "guards": [asdict(w) for w in watched(found)]}
        write_json(plain(told), json_file)
    total = sum(found.customers.values())
    done(f"{counted(total, 'customer')} in {counted(len(found.customers), 'arm')}.")


def result_lines(found: Results) -> Iterator[str]:
    """Yield the lines of the printed results."""
    for note in found.notes:
        yield f"Mind: {note}"
    for name in dict.fromkeys(c.outcome for c in found.comparisons):
        yield ""
        yield f"{name}: {found.control} is compared with"
        for compared in found.comparisons:
            if compared.outcome == name:
                yield from _compared(compared)
    if found.factors:
        yield ""
        yield "Each factor by itself, then two together beyond their sum:"
    for effect in found.factors:
        what = " with ".join(
            f"{f} {level} beside {base}"
            for f, level, base in zip(effect.factors, effect.levels, effect.beside, strict=True)
        )
        bounds = _bounds(effect.daily.low, effect.daily.high)
        yield f"  {effect.outcome}: {what}: {effect.difference:+.4g} ({bounds})"
    for watch in watched(found):
        if watch.state is State.CROSSED:
            yield ""
            yield (
                f"STOP {watch.arm}: {watch.outcome} is worse by at least {watch.low:.4g}, more "
                f"than the {watch.limit:.4g} that is allowed."
            )
    yield ""


def _compared(c: Comparison) -> Iterator[str]:
    means = f"{c.arm_mean:.4g} against {c.control_mean:.4g}"
    yield f"  {c.arm}: {c.verdict.value}. {means}, a difference of {c.difference:+.4g}"
    once, daily = (_bounds(i.low, i.high) for i in (c.once, c.daily))
    yield f"    on any day: {daily}; looked at once: {once}"
    saved = f"; what was foretold saved {c.saved:.0%} of the customers" if c.saved > 0.005 else ""
    relative = f"{c.relative:+.1%}; " if c.relative is not None else ""
    yield f"    {relative}{c.customers[1]:,} and {c.customers[0]:,} customers{saved}"


def _bounds(low: float, high: float) -> str:
    return f"{low:+.4g} to {high:+.4g}" if isfinite(low) and isfinite(high) else "nothing known yet"
