"""What holds for money whatever providers and banks tell, in whatever order and however often."""

import threading
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import connection, connections, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import make
from cast import NOW, Cast, make_cast
from payment_servers import Mollie, serving
from tenor.platform.core.errors import Refused
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Task
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Allocation, Customer, Invoice, Payment
from tenor.platform.paying import actions
from tenor.platform.paying.models import Checkout

quick = settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# What happens: to which of three payments at the provider, or a payment at the bank.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["paid", "failed", "pending", "expired", "part back", "all back", "bank", "told",
             "refund"]
        ),
        st.integers(0, 2),
    ),
    min_size=3, max_size=14,
)  # fmt: skip


@pytest.fixture(scope="module")
def mollie() -> Iterator[Mollie]:
    with serving(Mollie()) as server:
        assert isinstance(server, Mollie)
        yield server


def set_up(cast: Cast, server: Mollie) -> str:
    return actions.set_provider(
        cast.actor("administrator"), provider="mollie", given={"api_key": server.key},
        settings={"api": server.address},
    ).hook  # fmt: skip


def begin(cast: Cast, **shares: str) -> Checkout:
    customer = Customer.objects.of(cast.organisation).get(key="C1")
    return actions.begin_checkout(
        cast.system, customer=customer, back="https://tenor.example/{key}/",
        shares={key: Decimal(part) for key, part in shares.items()},
    )  # fmt: skip


def happen(cast: Cast, server: Mollie, made: list[Checkout], step: tuple[str, int]) -> None:
    """Let one thing happen at the provider or the bank, and the hook tell of it."""
    what, number = step
    reference = made[number].reference
    is_paid = server.payments[reference]["status"] == "paid"
    if what == "bank":
        make.payment(cast, f"bank{number}", invoice=f"F{number}", amount="70")
    elif what == "paid":
        server.pay(reference)
    elif what in ("part back", "all back") and is_paid:
        server.take_back(reference, "30.00" if what == "part back" else "100.00")
    elif what in ("failed", "pending", "expired") and not is_paid:
        server.end(reference, what)
    elif what == "refund":
        for task in Task.objects.of(cast.organisation).filter(state="open"):
            try:
                actions.settle_refund(cast.actor("manager"), task=task, way="paid_back")
            except Refused:
                continue
    actions.take_in(cast.system, made[number])


def adds_up(own: Organisation) -> None:
    """Assert that money is where it says: on invoices, gone back, or free; nothing twice."""
    for payment in Payment.objects.of(own):
        shares = payment.allocations.aggregate(all=Sum("amount"))["all"] or Decimal(0)
        assert shares == payment.allocated >= 0
        assert payment.reversed_at or payment.allocated + payment.refunded <= payment.amount
        assert not payment.reversed_at or shares == 0
    for invoice in Invoice.objects.of(own):
        paid = Allocation.objects.of(own).filter(invoice=invoice).aggregate(all=Sum("amount"))
        assert (paid["all"] or Decimal(0)) == invoice.paid
        assert 0 <= invoice.paid <= invoice.total
        assert invoice.balance == invoice.total - invoice.paid
    booked = Payment.objects.of(own).filter(source="mollie").count()
    assert booked == Checkout.objects.of(own).filter(state="paid").count()


@quick
@given(steps=STEPS)
def test_money_adds_up_whatever_is_told_in_whatever_order(
    cast: Cast, mollie: Mollie, steps: list[tuple[str, int]]
) -> None:
    with transaction.atomic():
        set_up(cast, mollie)
        for number in range(3):
            make.invoice(cast, f"F{number}", amount="100")
        made = [begin(cast, F0="100"), begin(cast, F0="50", F1="50"), begin(cast, F1="60", F2="40")]
        for step in steps:
            happen(cast, mollie, made, step)
            adds_up(cast.organisation)
        transaction.set_rollback(True)


@quick
@given(order=st.permutations([0, 0, 1, 1, 2, 2]))
def test_the_order_of_news_does_not_change_what_is_left_in_all(
    cast: Cast, mollie: Mollie, order: list[int]
) -> None:
    with transaction.atomic():
        set_up(cast, mollie)
        for number in range(3):
            make.invoice(cast, f"F{number}", amount="100")
        made = [begin(cast, F0="100"), begin(cast, F0="50", F1="50"), begin(cast, F1="60", F2="40")]
        for checkout in made:
            mollie.pay(checkout.reference)
        for number in order:
            actions.take_in(cast.system, made[number])
        own = cast.organisation
        paid = Payment.objects.of(own).aggregate(all=Sum("amount"))["all"]
        owed = Invoice.objects.of(own).aggregate(all=Sum("balance"))["all"]
        used = Payment.objects.of(own).aggregate(all=Sum("allocated"))["all"]
        assert (paid, owed + used) == (300, 300)
        transaction.set_rollback(True)


def test_a_refund_is_never_of_money_that_an_invoice_has(cast: Cast) -> None:
    make.invoice(cast, "F1", amount="100")
    make.payment(cast, "P1", invoice="F1", amount="120")
    with pytest.raises(Refused, match=r"Only 20\.00 EUR"):
        ledger.refund_credit(cast.system, payment_key="P1", amount=Decimal(21))
    ledger.refund_credit(cast.system, payment_key="P1", amount=Decimal(20))
    # What went back covers nothing that is asked later.
    make.invoice(cast, "F2", amount="50")
    ledger.add_fee(cast.system, invoice_key="F2", amount=Decimal(5), key="fee", at=NOW)
    assert Invoice.objects.of(cast.organisation).get(key="F2").balance == 55
    with pytest.raises(Refused, match=r"Only 0\.00 EUR"):
        ledger.allocate(cast.system, payment_key="P1", shares={"F2": Decimal(1)})
    # Reopened, no more than is left of the payment.
    with pytest.raises(Refused, match=r"Only 100\.00 EUR"):
        ledger.refund_credit(cast.system, payment_key="P1", amount=Decimal(101), reopen=True)
    ledger.refund_credit(cast.system, payment_key="P1", amount=Decimal(100), reopen=True)
    assert Invoice.objects.of(cast.organisation).get(key="F1").balance == 100
    adds_up(cast.organisation)


@pytest.fixture
def real(transactional_db: None) -> Iterator[Cast]:
    """The cast on a database with real transactions."""
    yield make_cast()


def test_two_hooks_at_the_same_instant_book_once(real: Cast, mollie: Mollie) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one write at a time.")
    hook = set_up(real, mollie)
    make.invoice(real, "F1", amount="100")
    made = begin(real, F1="100")
    mollie.pay(made.reference)

    start, heard = threading.Barrier(4), list[int]()

    def tell() -> None:
        try:
            start.wait()
            heard.append(actions.hear(hook, {}, f"id={made.reference}".encode()))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert heard == [1, 1, 1, 1]
    assert Payment.objects.of(real.organisation).get().allocated == 100
    assert Invoice.objects.of(real.organisation).get().balance == 0
    assert not Task.objects.of(real.organisation).exists()
