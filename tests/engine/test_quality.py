"""What is odd in the facts is found and counted; what they are enough for is said plainly."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from tenor.engine.frames import Tables, tables_of
from tenor.engine.quality import (
    Verdict,
    findings,
    inventory,
    missing_values,
    sufficiency,
)

TODAY = date(2025, 1, 1)
LATER = date(2027, 1, 1)


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2024, 1, 1, hour, tzinfo=UTC) + timedelta(days=day - 1)


def invoice(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "invoice_id": name,
        "customer_id": "C1",
        "amount": 100,
        "currency": "EUR",
        "issued_on": date(2024, 1, 1),
        "due_on": date(2024, 1, 31),
    } | changes


def payment(name: str, day: int, amount: float = 100) -> dict[str, Any]:
    return {"invoice_id": name, "paid_at": at(day), "amount": amount}


def contact(name: str, day: int, invoices: list[str], **changes: Any) -> dict[str, Any]:
    return {
        "contact_id": name,
        "customer_id": "C1",
        "invoice_ids": invoices,
        "sent_at": at(day),
        "channel": "email",
        "tone": "neutral",
        "propensity": 0.5,
    } | changes


def event(name: str, day: int, kind: str, detail: str | None = None) -> dict[str, Any]:
    return {"at": at(day), "kind": kind, "invoice_id": name, "detail": detail}


def portfolio(**rows: list[dict[str, Any]]) -> Tables:
    """Two customers, one invoice of the first; a payment, a contact and an event without fault."""
    standing = {
        "customers": [{"customer_id": "C1"}, {"customer_id": "C2"}],
        "invoices": [invoice("I1")],
        "payments": [payment("I1", 20)],
        "contacts": [contact("K1", 10, ["I1"])],
        "events": [event("I1", 10, "opened")],
    } | rows
    return tables_of(**{n: pl.DataFrame(r, infer_schema_length=None) for n, r in standing.items()})


def test_a_portfolio_without_fault_has_no_findings() -> None:
    assert findings(portfolio(), today=TODAY) == []


@pytest.mark.parametrize(
    ("rows", "code", "count", "examples"),
    [
        ({"invoices": [invoice("I1"), invoice("I2")]}, "invoices_alike", 1, ("I2",)),
        ({"payments": [payment("I1", 20, 50)] * 2}, "payments_alike", 1, ("I1",)),
        (
            {"contacts": [contact("K1", 10, ["I1"]), contact("K2", 10, ["I1"])]},
            "contacts_alike",
            1,
            ("K2",),
        ),
        ({"events": [event("I1", 10, "opened")] * 3}, "events_alike", 2, ("I1",)),
        (
            {"invoices": [invoice("I1", due_on=date(2023, 12, 31))]},
            "due_before_issued",
            1,
            ("I1",),
        ),
        (
            {"invoices": [invoice("I1"), invoice("I2", issued_on=date(1900, 1, 1))]},
            "very_old",
            1,
            ("I2",),
        ),
        (
            {
                "invoices": [
                    invoice("I1"),
                    invoice("I2", issued_on=date(2025, 1, 2), due_on=date(2025, 2, 1)),
                ]
            },
            "issued_in_future",
            1,
            ("I2",),
        ),
        ({"invoices": [invoice("I1", due_on=date(2099, 1, 1))]}, "due_far_away", 1, ("I1",)),
        ({"payments": [payment("I1", 20, 50), payment("I1", 400, 50)]}, "in_future", 1, ("I1",)),
        (
            {"payments": [payment("I1", -1, 40), payment("I1", 20, 60)]},
            "payment_before_issue",
            1,
            ("I1",),
        ),
        ({"contacts": [contact("K1", -1, ["I1"])]}, "contact_before_issue", 1, ("I1",)),
        ({"events": [event("I1", -1, "opened")]}, "event_before_issue", 1, ("I1",)),
        ({"payments": [payment("I1", 20, 60), payment("I1", 25, 60)]}, "paid_too_much", 1, ("I1",)),
        (
            {"payments": [payment("I1", 20), payment("I1", 25, 0)]},
            "payment_of_nothing",
            1,
            ("I1",),
        ),
        ({"contacts": [contact("K1", 21, ["I1"])]}, "contact_after_payment", 1, ("K1",)),
        (
            {"contacts": [contact("K1", 10, ["I1"], customer_id="C2")]},
            "contact_of_another",
            1,
            ("K1",),
        ),
        ({"events": [event("I1", 10, "sneezed")]}, "unknown_kind", 1, ("sneezed",)),
        ({"contacts": [contact("K1", 10, ["I1"], tone=None)]}, "mostly_empty", 0, ()),
    ],
)
def test_each_oddity_is_found_with_its_count_and_examples(
    rows: dict[str, Any], code: str, count: int, examples: tuple[str, ...]
) -> None:
    [found] = findings(portfolio(**rows), today=TODAY)
    assert (found.code, found.rows, found.examples) == (code, count, examples)


def test_money_above_a_penalty_is_too_much_and_up_to_it_is_not() -> None:
    penalty = event("I1", 12, "amount_changed", '{"amount": "200"}')
    paid_penalty = portfolio(events=[penalty], payments=[payment("I1", 20, 200)])
    assert findings(paid_penalty, today=TODAY) == []
    [found] = findings(portfolio(events=[penalty], payments=[payment("I1", 20, 230)]), today=TODAY)
    assert found.text == "more paid than was ever asked on 1 invoice (30.00 in all)"


def test_a_contact_is_after_payment_only_if_all_it_names_is_paid() -> None:
    invoices = [invoice("I1"), invoice("I2", amount=70)]
    tables = portfolio(invoices=invoices, contacts=[contact("K1", 21, ["I1", "I2"])])
    assert findings(tables, today=TODAY) == []


def test_months_without_rows_and_feeds_that_start_late_or_stop_are_named() -> None:
    invoices = [
        invoice("I1"),
        invoice("I2", issued_on=date(2024, 4, 1), due_on=date(2024, 5, 1)),
        invoice("I3", issued_on=date(2024, 8, 1), due_on=date(2024, 9, 1)),
    ]
    tables = portfolio(invoices=invoices, contacts=[contact("K1", 100, ["I2"])], events=[])
    found = {(f.code, f.table): f for f in findings(tables, today=TODAY)}
    assert found["quiet_months", "invoices"].text.startswith("5 months in between")
    assert found["quiet_months", "invoices"].examples == ("2024-02", "2024-03", "2024-05")
    assert found["starts_late", "contacts"].text == (
        "begin on 2024-04-09, the invoices on 2024-01-01"
    )
    assert found["stops_early", "payments"].text == (
        "end on 2024-01-20, the invoices on 2024-08-01"
    )
    assert found["no_rows", "events"].rows == 0


def test_the_inventory_names_rows_and_days_of_each_table() -> None:
    assert inventory(portfolio()).rows() == [
        ("customers", 2, None, None),
        ("invoices", 1, date(2024, 1, 1), date(2024, 1, 1)),
        ("payments", 1, date(2024, 1, 20), date(2024, 1, 20)),
        ("contacts", 1, date(2024, 1, 10), date(2024, 1, 10)),
        ("events", 1, date(2024, 1, 10), date(2024, 1, 10)),
        ("external", 0, None, None),
    ]


def test_missing_values_are_counted_by_column() -> None:
    customers = [{"customer_id": "C1", "country": "NL"}, {"customer_id": "C2", "country": None}]
    missing = missing_values(portfolio(customers=customers)).filter(pl.col("table") == "customers")
    assert missing.select("column", "missing", "share").rows() == [
        ("kind", 2, 1.0),
        ("country", 1, 0.5),
        ("language", 2, 1.0),
        ("timezone", 2, 1.0),
        ("customer_value", 2, 1.0),
    ]


def history(
    *, customers: int, months: int, contacts: int, varied: float = 0.0, logged: bool = False
) -> Tables:
    """One paid invoice a customer over `months`; contacts by email, a share of them by letter."""
    days = [1 + i * months * 30 // customers for i in range(customers)]
    other = round(contacts * varied)
    return tables_of(
        customers=pl.DataFrame({"customer_id": [f"C{i}" for i in range(customers)]}),
        invoices=pl.DataFrame(
            [
                invoice(
                    f"I{i}",
                    customer_id=f"C{i}",
                    issued_on=at(day).date(),
                    due_on=at(day + 30).date(),
                )
                for i, day in enumerate(days)
            ]
        ),
        payments=pl.DataFrame([payment(f"I{i}", day + 20) for i, day in enumerate(days)]),
        contacts=pl.DataFrame(
            {
                "contact_id": [f"K{i}" for i in range(contacts)],
                "customer_id": [f"C{i % customers}" for i in range(contacts)],
                "invoice_ids": [[f"I{i % customers}-{i}"] for i in range(contacts)],
                "sent_at": [at(10)] * contacts,
                "channel": ["letter"] * other + ["email"] * (contacts - other),
                "propensity": [0.5 if logged else None] * contacts,
            }
        ),
    )


@pytest.mark.parametrize(
    ("tables", "verdicts"),
    [
        (
            history(customers=20, months=2, contacts=10),
            (Verdict.THIN, Verdict.TOO_LITTLE, Verdict.TOO_LITTLE),
        ),
        (
            history(customers=300, months=9, contacts=1000, varied=0.04),
            (Verdict.ENOUGH, Verdict.THIN, Verdict.TOO_LITTLE),
        ),
        (
            history(customers=300, months=24, contacts=1000, varied=0.06),
            (Verdict.ENOUGH, Verdict.THIN, Verdict.THIN),
        ),
        (
            history(customers=1200, months=13, contacts=20_000, varied=0.3, logged=True),
            (Verdict.ENOUGH, Verdict.ENOUGH, Verdict.ENOUGH),
        ),
        (
            tables_of(invoices=pl.DataFrame([invoice("I1")])),
            (Verdict.TOO_LITTLE, Verdict.TOO_LITTLE, Verdict.TOO_LITTLE),
        ),
        (tables_of(), (Verdict.TOO_LITTLE, Verdict.TOO_LITTLE, Verdict.TOO_LITTLE)),
    ],
)
def test_the_history_is_judged_for_each_use(tables: Tables, verdicts: tuple[Verdict, ...]) -> None:
    enough = sufficiency(tables, today=LATER)
    assert [use.name for use in enough.uses] == ["audit", "payment predictor", "effect predictor"]
    assert tuple(use.verdict for use in enough.uses) == verdicts
    assert all(use.reason for use in enough.uses)


def test_a_strict_ladder_has_no_variation_and_a_draw_has() -> None:
    steps = [("email", "friendly"), ("email", "firm"), ("letter", "urgent")]
    ladder = [
        contact(f"K{i}-{s}", 10 + s, [f"I{i}"], channel=channel, tone=tone)
        for i in range(10)
        for s, (channel, tone) in enumerate(steps)
    ]
    assert sufficiency(portfolio(contacts=ladder), today=TODAY).share_varied == 0
    ladder[0]["channel"] = "sms"
    enough = sufficiency(portfolio(contacts=ladder), today=TODAY)
    assert enough.share_varied == pytest.approx(1 / 30)
    assert enough.share_propensity == 1
