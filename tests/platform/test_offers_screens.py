"""Offers on a case and on their own screen: what is proposed, who sees a button, what is said."""

from datetime import timedelta

import pytest
from django.test import Client

import make
import plans
from cast import NOW, Cast
from tenor.platform.decisions.models import Score
from tenor.platform.offers import actions
from tenor.platform.offers.models import Offer

CASE = "/o/delta/customers/C1/"
PROPOSE = "/o/delta/case/C1/offer/"


@pytest.fixture
def old(cast: Cast) -> Cast:
    """C1 owes F1, 200 days overdue, of which hardly anything is expected."""
    plans.rules(cast, plans.RULES + "\n[offers]\nsettlement_most = 0.4\n")
    row = make.invoice(cast, "F1", amount="200", due_on=NOW.date() - timedelta(days=200))
    Score.objects.of(cast.organisation).create(
        invoice=row, as_of=NOW, model_version="test", p_paid_7d=0.04, p_paid_30d=0.04,
        p_paid_60d=0.04, p_escalated=0.9, risk="D", expected_paid_on=None,
    )  # fmt: skip
    return cast


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_case_says_what_may_be_offered_and_what_it_is_worth(old: Cast, manager: Client) -> None:
    text = page(manager, CASE)
    assert "€200.00 in parts" in text
    assert "Of 100 such customers 4 would pay in full anyway." in text
    assert "instead of €200.00" in text


def test_who_proposed_sees_no_button_to_approve_and_another_one_does(
    old: Cast, manager: Client
) -> None:
    manager.post(PROPOSE, {"kind": "settlement", "invoices": ["F1"]})
    offer = Offer.objects.of(old.organisation).get()
    assert offer.state == "proposed"
    assert f"offers/{offer.pk}/approve/" not in page(manager, CASE)
    assert "No offer waits for you." in page(manager, "/o/delta/offers/")
    actions.decline(old.system, offer_id=offer.pk)
    actions.propose_less(old.system, kind="settlement", customer_key="C1", invoice_keys=["F1"])
    offer = Offer.objects.of(old.organisation).get(state="proposed")
    assert f"offers/{offer.pk}/approve/" in page(manager, "/o/delta/offers/")
    assert "offer to a customer waits for your word" in page(manager, "/o/delta/today/")
    for step in ("approve", "told", "accept", "accept"):
        manager.post(f"/o/delta/offers/{offer.pk}/{step}/")
    offer.refresh_from_db()
    assert offer.state == "accepted"


def test_a_proposal_that_makes_no_sense_is_refused_in_words(old: Cast, manager: Client) -> None:
    about = {"invoices": ["F1"]}
    forms = [{}, {"kind": "plan"}, {"kind": "plan", "count": "99", **about}]
    for form in [*forms, {"kind": "early", **about}, {"kind": "gift", **about}]:
        assert manager.post(PROPOSE, form).status_code == 302
    assert not Offer.objects.of(old.organisation).exists()


def test_nobody_elses_offer_is_found(old: Cast, stranger: Client) -> None:
    assert stranger.get("/o/delta/offers/").status_code == 404
