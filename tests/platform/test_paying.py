"""Payments at providers: begun once, booked once, whatever their hooks tell, forge or repeat."""

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

import make
from cast import Cast
from payment_servers import Mollie, Server, Stripe, serving
from tenor.platform.core.errors import Forbidden, Invalid, NotFound, Refused
from tenor.platform.core.models import AuditEntry
from tenor.platform.decisions.models import Task
from tenor.platform.events.models import Event
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Invoice, Payment
from tenor.platform.paying import actions, queries
from tenor.platform.paying.models import Checkout, ProviderAccount
from tenor.platform.paying.provider import Forged, Method, Trouble
from tenor.platform.paying.providers import account_of, keys_of

BACK = "https://tenor.example/p/x/paid/{key}/"


@pytest.fixture
def mollie() -> Iterator[Mollie]:
    with serving(Mollie()) as server:
        assert isinstance(server, Mollie)
        yield server


@pytest.fixture
def stripe() -> Iterator[Stripe]:
    with serving(Stripe()) as server:
        assert isinstance(server, Stripe)
        yield server


def set_up(cast: Cast, server: Server) -> ProviderAccount:
    """Let people of the cast pay at a stand-in."""
    name = type(server).__name__.lower()
    given = {"api_key": server.key}
    if isinstance(server, Stripe):
        given["webhook_secret"] = server.secret
    return actions.set_provider(
        cast.actor("administrator"), provider=name, given=given, settings={"api": server.address}
    )


def begin(cast: Cast, shares: dict[str, str], **values: Any) -> Checkout:
    customer = Invoice.objects.of(cast.organisation).get(key=next(iter(shares))).customer
    return actions.begin_checkout(
        cast.system, customer=customer, back=BACK,
        shares={key: Decimal(part) for key, part in shares.items()}, **values,
    )  # fmt: skip


def told(cast: Cast, checkout: Checkout, times: int = 1) -> None:
    """Let Mollie's hook name the payment so often."""
    account = account_of(cast.organisation)
    assert account is not None
    for _ in range(times):
        actions.hear(account.hook, {}, f"id={checkout.reference}".encode())


def open_amounts(cast: Cast) -> dict[str, Decimal]:
    rows = Invoice.objects.of(cast.organisation).order_by("key")
    return dict(rows.values_list("key", "balance"))


def kinds(cast: Cast) -> list[str]:
    return list(Event.objects.of(cast.organisation).order_by("pk").values_list("kind", flat=True))


def test_a_payment_is_begun_with_what_the_payer_needs_to_see(cast: Cast, mollie: Mollie) -> None:
    set_up(cast, mollie)
    make.invoice(cast, "F1", amount="100.10", number="2026-1")
    made = begin(cast, {"F1": "100.10"}, method="ideal", language="nl")
    there = mollie.payments[made.reference]
    assert made.address == f"https://pay.example/{made.reference}"
    assert there["amount"] == {"currency": "EUR", "value": "100.10"}
    assert there["description"] == "Delta Water 2026-1"
    assert (there["method"], there["locale"]) == ("ideal", "nl_NL")
    assert there["redirectUrl"] == BACK.replace("{key}", made.key)
    assert kinds(cast) == ["payment_started"]


def test_pressed_twice_it_is_one_payment(cast: Cast, mollie: Mollie) -> None:
    set_up(cast, mollie)
    make.invoice(cast, "F1")
    assert begin(cast, {"F1": "100"}).pk == begin(cast, {"F1": "100"}).pk
    assert len(mollie.payments) == 1
    assert begin(cast, {"F1": "60"}).reference != begin(cast, {"F1": "100"}).reference
    assert kinds(cast) == ["payment_started"] * 2


def test_a_crash_after_the_provider_made_it_makes_no_second_one(cast: Cast, mollie: Mollie) -> None:
    set_up(cast, mollie)
    make.invoice(cast, "F1")
    made = begin(cast, {"F1": "100"})
    Checkout.objects.of(cast.organisation).update(reference="", address="")
    again = begin(cast, {"F1": "100"})
    assert (again.pk, again.reference, len(mollie.payments)) == (made.pk, made.reference, 1)


