"""Search of everything: what is found by what, and by whom."""

import pytest
from django.test import Client

import make
from cast import NOW, Cast
from tenor.platform.outreach.models import Message

PART = {"HX-Request": "true", "HX-Target": "found"}


@pytest.fixture
def world(cast: Cast) -> Cast:
    """Ann with an invoice, a payment and a message."""
    ann = make.customer(cast, "C1", name="Ann van Dijk")
    make.invoice(cast, "F1", customer="C1", number="2026-001", amount="123.45")
    make.payment(cast, "BANK-77", invoice="F1", amount="23.45", reference="my water bill")
    Message.objects.of(cast.organisation).create(
        customer=ann, key="M1", channel="email", send_at=NOW, sent_at=NOW, state="sent",
        address="ann@home.example", subject="About your invoice",
    )  # fmt: skip
    return cast


def found(client: Client, text: str) -> dict[str, list[str]]:
    page = client.get("/o/delta/search/", {"q": text}, headers=PART)
    assert page.status_code == 200
    return {group.name: [one.title for one in group.found] for group in page.context["groups"]}


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("van dij", {"Customers": ["Ann van Dijk"], "Invoices": ["2026-001"]}),
        ("2026-001", {"Customers": ["Ann van Dijk"], "Invoices": ["2026-001"]}),
        ("BANK-77", {"Payments": ["my water bill"]}),
        ("water", {"Payments": ["my water bill"]}),
        ("23,45", {"Payments": ["my water bill"]}),
        ("about your", {"Messages": ["About your invoice"]}),
        ("ann@home", {"Messages": ["About your invoice"]}),
        ("c1@example", {"Customers": ["Ann van Dijk"]}),
        ("setti", {"Places": ["Settings"]}),
        ("zzz", {}),
        ("a", {}),
        ("NaN", {}),
        ("1e999999", {}),
        ("'; --", {}),
    ],
)
def test_things_are_found(
    world: Cast, manager: Client, text: str, kinds: dict[str, list[str]]
) -> None:
    assert found(manager, text) == kinds


def test_the_one_thing_that_is_found_is_opened(world: Cast, manager: Client) -> None:
    answer = manager.get("/o/delta/search/", {"q": "BANK-77"})
    assert answer.headers["Location"] == "/o/delta/customers/C1/"


def test_several_are_a_page_with_doors_to_the_lists(world: Cast, manager: Client) -> None:
    page = manager.get("/o/delta/search/", {"q": "van dijk"}).content.decode()
    assert "What was found for “van dijk”" in page
    assert 'href="/o/delta/customers/?q=van%20dijk"' in page
    assert "€100.00" in page


def test_nothing_is_said_to_be_found(world: Cast, manager: Client) -> None:
    assert b"Nothing found" in manager.get("/o/delta/search/", {"q": "zzz"}).content
    assert b"Nothing found" in manager.get("/o/delta/search/", {"q": "zzz"}, headers=PART).content


def test_nothing_of_others_is_found(world: Cast, stranger: Client) -> None:
    for text in ("van dijk", "2026-001", "BANK-77", "about your", "23.45"):
        page = stranger.get("/o/omega/search/", {"q": text}, headers=PART)
        assert page.context["groups"] == []
