"""`tenor organisation`: the organisations of an installation, made on its machine only."""

import click

from tenor.cli.console import done
from tenor.cli.installation import data_option


@click.group()
def command() -> None:
    """Make and list the organisations of this installation."""


@command.command()
@click.argument("slug")
@click.option("--name", required=True, help="The name that people see.")
@click.option("--country", default="NL", show_default=True, help="ISO 3166-1: NL, BE, DE, …")
@click.option("--language", default="nl", show_default=True, type=click.Choice(["nl", "en"]))
@click.option("--timezone", default="Europe/Amsterdam", show_default=True, help="IANA zone.")
@click.option("--currency", default="EUR", show_default=True, help="ISO 4217.")
@data_option
def add(slug: str, name: str, **values: str) -> None:
    """Make the organisation SLUG (small letters, digits, dashes: a part of its addresses)."""
    from tenor.platform.core.people import make_organisation

    made = make_organisation(slug=slug, name=name, **values)
    done(f"Made {made.name}. Next: tenor person add {slug} you@example.org --role administrator")


@command.command("list")
@data_option
def list_() -> None:
    """List the organisations."""
    from tenor.platform.core.models import Organisation

    for organisation in Organisation.objects.all():
        click.echo(f"{organisation.slug}\t{organisation.name}")
    done(f"{Organisation.objects.count()} organisations.")