@pytest.mark.parametrize("shares", [{"F1": "100.01"}, {"F1": "0"}, {"F1": "-5"}, {"F1": "0.001"}])
def test_more_than_is_owed_or_no_amount_is_refused(
    cast: Cast, mollie: Mollie, shares: dict[str, str]
) -> None:
    set_up(cast, mollie)
    make.invoice(cast, "F1")
    with pytest.raises(Refused):
        begin(cast, shares)
    assert mollie.payments == {}


def test_two_currencies_are_never_one_payment(cast: Cast, mollie: Mollie) -> None:
    set_up(cast, mollie)
    make.invoice(cast, "F1")
    make.invoice(cast, "F2", currency="USD")
    with pytest.raises(Invalid, match="one currency"):
        begin(cast, {"F1": "100", "F2": "100"})


def test_anothers_invoice_cannot_be_paid_from_here(cast: Cast, mollie: Mollie) -> None:
    set_up(cast, mollie)
    make.invoice(cast, "F1", customer="C1")
    make.invoice(cast, "F2", customer="C2")
    with pytest.raises(Invalid, match="F2 is no invoice of this customer"):
        begin(cast, {"F1": "100", "F2": "100"})


def test_a_provider_that_is_down_costs_nothing_and_is_told_as_an_obstacle(
    cast: Cast, mollie: Mollie
) -> None:
    set_up(cast, mollie)
    make.invoice(cast, "F1")
    mollie.broken = True
    with pytest.raises(Refused, match="Nothing was paid"):
        begin(cast, {"F1": "100"})
    assert kinds(cast) == ["payment_failed"]
    mollie.broken = False
    assert begin(cast, {"F1": "100"}).address


def test_paid_it_is_booked_for_what_it_was_meant_for(cast: Cast, mollie: Mollie) -> None:
    set_up(cast, mollie)
    make.invoice(cast, "F1")
    make.invoice(cast, "F2", amount="50")
    made = begin(cast, {"F2": "30"})
    mollie.pay(made.reference)
    told(cast, made, times=3)
    assert open_amounts(cast) == {"F1": Decimal(100), "F2": Decimal(20)}
    payment = Payment.objects.of(cast.organisation).get()
    assert (payment.key, payment.amount) == (f"mollie:{made.reference}", Decimal(30))
    assert (payment.method, payment.source) == ("ideal", "mollie")
    made.refresh_from_db()
    assert (made.state, made.payment_id) == ("paid", payment.pk)


def test_news_in_any_order_and_number_leaves_the_same_books(cast: Cast, mollie: Mollie) -> None:
    set_up(cast, mollie)
    chance, made = random.Random(4), []
    for number in range(6):
        make.invoice(cast, f"F{number}", customer=f"C{number}")
        made.append(begin(cast, {f"F{number}": "100"}))
    for number, checkout in enumerate(made):
        mollie.pay(checkout.reference) if number % 2 else mollie.end(checkout.reference, "expired")
    news = made * 3
    chance.shuffle(news)
    for checkout in news:
        told(cast, checkout)
    assert [amount == 0 for amount in open_amounts(cast).values()] == [False, True] * 3
    assert Payment.objects.of(cast.organisation).count() == 3
    assert kinds(cast).count("payment_failed") == 3


def test_an_amount_that_was_changed_on_the_way_is_booked_as_it_came(
    cast: Cast, mollie: Mollie
) -> None:
    set_up(cast, mollie)
    make.invoice(cast, "F1")
    made = begin(cast, {"F1": "100"})
    mollie.pay(made.reference, value="1.00")
    told(cast, made)
    assert open_amounts(cast) == {"F1": Decimal(99)}


