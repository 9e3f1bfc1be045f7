"""What the platform's tests share: people who are signed in."""

import os

import pytest
from django.test import Client

from cast import Cast

# The second pass, on PostgreSQL, leaves out what does not turn on the database: words, documents,
# packs of law, how a day decides once its facts are read, whatever is sent to the API at random,
# and the demonstration, which is an installation on SQLite.
collect_ignore = (
    [
        "test_api_fuzz.py",
        "test_day_refresh.py",
        "test_day_ways.py",
        "test_demo.py",
        "test_dutch.py",
        "test_law_packs.py",
        "test_policy_text.py",
        "test_reasons_said.py",
        "test_roles_documented.py",
        "test_routes.py",
        "test_settings_documented.py",
        "test_written_money.py",
    ]
    if os.environ.get("TENOR_DATABASE_URL")
    else []
)


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
