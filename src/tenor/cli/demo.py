"""`tenor demo`: the whole of it on made-up data: a portfolio, its audit, a model, a day's plan."""

import os
import sys
import webbrowser
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from tenor import __version__
from tenor.cli.console import DIRECTORY, done, progress, stages
from tenor.cli.decide import shown_policy
from tenor.engine.decision import decide
from tenor.engine.errors import ModelError
from tenor.engine.frames import Tables
from tenor.engine.kpis.portfolio import audit
from tenor.engine.policy.policyfile import Policy, parse_policy
from tenor.engine.predictors.model import Model, fit, load_model
from tenor.engine.reports.audit import audit_report
from tenor.engine.reports.day import day_report, day_summary
from tenor.engine.reports.files import write_page
from tenor.engine.simulation.config import WorldConfig
from tenor.engine.simulation.world import World
from tenor.engine.store import read_tables, write_rows

DAYS = 548

POLICY = """\
# The demonstration's rules: every key is explained in docs/handbook/policy.md.
[channels.email]
cost = 0.02
[channels.sms]
cost = 0.07
[channels.letter]
cost = 1.10
days_to_arrive = 2
days = "Mon-Fri"
[channels.call]
cost = 4.50
capacity_per_day = 10
days = "Mon-Fri"
hours = "09:00-17:00"
"""


@click.command()
@click.option(
    "--out",
    "directory",
    type=DIRECTORY,
    default=Path("tenor-demo"),
    show_default=True,
    metavar="DIR",
    help="Where the demonstration keeps its files; a second run goes on with them.",
)
@click.option("--customers", default=2000, show_default=True, type=click.IntRange(50, 100_000))
@click.option("--seed", default=1, show_default=True, type=click.IntRange(min=0))
@click.option("--browser/--no-browser", default=True, help="Open the pages in a browser.")
def command(directory: Path, customers: int, seed: int, browser: bool) -> None:
    """Make up a portfolio (synthetic, and marked so), learn from it, and plan its next day.

    Writes the tables, the audit, the model and the plan of the day into DIR, and prints the plan.
    """
    data, pages = directory / f"data-{__version__}-{customers}-{seed}", directory / "pages"
    if not (data / "metadata.json").is_file():
        _make_up(data, customers, seed)
    policy_path = directory / "policy.toml"
    if not policy_path.is_file():
        write_page(POLICY, policy_path)
    policy = parse_policy(policy_path.read_text(encoding="utf-8"), str(policy_path))
    with progress("Reading the tables"):
        tables = read_tables(data).tables
    as_of = _end_of(tables)
    model = _model(tables, policy, as_of, directory / f"model-{__version__}-{customers}-{seed}")
    with progress("Planning the day"):
        decisions = decide(tables, as_of=as_of, model=model, policy=policy, seed=seed)
        write_rows(decisions, directory / "decisions.csv")
        shown = shown_policy(policy)
        page = day_report(decisions, tables, as_of=as_of, policy=shown, synthetic=True)
        write_page(page, pages / "day.html")
        write_page(
            audit_report(audit(tables, as_of), name="demo", synthetic=True), pages / "audit.html"
        )
    click.echo(day_summary(decisions, tables, as_of=as_of, policy=shown))
    if browser and _has_a_screen():
        webbrowser.open((pages / "day.html").resolve().as_uri())
    done(
        f"\nOn synthetic data. Open {pages / 'day.html'} (the plan) and {pages / 'audit.html'} "
        f"(the portfolio); change {policy_path} and run again."
    )


def _has_a_screen() -> bool:
    """Say whether there is a window to open; without one a text browser would take the terminal."""
    windows = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return sys.stdout.isatty() and bool(windows or sys.platform in ("darwin", "win32"))


def _make_up(data: Path, customers: int, seed: int) -> None:
    world = World(WorldConfig(customers=customers), seed)
    with progress("Making up eighteen months of a portfolio", length=DAYS) as played:
        for _ in range(DAYS):
            world.play_ladder(1)
            played(1)
    world.write(data, file_format="parquet")


def _end_of(tables: Tables) -> datetime:
    """Return the midnight after the last fact: the demonstration's today."""
    last = max(
        tables.payments["paid_at"].max(),
        tables.contacts["sent_at"].max(),  # type: ignore[type-var]
    )
    assert isinstance(last, datetime)
    return datetime.combine(last.date() + timedelta(days=1), datetime.min.time(), tzinfo=UTC)


def _model(tables: Tables, policy: Policy, as_of: datetime, directory: Path) -> Model:
    """Return the model kept in `directory`; fit it anew where there is none that can be read."""
    try:
        return load_model(directory)
    except ModelError:
        with stages() as report:
            model = fit(tables, as_of=as_of, days_to_arrive=policy.days_to_arrive, report=report)
        model.save(directory)
        return model
