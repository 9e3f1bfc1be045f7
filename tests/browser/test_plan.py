"""The plan in a browser: with the keyboard alone, by mouse, on a phone, without a script."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

import make
import plans
from cast import Cast
from tenor.platform.decisions.models import Decision, Run

SignIn = Callable[[Page, AbstractBaseUser], Page]
Axe = Callable[[Page], list[str]]
OpenPage = Callable[..., Page]
PLAN = "/o/delta/plan/"


@pytest.fixture
def day(cast: Cast, live_server: object) -> Run:
    """Three e-mails, a letter, one decision for a person and one customer left alone."""
    plans.rules(cast)
    plans.settle(cast)
    for number in range(1, 7):
        make.invoice(cast, f"F{number}", customer=f"C{number}", amount=f"{number}00")
    run = plans.run(cast)
    own: list[dict[str, object]] = [
        {"value": 9.0}, {"value": 8.0}, {"value": 7.0, "explored": True},
        {"channel": "letter", "tone": "firm", "cost": 1.10},
        {"gate": "by_hand large", "review_reason": "500.00 is above 300 EUR"},
        {"verdict": "wait", "state": "nothing", "gate": "not_worth_it"},
    ]  # fmt: skip
    for number, values in enumerate(own, 1):
        values = {"gate": "by_hand", "amount": Decimal(number * 100), **values}
        plans.decision(run, f"C{number}", invoice_keys=[f"F{number}"], **values)
    return run


def states(run: Run) -> dict[str, str]:
    rows = Decision.objects.of(run.organisation_id).filter(run=run)
    return dict(rows.values_list("customer__key", "state"))


def test_two_are_approved_and_one_is_held_with_the_keyboard_alone(
    day: Run, cast: Cast, page: Page, signed_in: SignIn
) -> None:
    signed_in(page, cast.manager.user).goto(PLAN)
    page.keyboard.press("j")
    expect(page.locator(".plan-name a").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#group-email-friendly tbody tr")).to_have_count(3)
    for _row in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
    expect(page.locator("[data-chosen-count]")).to_have_text("2")
    page.keyboard.press("a")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Approve 2 decisions?")
    expect(dialog).to_contain_text("2 e-mails are sent")
    expect(dialog.get_by_role("button", name="Approve")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#notices")).to_contain_text("2 decisions are approved.")
    assert {k for k, s in states(day).items() if s == "approved"} == {"C1", "C2"}
    page.goto(PLAN + "?group=email.friendly")
    for _step in range(4):
        page.keyboard.press("j")
    page.keyboard.press("h")
    expect(dialog.get_by_label("Why")).to_be_focused()
    page.keyboard.type("They will")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#notices")).to_contain_text("1 decision is held.")
    assert states(day)["C3"] == "held"


def test_escape_leaves_everything_as_it_was(
    day: Run, cast: Cast, page: Page, signed_in: SignIn
) -> None:
    signed_in(page, cast.manager.user).goto(PLAN)
    page.get_by_role("button", name="Approve all 4").click()
    expect(page.get_by_role("dialog")).to_contain_text("1 letter is printed and posted")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert set(states(day).values()) == {"proposed", "nothing"}


def test_all_is_approved_and_undone(day: Run, cast: Cast, page: Page, signed_in: SignIn) -> None:
    signed_in(page, cast.manager.user).goto(PLAN)
    page.get_by_role("button", name="Approve all 4").click()
    page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(page.locator("#notices")).to_contain_text("4 decisions are approved.")
    assert list(states(day).values()).count("approved") == 4
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#notices")).to_contain_text("4 decisions wait again.")
    assert "approved" not in states(day).values()


def test_a_decision_is_changed_and_a_refusal_stays_in_the_dialog(
    day: Run, cast: Cast, page: Page, signed_in: SignIn, complaints: list[str]
) -> None:
    signed_in(page, cast.manager.user).goto(PLAN + "?group=email.friendly")
    page.get_by_role("link", name="Change what Customer C1 gets").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Channel").select_option("call")
    dialog.get_by_label("Hour").fill("22:00")
    dialog.get_by_label("Why").select_option("knows_customer")
    dialog.get_by_role("button", name="Change it").click()
    expect(dialog.get_by_role("alert")).to_contain_text("The rules do not permit this")
    expect(dialog.get_by_label("Hour")).to_have_value("22:00")
    assert [c for c in complaints if "422" not in c] == []
    complaints.clear()
    dialog.get_by_label("Hour").fill("11:00")
    dialog.get_by_role("button", name="Change it").click()
    expect(page.locator("#notices")).to_contain_text("Changed.")
    expect(page).to_have_url(re.compile(r"group=email\.friendly$"))
    page.goto(PLAN + "?search=C1")
    expect(page.locator(".plan-table tbody tr")).to_contain_text("Tenor meant: E-mail, friendly")


def test_the_page_works_without_a_script(
    day: Run, cast: Cast, open_page: OpenPage, signed_in: SignIn
) -> None:
    page = signed_in(open_page(java_script_enabled=False), cast.manager.user)
    page.goto(PLAN)
    page.locator(".plan-name a", has_text="Letter").click()
    page.get_by_label("Choose Customer C4").check()
    page.locator(".plan-bar:not([hidden]) button", has_text="Approve").click()
    expect(page.get_by_text("1 letter is printed and posted")).to_be_visible()
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#notices")).to_contain_text("1 decision is approved.")
    assert states(day)["C4"] == "approved"


VIEWS = ("", "?group=email.friendly", "?group=person", "?state=proposed", "difference/", "moments/")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    day: Run, cast: Cast, open_page: OpenPage, signed_in: SignIn, axe: Axe, theme: str
) -> None:
    page = signed_in(open_page(color_scheme=theme), cast.manager.user)
    for view in VIEWS:
        page.goto(PLAN + view)
        assert axe(page) == [], view
    page.goto(PLAN + "?group=email.friendly")
    page.get_by_role("link", name="Change what Customer C1 gets").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert axe(page) == []


def test_on_a_phone_nothing_sticks_out_and_a_row_can_be_approved(
    day: Run, cast: Cast, phone: Page, signed_in: SignIn, axe: Axe
) -> None:
    signed_in(phone, cast.manager.user)
    for view in VIEWS:
        phone.goto(PLAN + view)
        assert not phone.evaluate("document.documentElement.scrollWidth > window.innerWidth"), view
        assert axe(phone) == [], view
    phone.goto(PLAN + "?group=letter.firm")
    phone.get_by_label("Choose Customer C4").check()
    phone.locator(".plan-bar button", has_text="Approve").first.click()
    phone.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(phone.locator("#notices")).to_contain_text("1 decision is approved.")
    assert states(day)["C4"] == "approved"
