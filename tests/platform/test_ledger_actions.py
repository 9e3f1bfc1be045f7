"""Money in the ledger: told once or twice, in time or late, it comes to the same exact balances."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

import make
from cast import NOW, Cast
from tenor.platform.core.errors import Forbidden, Invalid, NotFound, Refused
from tenor.platform.core.models import AuditEntry
from tenor.platform.events.models import Event
from tenor.platform.ledger import actions
from tenor.platform.ledger.models import (
    Allocation,
    ContactPoint,
    Customer,
    Entry,
    Exposure,
    Invoice,
    Payment,
)
from tenor.platform.ledger.told import News

DAY = timedelta(days=1)


def balance(cast: Cast, key: str = "F1") -> Decimal:
    return Invoice.objects.of(cast.organisation).get(key=key).balance


def credit(cast: Cast, key: str = "P1") -> Decimal:
    payment = Payment.objects.of(cast.organisation).get(key=key)
    return payment.amount - payment.allocated


def owed(cast: Cast, customer: str = "C1") -> dict[str, tuple[Decimal, int]]:
    rows = Exposure.objects.of(cast.organisation).filter(customer__key=customer)
    return {r.currency: (r.open_amount, r.open_count) for r in rows}


def kinds(cast: Cast) -> list[str]:
    return list(Event.objects.of(cast.organisation).order_by("pk").values_list("kind", flat=True))


def rows(cast: Cast) -> tuple[Any, ...]:
    """All that a refusal must leave alone."""
    tables = (Customer, ContactPoint, Invoice, Payment, Entry, Allocation, Exposure, Event)
    found = [list(t.objects.of(cast.organisation).order_by("pk").values()) for t in tables]
    return (*found, AuditEntry.across.count())


def test_a_payment_settles_its_invoice(cast: Cast) -> None:
    make.invoice(cast, "F1", amount="100.10")
    assert owed(cast) == {"EUR": (Decimal("100.10"), 1)}
    make.payment(cast, "P1", amount="40.05", invoice="F1")
    assert balance(cast) == Decimal("60.05")
    make.payment(cast, "P2", amount="60.05", invoice="F1", paid_at=NOW + DAY)
    paid = Invoice.objects.of(cast.organisation).get(key="F1")
    assert (paid.balance, paid.is_open, paid.settled_at) == (0, False, NOW + DAY)
    assert owed(cast) == {"EUR": (Decimal(0), 0)}


def test_the_same_payment_told_twice_counts_once(cast: Cast) -> None:
    make.invoice(cast)
    make.payment(cast, "P1", amount="40", invoice="F1")
    before = rows(cast)
    again = actions.record_payment(
        cast.system, key="P1", amount=Decimal(40), currency="EUR", paid_at=NOW, invoice_key="F1"
    )
    assert again.news is News.SAME
    assert rows(cast) == before


@pytest.mark.parametrize(
    "other",
    [{"amount": Decimal(41)}, {"paid_at": NOW + DAY}, {"customer_key": "C2"}],
    ids=lambda o: next(iter(o)),
)
def test_a_known_payment_with_other_money_is_refused(cast: Cast, other: dict[str, Any]) -> None:
    make.invoice(cast)
    make.customer(cast, "C2")
    make.payment(cast, "P1", amount="40", customer="C1")
    before = rows(cast)
    told = {"key": "P1", "amount": Decimal(40), "currency": "EUR", "paid_at": NOW, **other}
    with pytest.raises(Refused):
        actions.record_payment(cast.system, **told)
    assert rows(cast) == before


def test_a_payment_in_another_currency_is_refused(cast: Cast) -> None:
    make.invoice(cast, "F1")
    make.invoice(cast, "F2", currency="USD")
    before = rows(cast)
    with pytest.raises(Refused, match="USD cannot pay"):
        make.payment(cast, "P1", currency="USD", invoice="F1")
    assert rows(cast) == before
    make.payment(cast, "P1", amount="150", currency="USD", customer="C1")
    assert (balance(cast, "F1"), balance(cast, "F2"), credit(cast)) == (100, 0, 50)
    with pytest.raises(Invalid):
        actions.allocate(cast.actor(), payment_key="P1", shares={"F1": Decimal(50)})
    assert (balance(cast, "F1"), credit(cast)) == (100, 50)
    assert owed(cast) == {"EUR": (Decimal(100), 1), "USD": (Decimal(0), 0)}


def test_the_rest_of_a_payment_goes_to_the_oldest_then_stays_credit(cast: Cast) -> None:
    make.invoice(cast, "F1", amount="10", due_on=make.TODAY - 3 * DAY)
    make.invoice(cast, "F2", amount="20", due_on=make.TODAY - 9 * DAY)
    make.invoice(cast, "F3", amount="30", due_on=make.TODAY - 6 * DAY)
    make.payment(cast, "P1", amount="45", invoice="F1")
    assert [balance(cast, f) for f in ("F1", "F2", "F3")] == [0, 0, 15]
    make.payment(cast, "P2", amount="40", customer="C1")
    assert (balance(cast, "F3"), credit(cast, "P2")) == (0, 25)
    make.invoice(cast, "F4", amount="20")
    assert balance(cast, "F4") == 20, "a later invoice takes credit only when somebody says so"
    actions.allocate(cast.actor(), payment_key="P2")
    assert (balance(cast, "F4"), credit(cast, "P2")) == (0, 5)


def test_money_of_nobody_waits_until_its_invoices_are_named(cast: Cast) -> None:
    make.invoice(cast, "F1")
    make.payment(cast, "P1", amount="60")
    assert (balance(cast), credit(cast)) == (100, 60)
    with pytest.raises(Refused, match="whose"):
        actions.allocate(cast.actor(), payment_key="P1")
    payment = actions.allocate(cast.actor(), payment_key="P1", shares={"F1": Decimal(60)})
    assert payment.customer.key == "C1"
    assert (balance(cast), credit(cast)) == (40, 0)


def test_shares_beyond_the_payment_or_the_invoice_are_refused(cast: Cast) -> None:
    make.invoice(cast, "F1", amount="50")
    make.customer(cast, "C2")
    make.invoice(cast, "G1", customer="C2")
    make.payment(cast, "P1", amount="60")
    before = rows(cast)
    for shares in ({"F1": "61"}, {"F1": "51"}, {"F1": "10", "G1": "10"}, {"F1": "-1"}):
        with pytest.raises(Refused):
            actions.allocate(
                cast.actor(), payment_key="P1", shares={k: Decimal(v) for k, v in shares.items()}
            )
    assert rows(cast) == before


def test_a_reversed_payment_opens_its_invoices_again(cast: Cast) -> None:
    make.invoice(cast, "F1", amount="60")
    make.invoice(cast, "F2", amount="40", due_on=make.TODAY)
    make.payment(cast, "P1", amount="100", customer="C1", paid_at=NOW - 3 * DAY, method="debit")
    told = actions.reverse_payment(cast.actor(), payment_key="P1", reason="insufficient funds")
    assert told.news is News.CHANGED
    assert [balance(cast, f) for f in ("F1", "F2")] == [60, 40]
    assert owed(cast) == {"EUR": (Decimal(100), 2)}
    taken = Allocation.objects.of(cast.organisation).order_by("pk").values_list("amount", "at")
    assert list(taken) == [
        (60, NOW - 3 * DAY), (40, NOW - 3 * DAY), (-60, NOW), (-40, NOW),
    ]  # fmt: skip
    assert kinds(cast) == ["payment_failed", "payment_failed"]
    before = rows(cast)
    assert actions.reverse_payment(cast.actor(), payment_key="P1").news is News.SAME
    assert rows(cast) == before


def test_a_reversal_takes_the_customers_credit_first(cast: Cast) -> None:
    make.invoice(cast)
    make.payment(cast, "P1", amount="100", invoice="F1")
    make.payment(cast, "P2", amount="30", invoice="F1")
    actions.reverse_payment(cast.actor(), payment_key="P1")
    assert (balance(cast), credit(cast, "P2")) == (70, 0)


def test_a_credit_note_on_a_paid_invoice_becomes_credit(cast: Cast) -> None:
    make.invoice(cast)
    make.payment(cast, "P1", amount="100", invoice="F1", paid_at=NOW - DAY)
    told = actions.credit_invoice(
        cast.actor(), invoice_key="F1", amount=Decimal("30"), key="N1", text="Returned goods"
    )
    assert (told.news, told.row.amount) == (News.NEW, -30)
    invoice = Invoice.objects.of(cast.organisation).get(key="F1")
    assert (invoice.total, invoice.paid, invoice.balance, credit(cast)) == (70, 70, 0, 30)
    before = rows(cast)
    again = actions.credit_invoice(cast.actor(), invoice_key="F1", amount=Decimal(30), key="N1")
    assert again.news is News.SAME
    for other in ({"amount": Decimal(31), "key": "N1"}, {"amount": Decimal("70.01"), "key": "N2"}):
        with pytest.raises(Refused):
            actions.credit_invoice(cast.actor(), invoice_key="F1", **other)
    assert rows(cast) == before


def test_a_credit_note_of_no_amount_cancels_the_invoice(cast: Cast) -> None:
    make.invoice(cast)
    actions.credit_invoice(cast.actor(), invoice_key="F1")
    invoice = Invoice.objects.of(cast.organisation).get(key="F1")
    assert (invoice.total, invoice.balance, invoice.is_open) == (0, 0, False)


def test_fees_and_interest_are_entries_and_can_be_taken_back(cast: Cast) -> None:
    make.invoice(cast)
    fee = actions.add_fee(cast.actor(), invoice_key="F1", amount=Decimal("40")).row
    actions.add_interest(cast.actor(), invoice_key="F1", amount=Decimal("1.2345"))
    assert balance(cast) == Decimal("141.2345")
    back = actions.reverse_entry(cast.actor(), entry_key=fee.key)
    assert (back.row.amount, back.row.reverses, balance(cast)) == (-40, fee, Decimal("101.2345"))
    assert actions.reverse_entry(cast.actor(), entry_key=fee.key).news is News.SAME
    assert actions.correct_total(cast.actor(), invoice_key="F1", total=Decimal("90")) is not None
    assert balance(cast) == 90
    assert actions.correct_total(cast.actor(), invoice_key="F1", total=Decimal("90")) is None


def test_a_fee_on_a_paid_invoice_takes_credit_that_lies_there(cast: Cast) -> None:
    make.invoice(cast)
    make.payment(cast, "P1", amount="115", invoice="F1")
    actions.add_fee(cast.actor(), invoice_key="F1", amount=Decimal("40"))
    assert (balance(cast), credit(cast)) == (25, 0)


def test_closing_stops_the_asking_and_keeps_the_balance(cast: Cast) -> None:
    make.invoice(cast, "F1")
    make.invoice(cast, "F2", amount="50")
    actions.escalate(cast.actor(), invoice_keys=["F1"], to="Collect BV", reason="no answer")
    actions.write_off(cast.actor(), invoice_key="F2", reason="too small")
    found = Invoice.objects.of(cast.organisation).order_by("key")
    assert [(i.balance, i.is_open, i.closed_as) for i in found] == [
        (100, False, "escalated"), (50, False, "written_off"),
    ]  # fmt: skip
    assert owed(cast) == {"EUR": (Decimal(0), 0)}
    assert kinds(cast) == ["escalated", "written_off"]
    make.payment(cast, "P1", amount="100", customer="C1")
    assert (balance(cast, "F1"), credit(cast)) == (100, 100)
    make.payment(cast, "P2", amount="100", invoice="F1")
    assert balance(cast, "F1") == 0
    before = rows(cast)
    with pytest.raises(Refused, match="paid"):
        actions.write_off(cast.actor(), invoice_key="F1", reason="x")
    assert rows(cast) == before


def test_an_invoice_told_again_changes_its_terms_but_never_its_money(cast: Cast) -> None:
    make.invoice(cast, "F1", attributes={"product": "gas", "units": 3})
    told = {
        "key": "F1", "customer_key": "C1", "amount": Decimal("100.00"), "currency": "EUR",
        "issued_on": make.TODAY - 40 * DAY, "due_on": make.TODAY - 10 * DAY,
    }  # fmt: skip
    before = rows(cast)
    assert actions.record_invoice(cast.system, **told).news is News.SAME
    assert rows(cast) == before
    changed = actions.record_invoice(
        cast.system, **{**told, "due_on": make.TODAY}, number="2026-1",
        attributes={"product": "power", "units": None},
    )  # fmt: skip
    assert changed.news is News.CHANGED
    assert (changed.row.due_on, changed.row.number) == (make.TODAY, "2026-1")
    assert changed.row.attributes == {"product": "power"}
    assert Exposure.objects.of(cast.organisation).get().oldest_due_on == make.TODAY
    entry = AuditEntry.across.filter(action="invoice.change").get()
    assert entry.before["attributes"] == {"product": "gas", "units": 3}
    assert entry.after["attributes"] == {"product": "power", "units": None}
    before = rows(cast)
    make_other = {"amount": Decimal("101")}, {"currency": "USD"}, {"issued_on": make.TODAY}
    for other in make_other:
        with pytest.raises(Refused, match="another"):
            actions.record_invoice(cast.system, **{**told, **other})
    assert rows(cast) == before


def test_lines_of_an_invoice_are_kept_and_replaced(cast: Cast) -> None:
    lines = [{"text": "Water", "amount": Decimal("80"), "quantity": Decimal("2.5")},
             {"text": "Standing charge", "amount": Decimal("20")}]  # fmt: skip
    row = make.invoice(cast, "F1", lines=lines)
    kept = row.lines.values_list("position", "text", "quantity", "amount")
    assert list(kept) == [(1, "Water", Decimal("2.5"), 80), (2, "Standing charge", 1, 20)]
    told = {
        "key": "F1", "customer_key": "C1", "amount": Decimal("100"), "currency": "EUR",
        "issued_on": row.issued_on, "due_on": row.due_on,
    }  # fmt: skip
    assert actions.record_invoice(cast.system, **told, lines=lines).news is News.SAME
    assert actions.record_invoice(cast.system, **told, lines=lines[:1]).news is News.CHANGED
    assert row.lines.count() == 1


def test_a_customer_told_again_keeps_what_was_not_said(cast: Cast) -> None:
    make.customer(cast, "C1", name="Ann", attributes={"branch": "north", "protected_age": 40})
    before = rows(cast)
    assert actions.record_customer(cast.system, key="C1", name="Ann").news is News.SAME
    assert rows(cast) == before
    told = actions.record_customer(
        cast.actor(), key="C1", language="en", attributes={"branch": "south"}, source="api"
    )
    assert (told.news, told.row.name, told.row.language) == (News.CHANGED, "Ann", "en")
    assert told.row.attributes == {"branch": "south"}
    assert told.row.lineage["language"] == {"source": "api", "at": NOW.isoformat()}
    assert told.row.lineage["name"]["source"] == "tenor"
    entry = AuditEntry.across.filter(action="customer.change").get()
    assert entry.before == {"language": "nl", "attributes": {"branch": "north"}}


def test_where_a_customer_can_be_reached(cast: Cast) -> None:
    make.customer(cast, "C1", email="")
    first = actions.add_contact_point(
        cast.actor("agent"), customer_key="C1", kind="email", value="Ann@Example.org"
    )
    assert (first.row.value, first.row.is_primary) == ("ann@example.org", True)
    second = actions.add_contact_point(
        cast.actor("agent"), customer_key="C1", kind="email", value="b@example.org", is_primary=True
    )
    points = ContactPoint.objects.of(cast.organisation).order_by("pk")
    assert [p.is_primary for p in points] == [False, True]
    actions.mark_bounced(cast.system, value="B@example.org", because="550 no such user")
    second.row.refresh_from_db()
    assert (second.row.bounced_at, second.row.bounced_because) == (NOW, "550 no such user")
    assert actions.mark_bounced(cast.system, value="b@example.org") == []


def test_the_present_word_on_a_channel_counts(cast: Cast) -> None:
    make.customer(cast, "C1")
    told = [
        actions.set_consent(cast.actor(), customer_key="C1", channel="sms", granted=g).news
        for g in (False, False, True)
    ]
    assert told == [News.NEW, News.SAME, News.CHANGED]
    entries = AuditEntry.across.filter(action="consent.set").order_by("number")
    assert [(e.before, e.after["sms"]) for e in entries] == [(None, False), ({"sms": False}, True)]


def test_who_may_not_book_money_changes_nothing(cast: Cast) -> None:
    make.invoice(cast)
    make.payment(cast, "P1", amount="10", invoice="F1")
    before = rows(cast)
    agent = cast.actor("agent")
    one = {"amount": Decimal(1)}
    for refused in (
        lambda: actions.record_payment(agent, key="P2", **one, currency="EUR", paid_at=NOW),
        lambda: actions.reverse_payment(agent, payment_key="P1"),
        lambda: actions.allocate(agent, payment_key="P1"),
        lambda: actions.credit_invoice(agent, invoice_key="F1"),
        lambda: actions.add_fee(agent, invoice_key="F1", **one),
        lambda: actions.correct_total(agent, invoice_key="F1", total=Decimal(1)),
        lambda: actions.write_off(agent, invoice_key="F1", reason="x"),
        lambda: actions.escalate(agent, invoice_keys=["F1"]),
        lambda: actions.record_customer(cast.actor("analyst"), key="C9"),
        lambda: actions.write_note(cast.actor("compliance"), customer_key="C1", text="x"),
    ):
        with pytest.raises(Forbidden):
            refused()
    assert rows(cast) == before


def test_somebody_of_another_organisation_finds_nothing(cast: Cast) -> None:
    make.invoice(cast)
    make.payment(cast, "P1", amount="10", invoice="F1")
    before = rows(cast)
    stranger = cast.actor("stranger")
    for refused in (
        lambda: actions.credit_invoice(stranger, invoice_key="F1"),
        lambda: actions.reverse_payment(stranger, payment_key="P1"),
        lambda: actions.allocate(stranger, payment_key="P1"),
        lambda: actions.write_off(stranger, invoice_key="F1", reason="x"),
        lambda: actions.write_note(stranger, customer_key="C1", text="x"),
    ):
        with pytest.raises(NotFound):
            refused()
    with pytest.raises(Invalid):
        actions.record_payment(
            stranger, key="P2", amount=Decimal(1), currency="EUR", paid_at=NOW, invoice_key="F1"
        )
    assert rows(cast) == before


@pytest.mark.parametrize("amount", [1.5, "1.00001", "NaN", "0", "-1", "1e12", True])
def test_no_amount_that_is_not_exact(cast: Cast, amount: Any) -> None:
    make.customer(cast)
    before = rows(cast)
    with pytest.raises(Invalid):
        actions.record_payment(
            cast.system, key="P1", amount=amount, currency="EUR", customer_key="C1",
            paid_at=datetime(2026, 3, 1, tzinfo=UTC),
        )  # fmt: skip
    assert rows(cast) == before


@pytest.mark.parametrize("attributes", [{"": 1}, {"a\0b": 1}, {"a": "b\0c"}, {"a" * 101: 1}])
def test_an_attribute_that_a_database_cannot_keep_is_refused(
    cast: Cast, attributes: dict[str, object]
) -> None:
    with pytest.raises(Invalid):
        make.customer(cast, "C1", attributes=attributes)
    assert not Customer.objects.of(cast.organisation).exists()
