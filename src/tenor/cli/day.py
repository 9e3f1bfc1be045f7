"""`tenor day`: one organisation's day, or what is left of it, now."""

import click

from tenor.cli.console import done, progress, say
from tenor.cli.installation import made_option

_WORDS = {
    "contact": "to contact",
    "wait": "to leave alone",
    "review": "for a person",
    "escalate": "to hand over",
}


@click.command()
@click.argument("organisation")
@made_option
def command(organisation: str) -> None:
    """Make the plan of today for ORGANISATION, and send what may go out by itself.

    The worker does this every day by itself. A day that was cut short goes on where it was; one
    that is done stays as it is.
    """
    from tenor.platform.core.access import organisation_called
    from tenor.platform.jobs.day import run_day

    with progress("Making the plan of today"):
        run = run_day(organisation_called(organisation))
    for remark in run.remarks:
        say(remark["text"])
    counts: dict[str, int] = {}
    for cell in run.figures["plan"]["cells"]:
        counts[cell["verdict"]] = counts.get(cell["verdict"], 0) + cell["count"]
    parts = [f"{counts[v]:,} {text}" for v, text in _WORDS.items() if v in counts]
    total = run.figures["plan"]["customers"]
    ending = f": {', '.join(parts)}." if parts else "."
    done(f"{run.day}: {total:,} decisions{ending}")