def test_what_was_paid_meanwhile_stays_the_payers_and_waits_to_be_paid_back(
    cast: Cast, mollie: Mollie
) -> None:
    set_up(cast, mollie)
    make.invoice(cast, "F1")
    make.invoice(cast, "F2", amount="40")
    made = begin(cast, {"F1": "100"})
    make.payment(cast, "bank", invoice="F1", amount="100")
    mollie.pay(made.reference)
    told(cast, made, times=2)
    task = Task.objects.of(cast.organisation).get()
    assert (task.kind, task.facts["amount"]) == ("refund", "100.0000")
    # It was not meant for the other invoice, and does not pay it by itself.
    assert open_amounts(cast) == {"F1": Decimal(0), "F2": Decimal(40)}


def test_a_failure_tells_its_reason_and_the_invoice_stays_open(cast: Cast, mollie: Mollie) -> None:
    set_up(cast, mollie)
    make.invoice(cast, "F1")
    made = begin(cast, {"F1": "100"}, method="card")
    mollie.end(made.reference, "failed", "insufficient_funds")
    told(cast, made, times=2)
    event = Event.objects.of(cast.organisation).get(kind="payment_failed")
    assert '"insufficient_funds"' in event.detail
    assert open_amounts(cast) == {"F1": Decimal(100)}
    # After a failure they may try again.
    assert begin(cast, {"F1": "100"}, method="card").pk != made.pk


def test_a_charge_back_opens_the_invoice_again(cast: Cast, mollie: Mollie) -> None:
    set_up(cast, mollie)
    make.invoice(cast, "F1")
    made = begin(cast, {"F1": "100"})
    mollie.pay(made.reference)
    told(cast, made)
    mollie.take_back(made.reference, "100.00", charged_back=True)
    told(cast, made, times=2)
    assert open_amounts(cast) == {"F1": Decimal(100)}
    assert Payment.objects.of(cast.organisation).get().reversed_because == "charged_back"


def test_a_part_that_was_refunded_is_a_persons_to_book(cast: Cast, mollie: Mollie) -> None:
    set_up(cast, mollie)
    make.invoice(cast, "F1")
    made = begin(cast, {"F1": "100"})
    mollie.pay(made.reference)
    told(cast, made)
    mollie.take_back(made.reference, "30.00")
    told(cast, made, times=2)
    assert Task.objects.of(cast.organisation).get().facts["reason"] == "taken_back_in_part"
    assert open_amounts(cast) == {"F1": Decimal(0)}


def test_parts_that_were_refunded_one_after_another_are_booked_once(
    cast: Cast, mollie: Mollie
) -> None:
    set_up(cast, mollie)
    make.invoice(cast, "F1")
    made = begin(cast, {"F1": "100"})
    mollie.pay(made.reference)
    told(cast, made)
    for whole in ("30.00", "50.00"):
        mollie.take_back(made.reference, whole)
        told(cast, made)
    first, second = Task.objects.of(cast.organisation).order_by("pk")
    for task in (first, second):
        actions.settle_refund(cast.actor("manager"), task=task, way="paid_back")
    payment = Payment.objects.of(cast.organisation).get()
    assert (payment.refunded, open_amounts(cast)) == (50, {"F1": Decimal(50)})


def test_news_of_another_payment_or_hook_changes_nothing(cast: Cast, mollie: Mollie) -> None:
    account = set_up(cast, mollie)
    make.invoice(cast, "F1")
    begin(cast, {"F1": "100"})
    assert actions.hear(account.hook, {}, b"id=tr_unknown") == 0
    for body in (b"", b"\xff\xfe", b"id=pay_1", b"id="):
        with pytest.raises(Forged):
            actions.hear(account.hook, {}, body)
    for hook in ("", "guess"):
        with pytest.raises(NotFound):
            actions.hear(hook, {}, b"id=tr_1")
    assert open_amounts(cast) == {"F1": Decimal(100)}


def test_a_payment_of_somebody_else_at_the_provider_is_not_taken_for_ours(
    cast: Cast, mollie: Mollie
) -> None:
    set_up(cast, mollie)
    make.invoice(cast, "F1")
    made = begin(cast, {"F1": "100"})
    mollie.pay(made.reference)
    mollie.payments[made.reference]["metadata"] = {"key": "another shop's"}
    told(cast, made)
    assert open_amounts(cast) == {"F1": Decimal(100)}


