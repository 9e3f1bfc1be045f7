"""In whatever order, twice or at once: the same bank files make the same books, to the cent."""

import itertools
import threading
from contextlib import suppress
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db import connection, connections

import bankfile
import make
from bankfile import ANN, BOB, camt, line, statement
from cast import Cast
from tenor.platform.banking import actions
from tenor.platform.banking.models import Line, Posting, Statement
from tenor.platform.core.errors import Refused
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger import references
from tenor.platform.ledger.models import Invoice, Payment


def prepare(cast: Cast) -> list[bytes]:
    """Make invoices, and three files that overlap and tell of them in several ways."""
    ledger.set_account(cast.system, iban=bankfile.IBAN, currency="EUR", holder="Delta Water")
    make.customer(cast, "C1", name="Ann Jansen")
    for number in range(1, 7):
        make.invoice(
            cast, f"F100{number}", amount=f"{number * 10}.0{number}", customer=f"C{number}"
        )
    first = Invoice.objects.of(cast.organisation).select_related("customer").get(key="F1001")
    reference = references.reference_for(cast.organisation, first.customer, [first])
    one = line("10.01", reference=reference, account=ANN, bank_reference="A1")
    two = line("20.02", "F1002", account=BOB, bank_reference="A2", day="2026-03-10")
    part = line("15.00", "F1003", bank_reference="A3", day="2026-03-10")
    rest = line("15.03", "F1003", bank_reference="A4", day="2026-03-11")
    unsure = line("40.04", "x", bank_reference="A5", day="2026-03-11")
    fee = line("-1.50", "costs", bank_reference="A6", day="2026-03-11")
    return [
        camt(statement([one, two], number="1", day="2026-03-10")),
        camt(statement([two, part], number="2", opening="1010.01", day="2026-03-10")),
        camt(statement([rest, unsure, fee], number="3", opening="1045.03", day="2026-03-11")),
    ]


def books(cast: Cast) -> Any:
    balances = Invoice.objects.of(cast.organisation).order_by("key").values_list("key", "balance")
    lines = Line.objects.of(cast.organisation).order_by("bank_reference")
    credit = Payment.objects.of(cast.organisation).filter(reversed_at=None)
    return (
        list(balances),
        list(lines.values_list("bank_reference", "state", "amount")),
        sorted(payment.amount - payment.allocated for payment in credit),
    )


def take(cast: Cast, content: bytes) -> None:
    actions.take_file(cast.actor(), content=content, name="bank.xml")
    actions.look_at_lines(cast.actor())


EXPECTED = (
    [("F1001", 0), ("F1002", 0), ("F1003", 0), ("F1004", Decimal("40.04")),
     ("F1005", Decimal("50.05")), ("F1006", Decimal("60.06"))],
    [("A1", "booked", Decimal("10.01")), ("A2", "booked", Decimal("20.02")),
     ("A3", "booked", 15), ("A4", "booked", Decimal("15.03")),
     ("A5", "waiting", Decimal("40.04")), ("A6", "passed", Decimal("1.50"))],
    [0, 0, 0, 0],
)  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_in_whatever_order_the_files_come_the_books_are_the_same(
    cast: Cast, order: tuple[int, ...]
) -> None:
    files = prepare(cast)
    for place in order:
        take(cast, files[place])
    waiting = Line.objects.of(cast.organisation).filter(state="waiting", text="F1003")
    for row in waiting.order_by("booked_on"):
        actions.book_proposal(cast.actor(), number=row.pk, nth=0)
    assert books(cast) == EXPECTED
    for content in files:
        with pytest.raises(Refused, match="taken in already"):
            actions.take_file(cast.actor(), content=content, name="bank.xml")
    actions.look_at_lines(cast.actor())
    assert books(cast) == EXPECTED


def test_what_was_posted_makes_each_line_and_each_statement_adds_up(cast: Cast) -> None:
    """Of seventy payments at random, in parts and beyond what is open."""
    random = Random(7)
    ledger.set_account(cast.system, iban=bankfile.IBAN, currency="EUR", holder="Delta Water")
    for number in range(20):
        make.invoice(cast, f"F20{number:02}", amount="100", customer=f"C{number % 7}")
    texts = [f"F20{random.randrange(20):02}" for _ in range(60)] + ["?"] * 10
    lines = [line(f"{random.randrange(1, 3500) / 100:.2f}", text) for text in texts]
    take(cast, camt(statement(lines)))
    for row in Line.objects.of(cast.organisation).filter(state="waiting")[:40]:
        if row.proposals:
            # An earlier one may have taken what this one was proposed for: it is refused then.
            with suppress(Refused):
                actions.book_proposal(cast.actor(), number=row.pk, nth=0)
    booked = Line.objects.of(cast.organisation).filter(state="booked")
    assert booked.count() > 30
    for row in booked:
        posted = Posting.objects.of(cast.organisation).filter(line=row, undone_at=None)
        assert sum((posting.amount for posting in posted), Decimal(0)) == row.amount
        for posting in posted:
            payment = Payment.objects.of(cast.organisation).get(key=posting.payment_key)
            assert payment.amount == posting.amount
    for one in Statement.objects.of(cast.organisation):
        total = sum((row.signed for row in one.lines.all()), Decimal(0))
        assert one.opening + total == one.closing


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_at_once_from_several_desks_each_line_is_booked_once(cast: Cast) -> None:
    files = prepare(cast)
    start, failed = threading.Barrier(6), []

    def work(content: bytes) -> None:
        try:
            start.wait()
            actions.take_file(cast.actor(), content=content, name="bank.xml")
        except Refused:
            pass
        try:
            actions.look_at_lines(cast.actor())
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(content,)) for content in files * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    actions.look_at_lines(cast.actor())
    waiting = Line.objects.of(cast.organisation).filter(state="waiting", text="F1003")
    for row in waiting:
        actions.book_proposal(cast.actor(), number=row.pk, nth=0)
    assert books(cast) == EXPECTED
