"""The command `tenor`: which commands there are, what each is for, and when its code is loaded.

Help and version load nothing but this file: a command's module, and with it the engine, is
imported when the command is run or its own help is asked for.
"""

import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click


@dataclass(frozen=True)
class Entry:
    """A command as the overview shows it: its module in `tenor.cli`, its purpose, an example."""

    module: str
    help: str
    example: str


# In the order of work: a person reads this list from top to bottom when they start.
SECTIONS: dict[str, dict[str, Entry]] = {
    "Start here": {
        "demo": Entry("demo", "See the whole of it on made-up people.", "tenor demo"),
        "serve": Entry(
            "serve",
            "Serve the screens and the API, on your own tables if you like.",
            "tenor serve --data data/",
        ),
    },
    "Your data": {
        "import": Entry(
            "import_",
            "Turn an event log (XES or CSV) into tables.",
            "tenor import event-log fines.xes.gz --mapping examples/fines.toml --out data/",
        ),
        "simulate": Entry(
            "simulate",
            "Make up a portfolio with its history, to practise on.",
            "tenor simulate --customers 2000 --seed 1 --out data/",
        ),
        "check": Entry(
            "check",
            "See what is wrong with the data and what it is enough for.",
            "tenor check data/",
        ),
        "audit": Entry(
            "audit",
            "See where the portfolio stands: DSO, ageing, recovery, cost.",
            "tenor audit data/ --as-of 2026-03-01 --html audit.html",
        ),
    },
    "Learn and check": {
        "fit": Entry(
            "fit",
            "Learn from the past who pays when, and what a contact changes.",
            "tenor fit data/ --as-of 2026-01-01 --model model/",
        ),
        "evaluate": Entry(
            "evaluate",
            "See how well a model foretold what came after it.",
            "tenor evaluate data/ --model model/ --from 2026-01-01",
        ),
        "monitor": Entry(
            "monitor",
            "See whether facts, customers, chances or the world have moved.",
            "tenor monitor data/ --as-of 2026-03-01 --model model/",
        ),
        "offpolicy": Entry(
            "offpolicy",
            "Estimate from the logs what another policy would have brought.",
            "tenor offpolicy --help",
        ),
        "backtest": Entry(
            "backtest",
            "See what a policy would have done on your own past, and what that may be worth.",
            "tenor backtest data/ --from 2026-01-01 --policy policy.toml --segments",
        ),
        "card": Entry(
            "card",
            "Write a model's card: what it is for, how good it is, where not to trust it.",
            "tenor card model/ --data data/ --as-of 2026-03-01 --out card.html",
        ),
        "experiment": Entry(
            "experiment",
            "Plan a fair comparison of ways of working, and read what one shows.",
            "tenor experiment plan data/ --as-of 2026-03-01 --effect 3%",
        ),
        "fairness": Entry(
            "fairness",
            "See whether groups of people are treated alike, and by what they are told apart.",
            "tenor fairness data/ --as-of 2026-03-01 --model model/ --policy policy.toml",
        ),
        "cases": Entry(
            "cases", "Run worked cases against the engine's rules.", "tenor cases vectors/kpi.json"
        ),
    },
    "The law": {
        "law": Entry(
            "law",
            "Read what the law says where, check your own rules, see what is uncertain.",
            "tenor law show NL --section costs",
        ),
    },
    "Every day": {
        "score": Entry(
            "score",
            "Who will pay when: chances, expected day and risk of each open invoice.",
            "tenor score data/ --as-of 2026-03-01 --model model/ --out scores.csv",
        ),
        "decide": Entry(
            "decide",
            "Whom to contact today, when, how and in which tone; whom to leave alone.",
            "tenor decide data/ --as-of 2026-03-01 --model model/ --policy policy.toml "
            "--out today.csv",
        ),
        "tiers": Entry(
            "tiers",
            "Sort accounts into four tiers for a limited number of calls.",
            "tenor tiers accounts.csv --calls-per-week 100",
        ),
    },
    "The installation": {
        "organisation": Entry(
            "organisation",
            "Make and list the organisations of an installation.",
            'tenor organisation add delta --name "Delta Water"',
        ),
        "person": Entry(
            "person",
            "Let somebody into an organisation.",
            "tenor person add delta ann@delta.example --role administrator",
        ),
        "work": Entry(
            "work",
            "Do what is due: plans of the day, sending, webhooks, learning.",
            "tenor work",
        ),
        "day": Entry(
            "day",
            "Make today's plan of an organisation now.",
            "tenor day delta",
        ),
        "replay": Entry(
            "replay",
            "Make a decision of an earlier day again, and see how it came about.",
            "tenor replay 3f9c2a7d51e80b46",
        ),
        "bank": Entry(
            "bank",
            "Take in bank statements and book what is sure.",
            "tenor bank delta statement.xml",
        ),
        "pool": Entry(
            "pool",
            "Write a training set without names.",
            "tenor pool training-set delta --out study/",
        ),
        "audit-log": Entry(
            "audit_log",
            "Show that nobody altered the log of changes.",
            "tenor audit-log verify",
        ),
    },
}
COMMANDS = {name: entry for section in SECTIONS.values() for name, entry in section.items()}
_EXIT_INPUT = 2


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports each only when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands, in the order of work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command called `cmd_name`."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module = importlib.import_module(f"tenor.cli.{entry.module}")
        command: click.Command = module.command
        command.name = cmd_name
        if not command.epilog:
            command.epilog = f"\b\nExample:\n  {entry.example}"
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command to run; an unknown one names the nearest known."""
        if args and args[0] not in COMMANDS:
            from difflib import get_close_matches

            close = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {close[0]}?" if close else " `tenor --help` lists them."
            ctx.fail(f"There is no command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands in sections, each with its purpose and an example."""
        for section, entries in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl([(name, entry.help) for name, entry in entries.items()])
        formatter.write_paragraph()
        formatter.write_text("`tenor COMMAND --help` says more, with an example.")

    def main(self, args: Sequence[str] | None = None, **kwargs: Any) -> Any:  # type: ignore[override]
        """Run; what a person gave wrong ends in one line and exit code 2, all else raises."""
        try:
            return super().main(args=args, **kwargs)
        except Exception as error:
            # Where the engine is not loaded, it cannot have refused anything.
            errors = sys.modules.get("tenor.engine.errors")
            if errors is None or not isinstance(error, errors.InputError):
                raise
            click.echo(f"tenor: {error}", err=True)
            sys.exit(_EXIT_INPUT)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="tenor", prog_name="tenor", message="%(prog)s %(version)s")
def main() -> None:
    """Tenor says whom to contact about unpaid invoices, when, how and in which tone - and whom to
    leave alone.

    It works on a directory of tables (customers, invoices, payments, contacts, events), one CSV
    or Parquet file each. Nothing leaves your machine.
    """


if __name__ == "__main__":
    main()
