"""What the law allows in a case, in a real browser: unfolded, charged, signed; desk and phone."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

import make
import plans
from cast import Cast
from tenor.platform.decisions.models import HandOver
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Entry, Invoice

SignIn = Callable[[Page, AbstractBaseUser], Page]
CASE = "/o/delta/customers/C1/"
LIST = "/o/delta/case/C1/hand-over/"


@pytest.fixture
def ann(cast: Cast, live_server: object) -> Cast:
    """Ann owes 500 euros since January and had the letter that the law asks for."""
    plans.rules(cast)
    make.customer(cast, "C1", name="Ann Bakker")
    make.invoice(cast, "F1", amount="500", due_on=date(2026, 1, 20))
    ledger.record_notice(
        cast.actor("agent"), customer_key="C1", invoice_keys=["F1"], kind="fourteen_day",
        sent_on=date(2026, 2, 2), channel="letter", received_on=date(2026, 2, 4),
        evidence="Signed for, 3SABC", costs=Decimal(75),
        contains=("principal", "term", "fee_amount", "consequence"),
    )  # fmt: skip
    plans.decision(plans.run(cast))
    return cast


def test_a_step_unfolds_to_its_rule_and_costs_are_charged_with_one_click(
    ann: Cast, page: Page, signed_in: SignIn, axe: Callable[[Page], list[str]]
) -> None:
    signed_in(page, ann.manager.user).goto(CASE)
    card = page.get_by_role("region", name="What may be done now")
    expect(card).to_contain_text("Charge €75.00 of costs now")
    agency = card.locator("summary", has_text="Hand over to an agency")
    expect(agency).to_contain_text("The agency has to be registered")
    expect(card.get_by_text("none:escalation.signature").first).to_be_hidden()
    agency.focus()
    page.keyboard.press("Enter")
    expect(card.get_by_text("none:escalation.signature").first).to_be_visible()
    assert axe(page) == []
    card.get_by_role("button", name="Charge €75.00 of costs now").click()
    expect(page.get_by_text("75.00 is charged")).to_be_visible()
    assert Entry.objects.of(ann.organisation).get().amount == 75
    expect(card.get_by_role("button", name="of costs now")).to_have_count(0)


def test_a_letter_is_kept_from_the_case(ann: Cast, page: Page, signed_in: SignIn) -> None:
    make.invoice(ann, "F2", amount="60", due_on=date(2026, 1, 25))
    signed_in(page, ann.agent.user).goto(CASE)
    page.get_by_role("button", name="A letter was sent…").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Which letter").select_option("fourteen_day")
    form.get_by_label("It had all that the law wants in it").check()
    form.get_by_label("Sent on").fill("2026-03-02")
    form.get_by_label("Costs that it names").fill("84.00")
    form.get_by_role("button", name="Keep").click()
    card = page.get_by_role("region", name="What may be done now")
    expect(card).to_contain_text("When it arrived is presumed")


def test_a_hand_over_is_signed_on_its_list(
    ann: Cast, page: Page, signed_in: SignIn, axe: Callable[[Page], list[str]]
) -> None:
    signed_in(page, ann.manager.user).goto(LIST)
    expect(page.get_by_text("1 point is missing")).to_be_visible()
    assert axe(page) == []
    page.get_by_label("the agency stands in its register").check()
    page.get_by_label("it holds our mandate in writing").check()
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_text("all met")).to_be_visible()
    page.get_by_label("To whom").fill("Collect BV")
    page.get_by_label("Why now").fill("Silence after three letters")
    page.get_by_label("Your full name").fill("Mia Manager")
    page.get_by_role("button", name="Sign and hand over").click()
    expect(page.get_by_text("Handed over to Collect BV, with its file")).to_be_visible()
    with page.expect_download() as found:
        page.get_by_role("link", name="the file").first.click()
    assert found.value.suggested_filename.endswith(".zip")
    assert HandOver.objects.of(ann.organisation).get().signed_name == "Mia Manager"
    assert Invoice.objects.of(ann.organisation).get().closed_as == "escalated"


def test_the_card_and_the_list_fit_a_phone(
    ann: Cast, phone: Page, signed_in: SignIn, axe: Callable[[Page], list[str]]
) -> None:
    for address in (CASE, LIST):
        signed_in(phone, ann.manager.user).goto(address)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        assert axe(phone) == []


def test_the_card_speaks_dutch(ann: Cast, page: Page, signed_in: SignIn) -> None:
    ann.manager.user.language = "nl"
    ann.manager.user.save()
    signed_in(page, ann.manager.user).goto(CASE)
    card = page.get_by_role("region", name="Wat er nu mag")
    expect(card).to_contain_text("Incassokosten in rekening brengen")
    expect(card).to_contain_text("Overdragen aan een incassobureau")
