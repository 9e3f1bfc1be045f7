"""`tenor cases`: run worked cases against the engine's rules."""

import sys
from pathlib import Path

import click

from tenor.cli.console import done
from tenor.engine.cases.run import Outcome, Verdict, by_rule, read_cases, run_case

_EXIT_FAILED = 1


@click.command()
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
def command(files: tuple[Path, ...]) -> None:
    """Run worked cases against the engine's rules and say per rule how many pass.

    A FILE is a JSON list of cases, each with "id", "rule", "input" and "expected". A rule that
    the engine does not have is reported as not covered. Exit code 1 where a case fails.
    """
    outcomes = [run_case(case) for path in files for case in read_cases(path)]
    groups = by_rule(outcomes)
    width = max((len(rule) for rule in groups), default=0)
    for rule, found in groups.items():
        click.echo(f"{rule:<{width}}  {_counts(found)}")
        for outcome in found:
            for difference in outcome.differences:
                click.echo(f"{'':<{width}}    {outcome.case.id}  {difference}")
    done(f"{len(outcomes):,} cases of {len(groups):,} rules: {_counts(outcomes)}")
    if any(o.verdict is Verdict.FAILED for o in outcomes):
        sys.exit(_EXIT_FAILED)


def _counts(outcomes: list[Outcome]) -> str:
    numbers = {v: sum(o.verdict is v for o in outcomes) for v in Verdict}
    named = [f"{count:,} {verdict}" for verdict, count in numbers.items() if count]
    return ", ".join(named) or "nothing to run"
