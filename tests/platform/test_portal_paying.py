"""Paying from the page: each way, once however often it is pressed, and what came of it told."""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

import make
from cast import NOW, Cast
from payment_servers import Mollie, Server, serving
from tenor.engine.policy.gate import obstacles
from tenor.platform.decisions import facts
from tenor.platform.decisions.live import live_policy
from tenor.platform.events.actions import record
from tenor.platform.events.models import Event
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Invoice, Payment, PaymentReference
from tenor.platform.outreach.queries.page import Rating, completion, rating
from tenor.platform.paying import actions as paying
from tenor.platform.paying.models import Checkout
from tenor.platform.portal.reading import amount_in, day_in
from tenor.platform.wording.links import link_for, text_of
from tenor.platform.wording.models import PageLink


@pytest.fixture
def reader(db: None) -> Client:
    """A browser that nobody is signed in with."""
    cache.clear()
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def link(cast: Cast) -> PageLink:
    customer = make.customer(cast, "C1", name="Ann de Wit", language="en")
    make.invoice(cast, "F1", amount="100.10")
    make.invoice(cast, "F2", amount="50")
    ledger.set_account(
        cast.actor("administrator"), currency="EUR", holder="Delta Water",
        iban="NL91ABNA0417164300",
    )  # fmt: skip
    return link_for(cast.organisation, customer, at=NOW, contact_key="M1", channel="email")


@pytest.fixture
def made_up(cast: Cast) -> None:
    """The organisation is made up: its people pay at the made-up provider."""
    cast.organisation.synthetic = True
    cast.organisation.save(update_fields=["synthetic"])


@pytest.fixture
def mollie(cast: Cast) -> Iterator[Server]:
    with serving(Mollie()) as server:
        paying.set_provider(
            cast.actor("administrator"), provider="mollie", given={"api_key": server.key},
            settings={"api": server.address},
        )  # fmt: skip
        yield server


def path(link: PageLink, more: str = "") -> str:
    return f"/p/{text_of(link)}/{more}"


def begun(reader: Client, link: PageLink, **fields: Any) -> str:
    """Press a way to pay, and return where one is sent."""
    answer = reader.post(path(link, "pay/"), {"method": "ideal", **fields})
    assert answer.status_code == 303, answer.content.decode()
    return str(answer["Location"])


def on_page(address: str) -> str:
    return address[address.index("/p/") :]


def owed(cast: Cast) -> dict[str, Decimal]:
    return dict(Invoice.objects.of(cast.organisation).values_list("key", "balance"))


def test_paid_at_the_provider_is_told_and_booked(
    cast: Cast, reader: Client, link: PageLink, made_up: None
) -> None:
    place = on_page(begun(reader, link, what="all"))
    assert "This is no bank" in reader.get(place).content.decode()
    page = reader.post(place, {"state": "paid"}, follow=True).content.decode()
    assert "Thank you, it is paid" in page
    assert "€150.10" in page
    assert owed(cast) == {"F1": 0, "F2": 0}
    assert Payment.objects.of(cast.organisation).get().method == "ideal"


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("pending", "under way"), ("failed", "not enough money"), ("cancelled", "You stopped"),
    ],
)  # fmt: skip
def test_what_did_not_come_through_is_told_with_what_to_do(
    cast: Cast, reader: Client, link: PageLink, made_up: None, state: str, told: str
) -> None:
    place = on_page(begun(reader, link, what="all"))
    page = reader.post(place, {"state": state}, follow=True).content.decode()
    assert told in page
    assert owed(cast) == {"F1": Decimal("100.10"), "F2": 50}
    assert ('href="' + path(link, "spread/") in page) == (state != "pending")


def test_pressed_twice_or_in_two_windows_it_is_one_payment(
    cast: Cast, reader: Client, link: PageLink, made_up: None
) -> None:
    assert len({begun(reader, link, what="all") for _ in range(3)}) == 1
    kinds = Event.objects.of(cast.organisation).filter(kind="payment_started")
    assert kinds.count() == 2  # one an invoice


