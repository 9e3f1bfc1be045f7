"""What the platform's tests share: people who are signed in."""

import pytest
from django.test import Client

from cast import Cast


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
