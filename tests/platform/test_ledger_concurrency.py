"""Two at once: what one has taken of a balance, the other cannot take again."""

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction

import make
from cast import NOW, Cast, make_cast
from tenor.platform.core.errors import Refused
from tenor.platform.ledger import actions
from tenor.platform.ledger.models import Allocation, Invoice, Payment


@pytest.fixture
def real(transactional_db: None) -> Iterator[Cast]:
    """The cast on a database with real transactions."""
    yield make_cast()


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Do several things from the same moment on, each on a connection of its own."""
    start = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            start.wait()
            results[place] = work()
        except Refused as refused:
            results[place] = refused
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    return results


def test_two_payments_of_one_invoice_do_not_both_take_its_balance(real: Cast) -> None:
    make.invoice(real, "F1", amount="100")

    def pay(key: str) -> Callable[[], Any]:
        return lambda: actions.record_payment(
            real.system, key=key, amount=Decimal(80), currency="EUR", paid_at=NOW, invoice_key="F1"
        )

    assert None not in at_once(*(pay(f"P{n}") for n in range(4)))
    invoice = Invoice.objects.of(real.organisation).get()
    assert (invoice.paid, invoice.balance, invoice.is_open) == (100, 0, False)
    used = Payment.objects.of(real.organisation).order_by("allocated")
    assert [p.allocated for p in used] == [0, 0, 20, 80]
    assert sum(a.amount for a in Allocation.objects.of(real.organisation)) == 100


def test_one_credit_is_not_given_twice(real: Cast) -> None:
    for key in ("F1", "F2"):
        make.invoice(real, key, amount="100")
    make.payment(real, "P1", amount="120")

    def give(key: str) -> Callable[[], Any]:
        return lambda: actions.allocate(real.system, payment_key="P1", shares={key: Decimal(90)})

    results = at_once(give("F1"), give("F2"))
    assert sorted(isinstance(r, Refused) for r in results) == [False, True]
    assert Payment.objects.of(real.organisation).get().allocated == 90
    balances = Invoice.objects.of(real.organisation).order_by("balance")
    assert [i.balance for i in balances] == [10, 100]


def test_the_same_payment_told_by_two_counts_once(real: Cast) -> None:
    make.invoice(real, "F1", amount="100")

    def pay() -> Any:
        return actions.record_payment(
            real.system, key="P1", amount=Decimal(30), currency="EUR", paid_at=NOW, invoice_key="F1"
        ).news

    def pay_of_nobody() -> Any:
        return actions.record_payment(
            real.system, key="P2", amount=Decimal(5), currency="EUR", paid_at=NOW
        ).news

    assert sorted(at_once(pay, pay)) == ["new", "same"]
    assert Invoice.objects.of(real.organisation).get().balance == 70
    assert sorted(at_once(pay_of_nobody, pay_of_nobody)) == ["new", "same"]
    assert Payment.objects.of(real.organisation).count() == 2


def test_a_reversal_told_by_two_opens_the_invoice_once(real: Cast) -> None:
    make.invoice(real, "F1", amount="100")
    make.payment(real, "P1", invoice="F1")

    def back() -> Any:
        return actions.reverse_payment(real.system, payment_key="P1").news

    assert sorted(at_once(back, back)) == ["changed", "same"]
    assert Invoice.objects.of(real.organisation).get().balance == 100


def test_the_database_itself_refuses_more_than_was_asked_or_paid(cast: Cast) -> None:
    invoice = make.invoice(cast, "F1", amount="100")
    payment = make.payment(cast, "P1", amount="40", invoice="F1")
    for row, field, amount in ((invoice, "paid", "100.01"), (payment, "allocated", "40.01")):
        row.refresh_from_db()
        setattr(row, field, Decimal(amount))
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()
    assert Invoice.objects.of(cast.organisation).get().paid == 40
