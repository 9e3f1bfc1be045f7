"""Every address of the installation, walked by people who may not open it.

A new address is walked by itself. Every screen names a `right`; of the few addresses that are open
to everybody there is a list below, each with its reason.
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import DjangoDbBlocker

import make
from cast import Cast, make_cast
from tenor.platform.core.roles import RIGHTS, Right, Role
from tenor.platform.core.tenancy import Owned
from tenor.platform.ledger import actions

# Open to whoever asks, signed in or not.
OPEN = {
    "closed_signup": "is never there: nobody signs up by themselves",
    "closed_email": "is never there: an administrator changes an address",
    "workbench:healthz": "for a load balancer",
    "workbench:not_invited": "says why somebody was turned away",
    "workbench:appearance": "light or dark, and the language, of this browser",
    "workbench:welcome": "the signed link of an invitation is the key",
    "hooks:tell": "a provider shows the password of its address, or its signature",
    "hooks:write": "a provider shows the password of its address, or its signature",
    "hooks:pay": "only whether there may be news is believed; the provider is asked itself",
    "portal:page": "the signed link is the key",
    "portal:pay": "the signed link is the key",
    "portal:transfer": "the signed link is the key",
    "portal:paid": "the signed link is the key",
    "portal:spread": "the signed link is the key",
    "portal:talk": "the signed link is the key",
    "portal:promise": "the signed link is the key",
    "portal:dispute": "the signed link is the key",
    "portal:person": "the signed link is the key",
    "portal:tight": "the signed link is the key",
    "portal:preferences": "the signed link is the key",
    "portal:document": "the signed link is the key, and the invoice must be theirs",
    "portal:offer": "the signed link is the key, and the offer must be theirs",
    "portal:rate": "the signed link is the key",
    "portal:push": "the signed link is the key",
    "portal:privacy": "the signed link is the key",
    "portal:download": "the signed link is the key",
    "portal:renew": "the signed link is the key; it says nothing, and writes to a known address",
    "portal:made_up": "the payment's key is the key, at made-up organisations; no money moves",
    "portal:stop": "the signed link is the key",
    "portal:seen": "the signed link is the key; it gives a picture of nothing",
}
# Values with which an address can be made; none of them exists in another organisation.
VALUES: dict[str, Any] = {
    "slug": "delta", "int": 1, "str": "C1", "uuid": "5b5fb6b8-0d5e-4a3c-a0d6-0a5a4f8e5d7c",
    "path": "a/b",
}  # fmt: skip


def _patterns(
    patterns: list[Any], route: str = "", namespace: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    for one in patterns:
        if isinstance(one, URLResolver):
            inner = f"{namespace}{one.namespace}:" if one.namespace else namespace
            yield from _patterns(one.url_patterns, route + str(one.pattern), inner)
        else:
            yield namespace + (one.name or ""), route + str(one.pattern), one


def _ours() -> list[tuple[str, str, URLPattern]]:
    """Every address of Tenor's own code; those of signing in belong to the library."""
    return [
        (name, route, one)
        for name, route, one in _patterns(get_resolver().url_patterns)
        if one.callback.__module__.startswith("tenor.")
    ]


SCREENS = [(name, route, one) for name, route, one in _ours() if "o/<slug:slug>/" in route]
IDS = [name for name, _route, _one in SCREENS]


def _address(route: str, slug: str = "delta", values: dict[str, Any] | None = None) -> str:
    known = VALUES | (values or {})
    for part in [part.split(">")[0] for part in route.split("<")[1:]]:
        kind, _colon, name = part.rpartition(":")
        value = slug if name == "slug" else known[kind or "str"]
        if kind == "slug" and name != "slug":
            value = "one"
        route = route.replace(f"<{part}>", str(value))
    return "/" + route


def _right(one: URLPattern) -> Right | None:
    right: Right | None = getattr(one.callback, "right", None)
    return right


def _rows() -> dict[str, int]:
    """Count the rows of every table but those of sessions, which every visit may touch."""
    tables = [t._meta.db_table for t in apps.get_models() if t.__name__ != "Session"]
    counts = ", ".join(f"(SELECT COUNT(*) FROM {name})" for name in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}")
        return dict(zip(tables, cursor.fetchone(), strict=True))


def test_every_address_is_a_screen_or_says_why_not() -> None:
    names = {name for name, route, _one in _ours() if not route.startswith("api/")}
    screens = {name for name, _route, _one in SCREENS}
    assert names - screens == {*OPEN, "workbench:front_door"}
    assert len(screens) > 10


@pytest.mark.parametrize(("name", "route", "one"), SCREENS, ids=IDS)
def test_a_screen_asks_for_a_right(name: str, route: str, one: URLPattern) -> None:
    assert isinstance(_right(one), Right), f"{name} has no @screen"


@pytest.mark.parametrize(("name", "route", "one"), SCREENS, ids=IDS)
def test_somebody_of_another_organisation_finds_nothing_and_changes_nothing(
    cast: Cast, stranger: Client, name: str, route: str, one: URLPattern
) -> None:
    before = _rows()
    for ask in (stranger.get, stranger.post):
        response = ask(_address(route))
        assert response.status_code == 404, name
        assert b"Delta Water" not in response.content
    assert _rows() == before


@pytest.mark.parametrize(("name", "route", "one"), SCREENS, ids=IDS)
def test_somebody_who_is_not_signed_in_is_asked_to(
    cast: Cast, client: Client, name: str, route: str, one: URLPattern
) -> None:
    before = _rows()
    for ask in (client.get, client.post):
        response = ask(_address(route))
        assert response.status_code == 302, name
        assert response["Location"].startswith("/account/login/?next=/o/delta/")
    assert _rows() == before


def _own_rows(cast: Cast) -> dict[str, list[Any]]:
    """Return everything that belongs to the first organisation."""
    found: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:
        for table in apps.get_models():
            if issubclass(table, Owned):
                name, number = table._meta.db_table, table._meta.pk.column
                cursor.execute(
                    f"SELECT * FROM {name} WHERE organisation_id = %s ORDER BY {number}",
                    [cast.organisation.pk],
                )
                found[name] = cursor.fetchall()
    return found


@pytest.fixture(scope="module")
def made(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[Cast, list[int]]]:
    """The people and their books, for all tests of this file; each undoes what it does."""
    with django_db_blocker.unblock(), transaction.atomic():
        people = make_cast()
        yield people, _books(people)
        transaction.set_rollback(True)


@pytest.fixture
def cast(made: tuple[Cast, list[int]], db: None) -> Cast:
    return deepcopy(made[0])


@pytest.fixture
def books(made: tuple[Cast, list[int]]) -> list[int]:
    return made[1]


def _books(cast: Cast) -> list[int]:
    """Make rows whose name no other organisation may read; return the numbers of them."""
    for number in ("K1", "K2"):
        make.invoice(cast, number, customer=number)
    make.customer(cast, "K1", name="Only Delta Knows")
    actions.open_dispute(cast.system, invoice_key="K2", reason="quality")
    hold = actions.start_hold(cast.system, customer_key="K1", reason="hardship")
    promise = actions.make_promise(
        cast.system, customer_key="K1", invoice_keys=["K1"], promised_on=make.TODAY
    )
    return [hold.pk, promise.pk, cast.agent.user_id, cast.manager.user_id]


@pytest.mark.parametrize(("name", "route", "one"), SCREENS, ids=IDS)
def test_rows_of_another_organisation_are_not_reached_from_ones_own(
    cast: Cast, books: list[int], stranger: Client, name: str, route: str, one: URLPattern
) -> None:
    before = _own_rows(cast)
    given = {"key": "K1", "invoice": "K1", "customer": "K1", "reason": "agreed", "text": "x"}
    for number in books if "<int:" in route else books[:1]:
        address = _address(route, "omega", {"int": number, "path": "K1", "str": "K1"})
        for ask in (stranger.get, stranger.post):
            assert b"Only Delta Knows" not in ask(address, given).content, name
    assert _own_rows(cast) == before


def test_each_role_opens_what_its_rights_say_and_nothing_else(cast: Cast) -> None:
    people = {
        Role.AGENT: cast.agent, Role.CREDIT_MANAGER: cast.manager, Role.ANALYST: cast.analyst,
        Role.COMPLIANCE: cast.compliance, Role.ADMINISTRATOR: cast.administrator,
    }  # fmt: skip
    for role, membership in people.items():
        client = Client(raise_request_exception=False)
        client.force_login(membership.user)
        for name, route, one in SCREENS:
            status = client.get(_address(route)).status_code
            if _right(one) in RIGHTS[role]:
                assert status in (200, 302, 404, 405, 409, 422), f"{role} at {name}: {status}"
            else:
                assert status == 403, f"{role} at {name}: {status}"


def test_a_role_without_the_right_changes_nothing(cast: Cast, client: Client) -> None:
    client.force_login(cast.agent.user)
    before = _rows()
    for name, route, one in SCREENS:
        if _right(one) not in RIGHTS[Role.AGENT]:
            assert client.post(_address(route)).status_code == 403, name
    assert _rows() == before


def test_looking_changes_nothing(cast: Cast) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(cast.administrator.user)
    before = _rows()
    for _name, route, _one in SCREENS:
        client.get(_address(route))
    assert _rows() == before


def test_a_form_from_elsewhere_is_refused(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.administrator.user)
    before = _rows()
    for name, route, _one in SCREENS:
        assert client.post(_address(route)).status_code == 403, name
    assert _rows() == before


def test_a_page_that_is_not_there_says_so(client: Client, db: None) -> None:
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert b"There is nothing here" in response.content


def test_the_front_door_leads_to_the_organisation(cast: Cast, manager: Client) -> None:
    assert manager.get("/").headers["Location"] == "/o/delta/"
    assert Client().get("/").headers["Location"] == "/account/login/?next=/"


def test_the_load_balancer_hears_that_it_works(client: Client, db: None) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
