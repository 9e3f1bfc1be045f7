"""Every route of the API, walked without a key, with one of no scope, and by a stranger."""

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, get_args

import pytest
from django.apps import apps
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

import make
import plans
from caller import Caller, caller
from cast import Cast, make_cast
from tenor.platform.api.routes import agreements, customers
from tenor.platform.api.v1 import api
from tenor.platform.core.roles import scopes
from tenor.platform.events import webhooks
from tenor.platform.ledger import actions
from tenor.platform.ledger.models import ContactPoint, Customer, Dispute, Hold

# A body that each route takes, so that it is the row that is not found.
BODIES: dict[str, Any] = {
    "put_customer": {"name": "Mallory"},
    "add_contact_point": {"kind": "email", "value": "m@example.org"},
    "set_consent": {"granted": False},
    "hold_customer": {"reason": "agreed"},
    "take_data_request": {"kind": "access"},
    "put_invoice": {
        "customer_key": "C1", "amount": "1.00", "currency": "EUR", "issued_on": "2026-01-01",
        "due_on": "2026-01-31",
    },
    "put_document": {"content": "JVBERi0xLjcKJSVFT0YK"},
    "write_off": {"reason": "x"},
    "hold_invoice": {"reason": "agreed"},
    "open_dispute": {"reason": "other"},
    "resolve_dispute": {"outcome": "upheld"},
    "make_promise": {"promised_on": "2026-03-20"},
    "record_payment": {
        "key": "P9", "amount": "1.00", "currency": "EUR", "paid_at": "2026-03-01T00:00:00Z",
        "customer_key": "C1",
    },
    "give_bank_file": {"name": "a.xml", "content": "PEE+PC9BPg=="},
    "record_events": {
        "events": [{"key": "e", "kind": "x", "at": "2026-03-01T00:00:00Z", "customer_key": "C1"}]
    },
    "tell_contacts": {
        "contacts": [
            {"key": "e", "customer_key": "C1", "channel": "sms", "sent_at": "2026-03-01T00:00:00Z"}
        ]
    },
    "decide_now": {"customer_key": "C1"},
    "review_decision": {"verdict": "approve"},
    "register_webhook": {"url": "https://example.org/"},
}  # fmt: skip
# What a stranger may do under the same key, in an organisation of their own.
THEIR_OWN = {
    "put_customer": 201,
    "record_events": 200,
    "tell_contacts": 200,
    "register_webhook": 201,
}


def routes() -> Iterator[tuple[str, str, str, str]]:
    """Name each route: its id, method, path and the scope it asks for."""
    document = api.get_openapi_schema(path_prefix="/api/v1/")
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield operation["operationId"], method.upper(), path, operation["x-scope"]


ROUTES = list(routes())
IDS = [name for name, *_rest in ROUTES]


@pytest.fixture(scope="module")
def made(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[Cast, dict[str, Any]]]:
    """The people and their books, for all tests of this file; each undoes what it does."""
    with django_db_blocker.unblock(), transaction.atomic():
        people = make_cast()
        yield people, _books(people)
        transaction.set_rollback(True)


@pytest.fixture
def cast(made: tuple[Cast, dict[str, Any]], db: None) -> Cast:
    return deepcopy(made[0])


@pytest.fixture
def books(made: tuple[Cast, dict[str, Any]]) -> dict[str, Any]:
    return made[1]


def _books(cast: Cast) -> dict[str, Any]:
    """Make a row of each thing in the first organisation, by the names of the addresses."""
    plans.rules(cast)
    make.invoice(cast, "F1")
    make.payment(cast, "P1", amount="10", customer="C1")
    hold = actions.start_hold(cast.system, customer_key="C1", reason="agreed")
    promise = actions.make_promise(
        cast.system, customer_key="C1", invoice_keys=["F1"], promised_on=make.TODAY
    )
    decision = plans.decision(plans.run(cast))
    hook, _ = webhooks.register(cast.system, url="https://example.org/", kinds=[])
    return {
        "holds": hold.pk, "promises": promise.pk, "decisions": decision.pk, "webhooks": hook.pk,
        "customers": "C1", "invoices": "F1", "payments": "P1", "scores": "F1",
    }  # fmt: skip


def address(path: str, books: dict[str, Any]) -> str:
    first = path.split("/")[3]
    filled = path.replace("{channel}", "sms").replace("{delivery}", "1")
    return re.sub(r"\{\w+\}", str(books.get(first, 1)), filled)


def test_every_scope_has_a_route_and_every_route_a_scope() -> None:
    # Scores are made by the day alone.
    assert {scope for *_rest, scope in ROUTES} == set(scopes()) - {"scores:write"}


@pytest.mark.parametrize(("name", "method", "path", "scope"), ROUTES, ids=IDS)
def test_without_a_key_or_its_scope_nothing_is_told_or_changed(
    cast: Cast, books: dict[str, Any], name: str, method: str, path: str, scope: str
) -> None:
    others = caller(cast.organisation, *(one for one in scopes() if one != scope))
    before = rows_of(cast)
    body = BODIES.get(name, {} if method in ("POST", "PUT") else None)
    where = address(path, books)
    assert Caller("").call(method, where, body, status=401)["code"] == "unauthenticated"
    assert scope in others.call(method, where, body, status=403)["detail"]
    assert rows_of(cast) == before


@pytest.mark.parametrize(("name", "method", "path", "scope"), ROUTES, ids=IDS)
def test_somebody_of_another_organisation_finds_nothing_and_changes_nothing(
    cast: Cast, books: dict[str, Any], name: str, method: str, path: str, scope: str
) -> None:
    stranger = caller(cast.other, scope)
    before = rows_of(cast)
    body = BODIES.get(name, {} if method in ("POST", "PUT") else None)
    answer = stranger.answer(method, address(path, books), body)
    if "{" in path and name not in THEIR_OWN:
        assert answer.status_code in (404, 422), answer.content
    elif name in THEIR_OWN:
        assert answer.status_code == THEIR_OWN[name]
    assert b"F1" not in answer.content or answer.status_code >= 400
    assert rows_of(cast) == before


def rows_of(cast: Cast) -> dict[str, list[Any]]:
    """Return the rows of the first organisation, whole."""
    found: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:
        for table in apps.get_models():
            about, columns = table._meta, {f.name: f.column for f in table._meta.fields}
            ours = table.__module__.startswith("tenor.") and table.__name__ != "ApiKey"
            if ours and "organisation" in columns:
                cursor.execute(
                    f"SELECT * FROM {about.db_table} WHERE {columns['organisation']} = %s "
                    f"ORDER BY {about.pk.column}",
                    [cast.organisation.pk],
                )
                found[table.__name__] = cursor.fetchall()
    return found


def test_the_words_of_the_api_are_those_of_the_books() -> None:
    assert list(get_args(agreements.HoldReason)) == Hold.Reason.values
    assert list(get_args(agreements.DisputeReason)) == Dispute.Reason.values
    assert list(get_args(agreements.DisputeOutcome)) == Dispute.Outcome.values
    assert list(get_args(customers.Kind)) == Customer.Kind.values
    assert list(get_args(customers.PointKind)) == ContactPoint.Kind.values
