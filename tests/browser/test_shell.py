"""The shell around every screen: keyboard, phone, dark, no script; and that axe finds nothing."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

import make
from cast import Cast
from make import TODAY
from tenor.platform.core.models import Organisation

SignIn = Callable[[Page, AbstractBaseUser], Page]
Axe = Callable[[Page], list[str]]
# Screens of this helper; each group of screens tests its own as well.
ADDRESSES = (
    "customers/", "customers/?q=nobody", "invoices/", "invoices/F1/", "settings/", "profile/",
    "search/?q=customer",
)  # fmt: skip
OF_ADMINISTRATORS = ("settings/keys/", "people/", "audit/")


@pytest.fixture
def world(cast: Cast, live_server: object) -> Cast:
    """Three customers with invoices; one is late and disputed."""
    for number in (1, 2, 3):
        make.invoice(cast, f"F{number}", customer=f"C{number}", amount=f"{number}00",
                     due_on=TODAY - timedelta(days=number * 10))  # fmt: skip
    Organisation.objects.filter(pk=cast.organisation.pk).update(synthetic=True)
    return cast


def wide(page: Page) -> bool:
    """Say whether something sticks out at the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def test_everything_is_found_with_the_keyboard_alone(
    world: Cast, page: Page, signed_in: SignIn
) -> None:
    signed_in(page, world.manager.user).goto("/o/delta/invoices/")
    page.keyboard.press("/")
    page.keyboard.type("customer c2", delay=20)
    expect(page.locator("#found a")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Invoice F2")
    page.wait_for_load_state()
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile(r"/o/delta/customers/$"))
    page.wait_for_load_state()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("a.main").nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("a.main").nth(0)).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


def test_the_first_key_leads_past_the_navigation(
    world: Cast, page: Page, signed_in: SignIn
) -> None:
    signed_in(page, world.manager.user).goto("/o/delta/customers/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_every_screen_says_that_it_is_synthetic_and_which_day_it_is(
    world: Cast, page: Page, signed_in: SignIn
) -> None:
    signed_in(page, world.manager.user)
    for address in ADDRESSES:
        page.goto(f"/o/delta/{address}")
        expect(page.get_by_text("Synthetic.")).to_be_visible()
        expect(page.locator(".top")).to_contain_text("10 March 2026")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_in_the_way_of_anybody(
    world: Cast, open_page: Callable[..., Page], signed_in: SignIn, axe: Axe, scheme: str
) -> None:
    page = signed_in(open_page(color_scheme=scheme), world.manager.user)
    for address in ADDRESSES:
        page.goto(f"/o/delta/{address}")
        assert axe(page) == [], address
    page.context.clear_cookies()
    signed_in(page, world.administrator.user)
    for address in (*OF_ADMINISTRATORS, f"people/{world.agent.user_id}/"):
        page.goto(f"/o/delta/{address}")
        assert axe(page) == [], address
    page.context.clear_cookies()
    for address in ("/account/login/", "/account/password/reset/"):
        page.goto(address)
        assert axe(page) == [], address


def test_a_phone_shows_every_screen_without_sticking_out(
    world: Cast, phone: Page, signed_in: SignIn, axe: Axe
) -> None:
    signed_in(phone, world.manager.user)
    for address in ADDRESSES:
        phone.goto(f"/o/delta/{address}")
        assert not wide(phone), address
        assert axe(phone) == [], address
    phone.context.clear_cookies()
    signed_in(phone, world.administrator.user)
    for address in (*OF_ADMINISTRATORS, f"people/{world.agent.user_id}/"):
        phone.goto(f"/o/delta/{address}")
        assert not wide(phone), address
    phone.locator(".places").get_by_text("More").click()
    phone.locator(".places .menu-panel").get_by_role("link", name="Settings").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Settings")


@pytest.mark.parametrize("width", [360, 720, 1280, 2560])
def test_no_width_is_too_narrow_or_too_wide(
    world: Cast, open_page: Callable[..., Page], signed_in: SignIn, width: int
) -> None:
    page = signed_in(open_page(viewport={"width": width, "height": 800}), world.manager.user)
    for address in ("customers/", "invoices/F1/", "settings/"):
        page.goto(f"/o/delta/{address}")
        assert not wide(page), address


def test_dark_is_chosen_at_once_and_kept(world: Cast, page: Page, signed_in: SignIn) -> None:
    signed_in(page, world.manager.user).goto("/o/delta/customers/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
    page.locator("summary", has_text="Credit_Manager").click()
    with page.expect_response("**/appearance/"):
        page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.goto("/o/delta/invoices/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_the_machines_own_setting_is_followed(
    world: Cast, open_page: Callable[..., Page], signed_in: SignIn
) -> None:
    page = signed_in(open_page(color_scheme="dark"), world.manager.user)
    page.goto("/o/delta/customers/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.emulate_media(color_scheme="light")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_without_a_script_everything_still_works(
    world: Cast, open_page: Callable[..., Page], signed_in: SignIn
) -> None:
    page = signed_in(open_page(java_script_enabled=False), world.manager.user)
    page.goto("/o/delta/customers/")
    page.get_by_label("Search customers, invoices, payments and messages").fill("customer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("What was found")
    page.locator("summary", has_text="Credit_Manager").click()
    page.get_by_role("link", name="Your profile").click()
    page.get_by_label("Your name").fill("Mara")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your profile is changed.")).to_be_visible()


def test_pausing_everything_says_what_follows_and_can_be_left(
    world: Cast, page: Page, signed_in: SignIn
) -> None:
    signed_in(page, world.manager.user).goto("/o/delta/settings/")
    page.get_by_role("button", name="Pause everything").click()
    dialog = page.get_by_role("dialog", name="Pause everything?")
    expect(dialog).to_contain_text("No message leaves from this moment")
    dialog.get_by_role("button", name="Do nothing").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Pause everything").click()
    dialog.get_by_label("Why").fill("Wrong amounts")
    dialog.get_by_role("button", name="Pause everything").click()
    expect(page.get_by_text("Everything is paused: nothing is sent.")).to_be_visible()
    page.get_by_role("button", name="Let it go on").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Let it go on").click()
    expect(page.get_by_text("Everything is paused: nothing is sent.")).to_be_hidden()


def test_somebody_of_another_organisation_sees_that_there_is_nothing(
    world: Cast, page: Page, signed_in: SignIn, complaints: list[str]
) -> None:
    signed_in(page, world.stranger.user).goto("/o/delta/customers/")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
    expect(page.get_by_text("Customer C1")).to_have_count(0)
    complaints.clear()
