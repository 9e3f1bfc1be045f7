"""The tables of facts: what they hold, what is known when, and which columns may be features."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from policy_world import at, contact, customer, event, invoice, payment, world
from tenor.engine.frames import (
    AMOUNT,
    CUSTOMERS,
    EXTERNAL,
    INSTANT,
    INVOICES,
    PAYMENTS,
    TABLES,
    Tables,
    conform,
    empty_tables,
    feature_columns,
    tables_of,
)

AS_OF = at("2026-05-11 09:00")
INSTANT_LATER = AS_OF + timedelta(microseconds=1)


def payments(*times: datetime) -> Tables:
    rows = [{"invoice_id": "I1", "paid_at": t, "amount": Decimal(1)} for t in times]
    return tables_of(payments=pl.DataFrame(rows, schema_overrides={"paid_at": INSTANT}))


def external(*rows: tuple[date, date | None]) -> Tables:
    return tables_of(
        external=pl.DataFrame(
            [{"date": d, "name": "x", "value": 1.0, "available_on": a} for d, a in rows],
            schema_overrides={"available_on": pl.Date},
        )
    )


def test_the_six_tables_have_the_columns_of_the_contract() -> None:
    required = {t.name: [c.name for c in t.columns if c.required] for t in TABLES.values()}
    assert required == {
        "customers": ["customer_id"],
        "invoices": ["invoice_id", "customer_id", "amount", "currency", "issued_on", "due_on"],
        "payments": ["invoice_id", "paid_at", "amount"],
        "contacts": ["contact_id", "customer_id", "invoice_ids", "sent_at", "channel"],
        "events": ["at", "kind"],
        "external": ["date", "name", "value"],
    }
    optional = {t.name: [c.name for c in t.columns if not c.required] for t in TABLES.values()}
    assert optional == {
        "customers": [
            *("kind", "country", "language", "timezone", "customer_value"),
            *("contact_hours", "contact_days"),
        ],
        "invoices": [],
        "payments": ["payment_id", "method"],
        "contacts": [
            *("tone", "template", "propensity", "cost", "policy"),
            *("propensity_channel", "propensity_tone", "propensity_time", "eligible"),
            "explored_by",
        ],
        "events": ["invoice_id", "customer_id", "contact_id", "detail"],
        "external": ["region", "available_on"],
    }


def test_empty_tables_have_every_column_and_no_row() -> None:
    for table, frame in empty_tables():
        assert frame.columns == [c.name for c in table.columns]
        assert frame.height == 0
    assert [t.name for t, _ in empty_tables()] == list(TABLES)


def test_absent_columns_are_there_and_empty_in_the_contracts_order_and_type() -> None:
    frame = conform(
        PAYMENTS,
        pl.DataFrame({"amount": ["12.5"], "paid_at": [AS_OF], "invoice_id": ["I1"], "more": [1]}),
    )
    assert dict(frame.schema) == {
        "invoice_id": pl.String,
        "paid_at": INSTANT,
        "amount": AMOUNT,
        "payment_id": pl.String,
        "method": pl.String,
    }
    assert frame.row(0) == ("I1", AS_OF, Decimal("12.5"), None, None)


def test_only_customers_and_invoices_keep_columns_of_their_own() -> None:
    kept = {t.name for t in TABLES.values() if t.free_columns}
    assert kept == {"customers", "invoices"}
    frame = conform(CUSTOMERS, pl.DataFrame({"segment": ["a"], "customer_id": ["C1"]}))
    assert frame.columns == [*(c.name for c in CUSTOMERS.columns), "segment"]


def test_a_value_of_another_type_is_refused() -> None:
    with pytest.raises(pl.exceptions.InvalidOperationError):
        conform(PAYMENTS, pl.DataFrame({"amount": ["much"]}))


def test_columns_of_ones_own_are_features_unless_protected_reference_or_consent() -> None:
    names = [
        "segment",
        "protected_age",
        "ref_crm",
        "consent_email",
        "protectedness",
        "reference",
        "a_ref_b",
    ]
    frame = conform(CUSTOMERS, pl.DataFrame({"customer_id": ["C1"], **{n: ["x"] for n in names}}))
    assert feature_columns(CUSTOMERS, frame) == ["segment", "protectedness", "reference", "a_ref_b"]
    assert feature_columns(INVOICES, INVOICES.empty()) == []


# What is known when


def test_a_fact_is_known_from_its_own_instant_on() -> None:
    known = payments(AS_OF - timedelta(days=1), AS_OF, INSTANT_LATER).known_at(AS_OF)
    assert known.payments["paid_at"].to_list() == [AS_OF - timedelta(days=1), AS_OF]


def test_contacts_and_events_are_known_from_their_own_instant_on() -> None:
    tables = world(
        event("opened", "2026-05-11 09:00"),
        event("clicked", "2026-05-11 09:01"),
        contacts=[contact("2026-05-11 09:00", id="K1"), contact("2026-05-11 09:01", id="K2")],
    )
    known = tables.known_at(AS_OF)
    assert known.events["kind"].to_list() == ["opened"]
    assert known.contacts["contact_id"].to_list() == ["K1"]


def test_an_invoice_is_known_from_the_midnight_of_its_issue() -> None:
    tables = world(
        invoices=[invoice("I1", issued="2026-05-10"), invoice("I2", issued="2026-05-11")]
    )
    assert tables.known_at(at("2026-05-10 23:59")).invoices["invoice_id"].to_list() == ["I1"]
    assert tables.known_at(at("2026-05-11")).invoices["invoice_id"].to_list() == ["I1", "I2"]


def test_an_external_value_is_known_when_it_was_available_else_from_its_date() -> None:
    tables = external(
        (date(2026, 5, 1), date(2026, 5, 20)),
        (date(2026, 5, 2), date(2026, 5, 11)),
        (date(2026, 5, 12), date(2026, 5, 3)),
        (date(2026, 5, 11), None),
        (date(2026, 5, 12), None),
    )
    assert tables.known_at(AS_OF).external["date"].to_list() == [
        date(2026, 5, 2),
        date(2026, 5, 12),
        date(2026, 5, 11),
    ]


@pytest.mark.parametrize(
    ("by", "seen"),
    [
        ({"invoices": [invoice("I1", "C2", issued="2026-05-11")]}, ["C2"]),
        ({"invoices": [invoice("I1", "C2", issued="2026-05-12")]}, []),
        ({"contacts": [contact("2026-05-10", customer="C2")]}, ["C2"]),
        ({"contacts": [contact("2026-05-12", customer="C2")]}, []),
        ({"payments": [payment("2026-05-10", "1", "I9")]}, []),
    ],
)
def test_a_customer_is_known_from_their_first_invoice_contact_or_event(
    by: dict[str, list[dict[str, object]]], seen: list[str]
) -> None:
    tables = world(**({"invoices": []} | by), customers=[customer("C1"), customer("C2")])
    assert tables.known_at(AS_OF).customers["customer_id"].to_list() == seen


def test_an_event_of_a_customer_makes_them_known() -> None:
    tables = world(event("replied", "2026-05-10"), invoices=[])
    assert tables.known_at(AS_OF).customers["customer_id"].to_list() == ["C1"]
    assert tables.known_at(at("2026-05-09")).customers.is_empty()


def test_knowing_twice_is_knowing_at_the_earlier_instant() -> None:
    times = [AS_OF + timedelta(days=d) for d in range(-3, 4)]
    earlier, later = AS_OF - timedelta(days=1), AS_OF + timedelta(days=2)
    for first, second in [(earlier, later), (later, earlier)]:
        known = payments(*times).known_at(first).known_at(second)
        assert known.payments["paid_at"].max() == earlier


def test_replaced_tables_are_looked_at_anew() -> None:
    known = payments(AS_OF).known_at(AS_OF)
    again = known.with_(payments=payments(AS_OF, INSTANT_LATER).payments)
    assert again.payments.height == 2
    assert again.known_at(AS_OF).payments.height == 1


def test_the_zone_of_the_instant_does_not_matter_but_it_must_have_one() -> None:
    tables = payments(AS_OF, INSTANT_LATER)
    elsewhere = AS_OF.astimezone(datetime.strptime("+0900", "%z").tzinfo)
    assert tables.known_at(elsewhere).payments.equals(tables.known_at(AS_OF).payments)
    with pytest.raises(ValueError, match="aware"):
        tables.known_at(AS_OF.replace(tzinfo=None))


def test_every_table_but_the_customers_says_since_when_a_row_is_known() -> None:
    since = {t.name: t.known_from for t in TABLES.values()}
    assert since == {
        "customers": None,
        "invoices": "issued_on",
        "payments": "paid_at",
        "contacts": "sent_at",
        "events": "at",
        "external": "date",
    }
    assert EXTERNAL.column("available_on") is not None
    assert AS_OF.tzinfo is UTC
