"""The migrations lead to the tables that the tests use, and no model differs from them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from tables import tables_of

TESTS = Path(__file__).parents[1]


@pytest.fixture
def migrated(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The environment of a process whose database is its own, and was or will be migrated."""
    folder = tmp_path / "tenor"
    environment = {**os.environ, "TENOR_DATA": str(folder),
                   "DJANGO_SETTINGS_MODULE": "tenor.platform.config.settings"}  # fmt: skip
    given, name = os.environ.get("TENOR_DATABASE_URL", ""), f"migrated_{os.getpid()}"
    if not given:
        # What Tenor makes of an empty folder at its first start is what the migrations make.
        shutil.copytree(request.getfixturevalue("fresh_installation"), folder)
        yield environment
        return
    own, others = (urlsplit(given)._replace(path=f"/{one}").geturl() for one in (name, "postgres"))
    with psycopg.connect(others, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    yield {**environment, "TENOR_DATABASE_URL": own}
    with psycopg.connect(others, autocommit=True) as server:
        server.execute(f"DROP DATABASE {name}")


def test_the_migrations_lead_to_the_tables_that_the_tests_use(
    migrated: dict[str, str], db: None
) -> None:
    made = subprocess.run(
        [sys.executable, TESTS / "tables.py"], env=migrated, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stdout + made.stderr
    by_migrations, at_once = json.loads(made.stdout.splitlines()[-1]), tables_of(connection)
    assert by_migrations.keys() == at_once.keys()
    for table, what in by_migrations.items():
        assert what == at_once[table], table
