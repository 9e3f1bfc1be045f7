"""`tenor offpolicy`: what another policy would have brought, as far as the log can tell."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
import numpy as np

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
from tenor.cli.evaluate import plain
from tenor.engine.evaluate.logged import LogValue, value_on_contacts
from tenor.engine.evaluate.offpolicy import Estimate
from tenor.engine.evaluate.overlap import Overlap
from tenor.engine.policy.policyfile import read_policy
from tenor.engine.predictors.model import load_model
from tenor.engine.reports.files import write_json

_STEPS = 100
# The predictions used here know nothing of what was done, only what to expect without contact: good
# for taking out noise, useless as a judgement. Estimators that fall back on them are not shown.
_SHOWN = ("IPS", "SNIPS", "SNDR", "PI", "PI-DR")


@click.command()
@data_argument
@click.option(
    "--model", type=DIRECTORY, required=True, metavar="M", help="The folder `tenor fit` wrote."
)
@click.option(
    "--policy", type=DIRECTORY, required=True, metavar="P", help="The policy file to judge."
)
@click.option(
    "--from",
    "from_",
    type=parse_instant,
    metavar="T",
    help="Judge on the contacts since T. Without it: since the instant the model was fitted at.",
)
@click.option(
    "--margin",
    default=0.02,
    show_default=True,
    type=click.FloatRange(0.0, 1.0),
    help="How much less, as a share of the amount asked, still counts as not worse.",
)
@click.option("--json", "json_file", type=DIRECTORY, metavar="F", help="Write the figures to F.")
@click.option("--seed", default=0, show_default=True, help="Of the resampling behind intervals.")
@timezone_option
@skip_bad_rows_option
def command(
    directory: Path,
    model: Path,
    policy: Path,
    from_: datetime | None,
    margin: float,
    json_file: Path | None,
    seed: int,
    timezone: str | None,
    skip_bad_rows: bool,
) -> None:
    """Judge a policy on contacts that were made before it ran.

    Compared is the channel and tone the policy would have chosen on the day of each past contact
    with those that were used; the outcome is the share of the amount paid within the policy's
    outcome window. Only contacts left to chance, with their probability recorded, can tell, and
    the verdict says so where they cannot.
    """
    rules = read_policy(policy)
    learned = load_model(model)
    since = from_ or learned.as_of
    if since < learned.as_of:
        say(
            f"The model was fitted at {learned.as_of:%Y-%m-%d}, after {since:%Y-%m-%d}: it has "
            "seen part of what it is judged by, so the figures flatter."
        )
    tables = load(directory, timezone, skip_bad_rows)
    with progress("Deciding the past again", _STEPS) as advance:
        passed = 0

        def report(share: float) -> None:
            nonlocal passed
            advance(int(share * _STEPS) - passed)
            passed = int(share * _STEPS)

        found = value_on_contacts(
            tables,
            model=learned,
            policy=rules,
            from_=since,
            rng=np.random.default_rng(seed),
            margin=margin,
            report=report,
        )
    for line in lines(found):
        click.echo(line)
    if json_file is not None:
        write_json(plain(asdict(found)), json_file)
    done(found.verdict.text)


def lines(found: LogValue) -> Iterator[str]:
    """Yield the lines of the printed judgement."""
    chance = found.by_chance
    yield (
        f"{counted(found.contacts, 'contact')}: {found.unknown:,} without a recorded probability, "
        f"{found.unseen:,} whose outcome cannot be seen, {found.waiting:,} where the policy would "
        "have left the customer alone."
    )
    yield f"Judged on the {chance.support.rows:,} of the rest that were left to chance."
    yield ""
    yield "Share of the amount paid in time         value    95% interval        standard error"
    if found.usual is not None:
        yield _estimate("usual contacts", found.usual)
    yield _estimate("drawn at random", chance.logged)
    for entry in (e for e in chance.estimates if e.name in _SHOWN):
        mark = " (headline)" if entry.name == chance.headline else ""
        yield _estimate(f"policy, {entry.name}{mark}", entry)
    against = "usual" if found.usual is not None else "random"
    yield _estimate(f"policy less {against}", found.gain)
    yield _estimate("policy less random", chance.gain)
    yield ""
    yield "Support                     worth rows   largest weight   mean weight"
    for support in (chance.support, *chance.factors):
        yield _support(support)
    yield ""


def _estimate(name: str, e: Estimate) -> str:
    return (
        f"  {name:<38} {e.value:+7.4f}  {e.lower:+7.4f} to {e.upper:+7.4f}  {e.standard_error:.4f}"
    )


def _support(s: Overlap) -> str:
    return (
        f"  {s.name:<24} {s.effective_rows:10,.0f}   {s.most_weight:14.1f}   {s.mean_weight:11.3f}"
    )
