"""Why the DSO changed: each cause alone moves its own driver, and all of them add up."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from tenor.engine.frames import INSTANT, Tables, tables_of
from tenor.engine.kpis.blocked import blocked
from tenor.engine.kpis.drivers import DRIVERS, DsoChange, dso_drivers
from tenor.engine.kpis.portfolio import audit
from tenor.engine.kpis.ratios import Reason
from worlds import shuffled

FIRST = date(2024, 1, 1)
START = datetime(2025, 7, 1, tzinfo=UTC)
END = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = (END.date() - FIRST).days + 1

Terms = Callable[[date], int]


def daily(
    *,
    amount: Terms = lambda _: 100,
    terms: Terms = lambda _: 14,
    delay: Terms = lambda _: 0,
    customer: Callable[[date], str] = lambda _: "C1",
    events: list[dict[str, Any]] | None = None,
) -> Tables:
    """An invoice every day since 2024, paid so many days after it is due."""
    days = [FIRST + timedelta(days=n) for n in range(DAYS)]
    due = [day + timedelta(days=terms(day)) for day in days]
    ids = [f"I{n:04d}" for n in range(DAYS)]
    paid = [
        (i, datetime(p.year, p.month, p.day, 9, tzinfo=UTC), Decimal(amount(day)))
        for i, day, d in zip(ids, days, due, strict=True)
        for p in [d + timedelta(days=delay(day))]
    ]
    customers = [customer(day) for day in days]
    return tables_of(
        customers=pl.DataFrame({"customer_id": sorted(set(customers)), "kind": "business"}),
        invoices=pl.DataFrame(
            {
                "invoice_id": ids,
                "customer_id": customers,
                "amount": [Decimal(amount(day)) for day in days],
                "currency": "EUR",
                "issued_on": days,
                "due_on": due,
            }
        ),
        payments=pl.DataFrame(paid, schema=["invoice_id", "paid_at", "amount"], orient="row"),
        **(
            {"events": pl.DataFrame(events, schema_overrides={"at": INSTANT, "detail": pl.String})}
            if events
            else {}
        ),
    )


def since_july(late: int, before: int = 0) -> Terms:
    """So many for what was issued after the start, others for what was before."""
    return lambda day: late if day > START.date() else before


def change(tables: Tables, **more: Any) -> DsoChange:
    (found,) = dso_drivers(tables, start=START, end=END, **more)
    return found


def moved(found: DsoChange, least: str = "0.10") -> dict[str, Decimal]:
    """The drivers that moved, those of a few hundredths (months of 30 and 31 days) left out."""
    return {name: days for name, days in found.drivers if abs(days) >= Decimal(least)}


def test_more_sales_of_the_same_kind_move_nothing() -> None:
    found = change(daily(amount=since_july(300, 100)))
    assert found.dso_start.value == found.dso_end.value == Decimal("15.00")
    assert [name for name, _ in found.drivers] == list(DRIVERS)
    assert not any(days for _, days in found.drivers)


def test_sales_that_came_late_in_the_quarter_are_the_sales() -> None:
    found = change(daily(amount=lambda day: 300 if day > END.date() - timedelta(days=14) else 100))
    assert list(moved(found)) == ["sales"]
    assert moved(found)["sales"] == found.change.value > Decimal(10)


def test_longer_terms_are_the_terms() -> None:
    found = change(daily(terms=since_july(30, 14)))
    assert found.change.value == Decimal("16.00")
    assert moved(found) == {"terms": Decimal("16.00")}


def test_paying_later_is_lateness() -> None:
    found = change(daily(delay=since_july(20)))
    assert found.change.value == Decimal("20.00")
    assert moved(found) == {"lateness": Decimal("20.00")}
    assert [(g.name, g.is_customer, g.days) for g in found.lateness] == [
        ("C1", True, Decimal("20.00"))
    ]


def test_paying_before_it_is_due_is_no_lateness() -> None:
    found = change(daily(delay=since_july(-5)))
    assert moved(found) == {"before_due": found.change.value}
    assert found.change.value == Decimal("-5.00")


def test_a_dispute_is_what_keeps_its_invoices_open() -> None:
    """Nobody pays what is disputed: the last week of November and its invoices."""
    days = [FIRST + timedelta(days=n) for n in range(DAYS)]
    odd = [n for n, day in enumerate(days) if date(2025, 11, 24) <= day <= date(2025, 11, 30)]
    events = [
        {"at": END - timedelta(days=25), "kind": "disputed", "invoice_id": f"I{n:04d}"} for n in odd
    ]
    never = 1000
    delay: Terms = lambda day: never if days.index(day) in odd else 0  # noqa: E731
    found = change(daily(delay=delay, events=[e | {"detail": None} for e in events]))
    assert found.change.value == Decimal("7.00")
    assert moved(found) == {"blocked": Decimal("7.00")}


def test_handing_over_lowers_the_dso_and_is_not_taken_for_being_paid() -> None:
    days = [FIRST + timedelta(days=n) for n in range(DAYS)]
    lost = [n for n, day in enumerate(days) if date(2025, 10, 1) <= day <= date(2025, 10, 10)]
    delay: Terms = lambda day: 1000 if days.index(day) in lost else 0  # noqa: E731
    kept = change(daily(delay=delay))
    assert moved(kept) == {"lateness": Decimal("10.00")}
    events = [
        {"at": END - timedelta(days=5), "kind": "escalated", "invoice_id": f"I{n:04d}"}
        for n in lost
    ]
    gone = change(daily(delay=delay, events=[e | {"detail": None} for e in events]))
    assert moved(gone) == {"lateness": Decimal("10.00"), "handed_over": Decimal("-10.00")}
    assert gone.change.value == Decimal("0.00")


def test_more_billed_to_those_who_pay_late_is_the_mix() -> None:
    """C2 always pays forty days late: a tenth of the invoices at first, then half."""

    def customer(day: date) -> str:
        often = 2 if day >= START.date() else 10
        return "C2" if day.toordinal() % often == 0 else "C1"

    delay: Terms = lambda day: 40 if customer(day) == "C2" else 0  # noqa: E731
    found = change(daily(customer=customer, delay=delay))
    parts = dict(found.drivers)
    assert parts["mix"] > Decimal(12)
    assert abs(parts["lateness"]) < Decimal(2)


def test_only_the_customers_asked_for_stand_by_themselves() -> None:
    tables = daily(customer=lambda day: f"C{day.toordinal() % 4}", delay=since_july(20))
    found = change(tables, named=1)
    assert sorted((g.name, g.is_customer) for g in found.lateness) == [
        ("C0", True),
        ("business", False),
    ]
    assert sum(g.days for g in found.lateness) == dict(found.drivers)["lateness"]


@pytest.mark.parametrize("back", [20, 45, 90, 130])
def test_the_parts_add_up_to_the_cent_whatever_happened(
    tables: Tables, as_of: datetime, back: int
) -> None:
    (found,) = dso_drivers(tables, start=as_of - timedelta(days=back), end=as_of)
    assert found.dso_end == audit(tables, as_of).sections[0].dso
    assert found.change.value == found.dso_end.value - found.dso_start.value
    assert sum(days for _, days in found.drivers) == found.change.value
    assert sum(g.days for g in found.lateness) == dict(found.drivers)["lateness"]


def test_later_facts_and_the_order_of_rows_change_nothing(tables: Tables, as_of: datetime) -> None:
    start = as_of - timedelta(days=60)
    found = dso_drivers(tables, start=start, end=as_of)
    assert dso_drivers(tables.known_at(as_of), start=start, end=as_of) == found
    assert dso_drivers(shuffled(tables, 2), start=start, end=as_of) == found


def test_without_sales_there_is_no_change_and_a_reason() -> None:
    (found,) = dso_drivers(daily(), start=START, end=END + timedelta(days=400))
    assert found.change.value is None
    assert found.change.reason == Reason.NO_SALES
    assert found.drivers == found.lateness == ()
    assert dso_drivers(tables_of(), start=START, end=END) == ()


def test_what_is_blocked_ends_with_its_end_or_its_date() -> None:
    def said(kind: str, day: int, invoice: str | None, detail: str | None = None) -> dict[str, Any]:
        return {
            "at": datetime(2025, 7, day, tzinfo=UTC),
            "kind": kind,
            "invoice_id": invoice,
            "customer_id": None if invoice else "C1",
            "detail": detail,
        }

    tables = daily(
        events=[
            said("disputed", 2, "I0001"),
            said("dispute_resolved", 6, "I0001"),
            said("hold_started", 3, "I0002", '{"until": "2025-07-05"}'),
            said("hold_started", 9, None),
            said("hold_ended", 10, "I0003"),
            said("hold_ended", 12, None),
        ]
    )

    def ids(day: int) -> list[str]:
        return blocked(tables, datetime(2025, 7, day, 12, tzinfo=UTC)).to_list()

    assert ids(1) == []
    assert ids(2) == ["I0001"]
    assert ids(5) == ["I0001", "I0002"]
    assert ids(6) == []
    # A hold on the customer is not lifted by the end of a hold on one invoice.
    assert len(ids(9)) == len(ids(10)) == DAYS
    assert ids(12) == []
