"""Paying in the workbench: the settings, a case of money to pay back, the timeline."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

import make
from cast import Cast
from payment_servers import Mollie, Stripe, serving
from tenor.platform.core.errors import Refused
from tenor.platform.core.models import AuditEntry
from tenor.platform.decisions.models import Task
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Invoice, Payment
from tenor.platform.ledger.queries import situation
from tenor.platform.paying import actions
from tenor.platform.paying.models import Checkout, ProviderAccount
from tenor.platform.paying.providers import keys_of

PLACE = "/o/delta/settings/paying/"


@pytest.fixture
def administrator(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.administrator.user)
    return client


@pytest.fixture
def mollie(cast: Cast) -> Iterator[Mollie]:
    with serving(Mollie()) as server:
        assert isinstance(server, Mollie)
        actions.set_provider(
            cast.actor("administrator"), provider="mollie", given={"api_key": server.key},
            settings={"api": server.address},
        )  # fmt: skip
        yield server


def begun(cast: Cast, **shares: str) -> Checkout:
    customer = Invoice.objects.of(cast.organisation).get(key=next(iter(shares))).customer
    return actions.begin_checkout(
        cast.system, customer=customer, back="https://tenor.example/{key}/", method="ideal",
        shares={key: Decimal(part) for key, part in shares.items()},
    )  # fmt: skip


def paid_twice(cast: Cast, mollie: Mollie) -> Task:
    """F1 is paid at Mollie and at the bank; F2 of the same customer is open."""
    make.invoice(cast, "F1", amount="100")
    make.invoice(cast, "F2", amount="40")
    made = begun(cast, F1="100")
    make.payment(cast, "bank", invoice="F1", amount="100")
    mollie.pay(made.reference)
    actions.take_in(cast.system, made)
    return Task.objects.of(cast.organisation).get(kind="refund")


def credit(cast: Cast) -> dict[str, Decimal]:
    customer = Invoice.objects.of(cast.organisation).get(key="F1").customer
    customer.organisation = cast.organisation
    return situation(customer).credit


def test_a_provider_is_set_checked_and_removed_and_its_key_is_never_shown(
    cast: Cast, administrator: Client, mollie: Mollie
) -> None:
    page = administrator.get(PLACE).content.decode()
    assert mollie.key not in page
    assert "Kept. Leave empty to keep it" in page
    assert "for trying out" in page
    said = administrator.post(f"{PLACE}check/", follow=True).content.decode()
    assert "It works: they know this key." in said
    assert mollie.asked[-1][0] == "GET"
    administrator.post(f"{PLACE}account/", {"provider": "mollie", "api_key": "test_other"})
    said = administrator.post(f"{PLACE}check/", follow=True).content.decode()
    assert "Mollie does not accept this key" in said or "Mollie refused it" in said
    administrator.post(f"{PLACE}remove/")
    assert not ProviderAccount.objects.of(cast.organisation).filter(is_active=True).exists()
    assert "Nobody yet: customers pay by transfer" in administrator.get(PLACE).content.decode()


def test_a_provider_that_does_not_answer_is_said_so(
    cast: Cast, administrator: Client, mollie: Mollie
) -> None:
    row = ProviderAccount.objects.of(cast.organisation).get()
    row.settings = {"api": "http://127.0.0.1:9"}
    row.save()
    said = administrator.post(f"{PLACE}check/", follow=True).content.decode()
    assert "Mollie did not answer. Try again in a minute" in said


def test_without_a_provider_there_is_nothing_to_check(administrator: Client) -> None:
    assert administrator.post(f"{PLACE}check/").status_code == 404
    assert administrator.post(f"{PLACE}account/", {"provider": "bank"}).status_code == 422


def test_stripes_signing_secret_may_follow_once_its_address_is_known(
    cast: Cast, administrator: Client, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://tenor.example"
    empty = administrator.post(f"{PLACE}account/", {"provider": "stripe", "api_key": ""})
    assert empty.status_code == 422
    key = "rk_live_abc"
    administrator.post(f"{PLACE}account/", {"provider": "stripe", "api_key": key})
    row = ProviderAccount.objects.of(cast.organisation).get()
    page = administrator.get(PLACE).content.decode()
    assert f"https://tenor.example/hooks/pay/{row.hook}/" in page
    assert "checkout.session.async_payment_succeeded" in page
    assert "Missing:" in page
    form = {"provider": "stripe", "api_key": "", "webhook_secret": "whsec_x"}
    administrator.post(f"{PLACE}account/", form)
    row.refresh_from_db()
    assert keys_of(row).secrets == {"api_key": key, "webhook_secret": "whsec_x"}
    assert "Missing:" not in administrator.get(PLACE).content.decode()


def test_without_https_it_says_that_we_ask_instead(
    administrator: Client, mollie: Mollie, settings: Any
) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    page = administrator.get(PLACE).content.decode()
    assert "They cannot reach this installation" in page
    assert "/hooks/pay/" not in page


def test_stripe_is_asked_something_harmless(cast: Cast) -> None:
    actor = cast.actor("administrator")
    with serving(Stripe()) as server:
        actions.set_provider(
            actor, provider="stripe", given={"api_key": server.key},
            settings={"api": server.address},
        )  # fmt: skip
        assert actions.check_provider(actor) == ""
        actions.set_provider(actor, provider="stripe", given={"api_key": "sk_test_wrong"})
        assert "does not accept this key" in actions.check_provider(actor)


def ended(manager: Client, task: Task, **form: str) -> str:
    shown = manager.get(f"/o/delta/worklist/{task.pk}/").content.decode()
    assert "How to approach them" not in shown
    place = f"/o/delta/worklist/{task.pk}/refund/"
    said = manager.post(place, form, follow=True).content.decode()
    task.refresh_from_db()
    return said


def test_what_was_paid_twice_is_paid_back(cast: Cast, manager: Client, mollie: Mollie) -> None:
    task = paid_twice(cast, mollie)
    manager.post(f"/o/delta/worklist/{task.pk}/claim/")
    page = manager.get(f"/o/delta/worklist/{task.pk}/").content.decode()
    assert "was more than was open" in page
    assert "I paid" in page
    assert credit(cast) == {"EUR": Decimal(100)}
    ended(manager, task, way="paid_back", note="by bank")
    assert (task.state, task.outcome, task.note) == ("done", "refund_paid_back", "by bank")
    payment = Payment.objects.of(cast.organisation).get(source="mollie")
    assert (payment.refunded, payment.allocated, credit(cast)) == (100, 0, {})
    assert AuditEntry.objects.of(cast.organisation).filter(action="payment.refund").count() == 1
    assert "closed already" in ended(manager, task, way="paid_back")
    payment.refresh_from_db()
    assert payment.refunded == 100


def test_a_refund_said_here_and_made_there_is_one(
    cast: Cast, manager: Client, mollie: Mollie
) -> None:
    task = paid_twice(cast, mollie)
    made = Checkout.objects.of(cast.organisation).get()
    ended(manager, task, way="paid_back")
    mollie.take_back(made.reference, "100.00")
    actions.take_in(cast.system, made)
    payment = Payment.objects.of(cast.organisation).get(source="mollie")
    assert (payment.refunded, payment.reversed_at) == (100, None)
    assert Task.objects.of(cast.organisation).count() == 1
    assert Invoice.objects.of(cast.organisation).get(key="F1").balance == 0


def test_a_refund_made_there_first_leaves_nothing_to_pay_back(
    cast: Cast, manager: Client, mollie: Mollie
) -> None:
    task = paid_twice(cast, mollie)
    made = Checkout.objects.of(cast.organisation).get()
    mollie.take_back(made.reference, "100.00")
    actions.take_in(cast.system, made)
    assert "Nothing is left of this payment" in ended(manager, task, way="paid_back")
    manager.post(f"/o/delta/worklist/{task.pk}/claim/")
    assert "Nothing to book" in manager.get(f"/o/delta/worklist/{task.pk}/").content.decode()
    assert Payment.objects.of(cast.organisation).get(source="mollie").refunded == 100


def test_what_was_paid_twice_is_used_for_another_invoice_or_kept(
    cast: Cast, manager: Client, mollie: Mollie
) -> None:
    task = paid_twice(cast, mollie)
    assert "Choose an open invoice" in ended(manager, task, way="used", invoice="F1")
    assert "Choose what became" in ended(manager, task, way="spent")
    assert task.state == "open"
    ended(manager, task, way="used", invoice="F2")
    assert Invoice.objects.of(cast.organisation).get(key="F2").balance == 0
    assert credit(cast) == {"EUR": Decimal(60)}
    Task.objects.of(cast.organisation).update(state="open")
    ended(manager, task, way="kept")
    assert task.outcome == "refund_kept"
    assert credit(cast) == {"EUR": Decimal(60)}


def test_no_more_than_is_left_is_paid_back(cast: Cast, manager: Client, mollie: Mollie) -> None:
    task = paid_twice(cast, mollie)
    ledger.allocate(cast.system, payment_key=task.facts["payment"], shares={"F2": Decimal(40)})
    ended(manager, task, way="paid_back")
    assert Payment.objects.of(cast.organisation).get(source="mollie").refunded == 60
    with pytest.raises(Refused, match=r"Only 0\.00 EUR"):
        ledger.refund_credit(cast.system, payment_key=task.facts["payment"], amount=Decimal(1))


def test_a_part_that_the_provider_took_back_opens_the_invoice_by_as_much(
    cast: Cast, manager: Client, mollie: Mollie
) -> None:
    make.invoice(cast, "F1", amount="100")
    made = begun(cast, F1="100")
    mollie.pay(made.reference)
    actions.take_in(cast.system, made)
    mollie.take_back(made.reference, "30.00")
    actions.take_in(cast.system, made)
    ended(manager, Task.objects.of(cast.organisation).get(), way="paid_back")
    invoice = Invoice.objects.of(cast.organisation).get(key="F1")
    assert (invoice.balance, invoice.is_open) == (30, True)
    assert credit(cast) == {}
    # A charge-back of all of it takes what is left.
    mollie.take_back(made.reference, "100.00", charged_back=True)
    actions.take_in(cast.system, made)
    invoice.refresh_from_db()
    assert invoice.balance == 100


def test_an_agent_sees_the_case_and_books_nothing(cast: Cast, mollie: Mollie) -> None:
    task = paid_twice(cast, mollie)
    agent = Client()
    agent.force_login(cast.agent.user)
    agent.post(f"/o/delta/worklist/{task.pk}/claim/")
    page = agent.get(f"/o/delta/worklist/{task.pk}/").content.decode()
    assert "a credit manager ends it" in page
    assert agent.post(f"/o/delta/worklist/{task.pk}/refund/", {"way": "kept"}).status_code == 403


def test_the_timeline_says_what_became_of_each_payment(
    cast: Cast, manager: Client, mollie: Mollie
) -> None:
    make.invoice(cast, "F1", amount="100")
    for state, reason in (("failed", "insufficient_funds"), ("expired", ""), ("pending", "")):
        made = begun(cast, F1="100")
        mollie.end(made.reference, state, reason)
        actions.take_in(cast.system, made)
    page = manager.get("/o/delta/customers/C1/").content.decode()
    shown = re.findall(r"<strong>([^<]+)</strong>", page.partition('class="timeline"')[2])
    assert shown.count("Began to pay") == 3
    for words in (
        "A payment did not succeed", "Did not finish the payment in time",
        "The payment is under way",
    ):  # fmt: skip
        assert shown.count(words) == 1
    assert "not enough money in the account" in page
