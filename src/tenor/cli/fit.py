"""`tenor fit`: learn who pays, and what contacts change, from one's own history."""

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
    say,
    skip_bad_rows_option,
    stages,
    timezone_option,
)
from tenor.engine.policy.policyfile import read_policy
from tenor.engine.predictors.effect_report import effect_report, sentence
from tenor.engine.predictors.model import fit
from tenor.engine.quality import Verdict, sufficiency
from tenor.engine.store import write_rows

# Bad rows seldom fall at random: an export that cuts off or garbles does so with the newest or
# the unusual ones. Up to a fifth the rest still ranks payers; beyond, a model of what happens to
# be readable would pass for one of the portfolio (a house rule, on the side of refusing).
MOST_SKIPPED = 0.20
# What contacts add, beside the model's own files; not part of it.
EFFECTS = "effects.csv"


@click.command()
@data_argument
@as_of_option
@click.option(
    "--model", type=DIRECTORY, required=True, metavar="M", help="The folder to write the model to."
)
@click.option(
    "--policy",
    type=DIRECTORY,
    metavar="P",
    help="The policy file; from it come the days a letter is under way.",
)
@click.option("--seed", default=0, show_default=True, help="The same seed gives the same model.")
@click.option(
    "--behaviour-only",
    is_flag=True,
    help="Judge people by what they do, not by who they are: kind, country, language and your own "
    "columns of customers are left out; fit both ways and let `tenor evaluate` say what it costs.",
)
@timezone_option
@skip_bad_rows_option
def command(
    directory: Path,
    as_of: datetime,
    model: Path,
    policy: Path | None,
    seed: int,
    behaviour_only: bool,
    timezone: str | None,
    skip_bad_rows: bool,
) -> None:
    """Learn from all that was known in DIR at T, and write the model.

    It learns who pays when, how people pay when left alone, and what a contact adds to that.
    What each channel and tone adds, with an interval, is written beside it as effects.csv.

    Even with --skip-bad-rows it refuses to learn where more than 20% of the rows cannot be used.
    """
    days_to_arrive = read_policy(policy).days_to_arrive if policy else {}
    tables = load(directory, timezone, skip_bad_rows, most_skipped=MOST_SKIPPED)
    enough = sufficiency(tables.known_at(as_of), today=as_of.date())
    for use in enough.uses:
        if use.verdict is not Verdict.ENOUGH:
            say(f"{use.name}: {use.reason}")
    with stages() as report:
        learned = fit(
            tables,
            as_of=as_of,
            days_to_arrive=days_to_arrive,
            seed=seed,
            behaviour_only=behaviour_only,
            report=report,
        )
        version = learned.save(model)
        report("measuring what contacts add", 0.0)
        effects = effect_report(tables, as_of=as_of, model=learned)
        write_rows(effects, model / EFFECTS)
    say(sentence(effects))
    done(
        f"Model {version} written to {model}: learned from "
        f"{counted(learned.facts['invoices'], 'invoice')} and "
        f"{counted(learned.facts['contacts'], 'contact')} known at {as_of:%Y-%m-%d}"
        + (", behaviour only." if behaviour_only else ".")
    )
