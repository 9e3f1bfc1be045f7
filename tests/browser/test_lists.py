"""The lists and an invoice as people use them: found as one types, and changed with a warning."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

import make
from cast import Cast
from make import TODAY
from tenor.platform.ledger.models import Invoice

SignIn = Callable[[Page, AbstractBaseUser], Page]


@pytest.fixture
def world(cast: Cast, live_server: object) -> Cast:
    """Sixty customers, of whom three owe something."""
    for number in range(60):
        make.customer(cast, f"C{number:02}", name=f"Name {number:02}", email="")
    for number, days in ((1, 10), (2, 40), (3, -5)):
        make.invoice(cast, f"F{number}", customer=f"C0{number}", amount=f"{number}00",
                     due_on=TODAY - timedelta(days=days))  # fmt: skip
    return cast


def test_customers_are_found_as_one_types_and_the_address_can_be_shared(
    world: Cast, page: Page, signed_in: SignIn
) -> None:
    signed_in(page, world.agent.user).goto("/o/delta/customers/")
    expect(page.locator("tbody tr")).to_have_count(50)
    page.get_by_role("link", name="Next").click()
    expect(page.locator("tbody tr")).to_have_count(10)
    page.get_by_label("Name, number, e-mail address or invoice").press_sequentially("name 03")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"q=name\+?(%20)?03"))
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("a.main").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Name 03")


def test_filters_and_orders_are_chosen_with_one_click(
    world: Cast, page: Page, signed_in: SignIn
) -> None:
    signed_in(page, world.agent.user).goto("/o/delta/customers/")
    page.get_by_role("navigation", name="Which customers").get_by_text("Overdue").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_label("Order").select_option("overdue")
    expect(page.locator("a.main").first).to_have_text("Name 02")
    expect(page).to_have_url(re.compile("only=overdue"))


def test_an_invoice_is_credited_after_saying_what_follows(
    world: Cast, page: Page, signed_in: SignIn
) -> None:
    signed_in(page, world.manager.user).goto("/o/delta/invoices/F1/")
    page.get_by_role("button", name="Credit").click()
    dialog = page.get_by_role("dialog", name="Book a credit note")
    expect(dialog).to_contain_text("It can be taken back")
    dialog.get_by_label("Amount").fill("25")
    dialog.get_by_label("For").fill("Kindness")
    dialog.get_by_role("button", name="Book").click()
    expect(page.get_by_text("The credit note is booked.")).to_be_visible()
    assert Invoice.objects.of(world.organisation).get(key="F1").balance == Decimal(75)
    page.get_by_role("button", name="Take back").click()
    page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    expect(page.get_by_text("The booking is taken back.")).to_be_visible()
    assert Invoice.objects.of(world.organisation).get(key="F1").balance == Decimal(100)


def test_writing_off_can_be_left_and_done(world: Cast, page: Page, signed_in: SignIn) -> None:
    signed_in(page, world.manager.user).goto("/o/delta/invoices/F2/")
    page.locator("main summary", has_text="More").click()
    page.get_by_role("button", name="Write off").first.click()
    dialog = page.get_by_role("dialog", name="Write this invoice off?")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert Invoice.objects.of(world.organisation).get(key="F2").is_open
    page.locator("main summary", has_text="More").click()
    page.get_by_role("button", name="Write off").first.click()
    dialog.get_by_label("Why").fill("Gone")
    dialog.get_by_role("button", name="Write off").click()
    expect(page.locator(".badge", has_text="written off")).to_be_visible()


def test_rows_are_cards_on_a_phone(world: Cast, phone: Page, signed_in: SignIn) -> None:
    signed_in(phone, world.agent.user).goto("/o/delta/invoices/")
    row = phone.locator("tbody tr").first
    box = row.bounding_box()
    assert box is not None
    assert box["width"] < 390
    assert box["height"] > 90
    expect(row.locator(".side-cell")).to_contain_text("€300.00")
    row.locator("a.main").click()
    phone.get_by_role("button", name="Dispute").click()
    phone.get_by_role("dialog").get_by_label("In their words").fill("Never came")
    phone.get_by_role("dialog").get_by_role("button", name="Record").click()
    expect(phone.get_by_text("Never came")).to_be_visible()
