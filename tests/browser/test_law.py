"""The law in a browser: read, changed from a day on, signed for; without a script, on a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cast import Cast
from tenor.platform.governance.lawmaking import draft_law, submit_law
from tenor.platform.governance.queries import pack_for

SignIn = Callable[[Page, Any], Page]
Axe = Callable[[Page], list[str]]
OWN = """[pack]
jurisdiction = "NL+delta"
name = "Delta Water"
version = "1"
reviewed_on = 2026-03-10
extends = "NL"

[sources]
board = "Decision of our board of 1 March 2026"

[windows.contact]
text = "Nobody is approached between 21:00 and 07:00, on a Sunday or on a public holiday."
source = "board"
confidence = "high"
binding = "policy"
in_force = [
  { from = 2026-04-01, opens = 07:00:00, closes = 21:00:00, days = "Mon-Sat", on_holidays = false },
]
"""
PLACES = (
    "", "watch/", "watch/?all=yes", "own/", "own/1/", "NL/", "NL/?own=yes&on=2026-11-22",
    "NL/cases/", "NL/cases/?run=yes", "NL/interest/consumer/", "NL/windows/contact/",
    "US-MA/?section=caps",
)  # fmt: skip


def test_a_provision_is_changed_from_a_day_on_and_approved_by_another(
    cast: Cast, open_page: Any, signed_in: SignIn
) -> None:
    # No script runs: what answers for the law must not hang on one.
    analyst = signed_in(open_page(java_script_enabled=False), cast.analyst.user)
    analyst.goto("/o/delta/law/")
    analyst.get_by_role("link", name="Netherlands").click()
    analyst.get_by_role("link", name="Nobody is approached between 20:00").click()
    analyst.get_by_label("From", exact=True).fill("2026-04-01")
    expect(analyst.get_by_label("closes")).to_have_value("20:00")
    analyst.get_by_label("closes").fill("18:00")
    analyst.get_by_label("Where this comes from").fill("Decision of our board of 1 March 2026")
    analyst.get_by_role("button", name="Keep as a draft").click()
    row = analyst.get_by_role("row", name="NL+delta:windows.contact")
    expect(row).to_contain_text("stricter")
    expect(row).to_contain_text("closes: 20:00 becomes 18:00")
    analyst.get_by_label("What does this change, and why?").fill("Evenings are quiet here.")
    analyst.get_by_role("button", name="Submit", exact=True).click()
    expect(analyst.get_by_role("button", name="Take back")).to_be_visible()
    expect(analyst.get_by_role("button", name="Put in force")).to_have_count(0)

    compliance = signed_in(open_page(java_script_enabled=False), cast.compliance.user)
    compliance.goto("/o/delta/law/own/")
    compliance.get_by_role("link", name="Version 1").click()
    compliance.get_by_role("button", name="Put in force").click()
    expect(compliance.get_by_text("In force: decisions and messages")).to_be_visible()
    compliance.goto("/o/delta/law/NL/?section=windows&on=2026-04-01")
    rule = compliance.get_by_role("article").filter(has_text="your own")
    expect(rule).to_contain_text("18:00")
    expect(rule).to_contain_text("Decision of our board of 1 March 2026")


def test_what_is_looser_waits_for_a_signature(
    cast: Cast, open_page: Any, signed_in: SignIn
) -> None:
    draft = draft_law(cast.actor("analyst"), text=OWN)
    submit_law(cast.actor("analyst"), number=draft.number, note="Later in the evening")
    administrator = signed_in(open_page(), cast.administrator.user)
    administrator.goto("/o/delta/law/own/1/")
    expect(administrator.get_by_text("a compliance officer signs for it")).to_be_visible()
    expect(administrator.get_by_role("button", name="put in force")).to_have_count(0)
    compliance = signed_in(open_page(), cast.compliance.user)
    compliance.goto("/o/delta/law/own/1/")
    compliance.get_by_label("On what grounds?").fill("Counsel agrees for our own claims.")
    compliance.get_by_role("button", name="Sign and put in force").click()
    expect(compliance.get_by_text("signed by Compliance")).to_be_visible()
    assert pack_for(cast.organisation, "NL").version.startswith("2026")
    assert "NL+delta" in pack_for(cast.organisation, "NL").version


def test_the_cases_of_a_pack_are_run(cast: Cast, page: Page, signed_in: SignIn) -> None:
    signed_in(page, cast.compliance.user).goto("/o/delta/law/NL/")
    page.get_by_role("link", name="Its cases").click()
    expect(page.get_by_text("passed")).to_have_count(0)
    page.get_by_role("button", name="Run the cases").click()
    expect(
        page.get_by_role("status").filter(has_text="what must come out came out")
    ).to_be_visible()
    assert page.get_by_role("cell", name="passed").count() >= 2


def test_a_value_that_cannot_be_used_stays_in_the_form(
    cast: Cast, page: Page, signed_in: SignIn, complaints: list[str]
) -> None:
    signed_in(page, cast.analyst.user).goto("/o/delta/law/NL/windows/contact/")
    page.get_by_label("closes").fill("06:00")
    page.get_by_label("Where this comes from").fill("A mistake")
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.get_by_role("alert")).to_contain_text("'closes' is 06:00:00, which is not after")
    expect(page.get_by_label("closes")).to_have_value("06:00")
    assert all("422" in line for line in complaints)
    complaints.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_is_in_the_way_of_anybody(
    cast: Cast, open_page: Any, signed_in: SignIn, axe: Axe, scheme: str
) -> None:
    draft_law(cast.actor("analyst"), text=OWN)
    page = signed_in(open_page(color_scheme=scheme), cast.analyst.user)
    found: dict[str, list[str]] = {}
    for place in PLACES:
        page.goto(f"/o/delta/law/{place}")
        if faults := axe(page):
            found[place] = faults
    assert found == {}


def test_a_phone_shows_no_more_than_its_width(cast: Cast, phone: Page, signed_in: SignIn) -> None:
    draft_law(cast.actor("analyst"), text=OWN)
    signed_in(phone, cast.analyst.user)
    wide = []
    for place in PLACES:
        phone.goto(f"/o/delta/law/{place}")
        if phone.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(place)
    assert wide == []
