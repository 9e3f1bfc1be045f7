"""Bringing in many rows: the ledger that single actions make, and no row twice."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

import make
from cast import NOW, Cast
from tenor.engine.frames import CUSTOMERS, INVOICES, PAYMENTS, conform
from tenor.platform.core.actor import Actor, system
from tenor.platform.core.errors import Forbidden
from tenor.platform.core.models import Organisation
from tenor.platform.ledger import actions, bulk
from tenor.platform.ledger.frames import payments_frame
from tenor.platform.ledger.models import (
    Allocation,
    Consent,
    ContactPoint,
    Customer,
    Exposure,
    Invoice,
    Payment,
)

DAY = timedelta(days=1)


def customers(*rows: dict[str, Any]) -> pl.DataFrame:
    return conform(CUSTOMERS, pl.DataFrame(rows, infer_schema_length=None))


def invoices(*rows: dict[str, Any]) -> pl.DataFrame:
    usual = {"currency": "EUR", "customer_id": "C1", "amount": Decimal(100)}
    days = {"issued_on": make.TODAY - 40 * DAY, "due_on": make.TODAY - 10 * DAY}
    given = [{**usual, **days, **row} for row in rows]
    return conform(INVOICES, pl.DataFrame(given, infer_schema_length=None))


def payments(*rows: tuple[Any, ...]) -> pl.DataFrame:
    names = ("invoice_id", "amount", "paid_at", "payment_id")
    given = [dict(zip(names, row, strict=False)) for row in rows]
    for row in given:
        row["amount"] = Decimal(str(row["amount"]))
    return conform(PAYMENTS, pl.DataFrame(given, infer_schema_length=None))


def ledger(own: Organisation) -> dict[str, Any]:
    """All that the ledger of an organisation says, without numbers of rows."""
    return {
        "customers": list(
            Customer.objects.of(own).order_by("key").values_list(
                "key", "name", "kind", "country", "language", "timezone", "attributes", "lineage"
            )
        ),
        "points": sorted(ContactPoint.objects.of(own).values_list(
            "customer__key", "kind", "value", "is_primary")),
        "consents": sorted(
            Consent.objects.of(own).values_list("customer__key", "channel", "granted", "at")
        ),
        "invoices": list(
            Invoice.objects.of(own).order_by("key").values_list(
                "key", "customer__key", "number", "amount", "currency", "issued_on", "due_on",
                "attributes", "lineage", "total", "paid", "balance", "settled_at", "is_open",
            )
        ),
        "payments": sorted(Payment.objects.of(own).values_list(
            "key", "customer__key", "amount", "currency", "paid_at", "method", "allocated")),
        "allocations": sorted(
            Allocation.objects.of(own).values_list("payment__key", "invoice__key", "amount", "at")
        ),
        "exposures": sorted(
            Exposure.objects.of(own).filter(open_count__gt=0).values_list(
                "customer__key", "currency", "open_amount", "open_count", "oldest_due_on"
            )
        ),
    }  # fmt: skip


CUSTOMER_ROWS: list[dict[str, Any]] = [
    {"customer_id": "C1", "kind": "consumer", "country": "NL", "language": "nl", "name": "Ann",
     "email": "Ann@example.org", "mobile": "+31600000001", "age": 40, "consent_sms": False},
    {"customer_id": "C2", "kind": "business", "country": "BE", "language": None, "name": None,
     "email": None, "mobile": None, "age": None, "consent_sms": True},
]  # fmt: skip
INVOICE_ROWS: list[dict[str, Any]] = [
    {"invoice_id": "F1", "product": "gas", "number": "2026-1"},
    {"invoice_id": "F2", "amount": Decimal("50.25"), "due_on": make.TODAY - 5 * DAY},
    {"invoice_id": "F3", "customer_id": "C2", "amount": Decimal(30)},
    {"invoice_id": "F4", "amount": Decimal(10), "issued_on": make.TODAY, "due_on": make.TODAY},
]
# The first is paid too much, so that the rest goes to the oldest; another leaves a small rest.
PAYMENT_ROWS = [
    ("F1", 120, NOW - 3 * DAY, "P1"),
    ("F2", 5, NOW - 4 * DAY, "P2"),
    ("F3", "29.90", NOW - 2 * DAY, "P3"),
    ("F2", 80, NOW - DAY, "P4"),
]


def singly(actor: Actor) -> None:
    """Bring the same rows in by single actions."""
    for row in CUSTOMER_ROWS:
        given = {part: row[part] for part in ("name", "kind", "country", "language")}
        key, age = row["customer_id"], row["age"]
        free = {} if age is None else {"age": age}
        actions.record_customer(actor, key=key, **given, attributes=free, source="import")
        for kind in ("email", "mobile"):
            if row[kind]:
                actions.add_contact_point(actor, customer_key=key, kind=kind, value=row[kind])
        actions.set_consent(
            actor, customer_key=key, channel="sms", granted=row["consent_sms"], source="import"
        )
    for row in invoices(*INVOICE_ROWS).to_dicts():
        free = {name: row.pop(name) for name in ("product",) if row[name]}
        row.pop("product", None)
        key, customer = row.pop("invoice_id"), row.pop("customer_id")
        actions.record_invoice(
            actor, key=key, customer_key=customer, **row, attributes=free, source="import"
        )
    for invoice, amount, at, key in sorted(PAYMENT_ROWS, key=lambda row: row[2]):
        actions.record_payment(
            actor, key=key, amount=Decimal(str(amount)), currency="EUR", paid_at=at,
            invoice_key=invoice, source="import",
        )  # fmt: skip


def in_bulk(actor: Actor) -> list[bulk.Counts]:
    return [
        bulk.upsert_customers(actor, customers(*CUSTOMER_ROWS)),
        bulk.upsert_invoices(actor, invoices(*INVOICE_ROWS)),
        bulk.add_payments(actor, payments(*PAYMENT_ROWS)),
    ]


def test_many_rows_make_the_ledger_that_single_actions_make(cast: Cast) -> None:
    singly(system(cast.other))
    counts = in_bulk(cast.system)
    assert [(c.new, c.changed, c.same, c.refused) for c in counts] == [
        (2, 0, 0, []), (4, 0, 0, []), (4, 0, 0, []),
    ]  # fmt: skip
    assert ledger(cast.organisation) == ledger(cast.other)


def test_the_same_rows_once_more_change_nothing(cast: Cast) -> None:
    in_bulk(cast.system)
    before = ledger(cast.organisation)
    counts = in_bulk(cast.system)
    assert [(c.new, c.changed, c.same, c.refused) for c in counts] == [
        (0, 0, 2, []), (0, 0, 4, []), (0, 0, 4, []),
    ]  # fmt: skip
    assert ledger(cast.organisation) == before


def test_what_is_new_about_known_rows_goes_in(cast: Cast) -> None:
    in_bulk(cast.system)
    told = {**CUSTOMER_ROWS[0], "age": 41, "email": "new@example.org", "name": None}
    count = bulk.upsert_customers(cast.system, customers(told, {"customer_id": "C3"}))
    assert (count.new, count.changed, count.same) == (1, 1, 0)
    row = Customer.objects.of(cast.organisation).get(key="C1")
    assert (row.name, row.attributes) == ("Ann", {"age": 41})
    points = row.contact_points.filter(kind="email").order_by("pk")
    assert [(p.value, p.is_primary) for p in points] == [
        ("ann@example.org", True), ("new@example.org", False),
    ]  # fmt: skip
    later = invoices({"invoice_id": "F1", "due_on": make.TODAY + DAY, "product": "power"})
    count = bulk.upsert_invoices(cast.system, later)
    assert (count.new, count.changed, count.same) == (0, 1, 0)
    invoice = Invoice.objects.of(cast.organisation).get(key="F1")
    assert (invoice.due_on, invoice.attributes) == (make.TODAY + DAY, {"product": "power"})


def test_rows_that_cannot_be_are_refused_with_their_place(cast: Cast) -> None:
    count = bulk.upsert_customers(
        cast.system,
        customers(
            {"customer_id": "C1", "country": "Holland", "email": "a@x.nl"},
            {"customer_id": "C2", "country": "NL", "email": "nobody"},
            {"customer_id": " ", "country": "NL", "email": None},
        ),
    )
    assert [place for place, _reason in count.refused] == [0, 1, 2]
    assert (count.new, Customer.objects.of(cast.organisation).get().key) == (1, "C2")
    count = bulk.upsert_invoices(
        cast.system,
        invoices(
            {"invoice_id": "F1", "customer_id": "C1"},
            {"invoice_id": "F2", "customer_id": "C2"},
            {"invoice_id": "F3", "customer_id": "C2", "currency": "euro"},
            {"invoice_id": "F4", "customer_id": "C2", "amount": Decimal(0)},
        ),
    )
    assert [place for place, _reason in count.refused] == [0, 2, 3]
    count = bulk.upsert_invoices(
        cast.system, invoices({"invoice_id": "F2", "customer_id": "C2", "amount": Decimal(99)})
    )
    assert "another amount" in count.refused[0][1]
    count = bulk.add_payments(
        cast.system, payments(("F9", 1, NOW, "P1"), ("F2", 40, NOW, "P2"), ("F2", 0, NOW, "P3"))
    )
    assert [place for place, _reason in count.refused] == [0, 2]
    assert Invoice.objects.of(cast.organisation).get(key="F2").balance == 60
    count = bulk.add_payments(cast.system, payments(("F2", 41, NOW, "P2")))
    assert "another amount" in count.refused[0][1]


def test_payments_without_a_name_are_known_by_what_they_say(cast: Cast) -> None:
    make.invoice(cast, "F1")
    rows = payments(("F1", 20, NOW - DAY), ("F1", 20, NOW - DAY), ("F1", 5, NOW))
    assert bulk.add_payments(cast.system, rows).new == 3
    count = bulk.add_payments(cast.system, rows)
    assert (count.new, count.same) == (0, 3)
    assert Invoice.objects.of(cast.organisation).get(key="F1").balance == 55


def test_a_row_below_nothing_takes_back(cast: Cast) -> None:
    make.invoice(cast, "F1")
    make.invoice(cast, "F2")
    rows = payments(
        ("F1", 100, NOW - 3 * DAY, "P1"), ("F1", -100, NOW - DAY, "P1"),
        ("F2", 60, NOW - 3 * DAY, "P2"), ("F2", -20, NOW - DAY, "P2"),
        ("F2", 7, NOW - 3 * DAY, None), ("F2", -7, NOW, None), ("F2", -8, NOW, None),
    )  # fmt: skip
    count = bulk.add_payments(cast.system, rows)
    assert (count.new, [place for place, _ in count.refused]) == (6, [6])
    found = Invoice.objects.of(cast.organisation).order_by("key").values_list("key", "balance")
    # The freed 20 of P2 covers the 7 that were returned.
    assert list(found) == [("F1", 100), ("F2", 53)]
    before = ledger(cast.organisation)
    count = bulk.add_payments(cast.system, rows)
    assert (count.new, [place for place, _ in count.refused]) == (0, [6])
    assert ledger(cast.organisation) == before


def test_one_payment_of_several_invoices_goes_out_and_comes_back_the_same(cast: Cast) -> None:
    for key in ("F1", "F2"):
        make.invoice(cast, key)
    rows = payments(("F1", 30, NOW - DAY, "P1"), ("F2", 70, NOW - DAY, "P1"))
    bulk.add_payments(cast.system, rows)
    assert Payment.objects.of(cast.organisation).get().amount == 100
    out = payments_frame(cast.organisation, NOW)
    assert out["amount"].to_list() == [Decimal(30), Decimal(70)]
    other = system(cast.other)
    bulk.upsert_customers(other, customers({"customer_id": "C1"}))
    bulk.upsert_invoices(other, invoices({"invoice_id": "F1"}, {"invoice_id": "F2"}))
    bulk.add_payments(other, out)
    assert payments_frame(cast.other, NOW).equals(out)


def test_only_who_may_import_brings_in_rows(cast: Cast) -> None:
    for bring, frame in (
        (bulk.upsert_customers, customers({"customer_id": "C1"})),
        (bulk.upsert_invoices, invoices({"invoice_id": "F1"})),
        (bulk.add_payments, payments(("F1", 1, NOW, "P1"))),
    ):
        with pytest.raises(Forbidden):
            bring(cast.actor("agent"), frame)
    assert not Customer.objects.of(cast.organisation).exists()
