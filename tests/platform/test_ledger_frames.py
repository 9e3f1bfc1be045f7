"""The ledger as the engine reads it: its columns, their types, and nothing later than asked."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl

import make
from cast import NOW, Cast
from tenor.engine.frames import AMOUNT, INSTANT
from tenor.platform.ledger import actions
from tenor.platform.ledger.frames import customers_frame, invoices_frame, payments_frame

DAY = timedelta(days=1)


def test_customers_have_their_free_columns_and_consents_but_no_name(cast: Cast) -> None:
    attributes = {
        "age": 40, "score": 1.5, "vip": True, "since": "2020-02-29", "mixed": 3,
        "branch": "n,o \"r\" th",
        "ref_area": "NL-1", "protected_sex": "f", "customer_value": 12, "kind": "not this",
    }  # fmt: skip
    make.customer(cast, "C2", name="Ann Secret", attributes=attributes, timezone="Europe/Lisbon")
    make.customer(cast, "C1", attributes={"score": 2, "mixed": "x"}, kind="", language="")
    actions.set_consent(cast.system, customer_key="C2", channel="sms", granted=False)
    actions.set_consent(cast.system, customer_key="C2", channel="email", granted=True)
    frame = customers_frame(cast.organisation, NOW)
    assert frame.to_dicts() == [
        {
            "customer_id": "C1", "kind": None, "country": "NL", "language": None,
            "timezone": None, "customer_value": None, "contact_hours": None,
            "contact_days": None, "age": None, "branch": None, "mixed": "x",
            "ref_area": None, "score": 2.0, "since": None, "vip": None,
            "consent_email": None, "consent_sms": None,
        },
        {
            "customer_id": "C2", "kind": "consumer", "country": "NL", "language": "nl",
            "timezone": "Europe/Lisbon", "customer_value": 12.0, "contact_hours": None,
            "contact_days": None, "age": 40,
            "branch": 'n,o "r" th', "mixed": "3", "ref_area": "NL-1",
            "score": 1.5, "since": date(2020, 2, 29), "vip": True,
            "consent_email": True, "consent_sms": False,
        },
    ]  # fmt: skip
    types = {"age": pl.Int64, "score": pl.Float64, "vip": pl.Boolean, "consent_sms": pl.Boolean}
    assert {name: frame.schema[name] for name in types} == types
    assert "consent_sms" not in customers_frame(cast.organisation, NOW - DAY).columns
    one = customers_frame(cast.organisation, NOW, ["C1"])
    assert one["customer_id"].to_list() == ["C1"]


def test_invoices_are_what_was_first_asked_and_known_from_their_first_day(cast: Cast) -> None:
    make.invoice(cast, "F1", amount="1234567.8901", attributes={"product": "gas"})
    make.invoice(cast, "F2", customer="C2", issued_on=make.TODAY + DAY, due_on=make.TODAY + 9 * DAY)
    actions.add_fee(cast.system, invoice_key="F1", amount=Decimal(5))
    frame = invoices_frame(cast.organisation, NOW)
    assert frame.to_dicts() == [
        {
            "invoice_id": "F1", "customer_id": "C1", "amount": Decimal("1234567.8901"),
            "currency": "EUR", "issued_on": make.TODAY - 40 * DAY,
            "due_on": make.TODAY - 10 * DAY, "product": "gas",
        }
    ]  # fmt: skip
    assert frame.schema["amount"] == AMOUNT
    later = invoices_frame(cast.organisation, NOW + DAY)
    assert later["invoice_id"].to_list() == ["F1", "F2"]
    assert invoices_frame(cast.organisation, NOW + DAY, ["C2"])["invoice_id"].to_list() == ["F2"]
    assert invoices_frame(cast.organisation, NOW, []).is_empty()


def test_payments_are_allocations_by_their_instant(cast: Cast) -> None:
    make.invoice(cast, "F1")
    paid_at = NOW - 2 * DAY + timedelta(microseconds=5)
    make.payment(cast, "P1", amount="130", invoice="F1", paid_at=paid_at, method="debit")
    actions.reverse_payment(cast.system, payment_key="P1")
    row = {"invoice_id": "F1", "payment_id": "P1", "method": "debit"}
    frame = payments_frame(cast.organisation, NOW)
    assert frame.select("invoice_id", "payment_id", "method", "paid_at", "amount").to_dicts() == [
        row | {"paid_at": paid_at, "amount": Decimal(100)},
        row | {"paid_at": NOW, "amount": Decimal(-100)},
    ]
    assert (frame.schema["paid_at"], frame.schema["amount"]) == (INSTANT, AMOUNT)
    assert payments_frame(cast.organisation, NOW - DAY)["amount"].to_list() == [Decimal(100)]
    assert payments_frame(cast.organisation, NOW, ["C9"]).is_empty()


def test_the_frames_of_another_organisation_are_its_own(cast: Cast) -> None:
    make.payment(cast, "P1", invoice=make.invoice(cast, "F1").key)
    for frame in (customers_frame, invoices_frame, payments_frame):
        assert frame(cast.other, NOW).is_empty()
