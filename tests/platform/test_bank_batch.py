"""Many lines booked at once come to the same books as one by one."""

from decimal import Decimal
from typing import Any

import pytest

import bankfile
import make
from bankfile import ANN, BOB, file, line
from cast import Cast
from tenor.platform.banking import actions, batch
from tenor.platform.banking.models import Line, PayerAccount, Posting
from tenor.platform.core.actor import system
from tenor.platform.core.models import AuditEntry, Organisation
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Exposure, Hold, Invoice, Payment, Promise

LINES = (
    line("60", "F1001", account=ANN),
    line("40", "F1002", account=BOB),
    # The same again: paid twice.
    line("60", "F1001", account=ANN, bank_reference="again"),
    # A part, two invoices at once, more than is open, and somebody unknown.
    line("25.50", "F1003"),
    line("30", "F1004 en F1005"),
    line("99", "F1006"),
    line("77.77", "dank u"),
    line("-12", "bank costs"),
)


def books(organisation: Organisation) -> None:
    actor = system(organisation)
    ledger.set_account(actor, iban=bankfile.IBAN, currency="EUR", holder="Somebody")
    amounts = {"F1001": "60", "F1002": "40", "F1003": "70", "F1004": "10", "F1005": "20",
               "F1006": "90"}  # fmt: skip
    for place, (key, amount) in enumerate(amounts.items()):
        customer = f"C{place // 3}"
        ledger.record_customer(actor, key=customer, name=f"Customer {customer}")
        ledger.record_invoice(
            actor, key=key, customer_key=customer, amount=Decimal(amount), currency="EUR",
            issued_on=make.TODAY.replace(month=1), due_on=make.TODAY.replace(month=2),
        )  # fmt: skip
    ledger.make_promise(
        actor, customer_key="C0", invoice_keys=["F1001", "F1002"], promised_on=make.TODAY
    )


def outcome(organisation: Organisation) -> dict[str, Any]:
    """Return what stands in the books, without the numbers of rows."""

    def rows(table: Any, *names: str) -> list[Any]:
        return sorted(table.objects.of(organisation).values_list(*names), key=str)

    return {
        "lines": rows(Line, "amount", "text", "state", "basis", "score", "attempt"),
        "payments": rows(Payment, "key", "customer__key", "amount", "allocated", "paid_at",
                         "method", "source", "reference"),
        "invoices": rows(Invoice, "key", "paid", "balance", "is_open", "settled_at"),
        "postings": rows(Posting, "payment_key", "customer__key", "amount", "shares", "by"),
        "accounts": rows(PayerAccount, "account", "customer__key", "times", "last_on"),
        "exposures": rows(Exposure, "customer__key", "open_amount", "open_count"),
        "holds": rows(Hold, "customer__key", "reason", "lifted_at"),
        "promises": rows(Promise, "amount", "state"),
    }  # fmt: skip


def take(organisation: Organisation, *lines: str, number: str = "1") -> None:
    actor = system(organisation)
    actions.take_file(actor, content=file(*lines, number=number), name="bank.xml")
    actions.look_at_lines(actor)


def test_at_once_comes_to_the_same_books_as_one_by_one(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for organisation, fewest in ((cast.organisation, 10**6), (cast.other, 1)):
        books(organisation)
        monkeypatch.setattr(batch, "FEWEST", fewest)
        take(organisation, *LINES)
    one_by_one, at_once = outcome(cast.organisation), outcome(cast.other)
    assert at_once == one_by_one
    states = [row[2] for row in at_once["lines"]]
    assert (states.count("booked"), states.count("waiting")) == (3, 4)
    entry = AuditEntry.objects.of(cast.other).get(action="bank.book_many")
    assert (entry.after["lines"], entry.after["amounts"]) == (3, {"EUR": "130"})


def test_a_line_of_a_batch_is_undone_and_booked_again_by_a_person(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    books(cast.organisation)
    monkeypatch.setattr(batch, "FEWEST", 1)
    take(cast.organisation, LINES[0])
    booked = Line.objects.of(cast.organisation).get()
    actions.undo_line(cast.actor(), number=booked.pk, reason="not theirs")
    assert Invoice.objects.of(cast.organisation).get(key="F1001").balance == 60
    actions.look_at_lines(cast.actor())
    booked.refresh_from_db()
    assert booked.state == "waiting"
    actions.book_proposal(cast.actor(), number=booked.pk, nth=0)
    assert Invoice.objects.of(cast.organisation).get(key="F1001").balance == 0
    assert Payment.objects.of(cast.organisation).filter(reversed_at=None).count() == 1


def test_looked_at_twice_nothing_is_booked_twice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    books(cast.organisation)
    monkeypatch.setattr(batch, "FEWEST", 1)
    for _twice in range(2):
        actions.look_at_lines(cast.actor())
        if not Line.objects.of(cast.organisation).exists():
            take(cast.organisation, *LINES)
    before = outcome(cast.organisation)
    actions.look_at_lines(cast.actor())
    assert outcome(cast.organisation) == before