def test_a_second_try_that_works_is_told_as_begun_once(cast: Cast, mollie: Mollie) -> None:
    set_up(cast, mollie)
    make.invoice(cast, "F1")
    mollie.broken = True
    with pytest.raises(Refused):
        begin(cast, {"F1": "100"})
    mollie.broken = False
    for _twice in range(2):
        begin(cast, {"F1": "100"})
    rows = Event.objects.of(cast.organisation).filter(kind__startswith="payment_")
    assert sorted(rows.values_list("kind", flat=True)) == ["payment_failed", "payment_started"]
    assert AuditEntry.objects.of(cast.organisation).filter(action="checkout.begin").count() == 1


def test_a_provider_that_does_not_answer_tells_it_again_later(cast: Cast, mollie: Mollie) -> None:
    set_up(cast, mollie)
    make.invoice(cast, "F1")
    made = begin(cast, {"F1": "100"})
    mollie.pay(made.reference)
    mollie.broken = True
    with pytest.raises(Trouble):
        told(cast, made)
    mollie.broken = False
    # No news came again: it is asked about all the same.
    assert actions.look_at_open(cast.organisation) == 1
    assert open_amounts(cast) == {"F1": Decimal(0)}
    assert actions.look_at_open(cast.organisation) == 0


def test_signed_news_is_believed_and_forged_or_old_news_is_not(cast: Cast, stripe: Stripe) -> None:
    account = set_up(cast, stripe)
    make.invoice(cast, "F1")
    made = begin(cast, {"F1": "100"}, method="ideal", language="nl")
    assert stripe.payments[made.reference]["amount_total"] == 10_000
    stripe.pay(made.reference)
    body = stripe.message(made.reference)
    for forged in (
        "", "t=1,v1=00", stripe.signature(body, secret="whsec_guess"),
        stripe.signature(body, at=1_000_000), stripe.signature(b"{}"),
    ):  # fmt: skip
        with pytest.raises(Forged):
            actions.hear(account.hook, {"stripe-signature": forged}, body)
    assert open_amounts(cast) == {"F1": Decimal(100)}
    for _ in range(2):
        actions.hear(account.hook, {"stripe-signature": stripe.signature(body)}, body)
    assert open_amounts(cast) == {"F1": Decimal(0)}
    assert Payment.objects.of(cast.organisation).get().method == "ideal"


def test_a_dispute_at_stripe_opens_the_invoice_again(cast: Cast, stripe: Stripe) -> None:
    account = set_up(cast, stripe)
    make.invoice(cast, "F1")
    made = begin(cast, {"F1": "100"})
    stripe.pay(made.reference, method="card")
    actions.take_in(cast.system, made)
    stripe.take_back(made.reference, 0, charged_back=True)
    body = stripe.message_about_payment(made.reference, "charge.dispute.created")
    actions.hear(account.hook, {"stripe-signature": stripe.signature(body)}, body)
    assert open_amounts(cast) == {"F1": Decimal(100)}


def test_a_page_at_stripe_that_ran_out_is_over(cast: Cast, stripe: Stripe) -> None:
    set_up(cast, stripe)
    make.invoice(cast, "F1")
    made = begin(cast, {"F1": "100"})
    stripe.end(made.reference, "expired")
    assert actions.take_in(cast.system, made).state == "expired"


def test_secrets_are_sealed_and_an_empty_field_keeps_what_is_there(
    cast: Cast, stripe: Stripe
) -> None:
    account = set_up(cast, stripe)
    assert stripe.key not in account.secrets
    again = actions.set_provider(
        cast.actor("administrator"), provider="stripe",
        given={"api_key": "", "webhook_secret": "whsec_new"},
    )  # fmt: skip
    assert again.pk == account.pk
    assert keys_of(again).secrets == {"api_key": stripe.key, "webhook_secret": "whsec_new"}
    with pytest.raises(Invalid):
        actions.set_provider(cast.actor("administrator"), provider="mollie", given={})
    with pytest.raises(Forbidden):
        actions.set_provider(cast.actor("agent"), provider="mollie", given={"api_key": "test_x"})


