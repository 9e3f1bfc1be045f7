"""Paying in a real browser: set up on a desk, Dutch on a phone; money that is paid back."""

from collections.abc import Callable
from decimal import Decimal

from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

import make
from cast import Cast
from payment_servers import Mollie, serving
from tenor.platform.decisions.models import Task
from tenor.platform.ledger.models import Customer, Payment
from tenor.platform.paying import actions

SignIn = Callable[[Page, AbstractBaseUser], Page]
Faults = Callable[[Page], list[str]]


def test_a_provider_is_set_up_and_money_that_came_twice_is_paid_back(
    cast: Cast, page: Page, phone: Page, signed_in: SignIn, axe: Faults
) -> None:
    signed_in(page, cast.administrator.user).goto("/o/delta/settings/")
    page.get_by_role("link", name="Paying").click()
    assert axe(page) == []
    page.get_by_role("link", name="Stripe").click()
    page.get_by_label("Secret key").fill("rk_live_made_up")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("Kept. Check it before")).to_be_visible()
    expect(page.get_by_text("Missing: Signing secret")).to_be_visible()
    assert axe(page) == []
    cast.administrator.user.language = "nl"
    cast.administrator.user.save()
    signed_in(phone, cast.administrator.user).goto("/o/delta/settings/paying/")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Betalen")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe(phone) == []

    with serving(Mollie()) as mollie:
        assert isinstance(mollie, Mollie)
        actions.set_provider(
            cast.actor("administrator"), provider="mollie", given={"api_key": mollie.key},
            settings={"api": mollie.address},
        )  # fmt: skip
        make.invoice(cast, "F1", amount="100")
        made = actions.begin_checkout(
            cast.system, customer=Customer.objects.of(cast.organisation).get(key="C1"),
            shares={"F1": Decimal(100)}, back="https://tenor.example/{key}/", method="ideal",
        )  # fmt: skip
        make.payment(cast, "bank", invoice="F1", amount="100")
        mollie.pay(made.reference)
        actions.take_in(cast.system, made)
    task = Task.objects.of(cast.organisation).get(kind="refund")
    signed_in(page, cast.manager.user).goto(f"/o/delta/worklist/{task.pk}/")
    page.get_by_role("button", name="Take it on").click()
    expect(page.get_by_text("was more than was open")).to_be_visible()
    assert axe(page) == []
    signed_in(phone, cast.manager.user).goto(f"/o/delta/worklist/{task.pk}/")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_label("I paid €100.00 back").check()
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_text("Recorded: Customer C1.")).to_be_visible()
    assert Payment.objects.of(cast.organisation).get(source="mollie").refunded == 100
