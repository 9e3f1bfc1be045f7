"""Reports in a browser: each is drawn, its table opens and downloads, on a desk and on a phone."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

from cast import Cast
from ladder_group import compared
from tenor.engine.frames import Tables
from tenor.platform.workbench.reports.pages import PAGES

SignIn = Callable[[Page, AbstractBaseUser], Page]
Axe = Callable[[Page], list[str]]
OpenPage = Callable[..., Page]
REPORTS = "/o/delta/reports/"


@pytest.fixture
def day(
    cast: Cast, live_server: object, tables: Tables, as_of: datetime, model_folder: Path
) -> Cast:
    """A day of the small world, some of which is left to the ladder."""
    compared(cast, tables, as_of, model_folder)
    return cast


def drawn(page: Page) -> None:
    """Wait until every chart of the page is drawn."""
    charts = page.locator("[data-chart]")
    for at in range(charts.count()):
        expect(charts.nth(at).locator("svg")).to_be_attached()


def test_reports_are_walked_and_drawn_and_axe_finds_nothing_serious(
    day: Cast, page: Page, open_page: OpenPage, signed_in: SignIn, axe: Axe
) -> None:
    signed_in(page, day.manager.user).goto(REPORTS)
    for name, report in PAGES.items():
        page.get_by_role("navigation", name="Reports").get_by_text(str(report.title)).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(str(report.title))
        drawn(page)
        assert axe(page) == [], name
    dark = signed_in(open_page(color_scheme="dark"), day.manager.user)
    dark.goto(REPORTS + "effect/")
    drawn(dark)
    assert axe(dark) == []


def test_a_table_opens_and_is_downloaded(day: Cast, page: Page, signed_in: SignIn) -> None:
    signed_in(page, day.analyst.user).goto(REPORTS + "money/")
    part = page.locator(
        "section", has=page.get_by_role("heading", name="How late the open money is")
    )
    part.get_by_text("As a table").press("Enter")
    expect(part.get_by_role("cell", name="not due yet")).to_be_visible()
    with page.expect_download() as download:
        part.get_by_role("link", name="Download as CSV: How late the open money is").press("Enter")
    assert download.value.suggested_filename.startswith("delta-money-ages-")
    assert "not due yet" in Path(download.value.path()).read_text(encoding="utf-8-sig")


def test_on_a_phone_nothing_sticks_out(day: Cast, phone: Page, signed_in: SignIn, axe: Axe) -> None:
    signed_in(phone, day.manager.user)
    for name in PAGES:
        phone.goto(f"{REPORTS}{name}/")
        drawn(phone)
        assert not phone.evaluate("document.documentElement.scrollWidth > window.innerWidth"), name
        assert axe(phone) == [], name
