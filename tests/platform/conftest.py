"""What the platform's tests share: people who are signed in."""

import os
from pathlib import Path

import pytest
from django.test import Client

from cast import Cast

# The second pass, on PostgreSQL, takes what turns on the database: locks and races, sums, orders
# and searches that SQL does, what is unique, what the tables themselves refuse. What decides, words
# or draws once its rows are read does so alike on both.
ON_POSTGRES = (
    "agreements", "api_events", "api_ledger", "audit_emptied", "audit_log", "bank_files",
    "bank_properties", "customers_screen", "day", "decisions_actions", "decisions_queries",
    "events", "events_webhooks", "experiments_assigned", "facts", "fairness_kept_apart", "gate",
    "imports", "invoices_screen", "jobs_timetable", "judgement_people", "ledger_accounts",
    "ledger_actions", "ledger_bulk", "ledger_concurrency", "ledger_frames", "ledger_properties",
    "ledger_queries", "letters_batches", "migrations", "offers_booked", "outreach_sending",
    "outreach_smtp", "outreach_stopping", "outreach_stops", "paying", "paying_properties",
    "people", "plan_screen", "pooling", "portal_paying", "privacy_requests", "releases",
    "releases_daily", "releases_words", "replay", "replay_alone", "replies_arriving",
    "replies_hooks", "reports_screen", "search", "spending", "switches", "tasks", "tenancy",
    "today_screen",
)  # fmt: skip
collect_ignore = (
    [
        path.name
        for path in Path(__file__).parent.glob("test_*.py")
        if path.stem.removeprefix("test_") not in ON_POSTGRES
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
