"""Privacy in a browser: a request is taken in, weighed against the law, and carried out."""

import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page, expect

import make
from cast import NOW, Cast
from tenor.platform.governance.actions import put_default_in_force
from tenor.platform.privacy.actions import record_request

SignIn = Callable[[Page, Any], Page]
Axe = Callable[[Page], list[str]]


def test_a_person_is_erased_as_far_as_the_law_lets_them(
    cast: Cast, page: Page, phone: Page, signed_in: SignIn, axe: Axe
) -> None:
    put_default_in_force(cast.system)
    make.invoice(cast, "F1", customer="C1", amount="50")
    make.customer(cast, "C1", name="Ann Example")
    make.payment(cast, "P1", invoice="F1", amount="50")
    make.customer(cast, "C2", name="Bob Late")
    record_request(
        cast.system, customer_key="C2", kind="access", received_at=NOW - timedelta(days=40)
    )

    signed_in(page, cast.compliance.user).goto("/o/delta/customers/C1/")
    page.get_by_role("link", name="What is held").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export everything").click()
    assert zipfile.is_zipfile(download.value.path())
    page.get_by_label("What is asked").select_option("erasure")
    page.get_by_label("In their words").fill("Please forget me.")
    page.get_by_role("button", name="Take in").click()
    expect(page.get_by_role("row", name="Invoices and payments")).to_contain_text(
        "until 31 December 2033"
    )
    expect(page.get_by_text("31 days left")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="Erase", exact=True).first.click()
    page.get_by_role("dialog").get_by_role("button", name="Erase").click()
    expect(
        page.get_by_text("Erased. What the law keeps goes by itself on its day.")
    ).to_be_visible()
    expect(page.get_by_text("Ann Example")).to_have_count(0)

    page.goto("/o/delta/privacy/")
    expect(page.get_by_text("1 request should have been answered already.")).to_be_visible()
    expect(page.get_by_role("row", name="Bob Late")).to_contain_text("10 days overdue")
    assert axe(page) == []
    page.get_by_role("link", name="Record of processing").click()
    expect(page.get_by_text("7 years after the end of the year").first).to_be_visible()
    assert axe(page) == []

    signed_in(phone, cast.compliance.user)
    for place in ("privacy/", "privacy/record/", "privacy/customers/C1/"):
        phone.goto(f"/o/delta/{place}")
        wide = phone.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, place
