"""The list of customers: found, filtered, in order, page by page; in the reader's words."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

import make
from cast import Cast
from make import TODAY
from tenor.platform.ledger import actions


@pytest.fixture
def people(cast: Cast) -> Cast:
    """Ann owes most, Bob longest, Cor promised, Dirk owes nothing."""
    for key, name in (("C1", "Ann"), ("C2", "Bob"), ("C3", "Cor"), ("C4", "Dirk")):
        make.customer(cast, key, name=name)
    make.invoice(cast, "F1", customer="C1", amount="900", due_on=TODAY - timedelta(days=3))
    make.invoice(cast, "F2", customer="C2", amount="80", due_on=TODAY - timedelta(days=90))
    make.invoice(cast, "F3", customer="C3", amount="40.50", due_on=TODAY + timedelta(days=5))
    actions.make_promise(
        cast.system, customer_key="C3", invoice_keys=["F3"], promised_on=TODAY + timedelta(days=6)
    )
    make.customer(cast, "X1", name="Ann of the others")
    return cast


def names(client: Client, **asked: str) -> list[str]:
    page = client.get("/o/delta/customers/", asked)
    assert page.status_code == 200
    return [row.name for row in page.context["page"].rows]


def test_customers_are_listed_and_filtered(people: Cast, manager: Client) -> None:
    assert names(manager) == ["Ann", "Ann of the others", "Bob", "Cor", "Dirk"]
    assert names(manager, only="open") == ["Ann", "Bob", "Cor"]
    assert names(manager, only="overdue") == ["Ann", "Bob"]
    assert names(manager, only="promised") == ["Cor"]
    assert names(manager, sort="amount") == ["Ann", "Bob", "Cor"]
    assert names(manager, sort="overdue") == ["Bob", "Ann", "Cor"]


@pytest.mark.parametrize(
    ("text", "found"),
    [("dir", ["Dirk"]), ("c2", ["Bob"]), ("F3", ["Cor"]), ("c4@example.org", ["Dirk"]), ("%", [])],
)
def test_customers_are_found(people: Cast, manager: Client, text: str, found: list[str]) -> None:
    assert names(manager, q=text) == found


def test_a_row_says_what_is_owed_and_what_stands(people: Cast, manager: Client) -> None:
    page = manager.get("/o/delta/customers/", {"q": "Cor"}).content.decode()
    for words in ("€40.50", "due in 5 days", "promised", "/o/delta/customers/C3/"):
        assert words in page
    manager.post("/o/delta/profile/", {"name": "", "language": "nl"})
    assert "€\u00a040,50" in manager.get("/o/delta/customers/", {"q": "Cor"}).content.decode()


def test_the_list_goes_on_page_by_page(cast: Cast, manager: Client) -> None:
    for number in range(120):
        make.customer(cast, f"C{number:03}", name=f"N{number:03}", email="")
    seen: list[str] = []
    asked: Any = "?q=N"
    while asked:
        page = manager.get(f"/o/delta/customers/{asked}")
        seen += [row.name for row in page.context["page"].rows]
        asked = page.context["next"]
    assert seen == [f"N{n:03}" for n in range(120)]


def test_as_one_types_only_the_rows_come(people: Cast, manager: Client) -> None:
    headers = {"HX-Request": "true", "HX-Target": "list"}
    part = manager.get("/o/delta/customers/", {"q": "Ann"}, headers=headers).content.decode()
    assert "<html" not in part
    assert part.count("<tr>") == 3


def test_a_wrong_place_or_filter_is_refused_in_words(people: Cast, manager: Client) -> None:
    for asked in ({"only": "rich"}, {"sort": "shoe size"}, {"after": "nowhere"}):
        assert manager.get("/o/delta/customers/", asked).status_code == 422


def test_an_empty_list_says_how_customers_come(cast: Cast, manager: Client) -> None:
    assert b"They come with an import" in manager.get("/o/delta/customers/").content
    found = manager.get("/o/delta/customers/", {"q": "nobody"}).content
    assert b"Nobody found" in found


def test_others_customers_are_not_listed(people: Cast, stranger: Client) -> None:
    page = stranger.get("/o/omega/customers/").content
    assert b"Ann" not in page
    assert b"No customers yet" in page


def test_text_of_customers_is_shown_as_text(cast: Cast, manager: Client) -> None:
    make.customer(cast, "C<1>", name="<script>alert(1)</script>", email="")
    page = manager.get("/o/delta/customers/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
