"""`tenor fairness`: are groups treated alike by a model and a policy, and by the past?"""

from datetime import datetime
from pathlib import Path

import click

from tenor.cli.console import (
    DIRECTORY,
    as_of_option,
    data_argument,
    done,
    load,
    progress,
    say,
    skip_bad_rows_option,
    stages,
    timezone_option,
)
from tenor.engine.errors import InputError
from tenor.engine.fairness.examine import examine
from tenor.engine.fairness.groups import attributes, groups_of
from tenor.engine.fairness.price import Price, price
from tenor.engine.fairness.swap import PAIRS
from tenor.engine.frames import Tables
from tenor.engine.policy.policyfile import Policy, read_policy
from tenor.engine.predictors.model import Model, load_model
from tenor.engine.reports.fairness import fairness_json, fairness_report, fairness_text
from tenor.engine.reports.files import is_synthetic, write_json, write_page

_STEPS = 100


@click.command()
@data_argument
@as_of_option
@click.option(
    "--model", type=DIRECTORY, required=True, metavar="M", help="The folder `tenor fit` wrote."
)
@click.option(
    "--policy", type=DIRECTORY, required=True, metavar="P", help="The policy file to examine."
)
@click.option(
    "--groups",
    metavar="COLUMNS",
    help="Further columns of customers to compare by, with commas between them, such as "
    "country,language. The protected_ columns always are.",
)
@click.option(
    "--pairs", default=PAIRS, show_default=True, type=click.IntRange(1),
    help="How many customers are tried with somebody else's value, a column.",
)  # fmt: skip
@click.option(
    "--price",
    "with_price",
    is_flag=True,
    help="Also learn without who people are, and say what that costs. Needs thirty days of facts "
    "after the instant the model was fitted at.",
)
@click.option("--json", "json_file", type=DIRECTORY, metavar="F", help="Write the figures to F.")
@click.option("--html", "html_file", type=DIRECTORY, metavar="F", help="Write a page to read.")
@click.option("--seed", default=0, show_default=True, help="Of deciding and of who is tried.")
@timezone_option
@skip_bad_rows_option
def command(
    directory: Path,
    as_of: datetime,
    model: Path,
    policy: Path,
    groups: str | None,
    pairs: int,
    with_price: bool,
    json_file: Path | None,
    html_file: Path | None,
    seed: int,
    timezone: str | None,
    skip_bad_rows: bool,
) -> None:
    """Examine whether groups of people are treated alike.

    Decides about everybody at T with the model and the policy, and compares who is contacted,
    pressed, handed over and left alone between groups who owe alike; looks for columns that tell a
    group; decides again about people with one value changed; and looks at the past year. The
    protected_ columns of customers are read here and nowhere else.
    """
    rules, learned = read_policy(policy), load_model(model)
    if as_of < learned.as_of:
        raise InputError(
            f"the model was fitted at {learned.as_of:%Y-%m-%d}, after {as_of:%Y-%m-%d}: give a "
            "later --as-of"
        )
    tables = load(directory, timezone, skip_bad_rows)
    named = [name.strip() for name in (groups or "").split(",") if name.strip()]
    compared = groups_of(tables.customers, named=named)
    if not attributes(compared):
        say(
            "No groups are known: customers have no column that begins with protected_, and "
            "--groups names none."
        )
    with progress("Examining", _STEPS) as advance:
        passed = 0

        def report(share: float) -> None:
            nonlocal passed
            advance(int(share * _STEPS) - passed)
            passed = int(share * _STEPS)

        found = examine(
            tables, as_of=as_of, model=learned, policy=rules, groups=compared, seed=seed,
            pairs=pairs, report=report,
        )  # fmt: skip
    cost = _price(tables, learned, rules, seed) if with_price else None
    click.echo(fairness_text(found, cost))
    if json_file is not None:
        write_json(fairness_json(found, cost), json_file)
    if html_file is not None:
        page = fairness_report(
            found, cost, name=directory.resolve().name, synthetic=is_synthetic(directory)
        )
        write_page(page, html_file)
    done(found.text)


def _price(tables: Tables, learned: Model, rules: Policy, seed: int) -> Price:
    with stages() as report:
        return price(
            tables, as_of=learned.as_of, policy=rules, full=learned, seed=seed, report=report
        )
