"""`tenor decide`: who is contacted how and when, who is left alone, who goes to a person."""

from datetime import datetime
from pathlib import Path

import click
import polars as pl

from tenor.cli.console import (
    DIRECTORY,
    as_of_option,
    data_argument,
    done,
    load,
    progress,
    say,
    skip_bad_rows_option,
    timezone_option,
)
from tenor.engine.decision import decide
from tenor.engine.errors import InputError
from tenor.engine.policy.grid import alternatives
from tenor.engine.policy.policyfile import Policy, read_policy
from tenor.engine.predictors.model import load_model
from tenor.engine.reports.day import day_report
from tenor.engine.reports.files import is_synthetic, write_page
from tenor.engine.store import write_rows


@click.command()
@data_argument
@as_of_option
@click.option(
    "--model", type=DIRECTORY, required=True, metavar="M", help="The folder `tenor fit` wrote."
)
@click.option("--policy", type=DIRECTORY, required=True, metavar="P", help="The policy file.")
@click.option("--out", type=DIRECTORY, required=True, metavar="F", help="A .csv or .parquet file.")
@click.option("--html", type=DIRECTORY, metavar="F", help="Also write the day as a page to read.")
@click.option(
    "--explain",
    metavar="CUSTOMER",
    help="Also write every alternative for this customer into the file that --grid names.",
)
@click.option(
    "--grid",
    type=DIRECTORY,
    metavar="F",
    help="With --explain: each channel, tone, day and hour with what it would do and gain, and "
    "the rules that forbid it (.csv or .parquet).",
)
@click.option("--seed", default=0, show_default=True, help="Of what is left to chance.")
@timezone_option
@skip_bad_rows_option
def command(
    directory: Path,
    as_of: datetime,
    model: Path,
    policy: Path,
    out: Path,
    html: Path | None,
    explain: str | None,
    grid: Path | None,
    seed: int,
    timezone: str | None,
    skip_bad_rows: bool,
) -> None:
    """Decide for every customer in DIR with an open invoice at T, within the policy.

    The file has a row a customer: whom to contact, when, how and in which tone, whom to leave
    alone, and what goes to a person first, each with its reasons.
    """
    if (explain is None) != (grid is None):
        raise InputError("--explain CUSTOMER and --grid FILE are given together or not at all")
    rules = read_policy(policy)
    for warning in rules.warnings:
        say(f"{policy}: {warning}")
    learned = load_model(model)
    tables = load(directory, timezone, skip_bad_rows)
    with progress("Deciding"):
        decisions = decide(tables, as_of=as_of, model=learned, policy=rules, seed=seed)
        write_rows(decisions, out)
    if explain is not None and grid is not None:
        with progress("Working out the alternatives"):
            every = alternatives(
                tables, as_of=as_of, model=learned, policy=rules, customer_id=explain
            )
            write_rows(every, grid)
        say(f"{every.height:,} alternatives for {explain}, {_best(every)}, written to {grid}")
    if html is not None:
        page = day_report(
            decisions,
            tables.known_at(as_of),
            as_of=as_of,
            policy=shown_policy(rules),
            synthetic=is_synthetic(directory),
        )
        write_page(page, html)
    done(_outcome(decisions, out))


def shown_policy(policy: Policy) -> dict[str, str]:
    """Return what a plan keeps to, in words, as its page shows it."""
    limits = policy.limits
    return {
        "currency": policy.objective.currency,
        "channels": ", ".join(c.name for c in policy.channels) or "none",
        "at most": f"{limits.max_contacts_30d} contacts in 30 days, "
        f"{limits.min_days_between} days apart",
        "left to chance": f"{policy.exploration.share:.1%} of customers",
        "handed over after": f"{limits.escalate_after} days overdue, confirmed by a person",
    }


def _best(every: pl.DataFrame) -> str:
    """Say how many alternatives are permitted and which of them gains most."""
    left = every.filter("permitted")
    if left.is_empty():
        return "none permitted"
    best = left.row(int(left["gain"].arg_max() or 0), named=True)
    return (
        f"{left.height:,} permitted, best {best['channel']} {best['tone']} at "
        f"{best['send_at']:%Y-%m-%d %H:%M} UTC (gain {best['gain']:,.2f})"
    )


def _outcome(decisions: pl.DataFrame, out: Path) -> str:
    counts = dict(decisions["verdict"].value_counts().iter_rows())
    words = {
        "contact": "to contact",
        "wait": "to leave alone",
        "review": "for a person",
        "escalate": "to hand over",
    }
    parts = [f"{counts[v]:,} {text}" for v, text in words.items() if v in counts]
    cost = decisions.filter(pl.col("verdict") == "contact")["cost"].sum()
    ending = f": {', '.join(parts)}; contacts cost {cost:,.2f}." if parts else "."
    return f"{decisions.height:,} decisions written to {out}{ending}"
