"""The first screen in a browser: keyboard, charts that lead on, a phone, dark."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

import make
import plans
from cast import NOW, Cast
from tenor.platform.decisions.models import Signal
from tenor.platform.governance import actions as governance
from tenor.platform.jobs.day import run_day

SignIn = Callable[[Page, AbstractBaseUser], Page]
Axe = Callable[[Page], list[str]]
OpenPage = Callable[..., Page]
TODAY = "/o/delta/today/"


@pytest.fixture
def day(cast: Cast, live_server: object) -> Cast:
    """A day of six customers, five of them late, and a signal."""
    governance.put_default_in_force(cast.system)
    plans.settle(cast)
    for number, late in enumerate((1, 14, 30, 5, -10, 70)):
        due = make.TODAY - timedelta(days=late)
        make.invoice(cast, f"F{number}", customer=f"C{number}", due_on=due)
    run_day(cast.organisation)
    Signal.objects.of(cast.organisation).create(
        key="unsent:1", kind="unsent", level="danger", facts={"count": 3}, at=NOW
    )
    return cast


def test_what_needs_me_is_walked_with_the_keyboard(
    day: Cast, page: Page, signed_in: SignIn
) -> None:
    signed_in(page, day.manager.user).goto(TODAY)
    page.keyboard.press("j")
    expect(page.locator(".needs a.main").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/plan/$"))
    # Keys are listened to once the page's scripts have run.
    page.wait_for_load_state()
    page.keyboard.press("g")
    page.keyboard.press("t")
    expect(page).to_have_url(re.compile(r"/today/$"))


def test_a_bar_leads_to_its_invoices(day: Cast, page: Page, signed_in: SignIn) -> None:
    signed_in(page, day.manager.user).goto(TODAY)
    chart = page.locator('[data-chart="ageing"] svg')
    expect(chart).to_be_visible()
    box = chart.bounding_box()
    assert box is not None
    # The second of five bars, just right of its name.
    page.mouse.click(box["x"] + box["width"] * 0.45, box["y"] + box["height"] * 0.31)
    expect(page).to_have_url(re.compile(r"/invoices/\?age=1-30&currency=EUR$"))


def test_a_signal_is_put_away(day: Cast, page: Page, signed_in: SignIn) -> None:
    signed_in(page, day.manager.user).goto(TODAY)
    page.get_by_role("button", name="Seen: What was approved does not go out").click()
    expect(page.locator("#notices")).to_contain_text("Put away.")
    expect(page.get_by_text("What was approved does not go out")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    day: Cast, open_page: OpenPage, signed_in: SignIn, axe: Axe, theme: str
) -> None:
    page = signed_in(open_page(color_scheme=theme), day.manager.user)
    page.goto(TODAY)
    expect(page.locator('[data-chart="ageing"] svg')).to_be_visible()
    assert axe(page) == []


def test_on_a_phone_nothing_sticks_out(day: Cast, phone: Page, signed_in: SignIn, axe: Axe) -> None:
    signed_in(phone, day.manager.user).goto(TODAY)
    expect(phone.locator('[data-chart="ageing"] svg')).to_be_visible()
    assert not phone.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert axe(phone) == []
