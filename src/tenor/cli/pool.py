"""`tenor pool`: training sets without names."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from tenor.cli.console import DIRECTORY, counted, done, progress, say
from tenor.cli.installation import made_option
from tenor.engine.errors import InputError

_FEWEST = 2


@click.group()
def command() -> None:
    """Learn together without showing anybody: sets to study, without names.

    Taking part in a pool is decided on the screens, under Learning.
    """


@command.command(
    "training-set", epilog="\b\nExample:\n  tenor pool training-set delta --out study/"
)
@click.argument("organisation")
@click.option(
    "--out", type=DIRECTORY, required=True, metavar="DIR", help="A new folder to write to."
)
@click.option(
    "--k",
    type=click.IntRange(min=_FEWEST),
    default=10,
    show_default=True,
    help="How many customers look alike in everything that is told.",
)
@made_option
def training_set(organisation: str, out: Path, k: int) -> None:
    """Write ORGANISATION's ended invoices without names: rows.parquet and sheet.json.

    Amounts, dates and places are in bands, every row looks like those of at least k - 1 other
    customers, and the set is attacked before it is written: if anybody is found, nothing is.
    """
    from tenor.engine.store import write_rows
    from tenor.platform.core import clock
    from tenor.platform.core.access import organisation_called
    from tenor.platform.core.actor import system
    from tenor.platform.decisions import facts
    from tenor.platform.pooling.actions import export_training_set

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out}: is there already; name a new folder")
    actor = system(organisation_called(organisation), "command line")
    now = clock.now(actor.organisation)
    with progress("Reading the books"):
        tables = facts.to_learn_from(actor.organisation, now)
    with progress("Hiding people, and looking for them"):
        made, attacks = export_training_set(actor, tables=tables, as_of=now, k=k)
    out.mkdir(parents=True, exist_ok=True)
    write_rows(made.rows, out / "rows.parquet")
    sheet = {
        "made_at": now.isoformat(),
        "synthetic": actor.organisation.synthetic,
        "rows": made.rows.height,
        "left_out": made.left_out,
        "k": made.k,
        "bands": made.levels,
        "attacks": [asdict(one) for one in attacks],
    }
    (out / "sheet.json").write_text(json.dumps(sheet, indent=2) + "\n", "utf-8")
    for one in attacks:
        say(f"{one.name}: found {one.found:.1%} of {counted(one.tried, 'invoice')}, none for sure")
    done(
        f"{counted(made.rows.height, 'row')} written to {out}; {made.left_out:,} left out because "
        f"fewer than {k} customers were alike"
    )