def test_some_invoices_or_a_part_are_paid_the_oldest_first(
    cast: Cast, reader: Client, link: PageLink, made_up: None
) -> None:
    begun(reader, link, what="some", invoice=["F2"])
    begun(reader, link, what="part", amount="€ 120,10")
    rows = Checkout.objects.of(cast.organisation).order_by("pk")
    assert [row.shares for row in rows] == [{"F2": "50.0000"}, {"F1": "100.1000", "F2": "20.0000"}]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"what": "some"}, "Choose at least one"),
        ({"what": "some", "invoice": "X1"}, "Choose at least one"),
        ({"what": "part", "amount": "much"}, "Enter an amount"),
        ({"what": "part", "amount": "-5"}, "Enter an amount"),
        ({"what": "part", "amount": "151"}, "more than is open"),
        ({"what": "all", "seen": "1.00"}, "changed meanwhile"),
    ],
)
def test_what_cannot_be_paid_is_said_and_nothing_begins(
    cast: Cast, reader: Client, link: PageLink, made_up: None, fields: dict[str, str], told: str
) -> None:
    make.invoice(cast, "X1", customer="C2")
    answer = reader.post(path(link, "pay/"), {"method": "ideal", **fields})
    assert (answer.status_code, told in answer.content.decode()) == (422, True)
    assert not Checkout.objects.of(cast.organisation).exists()


def test_a_real_provider_is_gone_to_and_asked_on_return(
    cast: Cast, reader: Client, link: PageLink, mollie: Mollie
) -> None:
    address = begun(reader, link, what="all")
    assert address.startswith("https://pay.example/")
    checkout = Checkout.objects.of(cast.organisation).get()
    assert checkout.contact_key == "M1"
    back = mollie.payments[checkout.reference]["redirectUrl"]
    assert on_page(back) == path(link, f"paid/{checkout.key}/")
    assert "not finished" in reader.get(on_page(back)).content.decode()
    policy = reader.get(path(link, "pay/"))["Content-Security-Policy"]
    assert "form-action 'self' https:" in policy


def test_nobody_sees_another_persons_payment(
    cast: Cast, reader: Client, link: PageLink, made_up: None
) -> None:
    begun(reader, link, what="all")
    key = Checkout.objects.of(cast.organisation).get().key
    somebody = make.customer(cast, "C2", language="en")
    other = link_for(cast.organisation, somebody, at=NOW, contact_key="M2")
    assert reader.get(path(other, f"paid/{key}/")).status_code == 404
    assert reader.get(path(link, "paid/none/")).status_code == 404
    assert reader.get("/p/made-up/none/").status_code == 404


def test_the_made_up_page_is_for_made_up_organisations_alone(
    cast: Cast, reader: Client, link: PageLink, mollie: Mollie
) -> None:
    begun(reader, link, what="all")
    key = Checkout.objects.of(cast.organisation).get().key
    assert reader.get(f"/p/made-up/{key}/").status_code == 404
    assert reader.post(f"/p/made-up/{key}/", {"state": "paid"}).status_code == 404
    assert owed(cast)["F1"] == Decimal("100.10")


def test_a_transfer_names_account_amount_and_reference_and_draws_the_code(
    cast: Cast, reader: Client, link: PageLink
) -> None:
    page = reader.post(path(link, "pay/"), {"method": "transfer", "what": "all"}).content.decode()
    reference = PaymentReference.objects.of(cast.organisation).get()
    assert sorted(reference.invoice_keys) == ["F1", "F2"]
    assert "NL91 ABNA 0417 1643 00" in page
    assert "€150.10" in page
    assert reference.reference in page.replace(" ", "")
    assert "<svg" in page
    # Straight from a message: the same reference.
    assert reference.reference in reader.get(path(link, "transfer/")).content.decode()
    assert PaymentReference.objects.of(cast.organisation).count() == 1


