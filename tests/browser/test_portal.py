"""The page of a customer on a phone: from the link to paid or planned, and read by everybody."""

import zipfile
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

import make
import plans
from cast import NOW, Cast
from tenor.platform.decisions.models import Task
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Customer, Dispute, Hold, Invoice, Plan, Promise
from tenor.platform.outreach.models import Message
from tenor.platform.privacy.models import RightsRequest
from tenor.platform.wording.links import link_for, text_of
from tenor.platform.wording.models import PageLink

SMALL = {"width": 360, "height": 740}
PAGES = ("", "pay/", "transfer/", "spread/", "talk/", "promise/", "dispute/", "person/", "tight/",
         "preferences/", "privacy/", "stop/")  # fmt: skip
MOST_BYTES = 100_000


@pytest.fixture
def address(cast: Cast, live_server: LiveServer, settings: Any) -> str:
    """The link of a customer of a made-up organisation, who owes three invoices."""
    settings.PUBLIC_URL = live_server.url
    cast.organisation.synthetic = True
    cast.organisation.save(update_fields=["synthetic"])
    customer = make.customer(cast, "C1", name="Ann de Wit")
    for number in (1, 2, 3):
        make.invoice(cast, f"F{number}", number=f"2026-{number}", amount="120.50")
    ledger.set_account(
        cast.actor("administrator"), currency="EUR", holder="Delta Water",
        iban="NL91ABNA0417164300",
    )  # fmt: skip
    link = link_for(cast.organisation, customer, at=NOW, contact_key="M1", channel="email")
    return f"/p/{text_of(link)}/"


def presses(page: Page) -> Callable[[str], None]:
    """Return what presses a button or link by its words, and counts."""

    def press(words: str) -> None:
        page.locator(f"a:has-text('{words}'), button:has-text('{words}')").first.click()
        page.wait_for_load_state()

    return press


@pytest.mark.parametrize("scripts", [True, False])
def test_from_the_link_to_paid_in_three_presses(
    cast: Cast, open_page: Callable[..., Page], address: str, scripts: bool
) -> None:
    page = open_page(viewport=SMALL, java_script_enabled=scripts, is_mobile=True, has_touch=True)
    page.goto(address)
    press = presses(page)
    for words in ("Betalen", "iDEAL", "Betalen"):
        press(words)
    assert "Dank u wel, het is betaald" in page.locator("h1").inner_text()
    assert not Invoice.objects.of(cast.organisation).filter(is_open=True).exists()


@pytest.mark.parametrize("scripts", [True, False])
def test_from_the_link_to_a_plan_in_two_presses(
    cast: Cast, open_page: Callable[..., Page], address: str, scripts: bool
) -> None:
    page = open_page(viewport=SMALL, java_script_enabled=scripts, is_mobile=True, has_touch=True)
    page.goto(address)
    press = presses(page)
    for words in ("In delen betalen", "Deze regeling afspreken"):
        press(words)
    assert "Uw regeling is afgesproken" in page.locator("main").inner_text()
    assert Plan.objects.of(cast.organisation).get().amount == Decimal("361.50")


@pytest.mark.parametrize("scripts", [True, False])
def test_whoever_cannot_pay_now_promises_objects_asks_or_says_so(
    cast: Cast, open_page: Callable[..., Page], address: str, scripts: bool
) -> None:
    page = open_page(viewport=SMALL, java_script_enabled=scripts, is_mobile=True, has_touch=True)
    send = page.locator("main form[method=post] button.wide-button").first

    page.goto(address + "dispute/")
    page.locator("select[name=invoice]").select_option(index=1)
    page.locator("label:has(input[name=reason])").first.click()
    page.locator("textarea[name=words]").fill("The meter was read wrong.")
    page.locator("input[name=file]").set_input_files(
        {"name": "meter.txt", "mimeType": "text/plain", "buffer": b"0042"}
    )
    send.click()
    page.goto(address + "promise/")
    send.click()
    page.goto(address + "person/")
    page.locator("textarea[name=words]").fill("Please call me.")
    send.click()
    page.goto(address + "tight/")
    send.click()
    page.goto(address + "preferences/")
    page.locator("select[name=from]").select_option(index=1)
    page.locator("button[name=times]").click()

    of = cast.organisation
    assert Dispute.objects.of(of).count() == Promise.objects.of(of).count() == 1
    assert Hold.objects.of(of).exists()
    assert Task.objects.of(of).filter(customer__key="C1").exists()
    assert Customer.objects.of(of).get(key="C1").contact_hours


