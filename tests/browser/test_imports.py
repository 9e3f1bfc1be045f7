"""An import in a real browser: files, columns, what is wrong, what came of it."""

from collections.abc import Callable

from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

from cast import Cast
from tenor.platform.ledger.models import Invoice

SignIn = Callable[[Page, AbstractBaseUser], Page]
FILES = {
    "klanten.csv": "Klantnr;Klantnaam\nK1;Jan Jansen\n",
    "facturen.csv": "Factuurnummer;Klantnr;Bedrag;Munt;Factuurdatum;Vervaldatum\n"
    "F1;K1;1.234,50;EUR;03-01-2026;31-01-2026\nF2;K1;twaalf;EUR;03-01-2026;31-01-2026\n",
}


def chosen(page: Page) -> None:
    """Choose the files and look at them."""
    page.goto("/o/delta/imports/")
    files = [
        {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
        for name, text in FILES.items()
    ]
    page.get_by_label("Files (CSV or Parquet, one a table)").set_input_files(files)
    page.get_by_role("button", name="Look at the files").click()


def test_a_manager_brings_in_what_can_be_used(
    cast: Cast, page: Page, signed_in: SignIn, axe: Callable[[Page], list[str]]
) -> None:
    signed_in(page, cast.manager.user)
    chosen(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("What is each column?")
    assert axe(page) == []
    page.get_by_role("button", name="Check the rows").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 row cannot be used")
    assert axe(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download them with what is wrong").click()
    assert "twaalf" in download.value.path().read_text("utf-8")
    page.get_by_role("button", name="Write the others, leave out 1 row").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The import is written")
    assert axe(page) == []
    assert Invoice.objects.of(cast.organisation).get().key == "F1"


def test_a_wrong_guess_is_put_right_and_the_back_button_does_no_harm(
    cast: Cast, phone: Page, signed_in: SignIn, axe: Callable[[Page], list[str]]
) -> None:
    signed_in(phone, cast.manager.user)
    chosen(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe(phone) == []
    phone.get_by_label("Bedrag").select_option("")
    phone.get_by_role("button", name="Check the rows").click()
    expect(phone.get_by_text("Invoices: no column is amount yet")).to_be_visible()
    phone.get_by_label("Bedrag").select_option("amount")
    phone.get_by_role("button", name="Check the rows").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("1 row cannot be used")
    phone.get_by_role("button", name="Write the others").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("The import is written")
    phone.go_back()
    phone.wait_for_load_state()
    expect(phone.get_by_role("heading", level=1)).to_have_text("The import is written")
    assert Invoice.objects.of(cast.organisation).count() == 1
