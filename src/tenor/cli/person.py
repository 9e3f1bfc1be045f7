"""`tenor person`: let somebody into an organisation from the machine itself."""

import click

from tenor.cli.console import done
from tenor.cli.installation import data_option

_ROLES = ["agent", "credit_manager", "analyst", "compliance", "administrator"]


@click.group()
def command() -> None:
    """Let people into an organisation, from this machine; later ones are invited in the browser."""


@command.command()
@click.argument("organisation")
@click.argument("email")
@click.option("--role", required=True, type=click.Choice(_ROLES))
@click.option("--name", default="", help="How others see them.")
@click.option("--password", help="Asked for where it is not given; at least 12 characters.")
@data_option
def add(organisation: str, email: str, role: str, name: str, password: str | None) -> None:
    """Let the person with this e-mail address into ORGANISATION, as ROLE."""
    from tenor.platform.core.access import organisation_called
    from tenor.platform.core.actor import system
    from tenor.platform.core.people import add_person

    if password is None:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    actor = system(organisation_called(organisation), "command line")
    made = add_person(actor, email=email, role=role, name=name, password=password)
    done(f"{made.user.email} may sign in as {role.replace('_', ' ')} of {organisation}.")