def test_somebody_asks_for_a_persons_look_takes_all_that_is_known_and_renews_an_old_link(
    cast: Cast,
    phone: Page,
    address: str,
    axe: Callable[[Page], list[str]],
    complaints: list[str],
) -> None:
    plans.rules(cast)
    plans.decision(plans.run(cast), state="sent")
    phone.goto(address + "privacy/")
    phone.get_by_label("Wat moeten wij weten?").first.fill("Ik was ziek.")
    phone.get_by_role("button", name="Laat iemand opnieuw kijken").click()
    phone.get_by_text("Iemand die hier niet aan meedeed, kijkt opnieuw").wait_for()
    phone.get_by_text("U heeft gevraagd: iemand kijkt opnieuw").wait_for()
    assert axe(phone) == []
    # Going back, and asking once more, asks nobody twice.
    phone.go_back()
    phone.get_by_role("button", name="Laat iemand opnieuw kijken").click()
    phone.get_by_text("Iemand die hier niet aan meedeed, kijkt opnieuw").wait_for()
    asked = RightsRequest.objects.of(cast.organisation).get()
    assert (asked.kind, asked.words, asked.decision.customer.key) == (
        "human_review", "Ik was ziek.", "C1",
    )  # fmt: skip
    assert Task.objects.of(cast.organisation).get(kind="human_review").state == "open"

    with phone.expect_download() as download:
        phone.get_by_role("button", name="Downloaden").click()
    assert zipfile.is_zipfile(download.value.path())

    PageLink.objects.of(cast.organisation).update(expires_at=NOW)
    phone.goto(address)
    assert axe(phone) == []
    phone.get_by_role("button", name="Stuur mij een nieuwe link").click()
    phone.get_by_text("Dan krijgt u daar een nieuwe link").wait_for()
    sent = Message.objects.of(cast.organisation).get()
    assert (sent.kind, sent.channel, sent.customer.key) == ("link", "email", "C1")
    # The browser notes on its console that a link that has passed is gone.
    assert [line for line in complaints if "410" not in line] == []
    complaints.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_light_fits_a_small_phone_and_is_read_by_everybody(
    cast: Cast,
    open_page: Callable[..., Page],
    address: str,
    scheme: str,
    axe: Callable[[Page], list[str]],
) -> None:
    page = open_page(viewport=SMALL, color_scheme=scheme)
    weights: list[int] = []
    page.on("response", lambda answer: weights.append(len(answer.body())))
    for more in PAGES:
        weights.clear()
        page.goto(address + more, wait_until="networkidle")
        assert sum(weights) < MOST_BYTES, more
        assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"], more
        assert axe(page) == [], more


def test_a_plan_that_runs_names_its_next_instalment(cast: Cast, phone: Page, address: str) -> None:
    ledger.agree_plan(
        cast.system, customer_key="C1", invoice_keys=["F1", "F2", "F3"],
        instalments=[(NOW.date() + timedelta(days=d), Decimal("180.75")) for d in (1, 31)],
    )  # fmt: skip
    phone.goto(address)
    press = presses(phone)
    for words in ("Deze termijn betalen", "iDEAL", "Niet genoeg geld"):
        press(words)
    assert "De betaling is niet gelukt" in phone.locator("h1").inner_text()
    assert "niet genoeg geld" in phone.locator("main").inner_text()
    for words in ("Opnieuw of anders betalen", "iDEAL", "Betalen"):
        press(words)
    phone.goto(address)
    assert "✓ betaald" in phone.locator("main").inner_text()
    assert "€ 180,75" in phone.locator("h1").inner_text().replace("\xa0", " ")
