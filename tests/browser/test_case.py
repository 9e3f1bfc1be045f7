"""A case and the worklist in a real browser: by mouse, by keyboard alone, and on a phone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

import make
import plans
from cast import NOW, Cast
from lived import keep, put_in_force
from tenor.engine.frames import Tables
from tenor.platform.decisions.models import Decision, Review, Task
from tenor.platform.jobs.day import run_day
from tenor.platform.ledger.models import Customer, Hold, Promise
from tenor.platform.outreach.models import Message

SignIn = Callable[[Page, AbstractBaseUser], Page]


@pytest.fixture
def called(cast: Cast, live_server: object) -> Cast:
    """Two people to ring, each with an open invoice and a number."""
    plans.rules(cast)
    run = plans.run(cast)
    for number in (1, 2):
        key = f"C{number}"
        make.customer(cast, key, name=f"Person {number}")
        make.invoice(cast, f"F{number}", customer=key)
        decision = plans.decision(run, key, channel="call", invoice_keys=[f"F{number}"])
        Task.objects.of(cast.organisation).create(
            customer=decision.customer, decision=decision, key=f"call {number}", kind="call",
            value=number, due_at=NOW, created_at=NOW,
        )  # fmt: skip
    return cast


def test_an_agent_takes_a_case_and_ends_it_in_two_clicks(
    called: Cast, page: Page, signed_in: SignIn, axe: Callable[[Page], list[str]]
) -> None:
    signed_in(page, called.agent.user).goto("/o/delta/worklist/")
    assert axe(page) == []
    page.get_by_role("button", name="Take the next case").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Person 2")
    assert axe(page) == []
    page.get_by_text("Reached: will pay on…").click()
    page.locator("input[name=promised_on]").fill("2026-03-20")
    page.get_by_role("button", name="Record, and take the next").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Person 1")
    promise = Promise.objects.of(called.organisation).get()
    assert (promise.customer.key, promise.promised_on.isoformat()) == ("C2", "2026-03-20")
    assert Message.objects.of(called.organisation).get().channel == "call"


def test_a_case_is_worked_with_the_keyboard_alone(
    called: Cast, page: Page, signed_in: SignIn
) -> None:
    signed_in(page, called.agent.user).goto("/o/delta/customers/C1/")
    page.get_by_role("button", name="Hold").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("Enter")
    page.get_by_label("Until and including").fill("2026-03-31")
    page.get_by_role("dialog").get_by_role("button", name="Hold").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Situation")).to_be_visible()
    assert Hold.objects.of(called.organisation).get().customer.key == "C1"


def test_a_case_fits_a_phone(
    called: Cast, phone: Page, signed_in: SignIn, axe: Callable[[Page], list[str]]
) -> None:
    for address in ("/o/delta/customers/C1/", "/o/delta/worklist/"):
        signed_in(phone, called.agent.user).goto(address)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        assert axe(phone) == []


@pytest.fixture
def planned(
    cast: Cast, live_server: object, tables: Tables, model_folder: Path, as_of: object
) -> Decision:
    """A simulated organisation on the morning of its plan, and a contact of it."""
    keep(cast.organisation, tables, as_of)
    put_in_force(cast.organisation, plans.RULES, model_folder)
    run_day(cast.organisation)
    decisions = Decision.objects.of(cast.organisation).filter(verdict="contact")
    found: Decision = decisions.select_related("customer").order_by("-value").first()
    return found


def test_every_alternative_can_be_looked_at_and_wrong_advice_flagged(
    cast: Cast, planned: Decision, page: Page, signed_in: SignIn, axe: Callable[[Page], list[str]]
) -> None:
    signed_in(page, cast.manager.user).goto(f"/o/delta/customers/{planned.customer.key}/")
    page.get_by_role("link", name="alternatives that were weighed").click()
    maps = page.locator("#alternatives [data-chart=heatmap]")
    expect(maps.first.locator("svg")).to_be_visible()
    # E-mail, calls and letters: text messages have no account here, so none are weighed.
    assert maps.count() == 3
    assert axe(page) == []
    page.get_by_text("As a table: the best of each channel and tone").click()
    expect(page.locator("#alternatives tr.chosen")).to_have_count(1)
    page.get_by_role("button", name="Wrong advice…").click()
    page.get_by_role("dialog").get_by_label("Reason").select_option("will_pay")
    page.get_by_role("dialog").get_by_role("button", name="Flag as wrong").click()
    expect(page.get_by_text("what you said is kept")).to_be_visible()
    label = Review.objects.of(cast.organisation).get()
    assert (label.verdict, label.reason) == ("flagged", "will_pay")


def test_a_case_is_whole_without_a_script(
    cast: Cast, planned: Decision, open_page: Callable[..., Page], signed_in: SignIn
) -> None:
    plain = signed_in(open_page(java_script_enabled=False), cast.manager.user)
    plain.goto(f"/o/delta/customers/{planned.customer.key}/")
    plain.get_by_role("link", name="alternatives that were weighed").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("What could have been done instead")
    plain.get_by_text("As a table").click()
    expect(plain.locator("tr.chosen")).to_have_count(1)
    assert Customer.objects.of(cast.organisation).exists()
