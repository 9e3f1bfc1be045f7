"""A release in a browser: signed by two, rolled back by a third, for everybody to read."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

import plans
from cast import Cast
from tenor.platform.core.models import Job
from tenor.platform.governance import actions as rules
from tenor.platform.releases import drafting, going
from tenor.platform.releases.models import Release
from tenor.platform.releases.proof import digest_of

ROOT = "/o/delta/learning/releases/"
GATE = [
    {"name": "enough history", "passed": True, "figure": 4120.0, "limit": 1000.0, "area": "data",
     "text": "enough: 4,120 paid invoices", "source": "house rule", "needed": True},
    {"name": "calibrated over all", "passed": None, "figure": 0.03, "limit": 0.02,
     "text": "off by 3.0 points", "area": "calibration", "source": "house rule", "needed": True},
]  # fmt: skip


def test_two_people_sign_and_one_press_goes_back(
    cast: Cast,
    open_page: Any,
    phone: Page,
    signed_in: Callable[[Page, Any], Page],
    axe: Callable[[Page], list[str]],
) -> None:
    plans.rules(cast)
    draft = rules.draft_policy(
        cast.actor("manager"),
        text="[channels.email]\ncost = 0.02\n[limits]\nmin_days_between = 9\n",
    )
    manager = signed_in(open_page(), cast.manager.user)
    manager.goto(ROOT)
    manager.get_by_role("button", name="New release").click()
    manager.get_by_label("What is it called?").fill("Calmer")
    manager.get_by_label("Rules", exact=True).select_option(str(draft.number))
    manager.get_by_role("button", name="Gather the evidence").click()
    expect(manager.get_by_text("Gathering the evidence")).to_be_visible()
    release = Release.objects.of(cast.organisation).get()
    drafting.keep_evidence(
        cast.system, number=release.number,
        evidence={"as_of": "2026-03-10T08:00:00+00:00", "currency": "EUR", "gate": GATE,
                  "policy": digest_of(release.policy), "base": {"policy": 1, "predictor": None}},
    )  # fmt: skip
    Job.objects.filter(kind="release_evidence").update(state="done")
    manager.goto(f"{ROOT}{release.number}/")
    assert axe(manager) == []
    manager.get_by_role("button", name="Submit for signatures").click()
    manager.get_by_label("What does this change, and why?").fill("Fewer complaints")
    manager.get_by_role("button", name="Submit", exact=True).click()
    expect(manager.get_by_text("This is your own work")).to_be_visible()
    for member in (cast.compliance, cast.administrator):
        page = signed_in(open_page(), member.user)
        page.goto(f"{ROOT}{release.number}/")
        page.get_by_role("button", name="Sign", exact=True).click()
        page.get_by_label("What did you look at?").fill("All of it")
        # Whoever signs says that they saw what these facts cannot tell.
        for box in page.get_by_role("dialog").get_by_role("checkbox").all():
            box.check()
        page.get_by_role("dialog").get_by_role("button", name="Sign", exact=True).click()
        expect(page.get_by_text("You have signed.")).to_be_visible()
    release.refresh_from_db()
    going.go_live(cast.system, release, because="Shown to be harmless")
    signed_in(phone, cast.manager.user).goto(f"{ROOT}{release.number}/")
    phone.get_by_role("button", name="Roll back").click()
    phone.get_by_role("textbox", name="Why").fill("Complaints")
    phone.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    expect(phone.get_by_text("Rolled back: what was before it holds again.")).to_be_visible()
    for place in (ROOT, f"{ROOT}{release.number}/"):
        phone.goto(place)
        assert not phone.evaluate("document.documentElement.scrollWidth > window.innerWidth"), place
        assert axe(phone) == [], place
