"""A demonstration that was made once: its command, and how its rows and files are taken over."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

CUSTOMERS, SEED = 80, 1
# What the migrations wrote, and the tests' own tables know already.
_OF_ITSELF = ("sqlite_", "django_", "auth_permission")


def tenor(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command that knows nothing of the tests' own installation."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TENOR_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-m", "tenor.cli.main", *arguments],
        capture_output=True, text=True, env=kept, timeout=900, check=False,
    )  # fmt: skip


def demo(folder: Path, customers: int = CUSTOMERS) -> "subprocess.CompletedProcess[str]":
    """Make a demonstration in a folder, or go on with the one that is there; serve nothing."""
    return tenor("demo", "--out", str(folder), "--customers", str(customers), "--no-serve")


def take_over(folder: Path) -> None:
    """Take a demonstration's rows into the tests' database (SQLite), and its files beside them."""
    shutil.copytree(
        folder, settings.DATA, dirs_exist_ok=True,
        ignore=shutil.ignore_patterns("tenor.sqlite3*", "secret", "static"),
    )  # fmt: skip
    connection.ensure_connection()
    with sqlite3.connect(f"file:{folder / 'tenor.sqlite3'}?mode=ro", uri=True) as there:
        for (table,) in there.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
            if not table.startswith(_OF_ITSELF):
                rows = there.execute(f'SELECT * FROM "{table}"')
                names = ", ".join(f'"{column[0]}"' for column in rows.description)
                places = ", ".join("?" * len(rows.description))
                connection.connection.executemany(
                    f'INSERT INTO "{table}" ({names}) VALUES ({places})', rows
                )
