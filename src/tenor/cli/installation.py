"""What the commands of an installation share: Django set up, the database there, refusals."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click

from tenor.cli.console import DIRECTORY
from tenor.engine.errors import InputError

_option = click.option(
    "--installation",
    type=DIRECTORY,
    metavar="FOLDER",
    help="The installation's folder; else TENOR_DATA, else tenor-data.",
)


def data_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--installation`, and open the installation before the command runs.

    What the platform refuses ends in one line and exit code 2, as what the engine refuses.
    """

    @_option
    @wraps(command)
    def opened(*args: Any, installation: Path | None, **options: Any) -> Any:
        open_installation(installation)
        with refusals_as_input():
            return command(*args, **options)

    return opened


def made_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--installation` as `data_option` does, for what makes no sense in a new one.

    A mistyped folder is refused, and nothing is made there.
    """

    @_option
    @wraps(command)
    def opened(*args: Any, installation: Path | None, **options: Any) -> Any:
        need_installation(installation)
        open_installation(installation)
        with refusals_as_input():
            return command(*args, **options)

    return opened


@contextmanager
def refusals_as_input() -> Iterator[None]:
    """Let what the platform refuses end in one line and exit code 2."""
    from tenor.platform.core.errors import TenorError

    try:
        yield
    except TenorError as error:
        raise InputError(error.message) from error


def need_installation(folder: Path | None = None) -> None:
    """Refuse where no installation was made yet; a database server answers for itself."""
    from tenor.platform.config.environment import Environment

    environment = Environment()
    data = environment.data if folder is None else folder
    if not environment.database_url and not (data / "tenor.sqlite3").is_file():
        raise InputError(
            f"{data}: there is no installation here; name its folder with --installation or "
            "TENOR_DATA, or make one with `tenor serve` or `tenor organisation add`"
        )


def open_installation(folder: Path | None = None) -> None:
    """Set Django up for the installation in `folder`; make its database, or bring it up to date."""
    if folder is not None:
        os.environ["TENOR_DATA"] = str(folder)
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    if not settings.configured:
        os.environ["DJANGO_SETTINGS_MODULE"] = "tenor.platform.config.settings"
    django.setup()
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
