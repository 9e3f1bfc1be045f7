"""The bank in a real browser: a statement taken in, one click books, the rest is said by hand."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

import bankfile
import make
from bankfile import ANN, file, line
from cast import Cast
from tenor.platform.ledger import actions
from tenor.platform.ledger.models import Invoice

SignIn = Callable[[Page, AbstractBaseUser], Page]


@pytest.fixture
def owing(cast: Cast) -> None:
    actions.set_account(cast.system, iban=bankfile.IBAN, currency="EUR", holder="Delta Water")
    make.customer(cast, "C1", name="Ann Jansen")
    make.customer(cast, "C2", name="Bob de Wit")
    make.invoice(cast, "F1001", amount="60")
    make.invoice(cast, "F1002", amount="40", customer="C2")
    make.invoice(cast, "F1003", amount="25", customer="C2")


def upload(page: Page, content: bytes) -> None:
    page.goto("/o/delta/bank/")
    page.get_by_label("Files of your bank").set_input_files(
        [{"name": "march.xml", "mimeType": "text/xml", "buffer": content}]
    )
    page.get_by_role("button", name="Take in").click()


def forget_refusals(complaints: list[str]) -> None:
    """A refusal is answered with 422, which the console notes."""
    assert all("422" in one for one in complaints)
    complaints.clear()


def open_of(cast: Cast, key: str) -> object:
    return Invoice.objects.of(cast.organisation).get(key=key).balance


def test_what_is_not_sure_is_booked_with_one_click_or_by_hand(
    cast: Cast,
    owing: None,
    page: Page,
    signed_in: SignIn,
    axe: Callable[[Page], list[str]],
    complaints: list[str],
) -> None:
    signed_in(page, cast.manager.user)
    content = file(
        line("60", "dank u", name="A. Jansen", account=ANN),
        line("40", "F1002", name="Bob de Wit"),
        line("30", "van Bob en Ann", name="Onbekend"),
    )
    upload(page, content)
    expect(page.get_by_role("heading", level=1)).to_have_text("The statement is taken in")
    expect(page.get_by_text("1 payment is booked")).to_be_visible()
    expect(page.get_by_text("2 wait for you")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("link", name="To what waits").click()
    expect(page.get_by_text("€90.00 in 2 payments waits for you.")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="Book A. Jansen").click()
    expect(page.get_by_text("Booked.")).to_be_visible()
    page.get_by_role("link", name="Onbekend", exact=True).click()
    page.get_by_label("Search a customer or an invoice").fill("Bob")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_label("Amount for F1003").fill("25,00")
    page.get_by_label("Credit of Bob de Wit").fill("4")
    page.get_by_role("button", name="Book these amounts").click()
    expect(page.get_by_text("The parts make 29.00, the payment is 30.00")).to_be_visible()
    assert axe(page) == []
    forget_refusals(complaints)
    page.get_by_label("Credit of Bob de Wit").fill("5")
    page.get_by_role("button", name="Book these amounts").click()
    expect(page.get_by_role("heading", name="Where it went")).to_be_visible()
    assert [open_of(cast, key) for key in ("F1001", "F1002", "F1003")] == [0, 0, 0]
    page.get_by_role("link", name="Its statement").click()
    expect(page.get_by_text("Opening balance and lines make the closing balance.")).to_be_visible()
    assert axe(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert "F1003=25.00" in download.value.path().read_text("utf-8")


def test_on_a_phone_a_refused_file_says_why_and_a_booking_is_undone(
    cast: Cast,
    owing: None,
    phone: Page,
    signed_in: SignIn,
    axe: Callable[[Page], list[str]],
    complaints: list[str],
) -> None:
    signed_in(phone, cast.manager.user)
    upload(phone, file(line("60", "F1001"), closing="1000.00"))
    expect(phone.get_by_role("alert")).to_contain_text("does not add up")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe(phone) == []
    forget_refusals(complaints)
    upload(phone, file(line("60", "F1001", name="Ann Jansen")))
    phone.goto("/o/delta/bank/?only=booked")
    phone.get_by_role("link", name="Ann Jansen").click()
    phone.get_by_label("Why you undo it").fill("somebody else's")
    phone.get_by_role("button", name="Undo").click()
    expect(phone.get_by_text("Undone.")).to_be_visible()
    expect(phone.get_by_role("heading", name="Reminders that rest meanwhile")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe(phone) == []
    assert open_of(cast, "F1001") == 60
