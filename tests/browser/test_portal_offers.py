"""An offer on a phone: taken, paid, and the page rated, with scripts and without."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

import make
import plans
from cast import NOW, Cast
from tenor.platform.decisions.models import Score
from tenor.platform.events.queries import events_frame
from tenor.platform.ledger.models import Invoice
from tenor.platform.offers import actions
from tenor.platform.offers.models import Offer
from tenor.platform.wording.links import link_for, text_of

SMALL = {"width": 360, "height": 740}
TODAY = NOW.date()
RULES = plans.RULES + "\n[offers]\nsettlement_most = 0.4\nsettlement_after = 90\n"


@pytest.fixture
def address(cast: Cast, live_server: LiveServer, settings: Any) -> str:
    """The link of a customer who was offered to pay less of an old debt."""
    settings.PUBLIC_URL = live_server.url
    plans.rules(cast, RULES)
    plans.account(cast)
    cast.organisation.synthetic = True
    cast.organisation.save(update_fields=["synthetic"])
    customer = make.customer(cast, "C1", language="en")
    row = make.invoice(cast, "F1", amount="200", due_on=TODAY - timedelta(days=200))
    Score.objects.of(cast.organisation).create(
        invoice=row, as_of=NOW, model_version="test", p_paid_7d=0.04, p_paid_30d=0.04,
        p_paid_60d=0.04, p_escalated=0.96, risk="D", expected_paid_on=TODAY + timedelta(days=50),
    )  # fmt: skip
    made = actions.propose_less(
        cast.actor(), kind="settlement", customer_key="C1", invoice_keys=["F1"]
    )
    actions.approve(cast.system, offer_id=made.pk)
    return f"/p/{text_of(link_for(cast.organisation, customer, at=NOW))}/"


@pytest.mark.parametrize("scripts", [True, False])
def test_an_offer_is_taken_paid_and_the_page_rated(
    cast: Cast,
    open_page: Callable[..., Page],
    address: str,
    axe: Callable[[Page], list[str]],
    scripts: bool,
) -> None:
    page = open_page(viewport=SMALL, java_script_enabled=scripts, is_mobile=True, has_touch=True)
    page.goto(address)
    page.get_by_role("link", name="Look at the offer").click()
    if scripts:
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    page.get_by_role("button", name="Yes, I take this and pay").click()
    page.get_by_role("button", name="iDEAL").or_(page.get_by_text("iDEAL")).first.click()
    page.get_by_role("button", name="Pay").first.click()
    page.get_by_text("Very much").click()
    if scripts:
        assert axe(page) == []
    page.get_by_role("button", name="Send").click()
    assert "Thank you for your answer." in page.locator("main").inner_text()
    assert Offer.objects.of(cast.organisation).get().state == "kept"
    assert not Invoice.objects.of(cast.organisation).filter(is_open=True).exists()
    rated = events_frame(cast.organisation, NOW + timedelta(days=1)).filter(kind="rated")
    assert rated["detail"].to_list() == ['{"score":5}']
