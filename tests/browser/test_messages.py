"""Texts and channels in a browser: written with findings as one types, stopped with one press."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

import make
import plans
from cast import Cast
from tenor.platform.decisions.models import Decision
from tenor.platform.ledger.actions.accounts import set_account
from tenor.platform.outreach.models import ChannelStop
from tenor.platform.wording.models import Template

SignIn = Callable[[Page, AbstractBaseUser], Page]
Axe = Callable[[Page], list[str]]
TEXT = "/o/delta/messages/reminder/long/friendly/nl/"


@pytest.fixture
def decision(cast: Cast, live_server: object) -> Decision:
    """Ann owes an invoice, and Tenor intends an e-mail; the organisation can be paid."""
    plans.rules(cast)
    plans.settle(cast, phone="+31 20 555 01 23", postal_address="Kade 1\n1011 AB Amsterdam")
    set_account(
        cast.actor("administrator"), iban="NL91ABNA0417164300", currency="EUR", holder="Delta"
    )
    make.customer(cast, "C1", name="Ann Bakker")
    make.invoice(cast, "F1", amount="100", due_on=make.TODAY - timedelta(days=9))
    return plans.decision(plans.run(cast))


def test_a_text_is_written_looked_over_as_one_types_and_seen_as_its_reader_does(
    decision: Decision, cast: Cast, page: Page, signed_in: SignIn, axe: Axe
) -> None:
    signed_in(page, cast.manager.user).goto(TEXT)
    page.get_by_role("button", name="Write your own").click()
    mail = page.frame_locator("#preview iframe")
    expect(mail.get_by_text("Ann Bakker")).to_be_visible()
    body = page.get_by_label("Text", exact=True)
    body.fill("U bent ons {totaal} schuldig.")
    finding = page.locator(".findings li.stop")
    expect(finding).to_contain_text("There is no variable of this name.")
    finding.get_by_role("button", name="Line 1").click()
    expect(body).to_be_focused()
    body.fill("Van {invoices} staat nog ")
    page.get_by_text("What can be filled in").click()
    page.get_by_role("button", name="{total}", exact=True).click()
    assert body.input_value() == "Van {invoices} staat nog {total}"
    expect(mail.get_by_text("Van F1 staat nog € 100,00", exact=True)).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="Submit for approval").click()
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.locator("#notices")).to_contain_text("Submitted.")
    assert Template.objects.of(cast.organisation).get().state == "submitted"


def test_a_decision_shows_its_message_and_looks_own_words_over_in_the_dialog(
    decision: Decision, cast: Cast, page: Page, signed_in: SignIn
) -> None:
    signed_in(page, cast.manager.user).goto("/o/delta/plan/?group=email.friendly")
    page.locator("[data-changes]").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("The message, and what to consider").click()
    mail = page.frame_locator("#change-looked iframe")
    expect(mail.get_by_text("Ann Bakker")).to_be_visible()
    dialog.get_by_label("Own words").fill("BETAAL NU!")
    expect(dialog.locator(".findings")).to_contain_text("Capitals shout.")
    expect(dialog.get_by_label("Why")).to_be_visible()


def test_a_channel_is_stopped_with_one_press_on_a_phone(
    decision: Decision, cast: Cast, phone: Page, signed_in: SignIn, axe: Axe
) -> None:
    signed_in(phone, cast.manager.user).goto("/o/delta/settings/channels/")
    phone.get_by_role("button", name="Stop: E-mail").click()
    dialog = phone.get_by_role("dialog")
    expect(dialog).to_contain_text("No e-mail leaves from this moment.")
    dialog.get_by_label("Why").fill("Wrong prices")
    dialog.get_by_role("button", name="Stop").click()
    expect(phone.locator("#notices")).to_contain_text("E-mail is stopped")
    assert ChannelStop.objects.of(cast.organisation).get().because == "Wrong prices"
    assert axe(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
