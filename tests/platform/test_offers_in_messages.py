"""A message names the offer that stands about its invoices, and none that does not."""

from datetime import timedelta

import pytest

import make
import plans
from cast import NOW, Cast
from tenor.platform.decisions.models import Score
from tenor.platform.ledger.models import Customer, Invoice
from tenor.platform.offers import actions
from tenor.platform.offers.models import Offer
from tenor.platform.wording.composing import compose
from tenor.platform.wording.draft import Draft, Kind

TODAY = NOW.date()
RULES = plans.RULES + "\n[offers]\nsettlement_most = 0.4\nsettlement_after = 90\n"


@pytest.fixture
def offer(cast: Cast) -> Offer:
    """C1 was offered to pay less of F1; about F2 there is none. Nobody has approved it yet."""
    plans.rules(cast, RULES)
    plans.account(cast)
    make.customer(cast, "C1", language="en")
    row = make.invoice(cast, "F1", amount="200", due_on=TODAY - timedelta(days=200))
    make.invoice(cast, "F2", amount="50", due_on=TODAY - timedelta(days=9))
    Score.objects.of(cast.organisation).create(
        invoice=row, as_of=NOW, model_version="test", p_paid_7d=0.04, p_paid_30d=0.04,
        p_paid_60d=0.04, p_escalated=0.96, risk="D", expected_paid_on=TODAY + timedelta(days=50),
    )  # fmt: skip
    return actions.propose_less(
        cast.actor(), kind="settlement", customer_key="C1", invoice_keys=["F1"]
    )


def message(
    cast: Cast, *keys: str, kind: str = "reminder", channel: str = "email", language: str = "en"
) -> Draft:
    Customer.objects.of(cast.organisation).filter(key="C1").update(language=language)
    whose = Customer.objects.of(cast.organisation).select_related("organisation").get(key="C1")
    rows = list(Invoice.objects.of(cast.organisation).filter(key__in=keys))
    return compose(
        cast.organisation, whose, rows, kind=Kind(kind), tone="neutral", channel=channel, at=NOW
    )


def said(draft: Draft) -> str:
    return " ".join((*draft.paragraphs, *draft.after)).replace("\xa0", " ")


def test_an_offer_that_stands_is_named_with_its_amount_and_last_day(
    cast: Cast, offer: Offer
) -> None:
    assert "offer" not in said(message(cast, "F1", "F2"))
    actions.approve(cast.system, offer_id=offer.pk)
    words = said(message(cast, "F1", "F2"))
    assert f"pay €{offer.asked:.2f} by 24 March 2026" in words
    assert "on your own page" in words
    # The whole is still what the table and the payment ask for.
    assert message(cast, "F1", "F2").amount == 250


@pytest.mark.parametrize("language", ["nl", "de", "fr"])
def test_it_is_said_in_the_readers_language(cast: Cast, offer: Offer, language: str) -> None:
    actions.approve(cast.system, offer_id=offer.pk)
    before = len(message(cast, "F2", language=language).paragraphs)
    assert len(message(cast, "F1", language=language).paragraphs) == before + 1


def test_it_is_not_named_where_it_does_not_fit(cast: Cast, offer: Offer) -> None:
    actions.approve(cast.system, offer_id=offer.pk)
    assert "offer" not in said(message(cast, "F2"))
    assert "offer" not in said(message(cast, "F1", channel="sms"))
    make.payment(cast, amount="10", invoice="F1")
    assert "offer" not in said(message(cast, "F1"))