def test_after_a_change_of_provider_what_was_begun_at_the_old_one_is_still_booked(
    cast: Cast, mollie: Mollie, stripe: Stripe
) -> None:
    before = set_up(cast, mollie)
    make.invoice(cast, "F1")
    made = begin(cast, {"F1": "100"})
    set_up(cast, stripe)
    mollie.pay(made.reference)
    actions.hear(before.hook, {}, f"id={made.reference}".encode())
    assert open_amounts(cast) == {"F1": Decimal(0)}


def test_made_up_people_pay_at_a_made_up_provider_and_real_ones_never(cast: Cast) -> None:
    make.invoice(cast, "F1")
    with pytest.raises(Refused, match="by transfer"):
        begin(cast, {"F1": "100"})
    cast.organisation.synthetic = True
    cast.organisation.save()
    made = begin(cast, {"F1": "100"}, method="ideal")
    assert made.address.endswith(f"/p/made-up/{made.key}/")
    actions.press(cast.system, key=made.key, state="failed")
    again = begin(cast, {"F1": "100"}, method="ideal")
    actions.press(cast.system, key=again.key, state="paid")
    actions.press(cast.system, key=again.key, state="failed")
    assert open_amounts(cast) == {"F1": Decimal(0)}


def test_ways_to_pay_come_in_the_order_that_suits_the_person(cast: Cast, mollie: Mollie) -> None:
    set_up(cast, mollie)
    ledger.set_account(
        cast.actor("administrator"), iban="NL91ABNA0417164300", currency="EUR", holder="Delta"
    )
    dutch, german = make.customer(cast, "C1"), make.customer(cast, "C2", country="DE")

    def order(customer: Any, currency: str = "EUR") -> list[str]:
        return [str(m) for m in queries.methods_for(cast.organisation, customer, currency=currency)]

    assert order(dutch)[:2] == ["ideal", "transfer"]
    assert order(german)[:2] == ["transfer", "paypal"]
    assert "ideal" not in order(german)
    assert order(dutch, "USD") == ["card", "paypal"]
    make.payment(cast, "P1", customer="C1", amount="5", method="creditcard")
    assert order(dutch)[0] == Method.CARD
    make.invoice(cast, "F1", customer="C1", amount="20")
    for method in ("ideal", "card", "card"):
        made = begin(cast, {"F1": "15"}, method=method)
        mollie.end(made.reference, "failed")
        told(cast, made)
    assert order(dutch)[0] == "transfer"
    assert set(order(dutch)[-2:]) == {"card", "ideal"}


def test_another_organisation_cannot_see_a_payment(cast: Cast, mollie: Mollie) -> None:
    set_up(cast, mollie)
    make.invoice(cast, "F1")
    made = begin(cast, {"F1": "100"})
    assert queries.checkout_called(cast.organisation, made.customer, made.key) is not None
    assert queries.checkout_called(cast.other, made.customer, made.key) is None


def test_the_hook_answers_as_providers_expect(cast: Cast, mollie: Mollie, client: Client) -> None:
    account = set_up(cast, mollie)
    make.invoice(cast, "F1")
    made = begin(cast, {"F1": "100"})
    mollie.pay(made.reference)
    place = f"/hooks/pay/{account.hook}/"

    def post(path: str, **form: str) -> int:
        kind = "application/x-www-form-urlencoded"
        return client.post(path, urlencode(form), content_type=kind).status_code

    assert client.get(place).status_code == 405
    assert post("/hooks/pay/guess/", id=made.reference) == 404
    assert post(place, id="nonsense") == 400
    mollie.broken = True
    assert post(place, id=made.reference) == 503
    mollie.broken = False
    assert open_amounts(cast) == {"F1": Decimal(100)}
    assert post(place, id=made.reference) == 200
    assert open_amounts(cast) == {"F1": Decimal(0)}