def test_three_visits_without_a_payment_tell_a_person_what_is_in_the_way(
    cast: Cast, reader: Client, link: PageLink, made_up: None
) -> None:
    for hour in range(3):
        make.at(cast, NOW + timedelta(hours=hour))
        reader.get(path(link))
    place = on_page(begun(reader, link, what="all"))
    reader.post(place, {"state": "failed"})
    later = NOW + timedelta(hours=4)
    make.at(cast, later)
    known = facts.tables(cast.organisation, later, ["C1"])
    found = obstacles(known, as_of=later, policy=live_policy(cast.organisation)).to_dicts()
    assert [(row["customer_id"], row["visits"], row["obstacle"]) for row in found] == [
        ("C1", 3, "financial room")
    ]


def test_how_many_came_to_the_end_of_the_way_that_they_began_is_counted(
    cast: Cast, reader: Client, link: PageLink, made_up: None
) -> None:
    for more in ("", "pay/", "spread/"):
        reader.get(path(link, more))
    reader.post(on_page(begun(reader, link, what="all")), {"state": "paid"})
    somebody = make.customer(cast, "C2")
    other = link_for(cast.organisation, somebody, at=NOW, contact_key="M2")
    reader.get(path(other))

    looked, ways = completion(cast.organisation, NOW - timedelta(days=1))

    assert looked == 2
    assert {way.path: (way.begun, way.done) for way in ways if way.begun} == {
        "pay": (1, 1), "spread": (1, 0),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12,50", "12.50"), ("12.50", "12.50"), ("1.234,50", "1234.50"), ("1,234.50", "1234.50"),
        ("€ 12", "12"), ("12,-", None), ("1.000", "1000"), ("0", None), ("", None), ("²", None),
        ("12.345", "12345"), ("1e9", None), ("EUR 7,5", "7.5"), ("-5", None), ("9" * 40, None),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_people_write_it(text: str, amount: str | None) -> None:
    assert amount_in(text, "EUR") == (Decimal(amount) if amount else None)


def test_a_day_is_read_as_people_write_it() -> None:
    assert [str(day_in(text)) for text in ("2026-03-04", "4-3-2026", "04/03/2026")] == [
        "2026-03-04"
    ] * 3
    assert [day_in(text) for text in ("", "32-1-2026", "soon")] == [None] * 3


def rated(cast: Cast) -> list[tuple[str, str, int]]:
    rows = Event.objects.of(cast.organisation).filter(kind="rated").order_by("pk")
    return [(r.customer_key, r.contact_key, json.loads(r.detail)["score"]) for r in rows]


def test_who_has_paid_may_say_how_clear_the_page_was_once_a_visit(
    cast: Cast, reader: Client, link: PageLink, made_up: None
) -> None:
    question = "Was this page clear and fair?"
    assert question not in reader.get(path(link)).content.decode()
    answer = reader.post(on_page(begun(reader, link, what="all")), {"state": "paid"}, follow=True)
    assert question in answer.content.decode()

    for score in ("", "6", "x", "4", "1"):
        answer = reader.post(path(link, "rate/"), {"score": score}, follow=True)
        assert answer.status_code == 200
    assert "Thank you for your answer." in answer.content.decode()
    assert rated(cast) == [("C1", "M1", 4)]
    assert question not in reader.get(path(link, "?done=plan")).content.decode()

    make.at(cast, NOW + timedelta(hours=1))
    assert question in reader.get(path(link, "?done=plan")).content.decode()
    reader.post(path(link, "rate/"), {"score": "2"})
    record(cast.organisation, "rated", key="E1", at=NOW, customer_key="C9", detail={"score": 5})
    record(cast.organisation, "rated", key="E2", at=NOW, customer_key="C8", detail={"score": 9})
    assert [score for _who, _about, score in rated(cast)] == [4, 2, 5, 9]
    assert rating(cast.organisation, NOW - timedelta(days=1)) == Rating(2, 3.5)
    assert rating(cast.organisation, NOW + timedelta(days=1)) == Rating(0, None)
