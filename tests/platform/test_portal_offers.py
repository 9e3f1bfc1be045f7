"""An offer on the customer's page: seen once approved, taken once, and booked with its money."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.test import Client

import make
import plans
from cast import NOW, Cast
from tenor.platform.decisions.models import Score
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Customer, Entry, Invoice, Plan, Promise
from tenor.platform.offers import actions
from tenor.platform.offers.models import Offer
from tenor.platform.wording.links import link_for, text_of
from tenor.platform.wording.models import PageLink

TODAY = NOW.date()
RULES = (
    plans.RULES
    + "\n[plans]\nmost_instalments = 4\nsmallest = 20\namount_above = 300\n"
    + "\n[offers]\nsettlement_most = 0.4\nsettlement_after = 90\n"
)
ABOUT = {"customer_key": "C1", "invoice_keys": ["F1"]}
HEADING = "An offer to you"


@pytest.fixture
def reader(db: None) -> Client:
    """A browser that nobody is signed in with."""
    cache.clear()
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def link(cast: Cast) -> PageLink:
    """C1 owes F1, 200 days overdue, of which hardly anything is expected, and pays at once."""
    plans.rules(cast, RULES)
    cast.organisation.synthetic = True
    cast.organisation.save(update_fields=["synthetic"])
    customer = make.customer(cast, "C1", language="en")
    row = make.invoice(cast, "F1", amount="200", due_on=TODAY - timedelta(days=200))
    make.invoice(cast, "F2", amount="50")
    Score.objects.of(cast.organisation).create(
        invoice=row, as_of=NOW, model_version="test", p_paid_7d=0.04, p_paid_30d=0.04,
        p_paid_60d=0.04, p_escalated=0.96, risk="D", expected_paid_on=TODAY + timedelta(days=50),
    )  # fmt: skip
    return link_for(cast.organisation, customer, at=NOW)


@pytest.fixture
def offer(cast: Cast, link: PageLink) -> Offer:
    made = actions.propose_less(cast.actor(), kind="settlement", **ABOUT)
    return actions.approve(cast.system, offer_id=made.pk)


def path(link: PageLink, more: str = "") -> str:
    return f"/p/{text_of(link)}/{more}"


def seen(reader: Client, link: PageLink, more: str = "") -> str:
    return reader.get(path(link, more)).content.decode()


def again(offer: Offer) -> Offer:
    found: Offer = Offer.objects.of(offer.organisation_id).get(pk=offer.pk)
    return found


def test_an_offer_that_nobody_approved_is_not_shown(
    cast: Cast, reader: Client, link: PageLink
) -> None:
    made = actions.propose_less(cast.actor(), kind="settlement", **ABOUT)
    assert HEADING not in seen(reader, link)
    assert "There is nothing to do here" in seen(reader, link, f"offer/{made.pk}/")
    reader.post(path(link, f"offer/{made.pk}/"))
    assert again(made).state == "proposed"


def test_a_settlement_is_taken_once_paid_and_the_rest_dropped(
    cast: Cast, reader: Client, link: PageLink, offer: Offer
) -> None:
    assert HEADING in seen(reader, link)
    page = seen(reader, link, f"offer/{offer.pk}/")
    for words in (f"€{offer.asked:.2f}", "€200.00", "24 March 2026", "we ask nothing more"):
        assert words in page

    for _twice in range(2):
        answer = reader.post(path(link, f"offer/{offer.pk}/"))
        assert answer.status_code == 303
    assert answer["Location"].endswith(f"pay/?currency=EUR&offer={offer.pk}")
    assert again(offer).state == "accepted"
    assert Promise.objects.of(cast.organisation).get().amount == offer.asked
    assert "You took our offer" in seen(reader, link)

    pay = {"what": "offer", "offer": offer.pk, "method": "ideal", "currency": "EUR"}
    begun = reader.post(path(link, "pay/"), pay)
    provider = begun["Location"][begun["Location"].index("/p/") :]
    assert f"€{offer.asked:.2f}" in reader.get(provider).content.decode()
    reader.post(provider, {"state": "paid"})
    assert again(offer).state == "kept"
    balances = Invoice.objects.of(cast.organisation).order_by("key").values_list("balance")
    assert [row[0] for row in balances] == [0, 50]
    assert sum(Entry.objects.of(cast.organisation).values_list("amount", flat=True)) == -(
        offer.discount
    )
    assert "You took our offer" not in seen(reader, link)
    # The page that was left open does nothing more.
    assert reader.post(path(link, "pay/"), pay).status_code == 422


def test_an_offer_ends_with_its_day_or_when_something_else_is_owed(
    cast: Cast, reader: Client, link: PageLink, offer: Offer
) -> None:
    make.payment(cast, amount="10", invoice="F1")
    assert HEADING not in seen(reader, link)
    ledger.reverse_payment(cast.system, payment_key="P1", reason="returned")
    assert HEADING in seen(reader, link)
    make.at(cast, NOW + timedelta(days=15))
    assert HEADING not in seen(reader, link)
    reader.post(path(link, f"offer/{offer.pk}/"))
    assert again(offer).state == "approved"


def test_nobody_takes_the_offer_of_somebody_else(
    cast: Cast, reader: Client, link: PageLink, offer: Offer
) -> None:
    make.invoice(cast, "F9", customer="C2")
    other = Customer.objects.of(cast.organisation).get(key="C2")
    theirs = link_for(cast.organisation, other, at=NOW)
    assert "nothing to do here" in seen(reader, theirs, f"offer/{offer.pk}/?lang=en")
    reader.post(path(theirs, f"offer/{offer.pk}/"))
    assert again(offer).state == "approved"


def test_a_plan_that_was_offered_is_agreed_with_one_press(
    cast: Cast, reader: Client, link: PageLink
) -> None:
    made = actions.propose_plan(cast.actor(), **ABOUT)
    assert made.state == "approved"
    page = seen(reader, link, f"offer/{made.pk}/")
    assert f"{len(made.instalments)} × " in page
    answer = reader.post(path(link, f"offer/{made.pk}/"), follow=True)
    assert "Your plan is agreed" in answer.content.decode()
    plan = Plan.objects.of(cast.organisation).get()
    assert (plan.state, plan.amount) == ("active", Decimal(200))
    assert again(made).plan_id == plan.pk
