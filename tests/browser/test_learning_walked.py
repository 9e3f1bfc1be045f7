"""What people do with learning, walked in a browser: tried, explored, judged, examined, pooled.

One organisation lives through this whole file; each walk leaves the parts of the others alone.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.core.management import call_command
from playwright.sync_api import Page, expect
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

import fair_day
import make
import plans
from cast import NOW, Cast, make_cast
from tenor.engine.pooling.noise import rho_of
from tenor.engine.pooling.statistics import SIZE_BASELINE, SIZE_EFFECT
from tenor.platform.core.jobs import work_one
from tenor.platform.decisions import facts
from tenor.platform.decisions.models import Review
from tenor.platform.events.models import Event
from tenor.platform.experiments.looking import look
from tenor.platform.experiments.models import Arm, Assignment, Experiment
from tenor.platform.governance.models import PredictorVersion
from tenor.platform.jobs import fairness as examining
from tenor.platform.ledger.models import Customer, Invoice
from tenor.platform.pooling.models import Gift, Place

SignIn = Callable[[Page, AbstractBaseUser], Page]
Axe = Callable[[Page], list[str]]
OpenPage = Callable[..., Page]
LEARNING = "/o/delta/learning/"
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(autouse=True)
def _live_server_helper(live_server: LiveServer) -> Iterator[None]:
    """Let what is in the database stay from test to test: it goes with the file."""
    live_server._live_server_modified_settings.enable()
    yield
    live_server._live_server_modified_settings.disable()


@pytest.fixture(scope="module")
def delta(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, live_server: LiveServer
) -> Iterator[Cast]:
    """240 people of two origins, a plan of the day, and what trying things out has cost."""
    with django_db_blocker.unblock():
        yield _lived_in()
        call_command("flush", verbosity=0, interactive=False)


def _lived_in() -> Cast:
    cast = make_cast()
    cast.organisation.synthetic = True
    cast.organisation.save()
    plans.rules(cast)
    plans.settle(cast)
    earlier = fair_day.a_day(cast, pressed="elsewhere")
    earlier.figures = {
        "exploration": {
            "customers": 240, "possible": 180, "uniform": 3, "draw": 4, "loss": 12.5,
            "price": None, "never": {"disputed": 12, "large": 48},
        }
    }  # fmt: skip
    earlier.save()
    _remember_a_past(cast)
    run = plans.run(cast)
    for number in (1, 2, 3):
        make.invoice(cast, f"F{number}", customer=f"P{number}")
        plans.decision(run, f"P{number}", invoice_keys=[f"F{number}"], gate="by_hand")
    return cast


def _remember_a_past(cast: Cast) -> None:
    """Let everybody have paid once before, two in three of them in time."""
    due = NOW.date() - timedelta(days=90)
    people = Customer.objects.of(cast.organisation).filter(key__startswith="C").order_by("key")
    Invoice.objects.of(cast.organisation).bulk_create(
        Invoice(
            organisation=cast.organisation, customer=customer, key=f"E-{customer.key}", amount=100,
            total=100, paid=100, balance=0, currency="EUR", issued_on=due - timedelta(days=30),
            due_on=due, is_open=False, settled_at=NOW - timedelta(days=80 if n % 3 else 30),
        )
        for n, customer in enumerate(people)
    )  # fmt: skip


@pytest.fixture
def seen(delta: Cast, open_page: OpenPage, signed_in: SignIn) -> Callable[..., Page]:
    """Return what opens a desk, or a phone, at which somebody of this role sits."""

    def opened(role: str = "manager", **options: Any) -> Page:
        user = getattr(delta, role).user
        return signed_in(open_page(**{"viewport": DESK, **options}), user)

    return opened


@pytest.fixture
def fits(seen: Callable[..., Page], axe: Axe) -> Callable[..., None]:
    """Return what looks at a place on a phone, in the dark: as wide as it is, and accessible."""

    def looked(place: str, role: str = "manager") -> None:
        phone = seen(role, viewport=PHONE, is_mobile=True, has_touch=True, color_scheme="dark")
        phone.goto(LEARNING + place)
        assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], place
        assert axe(phone) == [], place

    return looked


def test_an_experiment_is_planned_approved_by_another_looked_at_daily_and_stopped(
    delta: Cast, seen: Callable[..., Page], axe: Axe, fits: Callable[..., None]
) -> None:
    manager = seen()
    manager.goto(LEARNING + "experiments/")
    manager.get_by_role("link", name="New experiment").first.click()
    manager.get_by_label("Name").fill("Firm words")
    manager.get_by_label("What do you want to know?").fill("Do firm words bring in more?")
    manager.get_by_label("What is done otherwise").select_option(label="Tone: only firm")
    manager.get_by_label("And what else").select_option(
        label="At least 7 days between two contacts"
    )
    manager.get_by_role("button", name="Reckon").click()
    expect(manager.get_by_role("heading", name="What it takes")).to_be_visible()
    expect(manager.get_by_text("To find a difference of 5.0 in 100 takes")).to_be_visible()
    assert axe(manager) == []
    manager.get_by_role("button", name="Keep as a draft").click()
    expect(manager.get_by_text("Kept as a draft.")).to_be_visible()
    manager.go_back()
    manager.go_forward()
    manager.get_by_role("button", name="Submit for approval").click()
    manager.get_by_role("dialog").get_by_role("button", name="Submit").click()
    expect(manager.get_by_text("Now somebody else approves it")).to_be_visible()
    expect(manager.get_by_role("button", name="Approve")).to_have_count(0)
    found = Experiment.objects.of(delta.organisation).get()
    assert found.state == "submitted"
    here = f"{LEARNING}experiments/{found.slug}/"

    compliance = seen("compliance")
    compliance.goto(here)
    compliance.get_by_role("button", name="Approve").click()
    compliance.get_by_label("A word for the record").fill("Watch the complaints")
    compliance.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(compliance.get_by_text("“Watch the complaints”")).to_be_visible()
    manager.goto(here)
    manager.get_by_role("button", name="Start").click()
    manager.get_by_role("dialog").get_by_role("button", name="Start").click()
    expect(manager.get_by_text("Nothing can be said yet")).to_be_visible()

    arms = _draw(delta, found)
    _look(delta, days=2)
    _look(delta, days=1)
    manager.goto(here)
    expect(manager.get_by_text("B (Tone: only firm): ")).to_be_visible()
    expect(manager.locator(".marks-dot").first).to_be_visible()
    manager.get_by_role("heading", name="The figures").click()
    expect(manager.get_by_role("row", name="Complained").first).to_be_visible()
    assert axe(manager) == []

    _complain(delta, arms[1])
    _look(delta, days=0)
    manager.goto(here)
    expect(manager.get_by_text("A guard stopped it: “Complained” is worse by")).to_be_visible()
    assert axe(manager) == []
    fits(f"experiments/{found.slug}/")
    # With the keys alone; and going back does not stop anything twice.
    manager.get_by_role("button", name="Stop", exact=True).focus()
    manager.keyboard.press("Enter")
    manager.get_by_role("dialog").get_by_label("Why").focus()
    manager.keyboard.type("People are angry")
    for key in ("Tab", "Tab", "Enter"):
        manager.keyboard.press(key)
    expect(manager.get_by_text("Stopped. Everybody is as before.")).to_be_visible()
    manager.go_back()
    manager.goto(here)
    expect(manager.get_by_text("People are angry")).to_be_visible()
    found.refresh_from_db()
    assert (found.state, found.ended_by_name) == ("stopped", "Credit_Manager")
    fits("experiments/")
    fits("experiments/new/")


def _draw(delta: Cast, experiment: Experiment) -> list[Arm]:
    """Put the people in the arms, as if the lot had drawn them forty days ago."""
    arms = list(Arm.objects.of(delta.organisation).filter(experiment=experiment))
    people = Customer.objects.of(delta.organisation).filter(key__startswith="C")
    Assignment.objects.of(delta.organisation).bulk_create(
        Assignment(
            organisation=delta.organisation, experiment=experiment, arm=arms[n % 3],
            customer=customer, unit=customer.key, since=NOW - timedelta(days=40),
            invoice_keys=[f"F-{customer.key}"], owed=100, expected=0.5,
        )
        for n, customer in enumerate(people.order_by("key"))
    )  # fmt: skip
    return arms


def _complain(delta: Cast, arm: Arm) -> None:
    Event.objects.of(delta.organisation).bulk_create(
        Event(organisation=delta.organisation, key=f"angry {one.unit}", kind="complained",
              customer_key=one.unit, at=NOW - timedelta(days=15), received_at=NOW)
        for one in Assignment.objects.of(delta.organisation).filter(arm=arm)
    )  # fmt: skip


def _look(delta: Cast, *, days: int) -> None:
    as_of = NOW - timedelta(days=days)
    look(delta.organisation, facts.tables(delta.organisation, as_of), as_of)


def test_the_margin_of_exploring_is_set_by_two_and_what_it_cost_and_taught_is_read(
    delta: Cast, seen: Callable[..., Page], axe: Axe, fits: Callable[..., None], model_folder: Path
) -> None:
    learned = PredictorVersion.objects.of(delta.organisation).create(
        version="walked", folder=str(model_folder), fitted_at=NOW, facts_until=NOW, state="live"
    )
    manager = seen()
    manager.goto(LEARNING + "exploration/")
    expect(manager.get_by_text("no limit")).to_be_visible()
    expect(manager.locator("[data-chart] svg").first).to_be_visible()
    expect(manager.get_by_text("€12.50").first).to_be_visible()
    expect(manager.locator(".marks-dot").first).to_be_visible()
    expect(manager.get_by_role("row", name="Disputes an invoice")).to_contain_text("12")
    assert axe(manager) == []
    manager.get_by_role("link", name="Change the margin").click()
    manager.get_by_role("button", name="Change the rules").click()
    margin = manager.get_by_role("region", name="What is left to chance")
    margin.get_by_label("Share of customers").fill("3")
    margin.get_by_label("May cost a day").fill("25")
    manager.get_by_role("button", name="Save the draft").click()
    expect(manager.get_by_text("Saved in the draft.")).to_be_visible()
    manager.get_by_role("link", name="What it changes").click()
    manager.get_by_role("button", name="Submit for approval").click()
    manager.get_by_label("What does this change, and why?").fill("Learn a little faster")
    manager.get_by_role("button", name="Submit", exact=True).click()
    expect(manager.get_by_role("button", name="Take back")).to_be_visible()
    compliance = seen("compliance")
    compliance.goto("/o/delta/rules/")
    compliance.get_by_role("link", name="Look at it").click()
    compliance.get_by_role("button", name="Approve").click()
    compliance.get_by_role("button", name="Put in force").click()
    expect(compliance.get_by_text("In force: decisions from now on")).to_be_visible()
    manager.goto(LEARNING + "exploration/")
    expect(manager.get_by_text("3.0%")).to_be_visible()
    expect(manager.get_by_text("€25.00")).to_be_visible()
    fits("exploration/")
    learned.delete()  # the other walks need none, and are quicker without


def test_advice_is_followed_or_changed_with_a_reason_and_the_report_counts_it(
    delta: Cast, seen: Callable[..., Page], axe: Axe, fits: Callable[..., None]
) -> None:
    manager = seen()
    manager.goto(LEARNING + "judgement/")
    assert axe(manager) == []
    manager.goto("/o/delta/plan/?search=P1")
    manager.get_by_label("Choose Customer P1").check()
    manager.locator(".plan-bar button", has_text="Approve").first.click()
    manager.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(manager.locator("#notices")).to_contain_text("1 decision is approved.")
    manager.goto("/o/delta/plan/?search=P2")
    manager.get_by_role("link", name="Change what Customer P2 gets").click()
    dialog = manager.get_by_role("dialog")
    dialog.get_by_label("Tone").select_option("neutral")
    dialog.get_by_label("Why").select_option("wrong_tone")
    dialog.get_by_role("button", name="Change it").click()
    expect(manager.locator("#notices")).to_contain_text("Changed.")
    manager.go_back()
    said = Review.objects.of(delta.organisation)
    assert sorted(said.values_list("verdict", "reason")) == [
        ("agreed", "agree"), ("changed", "wrong_tone"),
    ]  # fmt: skip
    manager.goto(LEARNING + "judgement/")
    expect(manager.get_by_text("of 2 judgements")).to_be_visible()
    expect(manager.locator("[data-chart] svg").first).to_be_visible()
    expect(manager.get_by_text("Nobody can say yet who was right")).to_be_visible()
    assert axe(manager) == []
    fits("judgement/")


def test_an_audit_is_run_read_group_by_group_and_answered(
    delta: Cast, seen: Callable[..., Page], axe: Axe, fits: Callable[..., None]
) -> None:
    officer = seen("compliance")
    officer.goto(LEARNING + "fairness/")
    officer.get_by_role("button", name="Examine now").click()
    expect(officer.get_by_text("Examining has begun")).to_be_visible()
    assert examining.__name__  # known to the worker by being imported
    while work_one():
        pass
    officer.goto(LEARNING + "fairness/")
    expect(officer.get_by_text("Some people are treated worse than others")).to_be_visible()
    pressed = officer.get_by_role("region", name="Who is pressed").first
    expect(pressed.locator("tr", has_text="origin: elsewhere").first).to_contain_text("worse off")
    expect(pressed.locator(".marks-dot.careful").first).to_be_visible()
    assert axe(officer) == []
    officer.get_by_text("Answer", exact=True).first.click()
    officer.get_by_label("How, or which reason").first.fill("Rules 8 mend it")
    officer.get_by_role("button", name="Keep this answer").first.click()
    expect(officer.get_by_text("Rules 8 mend it").first).to_be_visible()
    fits("fairness/", "analyst")


def test_an_organisation_joins_a_pool_sees_the_price_and_leaves(
    delta: Cast, seen: Callable[..., Page], axe: Axe, fits: Callable[..., None]
) -> None:
    administrator = seen("administrator")
    administrator.goto(LEARNING + "pool/")
    expect(administrator.get_by_text("This organisation learns by itself.")).to_be_visible()
    administrator.get_by_label("What a gift may tell of one customer").select_option("0.5")
    administrator.get_by_role("button", name="Take part").click()
    expect(administrator.get_by_text("Taking part since")).to_be_visible()
    for number, whose in enumerate((delta.organisation, delta.other)):
        whose.synthetic = True
        whose.save()
        if number:
            Place.objects.of(whose).create(giver="o", epsilon=0.5, budget=2, since=NOW)
        Gift.objects.of(whose).create(
            given_at=NOW, facts_until=NOW, rho=rho_of(0.5), sigma=5.0, customers=240, shortened=0,
            baseline=[0] * SIZE_BASELINE, effect=[7] * SIZE_EFFECT, exact=[3] * SIZE_EFFECT,
            synthetic=True,
        )  # fmt: skip
    administrator.goto(LEARNING + "pool/")
    told = administrator.locator(".figure", has_text="Told of one customer this year")
    expect(told).to_contain_text("0.5")
    expect(administrator.get_by_text("What one organisation found")).to_be_visible()
    expect(administrator.locator(".marks-dot").first).to_be_visible()
    assert axe(administrator) == []
    fits("pool/", "administrator")
    administrator.get_by_role("button", name="Take part no longer").click()
    administrator.get_by_role("dialog").get_by_role("button", name="Take part no longer").click()
    expect(administrator.get_by_text("This organisation learns by itself.")).to_be_visible()
    administrator.go_back()
    assert not Place.objects.of(delta.organisation).exists()


def test_every_part_of_learning_speaks_dutch_without_a_word_of_english(
    delta: Cast, seen: Callable[..., Page]
) -> None:
    user = delta.analyst.user
    user.language = "nl"
    user.save()
    reader = seen("analyst")
    for place in ("experiments/", "exploration/", "judgement/", "fairness/", "pool/", "health/"):
        reader.goto(LEARNING + place)
        said = f" {reader.locator('main').inner_text().lower()} "
        english = [w for w in (" the ", " with ", " of ", " which ", " are ") if w in said]
        # "of" is a word of Dutch too.
        assert [w for w in english if w != " of "] == [], place
