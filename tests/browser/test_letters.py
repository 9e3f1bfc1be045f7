"""Letters in a browser: seen, one taken out, the batch closed and fetched."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

import letters
from cast import Cast

SignIn = Callable[[Page, Any], Page]
Axe = Callable[[Page], list[str]]


def test_a_batch_of_letters_goes_to_the_printer(
    cast: Cast, page: Page, phone: Page, signed_in: SignIn, axe: Axe, settings: Any, tmp_path: Path
) -> None:
    settings.DATA = tmp_path
    letters.planned(cast)
    letters.filled(cast)
    signed_in(page, cast.manager.user).goto("/o/delta/letters/")
    expect(page.get_by_role("row", name="Customer C2")).to_contain_text("€200.50")
    assert axe(page) == []
    page.get_by_role("button", name="Take out the letter to Customer C2").click()
    expect(page.get_by_text("A person took it out of the batch")).to_be_visible()
    page.get_by_role("button", name="Close the batch").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("2 pages, about €1.94 postage and printing")
    dialog.get_by_role("button", name="Close the batch").click()
    expect(page.get_by_text("Closed: 2 letters are ready for the printer.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download for the printer").click()
    assert len(zipfile.ZipFile(download.value.path()).namelist()) == 4
    assert axe(page) == []
    signed_in(phone, cast.manager.user).goto("/o/delta/letters/")
    expect(phone.get_by_role("link", name="2026-03-10-1")).to_be_visible()
    assert axe(phone) == []
    wide = phone.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide
