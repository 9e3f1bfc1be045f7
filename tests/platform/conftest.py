"""What the platform's tests share: a cast of organisations and people, on a real database."""

import pytest
from django.db import connection
from django.test import Client

from cast import Cast, make_cast
from tenor.platform.core.append_only import allow_deletes


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """Let tests with real transactions empty the audit log afterwards (SQLite deletes rows)."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        allow_deletes(connection, "core_auditentry")


@pytest.fixture
def cast(db: None) -> Cast:
    """Two organisations, and a person of each role in each."""
    return make_cast()


@pytest.fixture
def manager(cast: Cast, client: Client) -> Client:
    """A browser in which the credit manager of the first organisation is signed in."""
    client.force_login(cast.manager.user)
    return client


@pytest.fixture
def stranger(cast: Cast) -> Client:
    """A browser in which the manager of the other organisation is signed in."""
    client = Client()
    client.force_login(cast.stranger.user)
    return client
