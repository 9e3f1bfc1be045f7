"""The rules in a browser: drafted, submitted, approved by another; with keys, on a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cast import Cast
from tenor.platform.core.jobs import work_one
from tenor.platform.governance import actions, queries
from tenor.platform.jobs import rules

SignIn = Callable[[Page, Any], Page]
Axe = Callable[[Page], list[str]]
PLACES = ("", "segments/", "predictor/", "versions/", "1/?as=text", "1/?as=form", "1/?as=changes")


@pytest.fixture
def begun(cast: Cast) -> Cast:
    actions.put_default_in_force(cast.system)
    return cast


def test_two_people_put_a_rule_in_force(begun: Cast, open_page: Any, signed_in: SignIn) -> None:
    manager = signed_in(open_page(), begun.manager.user)
    manager.goto("/o/delta/rules/")
    manager.get_by_role("button", name="Change the rules").click()
    field = manager.get_by_label("Days between two contacts")
    expect(field).to_have_value("4")
    field.fill("8")
    manager.get_by_role("button", name="Save the draft").click()
    expect(manager.get_by_text("Saved in the draft. Nothing has changed")).to_be_visible()
    manager.get_by_role("link", name="What it changes").click()
    row = manager.get_by_role("row", name="Days between two contacts")
    expect(row).to_contain_text("4 days")
    expect(row).to_contain_text("8 days")
    manager.get_by_role("button", name="Submit for approval").click()
    manager.get_by_label("What does this change, and why?").fill("Calmer")
    manager.get_by_role("button", name="Submit", exact=True).click()
    expect(manager.get_by_role("button", name="Take back")).to_be_visible()
    expect(manager.get_by_role("button", name="Approve")).to_have_count(0)

    compliance = signed_in(open_page(), begun.compliance.user)
    compliance.goto("/o/delta/rules/")
    compliance.get_by_role("link", name="Look at it").click()
    compliance.get_by_role("button", name="Approve").click()
    compliance.get_by_role("button", name="Put in force").click()
    expect(compliance.get_by_text("In force: decisions from now on")).to_be_visible()
    live = queries.live_policy_version(begun.organisation)
    assert live is not None
    assert queries.policy_of(live).limits.min_days_between == 8


def test_a_mistake_in_the_text_names_its_line(
    begun: Cast, page: Page, signed_in: SignIn, complaints: list[str]
) -> None:
    draft = actions.draft_policy(begun.actor("manager"), text="[limits]\nmin_amount = 5\n")
    signed_in(page, begun.manager.user).goto(f"/o/delta/rules/{draft.number}/?as=text")
    page.get_by_label("The policy file").fill("[limits]\nmin_amont = 5\n")
    page.get_by_role("button", name="Check and save").click()
    expect(page.get_by_role("list", name="Mistakes")).to_contain_text("Line 2")
    expect(page.get_by_role("list", name="Mistakes")).to_contain_text("limits.min_amount")
    expect(page.get_by_label("The policy file").first).to_have_value("[limits]\nmin_amont = 5\n")
    # The browser notes an answer of 422 on its console: meant, here.
    assert all("422" in line for line in complaints)
    complaints.clear()


def test_a_dry_run_says_when_there_is_nothing_to_weigh_with(
    begun: Cast, page: Page, signed_in: SignIn
) -> None:
    draft = actions.draft_policy(begun.actor("manager"), text="[channels.email]\n")
    signed_in(page, begun.manager.user).goto(f"/o/delta/rules/{draft.number}/?as=changes")
    page.get_by_role("button", name="Dry run").click()
    expect(page.get_by_text("Planning today twice")).to_be_visible()
    assert rules.try_rules is not None  # known to the worker by being imported
    while work_one():
        pass
    expect(page.get_by_text("No predictor is in force yet")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_is_in_the_way_of_anybody(
    begun: Cast, open_page: Any, signed_in: SignIn, axe: Axe, scheme: str
) -> None:
    page = signed_in(open_page(color_scheme=scheme), begun.manager.user)
    draft = actions.draft_policy(begun.actor("manager"), text="[channels.email]\ncost = 1\n")
    found: dict[str, list[str]] = {}
    for place in (*PLACES, f"{draft.number}/", f"{draft.number}/?as=text"):
        page.goto(f"/o/delta/rules/{place}")
        if faults := axe(page):
            found[place] = faults
    assert found == {}


def test_a_phone_shows_no_more_than_its_width(begun: Cast, phone: Page, signed_in: SignIn) -> None:
    signed_in(phone, begun.manager.user)
    draft = actions.draft_policy(begun.actor("manager"), text="[channels.email]\ncost = 1\n")
    wide = []
    for place in (*PLACES, f"{draft.number}/", f"{draft.number}/?as=text"):
        phone.goto(f"/o/delta/rules/{place}")
        if phone.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(place)
    assert wide == []
    phone.goto("/o/delta/rules/segments/")
    phone.get_by_text("Prompt").click()
    expect(phone.get_by_label("Goes by itself").locator("visible=true")).to_have_count(1)


def test_a_segment_is_changed_with_the_keyboard_alone(
    begun: Cast, page: Page, signed_in: SignIn
) -> None:
    signed_in(page, begun.manager.user).goto("/o/delta/rules/segments/")
    summary = page.locator("#prompt > summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("150")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved. The next plan is made by it.")).to_be_visible()
    row = queries.strategies(begun.organisation)["prompt"]
    assert (row.automatic, str(row.automatic_below)) == (True, "150.0000")
