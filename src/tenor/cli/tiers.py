"""`tenor tiers`: a list of accounts in four tiers of action under a number of calls."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import click
import polars as pl

from tenor.cli.console import (
    DIRECTORY,
    done,
    load,
    parse_instant,
    progress,
    say,
    timezone_option,
)
from tenor.engine.errors import InputError
from tenor.engine.predictors.model import load_model
from tenor.engine.reports.files import write_json, write_page
from tenor.engine.reports.tiers import tiers_json, tiers_report, tiers_summary, tiers_text
from tenor.engine.store import read_rows, write_rows
from tenor.engine.tiers.accounts import Accounts, number, read_accounts
from tenor.engine.tiers.assumptions import Assumptions
from tenor.engine.tiers.chances import CALL, measured_chances
from tenor.engine.tiers.plan import plan_tiers

_PROBLEMS_SHOWN = 20


def _money(_: click.Context, __: click.Parameter, text: str | None) -> Decimal | None:
    value = None if text is None else number(text)
    if text is not None and (value is None or value < 0):
        raise click.BadParameter(f"{text!r} is no amount")
    return value


@click.command()
@click.argument("path", metavar="FILE", type=DIRECTORY)
@click.option(
    "--calls-per-week",
    required=True,
    type=click.IntRange(min=0),
    metavar="N",
    help="How many calls your people can make in a week.",
)
@click.option(
    "--chances",
    "chances_path",
    type=DIRECTORY,
    metavar="FILE",
    help="Chances of payment measured elsewhere (account_id, p_alone, p_called; CSV or Parquet), "
    "instead of assumed ones.",
)
@click.option(
    "--model",
    type=DIRECTORY,
    metavar="M",
    help="The folder `tenor fit` wrote: chances are then the model's, for accounts that are "
    "customers of --data with an open invoice at --as-of. The others keep the assumed ones and "
    "are listed.",
)
@click.option("--data", type=DIRECTORY, metavar="DIR", help="With --model: the tables.")
@click.option(
    "--as-of", type=parse_instant, metavar="T", help="With --model: the instant that counts as now."
)
@click.option(
    "--call-channel",
    default=CALL,
    show_default=True,
    metavar="NAME",
    help="With --model: what your contacts call a call.",
)
@click.option(
    "--low-balance",
    callback=_money,
    metavar="AMOUNT",
    help="Up to this amount an account may go to an agency. Default: the lowest quarter.",
)
@click.option(
    "--score-means",
    type=click.Choice(["chance", "risk"]),
    help="Whether a high score is good (chance) or bad (risk). Default: as its header says.",
)
@click.option(
    "--json", "json_path", type=DIRECTORY, metavar="FILE", help="Write all of it as JSON."
)
@click.option(
    "--html", "html_path", type=DIRECTORY, metavar="FILE", help="Write a page to read or print."
)
@click.option(
    "--out",
    "out_path",
    type=DIRECTORY,
    metavar="FILE",
    help="Write every account with its tier, action and reason (.csv or .parquet).",
)
@click.option(
    "--skip-bad-rows", is_flag=True,
    help="Go on without the rows that cannot be used, and say how many they were.",
)  # fmt: skip
@timezone_option
def command(
    path: Path,
    calls_per_week: int,
    chances_path: Path | None,
    model: Path | None,
    data: Path | None,
    as_of: datetime | None,
    call_channel: str,
    low_balance: Decimal | None,
    score_means: str | None,
    json_path: Path | None,
    html_path: Path | None,
    out_path: Path | None,
    skip_bad_rows: bool,
    timezone: str | None,
) -> None:
    """Sort accounts into four tiers of action for a limited number of calls.

    FILE is a CSV file with account id, days overdue, amount, payment score, industry and earlier
    attempts; other usual names of these columns are found too. Calls go where they add most
    money: to those whom a call moves, not to those who pay anyway. Without a model or --chances
    that rests on assumptions, which are printed.
    """
    if not (model is None) == (data is None) == (as_of is None):
        raise InputError("--model, --data and --as-of are given together or not at all")
    if model is not None and chances_path is not None:
        raise InputError("--model and --chances both say the chances: give one of them")
    accounts = read_accounts(
        path, higher_is_worse=None if score_means is None else score_means == "risk"
    )
    _refuse_or_skip(path, accounts, skip_bad_rows)
    chances = None if chances_path is None else _chances(chances_path)
    if model is not None and data is not None and as_of is not None:
        learned = load_model(model)
        tables = load(data, timezone, skip_bad_rows)
        with progress("Working out the chances"):
            chances = measured_chances(
                accounts.frame["account_id"],
                tables,
                as_of=as_of,
                model=learned,
                horizon_days=Assumptions().horizon_days,
                call_channel=call_channel,
            )
    plan = plan_tiers(
        accounts.frame,
        calls_per_week=calls_per_week,
        chances=chances,
        assume_rest=model is not None,
        low_balance=low_balance,
    )
    if json_path is not None:
        write_json(tiers_json(accounts, plan), json_path)
    if html_path is not None:
        write_page(tiers_report(accounts, plan, name=path.stem), html_path)
    if out_path is not None:
        write_rows(plan.rows, out_path)
    click.echo(tiers_text(accounts, plan) + "\n")
    paths = [str(p) for p in (json_path, html_path, out_path) if p is not None]
    written = f"; written to {' and '.join(paths)}" if paths else ""
    done(f"{tiers_summary(accounts, plan)}{written}")


def _refuse_or_skip(path: Path, accounts: Accounts, skip_bad_rows: bool) -> None:
    problems = accounts.problems
    if problems.is_empty():
        return
    rows = problems["row"].n_unique()
    listed = [f"  row {r}, {c}: {why}" for r, c, why in problems.head(_PROBLEMS_SHOWN).rows()]
    if problems.height > len(listed):
        listed.append(f"  and {problems.height - len(listed):,} more")
    text = "\n".join(listed)
    if not skip_bad_rows:
        raise InputError(
            f"{rows:,} rows of {path} cannot be used "
            f"(--skip-bad-rows goes on without them):\n{text}"
        )
    say(f"{rows:,} of {accounts.frame.height + rows:,} rows skipped: they cannot be used\n{text}")


def _chances(path: Path) -> pl.DataFrame:
    found = read_rows(path)
    missing = [c for c in ("account_id", "p_alone", "p_called") if c not in found.columns]
    if missing:
        raise InputError(f"{path}: no column {' and '.join(missing)}")
    return found
