"""`tenor audit-log`: show that nobody altered what is written down."""

import sys

import click

from tenor.cli.console import done
from tenor.cli.installation import made_option


@click.group()
def command() -> None:
    """Check the log of everything that was changed."""


@command.command()
@click.option("--organisation", help="Only this one's chain; else every chain there is.")
@made_option
def verify(organisation: str | None) -> None:
    """Recompute the seal of every entry; exit code 1 where a chain does not hold."""
    from tenor.platform.core import audit
    from tenor.platform.core.access import organisation_called
    from tenor.platform.core.models import AuditHead, Organisation

    chains: list[Organisation | None] = (
        [organisation_called(organisation)] if organisation else [None, *Organisation.objects.all()]
    )
    broken = 0
    for chain in chains:
        name = chain.slug if chain else "the installation"
        for place in audit.verify(chain):
            broken += 1
            click.echo(f"{name}: entry {place.number} {place.problem}")
    if broken:
        click.echo(f"The log does not hold in {broken} places.", err=True)
        sys.exit(1)
    heads = AuditHead.objects.all()
    if organisation:
        heads = heads.filter(organisation__slug=organisation)
    entries = sum(heads.values_list("number", flat=True))
    done(f"The log holds: {entries} entries in {len(chains)} chains, each sealed by the next.")
