"""Money under way: nobody is asked for what they have paid, and nothing is lost if it fails."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import make
from cast import NOW, Cast
from payment_servers import Mollie, serving
from tenor.platform.ledger.models import Customer, Invoice
from tenor.platform.outreach.asking import About, Standing, standing
from tenor.platform.paying import actions
from tenor.platform.paying.models import Checkout
from tenor.platform.paying.queries import LONGEST


@pytest.fixture
def mollie(cast: Cast) -> Iterator[Mollie]:
    with serving(Mollie()) as server:
        assert isinstance(server, Mollie)
        actions.set_provider(
            cast.actor("administrator"), provider="mollie", given={"api_key": server.key},
            settings={"api": server.address},
        )  # fmt: skip
        yield server


@pytest.fixture
def pending(cast: Cast, mollie: Mollie) -> Checkout:
    """A payment of F1, of which the payer is done; F2 of the same customer is open too."""
    make.invoice(cast, "F1")
    make.invoice(cast, "F2")
    made = actions.begin_checkout(
        cast.system, customer=Customer.objects.of(cast.organisation).get(key="C1"),
        back="https://tenor.example/{key}/", shares={"F1": Decimal(100)},
    )  # fmt: skip
    mollie.end(made.reference, "pending")
    return actions.take_in(cast.system, made)


def asked(cast: Cast, *keys: str, later: timedelta = timedelta()) -> Standing:
    customer = Customer.objects.of(cast.organisation).get(key="C1")
    return standing(cast.organisation, [About(customer.pk, keys, "EUR")], NOW + later)[0]


def test_what_is_being_paid_is_not_asked_for_and_the_rest_is(cast: Cast, pending: Checkout) -> None:
    assert asked(cast, "F1").refusal == "under_way"
    left = asked(cast, "F1", "F2")
    assert ([invoice.key for invoice in left.invoices], left.refusal) == (["F2"], "")


def test_a_payment_that_fails_after_all_is_asked_for_again(
    cast: Cast, mollie: Mollie, pending: Checkout
) -> None:
    mollie.end(pending.reference, "failed", "insufficient_funds")
    actions.take_in(cast.system, pending)
    left = asked(cast, "F1")
    assert ([invoice.key for invoice in left.invoices], left.refusal) == (["F1"], "")


def test_one_that_is_under_way_longer_than_any_bank_takes_holds_nothing_back(
    cast: Cast, pending: Checkout
) -> None:
    assert asked(cast, "F1", later=LONGEST + timedelta(minutes=1)).refusal == ""


def test_what_was_only_begun_holds_nothing_back(
    cast: Cast, mollie: Mollie, pending: Checkout
) -> None:
    Checkout.objects.of(cast.organisation).update(state="open")
    assert asked(cast, "F1").refusal == ""


def test_it_is_read_once_for_all(cast: Cast, pending: Checkout) -> None:
    for number in range(5):
        make.invoice(cast, f"G{number}", customer=f"D{number}")
    rows = Invoice.objects.of(cast.organisation).select_related("customer")
    wanted = [About(row.customer_id, [row.key], "EUR") for row in rows]
    with CaptureQueriesContext(connection) as one:
        standing(cast.organisation, wanted[:1], NOW)
    with CaptureQueriesContext(connection) as all_of_them:
        standing(cast.organisation, wanted, NOW)
    assert len(one) == len(all_of_them)
